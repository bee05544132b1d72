"""One event of the case in full, over the ward; any of Escape, `q` or Enter closes it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from sim.case.model.scenario import Scenario
from sim.engine.log import Event
from sim.tui.rows.events import SIGNS, event_row
from sim.tui.screens.window import Window
from sim.tui.text import fold_parts, plain
from sim.tui.widgets.lines import Lines, Row
from sim.words.format import capital, clock


class _Text(Lines):
    """The event, folded."""

    def __init__(self, event: Event, scenario: Scenario) -> None:
        super().__init__(id="in-full")
        self._told = event_row(event, scenario)

    def rows(self, width: int) -> list[Row]:
        """Return its lines."""
        return [] if self._told is None else [tuple(line) for line in fold_parts(self._told.parts, max(10, width))]


class InFull(Window[None]):
    """What happened, from the first word to the last."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "dismiss(None)", "Close", show=False)]

    def __init__(self, event: Event, scenario: Scenario) -> None:
        super().__init__()
        self._event, self._scenario = event, scenario

    def compose(self) -> ComposeResult:
        """Lay out when it was, and the text."""
        told = event_row(self._event, self._scenario)
        title = "" if told is None else f"{clock(told.at)}: {capital(SIGNS[told.sign])}"
        with Vertical(classes="dialog"):
            yield Static(plain(title), classes="dialog-title")
            yield _Text(self._event, self._scenario)
            yield Static("arrows scroll, Esc closes", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        """Keys scroll the text."""
        self.query_one(_Text).focus()
