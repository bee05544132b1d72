"""What somebody thought at a moment, in names: a differential, and what had come in before it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from scoring.assess.diagnosis import REST
from scoring.parameters import SMALLEST_REST
from sim.case.model.scenario import Scenario
from sim.engine.log import Called, Log, ResultReturned

ELSE: Final = "Something else"
"""The name of what was left for all other diagnoses."""


def named(scenario: Scenario, shares: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Return (name of a diagnosis, its probability 0 to 1); what was left for all others is not among them."""
    names = scenario.catalogue.diagnoses
    return tuple((names[id].name if id in names else id.replace("_", " "), p) for id, p in shares if id != REST)


def named_whole(scenario: Scenario, shares: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Return the same, and what is left to 1 as something else, from half a per cent on: the Brier score counts it."""
    found = named(scenario, shares)
    left = round(1 - sum(share for _, share in found), 6)
    return (*found, (ELSE, left)) if found and left >= SMALLEST_REST else found


def came(scenario: Scenario, log: Log, events: Iterable[int]) -> tuple[tuple[int, str], ...]:
    """Return (index in the log, name of the order or text of the call) of results and calls, each told once."""
    found: dict[str, int] = {}
    for index in events:
        event = log[index]
        if isinstance(event, ResultReturned):
            found.setdefault(scenario.catalogue.orders[event.order].name, index)
        elif isinstance(event, Called):
            found.setdefault(event.text, index)
    return tuple((index, text) for text, index in found.items())
