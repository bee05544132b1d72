"""Pools: amounts with piecewise-constant flows, exact between events.

A pool obeys dx/dt = u - k x. Flows (u) and loss (k) are constant between events, so the amount is a straight line or
an exponential, and the minute in which it leaves its band is computed and not stepped for: a hybrid automaton with
closed-form flows. `docs/processing-model.md` states where in a minute flows change and crossings fire. Amounts are
rounded to a grid, so that the last bit of a platform's exponential moves nothing. Time is in minutes.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final, Literal

from sim.case.model.disease import Disease
from sim.case.model.pools import NEEDS, WEIGHED, Flow, Modelled, Pool, Reading, crossing_id
from sim.case.model.terms import Fact
from sim.engine.conditions import Compiler, Facts, Guard
from sim.engine.fate import Fate, stream_key
from sim.engine.formulas import in_units

NOT: Final = -1
"""No minute: a crossing that never comes."""
FARTHEST: Final = 1 << 27
"""A crossing farther away than this (minutes) counts as never."""


def amount(x: float, u: float, k: float, minutes: int) -> float:
    """Return the amount so many whole minutes after it was x, on the grid of 2^-20 and within a thousand million.

    The solution of dx/dt = u - k x: x + u t where k is 0 (or below 1e-9), else x + (exp(-k t) - 1) (x - u/k).
    """
    if minutes <= 0:
        return x
    if abs(k) < 1e-9:
        value = x + u * minutes
    else:
        gone = math.expm1(min(-k * minutes, 60.0))
        value = x + gone * (x - u / k)
    value = min(max(value, -1e9), 1e9)
    return math.floor(value * 1048576.0 + 0.5) / 1048576.0


def crossing_by(amount: Callable[[float, float, float, int], float]) -> Callable[..., int]:
    """Return the function that computes crossings with a given `amount`: plain Python, or compiled."""

    def crosses_after(x: float, u: float, k: float, low: float, high: float) -> int:
        """Return after how many whole minutes the amount is below `low` or not below `high`; 0: it is now; -1: never.

        The amount is monotone, so the direction at the start decides which bound counts. The closed form gives the
        minute; the amounts on the grid at that minute and beside it settle it.
        """
        if x < low or x >= high:
            return 0
        slope = u - k * x
        if slope == 0.0:
            return -1
        bound = high if slope > 0.0 else low
        if math.isinf(bound):
            return -1
        bound = (math.ceil(bound * 1048576.0) - 0.5) / 1048576.0  # where the grid first shows what is beyond it
        if abs(k) < 1e-9:
            if u == 0.0:
                return -1
            wait = (bound - x) / u
        else:
            rest = u / k
            if bound == rest or (x - rest) / (bound - rest) <= 0.0:
                return -1
            wait = math.log((x - rest) / (bound - rest)) / k
        if not 0.0 <= wait < 134217728.0:
            return -1
        first = max(1, math.ceil(wait) - 1)
        for minutes in range(first, first + 3):
            there = amount(x, u, k, minutes)
            if there < low or there >= high:
                return minutes
        return -1

    return crosses_after


crosses_after = crossing_by(amount)


def read_points(table: Sequence[tuple[float, float]], x: float) -> float:
    """Return the value at x of a table of points: linear between two points, flat beyond the outermost."""
    x0, y0 = table[0]
    if x <= x0:
        return y0
    for x1, y1 in table[1:]:
        if x < x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        x0, y0 = x1, y1
    return y0


# --- compiled, once for a case -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FlowChart:
    """One compiled flow."""

    rate: float
    """Per minute, where there is no table."""
    table: tuple[tuple[float, float], ...] | None
    is_loss: bool
    therapy: str | None
    per: float | None
    guard: Guard | None

    def value(self, patient: Facts) -> float:
        """Return what it adds to u or k now."""
        if self.guard is not None and not self.guard(patient):
            return 0.0
        if self.therapy is None:
            return self.rate
        acts = self.therapy in patient.in_effect
        if self.table is not None:
            if acts:
                return read_points(self.table, patient.doses[self.therapy])
            return self.table[0][1] if self.table[0][0] == 0.0 else 0.0
        if not acts:
            return 0.0
        return self.rate if self.per is None else self.rate * (patient.doses[self.therapy] / self.per)


@dataclass(frozen=True, slots=True)
class BandChart:
    """One band: its range, where it is left, and the number of the edge that enters it (-1 if none does)."""

    range: tuple[float, float]
    leaves: tuple[float, float]
    edge: int


@dataclass(frozen=True, slots=True)
class PoolChart:
    """One compiled pool. Those without bands are the lagging effects of doses."""

    id: str
    region: int
    """-1: it has no bands."""
    initial: tuple[float, float]
    stream: int
    flows: tuple[FlowChart, ...]
    bands: tuple[BandChart, ...]
    """By state of the region."""

    def band_at(self, amount: float) -> int:
        """Return the number of the band that an amount lies in."""
        return next(i for i, band in enumerate(self.bands) if band.range[0] <= amount < band.range[1])

    def opening(self, fate: Fate) -> float:
        """Return the amount a patient opens with, drawn evenly, on the grid."""
        low, high = self.initial
        drawn = low if low == high else low + fate.uniform(self.stream) * (high - low)
        return math.floor(drawn * 1048576.0 + 0.5) / 1048576.0


def lag_id(reading: Reading) -> str:
    """Return the id of the pool that carries the lagging effect of a dose."""
    points = ",".join(f"{x:g}:{y:g}" for x, y in reading.points or ())
    return f"lag:{reading.dose}:{reading.lag}:{points}"


def compile_pools(
    disease: Disease, regions: Mapping[str, int], edges: Mapping[str, int], compiler: Compiler
) -> tuple[tuple[PoolChart, ...], dict[Fact, tuple[int, ...]]]:
    """Return the pools of a disease in file order, then the lagging effects, and the pools that read each fact."""
    charts: list[PoolChart] = []
    readers: dict[Fact, list[int]] = {}

    def add(chart: PoolChart, facts: set[Fact]) -> None:
        for fact in facts:
            readers.setdefault(fact, []).append(len(charts))
        charts.append(chart)

    for name, pool in disease.pools.items():
        flows, facts = _compile_flows(pool.flows, compiler)
        add(PoolChart(name, regions[name], pool.initial, stream_key(f"pool:{name}"), flows, _bands(name, pool, edges)),
            facts)  # fmt: skip
    for reading in _lagging(disease).values():
        add(*_compile_lag(reading))
    return tuple(charts), {fact: tuple(numbers) for fact, numbers in readers.items()}


def _bands(name: str, pool: Pool, edges: Mapping[str, int]) -> tuple[BandChart, ...]:
    return tuple(
        BandChart(band.range, band.leaves, edges.get(f"{name}.{crossing_id(target)}", NOT))
        for target, band in pool.bands.items()
    )


def _compile_flows(flows: Sequence[Flow], compiler: Compiler) -> tuple[tuple[FlowChart, ...], set[Fact]]:
    made: list[FlowChart] = []
    facts: set[Fact] = set()
    for flow in flows:
        guard, reads = compiler.guard(flow.when)
        facts |= reads
        if flow.therapy is not None:
            facts |= {("effect", flow.therapy), ("running", flow.therapy)}
        rate = flow.loss if flow.loss is not None else flow.rate
        made.append(FlowChart(rate or 0.0, flow.rates, flow.is_loss, flow.therapy, flow.per, guard))
    return tuple(made), facts


def _lagging(disease: Disease) -> dict[str, Reading]:
    readings = (reading for model in disease.observables.values() for reading in model.sum)
    return {lag_id(reading): reading for reading in readings if reading.dose is not None}


def _compile_lag(reading: Reading) -> tuple[PoolChart, set[Fact]]:
    """dx/dt = (effect - x) / lag: the effect of the dose enters, and a share of 1/lag is lost."""
    lag, therapy = float(reading.lag or 1), reading.dose or ""
    points = reading.points or ((0.0, 0.0),)
    if points[0][0] > 0.0:
        points = ((0.0, points[0][1]), *points)
    table = tuple((x, y / lag) for x, y in points)
    enters = FlowChart(0.0, table, is_loss=False, therapy=therapy, per=None, guard=None)
    decays = FlowChart(1.0 / lag, None, is_loss=True, therapy=None, per=None, guard=None)
    chart = PoolChart(lag_id(reading), NOT, (points[0][1], points[0][1]), 0, (enters, decays), ())
    return chart, {("effect", therapy), ("running", therapy)}


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a sum: a pool, an observable or a number, through points where there are any."""

    pool: int
    """-1: none."""
    observable: str | None
    plus: float
    points: tuple[tuple[float, float], ...] | None
    healthy: bool
    """Whether it is the healthy value for the age."""
    median: Literal["weight", "length", "bmi", "head"] | None = None
    """Of what it is the median for sex and age."""


@dataclass(frozen=True, slots=True)
class ModelChart:
    """How one observable follows from pools and other observables: a sum, a formula of `of`, or weighed water."""

    terms: tuple[Term, ...]
    formula: str | None
    """A formula of observables, by its name."""
    of: tuple[str, ...]
    through: tuple[tuple[float, float], ...] | None = None
    """What the sum is read through."""
    water: tuple[int, ...] = ()
    """Where it is the weight of the dry body and its water: the pools of water."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the observables it reads."""
        return (*self.of, *(term.observable for term in self.terms if term.observable is not None))


def compile_models(disease: Disease, pools: Sequence[PoolChart], units: Mapping[str, str]) -> dict[str, ModelChart]:
    """Return the models of a disease, each after those it reads, given the unit of every observable.

    Raises ValueError where they read one another.
    """
    numbers = {pool.id: number for number, pool in enumerate(pools)}
    made = {name: _compile_model(model, numbers, units) for name, model in disease.observables.items()}
    reads = {name: [other for other in model.reads if other in made] for name, model in made.items()}
    try:
        return {name: made[name] for name in TopologicalSorter(reads).static_order()}
    except CycleError as error:
        raise ValueError(f"observables read one another: {' -> '.join(error.args[1])}") from error


def _compile_model(model: Modelled, numbers: Mapping[str, int], units: Mapping[str, str]) -> ModelChart:
    terms = tuple(
        Term(
            pool=numbers[reading.pool if reading.pool is not None else lag_id(reading)]
            if reading.pool is not None or reading.dose is not None else NOT,
            observable=reading.observable,
            plus=reading.plus or 0.0,
            points=None if reading.dose is not None else reading.points,
            healthy=reading.healthy is not None,
            median=reading.median,
        )
        for reading in model.sum
    )  # fmt: skip
    if model.formula == WEIGHED:
        return ModelChart(terms, None, (), water=tuple(numbers[pool] for pool in model.pools))
    needs = () if model.formula is None else model.of or NEEDS[model.formula]
    return ModelChart(
        terms, None if model.formula is None else in_units(model.formula, needs, units), needs, model.through
    )


# --- running, one for each patient ---------------------------------------------------------------------------------


class Pools:
    """The amounts of one patient, and every stretch they went through."""

    __slots__ = ("_charts", "_k", "_since", "_u", "_x", "history")

    def __init__(self, charts: tuple[PoolChart, ...]) -> None:
        """Take the compiled pools; `open` draws the amounts."""
        self._charts = charts
        self._x = [0.0] * len(charts)
        self._u = [0.0] * len(charts)
        self._k = [0.0] * len(charts)
        self._since = [0] * len(charts)
        self.history: list[list[tuple[int, float, float, float]]] = [[] for _ in charts]
        """Of each pool: (minute, amount, u, k) of every stretch, in order."""

    def open(self, fate: Fate) -> None:
        """Draw what each pool opens with."""
        for number, chart in enumerate(self._charts):
            self._x[number] = chart.opening(fate)
            self.history[number].append((0, self._x[number], 0.0, 0.0))

    def settle(self) -> None:
        """Let what runs at the opening have acted for long: lagging effects stand at what they lead to."""
        for number, chart in enumerate(self._charts):
            if chart.region < 0 and self._k[number] > 0.0:
                self._x[number] = self._u[number] / self._k[number]
                self.history[number][-1] = (0, self._x[number], self._u[number], self._k[number])

    def now(self, number: int, minute: int) -> float:
        """Return the amount of a pool at a minute of its present stretch."""
        return amount(self._x[number], self._u[number], self._k[number], minute - self._since[number])

    def at(self, number: int, minute: int) -> float:
        """Return the amount of a pool at any minute up to now."""
        stretches = self.history[number]
        since, x, u, k = stretches[max(0, bisect_right(stretches, minute, key=lambda stretch: stretch[0]) - 1)]
        return amount(x, u, k, minute - since)

    def reflow(self, number: int, minute: int, patient: Facts) -> bool:
        """Work out u and k from the facts as they are; return whether they changed."""
        u = k = 0.0
        for flow in self._charts[number].flows:
            value = flow.value(patient)
            if flow.is_loss:
                k += value
            else:
                u += value
        if u == self._u[number] and k == self._k[number]:
            return False
        self._x[number] = self.now(number, minute)
        self._u[number], self._k[number], self._since[number] = u, k, minute
        self._record(number, minute)
        return True

    def leaves(self, number: int, band: int, minute: int) -> tuple[int, int] | None:
        """Return the minute in which a pool leaves its band and the number of the band it is in then; None: never.

        A new stretch begins in this minute.
        """
        chart, u, k = self._charts[number], self._u[number], self._k[number]
        x = self.now(number, minute)
        self._x[number], self._since[number] = x, minute
        self._record(number, minute)
        wait = crosses_after(x, u, k, *chart.bands[band].leaves)
        return None if wait < 0 else (minute + wait, chart.band_at(amount(x, u, k, wait)))

    def _record(self, number: int, minute: int) -> None:
        stretches = self.history[number]
        if stretches[-1][0] == minute:
            stretches.pop()
        stretches.append((minute, self._x[number], self._u[number], self._k[number]))
