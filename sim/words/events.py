"""What happened, in words: one text for every event of a log, from which each face takes what it has room for.

An event is said here and nowhere else. A face chooses which events it shows, adds its signs, and folds; a new event
fails the type check here and `tests/test_words.py` in every face.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, assert_never

from sim.case.model.case import Case
from sim.case.model.catalogue import GROWN, Kind
from sim.case.model.scenario import Scenario
from sim.case.quantities import duration
from sim.engine.growth import weight_within
from sim.engine.log import (
    Called,
    CaseEnded,
    CaseOpened,
    Charted,
    CheckpointReached,
    DifferentialStated,
    DoneBefore,
    EffectBegan,
    EffectEnded,
    Event,
    HandedOver,
    HintGiven,
    LimitsSet,
    Log,
    Measurement,
    OrderPlaced,
    OrderRefused,
    OrderWithdrawn,
    ResultReturned,
    StateEntered,
    TherapyStarted,
    TherapyStopped,
    TimePassed,
)
from sim.words.differential import stated
from sim.words.dose import started
from sim.words.format import age, flag, number, reference
from sim.words.orders import named, report_said

EventKind = Literal[
    "opening", "past", "order", "refused", "withdrawn", "result", "started", "changed", "stopped", "effect", "disease",
    "call", "checkpoint", "differential", "limits", "time", "hint", "handover", "end",
]  # fmt: skip
"""What sort of thing happened: what a face gives a sign, a colour or a row of its own."""

BEFORE: Final = "Before admission"
"""What stands before whatever was done, or runs since, before the case opened."""

_STOPPED: Final = {
    "learner": "Stopped", "team": "Stopped", "dose": "Runs on at another dose", "course": "Came to its end",
    "access": "Interrupted", "failure": "Failed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Value:
    """One measured value in words."""

    name: str
    short: str
    amount: str
    """The number with its unit."""
    flag: str
    """'H', 'L', 'H!', 'L!' or ''."""
    normal: str
    """The reference range, or ''."""


@dataclass(frozen=True, slots=True)
class EventText:
    """One event in words. What is hidden from the learner during the case is marked, and in words all the same."""

    at: int
    hidden: bool
    kind: EventKind
    text: str
    """What it is about; a sentence of its own where `lead` is empty."""
    lead: str = ""
    """What happened to it: `Ordered`, `Not done`, `Came to its end`."""
    details: tuple[str, ...] = ()
    """What follows the text: the words of a result, the reason for a refusal."""
    values: tuple[Value, ...] = ()
    """What a result measured."""
    sampled: int | None = None
    """When a result's sample was taken, if that was before it came back."""
    repeated: bool = False
    """Whether the event after it says the same: a dose that ends where another begins."""


def event_text(scenario: Scenario, event: Event, *, how: str = "") -> EventText:
    """Return an event in words. `how` is how this face takes a differential: its key or its command."""
    said = partial(EventText, event.at, event.hidden)
    match event:
        case CaseOpened():
            return said("opening", f"You meet {event.name}.", details=(_presented(scenario.case, event),))
        case DoneBefore():
            return said("past", f"{scenario.catalogue.orders[event.order].name}, {_ago(event)}.", BEFORE)
        case OrderPlaced() | OrderRefused() | OrderWithdrawn() | TherapyStarted() | TherapyStopped() | ResultReturned():
            return _ordered(scenario, event)
        case EffectBegan() | EffectEnded() | StateEntered():
            return said(*_truth(scenario, event))
        case Called():
            return said("call", event.text, "You are called")
        case CheckpointReached():
            asked = f"State your differential{f' ({how})' if how else ''}."
            return said("checkpoint", f"What do you think it is? {asked}")
        case DifferentialStated() | LimitsSet():
            return said(*_stated(scenario, event))
        case TimePassed():
            return said("time", f"{duration(event.at - event.since)} passed.")
        case HintGiven():
            return said("hint", hint(scenario, event.step), "Hint")
        case HandedOver():
            return said("handover", "You hand over. The team goes on along the recommended pathway.")
        case CaseEnded():
            return said("end", "The case is over.")
    assert_never(event)


def speaks_for_itself(scenario: Scenario, event: Event) -> bool:
    """Return whether another event of the same minutes says an order again: the therapy's start, or the answer."""
    if not isinstance(event, OrderPlaced):
        return False
    order = scenario.catalogue.orders[event.order]
    at_once = bool(order.starts_therapy) and not order.nurse
    return at_once or order.kind in (Kind.HISTORY, Kind.EXAMINATION)


def _ago(done: DoneBefore) -> str:
    """When something was done before the opening, seen from it."""
    ordered = f"{duration(-done.ordered)} ago"
    if done.stopped is None:
        return ordered
    return f"{ordered}, until {duration(-done.stopped)} ago" if done.stopped else f"{ordered}, until today"


def _ordered(
    scenario: Scenario,
    event: OrderPlaced | OrderRefused | OrderWithdrawn | TherapyStarted | TherapyStopped | ResultReturned,
) -> EventText:
    """An order and what came of it."""
    orders = scenario.catalogue.orders
    said = partial(EventText, event.at, event.hidden)
    match event:
        case OrderPlaced():
            return said("order", named(orders[event.order].name, event.dose), "Ordered")
        case OrderRefused():
            return said("refused", f"{orders[event.order].name}.", "Not done", (event.reason,))
        case OrderWithdrawn():
            return said("withdrawn", orders[event.order].name, "Not given" if event.by == "access" else "Withdrawn")
        case TherapyStarted():
            lead, text = started(orders[event.therapy], event)
            if event.given:
                return said("past", f"{text}, still running.", BEFORE)
            return said("started" if event.replaced is None else "changed", text, lead)
        case TherapyStopped():
            return said("stopped", orders[event.therapy].name, _STOPPED[event.by], repeated=event.by == "dose")
        case ResultReturned():
            values = tuple(value_text(scenario, measured) for measured in event.measurements)
            words = (event.text,) if event.text else ()
            sampled = event.sampled if event.sampled < event.at else None
            which = report_said(orders[event.order], event.report).capitalize()
            lead = "On the chart" if isinstance(event, Charted) else which or "Result"
            return said("result", orders[event.order].name, lead, words, values, sampled)
    assert_never(event)


def _truth(scenario: Scenario, event: EffectBegan | EffectEnded | StateEntered) -> tuple[EventKind, str]:
    """The kind and the text of what the learner is never told during the case."""
    orders = scenario.catalogue.orders
    match event:
        case EffectBegan():
            return "effect", f"{orders[event.therapy].name} begins to act."
        case EffectEnded():
            return "effect", f"{orders[event.therapy].name} no longer acts."
        case StateEntered():
            region = scenario.disease.regions[event.region]
            return "disease", f"{region.name}: {region.states[event.state].name}"
    assert_never(event)


def _stated(scenario: Scenario, event: DifferentialStated | LimitsSet) -> tuple[EventKind, str, str]:
    """The kind, the text and the lead of what somebody put on record: no act on the patient."""
    if isinstance(event, LimitsSet):
        return "limits", limits_text(scenario, event), "Call me"
    whose = "Your" if event.by == "learner" else "The team's"
    return "differential", stated(scenario, event.probabilities), f"{whose} differential"


def sentence(told: EventText) -> str:
    """Return an event on one line: what happened, to what, and what follows, but no measured values."""
    return " ".join((f"{told.lead}: {told.text}" if told.lead else told.text, *told.details))


def opening(case: Case, log: Log) -> str:
    """Return the case's opening about this patient. The log must hold its CaseOpened."""
    met = next(event for event in log if isinstance(event, CaseOpened))
    text = case.opening.replace("{name}", met.name).replace("{age}", age(met.age))
    text = text.replace("{weight}", f"{met.weight:.{1 if met.age >= GROWN else 2}f} kg")
    born = case.patient.birth_weight
    return text if born is None else text.replace("{birth_weight}", f"{weight_within(born, met.seed):.2f} kg")


def hint(scenario: Scenario, step: str | None) -> str:
    """Return the tutor's words for a step of the pathway; None: nothing is due."""
    for candidate in scenario.case.pathway:
        if candidate.id == step:
            return f"{candidate.title}. {candidate.because}"
    return "Nothing is due now: let the clock run, or look again."


def limits_text(scenario: Scenario, limits: LimitsSet) -> str:
    """Return in which words a learner's limits are told: `glucose at 6 mmol/L or below, or at 15 mmol/L or above`."""
    spec = scenario.catalogue.observables[limits.observable]
    low, high = (
        "" if bound is None else f"{number(bound, spec.decimals)} {spec.unit}".rstrip()
        for bound in (limits.below, limits.above)
    )
    sides = [f"at {low} or below"] * bool(low) + [f"at {high} or above"] * bool(high)
    return f"{spec.name} {', or '.join(sides) or 'at the limits of the ward'}."


def value_text(scenario: Scenario, measured: Measurement) -> Value:
    """Return a measured value in words."""
    known = scenario.catalogue.observables[measured.observable]
    low, high, decimals = measured.low, measured.high, known.decimals
    return Value(
        name=known.name,
        short=known.short,
        amount=f"{number(measured.value, decimals)} {known.unit}".rstrip(),
        flag=flag(measured.value, low, high, known),
        normal=reference(low, high, decimals),
    )


def _presented(case: Case, met: CaseOpened) -> str:
    born = case.patient.birth_weight
    at_birth = "" if born is None else f"; weight at birth: {weight_within(born, met.seed):.2f} kg"
    return f"Age: {age(met.age)}; weight: {met.weight:.2f} kg{at_birth}."
