"""The briefing: who is in the bed, how you want to play, and which patient."""

from __future__ import annotations

import secrets
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from sim.attempts.session import begin
from sim.attempts.store import StoreError
from sim.case.model.scenario import Scenario
from sim.engine.chart import chart_of
from sim.engine.session import Session
from sim.tui import commands
from sim.tui.game import game_of
from sim.tui.screens.command_screen import CommandScreen
from sim.tui.text import plain
from sim.tui.widgets.keybar import KeyBar
from sim.words.events import opening
from sim.words.format import TEACHING_ONLY, review_note
from sim.words.modes import Mode

MODES = tuple(Mode)
SEEDS = 1_000_000
"""Seeds drawn for a learner are below this: short enough to type."""


class Briefing(CommandScreen):
    """What a learner reads before the first move."""

    OFFERS: ClassVar[commands.Commands] = (commands.Start, commands.Help, commands.Back)
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings(OFFERS)

    def __init__(self, scenario: Scenario, source: str, seed: int | None = None, mode: str = Mode.PRACTICE) -> None:
        super().__init__()
        self._scenario, self._source, self._mode = scenario, source, mode
        self._chart = chart_of(scenario)
        self._given = seed
        self._drawn = secrets.randbelow(SEEDS)
        """The seed that stands if none is typed: drawn once."""

    def compose(self) -> ComposeResult:
        """Lay out the opening, the modes and the seed."""
        case = self._scenario.case
        yield Static(plain(case.title), id="shelf-title")
        yield Static(plain(f"{TEACHING_ONLY} {review_note(case.reviewed)}"), id="shelf-warning")
        with VerticalScroll(id="briefing"):
            yield Static(plain(case.setting), id="briefing-setting")
            yield Static("", id="briefing-opening")
        yield Static("How do you want to play?", classes="briefing-label", markup=False)
        yield OptionList(
            *(Option(plain(f"{mode.capitalize()}: {mode.description}"), id=mode) for mode in MODES), id="mode"
        )
        yield Static(plain("Which patient? The same number gives the same one."), classes="briefing-label")
        seed = "" if self._given is None else str(self._given)
        yield Input(seed, placeholder="any", restrict=r"[0-9]*", max_length=9, id="seed", select_on_focus=False)
        yield KeyBar(self.OFFERS)

    def on_mount(self) -> None:
        """Choose the mode that was asked for."""
        modes = self.query_one("#mode", OptionList)
        modes.highlighted = MODES.index(Mode(self._mode))
        modes.focus()
        self._introduce()

    @property
    def seed(self) -> int:
        """The number typed, or the one drawn."""
        typed = self.query_one("#seed", Input).value
        return int(typed) if typed else self._drawn

    @on(Input.Changed, "#seed")
    def _introduce(self) -> None:
        session = Session(self._scenario, self.seed, chart=self._chart)
        self.query_one("#briefing-opening", Static).update(plain(opening(self._scenario.case, session.log)))

    @on(OptionList.OptionSelected, "#mode")
    @on(Input.Submitted, "#seed")
    def action_start(self) -> None:
        """Begin the attempt and go to the ward."""
        highlighted = self.query_one("#mode", OptionList).highlighted
        mode = MODES[highlighted] if highlighted is not None else Mode.PRACTICE
        game = game_of(self)
        try:
            attempt = begin(game.store, self._scenario, source=self._source, seed=self.seed, mode=mode)
        except StoreError as problem:
            self.notify(problem.whole(), severity="error", markup=False, timeout=15)
            return
        game.open_ward(attempt)
