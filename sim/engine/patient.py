"""The patient's true course: the chart stepped through time under one fate, by the next-reaction method.

Each hazard is a unit-exponential clock: its draw is fixed, its exposure grows with its rate, and a changed rate
moves only the minute in which it fires (Anderson's modified form, exact like Gillespie's algorithm).

A `Patient` belongs to one session, which reports every fact to it (a therapy begins, a result is known) and asks it
what is due next. `docs/processing-model.md` states the order of everything; this module is stages 2 and 3 of that page,
with their consequences.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Callable

from sim.case.model.terms import AGE, Fact
from sim.engine.chart import Chart, Edge
from sim.engine.fate import Fate
from sim.engine.log import Called, Event, StateEntered
from sim.engine.pool import Pools

NEVER = 1 << 62
"""A minute that no case reaches."""

MOST_FIRINGS = 1000
"""More firings than this in one minute are a zero-time loop."""


class CaseFault(Exception):
    """The case itself is at fault: its states follow one another without end in one minute."""


class Patient:
    """The configuration of one patient and everything that waits to change it."""

    __slots__ = (
        "_asked", "_chart", "_due", "_emit", "_entries", "_fate", "_firings", "_heap", "_now", "_offering", "_offers",
        "_rate", "_ready", "_residual", "_since", "_spent", "_spent_at", "age", "doses", "ended", "in_effect",
        "ordered", "pools", "resulted", "running", "states", "told",
    )  # fmt: skip

    def __init__(self, chart: Chart, fate: Fate, age: int, emit: Callable[[Event], None]) -> None:
        """Take the chart, the fate, the age at the opening (minutes) and where events go."""
        count = len(chart.edges)
        self._chart, self._fate, self._emit = chart, fate, emit
        self.age = age
        self.states: list[int] = [-1] * len(chart.regions)
        self.in_effect: dict[str, int] = {}
        self.running: dict[str, float] = {}
        self.doses: dict[str, float] = {}
        self.pools = Pools(chart.pools)
        self.ordered: set[str] = set()
        self.resulted: set[str] = set()
        self.told: set[str] = set()
        self.ended = False
        self._now = 0
        self._residual = [-1.0] * count  # exposure left until a hazard fires; negative: not drawn yet
        self._rate = [0.0] * count
        self._since = [0] * count
        self._firings = [0] * count
        self._entries = [0] * count
        self._ready = [NEVER] * count
        self._asked = [0] * count
        self._due = [NEVER] * count
        self._heap: list[tuple[int, int]] = []
        self._offers: deque[Fact] = deque()
        self._offering = False
        self._spent, self._spent_at = 0, -1

    def open(self) -> None:
        """Draw the state each region begins in, then let time count."""
        for region, mix in enumerate(self._chart.mixes):
            self.states[region] = self._draw(region, mix)
        self._open_pools()
        for region, state in enumerate(self.states):
            names = self._chart
            self._emit(StateEntered(0, names.regions[region], names.states[region][state], None))
        for region, state in enumerate(self.states):
            for number in self._chart.timed[region][state]:
                self._activate(self._chart.edges[number])
        for number in range(len(self._chart.pools)):
            self._reflow(number, forecast=True)

    def _open_pools(self) -> None:
        """Draw the amounts; the band each lies in is the state of the pool's region."""
        self.pools.open(self._fate)
        for number, chart in enumerate(self._chart.pools):
            if chart.region >= 0:
                self.states[chart.region] = chart.band_at(self.pools.now(number, 0))

    def _draw(self, region: int, mix: tuple[tuple[int, float], ...]) -> int:
        left = self._fate.uniform(self._chart.streams[region])
        for state, share in mix:
            left -= share
            if left < 0:
                return state
        return mix[-1][0]

    # --- time ---------------------------------------------------------------------------------------------

    def next_due(self) -> int:
        """Return the minute in which the next transition is due (NEVER if none is)."""
        heap, due = self._heap, self._due
        while heap and due[heap[0][1]] != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else NEVER

    def reach(self, now: int, opening_age: int) -> None:
        """Move to minute `now`; ages are looked at again where a guard may change."""
        before, self._now, self.age = self.age, now, opening_age + now
        if any(before < mark <= self.age for mark in self._chart.age_marks):
            self.changed(AGE)

    def run_due(self) -> None:
        """Fire what is due in this minute, one at a time, each with its consequences."""
        while not self.ended and self.next_due() <= self._now:
            self._fire(self._chart.edges[self._heap[0][1]])
            self._work_off()

    def take_fate(self, fate: Fate) -> None:
        """Draw from another fate from now on: every hazard begins afresh, stays keep the length they have."""
        self._fate = fate
        for edge in self._chart.edges:
            number = edge.number
            if self._residual[number] >= 0:
                self._residual[number] = fate.exponential(edge.stream, self._firings[number])
                self._since[number] = self._now
                if self._rate[number] > 0:
                    self._await(number)

    # --- facts and events ---------------------------------------------------------------------------------

    def changed(self, fact: Fact) -> None:
        """Work out again every guard and rate that reads the fact."""
        edges, states = self._chart.edges, self.states
        for number in self._chart.readers.get(fact, ()):
            edge = edges[number]
            if states[edge.region] in edge.sources:
                self._refresh(edge)
        for number in self._chart.pool_readers.get(fact, ()):
            self._reflow(number)

    def offer(self, event: Fact) -> None:
        """Offer an event to the transitions that wait for it, and work off what follows from it."""
        self._offers.append(event)
        self._work_off()

    def _work_off(self) -> None:
        if self._offering:
            return
        self._offering = True
        while self._offers and not self.ended:
            self._answer(self._offers.popleft())
        self._offers.clear()
        self._offering = False

    def _answer(self, event: Fact) -> None:
        moved: set[int] = set()
        for number in self._chart.waiting.get(event, ()):
            edge = self._chart.edges[number]
            if self.ended or edge.region in moved or self.states[edge.region] not in edge.sources:
                continue
            if (edge.guard is None or edge.guard(self)) and self._agrees(edge):
                moved.add(edge.region)
                self._fire(edge)

    def _agrees(self, edge: Edge) -> bool:
        if edge.chance is None:
            return True
        k = self._asked[edge.number]
        self._asked[edge.number] += 1
        return self._fate.uniform(edge.stream, k) < edge.chance

    # --- pools --------------------------------------------------------------------------------------------

    def settle_pools(self) -> None:
        """Let what is given at the opening have acted for long."""
        self.pools.settle()

    def _reflow(self, number: int, *, forecast: bool = False) -> None:
        """Work out the flows of a pool from the facts as they are now, and when it leaves its band."""
        if (self.pools.reflow(number, self._now, self) or forecast) and self._chart.pools[number].region >= 0:
            self._forecast(number)

    def _forecast(self, number: int) -> None:
        """Schedule the crossing of a pool into the band it will be in when it leaves the present one."""
        chart = self._chart.pools[number]
        for band in chart.bands:
            if band.edge >= 0:
                self._due[band.edge] = NEVER
        due = self.pools.leaves(number, self.states[chart.region], self._now)
        if due is not None and chart.bands[due[1]].edge >= 0:
            self._schedule(chart.bands[due[1]].edge, due[0])

    # --- transitions --------------------------------------------------------------------------------------

    def _fire(self, edge: Edge) -> None:
        self._count_firing(edge)
        chart, region = self._chart, edge.region
        for number in chart.timed[region][self.states[region]]:
            self._pause(chart.edges[number])
        self._firings[edge.number] += 1
        self._residual[edge.number] = -1.0
        self.states[region] = edge.target
        name, state = chart.regions[region], chart.states[region][edge.target]
        self._emit(StateEntered(self._now, name, state, edge.id))
        if edge.call is not None:
            self._emit(Called(self._now, edge.call, edge.reveals))
        if edge.target in chart.outcomes[region]:
            self.ended = True
            return
        for number in chart.timed[region][edge.target]:
            self._activate(chart.edges[number])
        if edge.pool >= 0:
            self._forecast(edge.pool)
        self.changed(("in", name))
        if edge.reveals is not None and edge.reveals not in self.told:
            self.told.add(edge.reveals)
            self.changed(("told", edge.reveals))
        self._offers.append(("enter", f"{name}.{state}"))

    def _count_firing(self, edge: Edge) -> None:
        if self._spent_at != self._now:
            self._spent, self._spent_at = 0, self._now
        self._spent += 1
        if self._spent > MOST_FIRINGS:
            raise CaseFault(f"more than {MOST_FIRINGS} transitions in minute {self._now}, the last {edge.id}: "
                            "states follow one another without time passing")  # fmt: skip

    def _activate(self, edge: Edge) -> None:
        number = edge.number
        if edge.stay is not None:
            low, high = edge.stay
            length = self._fate.whole(edge.stream, low, high, self._entries[number]) if low < high else low
            self._entries[number] += 1
            self._ready[number] = self._now + length
        elif self._residual[number] < 0:
            self._residual[number] = self._fate.exponential(edge.stream, self._firings[number])
        self._refresh(edge)

    def _pause(self, edge: Edge) -> None:
        if edge.stay is None:
            self._set_rate(edge, 0.0)
        else:
            self._due[edge.number] = NEVER

    def _refresh(self, edge: Edge) -> None:
        """Work out a hazard's rate, or whether a stay may end, from the facts as they are now."""
        holds = edge.guard is None or edge.guard(self)
        if edge.stay is not None:
            self._schedule(edge.number, max(self._ready[edge.number], self._now) if holds else NEVER)
            return
        rate = edge.rate if holds else 0.0
        if holds:
            for x, guard in edge.modifiers:
                if guard is None or guard(self):
                    rate *= x
        self._set_rate(edge, rate)

    def _set_rate(self, edge: Edge, rate: float) -> None:
        number = edge.number
        before = self._rate[number]
        if rate == before:
            return
        if before > 0:
            self._residual[number] -= before * (self._now - self._since[number])
            self._residual[number] = max(self._residual[number], 0.0)
        self._rate[number], self._since[number] = rate, self._now
        if rate > 0:
            self._await(number)
        else:
            self._due[number] = NEVER

    def _await(self, number: int) -> None:
        """Schedule a hazard from what is left of its exposure and its rate."""
        wait = self._residual[number] / self._rate[number]
        self._schedule(number, self._now + max(1, math.ceil(wait)) if wait < NEVER else NEVER)

    def _schedule(self, number: int, due: int) -> None:
        if self._due[number] != due:
            self._due[number] = due
            if due < NEVER:
                heapq.heappush(self._heap, (due, number))
