"""The shipped case under its pathway in simpy: processes for regions, planned moments, results and the pathway.

Each region waits for what leaves its state first and is interrupted when a fact it reads changes; what is planned for a
therapy and every result on its way is a process that times out; the pathway is a process that places orders and waits
to be called. What the pathway knows and decides is the engine's own Python (`sim.engine.policy.Follower`, which asks
all open steps at each look), as are measuring and finding; `deciding` counts how much of the time that takes.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterable, Iterator
from typing import Any

from benchmarks.in_simpy import Regions
from sim.case.model.scenario import Scenario
from sim.case.model.terms import AGE, Fact
from sim.case.moves import Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.engine.bedside import Bedside
from sim.engine.chart import Edge, compile_chart
from sim.engine.fate import Fate
from sim.engine.knowledge import Knowledge
from sim.engine.log import (
    NOTICED,
    Called,
    CheckpointReached,
    DifferentialStated,
    EffectBegan,
    EffectEnded,
    Event,
    OrderPlaced,
    ResultReturned,
    Running,
    TherapyStarted,
    TherapyStopped,
)
from sim.engine.policy import Follower
from sim.engine.pool import Pools
from sim.engine.readout import Readout
from sim.engine.therapy import Planned, Therapies

_TURNS = (TherapyStarted, TherapyStopped, EffectBegan, EffectEnded)


class TreatedLives:
    """A case under its pathway, to be lived by simpy."""

    def __init__(self, scenario: Scenario) -> None:
        """Take the case; what is the same for all lives is worked out once."""
        self.scenario, self.chart, self.knowledge = scenario, compile_chart(scenario), Knowledge(scenario)
        self.busy = [any(numbers for numbers in states) for states in self.chart.timed]
        edges = self.chart.edges
        self.readers = {fact: tuple((edges[n].region, edges[n].sources) for n in numbers)
                        for fact, numbers in self.chart.readers.items()}  # fmt: skip
        self.deciding = 0.0
        """CPU seconds spent in the pathway's own Python so far."""

    def live(self, chance: random.Random) -> tuple[int, str, float]:
        """Live once; return the minute of the end, the ending and its utility."""
        import simpy

        environment = simpy.Environment()
        life = TreatedLife(self, environment, chance)
        environment.run(until=life.over)
        self.deciding += life.deciding
        return life.came_out()


class TreatedLife(Regions):
    """One life under way: the facts of the patient, and what a `Follower` asks of a session."""

    def __init__(self, case: TreatedLives, environment: Any, chance: random.Random) -> None:
        """Meet a patient."""
        scenario, self.chart = case.scenario, case.chart
        self.case, self.scenario, self.environment, self.chance = case, scenario, environment, chance
        self.over, self.noticed = environment.event(), environment.event()
        self.states = [mix[0][0] if len(mix) == 1 else chance.choices([s for s, _ in mix], [p for _, p in mix])[0]
                       for mix in self.chart.mixes]  # fmt: skip
        self.in_effect: dict[str, int] = {}
        self.running_amounts: dict[str, float] = {}
        self.ordered, self.resulted, self.told = set[str](), set[str](), set[str]()
        self.born = chance.randint(*scenario.case.patient.age)
        self.moves, self.processes = [0] * len(self.states), dict[int, Any]()
        self.events: list[Event] = []
        self.knowledge, self.checkpoint, self.number = case.knowledge.fresh(), None, 0
        self.knowledge.age = self.born
        self.deciding = 0.0
        self._meet()

    def _meet(self) -> None:
        spec, environment, case = self.scenario.case.patient, self.environment, self.case
        fate = Fate(self.chance.getrandbits(63))
        facts = _Facts(self)
        dry = self.chance.uniform(spec.weight.low, spec.weight.high)
        self.readout = Readout(self.chart, spec.sex, self.born, dry, Pools(self.chart.pools))
        self.bedside = Bedside(self.chart, fate, facts, self.readout, name=spec.names[0], age=self.born)
        self.therapies = Therapies(self.scenario.catalogue, fate, facts, self.emit, self.plan)  # type: ignore[arg-type]
        self.facts = facts
        for therapy, dose in self.scenario.case.given.items():
            self.therapies.start(0, 0, self.scenario.catalogue.orders[therapy], dose, acting=True)
        self.readout.turn(0, facts)
        self.dirty = False
        self.processes = {r: environment.process(self.part(r)) for r in range(len(self.states)) if case.busy[r]}
        for name in (self.birthdays, self.checkpoints, self.horizon, self.pathway):
            environment.process(name())

    # --- what a Follower asks -----------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Minutes since the opening."""
        return int(self.environment.now)

    @property
    def ended(self) -> bool:
        """Whether the case is over."""
        return bool(self.over.triggered)

    @property
    def running(self) -> tuple[Running, ...]:
        """What runs now."""
        return self.therapies.running()

    def events_since(self, count: int) -> list[Event]:
        """Return the events after the first `count`."""
        return self.events[count:]

    def refusal(self, order: str) -> str | None:
        """Return why the ward could not carry out an order now, or None."""
        for need in self.scenario.catalogue.orders[order].needs:
            if need.when is not None and not self.knowledge.holds(need.when, self.now):
                return need.say
        return None

    # --- facts and events ---------------------------------------------------------------------------------

    def emit(self, event: Event) -> None:
        """Make something known; wake the pathway if a learner would notice it."""
        self.events.append(event)
        self.knowledge.take(event)
        if isinstance(event, _TURNS):
            self.dirty = True
        elif isinstance(event, NOTICED) and not self.noticed.triggered:
            self.noticed.succeed()

    def changed(self, fact: Fact, by: int = -1) -> None:
        """Interrupt the regions that read a fact in the state they are in, but not the one that is speaking."""
        told = set[int]()
        for r, sources in self.case.readers.get(fact, ()):
            if r != by and r not in told and self.states[r] in sources:
                told.add(r)
                self.interrupt(r)

    def interrupt(self, r: int) -> None:
        """Have a region look again."""
        if r in self.processes:
            self.processes[r].interrupt()

    def offer(self, event: Fact, by: int = -1) -> None:
        """Let the transitions that wait for an event answer it."""
        moved = set[int]()
        for number in self.chart.waiting.get(event, ()):
            edge = self.chart.edges[number]
            if self.over.triggered or edge.region in moved or self.states[edge.region] not in edge.sources:
                continue
            agreed = edge.guard is None or edge.guard(self.facts)
            if agreed and (edge.chance is None or self.chance.random() < edge.chance):
                moved.add(edge.region)
                self.enter(edge, by)

    def enter(self, edge: Edge, by: int) -> None:
        """Let a transition happen, and what follows from it."""
        chart, r = self.chart, edge.region
        self.states[r] = edge.target
        self.moves[r] += 1
        self.dirty = True
        if edge.call is not None:
            self.emit(Called(self.now, edge.call, edge.reveals))
        if edge.target in chart.outcomes[r]:
            self.finish()
            return
        if r != by:
            self.interrupt(r)
        self.changed(("in", chart.regions[r]), by)
        if edge.reveals is not None and edge.reveals not in self.told:
            self.told.add(edge.reveals)
            self.changed(("told", edge.reveals), by)
        self.offer(("enter", f"{chart.regions[r]}.{chart.states[r][edge.target]}"), by)

    def finish(self) -> None:
        """The case is over."""
        if not self.over.triggered:
            self.over.succeed()

    # --- processes: regions ---------------------------------------------------------------------------------

    def first(self, r: int, ready: dict[int, int]) -> tuple[float, Edge | None]:
        """Return what leaves a region's state first as things are, and in how many minutes: whole ones."""
        wait, chosen = float("inf"), None
        for number in self.chart.timed[r][self.states[r]]:
            edge = self.chart.edges[number]
            if edge.stay is not None and number not in ready:
                ready[number] = self.now + self.chance.randint(*edge.stay)
            if edge.guard is not None and not edge.guard(self.facts):
                continue
            if edge.stay is not None:
                left: float = max(0, ready[number] - self.now)
            else:
                rate = edge.rate
                for x, guard in edge.modifiers:
                    rate *= x if guard is None or guard(self.facts) else 1.0
                left = max(1, math.ceil(self.chance.expovariate(rate))) if rate > 0 else float("inf")
            if left < wait:
                wait, chosen = left, edge
        return wait, chosen

    # --- processes: what is planned ---------------------------------------------------------------------------

    def plan(self, minute: int, planned: Planned) -> None:
        """Let something happen to a therapy in a minute to come."""
        self.environment.process(self.later(minute, planned))

    def later(self, minute: int, planned: Planned) -> Iterator[Any]:
        """A planned moment of a therapy."""
        yield self.environment.timeout(minute - self.now)
        if not self.over.triggered:
            self.therapies.reach(self.now, planned)

    def result(self, sampled: ResultReturned) -> Iterator[Any]:
        """A report on its way."""
        yield self.environment.timeout(sampled.at - self.now)
        if not self.over.triggered:
            self.report(sampled)

    def report(self, r: ResultReturned) -> None:
        """A report is known from now on."""
        self.emit(r)
        if not r.report:
            self.resulted.add(r.order)
        self.changed(("resulted", r.order))
        if not r.report:
            self.offer(("result", r.order))

    def birthdays(self) -> Iterator[Any]:
        """Ages that count."""
        for mark in self.chart.age_marks:
            if self.born < mark <= self.born + self.scenario.case.horizon:
                yield self.environment.timeout(mark - self.born - self.now)
                self.changed(AGE)

    def checkpoints(self) -> Iterator[Any]:
        """The minutes at which a differential is asked for."""
        for number, checkpoint in enumerate(self.scenario.case.checkpoints):
            yield self.environment.timeout(checkpoint.at - self.now)
            self.checkpoint = number
            self.emit(CheckpointReached(self.now, number))

    def horizon(self) -> Iterator[Any]:
        """The end of the case if nothing ends it before."""
        yield self.environment.timeout(self.scenario.case.horizon)
        self.finish()

    # --- the pathway ------------------------------------------------------------------------------------------

    def pathway(self) -> Iterator[Any]:
        """Do what is due, then wait for what comes next."""
        follower = Follower(self)  # type: ignore[arg-type]
        while not self.over.triggered:
            began = time.process_time()
            follower.look()
            move: Move = follower.answer() or follower.act() or follower.wait()
            self.deciding += time.process_time() - began
            match move:
                case PlaceOrder():
                    yield from self.placed(move)
                case StopTherapy():
                    self.therapies.stop(self.now, move.therapy, "learner")
                    self.offer(("stop", move.therapy))
                case StateDifferential():
                    self.checkpoint = None
                    self.emit(DifferentialStated(self.now, move.probabilities))
                case Wait():
                    self.noticed = self.environment.event()
                    limit = self.environment.timeout(move.minutes or self.scenario.case.horizon)
                    yield self.noticed | limit

    def placed(self, move: PlaceOrder) -> Iterator[Any]:
        """Place an order and carry it out when it has taken its time."""
        order = self.scenario.catalogue.orders[move.order]
        dose = move.dose if move.dose is not None or not order.doses else order.doses[0].label
        self.number += 1
        number = self.number
        self.emit(OrderPlaced(self.now, number, order.id, dose))
        self.ordered.add(order.id)
        self.changed(("ordered", order.id))
        if order.takes:
            yield self.environment.timeout(order.takes)
        if self.over.triggered:
            return
        if self.dirty:
            self.readout.turn(self.now, self.facts)
            self.dirty = False
        reports = self.bedside.reports(self.now, number, order)
        if order.starts_therapy:
            self.therapies.start(self.now, number, order, dose)
        self.offer(("start", order.id))
        for sampled in reports if not self.over.triggered else ():
            if sampled.at > self.now:
                self.environment.process(self.result(sampled))
            else:
                self.report(sampled)

    def came_out(self) -> tuple[int, str, float]:
        """Return the minute of the end, the ending and its utility."""
        case = self.scenario.case
        ending = next(e for e in case.endings if self.bedside.holds(e.when))
        lost = sum(sequela.minus for sequela in case.sequelae if self.bedside.holds(sequela.when))
        return self.now, ending.id, max(0.0, ending.utility - lost)


class _Facts:
    """The patient as conditions and therapies see him."""

    def __init__(self, life: TreatedLife) -> None:
        self.states, self.in_effect, self.running = life.states, life.in_effect, life.running_amounts
        self.ordered, self.resulted, self.told = life.ordered, life.resulted, life.told
        self.changed, self.offer, self._life = life.changed, life.offer, life

    @property
    def age(self) -> int:
        return self._life.born + self._life.now


def mean(values: Iterable[float]) -> tuple[float, float]:
    """Return the mean of some numbers and its standard error."""
    numbers = list(values)
    middle = sum(numbers) / len(numbers)
    spread = sum((x - middle) ** 2 for x in numbers) / (len(numbers) - 1)
    return middle, math.sqrt(spread / len(numbers))
