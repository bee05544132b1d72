"""Doses in words: what one is for this weight, whether it is far from the usual, and a change of one."""

from __future__ import annotations

from typing import Final

from sim.case.model.catalogue import WEIGHT, DoseOption, Order
from sim.case.unit import dose_typed, plain_number, unit_of, usual_spelling
from sim.engine.log import CaseOpened, Log, ResultReturned, TherapyStarted

_STEPS: Final = {("L", "mL"): 1000.0, ("mL", "L"): 0.001, ("g", "mg"): 1000.0, ("mg", "g"): 0.001, ("mg", "ug"): 1000.0}
"""What is typed and what an order is given in, to how many of the second are one of the first."""
FAR: Final = 10
"""A dose so many times the usual, or that part of it, is asked about before it is given."""


def for_weight(amount: float, unit: str, kg: float) -> str:
    """Return what a dose is for a weight: `0.16 U/h`, `62 mL`; empty where the weight has no part in it.

    The words of the unit (`over 20 min`) are left to the dose's label, which stands beside it. The body surface is
    (4 W + 7) / (W + 90) m2, W in kg.
    """
    parts = unit_of(unit)
    measure = {"kg": kg, "m2": (4 * kg + 7) / (kg + 90)}.get(parts.per)
    if measure is None:
        return ""
    return f"{rounded(amount * measure)} {'/'.join(part for part in (parts.what, parts.time) if part)}"


def rounded(value: float) -> str:
    """Return a value in two figures, or whole from 100: `0.16`, `62`, `310`."""
    return f"{value:.0f}" if value >= 100 else plain_number(float(f"{value:.2g}"))


def dose_for(order: Order, dose: str | None, kg: float | None) -> str | None:
    """Return a dose with what it is for a weight, `0.05 U/kg/h (0.16 U/h)`; None where there is no dose."""
    option, unit = order.dose_meant(dose), order.dose_unit
    if option is None or unit is None or kg is None:
        return dose
    given = for_weight(option.amount, unit, kg)
    return f"{option.label} ({given})" if given else option.label


def by_weight(order: Order, typed: str, kg: float | None) -> str:
    """Return a dose typed for the whole patient (`500 mL`, `1 L`, `7 U/h`) by weight, `6.85 mL/kg`, in three figures.

    What is typed by the kilogram, without a unit, or in a unit that the order's is not by weight, is returned as it is.
    """
    read, unit = dose_typed(typed), order.dose_unit
    if read is None or unit is None or not kg:
        return typed
    given, (head, _, _) = unit_of(unit), read[1].partition(" ")
    try:
        said = unit_of(usual_spelling(head))
    except ValueError:
        return typed
    times = _STEPS.get((said.what, given.what), 1.0 if said.what == given.what else 0.0)
    if given.per != "kg" or said.per or said.time != given.time or not times:
        return typed
    amount = float(f"{read[0] * times / kg:.3g}")
    near = min((option.amount for option in order.doses), key=lambda listed: abs(listed - amount), default=amount)
    return f"{plain_number(near if abs(near - amount) <= 0.01 * near else amount)} {given.head}"


def far_from_usual(order: Order, option: DoseOption) -> str:
    """Return how a dose that no list offers compares with the usual one, where it is far from it; else nothing."""
    if option in order.doses:
        return ""
    usual = order.doses[0]
    times = option.amount / usual.amount
    if times >= FAR:
        return f"{rounded(times)} times the usual {usual.label}"
    return f"a {rounded(1 / times)}th of the usual {usual.label}" if times <= 1 / FAR else ""


def started(order: Order, event: TherapyStarted) -> tuple[str, str]:
    """Return (what happened, to what) of the start of a therapy; one that goes on at another dose is no start."""
    name = f"{order.name}, {event.dose}" if event.dose else order.name
    if event.replaced is None:
        return "Goes on" if event.resumed else "Started", name
    if not event.changes_dose:
        return "Started again", name
    unit = order.dose_unit
    what = "Rate" if unit is not None and unit_of(unit).time in ("min", "h") else "Dose"
    return f"{what} changed", f"{order.name}, from {event.replaced.dose} to {event.dose}"


def known_weight(log: Log) -> float | None:
    """Return the latest weight (kg) that a log tells of: the scales' by the time of weighing, or that on arrival."""
    known: tuple[int, float] | None = None
    for event in log:
        if isinstance(event, CaseOpened):
            known = event.at, event.weight
        elif isinstance(event, ResultReturned):
            for measured in event.measurements:
                if measured.observable == WEIGHT and (known is None or known[0] <= event.sampled):
                    known = event.sampled, measured.value
    return None if known is None else known[1]
