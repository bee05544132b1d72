"""What a debrief draws, as frozen data: bars against windows, the expected outcome, the differential, the paths.

It stands beside `scoring.account`, whose steps and decisions it refers to. Times are minutes since the case opened,
utilities run from 0 to 1, events are indices in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scoring.assessment import Assessment
from scoring.diagnosis import CheckpointItem, Statement
from scoring.gantt import Lane, Track, lanes, tracks
from scoring.moments import end_of
from scoring.opinions import came, named, named_whole
from scoring.paths import Path, paths
from scoring.review import Review
from sim.case.model import Kind, Library
from sim.engine.log import CaseEnded, Log, OrderPlaced

_ASKING = (Kind.HISTORY, Kind.EXAMINATION, Kind.INVESTIGATION)

Shares = tuple[tuple[str, float], ...]
"""Diagnoses by name, with their probabilities."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What could be expected around one decision: v before it, q after it; errors are standard errors."""

    at: int
    until: int
    events: tuple[int, int]
    """What it wrote in the log: places from the first to before the last."""
    size: str
    v: float
    v_se: float
    q: float
    loss: float
    se: float
    luck: float
    luck_se: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The expected outcome over the case, and what it adds up to: start - loss + luck is what came out."""

    start: float
    start_se: float
    utility: float
    loss: float
    loss_se: float
    luck: float
    luck_se: float
    fates: int
    points: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class Stance:
    """A differential that was stated, or a checkpoint at which none was (`own` is None)."""

    at: int
    event: int | None
    own: Shares | None
    brier: float | None
    expert: Shares
    """The expert's at the same checkpoint; empty for what was stated between checkpoints."""
    expert_brier: float | None
    moved: Shares
    """What moved since the statement before, by how much."""
    came: tuple[tuple[int, str], ...]
    """What came back or was called in since then, each thing once, with its event."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, an examination or an investigation that was asked for, and whether it mattered."""

    order: str
    name: str
    kind: str
    cost: int
    events: tuple[int, ...]
    times: tuple[int, ...]
    steps: tuple[str, ...]
    """The steps of the pathway that were done with it."""
    worth: str
    """'step', or the best it was worth outside the pathway: useful, neutral, wasteful, harmful."""


@dataclass(frozen=True, slots=True)
class Charts:
    """Everything a debrief draws."""

    end: int
    truth: str
    """The name of the diagnosis."""
    tracks: tuple[Track, ...]
    lanes: tuple[Lane, ...]
    curve: Curve | None
    """None where the decisions were not reviewed."""
    stances: tuple[Stance, ...]
    asked: tuple[Asked, ...]
    unasked: tuple[str, ...]
    """The steps that ask for something and were missed."""
    paths: tuple[Path, ...]
    outcome: float | None
    """The utility that came out; None for a case that has not ended."""


def charts(library: Library, log: Log, assessment: Assessment) -> Charts:
    """Return what the debrief of an attempt draws. `assessment` must be that of the same library and log."""
    end = log[-1] if log else None
    return Charts(
        end=end_of(log),
        truth=library.catalogue.diagnoses[library.case.diagnosis].name,
        tracks=tracks(library, log, assessment),
        lanes=lanes(library, log, assessment),
        curve=None if assessment.review is None else _curve(assessment.review),
        stances=_stances(library, log, assessment),
        asked=_asked(library, log, assessment),
        unasked=_unasked(library, assessment),
        paths=paths(library, log),
        outcome=end.utility if isinstance(end, CaseEnded) else None,
    )


def _curve(review: Review) -> Curve:
    points = tuple(
        Expectation(j.decision.at, j.decision.until, j.decision.events, j.size, j.v, j.v_se, j.q, j.loss, j.se, j.luck,
                    j.luck_se)
        for j in review.decisions
    )  # fmt: skip
    return Curve(review.start, review.start_se, review.utility, review.loss, review.loss_se, review.luck,
                 review.luck_se, review.fates, points)  # fmt: skip


# --- the differential -------------------------------------------------------------------------------------------


def _stances(library: Library, log: Log, assessment: Assessment) -> tuple[Stance, ...]:
    report = assessment.diagnosis
    answered = {item.statement.event: item for item in report.checkpoints if item.statement is not None}
    told = [_stance(library, log, statement, answered.get(statement.event)) for statement in report.statements]
    told += [
        Stance(item.at, None, None, None, named(library, item.expert), item.expert_brier, (), ())
        for item in report.checkpoints
        if item.statement is None
    ]
    return tuple(sorted(told, key=lambda stance: stance.at))


def _stance(library: Library, log: Log, statement: Statement, item: CheckpointItem | None) -> Stance:
    return Stance(
        at=statement.at,
        event=statement.event,
        own=named_whole(library, statement.probabilities),
        brier=statement.brier,
        expert=() if item is None else named(library, item.expert),
        expert_brier=None if item is None else item.expert_brier,
        moved=named(library, statement.moved),
        came=came(library, log, statement.between),
    )


# --- what was asked ---------------------------------------------------------------------------------------------


def _asked(library: Library, log: Log, assessment: Assessment) -> tuple[Asked, ...]:
    places: dict[str, list[int]] = {}
    for index, event in enumerate(log):
        if isinstance(event, OrderPlaced) and library.catalogue.orders[event.order].kind in _ASKING:
            places.setdefault(event.order, []).append(index)
    steps = {item.event: item.step for item in assessment.pathway if item.event is not None}
    worths = {value.event: value.value for value in assessment.values}
    return tuple(_one_asked(library, log, order, events, steps, worths) for order, events in places.items())


def _one_asked(
    library: Library, log: Log, order: str, events: list[int], steps: Mapping[int, str], worths: Mapping[int, str]
) -> Asked:  # fmt: skip
    known = library.catalogue.orders[order]
    did = tuple(steps[index] for index in events if index in steps)
    found = [worths[index] for index in events if index in worths]
    rank = ("useful", "neutral", "wasteful", "harmful")
    worth = "step" if did else min(found, key=rank.index, default="neutral")
    times = tuple(log[index].at for index in events)
    return Asked(order, known.name, known.kind.value, known.cost, tuple(events), times, did, worth)


def _unasked(library: Library, assessment: Assessment) -> tuple[str, ...]:
    steps = {step.id: step for step in library.case.pathway}
    orders = library.catalogue.orders
    return tuple(
        item.step
        for item in assessment.pathway
        if item.verdict == "missed" and not steps[item.step].stop and orders[steps[item.step].do[0]].kind in _ASKING
    )
