"""The differential through the case: Brier scores, where the learner stood against the expert, and what moved him.

The score is multi-class over the diagnoses offered and 'something else', which takes what is left of 1: the sum of
squared differences from the truth, 0 at best and 2 at worst. From one case it is feedback, never a verdict: within
one learner it varies too much from case to case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scoring.parameters import MOVED, STEADY
from sim.case.model.scenario import Scenario
from sim.engine.log import Called, CheckpointReached, DifferentialStated, Log, ResultReturned

Trend = Literal["improving", "worsening", "steady"]
REST = "something_else"
"""The class that takes whatever probability was not given to a diagnosis."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One stated differential. `moved` are the diagnoses whose probability changed, with the change;
    `between` the indices of the results and calls that came since the statement before."""

    at: int
    event: int
    probabilities: tuple[tuple[str, float], ...]
    brier: float
    moved: tuple[tuple[str, float], ...]
    between: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CheckpointItem:
    """A checkpoint that was reached: the first differential stated from it to the next, or None where it is missing."""

    number: int
    at: int
    statement: Statement | None
    expert: tuple[tuple[str, float], ...]
    expert_brier: float

    @property
    def gap(self) -> float | None:
        """The learner's Brier score less the expert's at the same moment (below 0: nearer the truth)."""
        return None if self.statement is None else self.statement.brier - self.expert_brier

    @property
    def agreement(self) -> float | None:
        """The share of probability on which learner and expert agree: 1 is the same differential."""
        if self.statement is None:
            return None
        own, other = _with_rest(dict(self.statement.probabilities)), _with_rest(dict(self.expert))
        return sum(min(own.get(name, 0.0), other.get(name, 0.0)) for name in own)


@dataclass(frozen=True, slots=True)
class DiagnosisReport:
    """Every differential stated, every checkpoint reached, and the trend between the first and the last statement."""

    statements: tuple[Statement, ...]
    checkpoints: tuple[CheckpointItem, ...]
    trend: Trend | None

    @property
    def final(self) -> float | None:
        """The Brier score of the last differential stated."""
        return self.statements[-1].brier if self.statements else None

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of the checkpoints reached and not answered."""
        return tuple(item.number for item in self.checkpoints if item.statement is None)


def brier(probabilities: Mapping[str, float], truth: str, offered: Sequence[str]) -> float:
    """Return the multi-class Brier score of a differential over `offered` and 'something else': 0 best, 2 worst."""
    stated = _with_rest(probabilities)
    classes = dict.fromkeys((*offered, *stated))
    return sum((stated.get(name, 0.0) - (name == truth)) ** 2 for name in classes)


def _with_rest(probabilities: Mapping[str, float]) -> dict[str, float]:
    return {**probabilities, REST: max(0.0, 1.0 - sum(probabilities.values()))}


def judge_diagnosis(scenario: Scenario, log: Log) -> DiagnosisReport:
    """Return the report on every differential in the log."""
    statements = _statements(scenario, log)
    trend: Trend | None = None
    if len(statements) > 1:
        change = statements[-1].brier - statements[0].brier
        trend = "steady" if abs(change) < STEADY else "improving" if change < 0 else "worsening"
    return DiagnosisReport(statements, _checkpoints(scenario, log, statements), trend)


def _statements(scenario: Scenario, log: Log) -> tuple[Statement, ...]:
    found: list[Statement] = []
    since: list[int] = []
    before: dict[str, float] = {}
    for index, event in enumerate(log):
        if isinstance(event, ResultReturned | Called):
            since.append(index)
        elif isinstance(event, DifferentialStated):
            now = dict(event.probabilities)
            score = brier(now, scenario.case.diagnosis, scenario.case.differential)
            moved = _moved(before, now) if found else ()
            found.append(Statement(event.at, index, event.probabilities, score, moved, tuple(since)))
            before, since = now, []
    return tuple(found)


def _moved(before: Mapping[str, float], now: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """The diagnoses that moved by enough to be spoken of, the furthest first."""
    changes = [(name, now.get(name, 0.0) - before.get(name, 0.0)) for name in dict.fromkeys((*before, *now))]
    return tuple(sorted((c for c in changes if abs(c[1]) >= MOVED - 1e-9), key=lambda c: -abs(c[1])))


def _checkpoints(scenario: Scenario, log: Log, statements: Sequence[Statement]) -> tuple[CheckpointItem, ...]:
    reached = [(i, event) for i, event in enumerate(log) if isinstance(event, CheckpointReached)]
    items: list[CheckpointItem] = []
    limits = [index for index, _ in reached[1:]] + [len(log)] * bool(reached)
    for (index, event), until in zip(reached, limits, strict=True):
        answer = next((s for s in statements if index < s.event < until), None)
        expert = scenario.case.checkpoints[event.number].expert
        score = brier(expert, scenario.case.diagnosis, scenario.case.differential)
        items.append(CheckpointItem(event.number, event.at, answer, tuple(expert.items()), score))
    return tuple(items)
