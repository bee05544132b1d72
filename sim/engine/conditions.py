"""Conditions on the true state, compiled: a `Condition` becomes a function of the patient and the facts it reads.

A fact is a pair such as ('in', region) or ('effect', therapy). When a fact changes, exactly the guards and rates
that read it are worked out again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from sim.case.model.conditions import Condition
from sim.case.model.disease import DrugLevel

Fact = tuple[str, str]
AGE: Fact = ("age", "")


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
        if condition is None:
            return None, frozenset()
        parts = self._parts(condition)
        facts = frozenset().union(*(reads for _, reads in parts))
        guards = [guard for guard, _ in parts]
        if len(guards) == 1:
            return guards[0], facts
        return (lambda p: all(guard(p) for guard in guards)), facts

    def level(self, therapy: str) -> tuple[Callable[[Facts], float], frozenset[Fact]]:
        """Return the steady level of a therapy as a function of the patient (0 while it does not run)."""
        if therapy not in self._levels:
            raise ValueError(f"the disease gives no level for {therapy!r}")
        spec = self._levels[therapy]
        factors = [(factor.x, *self.guard(factor.when)) for factor in spec.factors]
        facts = frozenset({("running", therapy)}).union(*(reads for _, _, reads in factors))

        def steady(p: Facts) -> float:
            amount = p.running.get(therapy)
            if amount is None:
                return 0.0
            value = amount * spec.per_amount
            for x, guard, _ in factors:
                if guard is None or guard(p):
                    value *= x
            return value

        return steady, facts

    def _parts(self, c: Condition) -> list[tuple[Guard, frozenset[Fact]]]:
        if c.shows or c.elapsed or c.since or c.believes:
            raise ValueError("a condition on the true state cannot ask for 'shows', 'elapsed', 'since' or 'believes'")
        parts = [self._in(region, states) for region, states in (c.in_ or {}).items()]
        parts += [
            _any_in(name, wanted, read)
            for name, wanted, read in (
                ("effect", c.effect, lambda p: p.in_effect), ("running", c.running, lambda p: p.running),
                ("ordered", c.ordered, lambda p: p.ordered), ("resulted", c.resulted, lambda p: p.resulted),
                ("told", c.told, lambda p: p.told),
            )
            if wanted is not None
        ]  # fmt: skip
        if c.age is not None:
            parts.append(self._age(c.age.since, c.age.below))
        if c.level is not None:
            steady, facts = self.level(c.level.therapy)
            parts.append((_between(steady, c.level.above, c.level.below), facts))
        if c.dose is not None:
            therapy = c.dose.therapy
            amount = _between(lambda p: p.running.get(therapy, 0.0), c.dose.above, c.dose.below)
            parts.append(((lambda p: therapy in p.running and amount(p)), frozenset({("running", therapy)})))
        return parts + self._nested(c)

    def _nested(self, c: Condition) -> list[tuple[Guard, frozenset[Fact]]]:
        parts: list[tuple[Guard, frozenset[Fact]]] = []
        for inner, needed in ((c.all_, len(c.all_ or ())), (c.any_, 1)):
            if inner is not None:
                parts.append(self._count(inner, needed))
        if c.at_least is not None:
            parts.append(self._count(c.at_least.of, c.at_least.n))
        if c.not_ is not None:
            guard, facts = self.guard(c.not_)
            assert guard is not None
            parts.append(((lambda p: not guard(p)), facts))
        return parts

    def _count(self, conditions: tuple[Condition, ...], needed: int) -> tuple[Guard, frozenset[Fact]]:
        compiled = [self.guard(condition) for condition in conditions]
        guards = [guard for guard, _ in compiled if guard is not None]
        facts = frozenset().union(*(reads for _, reads in compiled))

        def enough(p: Facts) -> bool:
            left = needed
            for guard in guards:
                if left <= 0:
                    break
                left -= guard(p)
            return left <= 0

        return enough, facts

    def _in(self, region: str, states: tuple[str, ...]) -> tuple[Guard, frozenset[Fact]]:
        number, names = self._numbering[region]
        wanted = frozenset(names[state] for state in states)
        return (lambda p: p.states[number] in wanted), frozenset({("in", region)})

    def _age(self, since: int, below: int | None) -> tuple[Guard, frozenset[Fact]]:
        self.age_marks |= {since} | ({below} if below is not None else set())
        return (lambda p: p.age >= since and (below is None or p.age < below)), frozenset({AGE})


def _any_in(name: str, wanted: tuple[str, ...], read: Callable[[Facts], object]) -> tuple[Guard, frozenset[Fact]]:
    def guard(p: Facts) -> bool:
        held = read(p)
        return any(item in held for item in wanted)  # type: ignore[operator]

    return guard, frozenset((name, item) for item in wanted)


def _between(read: Callable[[Facts], float], above: float | None, below: float | None) -> Guard:
    return lambda p: (above is None or read(p) > above) and (below is None or read(p) < below)
