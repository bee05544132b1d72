"""How an event of the log is told to the learner: a sign, a role and a text. Hidden events are never told."""

from __future__ import annotations

from typing import NamedTuple

from sim.case.model.catalogue import Kind
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
    Measurement,
    OrderPlaced,
    OrderRefused,
    ResultReturned,
    TherapyStarted,
    TherapyStopped,
    TimePassed,
)
from sim.tui.text import flag
from sim.words.dose import started
from sim.words.events import hint, is_change
from sim.words.format import clock, number


class Told(NamedTuple):
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
    "i": "hint",
    "~": "time passed",
}
"""What the signs mean, for the help."""


def tell(event: Event, scenario: Scenario) -> Told | None:
    """Return what the learner is told of an event, or None (hidden, or said by another event)."""
    orders = scenario.catalogue.orders
    match event:
        case OrderPlaced():
            order = orders[event.order]
            if order.starts_therapy or order.kind in (Kind.HISTORY, Kind.EXAMINATION):
                return None
            return Told(event.at, ">", "", f"Ordered: {named(order.name, event.dose)}")
        case OrderRefused():
            return Told(event.at, "x", "call", f"Not done: {orders[event.order].name}. {event.reason}")
        case ResultReturned():
            return Told(event.at, "=", "", f"{orders[event.order].name}: {result_text(event, scenario)}")
        case TherapyStarted():
            return Told(event.at, "+", "good", started(orders[event.therapy], event))
        case TherapyStopped():
            if is_change(event):
                return None
            how = {"learner": "Stopped", "course": "Came to its end"}.get(event.by, "Ended")
            return Told(event.at, "-", "", f"{how}: {orders[event.therapy].name}")
    return _tell_rest(event, scenario)


def _tell_rest(event: Event, scenario: Scenario) -> Told | None:
    match event:
        case CaseOpened():
            return Told(event.at, "~", "muted", f"You meet {event.name}.")
        case Called():
            return Told(event.at, "!", "call", event.text)
        case CheckpointReached():
            return Told(event.at, "?", "call", "What do you think it is? State your differential (d).")
        case DifferentialStated():
            return Told(event.at, "?", "", f"Your differential: {differential_text(event.probabilities, scenario)}")
        case TimePassed():
            return Told(event.at, "~", "muted", f"{spell(event.at - event.since)} passed.")
        case HintGiven():
            return Told(event.at, "i", "good", hint(scenario, event.step))
        case CaseEnded():
            return Told(event.at, "~", "strong", "The case is over.")
    return None


def named(name: str, dose: str | None) -> str:
    """Return an order's name with its dose."""
    return f"{name}, {dose}" if dose else name


def result_text(event: ResultReturned, scenario: Scenario) -> str:
    """Return a result as one text: the numbers with their flags, then the words; late ones say when sampled."""
    parts = [measurement_text(m, scenario) for m in event.measurements]
    text = ", ".join(parts)
    if event.text:
        text = f"{text}\n{event.text}" if text else event.text
    if event.at - event.sampled >= 60:
        text = f"{text} (sampled {clock(event.sampled)})"
    return text or "done."


def measurement_text(measured: Measurement, scenario: Scenario) -> str:
    """Return one measured value with unit and flag: `Hb 82 g/L ▼L`."""
    observable = scenario.catalogue.observables[measured.observable]
    sign, _ = flag(measured.value, measured.low, measured.high, observable)
    value = f"{observable.short} {number(measured.value, observable.decimals)} {observable.unit}".rstrip()
    return f"{value} {sign}".rstrip()


def differential_text(probabilities: tuple[tuple[str, float], ...], scenario: Scenario) -> str:
    """Return a differential as text, likeliest first."""
    diagnoses = scenario.catalogue.diagnoses
    given = sorted((p for p in probabilities if p[1] > 0), key=lambda p: -p[1])
    return ", ".join(f"{diagnoses[d].name} {share:.0%}" for d, share in given) or "nothing likely"
