"""How often transitions are expected to fire in a life that was lived: their hazards, summed over it.

The mean of this is the mean number of firings (the compensator of the count), but it varies far less from patient to
patient than the count itself, so a rare consequence shows in a few lives. A hazard counts its rate times the minutes it
stood at it; an event with a chance, that chance each time it was asked; a stay or a certain event, its firings.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.case.model import Library, Transition
from sim.engine.chart import rate_of
from sim.engine.knowledge import Knowledge
from sim.engine.log import (
    EffectBegan,
    Event,
    Log,
    OrderPlaced,
    ResultReturned,
    StateEntered,
    TherapyStarted,
    TherapyStopped,
)


def expected_firings(
    library: Library, log: Log, names: Sequence[str], age_marks: Sequence[int]
) -> list[float]:  # fmt: skip
    """Return for each `region.transition` how often it was expected to fire in this life.

    `age_marks` are the ages (minutes) at which some rate may change.
    """
    found = [_named(library, name) for name in names]
    totals, facts, at = [0.0] * len(found), Knowledge(library), 0
    marks = list(age_marks)
    for event in log:
        if event.at > at:
            for moment in _moments(facts, marks, at, event.at):
                for number, (region, edge) in enumerate(found):
                    totals[number] += _rate(facts, region, edge, at) * (moment - at)
                at = moment
        facts.take(event)
        for number, (region, edge) in enumerate(found):
            totals[number] += _asked(library, facts, event, region, edge)
    return totals


def _named(library: Library, name: str) -> tuple[str, Transition]:
    region, _, short = name.partition(".")
    return region, next(edge for edge in library.disease.regions[region].transitions if edge.id == short)


def _moments(facts: Knowledge, marks: list[int], at: int, until: int) -> list[int]:
    age = facts.age or 0
    return [*sorted(mark - age for mark in marks if at < mark - age < until), until]


def _rate(facts: Knowledge, region: str, edge: Transition, at: int) -> float:
    if facts.states.get(region) not in edge.source or edge.on is not None or edge.after is not None:
        return 0.0
    if edge.when is not None and not facts.holds(edge.when, at, truth=True):
        return 0.0
    rate = rate_of(edge)
    for modifier in edge.modifiers:
        if facts.holds(modifier.when, at, truth=True):
            rate *= modifier.x
    return rate


def _asked(library: Library, facts: Knowledge, event: Event, region: str, edge: Transition) -> float:
    """What an event adds: a chance where the transition was asked, one where it fired without one."""
    if edge.on is None or edge.chance is None:
        if edge.on is None and edge.after is None:
            return 0.0
        return float(isinstance(event, StateEntered) and event.transition == f"{region}.{edge.id}")
    if facts.states.get(region) not in edge.source or not _is_trigger(library, event, edge):
        return 0.0
    open_ = edge.when is None or facts.holds(edge.when, event.at, truth=True)
    return edge.chance if open_ else 0.0


def _is_trigger(library: Library, event: Event, edge: Transition) -> bool:
    on = edge.on
    assert on is not None
    match event:
        case TherapyStarted():
            return event.therapy in (on.start or ())
        case OrderPlaced():
            return event.order in (on.start or ()) and not library.catalogue.orders[event.order].starts_therapy
        case TherapyStopped():
            return event.by != "dose" and event.therapy in (on.stop or ())
        case EffectBegan():
            return event.therapy in (on.effect or ())
        case ResultReturned():
            return event.order in (on.result or ())
        case StateEntered():
            return event.state in (on.enter or {}).get(event.region, ())
    return False
