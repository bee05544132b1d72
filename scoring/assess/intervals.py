"""The stretches through which conditions held: what makes a step of the pathway due, and what lets it lapse.

Facts are settled as in `scoring.assess.timeline`. A condition is asked again only when something it reads has changed,
or at a minute at which time alone could change its answer.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scoring.assess.timeline import Moment, is_move
from sim.case.model.conditions import Condition
from sim.case.model.scenario import Scenario
from sim.engine.knowledge import Knowledge
from sim.engine.log import (
    Called,
    CaseOpened,
    DifferentialStated,
    Event,
    Log,
    OrderPlaced,
    ResultReturned,
    TherapyStarted,
    TherapyStopped,
)

Fact = tuple[str, str]
"""A kind of fact and what it is about."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch through which a condition held: from one settled moment to the first at which it did not."""

    since: Moment
    until: Moment | None = None
    """None where it held to the end of the log."""


def spells(scenario: Scenario, log: Log, conditions: Sequence[Condition]) -> list[tuple[Spell, ...]]:
    """Return for each condition, asked on what a learner may know, the stretches through which it held."""
    watch = _Watch(scenario, conditions)
    for index, event in enumerate(log):
        if index and event.at > (at := log[index - 1].at):
            watch.settle(Moment(at, index - 1))
            while (ahead := watch.ahead) is not None and ahead <= event.at:
                watch.wake(ahead)
                if ahead < event.at:
                    watch.settle(Moment(ahead, index - 1))
        if is_move(event):
            watch.settle(Moment(event.at, max(index - 1, 0)))
        watch.take(event)
    if log:
        watch.settle(Moment(log[-1].at, len(log) - 1))
    return watch.found()


class _Watch:
    """Conditions being asked along a log."""

    def __init__(self, scenario: Scenario, conditions: Sequence[Condition]) -> None:
        self._facts, self._conditions = Knowledge(scenario), conditions
        self._readers: dict[Fact, list[int]] = {}
        for number, condition in enumerate(conditions):
            for fact in set(_reads(condition)):
                self._readers.setdefault(fact, []).append(number)
        self._touched = set(range(len(conditions)))
        self._clock: list[tuple[int, int]] = []  # minutes at which time alone could change a condition
        self._since: dict[int, Moment] = {}
        self._found: list[list[Spell]] = [[] for _ in conditions]

    @property
    def ahead(self) -> int | None:
        """The next minute at which time alone could change an answer."""
        return self._clock[0][0] if self._clock else None

    def wake(self, minute: int) -> None:
        """Ask again what time alone could change in this minute."""
        while self._clock and self._clock[0][0] <= minute:
            self._touched.add(heapq.heappop(self._clock)[1])

    def take(self, event: Event) -> None:
        """Add one event to the facts."""
        self._facts.take(event)
        for fact in _changes(event):
            self._touched.update(self._readers.get(fact, ()))

    def settle(self, moment: Moment) -> None:
        """Ask at a settled moment what could have changed."""
        for number in self._touched:
            condition = self._conditions[number]
            if self._facts.holds(condition, moment.at):
                self._since.setdefault(number, moment)
            elif number in self._since:
                self._found[number].append(Spell(self._since.pop(number), moment))
            boundary = self._facts.boundaries(condition, moment.at)
            if boundary is not None:
                heapq.heappush(self._clock, (boundary, number))
        self._touched.clear()

    def found(self) -> list[tuple[Spell, ...]]:
        """Return the stretches of each condition, the last one open where it still holds."""
        still = {number: (Spell(moment),) for number, moment in self._since.items()}
        return [(*found, *still.get(number, ())) for number, found in enumerate(self._found)]


def _reads(condition: Condition) -> Iterator[Fact]:
    """The facts whose change could change a condition's answer."""
    for kind, ids in (
        ("told", condition.told), ("running", condition.running), ("ordered", condition.ordered),
        ("resulted", condition.resulted),
    ):  # fmt: skip
        yield from ((kind, name) for name in ids or ())
    if condition.dose is not None:
        yield "running", condition.dose.therapy
    if condition.shows is not None:
        yield ("value", condition.shows.observable or "") if condition.shows.order is None else (
            "resulted", condition.shows.order,
        )  # fmt: skip
    if condition.since is not None:
        since = condition.since
        for kind, name in (
            ("ordered", since.ordered), ("resulted", since.resulted), ("running", since.stopped), ("told", since.told),
        ):  # fmt: skip
            yield from ((kind, name),) if name is not None else ()
    if condition.believes is not None:
        yield "believes", ""
    if condition.age is not None:
        yield "opened", ""
    for part in _parts(condition):
        yield from _reads(part)


def _parts(condition: Condition) -> Iterable[Condition]:
    negated = () if condition.not_ is None else (condition.not_,)
    counted = () if condition.at_least is None else condition.at_least.of
    return (*negated, *(condition.all_ or ()), *(condition.any_ or ()), *counted)


def _changes(event: Event) -> tuple[Fact, ...]:
    """The facts that an event changes."""
    match event:
        case OrderPlaced(order=order):
            return (("ordered", order),)
        case TherapyStarted(therapy=therapy):
            return (("running", therapy), ("ordered", therapy))
        case TherapyStopped(therapy=therapy):
            return (("running", therapy),)
        case ResultReturned(order=order, measurements=measurements):
            return (("resulted", order), *(("value", measured.observable) for measured in measurements))
        case Called(reveals=str(code)):
            return (("told", code),)
        case DifferentialStated():
            return (("believes", ""),)
        case CaseOpened():
            return (("opened", ""),)
    return ()
