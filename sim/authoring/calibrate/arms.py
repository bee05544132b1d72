"""The arms of a calibration: who is played and how. Each is played once, when a measure first asks for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from sim.authoring.calibrate.course import Course, Record, Sampled, course_of, record_of, sampled
from sim.case.checking.references import walk
from sim.case.composing.bands import with_bands
from sim.case.model.calibration import ArmSpec, Calibration, Choice, PlanSpec, Values
from sim.case.model.parts import Mix
from sim.case.model.scenario import Scenario
from sim.engine.kernel import Plan, Program, compile_program, tape
from sim.engine.policy import play
from sim.engine.session import Session

_Opening = tuple[Mapping[str, Mix], Mapping[str, tuple[float, float]]]
"""The states and the amounts that patients open with."""


def _nobody_listens(count: int) -> None:
    """Take note of patients played, and do nothing."""


class Arms:
    """All arms of a calibration; `n` is the size of the run. The same size gives the same patients."""

    def __init__(
        self, calibration: Calibration, scenario: Scenario, n: int, progress: Callable[[int], None] = _nobody_listens
    ) -> None:
        """Take what is written, the case and the size; nothing is played yet. `progress` is given patients played."""
        self.calibration, self.scenario, self.n = calibration, scenario, n
        self._progress = progress
        self._plans = {name: plan_of(calibration, scenario, spec) for name, spec in calibration.plans.items()}
        self._programs: list[tuple[_Opening, Program]] = []
        self._courses: dict[str, list[Course]] = {}
        self._records: dict[str, list[Record]] = {}
        self._samples: dict[str, list[Sampled]] = {}

    def courses(self, *names: str) -> list[Course]:
        """Return the courses of arms and cohorts, one after the other."""
        return [course for arm in self._arms(names) for course in self._courses_of(arm)]

    def records(self, *names: str) -> list[Record]:
        """Return what the logs of arms and cohorts tell, one after the other."""
        return [record for arm in self._arms(names) for record in self._records_of(arm)]

    def samples(self, *names: str) -> list[Sampled]:
        """Return the true values of arms and cohorts that say how often they are read, one after the other."""
        return [patient for arm in self._arms(names) for patient in self._samples_of(arm)]

    @property
    def total(self) -> int:
        """How many patients are played if every arm is asked once."""
        return sum(self.size(arm) for arm in self.calibration.arms)

    def size(self, arm: str) -> int:
        """Return how many patients an arm has."""
        spec = self.calibration.arms[arm]
        return max(spec.at_least, math.floor(self.n * spec.size + 1e-9))

    def patients(self, arm: str) -> Iterable[tuple[int, Plan]]:
        """Yield the seed and the plan of every patient of an arm."""
        deal = self.calibration.arms[arm].plan
        round_ = [self._plans[name] for name, count in deal.items() for _ in range(count)]
        return ((seed, round_[seed % len(round_)]) for seed in range(self.size(arm)))

    def _arms(self, names: Iterable[str]) -> list[str]:
        cohorts = self.calibration.cohorts
        return [arm for name in names for arm in cohorts.get(name, (name,))]

    def _courses_of(self, arm: str) -> list[Course]:
        if arm not in self._courses:
            spec, program = self.calibration.arms[arm], self._program(arm)
            if spec.sampled is not None:
                return [patient.course for patient in self._samples_of(arm)]
            self._courses[arm] = [self._course(program, seed, plan, spec) for seed, plan in self.patients(arm)]
        return self._courses[arm]

    def _records_of(self, arm: str) -> list[Record]:
        if arm not in self._records:
            spec, program = self.calibration.arms[arm], self._program(arm)
            self._records[arm] = [self._record(program, seed, plan, spec) for seed, plan in self.patients(arm)]
        return self._records[arm]

    def _samples_of(self, arm: str) -> list[Sampled]:
        if arm not in self._samples:
            spec, program, read = self.calibration.arms[arm], self._program(arm), self._observables(arm)
            self._samples[arm] = [
                sampled(self._session(program, seed, plan, spec), read, spec.sampled or 1, spec.horizon)
                for seed, plan in self.patients(arm)
            ]
        return self._samples[arm]

    def _observables(self, arm: str) -> tuple[str, ...]:
        """What measures read of an arm: a patient is played once, whatever is asked later."""
        parts = (part for row in self.calibration.rows for _, part, _ in walk(row))
        asked = [part for part in parts if isinstance(part, Values) and arm in self._arms(part.of)]
        return tuple(dict.fromkeys(name for part in asked for name in part.observables))

    def _course(self, program: Program, seed: int, plan: Plan, spec: ArmSpec) -> Course:
        course = course_of(self.scenario, tape(program, seed, plan, horizon=spec.horizon), spec.horizon)
        self._progress(1)
        return course

    def _record(self, program: Program, seed: int, plan: Plan, spec: ArmSpec) -> Record:
        return record_of(self._session(program, seed, plan, spec))

    def _session(self, program: Program, seed: int, plan: Plan, spec: ArmSpec) -> Session:
        session = Session(program.scenario, seed, horizon=spec.horizon, chart=program.chart)
        play(session, plan.policy())
        self._progress(1)
        return session

    def _program(self, arm: str) -> Program:
        spec = self.calibration.arms[arm]
        opens = (spec.start, spec.amounts)
        found = next((program for known, program in self._programs if known == opens), None)
        if found is None:
            found = compile_program(opening(self.scenario, *opens))
            self._programs.append((opens, found))
        return found


def opening(scenario: Scenario, start: Mapping[str, Mix], amounts: Mapping[str, tuple[float, float]]) -> Scenario:
    """Return the scenario with patients who open the case in other states and with other amounts."""
    mixes = dict(scenario.case.start) | dict(start)
    opened = scenario.model_copy(update={"case": scenario.case.model_copy(update={"start": mixes})})
    if not amounts:
        return opened
    disease = opened.disease
    pools = {
        name: pool.model_copy(update={"initial": amounts.get(name, pool.initial)})
        for name, pool in disease.pools.items()
    }
    regions = {name: region for name, region in disease.regions.items() if name not in pools}
    return opened.model_copy(
        update={"disease": with_bands(disease.model_copy(update={"pools": pools, "regions": regions}))}
    )


def plan_of(calibration: Calibration, scenario: Scenario, spec: PlanSpec) -> Plan:
    """Return a plan as it is written, made ready for a case."""
    assert not isinstance(spec.moves, str), "whoever reads a calibration puts the moves in place of their file"
    if spec.policy == "none":
        return Plan(follows=False, moves=spec.moves)
    late = Choice(starting=spec.delay.starting) if spec.delay is not None else None
    by = 0 if spec.delay is None else spec.delay.by
    return Plan(
        moves=spec.moves,
        skip=frozenset() if spec.skip is None else chosen(calibration, scenario, spec.skip),
        delay={} if late is None else dict.fromkeys(chosen(calibration, scenario, late), by),
    )


def chosen(calibration: Calibration, scenario: Scenario, choice: Choice) -> frozenset[str]:
    """Return the ids of the pathway's steps that are chosen by what they start or stop."""
    starting, stopping, unless = (
        orders_of(calibration, words) for words in (choice.starting, choice.stopping, choice.unless)
    )
    steps = ((step.id, set(step.do), step.stop) for step in scenario.case.pathway)
    return frozenset(id for id, do, stop in steps if (do & stopping if stop else do & starting and not do & unless))


def orders_of(calibration: Calibration, words: Iterable[str]) -> frozenset[str]:
    """Return the orders that some words name: orders themselves, and groups of them."""
    groups = calibration.orders
    return frozenset(order for word in words for order in (orders_of(calibration, groups[word]) if word in groups
                                                           else (word,)))  # fmt: skip
