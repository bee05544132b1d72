"""A row of the table: what was published, the band that a simulated figure must fall into, and how to measure it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sim.authoring.calibrate.cohorts import Cohorts
from sim.authoring.calibrate.course import Course
from sim.cohorts.survival import Interval, kaplan_meier, median, share

Unit = Literal["%", "d", "wk", "mo", "y", "per 1,000 d"]
Source = Literal["published", "from n", "assumed"]
SOURCES: Final[dict[Source, str]] = {
    "published": "as printed",
    "from n": "exact, from the published share and n",
    "assumed": "assumed",
}


@dataclass(frozen=True, slots=True)
class Band:
    """What a simulated figure may be, and where that comes from. In fractions for shares, else in the row's unit."""

    low: float
    high: float
    source: Source


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `note` says what it rests on; `miss` explains a figure outside the band to a clinician."""

    id: str
    what: str
    evidence: tuple[str, ...]
    published: str
    band: Band
    unit: Unit
    boys: str
    measure: Callable[[Cohorts], Interval | None]
    """None where the cohort has nobody to ask."""
    note: str = ""
    miss: str = ""


def from_n(*groups: tuple[int, int]) -> Band:
    """Return the band that spans the exact intervals of all published (count, n)."""
    found = [share(count, n) for count, n in groups]
    return Band(min(f.low for f in found), max(f.high for f in found), "from n")


def printed(low: float, high: float) -> Band:
    """Return the interval as it was printed."""
    return Band(low, high, "published")


def assumed(low: float, high: float) -> Band:
    """Return a band that nobody published."""
    return Band(low, high, "assumed")


# --- measures ---------------------------------------------------------------------------------------------------

Event = Callable[[Course], "int | None"]
Holds = Callable[[Course], bool]


def part(courses: Iterable[Course], holds: Holds) -> Interval | None:
    """Return the share of boys of whom something holds, None if there are no boys."""
    found = [holds(course) for course in courses]
    return share(sum(found), len(found)) if found else None


def alive(courses: Iterable[Course], since: Event, after: int) -> Interval | None:
    """Return the Kaplan-Meier estimate of being alive so long `after` an event, of those who came to it."""
    lives = [(course.end - begun, course.dead) for course in courses if (begun := since(course)) is not None]
    if not lives:
        return None
    point = kaplan_meier(lives).at(after)
    return Interval(point.alive, point.low, point.high)


def dead(courses: Iterable[Course], since: Event, after: int) -> Interval | None:
    """Return the share dead so long after an event, by Kaplan-Meier."""
    found = alive(courses, since, after)
    return None if found is None else Interval(1 - found.value, 1 - found.high, 1 - found.low)


def waits(courses: Iterable[Course], event: Event, unit: int) -> Interval | None:
    """Return the median time to an event in units of `unit` minutes, of those who come to it after the opening."""
    times = [at / unit for course in courses if (at := event(course))]
    return median(times) if times else None


def opened(course: Course) -> int | None:
    """The opening of the case, which everybody comes to."""
    return 0


def transplanted(course: Course) -> int | None:
    """When he got his cells."""
    return course.ordered(("hsct",))


def grafted(courses: Iterable[Course]) -> Sequence[Course]:
    """Return the boys who were given cells."""
    return [course for course in courses if transplanted(course) is not None]


def state_at(course: Course, minute: int, region: str, *states: str) -> bool:
    """Return whether he is alive at a minute with a region in one of the states."""
    return course.lives_at(minute) and course.at(minute).get(region) in states
