"""What a debrief draws, as frozen data: bars against windows, the expected outcome, the differential, the paths.

It refers to the steps and decisions of `scoring.debrief.model`. Times are minutes since the case opened, utilities run
from 0 to 1, events are indices in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scoring.assess.assessment import Assessment
from scoring.assess.diagnosis import CheckpointItem, Statement
from scoring.assess.handover import own_part
from scoring.assess.timeline import end_of
from scoring.debrief.differential import came, named, named_whole
from scoring.debrief.gantt import Lane, Track, lanes, tracks
from scoring.debrief.state_paths import Path, paths
from scoring.review.review import Review
from sim.case.model.catalogue import Kind
from sim.case.model.scenario import Scenario
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


def charts(scenario: Scenario, log: Log, assessment: Assessment) -> Charts:
    """Return what the debrief of an attempt draws: of what was done, the learner's part; of the disease, all of it.

    `assessment` must be that of the same scenario and log.
    """
    end, own = log[-1] if log else None, own_part(log)
    return Charts(
        end=end_of(log),
        truth=scenario.catalogue.diagnoses[scenario.case.diagnosis].name,
        tracks=tracks(scenario, own, assessment),
        lanes=lanes(scenario, own, assessment),
        curve=None if assessment.review is None else _curve(assessment.review),
        stances=_stances(scenario, own, assessment),
        asked=_asked(scenario, own, assessment),
        unasked=_unasked(scenario, assessment),
        paths=paths(scenario, log),
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


def _stances(scenario: Scenario, log: Log, assessment: Assessment) -> tuple[Stance, ...]:
    report = assessment.diagnosis
    answered = {item.statement.event: item for item in report.checkpoints if item.statement is not None}
    stated = [_stance(scenario, log, statement, answered.get(statement.event)) for statement in report.statements]
    stated += [
        Stance(item.at, None, None, None, named(scenario, item.expert), item.expert_brier, (), ())
        for item in report.checkpoints
        if item.statement is None
    ]
    return tuple(sorted(stated, key=lambda stance: stance.at))


def _stance(scenario: Scenario, log: Log, statement: Statement, item: CheckpointItem | None) -> Stance:
    return Stance(
        at=statement.at,
        event=statement.event,
        own=named_whole(scenario, statement.probabilities),
        brier=statement.brier,
        expert=() if item is None else named(scenario, item.expert),
        expert_brier=None if item is None else item.expert_brier,
        moved=named(scenario, statement.moved),
        came=came(scenario, log, statement.between),
    )


# --- what was asked ---------------------------------------------------------------------------------------------


def _asked(scenario: Scenario, log: Log, assessment: Assessment) -> tuple[Asked, ...]:
    places: dict[str, list[int]] = {}
    for index, event in enumerate(log):
        if isinstance(event, OrderPlaced) and scenario.catalogue.orders[event.order].kind in _ASKING:
            places.setdefault(event.order, []).append(index)
    steps = {item.event: item.step for item in assessment.pathway if item.event is not None}
    worths = {value.event: value.value for value in assessment.values}
    return tuple(_one_asked(scenario, log, order, events, steps, worths) for order, events in places.items())


def _one_asked(
    scenario: Scenario, log: Log, order: str, events: list[int], steps: Mapping[int, str], worths: Mapping[int, str]
) -> Asked:  # fmt: skip
    known = scenario.catalogue.orders[order]
    did = tuple(steps[index] for index in events if index in steps)
    found = [worths[index] for index in events if index in worths]
    rank = ("useful", "neutral", "wasteful", "harmful")
    worth = "step" if did else min(found, key=rank.index, default="neutral")
    times = tuple(log[index].at for index in events)
    return Asked(order, known.name, known.kind.value, known.cost, tuple(events), times, did, worth)


def _unasked(scenario: Scenario, assessment: Assessment) -> tuple[str, ...]:
    steps = {step.id: step for step in scenario.case.pathway}
    orders = scenario.catalogue.orders
    return tuple(
        item.step
        for item in assessment.pathway
        if item.verdict == "missed" and not steps[item.step].stop and orders[steps[item.step].do[0]].kind in _ASKING
    )
