"""The order palette: type a few letters, choose, collect several, confirm. It orders nothing by itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import ClassVar, Final, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from sim.case.model.catalogue import Catalogue, DoseOption, Kind, Order
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder
from sim.case.quantities import duration
from sim.case.unit import dose_behind, dose_typed
from sim.engine.log import Called, CaseEnded, CheckpointReached, Log
from sim.tui.rows.events import EventRow, event_row
from sim.tui.screens.dialog import Confirm
from sim.tui.screens.window import Window
from sim.tui.text import fold_parts, plain
from sim.tui.widgets.bedside import BasketPane
from sim.tui.widgets.lines import Lines, Row
from sim.words.dose import by_weight, dose_for, far_from_usual
from sim.words.format import clock
from sim.words.orders import AT_ONCE, FILTERS, has_choice, minutes_said, synonym_of, turnaround_said, usual_dose

Search = Callable[[str], Sequence[Order]]
"""A query in, the orders that fit it out, best first."""

Basket = tuple[PlaceOrder, ...]

TYPED: Final = "typed"
"""The id of the row of a dose that was typed."""


def searcher(catalogue: Catalogue) -> Search:
    """Return a search over the catalogue's orders, the same that the command line uses."""
    from sim.case.search import search

    return lambda query: search(catalogue, query, limit=60)


class Answer(NamedTuple):
    """What the palette answers: the basket, and whether to place it now."""

    basket: Basket
    confirmed: bool
    first: PlaceOrder | None = None
    """One order to place now, while the basket stays."""


class Offer(NamedTuple):
    """What the palette needs of the ward."""

    scenario: Scenario
    search: Search
    placed: Mapping[str, int]
    """Order id to when it was last placed."""
    ask: Callable[[PlaceOrder], Log]
    """Carries out what is asked or examined at once, and returns what came of it."""
    weight: float | None
    """kg, as last weighed."""


class Told(Lines):
    """What the last questions and examinations brought, the newest first."""

    def __init__(self, scenario: Scenario, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._scenario = scenario
        self._told: list[EventRow] = []

    def tell(self, happened: Log) -> None:
        """Show what came of one more."""
        told = sorted(
            (row for event in happened if (row := event_row(event, self._scenario)) is not None), key=_answers
        )
        self._told = [*told, *self._told]
        self.redraw()
        self.scroll_home(animate=False)

    def rows(self, width: int) -> list[Row]:
        """Return the answers folded, a line between them."""
        rows: list[Row] = []
        for told in self._told:
            rows += [tuple(line) for line in fold_parts(told.parts, max(10, width))]
            rows.append((("", ""),))
        return rows or [(("Enter asks: the answer is read here.", "muted"),)]


def _answers(row: EventRow) -> bool:
    """Return a key by which answers go before what happened beside them."""
    return row.sign != "="


_INTERRUPTS: Final = (Called, CaseEnded, CheckpointReached)
"""What closes the window under which it happens."""


class OrderPalette(Window[Answer | None]):
    """Choose orders by name or by heading and collect them in the basket."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("down", "move(1)", "Down", show=False, priority=True),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
        Binding("pagedown", "page(1)", "Page down", show=False, priority=True),
        Binding("pageup", "page(-1)", "Page up", show=False, priority=True),
        Binding("ctrl+z,ctrl+r", "remove", "Take the last out", show=False, priority=True),
        Binding("ctrl+enter,ctrl+s,ctrl+j", "confirm", "Place all", show=False, priority=True),
        Binding("alt+enter,ctrl+o", "this_one_now", "This one now", show=False, priority=True),
        Binding("alt+up,ctrl+up", "shift(-1)", "Earlier", show=False, priority=True),
        Binding("alt+down,ctrl+down", "shift(1)", "Later", show=False, priority=True),
    ]

    def __init__(
        self, offer: Offer, basket: Basket, kinds: Collection[Kind] = tuple(Kind), title: str = "Order",
        dosing: str | None = None,
    ) -> None:  # fmt: skip
        """Offer orders of some kinds; with `dosing`, begin with the dose of that order."""
        super().__init__()
        self._scenario, self._search, self._placed, self._ask, self._weight = offer
        self._all, self._kinds, self._title = frozenset(kinds), frozenset(kinds), title
        self._basket = basket
        self._dosing: Order | None = self._scenario.catalogue.orders[dosing] if dosing else None
        """The order whose dose is being chosen."""
        self._filled: tuple[str, Order | None] | None = None
        """What the list was last filled for."""
        self._browsed = False
        """Whether the order was chosen from the headings: the cursor then stays with it."""
        self._filter = 0

    def compose(self) -> ComposeResult:
        """Lay out the input, the matches, what the chosen one is, the answers or the basket."""
        asks = self._all <= {*AT_ONCE}
        with Vertical(classes="palette"):
            yield Static(plain(self._title), classes="dialog-title", id="palette-title")
            yield Input(placeholder="a few letters, or move down to browse", id="query")
            yield OptionList(id="matches")
            yield Static("", id="about")
            yield Told(self._scenario, id="palette-told").set_class(not asks, "-quiet")
            yield BasketPane(self._scenario, id="palette-basket")
        yield Static("", id="palette-keys", classes="keys-instead")

    def on_mount(self) -> None:
        """Show everything there is, by heading."""
        self._renew()

    # --- the list ----------------------------------------------------------------------------------------

    @property
    def _query(self) -> str:
        return self.query_one("#query", Input).value.strip()

    @property
    def _matches(self) -> OptionList:
        return self.query_one("#matches", OptionList)

    @on(Input.Changed, "#query")
    def _typed(self) -> None:
        self._fill()

    def _renew(self, stay: str | None = None, typed: str = "") -> None:
        """Start again with an empty line or what is `typed` so far, the cursor on the order `stay` if it is given."""
        query = self.query_one("#query", Input)
        with query.prevent(Input.Changed):
            query.value = typed
        query.cursor_position = len(typed)
        query.focus()
        self._entitle()
        basket = self.query_one("#palette-basket", BasketPane)
        basket.basket, basket.display = self._basket, bool(self._basket)
        self.query_one("#palette-keys", Static).update(plain(self._keys()), layout=False)
        self._fill(stay)

    def _entitle(self) -> None:
        """Say what is shown: the kind of orders, or whose dose."""
        title = self._title if self._dosing is None else f"Dose of {self._dosing.name}"
        if self._dosing is None and len(self._all) > 1:
            names = (f"[{name}]" if i == self._filter else name for i, (name, _) in enumerate(FILTERS))
            title = f"{title}   {'  '.join(names)}   (left, right)"
        self.query_one("#palette-title", Static).update(plain(title), layout=False)

    def _keys(self) -> str:
        if self._all <= {*AT_ONCE}:
            return "Enter asks at once; Esc goes back"
        basket = ", Tab: basket" if self._basket else ""
        return f"Enter chooses, Ctrl+O places this one now{basket}; Esc goes back"

    def _fill(self, stay: str | None = None) -> None:
        query = self._query
        if self._dosing is not None:
            options = self._dose_options(self._dosing, query)
        elif query:
            found = self._search(query) or self._search(query.removesuffix(dose_behind(query)))
            options = [Option(plain(self._line(o, typed=query)), id=o.id) for o in found if o.kind in self._kinds]
        else:
            options = [*self._browse()]
        if not options:
            options = [Option(plain("Nothing by that name."), disabled=True)]
        self._matches.set_options(options)
        self._filled = (query, self._dosing)
        first = options[0]
        self._matches.highlighted = None if first.disabled else 0
        if stay is not None:
            self._matches.highlighted = self._matches.get_option_index(stay)
        self._describe(stay or (None if first.disabled else first.id))

    def _browse(self) -> Iterator[Option]:
        groups: dict[tuple[str, str], list[Order]] = {}
        for order in self._scenario.catalogue.orders_for_reading:
            if order.kind in self._kinds:
                groups.setdefault((order.kind.value, order.group), []).append(order)
        several = len(self._kinds) > 1
        kinds = [kind.value for kind in Kind]
        for (kind, group), orders in sorted(groups.items(), key=lambda item: kinds.index(item[0][0])):
            yield Option(plain(f"{kind}: {group}" if several else group).stylize("bold"), disabled=True)
            for order in orders:
                yield Option(plain("  " + self._line(order, kind=False)), id=order.id)

    def _dose_options(self, order: Order, query: str) -> list[Option]:
        """Return the doses that fit what is typed; a number is read as a dose first, so that Enter takes that one."""
        listed = [
            (dose, Option(plain(dose_for(order, dose.label, self._weight) or ""), id=str(i)))
            for i, dose in enumerate(order.doses)
            if query.lower() in dose.label.lower()
        ]
        options = [option for _, option in listed]
        if dose_typed(query) is None:
            return options
        try:
            typed = order.find_dose(by_weight(order, query, self._weight))
        except ValueError as refused:
            return [Option(plain(str(refused)), disabled=True), *options] if order.bounds else options
        same = [option for dose, option in listed if dose == typed]
        if typed is not None and typed not in order.doses:
            far, text = far_from_usual(order, typed), dose_for(order, typed.label, self._weight) or ""
            same = [Option(plain(f"{text}: {far}" if far else text), id=TYPED)]
        return [*same, *(option for option in options if option not in same)]

    def _typed_dose(self, order: Order) -> DoseOption | None:
        return order.dose_meant(by_weight(order, self._query, self._weight))

    def _line(self, order: Order, *, kind: bool = True, typed: str = "") -> str:
        done = "* " if order.id in self._placed or any(b.order == order.id for b in self._basket) else ""
        time = duration(order.turnaround) if order.turnaround else ""
        about = ", ".join(part for part in (order.kind.value if kind else "", time) if part)
        synonym = synonym_of(order, typed)
        return f"{done}{order.name}{f' = {synonym}' if synonym else ''}" + (f"  ({about})" if about else "")

    @on(OptionList.OptionHighlighted, "#matches")
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self._describe(event.option_id)

    def _describe(self, option: str | None) -> None:
        about = self.query_one("#about", Static)
        order = self._dosing or self._scenario.catalogue.orders.get(option or "")
        if order is None:
            about.update(plain("* marks what was ordered before"), layout=False)
            return
        parts = [f"{order.name}: {order.kind.value}, {order.group}", minutes_said(order)]
        if order.bounds:
            parts.append(f"type any dose {order.bounds}" if self._dosing else f"doses {order.bounds}")
        if order.turnaround:
            parts.append(turnaround_said(order))
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
        """Act on what stands in the line now: the list may still be that of an earlier letter."""
        if self._filled != (self._query, self._dosing):
            self._fill()
        option = self._matches.highlighted_option
        if option is not None and option.id is not None:
            self._choose(option.id)

    @on(OptionList.OptionSelected, "#matches")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        if event.option_id is not None:
            self._choose(event.option_id)

    def _choose(self, option: str) -> None:
        if self._dosing is not None:
            if option.isdecimal() and int(option) < len(self._dosing.doses):
                self._add(PlaceOrder(self._dosing.id, self._dosing.doses[int(option)].label))
            elif option == TYPED and (typed := self._typed_dose(self._dosing)) is not None:
                far = far_from_usual(self._dosing, typed)
                placed = PlaceOrder(self._dosing.id, typed.label)
                self._ask_first(self._dosing, placed, far) if far else self._add(placed)
            return
        order = self._scenario.catalogue.orders.get(option)
        if order is None:  # a dose's row, chosen while the doses were being left
            return
        self._browsed = not self._query
        if order.kind in AT_ONCE:
            self._ask_now(order)
        elif has_choice(order):
            dose = dose_behind(self._query)
            self._dosing = order
            self._renew(typed=dose)
        else:
            self._add(PlaceOrder(order.id, usual_dose(order)))

    def _ask_now(self, order: Order) -> None:
        """Ask or examine at once, and read the answer here; whatever interrupts it closes the window."""
        happened = self._ask(PlaceOrder(order.id, usual_dose(order)))
        told = self.query_one("#palette-told", Told)
        told.remove_class("-quiet")
        told.tell(happened)
        if any(isinstance(event, (*_INTERRUPTS,)) for event in happened):
            self.dismiss(Answer(self._basket, False))
            return
        self._renew(order.id if self._browsed else None)

    def action_this_one_now(self) -> None:
        """Place the order under the cursor before everything in the basket; of several doses, the one chosen."""
        option = self._matches.highlighted_option
        if option is None or option.id is None:
            return
        placed = self._placed_by(option.id)
        if placed is None:
            self._choose(option.id)
        else:
            self.dismiss(Answer(self._basket, False, placed))

    def _placed_by(self, option: str) -> PlaceOrder | None:
        """The order that a row stands for, if nothing else has to be chosen or asked first."""
        if self._dosing is not None:
            doses = self._dosing.doses
            known = option.isdecimal() and int(option) < len(doses)
            return PlaceOrder(self._dosing.id, doses[int(option)].label) if known else None
        order = self._scenario.catalogue.orders.get(option)
        if order is None or order.kind in AT_ONCE or has_choice(order):
            return None
        return PlaceOrder(order.id, usual_dose(order))

    def action_shift(self, by: int) -> None:
        """Move the chosen order of the basket, so that it is placed earlier or later."""
        pane = self.query_one("#palette-basket", BasketPane)
        here, there = pane.cursor, pane.cursor + by
        if self.focused is pane and 0 <= there < len(self._basket):
            moved = list(self._basket)
            moved[here], moved[there] = moved[there], moved[here]
            self._basket = tuple(moved)
            pane.basket = self._basket
            pane.action_move(by)

    def _filter_by(self, by: int) -> None:
        """Show the next kind of orders."""
        self._filter = (self._filter + by) % len(FILTERS)
        self._kinds = self._all & FILTERS[self._filter][1]
        self._renew()

    def on_key(self, event: events.Key) -> None:
        """Left and right choose what kind is shown, while nothing is typed."""
        if event.key in ("left", "right") and not self._query and self._dosing is None and len(self._all) > 1:
            event.stop()
            self._filter_by(1 if event.key == "right" else -1)

    def _ask_first(self, order: Order, placed: PlaceOrder, far: str) -> None:
        """Take a dose that is far from the usual into the basket, once confirmed."""
        text = f"{dose_for(order, placed.dose, self._weight)} is {far}."

        def confirmed(yes: bool | None) -> None:
            if yes:
                self._add(placed)

        self.app.push_screen(Confirm(f"{order.name}: this dose?", text), confirmed)

    def _add(self, order: PlaceOrder) -> None:
        self._dosing = None
        if order not in self._basket:
            self._basket = (*self._basket, order)
        self._renew(order.order if self._browsed else None)

    # --- keys --------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move in the basket while it has the focus, else in the list."""
        basket = self.query_one("#palette-basket", BasketPane)
        if self.focused is basket:
            basket.action_move(by)
            return
        self._matches.action_cursor_down() if by > 0 else self._matches.action_cursor_up()

    def action_page(self, by: int) -> None:
        """Move a page in the list."""
        self._matches.action_page_down() if by > 0 else self._matches.action_page_up()  # type: ignore[no-untyped-call]

    def action_remove(self) -> None:
        """Take the last order out of the basket."""
        self._basket = self._basket[:-1]
        self._renew()

    @on(BasketPane.Removed)
    def _taken_out(self, event: BasketPane.Removed) -> None:
        self._basket = (*self._basket[: event.index], *self._basket[event.index + 1 :])
        self.query_one("#palette-basket", BasketPane).basket = self._basket
        if not self._basket:
            self._renew()

    def action_confirm(self) -> None:
        """Place everything in the basket."""
        if self._basket:
            self.dismiss(Answer(self._basket, True))

    def action_back(self) -> None:
        """Leave the dose, then what was typed, then the palette. The basket is kept."""
        if self._dosing is None and not self._query:
            self.dismiss(Answer(self._basket, False))
            return
        self._dosing = None
        self._renew()


__all__ = ["AT_ONCE", "Answer", "Basket", "Offer", "OrderPalette", "Search", "has_choice", "searcher", "usual_dose"]
