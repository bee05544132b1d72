"""The opening text and the learner's own notes, beside the chart."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static, TextArea

from sim.tui.text import plain


class Pad(TextArea):
    """The notes themselves; Escape leaves them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave the notes", show=False)]

    def action_leave(self) -> None:
        """Give the keys back to the ward."""
        self.screen.set_focus(None)


class Notes(Vertical):
    """The opening text above, the learner's notes below."""

    def __init__(self, opening: str, notes: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._opening, self._notes = opening, notes

    def compose(self) -> ComposeResult:
        """Lay out both."""
        yield Static(plain(self._opening), id="opening-again")
        yield Static("Your notes, for yourself: 5 goes in, Escape out", classes="dialog-keys", markup=False)
        yield Pad(self._notes, id="pad", soft_wrap=True, tab_behavior="focus")
