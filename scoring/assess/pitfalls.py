"""The pitfalls a learner fell into, and what the patient paid for them in this log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scoring.assess.patterns import first_match
from sim.case.model.pitfalls import Pitfall
from sim.case.model.scenario import Scenario
from sim.engine.log import Log, StateEntered

NO_PRICE: Final = "What it costs is knowledge: in this model nothing follows from it by itself."
"""Told of a pitfall that names no consequence."""


@dataclass(frozen=True, slots=True)
class PitfallItem:
    """A pitfall that was fallen into: when it came true, and the index of the event that proves it."""

    id: str
    severity: str
    at: int
    event: int


@dataclass(frozen=True, slots=True)
class Price:
    """A transition of the disease a pitfall sets off or speeds up, and whether it fired after the mistake."""

    transition: str
    state: str
    """The name of the state it leads to."""
    at: int | None
    """When it first fired after the mistake began, or None."""
    otherwise: int | None = None
    """Where it did not fire: when the same state was first reached by another way, or None."""


def find_pitfalls(scenario: Scenario, log: Log) -> tuple[PitfallItem, ...]:
    """Return the case's pitfalls that came true in this log, in the order of time, then of the file."""
    found = []
    for pitfall in scenario.case.pitfalls:
        moment = first_match(scenario, log, pitfall.pattern)
        if moment is not None:
            found.append(PitfallItem(pitfall.id, pitfall.severity, moment.at, moment.event))
    return tuple(sorted(found, key=lambda item: item.at))


def prices(scenario: Scenario, log: Log, pitfall: Pitfall, item: PitfallItem) -> tuple[Price, ...]:
    """Return each consequence the pitfall names, with the first time it fired after the mistake was made.

    That is a fact about this patient. Whether it would have fired anyway is another question: a hazard can take
    its course without help.
    """
    since = min(item.at, log[item.event].at)
    return tuple(_price(scenario, log, name, since) for name in pitfall.consequence)


def _price(scenario: Scenario, log: Log, name: str, since: int) -> Price:
    region_id, _, transition_id = name.partition(".")
    region = scenario.disease.regions[region_id]
    target = next(t.target for t in region.transitions if t.id == transition_id)
    reached = [
        event
        for event in log
        if isinstance(event, StateEntered)
        and (event.region, event.state) == (region_id, target)
        and event.transition is not None
        and event.at >= since
    ]
    fired = next((event.at for event in reached if event.transition == name), None)
    otherwise = reached[0].at if reached and fired is None else None
    return Price(name, region.states[target].name, fired, otherwise)
