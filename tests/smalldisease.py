"""Small diseases written inside a test, for asking the engine one question at a time."""

from __future__ import annotations

from typing import Any

import tinycase
from sim.case.composing.bands import with_bands
from sim.case.model.disease import Disease
from sim.case.model.scenario import Scenario
from sim.engine.log import Event, StateEntered
from sim.engine.session import Session

TOY = {"assumed": "a toy for tests"}


def tupled(value: Any) -> Any:
    """Lists as tuples, all the way down: the models are strict."""
    if isinstance(value, list):
        return tuple(tupled(item) for item in value)
    return {k: tupled(v) for k, v in value.items()} if isinstance(value, dict) else value


def region(states: str, *transitions: dict[str, Any], initial: Any = None, outcomes: str = "", **effects: Any) -> Any:
    """A region from space-separated state names; `effects` gives a state's observables."""
    names = states.split()
    return {
        "name": names[0],
        "initial": initial or names[0],
        "states": {n: {"name": n, "outcome": n in outcomes.split(), **effects.get(n, {})} for n in names},
        "transitions": [TOY | transition for transition in transitions],
        **TOY,
    }


def go(id: str, source: Any, target: str, **how: Any) -> dict[str, Any]:
    """A transition."""
    return {"id": id, "from": source, "to": target, **how}


def library_of(disease: dict[str, Any] | None = None, /, **regions: Any) -> Scenario:
    """The toy case with a disease of these regions, which lasts 100 days unless `horizon` says otherwise."""
    life = region("alive dead", outcomes="dead")
    raw = {"id": "toy", "name": "Toy", "summary": "Toy.", "regions": {**regions, "life": regions.get("life", life)}}
    scenario = tinycase.scenario(horizon="100 d")
    return scenario.model_copy(update={"disease": with_bands(Disease.model_validate(tupled(raw | (disease or {}))))})


def course(session: Session, region: str) -> list[tuple[int, str]]:
    """When a region entered which state."""
    return [(e.at, e.state) for e in session.log if isinstance(e, StateEntered) and e.region == region]


def of_type(session: Session, kind: type[Event]) -> list[Event]:  # type: ignore[valid-type]
    """The session's events of one type."""
    return [event for event in session.log if isinstance(event, kind)]
