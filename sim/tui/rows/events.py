"""How an event of the log is shown to the learner: a sign, a role and a text. Hidden events are never shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from sim.case.model.catalogue import Kind
from sim.case.model.scenario import Scenario
from sim.engine.log import Event, OrderPlaced
from sim.tui.text import signed
from sim.words.events import EventKind, EventText, Value, event_text, sentence
from sim.words.format import clock


class EventRow(NamedTuple):
    """One event as the learner reads it."""

    at: int
    sign: str
    """One character that says what kind of thing happened, without colour."""
    role: str
    """A role of `Lines`."""
    text: str


SIGNS = {
    ">": "ordered",
    "=": "result",
    "+": "therapy started",
    "-": "therapy stopped",
    "x": "not carried out",
    "!": "somebody calls",
    "?": "differential",
    "i": "hint, or limits set",
    "~": "time passed",
}
"""What the signs mean, for the help."""

LOOKS: Final[Mapping[EventKind, tuple[str, str]]] = {
    "opening": ("~", "muted"),
    "past": ("~", "muted"),
    "order": (">", ""),
    "refused": ("x", "call"),
    "withdrawn": ("x", ""),
    "result": ("=", ""),
    "started": ("+", "good"),
    "changed": ("+", "good"),
    "stopped": ("-", ""),
    "call": ("!", "call"),
    "checkpoint": ("?", "call"),
    "differential": ("?", ""),
    "limits": ("i", ""),
    "time": ("~", "muted"),
    "hint": ("i", "good"),
    "handover": ("~", "strong"),
    "end": ("~", "strong"),
}
"""Kind of an event to its sign and its role; kinds that are hidden have none."""

_LATE: Final = 60
"""A result this many minutes old or older says when its sample was taken."""


def event_row(event: Event, scenario: Scenario) -> EventRow | None:
    """Return what the learner is told of an event, or None (hidden, or said by another event)."""
    told = event_text(scenario, event, how="d")
    if told.hidden or told.repeated or (isinstance(event, OrderPlaced) and _speaks_for_itself(event, scenario)):
        return None
    return EventRow(told.at, *LOOKS[told.kind], _text(told))


def _speaks_for_itself(event: OrderPlaced, scenario: Scenario) -> bool:
    """Whether another event of the same minutes says the order again: the therapy's start, or the answer."""
    order = scenario.catalogue.orders[event.order]
    return bool(order.starts_therapy) or order.kind in (Kind.HISTORY, Kind.EXAMINATION)


def _text(told: EventText) -> str:
    """What stands after the sign: not what the sign says, nor what the banner says."""
    match told.kind:
        case "opening" | "call" | "hint":
            return told.text
        case "result":
            return f"{told.text}: {_result(told)}"
    return sentence(told)


def _result(told: EventText) -> str:
    """A result as one text: the values with their flags, then the words; a late one says when it was sampled."""
    values = ", ".join(_value(value) for value in told.values)
    text = "\n".join(part for part in (values, *told.details) if part)
    if told.sampled is not None and told.at - told.sampled >= _LATE:
        text = f"{text} (sampled {clock(told.sampled)})"
    return text or "done."


def _value(value: Value) -> str:
    """One measured value with its flag: `Hb 82 g/L ▼L`."""
    sign, _ = signed(value.flag)
    return f"{value.short} {value.amount} {sign}".rstrip()
