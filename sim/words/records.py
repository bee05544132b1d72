"""What is known so far, arranged for reading: series of values, reports, the latest weight, what was asked.

Built only from what the learner may see, event by event; it never looks at the session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sim.case.model.catalogue import Kind
from sim.case.model.scenario import Scenario
from sim.case.quantities import DAY
from sim.engine.log import (
    Called,
    CaseOpened,
    DifferentialStated,
    OrderPlaced,
    ResultReturned,
    Snapshot,
    TherapyStarted,
    TherapyStopped,
)
from sim.words.format import clock


class Reading(NamedTuple):
    """One value of an observable. `at` is when the patient was so."""

    at: int
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """The words of a result."""

    at: int
    order: str
    text: str
    report: str = ""
    """Which report of its order it is; empty for the final one."""


class Run(NamedTuple):
    """A therapy that ran: from when until when (None: it still does), at which dose."""

    therapy: str
    dose: str | None
    since: int
    until: int | None


class Records:
    """The readable state of one attempt so far. `take(snapshot)` brings it up to date."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.begin()

    def begin(self) -> None:
        """Forget what was read: the next snapshot is read from its beginning."""
        self.results: dict[str, list[Reading]] = {}
        """Reported values of each observable, oldest first."""
        self.reported_by: dict[str, str] = {}
        """The order that reported each observable last."""
        self.reports: list[Report] = []
        self.placed: dict[str, int] = {}
        """Order id to when it was last placed."""
        self.stated: list[DifferentialStated] = []
        self.runs: list[Run] = []
        """What ran, by when it began; a change of dose begins a new one."""
        self.calls: list[int] = []
        """When somebody called."""
        self.weight: Reading | None = None
        self.seen = 0
        """How many visible events were read."""

    def take(self, snapshot: Snapshot) -> bool:
        """Read what is new in a snapshot. Returns whether any result came."""
        fresh = snapshot.visible[self.seen :]
        self.seen = len(snapshot.visible)
        came = False
        for event in fresh:
            match event:
                case CaseOpened():
                    self.weight = Reading(event.at, event.weight, None, None)
                case OrderPlaced():
                    self.placed[event.order] = event.at
                case ResultReturned():
                    self._file(event)
                    came = True
                case DifferentialStated():
                    self.stated.append(event)
                case TherapyStarted():
                    self._stop(event.therapy, event.at)
                    self.runs.append(Run(event.therapy, event.dose, event.at, None))
                case TherapyStopped():
                    self._stop(event.therapy, event.at)
                case Called():
                    self.calls.append(event.at)
        return came

    def _stop(self, therapy: str, at: int) -> None:
        for i, run in enumerate(self.runs):
            if run.therapy == therapy and run.until is None:
                self.runs[i] = run._replace(until=at)

    def _file(self, event: ResultReturned) -> None:
        for m in event.measurements:
            reading = Reading(event.sampled, m.value, m.low, m.high)
            self.reported_by[m.observable] = event.order
            known = self.results.setdefault(m.observable, [])
            known.append(reading)
            known.sort(key=lambda r: r.at)
        if "weight" in self.results:
            self.weight = self.results["weight"][-1]
        if event.text or not event.measurements:
            self.reports.append(Report(event.at, event.order, event.text or "Done.", event.report))

    def trendable(self) -> list[str]:
        """Return the observables that can be drawn: the monitored ones, then those with two results or more."""
        monitor = list(self.scenario.case.monitor)
        several = (o for o, readings in self.results.items() if len(readings) > 1 and o not in monitor)
        order = [observable.id for observable in self.scenario.catalogue.observables_for_reading]
        return monitor + sorted(several, key=order.index)

    def reports_of(self, *kinds: Kind) -> list[Report]:
        """Return the reports of these kinds of orders, newest first."""
        orders = self.scenario.catalogue.orders
        return [r for r in reversed(self.reports) if orders[r.order].kind in kinds]


_TOGETHER: Final = 10
"""Samples within so many minutes are in one column, or within a twentieth of how long ago they were taken."""

Column = tuple[int, Mapping[str, Reading]]
"""The minute of the latest sample of a column, and what it measured."""


def columns(series: Mapping[str, Sequence[Reading]], now: int, most: int) -> list[Column]:
    """Return up to `most` columns of samples, the newest first. No value is in two, and none hides another."""
    samples = sorted(((r.at, name, r) for name, readings in series.items() for r in readings), key=lambda s: -s[0])
    found: list[tuple[int, dict[str, Reading]]] = []
    for at, name, reading in samples:
        near = bool(found) and found[-1][0] - at <= max(_TOGETHER, (now - found[-1][0]) // 20)
        if not near or name in found[-1][1]:
            if len(found) == most:
                break
            found.append((at, {}))
        found[-1][1][name] = reading
    return [(at, values) for at, values in found]


def column_time(at: int, now: int) -> str:
    """Return when a column was sampled: the time on the same day, else the day and the hour."""
    day, time = clock(at).removeprefix("Day ").split(" ")
    return time if at // DAY == now // DAY else f"d{day} {time[:2]}h"
