"""What can be measured of a patient: observables as functions of the configurations so far.

An epoch is a stretch in which configuration, therapies in effect and drug levels stay the same. Within one, every
observable approaches its set-point exponentially, so its value at any minute is a formula and nothing is stepped.
Values are carried from epoch to epoch only when asked for, so a patient whom nobody examines costs nothing.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.case.model.catalogue import WEIGHT, Observable, Reference
from sim.case.model.effects import Effect, Growth
from sim.case.model.scenario import Scenario
from sim.engine.chart import Chart
from sim.engine.conditions import Facts, Guard
from sim.engine.formulas import FORMULAS, weight_from_water
from sim.engine.growth import Z_SCORES, median, z_score
from sim.engine.pool import ModelChart, Pools, read_points


@dataclass(frozen=True, slots=True)
class Epoch:
    """A stretch without change, from `start` (minutes) to the start of the next."""

    start: int
    states: tuple[int, ...]
    effects: tuple[int, ...]
    """Numbers of the disease's therapy effects that act."""
    levels: tuple[tuple[str, float], ...]
    """Observable and steady level of every running therapy that has one."""


class Readout:
    """The measurable side of one patient. `turn` starts a new epoch; `value` reads an observable at any minute."""

    __slots__ = ("_age", "_chart", "_dry", "_effects", "_epochs", "_growth", "_level_of", "_mixed", "_movers", "_pools",
                 "_sex", "_starts", "_values")  # fmt: skip

    def __init__(self, chart: Chart, sex: str, age: int, dry_weight: float, pools: Pools) -> None:
        """Take the chart, the sex, the age at the opening (minutes), the dry weight then (kg) and the amounts."""
        self._chart, self._sex, self._age, self._pools = chart, sex, age, pools
        self._epochs: list[Epoch] = []
        self._starts: list[int] = []
        self._values: dict[str, list[float]] = {}
        self._mixed: dict[tuple[str, int], tuple[float | None, float, float]] = {}
        self._movers: dict[str, list[tuple[int, list[Effect | None]]]] = {}
        self._dry = [dry_weight]
        disease = chart.scenario.disease
        self._effects: list[tuple[frozenset[str], Guard | None]] = [
            (frozenset(effect.therapy), chart.compiler.guard(effect.when)[0]) for effect in disease.effects
        ]
        self._growth: list[list[Growth | None]] = [
            [disease.regions[region].states[state].growth for state in states]
            for region, states in zip(chart.regions, chart.states, strict=True)
        ]
        self._level_of = {
            level.therapy: (level.observable, chart.compiler.level(level.therapy)[0]) for level in disease.levels
        }

    @property
    def begun(self) -> bool:
        """Whether there is anything to read yet."""
        return bool(self._starts)

    def turn(self, now: int, patient: Facts) -> None:
        """Start an epoch at minute `now` with the patient's present state."""
        in_effect = patient.in_effect
        acting = tuple(
            number
            for number, (therapies, guard) in enumerate(self._effects)
            if not therapies.isdisjoint(in_effect) and (guard is None or guard(patient))
        )
        levels = tuple(
            (observable, steady(patient))
            for therapy, (observable, steady) in self._level_of.items()
            if therapy in patient.running
        )
        self._epochs.append(Epoch(now, tuple(patient.states), acting, levels))
        self._starts.append(now)

    def value(self, observable: Observable, at: int) -> float:
        """Return the true value at minute `at`, without noise, limits or rounding, in the observable's unit.

        A whole is at least the sum of its parts: states and therapies may move one without the other.
        """
        own = self._own(observable, at)
        if not observable.whole_of:
            return own
        known = self._chart.scenario.catalogue.observables
        return max(own, sum(self.value(known[part], at) for part in observable.whole_of))

    def _own(self, observable: Observable, at: int) -> float:
        """The value by the observable's own set-points, whatever is counted within it."""
        number = max(0, bisect_right(self._starts, at) - 1)
        carried = self._values.setdefault(observable.id, [])
        if not carried:
            carried.append(self._target(observable, 0, 0))
        while len(carried) <= number:
            last = len(carried) - 1
            carried.append(self._within(observable, last, carried[last], self._starts[last + 1]))
        return self._within(observable, number, carried[number], at)

    def _within(self, observable: Observable, number: int, value: float, at: int) -> float:
        start = self._starts[number]
        if at <= start:
            return value
        aim, gone = self._target(observable, number, at), self._target(observable, number, start)
        return aim + (value - gone) * math.exp((start - at) / max(observable.settles, 1))

    def _target(self, observable: Observable, number: int, at: int) -> float:
        """The set-point at minute `at` in an epoch's configuration."""
        replaced, scale, shift = self._mix(observable.id, number)
        if replaced is not None:
            return replaced * scale + shift
        return self._base(observable, number, at) * scale + shift

    def _base(self, observable: Observable, number: int, at: int) -> float:
        """The value that states and therapies move: by its model, by growth, or the healthy one for the age."""
        model = self._chart.models.get(observable.id)
        if model is not None:
            return self._modelled(observable, model, number, at)
        return self._dry_weight(number, at) if observable.id == WEIGHT else band(observable, self._age + at).normal

    def derived(self, formula: str, of: Sequence[float], at: int) -> float:
        """Return what a formula gives of values at minute `at`: z-scores know the patient's sex and age."""
        if formula in Z_SCORES:
            return z_score(formula, of, self._sex, self._age + at)
        return FORMULAS[formula](*of)

    def _modelled(self, observable: Observable, model: ModelChart, number: int, at: int) -> float:
        if model.water:
            return weight_from_water(
                self._dry_weight(number, at), sum(self._pools.at(pool, at) for pool in model.water)
            )
        known = self._chart.scenario.catalogue.observables
        if model.formula is not None:
            return self.derived(model.formula, [self.value(known[name], at) for name in model.of], at)
        value = 0.0
        for term in model.terms:
            if term.pool >= 0:
                x = self._pools.at(term.pool, at)
            elif term.observable is not None:
                x = self.value(known[term.observable], at)
            elif term.healthy:
                x = band(observable, self._age + at).normal
            elif term.median is not None:
                x = median(term.median, self._sex, self._age + at)
            else:
                x = term.plus
            value += x if term.points is None else read_points(term.points, x)
        return value if model.through is None else read_points(model.through, value)

    def _mix(self, observable: str, number: int) -> tuple[float | None, float, float]:
        """What takes the place of the healthy value in an epoch (if anything), the scale and the shift: a monitor
        asks for hundreds of minutes of the same few epochs, so it is worked out once for each."""
        found = self._mixed.get((observable, number))
        if found is None:
            found = self._mixed[observable, number] = self._work_out(observable, number)
        return found

    def _work_out(self, observable: str, number: int) -> tuple[float | None, float, float]:
        epoch, disease = self._epochs[number], self._chart.scenario.disease
        value: float | None = None
        scale, shift = 1.0, 0.0
        acting = [e for region, moves in self._movers_of(observable) if (e := moves[epoch.states[region]]) is not None]
        acting += [e for n in epoch.effects if (e := disease.effects[n].observables.get(observable)) is not None]
        rank = max((effect.rank for effect in acting if effect.set is not None), default=0)
        for effect in (effect for effect in acting if effect.rank >= rank):
            value = effect.set if effect.set is not None else value
            scale *= effect.scale if effect.scale is not None else 1.0
            shift += effect.shift if effect.shift is not None else 0.0
        for name, level in epoch.levels:
            if name == observable and not rank:
                value = level
        return value, scale, shift

    def _movers_of(self, observable: str) -> list[tuple[int, list[Effect | None]]]:
        """The regions of which some state moves an observable, with what each of their states does to it."""
        found = self._movers.get(observable)
        if found is None:
            regions = self._chart.scenario.disease.regions
            effects = (
                [regions[name].states[state].observables.get(observable) for state in states]
                for name, states in zip(self._chart.regions, self._chart.states, strict=True)
            )
            found = [(region, moves) for region, moves in enumerate(effects) if any(moves)]
            self._movers[observable] = found
        return found

    def _dry_weight(self, number: int, at: int) -> float:
        while len(self._dry) <= number:
            last = len(self._dry) - 1
            self._dry.append(self._grown(last, self._dry[last], self._starts[last + 1]))
        return self._grown(number, self._dry[number], at)

    def _grown(self, number: int, weight: float, at: int) -> float:
        start, share, loss = self._starts[number], 1.0, 0.0
        for region, state in enumerate(self._epochs[number].states):
            growth = self._growth[region][state]
            if growth is not None:
                share *= growth.share
                loss += growth.loss
        age, sex = self._age, self._sex
        ratio = median("weight", sex, age + at) / median("weight", sex, age + start)
        return weight * math.pow(ratio, share) * math.exp(-loss / 1000 * (at - start) / 1440)


def limits_of(scenario: Scenario, observable: str) -> tuple[float, float]:
    """Return from which values downwards and upwards a standing order calls: the case's, or the critical ones."""
    spec, given = scenario.catalogue.observables[observable], scenario.case.limits.get(observable)
    low, high = (spec.critical_low, spec.critical_high) if given is None else (given.below, given.above)
    return -math.inf if low is None else low, math.inf if high is None else high


def set_limits(scenario: Scenario, observable: str, below: float | None, above: float | None) -> tuple[float, float]:
    """Return the limits that a learner set; where neither is said, those of `limits_of`."""
    if below is None and above is None:
        return limits_of(scenario, observable)
    return -math.inf if below is None else below, math.inf if above is None else above


def band(observable: Observable, age: int) -> Reference:
    """Return the healthy value and reference range for an age in minutes."""
    for reference in observable.bands:
        if reference.until is None or age < reference.until:
            return reference
    return observable.bands[-1]


def reported(observable: Observable, true: float, normal: float) -> float:
    """Return what is reported of a true value, given a standard normal draw: noise, limits, rounding."""
    noisy = true * (1 + observable.noise * normal)
    return round(min(max(noisy, observable.floor), observable.ceiling), observable.decimals) + 0.0


def added_up(observables: Mapping[str, Observable], values: Mapping[str, float]) -> dict[str, float]:
    """Return what one result reports (observable to value) with no whole smaller than the parts reported beside it.

    Noise and rounding fall on each count by itself, so the sum can come out above the whole. The whole gives way: it
    is what nobody decides by, and lifting it leaves every part as it was measured.
    """
    told: dict[str, float] = {}

    def lifted(name: str) -> float:
        whole, told[name] = observables[name], values[name]
        parts = [lifted(part) for part in whole.whole_of if part in values]
        if parts:
            step = 10**whole.decimals
            told[name] = max(values[name], math.ceil(sum(parts) * step - 1e-6) / step)
        return told[name]

    for name in values:
        lifted(name)
    return told
