"""A pane of lines in which one can be chosen: arrows move, Enter or a click opens what the line is about."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from sim.tui.widgets.lines import Lines, Row

Choice = tuple[Row, str | None]
"""A line and what it is about; None: it cannot be chosen."""


class Choosable(Lines):
    """Lines with a cursor, which is shown while the pane has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("enter", "open", "Open", show=False),
    ]

    class Chosen(Message):
        """A line was chosen, with the key that did it."""

        def __init__(self, pane: Widget, about: str) -> None:
            super().__init__()
            self.pane, self.about = pane, about

        @property
        def control(self) -> Widget:
            """The pane."""
            return self.pane

    def __init__(self, *, id: str | None = None, focusable: bool = True) -> None:
        super().__init__(id=id, focusable=focusable)
        self._about: list[str | None] = []
        self.chosen: str | None = None
        """What the cursor is on."""

    def choices(self, width: int) -> list[Choice]:
        """Return all lines for a pane `width` cells wide, each with what it is about."""
        raise NotImplementedError

    def rows(self, width: int) -> list[Row]:
        """Return the lines, those of the chosen one marked while the pane has the focus."""
        choices = self.choices(width)
        self._about = [about for _, about in choices]
        if self.chosen is None or self.chosen not in self._about:
            self.chosen = next((about for about in self._about if about is not None), None)
        if not self.has_focus or self.chosen is None:
            return [row for row, _ in choices]
        return [_marked(row, width) if about == self.chosen else row for row, about in choices]

    def on_focus(self) -> None:
        """Show the cursor."""
        self.redraw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.redraw()

    def action_move(self, by: int) -> None:
        """Choose the next or the previous line that can be."""
        order = list(dict.fromkeys(about for about in self._about if about is not None))
        if not order:
            return
        here = order.index(self.chosen) if self.chosen in order else 0
        self.chosen = order[max(0, min(here + by, len(order) - 1))]
        self.redraw()
        y = self._about.index(self.chosen)
        top, height = self.scroll_offset.y, self.size.height
        if y < top + self.HEAD:
            self.scroll_to(y=max(0, y - self.HEAD), animate=False)
        elif y >= top + height:
            self.scroll_to(y=y - height + 1, animate=False)

    def action_open(self) -> None:
        """Open what the cursor is on."""
        if self.chosen is not None:
            self.post_message(self.Chosen(self, self.chosen))

    def on_click(self, event: events.Click) -> None:
        """Choose and open the line that was clicked."""
        index = self.index_at(event.y - self.content_offset_y)
        if 0 <= index < len(self._about) and (about := self._about[index]) is not None:
            self.chosen = about
            self.redraw()
            self.action_open()

    @property
    def content_offset_y(self) -> int:
        """The rows of border and padding above the first line."""
        return self.content_region.y - self.region.y


def _marked(row: Row, width: int) -> Row:
    """Return a line as the one the cursor is on: a value keeps its own colour."""
    kept = {"high", "low", "critical"}
    text = sum(len(part) for part, _ in row)
    return (*((part, role if role in kept else "cursor") for part, role in row), (" " * max(0, width - text), "cursor"))


__all__ = ["Choice", "Choosable"]
