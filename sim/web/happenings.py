"""What happened, as a list for a page: the words are those of every face, a class says what kind of thing it was."""

from __future__ import annotations

from collections.abc import Iterable

from sim.case.model.scenario import Scenario
from sim.engine.log import Event, OrderPlaced, ResultReturned, TherapyStarted
from sim.words.events import EventText, Value, event_text
from sim.words.format import clock, signed, time_near
from sim.words.markup import Markup, tag, text

HOW = "under Think"
"""How this face takes a differential."""


def happening(scenario: Scenario, events: Iterable[Event], now: int) -> list[Markup]:
    """Return an item for each event that the learner is told of, in the order given, with its time as at `now`."""
    told = (event_text(scenario, event, how=HOW) for event in events)
    return [_item(one, now) for one in told if not (one.hidden or one.repeated)]


def answered(event: Event, events: Iterable[Event]) -> bool:
    """Return whether one of these events says an order again: its answer, or the therapy's start."""
    if not isinstance(event, OrderPlaced):
        return False
    return any(
        event.order == (one.order if isinstance(one, ResultReturned) else one.therapy)
        for one in events
        if isinstance(one, (ResultReturned, TherapyStarted))
    )


def value(told: Value) -> Markup:
    """Return one measured value with its flag, which says itself without colour."""
    sign, role = signed(told.flag)
    return tag("span", f"{told.short} {told.amount} {sign}".rstrip(), class_=role or None)


def _item(told: EventText, now: int) -> Markup:
    late = f" (sampled {clock(told.sampled)})" if told.sampled is not None else ""
    lead = tag("strong", f"{told.lead}: ") if told.lead else None
    values = [(", " if i else " ", value(one)) for i, one in enumerate(told.values)]
    return tag(
        "li",
        tag("time", time_near(told.at, now)),
        tag("div", tag("p", lead, told.text, late, values), [tag("p", words) for words in told.details]),
        class_=told.kind,
    )


def listed(items: list[Markup], nothing: str) -> Markup:
    """Return items as a list; a sentence where there are none."""
    return tag("ol", text(items), class_="happened") if items else tag("p", nothing, class_="quiet")
