"""What a learner may know, as lines of text. It reads snapshots and events, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sim.case.model.scenario import Scenario
from sim.engine.log import Event, Measurement, ResultReturned, Snapshot, Vital
from sim.words.dose import dose_for, known_weight
from sim.words.events import EventText, Value, event_text, opening, sentence, value_text
from sim.words.fold import fold
from sim.words.format import TEACHING_ONLY, age, clock, review_note
from sim.words.orders import named, nursing_time, report_said

_HOW: Final = "'dd' says how"


def briefing(scenario: Scenario, snapshot: Snapshot, seed: int, mode: str) -> Iterator[str]:
    """Yield what a learner reads before the first move."""
    case = scenario.case
    yield case.title
    yield f"{case.level}; difficulty {case.difficulty} of 5; about {case.minutes} min; seed {seed}; mode {mode}"
    yield f"{TEACHING_ONLY} {review_note(case.reviewed)}"
    yield ""
    yield from fold(f"Setting: {case.setting}")
    yield from fold(opening(case, snapshot.visible))


def situation(snapshot: Snapshot) -> str:
    """Return the one line that says when it is and who is in the bed."""
    count = len(snapshot.pending)
    waiting = f"; {count} result{'s' * (count > 1)} to come" if count else ""
    if snapshot.nursing:
        waiting += f"; {len(snapshot.nursing)} in the nurses' hands until {clock(snapshot.nursing[-1].ends)}"
    return f"{clock(snapshot.now)}. {snapshot.name}, {age(snapshot.age)}{waiting}."


def vitals(scenario: Scenario, snapshot: Snapshot) -> Iterator[str]:
    """Yield what is seen from the foot of the bed, folded, and the monitor, one value a line."""
    if snapshot.glance:
        yield from fold(snapshot.glance)
    yield f"Vital signs at {clock(snapshot.now)}:"
    for vital in snapshot.vitals:
        measured = Measurement(vital.observable, vital.value, vital.low, vital.high)
        yield f"  {_value(value_text(scenario, measured))}{_trend(vital)}"


def running(scenario: Scenario, snapshot: Snapshot) -> Iterator[str]:
    """Yield the therapies now running, what waits for an access, and what the nurses have in hand."""
    yield "Running:" if snapshot.running else "Nothing is running."
    for item in snapshot.running:
        ends = f", ends {clock(item.ends)}" if item.ends is not None else ""
        order = scenario.catalogue.orders[item.therapy]
        name = named(order.name, dose_for(order, item.dose, known_weight(snapshot.visible)))
        yield f"  {name}, since {clock(item.since)}{ends}"
    for item in snapshot.interrupted:
        yield f"  interrupted, there is no access: {named(scenario.catalogue.orders[item.therapy].name, item.dose)}"
    if snapshot.nursing:
        yield "In the nurses' hands:"
    for work in snapshot.nursing:
        name = named(scenario.catalogue.orders[work.order].name, work.dose)
        yield f"  {name}, {nursing_time(work, snapshot.now, clock)}"


def pending(scenario: Scenario, snapshot: Snapshot) -> Iterator[str]:
    """Yield the results on their way, the next first."""
    for item in sorted(snapshot.pending, key=lambda item: item.due):
        order = scenario.catalogue.orders[item.order]
        name = ", ".join(filter(None, (order.name, report_said(order, item.report))))
        yield f"  to come: {name}, sampled {clock(item.sampled)}, due {clock(item.due)}"


def result(scenario: Scenario, event: ResultReturned) -> Iterator[str]:
    """Yield one result in full."""
    yield from _result(event_text(scenario, event))


def event_lines(scenario: Scenario, events: Iterable[Event]) -> Iterator[str]:
    """Yield what a learner is told of these events; hidden ones are passed over."""
    for event in events:
        text = event_text(scenario, event, how=_HOW)
        if text.kind == "result":
            yield from _result(text)
        elif not (text.hidden or text.repeated):
            yield from fold(f"[{clock(text.at)}] {sentence(text)}", rest="    ")


def _result(told: EventText) -> Iterator[str]:
    late = "" if told.sampled is None else f" (sampled {clock(told.sampled)})"
    yield f"[{clock(told.at)}] {told.lead}: {told.text}{late}"
    for value in told.values:
        yield f"    {_value(value)}"
    for words in told.details:
        yield from fold(words, first="    ", rest="    ")


def _value(value: Value) -> str:
    parts = (value.amount, value.flag, f"(normal {value.normal})" if value.normal else "")
    return f"{value.name}: {' '.join(part for part in parts if part)}"


def _trend(vital: Vital) -> str:
    if len(vital.trend) < 2 or not vital.value:
        return ""
    change = vital.value - vital.trend[0]
    if abs(change) < 0.05 * abs(vital.value):
        return ""
    return ", rising" if change > 0 else ", falling"
