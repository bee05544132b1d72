"""Patients of the cases that ship, played by a few moves, and what was seen of them."""

from __future__ import annotations

from sim.case.model.scenario import Scenario
from sim.case.moves import Move
from sim.engine.log import ResultReturned, StateEntered
from sim.engine.session import Session


def played(scenario: Scenario, seed: int, *moves: Move) -> Session:
    """A patient after these moves, or at the end if that came first."""
    session = Session(scenario, seed)
    for move in moves:
        if not session.ended:
            session.apply(move)
    return session


def last_values(session: Session, order: str) -> dict[str, float]:
    """What the last result of an order measured."""
    found = [event for event in session.log if isinstance(event, ResultReturned) and event.order == order]
    return {measured.observable: measured.value for measured in found[-1].measurements}


def opening_states(session: Session) -> dict[str, str]:
    """The state in which each region began."""
    return {e.region: e.state for e in session.log if isinstance(e, StateEntered) and e.transition is None}


def seed_with(scenario: Scenario, **states: str) -> int:
    """The first patient who opens in these states."""
    return next(s for s in range(1, 600) if states.items() <= opening_states(Session(scenario, s)).items())
