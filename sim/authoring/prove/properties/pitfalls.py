"""Can each pitfall be fallen into, and does it cost what it claims?

Each pitfall is made on purpose (`sim.authoring.prove.pitfall_variants`) at the opening, at moments of ordinary lives
at which its condition holds or a consequence could follow, and at moments that a search led to. From there the same
futures are played with the mistake and without it, the pathway around both. It costs what it claims if a transition
it names fires oftener or if lives are worth less, in two looks at different futures, and if the pattern comes true in
the log. What costs little shows only in many futures: before a pitfall is called free, a last look is at more of
them. One that claims no consequence needs only to come true.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scoring.assess.patterns import first_match
from sim.authoring.prove.backward_graph import BackwardGraph
from sim.authoring.prove.bench import Bench, Played
from sim.authoring.prove.entrance_states import ordinary_entrances, sought_entrances
from sim.authoring.prove.pitfall_variants import conditions_of, variants
from sim.authoring.prove.properties.pathway import MATTERS
from sim.authoring.prove.statistics import Difference, paired
from sim.authoring.prove.verdict import PropertyResult, Witness
from sim.case.model.conditions import Condition
from sim.case.model.pitfalls import Pitfall
from sim.case.moves import PlaceOrder
from sim.engine.kernel import Outcomes, Plan, State
from sim.engine.log import Log

PROPERTY: Final = "pitfalls_cost"

PROMISING: Final = 1.5
"""After so many standard errors in the first look a mistake is looked at again."""
SURE: Final = 3.0
"""So many are wanted in the second: hundreds of variants are tried."""
PLAIN: Final = 8.0
"""After more than so many it is looked at again in as many futures as the first time, all of them fresh."""
MORE: Final = 8
"""Else the second look is at so many times the futures of the first, all of them fresh."""
FEWEST: Final = 256
"""The least number of futures in a first look, where compiled code plays them."""
LAST: Final = 4
"""Before a pitfall is called free, the last look is at so many times the futures of the second, all of them fresh."""
HARMED: Final = 6
"""In so many of the futures that lost most the pattern is looked for first: by common random numbers the mistake is
what they differ by, and a life to its end in a session costs more than a thousand futures."""
MOST_HARMED: Final = 24
"""In so many it is looked for before a pitfall is called free, and where it claims no consequence."""
RARER: Final = 32
"""In so many lives a moment is looked for at which the ward would carry the mistake out."""
AIMS: Final = 3
"""So many conditions are joined to what the ward asks for before it carries out the mistake."""
WITNESSES: Final = 12
"""So many runs are looked through for one in which the pattern comes true."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """A mistake made at a moment (None: the opening), and what the first look said of it."""

    plan: Plan
    start: State | None
    promise: float
    seeds: tuple[int, ...]
    """The futures that lost most first."""


def prove(bench: Bench, shard: int = 0, shards: int = 1) -> list[PropertyResult]:
    """Return every pitfall that nobody can fall into, or that costs nothing of what it claims.

    Where the pitfalls are dealt to several `shards`, those of one of them.
    """
    pitfalls, graph = bench.scenario.case.pitfalls, BackwardGraph(bench.scenario)
    failures = []
    for number, pitfall in enumerate(pitfalls[shard::shards], 1):
        bench.report_progress(f"pitfall {number} of {len(pitfalls[shard::shards])}: {pitfall.id}")
        witness = _PitfallSearch(bench, graph, pitfall).witness()
        if witness is not None:
            failures.append(PropertyResult(bench.scenario.case.id, PROPERTY, witness))
    return failures or [
        PropertyResult(bench.scenario.case.id, PROPERTY, note=f"{len(pitfalls)} pitfalls made on purpose")
    ]


class _PitfallSearch:
    """The search for a life in which one pitfall is fallen into and costs what it claims."""

    def __init__(self, bench: Bench, graph: BackwardGraph, pitfall: Pitfall) -> None:
        self._bench, self._graph, self._pitfall = bench, graph, pitfall
        size = max(FEWEST, bench.cohort) if bench.compiled else bench.cohort
        self._first = range(1, size + 1)
        self._second = range(size + 1, size * (1 + MORE) + 1)
        self._first_again = range(size + 1, 2 * size + 1)
        self._last = range(self._second.stop, self._second.stop + LAST * len(self._second))
        self._counted = tuple(f"fired:{name}" for name in pitfall.consequence)
        self._trials: list[_Trial] = []

    def witness(self) -> Witness | None:
        """Return why the pitfall is none, or None."""
        for start in self._moments():
            plans: list[Plan] = []
            for variant in variants(self._bench.scenario, self._pitfall.pattern):
                plans += [plan for plan in variant.plans(self._bench.scenario) if plan not in plans]
            for plan in plans:
                if self._costs(plan, start):
                    return None
        return self._failure()

    def _moments(self) -> Iterator[State | None]:
        """The opening, then moments of ordinary lives, then moments that are sought."""
        yield None
        accepted = self._accepted()
        if accepted:
            yield from ordinary_entrances(self._bench, accepted, RARER)[0]
        found, left = ordinary_entrances(self._bench, self._targets())
        yield from found
        yield from sought_entrances(self._bench, self._graph, left)

    def _targets(self) -> list[Condition]:
        """What should hold when the mistake is made: the pattern's own condition, where a consequence could follow."""
        conditions, gates = list(conditions_of(self._pitfall.pattern)), []
        for name in self._pitfall.consequence:
            region, _, short = name.partition(".")
            edge = next(e for e in self._bench.scenario.disease.regions[region].transitions if e.id == short)
            gate = Condition.model_validate({"in": {region: edge.source}})
            gates.append(gate if edge.when is None or edge.on is None else Condition(all=(gate, edge.when)))
        both = [Condition(all=(condition, gate)) for gate in gates for condition in conditions]
        return [*both, *conditions, *([] if conditions else gates)]

    def _accepted(self) -> list[Condition]:
        """What should hold for the ward to carry out an order that is the mistake, before anybody has placed it."""
        orders = self._bench.scenario.catalogue.orders
        made = [move for variant in variants(self._bench.scenario, self._pitfall.pattern) for move in variant.moves]
        found = dict.fromkeys(move.order for move in made if isinstance(move, PlaceOrder))
        placed = tuple(order for order in found if orders[order].access is None)  # an access is only what it needs
        needed: list[tuple[Condition, ...]] = []
        for order in placed:
            needs = tuple(need.when for need in orders[order].needs)
            needed += [needs] if needs and needs not in needed else []
        if not needed:
            return []
        fresh = Condition.model_validate({"not": {"ordered": placed}})
        return [Condition(all=(*needs, fresh, aim)) for needs in needed for aim in self._targets()[:AIMS]]

    # --- what it costs ------------------------------------------------------------------------------------

    def _played(self, plan: Plan, start: State | None, seeds: range) -> tuple[Outcomes, Outcomes]:
        """The futures without the mistake and with it."""
        return self._bench.usual(start, seeds, self._counted), self._bench.outcomes(plan, seeds, self._counted, start)

    def _differences(self, usual: Outcomes, here: Outcomes) -> tuple[Difference, ...]:
        """What is lost, and how much oftener each consequence fires, with the mistake than without."""
        oftener = (paired(list(here.met[name]), list(usual.met[name])) for name in self._counted)
        return (paired(usual.utility, here.utility), *oftener)

    def _costs(self, plan: Plan, start: State | None) -> bool:
        usual, here = self._played(plan, start, self._first)
        promise = max(d.errors for d in self._differences(usual, here))
        harmed = sorted(self._first, key=lambda seed: here.utility[seed - 1] - usual.utility[seed - 1])
        trial = _Trial(plan, start, promise, tuple(harmed[:MOST_HARMED]))
        self._trials.append(trial)
        if not self._pitfall.consequence:
            return self._life(trial) is not None
        if promise <= PROMISING:
            return False
        again = self._first_again if promise > PLAIN else self._second
        shows = _shows(self._differences(*self._played(plan, start, again)))
        return shows and self._life(trial, HARMED) is not None

    def _life(self, trial: _Trial, most: int = MOST_HARMED) -> Played | None:
        """A life in which the pattern comes true by this mistake, of so many that lost most."""
        for seed in trial.seeds[:most] if trial.start is None else trial.seeds[:1]:
            life = self._bench.lived(seed, trial.plan, trial.start, self._comes_true)
            if self._comes_true(life.log):
                return life
        return None

    def _comes_true(self, log: Log) -> bool:
        return first_match(self._bench.scenario, log, self._pitfall.pattern) is not None

    # --- if it does not -----------------------------------------------------------------------------------

    def _failure(self) -> Witness | None:
        name, ranked = f"pitfall:{self._pitfall.id}", sorted(self._trials, key=lambda trial: -trial.promise)
        for trial in ranked[:WITNESSES] if self._pitfall.consequence else ():
            life = self._life(trial)
            if life is not None:
                lost, *oftener = again = self._differences(*self._played(trial.plan, trial.start, self._last))
                if _shows(again):
                    return None
                most = max(oftener, key=lambda d: d.mean)
                what = (
                    f"Patient {life.seed} falls into {self._pitfall.id}, which costs nothing of what it claims "
                    f"({', '.join(self._pitfall.consequence)}): utility lost {lost}; the most frequent of them comes "
                    f"oftener by {most}."
                )
                return Witness(name, what, life.run())
        what = f"Nobody falls into {self._pitfall.id}, whatever is tried: its pattern never comes true."
        last = self._bench.lived(self._first[0], ranked[0].plan, ranked[0].start)
        return Witness(name, what, last.run())


def _shows(differences: Sequence[Difference]) -> bool:
    """Whether any of them is beyond error and large enough to matter."""
    return any(d.mean >= MATTERS and d.errors > SURE for d in differences)
