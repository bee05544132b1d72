"""Playing a case again and again: sessions that share one chart, cohorts that share one program, runs written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scoring.assess.assessment import Assessment, assess
from sim.authoring.prove.verdict import ReportProgress, Run
from sim.case.limits import written_limits
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Move, PlaceOrder, SetLimits, StateDifferential, StopTherapy, Wait
from sim.engine.chart import Chart, chart_of
from sim.engine.kernel import PATHWAY, Outcomes, Plan, Program, State, compile_program, run
from sim.engine.kernel.plan import act_of
from sim.engine.kernel.sessions import played
from sim.engine.log import (
    CaseEnded,
    Log,
    StateEntered,
    TimePassed,
)
from sim.engine.policy import Policy, following
from sim.engine.session import Session

_COMPILED_FACTOR: Final = 16
"""With compiled code so many times the seeds cost less than the seeds alone in sessions."""

_KEPT: Final = 8
"""So many cohorts under the pathway are kept."""


@dataclass(frozen=True, slots=True)
class Played:
    """One life that is over, or was left when enough was seen."""

    seed: int
    log: Log

    @property
    def end(self) -> CaseEnded:
        """How it ended. Only for a life that did."""
        ended = self.log[-1]
        assert isinstance(ended, CaseEnded), "this life was left before its end"
        return ended

    @property
    def utility(self) -> float:
        """What it was worth, 0 to 1."""
        return self.end.utility

    @property
    def states(self) -> set[tuple[str, str]]:
        """Every (region, state) entered."""
        return {(e.region, e.state) for e in self.log if isinstance(e, StateEntered)}

    @property
    def fired(self) -> set[str]:
        """Every `region.transition` that fired."""
        return {e.transition for e in self.log if isinstance(e, StateEntered) and e.transition is not None}

    def run(self) -> Run:
        """Return the run in a form that can be replayed."""
        return Run(self.seed, moves_text(moves_of(self.log)))


@dataclass(slots=True)
class Bench:
    """Where one case is tried: its scenario, how many seeds, and what was played already."""

    scenario: Scenario
    n: int
    report_progress: ReportProgress = lambda line: None
    plans: tuple[Path, ...] = ()
    """The plans beside the case."""
    named_only: bool = False
    """Whether the disease is shared, so that the case answers only for the parts of it that it names."""
    _chart: Chart | None = None
    _program: Program | None = None
    _pathway: dict[int, Played] = field(default_factory=dict)
    _assessed: dict[int, Assessment] = field(default_factory=dict)
    _usual: dict[tuple[State | None, range, tuple[str, ...]], Outcomes] = field(default_factory=dict)

    @property
    def seeds(self) -> range:
        """The patients of a proof that plays sessions."""
        return range(1, self.n + 1)

    @property
    def chart(self) -> Chart:
        """The case's chart, compiled once."""
        if self._chart is None:
            self._chart = chart_of(self.scenario)
        return self._chart

    @property
    def cohort(self) -> int:
        """How many patients a comparison of means begins with."""
        return self.n * (_COMPILED_FACTOR if self.compiled else 1)

    @property
    def compiled(self) -> bool:
        """Whether compiled code plays the cohorts of this case."""
        return self._compiled.compiled

    @property
    def _compiled(self) -> Program:
        if self._program is None:
            self._program = compile_program(self.scenario, self.chart)
        return self._program

    def play(self, seed: int, policy: Policy) -> Played:
        """Play one patient under a policy; to the end of the case if the policy leaves early."""
        session = Session(self.scenario, seed, chart=self.chart)
        for move in policy(session):
            session.apply(move)
        if not session.ended:
            session.apply(Wait(None))
        return Played(seed, session.log)

    def pathway(self, seed: int) -> Played:
        """Return the life of a patient under the pathway."""
        if seed not in self._pathway:
            self._pathway[seed] = self.play(seed, following())
        return self._pathway[seed]

    def assessed(self, seed: int) -> Assessment:
        """Return the assessment of a patient's life under the pathway."""
        if seed not in self._assessed:
            self._assessed[seed] = assess(self.scenario, self.pathway(seed).log)
        return self._assessed[seed]

    def outcomes(
        self, plan: Plan, seeds: Iterable[int], counted: Sequence[str] = (), start: State | None = None
    ) -> Outcomes:
        """Return how patients come out under a plan, or from `start` the futures of one; see `kernel.run`."""
        return run(self._compiled, seeds, plan, start=start, milestones=counted)

    def usual(self, start: State | None, seeds: range, counted: Sequence[str]) -> Outcomes:
        """Return how patients, or the futures from a moment, come out under the pathway; asked again, at no cost."""
        key = (start, seeds, tuple(counted))
        if key not in self._usual:
            if len(self._usual) >= _KEPT:
                self._usual.clear()
            self._usual[key] = self.outcomes(PATHWAY, seeds, counted, start)
        return self._usual[key]

    def lived(
        self, seed: int, plan: Plan, start: State | None, enough: Callable[[Log], bool] | None = None
    ) -> Played:  # fmt: skip
        """Return a life under a plan, or how it goes on from a moment of it, by the patient's own fate; to its end, or
        until `enough` of it was seen."""
        before = None if start is None else (start.seed, start.moves)
        own = seed if start is None else start.seed
        return Played(own, played(self.scenario, self.chart, own, plan, None, before, False, enough).log)

    def utilities(self, plan: Plan, seeds: Iterable[int]) -> list[float]:
        """Return what each patient's life is worth under a plan."""
        return list(run(self._compiled, seeds, plan).utility)


# --- moves files ------------------------------------------------------------------------------------------------


def moves_of(log: Log) -> list[Move]:
    """Return the moves that give this log again with the same seed: waits are as long as they turned out."""
    moves: list[Move] = []
    for event in log:
        act = act_of(event)
        if isinstance(act, Finish):
            return [*moves, act]
        match event:
            case _ if act is not None:
                moves.append(act)
            case TimePassed() if event.at > event.since:
                moves.append(Wait(event.at - event.since))
    return moves


def moves_text(moves: Iterable[Move]) -> str:
    """Return moves as the text of a moves file."""
    return "".join(f"- {_item(move)}\n" for move in moves)


def _item(move: Move) -> str:
    match move:
        case PlaceOrder(dose=None):
            return f"order: {move.order}"
        case PlaceOrder():
            return f"order: {{id: {move.order}, dose: {json.dumps(move.dose, ensure_ascii=False)}}}"
        case StopTherapy():
            return f"stop: {move.therapy}"
        case StateDifferential():
            return f"differential: {{{', '.join(f'{name}: {share}' for name, share in move.probabilities)}}}"
        case SetLimits():
            return f"limits: {{{', '.join(f'{name}: {written_limits(*bounds)}' for name, *bounds in move.limits)}}}"
        case Wait(minutes=int(minutes)):
            return f"wait: {_duration(minutes)}"
        case Finish():
            return "finish: true"
    raise ValueError(f"a recorded run holds no {move!r}")


def _duration(minutes: int) -> str:
    days, rest = divmod(minutes, 1440)
    parts = ((days, "d"), (rest // 60, "h"), (rest % 60, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
