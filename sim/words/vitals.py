"""Vital signs: on which scale one is drawn, and where it goes."""

from __future__ import annotations

from sim.case.model.catalogue import Observable
from sim.engine.log import Vital


def scale(vital: Vital) -> tuple[float, float] | None:
    """Return the fixed range a vital sign is drawn in: its reference range in the middle, as much above and below.

    Without a bound on one side the range is mirrored at the other; without any there is no fixed scale.
    """
    low, high = vital.low, vital.high
    if low is None and high is None:
        return None
    if low is None or high is None:
        bound = low if low is not None else high
        assert bound is not None, "one of the two is there"
        return bound * 0.85, bound * 1.15
    span = high - low
    return low - span, high + span


def direction(vital: Vital, observable: Observable) -> str:
    """Return where a vital sign goes: `rising`, `falling` or `steady`, by the mean of its last and its first third.

    What noise alone could do is steady. Nothing for too few values.
    """
    values = vital.trend
    third = len(values) // 3
    if third < 2:
        return ""
    change = sum(values[-third:]) / third - sum(values[:third]) / third
    noise = max(observable.noise * abs(vital.value), 0.5 * 10**-observable.decimals)
    if abs(change) <= 2 * noise:
        return "steady"
    return "rising" if change > 0 else "falling"
