"""One simulated patient's true course, and what a log tells of one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sim.case.model.scenario import Scenario
from sim.engine.log import OrderPlaced, ResultReturned, StateEntered, TherapyStarted, TherapyStopped
from sim.engine.session import Session


@dataclass(frozen=True, slots=True)
class Course:
    """States entered (minute, region, state) and orders placed (minute, order), in order; `end` in minutes."""

    states: tuple[tuple[int, str, str], ...]
    orders: tuple[tuple[int, str], ...]
    end: int
    dead: bool

    def first(self, regions: Mapping[str, Collection[str]], since: int = 0) -> int | None:
        """Return the first minute from `since` on at which any of the regions entered one of its states."""
        return next((at for at, region, state in self.states if at >= since and state in regions.get(region, ())), None)

    def at(self, minute: int) -> dict[str, str]:
        """Return the state of every region at a minute, what happened in it included."""
        return {region: state for entered, region, state in self.states if entered <= minute}

    def ordered(self, orders: Collection[str], since: int = 0) -> int | None:
        """Return the first minute from `since` on at which one of the orders was placed."""
        return next((at for at, order in self.orders if at >= since and order in orders), None)

    def lives_at(self, minute: int) -> bool:
        """Return whether the patient is alive and followed at a minute."""
        return self.end > minute or (self.end == minute and not self.dead)


@dataclass(frozen=True, slots=True)
class Record:
    """What a patient's log tells beside the course."""

    flags: Mapping[str, str]
    """Observable to the flag (H, L or nothing) of its first value."""
    fired: tuple[str, ...]
    """Every transition that fired, as `region.transition`."""
    therapies: tuple[tuple[int, str, bool], ...]
    """(minute, therapy, whether it started or stopped), in order."""
    end: int

    def minutes_on(self, therapy: str) -> int:
        """Return for how many minutes a therapy ran."""
        total, since = 0, None
        for at, name, started in self.therapies:
            if name == therapy and started and since is None:
                since = at
            elif name == therapy and not started and since is not None:
                total, since = total + at - since, None
        return total if since is None else total + self.end - since


@dataclass(frozen=True, slots=True)
class Sampled:
    """A course with true values: of each observable read, one for each `every` minutes from the opening on."""

    course: Course
    every: int
    values: Mapping[str, tuple[float, ...]]

    def of(self, observable: str, since: int, within: int) -> tuple[float, ...]:
        """Return the values on the grid from a minute on, so long after it or until the patient is followed no more."""
        last = min(since + within, self.course.end)
        return self.values[observable][-(-since // self.every) : last // self.every + 1]


def sampled(session: Session, observables: Iterable[str], every: int, horizon: int) -> Sampled:
    """Return the course of a session that is over, with true values of observables."""
    marks = (
        (event.at, "entered", f"{event.region}.{event.state}")
        if isinstance(event, StateEntered)
        else (event.at, "placed", event.order)
        for event in session.log
        if isinstance(event, (StateEntered, OrderPlaced))
    )
    course = course_of(session.scenario, marks, horizon)
    grid = range(0, course.end + 1, every)
    values = {name: tuple(session.true_value(name, minute) for minute in grid) for name in observables}
    return Sampled(course, every, values)


def course_of(scenario: Scenario, tape: Iterable[tuple[int, str, str]], horizon: int) -> Course:
    """Return the course that a tape of the kernel tells."""
    states: list[tuple[int, str, str]] = []
    orders: list[tuple[int, str]] = []
    ended: int | None = None
    for at, kind, what in tape:
        if kind == "placed":
            orders.append((at, what))
            continue
        region, _, state = what.partition(".")
        states.append((at, region, state))
        if scenario.disease.regions[region].states[state].outcome:
            ended = at
    return Course(tuple(states), tuple(orders), horizon if ended is None else ended, ended is not None)


def record_of(session: Session) -> Record:
    """Return what the log of a session tells."""
    flags: dict[str, str] = {}
    fired: list[str] = []
    therapies: list[tuple[int, str, bool]] = []
    for event in session.log:
        if isinstance(event, ResultReturned):
            for measured in event.measurements:
                flags.setdefault(measured.observable, measured.flag)
        elif isinstance(event, StateEntered) and event.transition is not None:
            fired.append(event.transition)
        elif isinstance(event, (TherapyStarted, TherapyStopped)):
            therapies.append((event.at, event.therapy, isinstance(event, TherapyStarted)))
    return Record(flags, tuple(fired), tuple(therapies), session.now)
