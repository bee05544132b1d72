"""The log in words, event by event, for a report; what was hidden from the learner is marked."""

from __future__ import annotations

from dataclasses import dataclass

from sim.case.model.scenario import Scenario
from sim.engine.log import Event, Log, StateEntered
from sim.words.events import EventKind, EventText, Value, event_text
from sim.words.format import at_moment


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: its index in the log, what kind of thing it was, and what there is to say."""

    event: int
    at: int
    kind: EventKind
    lead: str
    """What happened, in a word or two; empty where the text is a sentence of its own."""
    text: str
    hidden: bool
    transition: str | None = None
    """`region.transition`, where a region of the disease moved."""


def happenings(scenario: Scenario, log: Log) -> tuple[Happening, ...]:
    """Return every event of a log in words, in order."""
    return tuple(_happening(scenario, index, event) for index, event in enumerate(log))


def _happening(scenario: Scenario, index: int, event: Event) -> Happening:
    told = event_text(scenario, event)
    transition = event.transition if isinstance(event, StateEntered) else None
    text = _result(told) if told.kind == "result" else " ".join((told.text, *told.details))
    return Happening(index, told.at, told.kind, told.lead, text, told.hidden, transition)


def _result(told: EventText) -> str:
    words = (" ".join(detail.split()) for detail in told.details)
    parts = [", ".join(_value(value) for value in told.values), *words]
    late = "" if told.sampled is None else f" (sampled {at_moment(told.sampled)})"
    return f"{told.text}: {'. '.join(part for part in parts if part) or 'done'}{late}"


def _value(value: Value) -> str:
    return " ".join(part for part in (value.short, value.amount, value.flag) if part)
