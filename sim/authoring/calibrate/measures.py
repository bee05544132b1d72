"""What a measure finds in the courses and the logs of its arms."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from sim.authoring.calibrate.arms import Arms, orders_of
from sim.authoring.calibrate.course import Course, Sampled
from sim.case.model.calibration import (
    Asked,
    Calibration,
    Criterion,
    Flagged,
    Incidence,
    Measure,
    MedianTime,
    Moment,
    ShareOf,
    SurvivalAt,
    Values,
)
from sim.cohorts.survival import ConfidenceInterval, deviation, kaplan_meier, mean, median, rate, share

MINUTES: Final = {"d": 1440, "wk": 10080, "mo": 43830, "y": 525960}
"""Unit of a time to its minutes."""


def measured(arms: Arms, measure: Measure) -> ConfidenceInterval | None:
    """Return a figure with its 95% interval, a share as a fraction; None where there is nobody to ask."""
    if measure.survival is not None:
        return _survival(arms, measure.survival)
    if measure.deaths is not None:
        alive = _survival(arms, measure.deaths)
        return None if alive is None else ConfidenceInterval(1 - alive.value, 1 - alive.high, 1 - alive.low)
    if measure.share is not None:
        return _share(arms, measure.share)
    if measure.median is not None:
        return _median(arms, measure.median)
    if measure.flagged is not None:
        return _flagged(arms, measure.flagged)
    if measure.incidence is not None:
        return _incidence(arms, measure.incidence)
    if measure.values is not None:
        return _values(arms, measure.values)
    assert measure.difference is not None
    return _difference(arms, *measure.difference)


def _survival(arms: Arms, asked: SurvivalAt) -> ConfidenceInterval | None:
    begun = ((course, minute_of(arms.calibration, course, asked.since)) for course in _asked(arms, asked))
    lives = [(course.end - minute, course.dead) for course, minute in begun if minute is not None]
    if not lives:
        return None
    point = kaplan_meier(lives).at(asked.after)
    return ConfidenceInterval(point.alive, point.low, point.high)


def _share(arms: Arms, asked: ShareOf) -> ConfidenceInterval | None:
    found = [meets(arms.calibration, course, asked.holds) for course in _asked(arms, asked)]
    return share(sum(found), len(found)) if found else None


def _median(arms: Arms, asked: MedianTime) -> ConfidenceInterval | None:
    times = []
    for course in _asked(arms, asked):
        begun = minute_of(arms.calibration, course, asked.since)
        ended = minute_of(arms.calibration, course, asked.to)
        if begun is not None and ended is not None and ended != begun:
            times.append((ended - begun + asked.plus) / MINUTES[asked.unit])
    return median(times) if times else None


def _flagged(arms: Arms, asked: Flagged) -> ConfidenceInterval | None:
    flags = [record.flags[asked.observable] for record in arms.records(*asked.of) if asked.observable in record.flags]
    return share(flags.count(asked.flag), len(flags)) if flags else None


def _incidence(arms: Arms, asked: Incidence) -> ConfidenceInterval | None:
    records = arms.records(*asked.of)
    fired = sum(name in asked.transitions for record in records for name in record.fired)
    days = sum(record.minutes_on(asked.on) for record in records) / MINUTES["d"]
    return rate(fired, days / 1000) if days else None


def _values(arms: Arms, asked: Values) -> ConfidenceInterval | None:
    """A patient who never comes to the bounds takes for ever: half of the patients doing so have no median."""
    patients = (
        patient
        for patient in arms.samples(*asked.of)
        if all(meets(arms.calibration, patient.course, criterion) for criterion in asked.among)
    )
    begun = ((patient, minute_of(arms.calibration, patient.course, asked.since)) for patient in patients)
    figures = [
        _figure(patient, since, asked)
        for patient, since in begun
        if since is not None and patient.course.lives_at(since)
    ]
    found = [figure for figure in figures if figure is not None]
    if not found:
        return None
    if asked.share is not None:
        return share(sum(map(asked.share.holds, found)), len(found))
    said = {"median": median, "mean": mean, "sd": deviation}[asked.say](found)
    return said if math.isfinite(said.value) else None


def _figure(patient: Sampled, since: int, asked: Values) -> float | None:
    """Return the figure of one patient; None for whom the measure does not ask."""
    read = {name: patient.of(name, since, asked.within) for name in asked.observables}
    hours = patient.every / 60
    if asked.fall is not None:
        return _fall(read[asked.fall.observable], asked.fall.to, hours)
    if asked.beyond is not None:
        bounds = tuple(asked.beyond.values())
        beyond = (
            all(bound.holds(value) for bound, value in zip(bounds, values, strict=True))
            for values in zip(*read.values(), strict=True)
        )
        return next((number * hours for number, there in enumerate(beyond) if there), math.inf)
    ((_, values),) = read.items()
    if not values:
        return None
    if asked.when_lowest is not None:
        return values.index(min(values)) * hours
    if asked.change is not None:
        return values[-1] - values[0]
    return min(values) if asked.lowest is not None else max(values)


def _fall(values: tuple[float, ...], to: float, hours: float) -> float | None:
    """Return how much a value falls in an hour on its way to `to`; None where it starts there or is read once."""
    if len(values) < 2 or values[0] <= to:
        return None
    last = next((number for number, value in enumerate(values) if value <= to), len(values) - 1)
    return (values[0] - values[last]) / (last * hours)


def _difference(arms: Arms, one: Measure, other: Measure) -> ConfidenceInterval | None:
    """The first less the second, their half-widths added in quadrature: they are of different patients."""
    high, low = measured(arms, one), measured(arms, other)
    if high is None or low is None:
        return None
    reach = math.hypot(high.high - high.low, low.high - low.low) / 2
    value = high.value - low.value
    return ConfidenceInterval(value, value - reach, value + reach)


def _asked(arms: Arms, asked: Asked) -> Iterable[Course]:
    return (
        course
        for course in arms.courses(*asked.of)
        if all(meets(arms.calibration, course, criterion) for criterion in asked.among)
    )


def minute_of(calibration: Calibration, course: Course, moment: Moment) -> int | None:
    """Return the minute of a moment in a course, None if it does not come."""
    since = 0 if moment.since is None else minute_of(calibration, course, moment.since)
    if since is None:
        return None
    found: int | None = 0
    if moment.ordered is not None:
        found = course.ordered(orders_of(calibration, moment.ordered), since)
    elif moment.entered is not None:
        found = course.first(moment.entered, since)
    elif moment.died is not None:
        found = course.end if course.dead else None
    elif moment.moment is not None:
        found = minute_of(calibration, course, calibration.moments[moment.moment])
    return None if found is None else found + moment.plus


def meets(calibration: Calibration, course: Course, asked: Criterion) -> bool:
    """Return whether a course meets a criterion."""
    if asked.comes is not None:
        return _comes(calibration, course, asked.comes, asked.within)
    if asked.lives is not None:
        minute = minute_of(calibration, course, asked.lives)
        return minute is not None and course.lives_at(minute)
    if asked.in_ is not None and asked.at is not None:
        minute = minute_of(calibration, course, asked.at)
        return minute is not None and course.lives_at(minute) and _is_in(course, minute, asked.in_)
    if asked.criterion is not None:
        return meets(calibration, course, calibration.criteria[asked.criterion])
    if asked.all_ is not None:
        return all(meets(calibration, course, each) for each in asked.all_)
    if asked.any_ is not None:
        return any(meets(calibration, course, each) for each in asked.any_)
    assert asked.not_ is not None
    return not meets(calibration, course, asked.not_)


def _comes(calibration: Calibration, course: Course, moment: Moment, within: int | None) -> bool:
    found = minute_of(calibration, course, moment)
    begun = 0 if moment.since is None else minute_of(calibration, course, moment.since)
    return found is not None and begun is not None and (within is None or found <= begun + within)


def _is_in(course: Course, minute: int, regions: dict[str, tuple[str, ...]]) -> bool:
    now = course.at(minute)
    return all(now.get(region) in states for region, states in regions.items())
