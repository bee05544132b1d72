"""How an event of the log is shown to the learner: a sign, a role and a text. Hidden events are never shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from sim.case.model.scenario import Scenario
from sim.engine.log import Event
from sim.tui.widgets.lines import Part
from sim.words.events import EventKind, EventText, Value, event_text, sentence, speaks_for_itself
from sim.words.format import clock, signed


class EventRow(NamedTuple):
    """One event as the learner reads it."""

    at: int
    sign: str
    """One character that says what kind of thing happened, without colour."""
    role: str
    """A role of `Lines`."""
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The event as text without colours."""
        return "".join(text for text, _ in self.parts)


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
    if told.hidden or told.repeated or speaks_for_itself(scenario, event):
        return None
    sign, role = LOOKS[told.kind]
    return EventRow(told.at, sign, role, tuple(_parts(told, role)))


def _parts(told: EventText, role: str) -> Iterator[Part]:
    """What stands after the sign: not what the sign says, nor what the banner says."""
    match told.kind:
        case "opening" | "call" | "hint":
            yield told.text, role
        case "result":
            yield f"{told.text}: ", role
            yield from _result(told, role)
        case _:
            yield sentence(told), role


def _result(told: EventText, role: str) -> Iterator[Part]:
    """The values of a result with their flags, then its words; a late one says when it was sampled."""
    for i, value in enumerate(told.values):
        yield (", " if i else ""), role
        yield _value(value, role)
    words = "\n".join(told.details)
    if words:
        yield ("\n" if told.values else "") + words, role
    if not words and not told.values:
        yield "done.", role
    if told.sampled is not None and told.at - told.sampled >= _LATE:
        yield f" (sampled {clock(told.sampled)})", "muted"


def _value(value: Value, role: str) -> Part:
    """One measured value with its flag, `Hb 82 g/L ▼L`, in the flag's colour."""
    sign, coloured = signed(value.flag)
    return f"{value.short} {value.amount} {sign}".rstrip(), coloured or role
