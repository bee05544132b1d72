"""The facts of a patient at a moment, from a log: what the engine's own guards and flows read, asked once more.

A session does not keep what was true an hour ago. Its log does, hidden events included.
"""

from __future__ import annotations

from sim.engine.chart import Chart
from sim.engine.log import (
    Called,
    EffectBegan,
    EffectEnded,
    Event,
    OrderPlaced,
    ResultReturned,
    StateEntered,
    TherapyStarted,
    TherapyStopped,
)


class FactsSoFar:
    """What is true after the events taken so far: states, therapies, orders, results, calls and the age."""

    def __init__(self, chart: Chart, age: int) -> None:
        """Take the chart and the age at the opening, minutes."""
        case = chart.scenario.case
        self._chart, self._opening_age = chart, age
        self._numbering = chart.numbering
        self.states: list[int] = [-1] * len(chart.regions)
        self.in_effect: dict[str, int] = {}
        self.running: dict[str, float] = {}
        self.doses: dict[str, float] = {}
        self.labels: dict[str, str | None] = {}
        """What runs, with the dose as it was ordered."""
        self.ordered: set[str] = {*case.past, *case.given}
        self.resulted: set[str] = set()
        self.told: set[str] = set()
        self.age = age

    def reach(self, at: int) -> None:
        """Let time pass to a minute: the age follows it."""
        self.age = self._opening_age + at

    def take(self, event: Event) -> None:
        """Take one event, in the order of the log."""
        match event:
            case StateEntered():
                region, states = self._numbering[event.region]
                self.states[region] = states[event.state]
            case TherapyStarted():
                amount = self._chart.scenario.catalogue.orders[event.therapy].amount_of(event.dose)
                self.running[event.therapy] = self.doses[event.therapy] = amount
                self.labels[event.therapy] = event.dose
            case TherapyStopped():
                self.running.pop(event.therapy, None)
                self.labels.pop(event.therapy, None)
            case EffectBegan():
                self.in_effect[event.therapy] = event.at
            case EffectEnded():
                self.in_effect.pop(event.therapy, None)
            case OrderPlaced():
                self.ordered.add(event.order)
            case ResultReturned() if not event.report:
                self.resulted.add(event.order)
            case Called(reveals=str(code)):
                self.told.add(code)

    def state_of(self, region: str) -> str | None:
        """Return the state a region is in; None before it is in any."""
        number, _ = self._numbering[region]
        place = self.states[number]
        return None if place < 0 else self._chart.states[number][place]
