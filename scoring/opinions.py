"""What somebody thought at a moment, in names: a differential, and what had come in before it."""

from __future__ import annotations

from collections.abc import Iterable

from scoring.diagnosis import REST
from sim.case.model import Library
from sim.engine.log import Called, Log, ResultReturned


def named(library: Library, shares: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Return (name of a diagnosis, its probability 0 to 1); what was left for all others is not among them."""
    names = library.catalogue.diagnoses
    return tuple((names[id].name if id in names else id.replace("_", " "), p) for id, p in shares if id != REST)


def came(library: Library, log: Log, events: Iterable[int]) -> tuple[tuple[int, str], ...]:
    """Return (index in the log, name of the order or text of the call) of results and calls, each told once."""
    told: dict[str, int] = {}
    for index in events:
        event = log[index]
        if isinstance(event, ResultReturned):
            told.setdefault(library.catalogue.orders[event.order].name, index)
        elif isinstance(event, Called):
            told.setdefault(event.text, index)
    return tuple((index, text) for text, index in told.items())
