"""What happened, event by event, in words; what was hidden from the learner is marked."""

from __future__ import annotations

from dataclasses import dataclass

from sim.case.model.scenario import Scenario
from sim.case.quantities import spell
from sim.engine.log import (
    Called,
    CaseEnded,
    CaseOpened,
    CheckpointReached,
    DifferentialStated,
    EffectBegan,
    EffectEnded,
    Event,
    HintGiven,
    Log,
    Measurement,
    OrderPlaced,
    OrderRefused,
    ResultReturned,
    StateEntered,
    TherapyStarted,
    TherapyStopped,
    TimePassed,
)
from sim.words.dose import started
from sim.words.format import age, flag, number


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: its index in the log, what kind of thing it was, and what there is to say."""

    event: int
    at: int
    kind: str
    text: str
    hidden: bool
    transition: str | None = None
    """`region.transition`, where a region of the disease moved."""


def happenings(scenario: Scenario, log: Log) -> tuple[Happening, ...]:
    """Return every event of a log in words, in order."""
    return tuple(_happening(scenario, index, event) for index, event in enumerate(log))


def _happening(scenario: Scenario, index: int, event: Event) -> Happening:
    kind, text = _patient(scenario, event) or _ward(scenario, event) or _learner(scenario, event)
    transition = event.transition if isinstance(event, StateEntered) else None
    return Happening(index, event.at, kind, text, event.hidden, transition)


def _patient(scenario: Scenario, event: Event) -> tuple[str, str] | None:
    names = scenario.catalogue.orders
    match event:
        case CaseOpened():
            return "opening", f"You meet {event.name}, {age(event.age)}, {event.weight:.2f} kg."
        case StateEntered():
            region = scenario.disease.regions[event.region]
            return "disease", f"{region.name}: {region.states[event.state].name}"
        case EffectBegan():
            return "effect", f"{names[event.therapy].name} begins to act"
        case EffectEnded():
            return "effect", f"{names[event.therapy].name} no longer acts"
        case CaseEnded():
            return "end", "The case is over."
    return None


def _ward(scenario: Scenario, event: Event) -> tuple[str, str] | None:
    names = scenario.catalogue.orders
    match event:
        case ResultReturned():
            return "result", f"{names[event.order].name}: {_result(scenario, event)}"
        case TherapyStarted():
            if event.replaced is not None:
                return "changed", started(names[event.therapy], event)
            return "started", _dosed(names[event.therapy].name, event.dose)
        case TherapyStopped():
            how = {"learner": "stopped", "dose": "runs on", "course": "came to its end"}.get(event.by, "ended")
            return "stopped", f"{names[event.therapy].name}: {how}"
        case OrderRefused():
            return "refused", f"{names[event.order].name}. {event.reason}"
        case Called():
            return "call", event.text
    return None


def _learner(scenario: Scenario, event: Event) -> tuple[str, str]:
    match event:
        case OrderPlaced():
            return "order", _dosed(scenario.catalogue.orders[event.order].name, event.dose)
        case CheckpointReached():
            return "checkpoint", "You are asked what you think it is."
        case DifferentialStated():
            return "differential", _differential(scenario, event)
        case TimePassed():
            return "time", f"{spell(event.at - event.since)} passed"
        case HintGiven():
            titles = {step.id: step.title for step in scenario.case.pathway}
            return "hint", titles.get(event.step or "", "Nothing is due now.")
    return "event", type(event).__name__


def _dosed(name: str, dose: str | None) -> str:
    return f"{name}, {dose}" if dose else name


def _result(scenario: Scenario, event: ResultReturned) -> str:
    parts = [", ".join(_measured(scenario, m) for m in event.measurements), event.text.replace("\n", " ")]
    late = f" (sampled {spell(event.sampled)})" if event.sampled < event.at and event.sampled else ""
    return (". ".join(part for part in parts if part) or "done") + late


def _measured(scenario: Scenario, measured: Measurement) -> str:
    known = scenario.catalogue.observables[measured.observable]
    sign = flag(measured.value, measured.low, measured.high, known)
    return " ".join(x for x in (known.short, number(measured.value, known.decimals), known.unit, sign) if x)


def _differential(scenario: Scenario, event: DifferentialStated) -> str:
    given = sorted((pair for pair in event.probabilities if pair[1] > 0), key=lambda pair: -pair[1])
    names = scenario.catalogue.diagnoses
    return ", ".join(f"{names[id].name} {share:.0%}" for id, share in given) or "nothing likely"
