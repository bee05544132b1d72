"""What a learner may know, as lines of text: the words of plain mode. It reads snapshots and events, nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from sim.case.model.case import Case
from sim.case.model.catalogue import Diagnosis, Order
from sim.case.model.scenario import Scenario
from sim.case.quantities import spell
from sim.engine.log import (
    Called,
    CaseEnded,
    CaseOpened,
    CheckpointReached,
    DifferentialStated,
    Event,
    HintGiven,
    Log,
    Measurement,
    OrderPlaced,
    OrderRefused,
    ResultReturned,
    Snapshot,
    TherapyStarted,
    TherapyStopped,
    TimePassed,
    Vital,
)
from sim.words.dose import dose_for, known_weight, started
from sim.words.format import age, clock, flag, fold, number, reference


def briefing(scenario: Scenario, snapshot: Snapshot, seed: int, mode: str) -> Iterator[str]:
    """Yield what a learner reads before the first move."""
    case = scenario.case
    yield case.title
    yield f"{case.level}; difficulty {case.difficulty} of 5; about {case.minutes} min; seed {seed}; mode {mode}"
    yield "Teaching only, not for patient care."
    yield ""
    yield from fold(f"Setting: {case.setting}")
    yield from fold(opening(case, snapshot.visible))


def opening(case: Case, log: Log) -> str:
    """Return the opening text about this patient."""
    met = next(event for event in log if isinstance(event, CaseOpened))
    text = case.opening.replace("{name}", met.name).replace("{age}", age(met.age))
    return text.replace("{weight}", f"{met.weight:.2f} kg")


def situation(snapshot: Snapshot) -> str:
    """Return the one line that says when it is and who is in the bed."""
    count = len(snapshot.pending)
    waiting = f"; {count} result{'s' * (count > 1)} to come" if count else ""
    return f"{clock(snapshot.now)}. {snapshot.name}, {age(snapshot.age)}{waiting}."


def vitals(scenario: Scenario, snapshot: Snapshot) -> Iterator[str]:
    """Yield the monitor, one value a line."""
    yield f"Vital signs at {clock(snapshot.now)}:"
    for vital in snapshot.vitals:
        observable = scenario.catalogue.observables[vital.observable]
        measured = Measurement(vital.observable, vital.value, vital.low, vital.high)
        yield f"  {observable.name}: {_value(measured, scenario)}{_trend(vital)}"


def running(scenario: Scenario, snapshot: Snapshot) -> Iterator[str]:
    """Yield the therapies now running."""
    yield "Running:" if snapshot.running else "Nothing is running."
    for item in snapshot.running:
        ends = f", ends {clock(item.ends)}" if item.ends is not None else ""
        dose = dose_for(scenario.catalogue.orders[item.therapy], item.dose, known_weight(snapshot.visible))
        yield f"  {_named(scenario, item.therapy, dose)}, since {clock(item.since)}{ends}"


def pending(scenario: Scenario, snapshot: Snapshot) -> Iterator[str]:
    """Yield the results on their way, the next first."""
    for item in sorted(snapshot.pending, key=lambda item: item.due):
        name = scenario.catalogue.orders[item.order].name
        yield f"  to come: {name}, sampled {clock(item.sampled)}, due {clock(item.due)}"


def result(scenario: Scenario, event: ResultReturned) -> Iterator[str]:
    """Yield one result in full."""
    late = f" (sampled {clock(event.sampled)})" if event.sampled < event.at else ""
    yield f"[{clock(event.at)}] Result: {scenario.catalogue.orders[event.order].name}{late}"
    for measured in event.measurements:
        yield f"    {scenario.catalogue.observables[measured.observable].name}: {_value(measured, scenario)}"
    if event.text:
        yield from fold(f"    {event.text}", indent="    ")


def told(scenario: Scenario, events: Iterable[Event]) -> Iterator[str]:
    """Yield what a learner is told of these events; hidden ones are passed over."""
    for event in events:
        if isinstance(event, ResultReturned):
            yield from result(scenario, event)
        elif not (event.hidden or is_change(event)):
            yield from fold(f"[{clock(event.at)}] {_sentence(scenario, event)}", indent="    ")


def is_change(event: Event) -> bool:
    """Return whether an event is the end of a dose that goes on as another: the start after it tells the change."""
    return isinstance(event, TherapyStopped) and event.by == "dose"


def hint(scenario: Scenario, step: str | None) -> str:
    """Return the tutor's words for a step of the pathway."""
    for candidate in scenario.case.pathway:
        if candidate.id == step:
            return f"{candidate.title}. {candidate.because}"
    return "Nothing is due now: let the clock run, or look again."


def offered(scenario: Scenario) -> tuple[Diagnosis, ...]:
    """Return the diagnoses a learner may name, by name: the order of the case file would give the answer away."""
    named = (scenario.catalogue.diagnoses[id] for id in scenario.case.differential)
    return tuple(sorted(named, key=lambda diagnosis: diagnosis.name.casefold()))


def differential(scenario: Scenario, probabilities: Iterable[tuple[str, float]]) -> str:
    """Return a differential as text, likeliest first."""
    given = sorted((pair for pair in probabilities if pair[1] > 0), key=lambda pair: -pair[1])
    return ", ".join(f"{scenario.catalogue.diagnoses[name].name} {share:.0%}" for name, share in given) or "none likely"


_UNIT_WORDS: Final = {
    "m": "min",
    "minute": "min",
    "hr": "h",
    "hour": "h",
    "day": "d",
    "w": "wk",
    "week": "wk",
    "month": "mo",
    "yr": "y",
    "year": "y",
}


def span_typed(text: str) -> str:
    """Return a time as people type it (`1h`, `2 hours`, `1d 6h`) in the words cases use (`1 h`); else as it is.

    `m` is minutes, as people mean who type it at a bedside; months are `mo`.
    """
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*([a-z]+)", text.lower(), re.ASCII)
    if not parts or re.sub(r"[\d.a-z\s]", "", text.lower()):
        return text
    words = [(number_, unit.removesuffix("s") or unit) for number_, unit in parts]
    spoken = " ".join(f"{number_} {_UNIT_WORDS.get(unit, unit)}" for number_, unit in words)
    return spoken if len("".join(a + b for a, b in parts)) == len("".join(text.split())) else text


def order_line(order: Order, what: str) -> str:
    """Return an order as one line of a list: its name, then `what` it is (its kind or its group) and what it takes."""
    parts = [what]
    if order.takes:
        parts.append(f"takes {spell(order.takes)}")
    if order.turnaround:
        parts.append(f"result after {spell(order.turnaround)}")
    return f"{order.name} ({', '.join(parts)})"


def _sentence(scenario: Scenario, event: Event) -> str:
    orders = scenario.catalogue.orders
    match event:
        case CaseOpened():
            return f"You meet {event.name}, {age(event.age)}, {event.weight:.2f} kg."
        case OrderPlaced():
            return f"Ordered: {_named(scenario, event.order, event.dose)}"
        case OrderRefused():
            return f"Not done: {orders[event.order].name}. {event.reason}"
        case TherapyStarted():
            return started(orders[event.therapy], event)
        case TherapyStopped():
            how = {"learner": "Stopped", "course": "Came to its end"}.get(event.by, "Ended")
            return f"{how}: {orders[event.therapy].name}"
        case Called():
            return f"You are called: {event.text}"
        case CheckpointReached():
            return "What do you think it is? State your differential ('dd' says how)."
        case DifferentialStated():
            return f"Your differential: {differential(scenario, event.probabilities)}"
        case TimePassed():
            return f"{spell(event.at - event.since)} passed."
        case HintGiven():
            return f"Hint: {hint(scenario, event.step)}"
        case CaseEnded():
            return "The case is over."
        case _:
            return type(event).__name__


def _value(measured: Measurement, scenario: Scenario) -> str:
    observable = scenario.catalogue.observables[measured.observable]
    low, high, decimals = measured.low, measured.high, observable.decimals
    text = f"{number(measured.value, decimals)} {observable.unit}".rstrip()
    normal = reference(low, high, decimals)
    parts = [text, flag(measured.value, low, high, observable), f"(normal {normal})" if normal else ""]
    return " ".join(part for part in parts if part)


def _trend(vital: Vital) -> str:
    if len(vital.trend) < 2 or not vital.value:
        return ""
    change = vital.value - vital.trend[0]
    if abs(change) < 0.05 * abs(vital.value):
        return ""
    return ", rising" if change > 0 else ", falling"


def _named(scenario: Scenario, order: str, dose: str | None) -> str:
    name = scenario.catalogue.orders[order].name
    return f"{name}, {dose}" if dose else name
