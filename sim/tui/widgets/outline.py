"""A list of rows of which some open: up and down choose, Enter shows the reasons beneath."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from sim.tui.text import fold
from sim.tui.widgets.lines import Lines, Row


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: `mark` with its role, the text, and what is shown when it is opened (each part on its own lines).

    An item without `detail` does not open. A `heading` cannot be chosen. Long text is folded under `mark`.
    """

    text: str
    mark: str = ""
    role: str = ""
    detail: tuple[tuple[str, str], ...] = ()
    """(text, role) of each paragraph."""
    heading: bool = False
    number: int = 0
    """What it is the number of, where it has one; 0 where not."""


class Outline(Lines):
    """Items, one of them under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("home", "go_to(0)", "First", show=False),
        Binding("end", "go_to(-1)", "Last", show=False),
        Binding("enter,space", "open", "Open", show=False),
        Binding("a", "open_all", "Open all", show=False),
    ]

    def __init__(self, items: tuple[Item, ...], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._starts: list[int] = []
        self._take(items)

    def _take(self, items: tuple[Item, ...]) -> None:
        self.items = items
        self._choosable = [i for i, item in enumerate(items) if item.detail]
        self.cursor = self._choosable[0] if self._choosable else -1
        self.opened: set[int] = set()

    def show(self, items: tuple[Item, ...]) -> None:
        """Show other items."""
        self._take(items)
        self.redraw()

    @property
    def chosen(self) -> Item | None:
        """The item under the cursor."""
        return self.items[self.cursor] if self.cursor >= 0 else None

    def rows(self, width: int) -> list[Row]:
        """Return every item, folded, with the opened ones' details."""
        rows: list[Row] = []
        self._starts = []
        for i, item in enumerate(self.items):
            self._starts.append(len(rows))
            rows.extend(self._item(i, item, width))
        return rows

    def _item(self, i: int, item: Item, width: int) -> list[Row]:
        if item.heading:
            return [*([((" ", ""),)] if i else []), ((item.text, "heading"),)]
        sign = ("- " if i in self.opened else "+ ") if item.detail else "  "
        lead = len(sign) + len(item.mark)
        lines = fold(item.text, max(20, width - lead))
        here = "cursor" if i == self.cursor and self.has_focus else ""
        rows: list[Row] = [((sign, "muted"), (item.mark, item.role), (lines[0], here))]
        rows.extend(((" " * lead, ""), (line, here)) for line in lines[1:])
        if i in self.opened:
            for text, role in item.detail:
                rows.extend(((" " * 6, ""), (line, role)) for line in fold(text, max(20, width - 8)))
        return rows

    def on_focus(self) -> None:
        """Show the cursor."""
        self.redraw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.redraw()

    def action_move(self, by: int) -> None:
        """Choose the next or the previous item that opens; scroll where there is none.

        One that lies out of view that way is brought into view first: nothing is passed over unseen.
        """
        if self.cursor >= 0 and self._beyond(self.cursor, by):
            self._reveal()
            return
        places = [i for i in self._choosable if (i > self.cursor) == (by > 0) and i != self.cursor]
        if not places:
            self.scroll_relative(y=by * 2, animate=False)
            return
        self.cursor = places[0] if by > 0 else places[-1]
        self.redraw()
        self._reveal()

    def action_go_to(self, place: int) -> None:
        """Choose the first or the last item that opens, and scroll there and as far as it goes."""
        if self._choosable:
            self.cursor = self._choosable[place]
            self.redraw()
        self.scroll_to(y=self.max_scroll_y if place else 0, animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Keep what is chosen in view: what is acted on must be what is seen."""
        super().watch_scroll_y(old_value, new_value)
        if self.cursor < 0 or not self._starts or self._in_view(self.cursor):
            return
        seen = [i for i in self._choosable if self._in_view(i)]
        if seen:
            self.cursor = seen[0] if new_value > old_value else seen[-1]
            self.redraw()

    def _extent(self, i: int) -> tuple[int, int]:
        """The first row of an item, and the one after its last."""
        return self._starts[i], self._starts[i + 1] if i + 1 < len(self._starts) else len(self._rows)

    def _beyond(self, i: int, by: int) -> bool:
        """Whether an item lies wholly below what is in view (`by` > 0), or above it."""
        start, end = self._extent(i)
        top = self.scroll_offset.y
        return start >= top + self.scrollable_content_region.height if by > 0 else end <= top

    def _in_view(self, i: int) -> bool:
        return not self._beyond(i, 1) and not self._beyond(i, -1)

    def _reveal(self) -> None:
        height = self.scrollable_content_region.height
        start, end = self._extent(self.cursor)
        if start < self.scroll_offset.y:
            self.scroll_to(y=max(0, start - 1), animate=False)
        elif end > self.scroll_offset.y + height:
            self.scroll_to(y=min(start, end - height), animate=False)

    def action_open(self) -> None:
        """Open or close the chosen item."""
        if self.cursor >= 0:
            self.opened ^= {self.cursor}
            self.redraw()
            self._reveal()

    def action_open_all(self) -> None:
        """Open everything, or close everything that is open."""
        self.opened = set() if self.opened else set(self._choosable)
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Open what was clicked."""
        y = event.y + self.scroll_offset.y
        hit = [i for i in self._choosable if self._starts[i] <= y]
        if hit:
            self.cursor = hit[-1]
            self.action_open()
