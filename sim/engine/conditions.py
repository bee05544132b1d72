"""Conditions on the true state, compiled: a `Condition` becomes a function of the patient and the facts it reads.

When a fact changes, exactly the guards and rates that read it are worked out again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from operator import attrgetter
from typing import Protocol, assert_never

from sim.case.model.conditions import Condition
from sim.case.model.disease import DrugLevel
from sim.case.model.terms import (
    Age,
    All,
    AtLeast,
    Dose,
    Effect,
    Fact,
    Hidden,
    In,
    Known,
    Level,
    Not,
    Ordered,
    Resulted,
    Running,
    Shared,
    Term,
    Told,
    clocks,
    not_true_state,
    parsed,
    reads,
)


class Facts(Protocol):
    """What a compiled condition reads: the true state of a patient at one moment."""

    states: list[int]
    """Current state of each region, by the chart's numbering."""
    in_effect: dict[str, int]
    running: dict[str, float]
    """Therapy to the amount of its dose."""
    doses: dict[str, float]
    """Therapy to the amount of its latest dose, also while its effect wears off."""
    ordered: set[str]
    resulted: set[str]
    told: set[str]
    age: int
    """Minutes since birth."""


Guard = Callable[[Facts], bool]


class Compiler:
    """Turns conditions into guards for one disease's numbering of regions and states."""

    def __init__(self, numbering: Mapping[str, tuple[int, Mapping[str, int]]], levels: tuple[DrugLevel, ...]) -> None:
        """Take each region's number with its states' numbers, and the disease's drug levels."""
        self._numbering = numbering
        self._levels = {level.therapy: level for level in levels}
        self.age_marks: set[int] = set()
        """Every age (minutes) at which some compiled condition may change."""

    def guard(self, condition: Condition | None) -> tuple[Guard | None, frozenset[Fact]]:
        """Return the guard (None: always true) and the facts it reads.

        Raises ValueError where the condition asks for what the true state does not hold (shows, since, ...).
        """
        return (None, frozenset()) if condition is None else self._compiled(condition)

    def _compiled(self, condition: Condition) -> tuple[Guard, frozenset[Fact]]:
        term = parsed(condition)
        guard = self._guard(term)
        # Every clock here is the patient's age: whatever else has one is what a learner knows, and was refused.
        self.age_marks.update(mark for clock in clocks(term) for mark in clock.marks)
        return guard, frozenset().union(*map(self._facts, reads(term)))

    def level(self, therapy: str) -> tuple[Callable[[Facts], float], frozenset[Fact]]:
        """Return the steady level of a therapy as a function of the patient (0 while it does not run)."""
        if therapy not in self._levels:
            raise ValueError(f"the disease gives no level for {therapy!r}")
        spec = self._levels[therapy]
        factors = [(factor.x, *self._compiled(factor.when)) for factor in spec.factors]
        facts = frozenset({("running", therapy)}).union(*(read for _, _, read in factors))

        def steady(p: Facts) -> float:
            amount = p.running.get(therapy)
            if amount is None:
                return 0.0
            value = amount * spec.per_amount
            for x, guard, _ in factors:
                if guard(p):
                    value *= x
            return value

        return steady, facts

    def _facts(self, fact: Fact) -> frozenset[Fact]:
        """What a fact comes down to: a drug level changes with what it depends on."""
        kind, name = fact
        return self.level(name)[1] if kind == "level" else frozenset({fact})

    def _guard(self, term: Term) -> Guard:
        if isinstance(term, Known):
            raise not_true_state(term)
        match term:
            case All(parts):
                return _every([self._guard(part) for part in parts])
            case AtLeast(n, parts):
                return _so_many([self._guard(part) for part in parts], n)
            case Not(part):
                guard = self._guard(part)
                return lambda p: not guard(p)
            case _:
                return self._leaf(term)

    def _leaf(self, term: Hidden | Shared) -> Guard:
        match term:
            case In(region, states):
                return self._in(region, states)
            case Effect(therapies):
                return _any_in(therapies, attrgetter("in_effect"))
            case Running(therapies):
                return _any_in(therapies, attrgetter("running"))
            case Ordered(orders):
                return _any_in(orders, attrgetter("ordered"))
            case Resulted(orders):
                return _any_in(orders, attrgetter("resulted"))
            case Told(codes):
                return _any_in(codes, attrgetter("told"))
            case Age(since, below):
                return lambda p: p.age >= since and (below is None or p.age < below)
            case Level(therapy, above, below):
                return _between(self.level(therapy)[0], above, below)
            case Dose(therapy, above, below):
                amount = _between(lambda p: p.running.get(therapy, 0.0), above, below)
                return lambda p: therapy in p.running and amount(p)
            case _:
                assert_never(term)

    def _in(self, region: str, states: tuple[str, ...]) -> Guard:
        number, names = self._numbering[region]
        wanted = frozenset(names[state] for state in states)
        return lambda p: p.states[number] in wanted


def _any_in(wanted: tuple[str, ...], read: Callable[[Facts], Collection[str]]) -> Guard:
    def guard(p: Facts) -> bool:
        held = read(p)
        return any(item in held for item in wanted)

    return guard


def _every(guards: list[Guard]) -> Guard:
    return lambda p: all(guard(p) for guard in guards)


def _so_many(guards: list[Guard], needed: int) -> Guard:
    def enough(p: Facts) -> bool:
        left = needed
        for guard in guards:
            left -= guard(p)
            if left == 0:
                return True
        return False

    return enough


def _between(read: Callable[[Facts], float], above: float | None, below: float | None) -> Guard:
    return lambda p: (above is None or read(p) > above) and (below is None or read(p) < below)
