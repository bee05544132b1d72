"""The order palette: type a few letters, choose, collect several, confirm. It orders nothing by itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from sim.case.model import Catalogue, Kind, Library, Order
from sim.case.moves import PlaceOrder
from sim.case.quantities import spell
from sim.tui.widgets.bedside import BasketPane
from sim.tui.wording import plain, shorten
from sim.wording import clock

Search = Callable[[str], Sequence[Order]]
"""A query in, the orders that fit it out, best first."""

Basket = tuple[PlaceOrder, ...]


def searcher(catalogue: Catalogue) -> Search:
    """Return a search over the catalogue's orders, the same that the command line uses."""
    from sim.case.search import search

    return lambda query: search(catalogue, query, limit=60)


class Answer(NamedTuple):
    """What the palette answers: the basket, and whether to place it now."""

    basket: Basket
    confirmed: bool


class OrderPalette(ModalScreen[Answer | None]):
    """Choose orders by name or by heading and collect them in the basket."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("down", "move(1)", "Down", show=False, priority=True),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
        Binding("pagedown", "page(1)", "Page down", show=False, priority=True),
        Binding("pageup", "page(-1)", "Page up", show=False, priority=True),
        Binding("ctrl+z,ctrl+r", "remove", "Take the last out", show=False, priority=True),
        Binding("ctrl+enter,ctrl+s,ctrl+j", "confirm", "Place all", show=False, priority=True),
        Binding("c", "confirm", "Place all", show=False),
    ]

    def __init__(
        self, library: Library, search: Search, basket: Basket, placed: Mapping[str, int],
        kinds: Collection[Kind] = tuple(Kind), title: str = "Order",
    ) -> None:  # fmt: skip
        super().__init__()
        self._library, self._search, self._placed = library, search, placed
        self._kinds, self._title = frozenset(kinds), title
        self._basket = basket
        self._dosing: Order | None = None
        """The order whose dose is being chosen."""

    def compose(self) -> ComposeResult:
        """Lay out the input, the matches, what the chosen one is, and the basket."""
        with Vertical(classes="palette"):
            yield Static(plain(self._title), classes="dialog-title", id="palette-title")
            yield Input(placeholder="a few letters, or move down to browse", id="query")
            with Horizontal(id="palette-middle"):
                yield OptionList(id="matches")
                yield BasketPane(self._library, id="palette-basket")
            yield Static("", id="about")
            yield Static("", id="palette-keys", classes="dialog-keys")

    def on_mount(self) -> None:
        """Show everything there is, by heading."""
        self.query_one("#palette-basket").border_title = "Basket"
        self._fill("")
        self._show_basket()

    # --- the list ----------------------------------------------------------------------------------------

    @on(Input.Changed, "#query")
    def _typed(self, event: Input.Changed) -> None:
        self._fill(event.value.strip())

    def _fill(self, query: str) -> None:
        matches = self.query_one("#matches", OptionList)
        if self._dosing is not None:
            options = self._dose_options(self._dosing, query)
        elif query:
            found = [o for o in self._search(query) if o.kind in self._kinds]
            options = [Option(plain(self._line(o)), id=o.id) for o in found[:50]]
        else:
            options = list(self._browse())
        if not options:
            options = [Option(plain("Nothing by that name."), disabled=True)]
        matches.set_options(options)
        matches.highlighted = 0 if (query or self._dosing) and not options[0].disabled else None
        self._describe(None if matches.highlighted is None else options[0].id)

    def _browse(self) -> Iterator[Option]:
        groups: dict[tuple[str, str], list[Order]] = {}
        for order in self._library.catalogue.orders.values():
            if order.kind in self._kinds:
                groups.setdefault((order.kind.value, order.group), []).append(order)
        several = len(self._kinds) > 1
        kinds = [kind.value for kind in Kind]
        for (kind, group), orders in sorted(groups.items(), key=lambda item: kinds.index(item[0][0])):
            yield Option(plain(f"{kind}: {group}" if several else group).stylize("bold"), disabled=True)
            for order in orders:
                yield Option(plain("  " + self._line(order, kind=False)), id=order.id)

    def _dose_options(self, order: Order, query: str) -> list[Option]:
        return [
            Option(plain(dose.label), id=f"dose {i}")
            for i, dose in enumerate(order.doses)
            if query.lower() in dose.label.lower()
        ]

    def _line(self, order: Order, *, kind: bool = True) -> str:
        done = "* " if order.id in self._placed or any(b.order == order.id for b in self._basket) else ""
        time = spell(order.turnaround) if order.turnaround else ""
        about = ", ".join(part for part in (order.kind.value if kind else "", time) if part)
        return f"{done}{order.name}" + (f"  ({about})" if about else "")

    @on(OptionList.OptionHighlighted, "#matches")
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self._describe(event.option_id)

    def _describe(self, option: str | None) -> None:
        about = self.query_one("#about", Static)
        order = self._dosing or (self._library.catalogue.orders.get(option) if option else None)
        if order is None:
            about.update(plain("* marks what was ordered before"), layout=False)
            return
        parts = [f"{order.name}: {order.kind.value}, {order.group}", f"takes {spell(order.takes)}"]
        if order.turnaround:
            parts.append(f"result after {spell(order.turnaround)}")
        if order.blood:
            parts.append(f"{order.blood:g} mL of blood")
        if order.invasive != "none":
            parts.append(f"invasiveness {order.invasive}")
        if order.id in self._placed:
            parts.append(f"last ordered {clock(self._placed[order.id])}")
        about.update(plain("; ".join(parts)), layout=False)

    # --- choosing ----------------------------------------------------------------------------------------

    @on(Input.Submitted, "#query")
    def _entered(self) -> None:
        matches = self.query_one("#matches", OptionList)
        if matches.highlighted is not None:
            matches.action_select()
        elif self._basket and not self.query_one("#query", Input).value.strip():
            self.action_confirm()

    @on(OptionList.OptionSelected, "#matches")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        if self._dosing is not None:
            if event.option_id is not None:
                dose = self._dosing.doses[int(event.option_id.split()[1])]
                self._add(PlaceOrder(self._dosing.id, dose.label))
            return
        order = self._library.catalogue.orders[event.option_id or ""]
        if len(order.doses) > 1:
            self._dosing = order
            self._retitle(f"Dose of {order.name}")
            self._clear_query()
        else:
            self._add(PlaceOrder(order.id, order.doses[0].label if order.doses else None))

    def _add(self, order: PlaceOrder) -> None:
        self._dosing = None
        self._retitle(self._title)
        if order not in self._basket:
            self._basket = (*self._basket, order)
        self._clear_query()
        self._show_basket()

    def _retitle(self, text: str) -> None:
        self.query_one("#palette-title", Static).update(plain(text), layout=False)

    def _clear_query(self) -> None:
        query = self.query_one("#query", Input)
        browsing = not query.value
        highlighted = self.query_one("#matches", OptionList).highlighted
        with query.prevent(Input.Changed):
            query.value = ""
        self._fill("")
        if browsing and self._dosing is None:
            self.query_one("#matches", OptionList).highlighted = highlighted
        query.focus()

    def _show_basket(self) -> None:
        self.query_one("#palette-basket", BasketPane).basket = self._basket
        keys = "Enter adds"
        if self._basket:
            keys = "Enter adds, on an empty line with nothing chosen it places all; Ctrl+S places all, Ctrl+Z takes out"
        self.query_one("#palette-keys", Static).update(plain(shorten(keys + "; Esc goes back", 118)), layout=False)

    # --- keys --------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move in the list, from wherever the focus is."""
        matches = self.query_one("#matches", OptionList)
        matches.action_cursor_down() if by > 0 else matches.action_cursor_up()

    def action_page(self, by: int) -> None:
        """Move a page in the list."""
        matches = self.query_one("#matches", OptionList)
        matches.action_page_down() if by > 0 else matches.action_page_up()  # type: ignore[no-untyped-call]

    def action_remove(self) -> None:
        """Take the last order out of the basket."""
        self._basket = self._basket[:-1]
        self._show_basket()

    def action_confirm(self) -> None:
        """Place everything in the basket."""
        if self._basket:
            self.dismiss(Answer(self._basket, True))

    def action_back(self) -> None:
        """Leave the dose, then what was typed, then the palette. The basket is kept."""
        query = self.query_one("#query", Input)
        if self._dosing is not None:
            self._dosing = None
            self._retitle(self._title)
            self._clear_query()
        elif query.value:
            self._clear_query()
        else:
            self.dismiss(Answer(self._basket, False))


__all__ = ["Answer", "Basket", "OrderPalette", "Search", "searcher"]
