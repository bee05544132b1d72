"""The dialog in which the learner states a differential: names as people type them, each with a probability."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from scoring.debrief.differential import ELSE
from sim.case.model.scenario import Scenario
from sim.case.moves import StateDifferential
from sim.tui.game import game_of
from sim.tui.screens.window import Window
from sim.tui.text import plain
from sim.words.differential_parser import Unread, read_differential, typed_again

TOO_MUCH = "Together they are more than 100%."


class DifferentialDialog(Window[StateDifferential | None]):
    """Ask for the differential, typed. Escape puts it off, without a reason and without a penalty here.

    Nothing is offered: a list of what is possible in a case would be an answer.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Later", show=False)]

    def __init__(
        self,
        scenario: Scenario,
        given: tuple[tuple[str, float], ...],
        checkpoint: int | None,
        unasked: bool = False,
    ) -> None:
        super().__init__()
        self._unasked = unasked
        """Whether it opens by itself: what is typed in its first moments was meant for something else."""
        self._catalogue = scenario.catalogue
        self._given = given
        self._checkpoint = checkpoint

    def compose(self) -> ComposeResult:
        """Lay out the line to type in and what it is read as."""
        title = "What is it?" if self._checkpoint is None else "What is it? Time to commit yourself"
        before = typed_again(self._given, self._catalogue)
        with Vertical(classes="dialog", id="differential"):
            yield Static(plain(title), classes="dialog-title")
            yield Input(before, placeholder="NAME 40, NAME 20 (in per cent)", id="typed",
                        max_length=600, select_on_focus=False)  # fmt: skip
            yield Static("", id="read-as", classes="dialog-text")
        yield Static(plain("Enter states it; Esc later"), classes="keys-instead")

    def on_mount(self) -> None:
        """Keys go to the line, once the learner can have seen it."""
        if self._unasked:
            game_of(self).hold_keys()
        self.query_one(Input).focus()
        self._show(self.query_one(Input).value)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._show(event.value)

    def _show(self, text: str) -> None:
        """Say how the line is read so far."""
        try:
            rows = self._read(text)
        except Unread as problem:
            self._say(str(problem) if text.strip() else "")
            return
        names = [(self._catalogue.diagnoses[id].name, share) for id, share in rows]
        rest = (ELSE, max(0.0, 1 - sum(share for _, share in rows)))
        self._say("\n".join(f"{share:>5.0%}  {name}" for name, share in (*names, rest)))

    def _read(self, text: str) -> tuple[tuple[str, float], ...]:
        rows = read_differential(text, self._catalogue)
        if sum(share for _, share in rows) > 1 + 1e-9:
            raise Unread(TOO_MUCH)
        return rows

    def _say(self, text: str) -> None:
        self.query_one("#read-as", Static).update(plain(text))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        """Answer with what the line says, or say why it cannot be read."""
        try:
            self.dismiss(StateDifferential(self._read(event.value)))
        except Unread as problem:
            self._say(str(problem))
