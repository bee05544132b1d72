"""What the learner writes beside the chart: notes under the opening, thoughts above the differentials."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.reactive import reactive
from textual.widgets import Input, Static, TextArea

from sim.engine.log import Snapshot
from sim.tui.text import plain
from sim.tui.widgets.chart import StatedDifferentials
from sim.words.records import Records


class Pad(TextArea):
    """Text of several lines; Escape leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave the text", show=False)]

    def action_leave(self) -> None:
        """Give the keys back to the ward."""
        self.screen.set_focus(None)


class Sentence(Input):
    """Text of one line; Escape leaves it, Enter goes on to the next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave the text", show=False),
        Binding("enter", "next", "Next", show=False),
    ]

    def action_leave(self) -> None:
        """Give the keys back to the ward."""
        self.screen.set_focus(None)

    def action_next(self) -> None:
        """Go on to the problem list."""
        self.screen.focus_next()


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


class Thinking(Vertical):
    """The patient in one sentence, the problem list, and the differentials stated so far."""

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)

    def __init__(self, records: Records, sentence: str, problems: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._records, self._sentence, self._problems = records, sentence, problems

    def compose(self) -> ComposeResult:
        """Lay out the three."""
        yield Static("The patient in one sentence (4 goes in, Escape out)", classes="dialog-keys", markup=False)
        yield Sentence(self._sentence, id="sentence", max_length=400, select_on_focus=False)
        yield Static("Problems, one a line; the debrief shows both beside the expert's", classes="dialog-keys",
                     markup=False)  # fmt: skip
        yield Pad(self._problems, id="problems", soft_wrap=True, tab_behavior="focus")
        yield StatedDifferentials(self._records, id="stated").data_bind(snapshot=Thinking.snapshot)
