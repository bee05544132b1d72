"""Orders in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim.case.model.catalogue import Kind, Order
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StopTherapy
from sim.case.quantities import duration
from sim.engine.log import InHand, Snapshot

FILTERS: Final = (
    ("all", frozenset(Kind)),
    ("ask", frozenset({Kind.HISTORY})),
    ("examine", frozenset({Kind.EXAMINATION})),
    ("test", frozenset({Kind.INVESTIGATION})),
    ("treat", frozenset({Kind.THERAPY, Kind.PROCEDURE})),
    ("people", frozenset({Kind.CONSULT, Kind.DISPOSITION})),
)
"""What a list of orders can be narrowed to."""
AT_ONCE: Final = (Kind.HISTORY, Kind.EXAMINATION)
"""What is answered as soon as it is chosen: a question is no shopping."""


NOTHING_TO_UNDO: Final = "Nothing can be taken back: time has passed, or what you did last has told you something."


def has_choice(order: Order) -> bool:
    """Return whether a dose has to be chosen."""
    return len(order.doses) > 1 or bool(order.bounds)


def usual_dose(order: Order) -> str | None:
    """Return the label of the dose that is meant where none is said."""
    return order.doses[0].label if order.doses else None


def synonym_of(order: Order, typed: str) -> str:
    """Return the other name of an order that what was typed is part of; nothing where its own name says it."""
    query = typed.casefold()
    if not query or query in order.name.casefold():
        return ""
    return next((alias for alias in order.aliases if query in alias.casefold()), "")


def named(name: str, dose: str | None) -> str:
    """Return an order's name with its dose, if it has one."""
    return f"{name}, {dose}" if dose else name


def act_said(move: Move, scenario: Scenario) -> str:
    """Return an order, a stop or a limit as one names it: `Gentamicin, 5 mg/kg`, `the stop of Gentamicin`."""
    orders = scenario.catalogue.orders
    match move:
        case PlaceOrder():
            return named(orders[move.order].name, move.dose)
        case StopTherapy():
            return f"the stop of {orders[move.therapy].name}"
        case _:
            return "the limits"


def minutes_said(order: Order) -> str:
    """Return whose minutes an order takes: `takes 5 min`, `nurse 3 min` or both; empty where it takes none."""
    parts = [f"takes {duration(order.takes)}"] if order.takes else []
    return ", ".join([*parts, f"nurse {duration(order.nurse)}"] if order.nurse else parts)


def nursing_time(work: InHand, now: int, said: Callable[[int], str]) -> str:
    """Return when a nurse carries out an order; `said` says a minute of the case."""
    if work.begins > now:
        return f"waits, from {said(work.begins)} to {said(work.ends)}"
    return f"until {said(work.ends)}"


def results_due(scenario: Scenario, snapshot: Snapshot) -> list[int]:
    """Return the minutes in which results are due, those of what the nurses have in hand included."""
    orders = scenario.catalogue.orders
    coming = [(work.ends, orders[work.order]) for work in snapshot.nursing if orders[work.order].has_result]
    early = (ends + report.after for ends, order in coming for report in order.reports)
    return [*(item.due for item in snapshot.pending), *early, *(ends + order.turnaround for ends, order in coming)]


def report_said(order: Order, report: str) -> str:
    """Return which report of an order one is: `first report`, `report 2`, `final report`; empty if it has but one."""
    if not order.reports:
        return ""
    place = next((i for i, early in enumerate(order.reports, 1) if early.id == report), 0)
    return "final report" if not place else "first report" if place == 1 else f"report {place}"


def turnaround_said(order: Order) -> str:
    """Return when an order comes back: `result after 2 h`, or `first report after 1 d, final report after 2 d`."""
    if not order.turnaround:
        return ""
    parts = [f"{report_said(order, report.id)} after {duration(report.after)}" for report in order.reports]
    return ", ".join([*parts, f"{report_said(order, '') or 'result'} after {duration(order.turnaround)}"])


def stoppable(scenario: Scenario, snapshot: Snapshot) -> list[Order]:
    """Return what can be stopped: what runs or is interrupted, and what the nurses have in hand."""
    held = (item.therapy for item in (*snapshot.running, *snapshot.interrupted))
    names = dict.fromkeys([*held, *(work.order for work in snapshot.nursing)])
    return [scenario.catalogue.orders[name] for name in names]


def order_line(order: Order, what: str) -> str:
    """Return an order as one line of a list: its name, then `what` it is (its kind or its group) and what it takes."""
    parts = [what]
    parts += [minutes_said(order)] if order.takes or order.nurse else []
    if order.turnaround:
        parts.append(turnaround_said(order))
    return f"{order.name} ({', '.join(parts)})"
