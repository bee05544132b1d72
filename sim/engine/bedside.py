"""What the bedside and the laboratory say of a patient: the results of orders, and the monitor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sim.case.model.catalogue import Order, Report
from sim.case.model.conditions import Condition
from sim.engine.chart import Chart
from sim.engine.conditions import Facts
from sim.engine.fate import Fate, stream_key
from sim.engine.log import Measurement, ResultReturned, Vital
from sim.engine.readout import Readout, added_up, band, reported

_QUOTED: Final = re.compile(r"\{(\w+)\}")
TREND = (1440, 24)
"""The monitor's trend: the last so many minutes, in so many points."""


class Bedside:
    """Samples one patient of one session. It changes nothing, and what it shows of a minute is the same each time."""

    __slots__ = ("_age", "_chart", "_fate", "_name", "_patient", "_readout")

    def __init__(self, chart: Chart, fate: Fate, patient: Facts, readout: Readout, *, name: str, age: int) -> None:
        """Take the patient to sample; `age` is the age at the opening, in minutes."""
        self._chart, self._fate, self._patient, self._readout = chart, fate, patient, readout
        self._name, self._age = name, age

    def take_fate(self, fate: Fate) -> None:
        """Let the noise of what is measured from now on come from another fate."""
        self._fate = fate

    def reports(self, now: int, number: int, order: Order) -> tuple[ResultReturned, ...]:
        """Return all that an order will report of the patient as of now, each at its minute, the final one last."""
        final = self.sample(now, number, order)
        if final is None:
            return ()
        early = (self.sample(now, number, order, report) for report in order.reports)
        return (*(found for found in early if found is not None), replace(final, at=now + order.turnaround))

    def sample(self, now: int, number: int, order: Order, report: Report | None = None) -> ResultReturned | None:
        """Return what a report of an order (None: the final one) says of the patient as of now, or None for nothing.

        A report before the final one is dated when it returns, the final one now.
        """
        measurements = self._measure(now, order.measures if report is None else report.measures)
        said = self._said(order, report, now)
        if not measurements and not said:
            return None
        text = "\n".join(text for _, text in said)
        codes = tuple(code for code, _ in said if code is not None)
        at, name = (now, "") if report is None else (now + report.after, report.id)
        return ResultReturned(at, number, order.id, now, measurements, text, codes, name)

    def alarm(self, measured: Measurement) -> str:
        """Return what the nurse says of a value that left its limits."""
        spec = self._chart.scenario.catalogue.observables[measured.observable]
        value = self._in_words(measured.observable, measured.value)
        return f"The nurse calls: {spec.name[:1].lower()}{spec.name[1:]} is {value}."

    def _measure(self, now: int, names: Sequence[str]) -> tuple[Measurement, ...]:
        observables = self._chart.scenario.catalogue.observables
        values = self._values(names, now)
        bands = {name: band(observables[name], self._age + now) for name in names}
        return tuple(Measurement(name, values[name], bands[name].low, bands[name].high) for name in names)

    def _values(self, names: Sequence[str], now: int) -> dict[str, float]:
        """Return what one sample reports of some observables."""
        observables = self._chart.scenario.catalogue.observables
        return added_up(observables, {name: self._shown(name, now) for name in names})

    def _shown(self, name: str, minute: int) -> float:
        """Return what is reported of an observable at a minute, by whatever reports it.

        Noise belongs to the observable and the minute. A formula reads what is reported of its observables then, so
        that no two reports of one minute contradict each other.
        """
        observable, model = self._chart.scenario.catalogue.observables[name], self._chart.models.get(name)
        if model is not None and model.formula is not None:
            found = self._readout.derived(model.formula, [self._shown(other, minute) for other in model.of], minute)
            return reported(observable, found, 0.0)
        normal = self._fate.normal(stream_key(f"noise:{name}"), minute)
        return reported(observable, self._readout.value(observable, minute), normal)

    def _said(self, order: Order, report: Report | None, now: int) -> list[tuple[str | None, str]]:
        scenario, name = self._chart.scenario, None if report is None else report.id
        findings = scenario.case.results.get(order.id) or scenario.disease.results.get(order.id) or ()
        findings = tuple(f for f in findings if f.report == name)
        said = [(f.code, f.text) for f in findings if f.when is not None and self.holds(f.when)]
        said = said or [(f.code, f.text) for f in findings if f.when is None]
        normal = order.normal if report is None else report.normal
        if not said and normal is not None:
            said = [(None, normal)]
        return [(code, self.spoken(text, now)) for code, text in said]

    def spoken(self, text: str, now: int) -> str:
        """Return a text with the patient's name and the values it quotes (`{phosphate}`), as of a minute, filled in.

        A value is the one that a sample of that minute would show, with its decimals and its unit.
        """
        return _QUOTED.sub(lambda found: self._quoted(found[1], now), text) if "{" in text else text

    def _quoted(self, name: str, now: int) -> str:
        scenario = self._chart.scenario
        if name == "name":
            return self._name
        if name not in scenario.catalogue.observables:
            return f"{{{name}}}"
        order = next((order for order in scenario.catalogue.orders.values() if name in order.measures), None)
        return self._in_words(name, self._values((name,) if order is None else order.measures, now)[name])

    def _in_words(self, name: str, value: float) -> str:
        spec = self._chart.scenario.catalogue.observables[name]
        return f"{value:.{spec.decimals}f} {spec.unit}".rstrip()

    def glance(self, now: int) -> str:
        """Return what is seen of the patient from the foot of the bed now."""
        orders = self._chart.scenario.catalogue.orders.values()
        return " ".join(text for order in orders if order.glance for _, text in self._said(order, None, now))

    def vital(self, name: str, now: int) -> Vital:
        """Return a monitored observable now, with its trend."""
        reference = band(self._chart.scenario.catalogue.observables[name], self._age + now)
        trend = tuple(value for _, value in self.trend(name, now, *TREND))
        return Vital(name, trend[-1], reference.low, reference.high, trend)

    def trend(self, name: str, now: int, span: int, points: int) -> tuple[tuple[int, float], ...]:
        """Return (minute, value) of an observable over the last `span` minutes, evenly spaced, oldest first."""
        first = max(0, now - span)
        step = max(1, (now - first) // max(points - 1, 1))
        minutes = sorted({*range(now, first - 1, -step)})[-points:]
        return tuple((minute, self._shown(name, minute)) for minute in minutes)

    def holds(self, condition: Condition | None) -> bool:
        """Return whether a condition holds on the patient's true state."""
        guard, _ = self._chart.compiler.guard(condition)
        return guard is None or guard(self._patient)
