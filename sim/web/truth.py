"""What only whoever leads a room may see of a bed: the hidden state, what comes next, what the pathway would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from sim.case.moves import Wait
from sim.engine.log import StateEntered
from sim.engine.pathway import Guide
from sim.engine.session import Session
from sim.web.beds import Bed
from sim.words.events import event_text

AHEAD: Final = 48 * 60
"""How far it is looked ahead, in minutes."""
_COMING: Final = 6


@dataclass(frozen=True, slots=True)
class Truth:
    """A bed as it truly is, after so many moves."""

    moves: int
    states: tuple[str, ...]
    coming: tuple[tuple[int, str], ...]
    """The next changes if nothing more is done: the minute, and what."""
    next_step: str
    """What the pathway would do now, and by which orders; empty where nothing is due."""


_KNOWN: WeakKeyDictionary[Bed, Truth] = WeakKeyDictionary()
"""Worked out once after each move: it plays the patient anew."""


def truth_of(bed: Bed) -> Truth:
    """Return what is true of a bed now. The caller holds its lock."""
    known = _KNOWN.get(bed)
    if known is None or known.moves != bed.attempt.count:
        scenario = bed.attempt.scenario
        entered = (event for event in bed.attempt.log if isinstance(event, StateEntered))
        states = {event.region: event_text(scenario, event).text for event in entered}
        known = _KNOWN[bed] = Truth(bed.attempt.count, tuple(states.values()), _coming(bed), _next_step(bed))
    return known


def _coming(bed: Bed) -> tuple[tuple[int, str], ...]:
    """Play the same patient apart, and let time pass."""
    if bed.attempt.ended:
        return ()
    scenario = bed.attempt.scenario
    apart = Session(scenario, bed.attempt.stored.seed)
    for move in bed.attempt.moves():
        apart.apply(move)
    before = len(apart.log)
    apart.apply(Wait(AHEAD))
    changes = [event for event in apart.log[before:] if isinstance(event, StateEntered)]
    return tuple((event.at, event_text(scenario, event).text) for event in changes[:_COMING])


def _next_step(bed: Bed) -> str:
    scenario = bed.attempt.scenario
    guide = Guide(scenario)
    guide.take(bed.attempt.log)
    id = guide.next_step(bed.snapshot.now)
    step = next((one for one in scenario.case.pathway if one.id == id), None)
    if step is None or bed.attempt.ended:
        return ""
    orders = [scenario.catalogue.orders[name].name for name in step.do if name in scenario.catalogue.orders]
    return f"{step.title}: {', or '.join(orders)}"
