"""Can each pitfall be fallen into, and does it cost what it claims?

Each pitfall is made on purpose: its pattern becomes a way of playing (`sim.proof.recipes`) with the pathway around it,
and the same patients are played without it. It costs what it claims if a transition it names as its consequence is
expected to fire more often (`sim.proof.pressure`), or if the patients come out worse, beyond the error of the
difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from weakref import WeakSet

from scoring.patterns import first_moment
from sim.case.model import Condition, Library, Pitfall
from sim.engine.session import Session
from sim.proof.comparing import Difference, paired
from sim.proof.hurrying import way_to
from sim.proof.playing import Bench, Played
from sim.proof.pressure import expected_firings
from sim.proof.recipes import Recipe, conditions_of, recipes
from sim.proof.road import MATTERS
from sim.proof.seeking import Quest, seeking
from sim.proof.verdict import Finding, Witness
from sim.proof.ways import Ways
from sim.proof.wishing import Planner, Wish

PROPERTY: Final = "pitfalls_cost"
TURNS: Final = 3
"""How many alternatives of each way are tried: which of several orders, which dose."""
MORE: Final = 4
"""What looked most like a cost is looked at again in so many times the patients."""


@dataclass(frozen=True, slots=True)
class _Gate:
    """From where a consequence could follow: its region's states, and for one set off by an event also its guard."""

    region: str
    states: tuple[str, ...]
    guard: Condition | None

    @property
    def condition(self) -> Condition:
        """What must hold before the mistake is made."""
        here = Condition.model_validate({"in": {self.region: self.states}})
        return here if self.guard is None else Condition(all=(here, self.guard))


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to fall: how to play, how to play without the mistake, and which patients could pay."""

    quest: Quest
    without: Quest | None
    """None: the pathway itself."""
    begins: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Cost:
    """What a mistake did: how much less a life is worth, and how much oftener each consequence is expected."""

    fallen: Played | None
    """A life in which the mistake was made."""
    last: Played
    loss: Difference
    oftener: tuple[Difference, ...]

    @property
    def shows(self) -> bool:
        """Whether any of it is beyond error and large enough to matter."""
        return self.fallen is not None and any(d.is_rise and d.mean >= MATTERS for d in (self.loss, *self.oftener))

    @property
    def promise(self) -> float:
        """How much it looks like a cost."""
        if self.fallen is None:
            return -1.0
        return max(d.mean / d.error if d.error else 0.0 for d in (self.loss, *self.oftener))

    def __str__(self) -> str:
        most = max(self.oftener, key=lambda d: d.mean)
        return f"utility lost {self.loss}; the most frequent of them is expected to come oftener by {most}"


def prove(bench: Bench) -> list[Finding]:
    """Return every pitfall that nobody can fall into, or that costs nothing of what it claims."""
    pitfalls, ways = bench.library.case.pitfalls, Ways(bench.library)
    failures = []
    for number, pitfall in enumerate(pitfalls, 1):
        bench.tell(f"pitfall {number} of {len(pitfalls)}: {pitfall.id}")
        witness = _tried(bench, ways, pitfall)
        if witness is not None:
            failures.append(Finding(bench.library.case.id, PROPERTY, witness))
    return failures or [Finding(bench.library.case.id, PROPERTY, note=f"{len(pitfalls)} pitfalls made on purpose")]


def _tried(bench: Bench, ways: Ways, pitfall: Pitfall) -> Witness | None:
    """Return why a pitfall is none, or None."""
    best: tuple[_Way, _Cost] | None = None
    for way in _ways(bench, ways, pitfall):
        cost = _cost(bench, ways, pitfall, way, bench.n)
        if cost.shows:
            return None
        if best is None or cost.promise > best[1].promise:
            best = way, cost
    assert best is not None
    cost = _cost(bench, ways, pitfall, best[0], MORE * bench.n)
    if cost.shows:
        return None
    if cost.fallen is None:
        what = f"Nobody falls into {pitfall.id}, however he tries: its pattern never comes true."
        return Witness(f"pitfall:{pitfall.id}", what, cost.last.run())
    claimed = ", ".join(pitfall.consequence)
    seed = cost.fallen.seed
    what = f"Patient {seed} falls into {pitfall.id}, which costs nothing of what it claims ({claimed}): {cost}."
    return Witness(f"pitfall:{pitfall.id}", what, cost.fallen.run())


# --- ways to fall -----------------------------------------------------------------------------------------------


def _ways(bench: Bench, ways: Ways, pitfall: Pitfall) -> Iterator[_Way]:
    """Each recipe at once, then when a consequence could follow, then after working toward that."""
    made = list(recipes(pitfall.pattern))
    gates = [_gate(bench, name) for name in pitfall.consequence]
    for turn in range(TURNS):
        begins = _openings(ways, pitfall, turn)
        for recipe in made:
            yield _Way(_quest(recipe, turn), None, begins)
            for gate in gates:
                here = tuple(state for state in ways.begins(gate.region) if state in gate.states)
                yield _Way(_quest(recipe, turn, gate), None, begins | ({gate.region: here} if here else {}))
    for turn in range(TURNS):
        for recipe in made:
            for gate in gates:
                if not set(gate.states) & set(ways.begins(gate.region)):
                    yield _Way(_quest(recipe, turn, gate, True), _quest(Recipe(), turn, gate, True), {})


def _gate(bench: Bench, name: str) -> _Gate:
    region, _, short = name.partition(".")
    edge = next(edge for edge in bench.library.disease.regions[region].transitions if edge.id == short)
    return _Gate(region, edge.source, edge.when if edge.on is not None else None)


def _openings(ways: Ways, pitfall: Pitfall, turn: int) -> dict[str, tuple[str, ...]]:
    """In which states a patient should begin so that the pattern's conditions can come to hold."""
    begins: dict[str, tuple[str, ...]] = {}
    for condition in conditions_of(pitfall.pattern):
        begins |= {region: (state,) for region, state in way_to(ways, condition, turn)[1].items()}
    return begins


def _quest(recipe: Recipe, turn: int, gate: _Gate | None = None, eager: bool = False) -> Quest:
    there: WeakSet[Session] = WeakSet()
    condition = None if gate is None else gate.condition

    def wish(session: Session, planner: Planner) -> Wish:
        if condition is not None and session not in there:
            if not session.knowledge.holds(condition, session.now, truth=True):
                return planner.toward(session, condition) if eager else Wish()
            there.add(session)
        wished = recipe.wish(session, planner, turn)
        if turn % 2 == 1:
            wished.place = {order: dose or _largest(session.library, order) for order, dose in wished.place.items()}
        return wished

    return Quest(wish, without=recipe.without, keeps=recipe.keeps, turn=turn, hasty=recipe.hasty)


def _largest(library: Library, order: str) -> str | None:
    """The label of an order's largest dose: a mistake may be one of dose only."""
    doses = library.catalogue.orders[order].doses
    return max(doses, key=lambda option: option.amount).label if doses else None


# --- what it costs ----------------------------------------------------------------------------------------------


def _cost(bench: Bench, ways: Ways, pitfall: Pitfall, way: _Way, n: int) -> _Cost:
    library, names, marks = bench.library, pitfall.consequence, bench.chart.age_marks
    seeds = bench.patients(way.begins, n)
    lives = [bench.play(seed, seeking(library, ways, way.quest)) for seed in seeds]
    usual = [
        bench.pathway(seed) if way.without is None else bench.play(seed, seeking(library, ways, way.without))
        for seed in seeds
    ]
    here = [expected_firings(library, life.log, names, marks) for life in lives]
    there = [expected_firings(library, life.log, names, marks) for life in usual]
    return _Cost(
        next((life for life in lives if first_moment(library, life.log, pitfall.pattern) is not None), None),
        lives[0],
        paired([life.utility for life in usual], [life.utility for life in lives]),
        tuple(paired([e[i] for e in here], [e[i] for e in there]) for i in range(len(names))),
    )
