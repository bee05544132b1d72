"""What was done over time, as bars: each step's orders against its window, and every therapy that ran.

Times are minutes since the case opened. A bar of a therapy is how long it ran, one of anything else lasts from the
order to its result.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from scoring.assess.assessment import Assessment
from scoring.assess.pathway import PathwayItem
from scoring.assess.timeline import end_of
from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.engine.log import Log, OrderPlaced, ResultReturned, TherapyStarted, TherapyStopped


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time in which an order was carried out; `until` is where the case ended if it was going on then."""

    order: str
    event: int
    """The index in the log of the order, or of the start of a therapy that ran from the opening."""
    at: int
    until: int
    doses: tuple[str, ...]
    """The doses of a therapy, one after the other."""


@dataclass(frozen=True, slots=True)
class Track:
    """One step's bars: what fulfilled it, or, where nothing did, whatever was done of its kind."""

    step: str
    done: str | None
    """What was done for it, in words; None if nothing was."""
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """One therapy that ran, whoever asked for it."""

    order: str
    name: str
    worth: str
    """'step' if a step of the pathway was done with it, else what it was worth: useful, neutral, wasteful, harmful."""
    bars: tuple[Bar, ...]


def bars_of(log: Log, orders: Collection[str] | None = None) -> tuple[Bar, ...]:
    """Return a bar for each time one of `orders` (None: any) was carried out, in the order of the log."""
    placed: dict[int, int] = {}
    running: dict[str, Bar] = {}
    results: dict[int, int] = {}
    found: list[Bar] = []
    therapies = {event.number for event in log if isinstance(event, TherapyStarted)}
    end = end_of(log)
    for event in log:
        if isinstance(event, ResultReturned):
            results[event.number] = event.at
    for index, event in enumerate(log):
        match event:
            case OrderPlaced():
                placed[event.number] = index
                if event.number not in therapies:
                    until = results.get(event.number, event.at)
                    found.append(Bar(event.order, index, event.at, until, ()))
            case TherapyStarted():
                dose = () if event.dose is None else (event.dose,)
                before = running.pop(event.therapy, None)
                if before is not None:  # another dose of what was running already
                    running[event.therapy] = Bar(before.order, before.event, before.at, end, before.doses + dose)
                else:
                    first = placed.get(event.number, index)
                    running[event.therapy] = Bar(event.therapy, first, event.at, end, dose)
            case TherapyStopped() if event.by != "dose" and event.therapy in running:
                bar = running.pop(event.therapy)
                found.append(Bar(bar.order, bar.event, bar.at, event.at, bar.doses))
    found += running.values()
    wanted = found if orders is None else [bar for bar in found if bar.order in orders]
    return tuple(sorted(wanted, key=lambda bar: (bar.at, bar.event)))


def tracks(scenario: Scenario, log: Log, assessment: Assessment) -> tuple[Track, ...]:
    """Return the bars of each step that fell due, in the order of the pathway."""
    by_order: dict[str, list[Bar]] = {}
    for bar in bars_of(log):
        by_order.setdefault(bar.order, []).append(bar)
    items = {item.step: item for item in assessment.pathway}
    return tuple(
        _track(
            scenario, log, step, items[step.id], [bar for order in _orders_of(step) for bar in by_order.get(order, ())]
        )
        for step in scenario.case.pathway
        if items[step.id].due is not None
    )


def _orders_of(step: Step) -> Iterable[str]:
    """What does a step by itself, then what does it together with others."""
    return dict.fromkeys((*step.do, *chain.from_iterable(step.or_all)))


def _track(scenario: Scenario, log: Log, step: Step, item: PathwayItem, bars: Sequence[Bar]) -> Track:
    orders = scenario.catalogue.orders
    done = None
    if item.event is not None:
        act = log[item.event]
        match act:
            case OrderPlaced():
                done = orders[act.order].name + (f", {act.dose}" if act.dose else "")
            case TherapyStarted() | TherapyStopped():
                done = orders[act.therapy].name
        if not step.stop and not (isinstance(act, OrderPlaced) and orders[act.order].starts_therapy):
            bars = [bar for bar in bars if bar.event == item.event] or bars
    return Track(step.id, done, tuple(bars))


def lanes(scenario: Scenario, log: Log, assessment: Assessment) -> tuple[Lane, ...]:
    """Return every therapy that ran, by when it first began."""
    orders = scenario.catalogue.orders
    by_order: dict[str, list[Bar]] = {}
    for bar in bars_of(log):
        if bar.order in orders and orders[bar.order].starts_therapy:
            by_order.setdefault(bar.order, []).append(bar)
    worths = {value.order: value.value for value in reversed(assessment.values)}
    fulfilled = _fulfilled(log, assessment.pathway)
    return tuple(
        Lane(order, orders[order].name, "step" if order in fulfilled else worths.get(order, "neutral"), tuple(bars))
        for order, bars in by_order.items()
    )


def _fulfilled(log: Log, items: Iterable[PathwayItem]) -> set[str]:
    """The orders with which steps were done."""
    acts = [log[item.event] for item in items if item.event is not None]
    return {act.order for act in acts if isinstance(act, OrderPlaced)} | {
        act.therapy for act in acts if isinstance(act, (TherapyStarted, TherapyStopped))
    }
