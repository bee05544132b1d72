"""The lives of an untreated case in simpy, as one writes them there: a process for each region.

Draws come from `random`, which is the quickest that Python has, so these are other patients with the same risks.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

from sim.case.model.scenario import Scenario
from sim.case.model.terms import AGE
from sim.engine.chart import Edge, compile_chart
from sim.engine.conditions import Facts

Ways = tuple[float, tuple[tuple[int, float], ...]]
"""The total rate out of a region's state, and each target with its rate."""


class _Still:
    """A patient nobody treats, as compiled conditions see him."""

    def __init__(self, states: list[int]) -> None:
        self.states = states
        self.in_effect: dict[str, int] = {}
        self.running: dict[str, float] = {}
        self.ordered: set[str] = set()
        self.resulted: set[str] = set()
        self.told: set[str] = set()
        self.age = 0


class Lives:
    """One case of hazards, to be lived by simpy. What leads out of a configuration is worked out once."""

    def __init__(self, scenario: Scenario) -> None:
        self.chart, self.horizon = compile_chart(scenario), scenario.case.horizon
        self._ways: dict[tuple[int, ...], tuple[Ways, ...]] = {}
        if any(edge.rate == 0 for edge in self.chart.edges):
            raise ValueError("expected a case of hazards only")

    def ways(self, states: list[int]) -> tuple[Ways, ...]:
        """Return what leads out of each region's state."""
        key = tuple(states)
        found = self._ways.get(key)
        if found is None:
            facts: Facts = _Still(states)
            each: list[list[tuple[int, float]]] = [[] for _ in states]
            for edge in self.chart.edges:
                if states[edge.region] in edge.sources and (edge.guard is None or edge.guard(facts)):
                    rate = edge.rate
                    for x, guard in edge.modifiers:
                        rate *= x if guard is None or guard(facts) else 1.0
                    each[edge.region].append((edge.target, rate))
            found = tuple((sum(rate for _, rate in out), tuple(out)) for out in each)
            self._ways[key] = found
        return found

    def live(self, chance: random.Random) -> tuple[float, bool]:
        """Live once; return the minute of the end and whether an outcome ended it."""
        import simpy

        environment = simpy.Environment()
        over = environment.event()
        states = [mix[0][0] for mix in self.chart.mixes]
        processes: list[Any] = []

        def part(r: int) -> Iterator[Any]:
            while True:
                total, out = self.ways(states)[r]
                try:
                    yield environment.timeout(chance.expovariate(total)) if total > 0 else environment.event()
                except simpy.Interrupt:
                    continue
                before = self.ways(states)
                left = chance.random() * total
                target = 0
                for target, rate in out:  # noqa: B007
                    left -= rate
                    if left < 0:
                        break
                states[r] = target
                if target in self.chart.outcomes[r]:
                    over.succeed(True)
                    return
                for other, (was, now) in enumerate(zip(before, self.ways(states), strict=True)):
                    if other != r and was[0] != now[0]:
                        processes[other].interrupt()

        def clock() -> Iterator[Any]:
            yield environment.timeout(self.horizon)
            if not over.triggered:
                over.succeed(False)

        processes += [environment.process(part(r)) for r in range(len(states))]
        environment.process(clock())
        died = bool(environment.run(until=over))
        return environment.now, died


class AnyLives(Lives):
    """Any untreated case, with stays, events, calls and ages: guards are asked whenever a fact they read changes."""

    def __init__(self, scenario: Scenario) -> None:
        self.chart, self.horizon = compile_chart(scenario), scenario.case.horizon
        self.ages = scenario.case.patient.age
        self.busy = [any(numbers for numbers in states) for states in self.chart.timed]
        readers = {fact: {self.chart.edges[n].region for n in numbers} for fact, numbers in self.chart.readers.items()}
        self.readers = {fact: tuple(sorted(regions)) for fact, regions in readers.items()}

    def live(self, chance: random.Random) -> tuple[float, bool]:
        """Live once; return the minute of the end and whether an outcome ended it."""
        import simpy

        environment = simpy.Environment()
        life = _Life(self, environment, chance)
        died = bool(environment.run(until=life.over))
        return environment.now, died


class Regions:
    """Regions as processes. Who lives says what comes `first` in a region and what it is to `enter` a state."""

    environment: Any
    over: Any
    moves: list[int]

    def part(self, r: int) -> Iterator[Any]:
        """A region's process: wait for what comes first, or to be told that something changed."""
        import simpy

        environment, ready, lived = self.environment, dict[int, Any](), -1
        while not self.over.triggered:
            if lived != self.moves[r]:
                lived, ready = self.moves[r], {}
            wait, chosen = self.first(r, ready)
            try:
                yield environment.event() if chosen is None else environment.timeout(wait)
            except simpy.Interrupt:
                continue
            assert chosen is not None
            self.enter(chosen, r)

    def first(self, r: int, ready: dict[int, Any]) -> tuple[float, Edge | None]:
        """Return what leaves a region's state first as things are, and in how long."""
        raise NotImplementedError

    def enter(self, edge: Edge, by: int) -> None:
        """Let a transition of the region `by` happen."""
        raise NotImplementedError


class _Life(Regions):
    """One life under way."""

    def __init__(self, case: AnyLives, environment: Any, chance: random.Random) -> None:
        self.case, self.chart, self.environment, self.chance = case, case.chart, environment, chance
        self.over = environment.event()
        states = [mix[0][0] if len(mix) == 1 else chance.choices([s for s, _ in mix], [p for _, p in mix])[0]
                  for mix in self.chart.mixes]  # fmt: skip
        self.facts = _Still(states)
        self.facts.age = self.born = chance.randint(*case.ages)
        self.moves = [0] * len(states)
        self.processes = {r: environment.process(self.part(r)) for r in range(len(states)) if case.busy[r]}
        environment.process(self.clock())

    def first(self, r: int, ready: dict[int, float]) -> tuple[float, Edge | None]:
        """Return what leaves a region's state first as things are, and in how long."""
        wait, chosen = float("inf"), None
        for number in self.chart.timed[r][self.facts.states[r]]:
            edge = self.chart.edges[number]
            if edge.stay is not None and number not in ready:
                ready[number] = self.environment.now + self.chance.randint(*edge.stay)
            if edge.guard is not None and not edge.guard(self.facts):
                continue
            if edge.stay is not None:
                left = max(0.0, ready[number] - self.environment.now)
            else:
                rate = edge.rate
                for x, guard in edge.modifiers:
                    rate *= x if guard is None or guard(self.facts) else 1.0
                left = self.chance.expovariate(rate) if rate > 0 else float("inf")
            if left < wait:
                wait, chosen = left, edge
        return wait, chosen

    def enter(self, edge: Edge, by: int) -> None:
        """Let a transition happen, tell whom it concerns, and let others follow from it."""
        chart, r = self.chart, edge.region
        self.facts.states[r] = edge.target
        self.moves[r] += 1
        if edge.target in chart.outcomes[r]:
            if not self.over.triggered:
                self.over.succeed(True)
            return
        if r != by:
            self.tell((r,), by)
        name = chart.regions[r]
        self.tell(self.case.readers.get(("in", name), ()), by)
        if edge.reveals is not None and edge.reveals not in self.facts.told:
            self.facts.told.add(edge.reveals)
            self.tell(self.case.readers.get(("told", edge.reveals), ()), by)
        moved = set[int]()
        for number in chart.waiting.get(("enter", f"{name}.{chart.states[r][edge.target]}"), ()):
            other = chart.edges[number]
            if other.region in moved or self.facts.states[other.region] not in other.sources:
                continue
            agreed = other.guard is None or other.guard(self.facts)
            if agreed and (other.chance is None or self.chance.random() < other.chance):
                moved.add(other.region)
                self.enter(other, by)

    def tell(self, regions: Iterable[int], by: int) -> None:
        """Interrupt the processes of regions, but not the one that is speaking."""
        for r in regions:
            if r != by and r in self.processes:
                self.processes[r].interrupt()

    def clock(self) -> Iterator[Any]:
        """Birthdays that count, then the horizon."""
        for mark in self.chart.age_marks:
            if self.born < mark <= self.born + self.case.horizon:
                yield self.environment.timeout(mark - self.born - self.environment.now)
                self.facts.age = mark
                self.tell(self.case.readers.get(AGE, ()), -1)
        yield self.environment.timeout(self.case.horizon - self.environment.now)
        if not self.over.triggered:
            self.over.succeed(False)
