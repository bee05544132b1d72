"""The twin over the debrief: two columns, the learner's patient and the pathway's."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from scoring.debrief.twin import Twin
from sim.report.twin_text import to_text
from sim.tui.screens.window import Window
from sim.tui.widgets.lines import Lines, Row


class TwinText(Lines):
    """The two lives as lines."""

    def __init__(self, twin: Twin) -> None:
        super().__init__(id="help-text")
        self._twin = twin

    def rows(self, width: int) -> list[Row]:
        """Return the two columns."""
        return [((line, ""),) for line in to_text(self._twin, width).splitlines()]


class TwinScreen(Window[None]):
    """A page over the debrief; Escape, `q` or Enter closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,t,enter", "dismiss(None)", "Close", show=False)]

    def __init__(self, twin: Twin) -> None:
        super().__init__()
        self._twin = twin

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        with Vertical(classes="palette"):
            yield Static("The same patient twice", classes="dialog-title", markup=False)
            yield TwinText(self._twin)
            yield Static("arrows scroll, Esc closes", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        """Keys scroll the text."""
        self.query_one(TwinText).focus()
