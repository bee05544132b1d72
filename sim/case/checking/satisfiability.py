"""Can a condition hold at all? What no patient, no dose and no minute of a case can meet, found without playing.

The answer is sound one way: what is called impossible is, and what is not may still never come about. That is for
`scurfy prove`, which plays. Every condition is taken as the author wrote it; a repeated step is asked about once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf, prod
from typing import Final

from sim.case.model.case import Case
from sim.case.model.catalogue import Catalogue
from sim.case.model.disease import Disease
from sim.case.model.terms import (
    Age,
    All,
    AtLeast,
    Believes,
    Dose,
    Effect,
    Elapsed,
    In,
    Leaf,
    Level,
    Not,
    Ordered,
    Resulted,
    Running,
    ShowsFinding,
    ShowsValue,
    Since,
    Term,
    Told,
    parts,
    reads,
)
from sim.case.quantities import duration
from sim.case.unit import plain_number


@dataclass(frozen=True, slots=True)
class Impossible:
    """Why a condition can never hold: the key of the format that is at fault, and a clause."""

    key: str
    why: str


@dataclass(frozen=True, slots=True)
class World:
    """What can be true of the patients that a condition is asked about; None where that is not known."""

    catalogue: Catalogue
    disease: Disease | None = None
    ages: tuple[int, int] | None = None
    """The youngest and the oldest at the opening, minutes."""
    horizon: int | None = None
    acts: frozenset[str] | None = None
    """The orders that are ever placed, or have been."""


def world_of(catalogue: Catalogue, disease: Disease | None = None, case: Case | None = None) -> World:
    """Return what can be true of the patients of a case."""
    if case is None:
        return World(catalogue, disease)
    return World(catalogue, disease, case.patient.age, case.horizon)


def impossible(term: Term, world: World) -> Impossible | None:
    """Return why a term can never hold, or None where it may."""
    match term:
        case All(inner):
            return _conjunction(inner, world)
        case AtLeast(n, inner):
            failing = [found for part in inner if (found := impossible(part, world)) is not None]
            return failing[0] if failing and len(inner) - len(failing) < n else None
        case Not(part):
            return Impossible("not", f"its contrary always holds: {part}") if certain(part, world) else None
    return _conjunction((term,), world)


def certain(term: Term, world: World) -> bool:
    """Return whether a term always holds."""
    match term:
        case All(inner):
            return all(certain(part, world) for part in inner)
        case AtLeast(n, inner):
            return sum(certain(part, world) for part in inner) >= n
        case Not(part):
            return impossible(part, world) is not None
        case In(region, states):
            known = None if world.disease is None else world.disease.regions.get(region)
            return known is not None and set(known.states) <= set(states)
        case Elapsed(since, below):
            return since == 0 and _beyond(below, world.horizon)
        case Age(since, below):
            ages, horizon = world.ages, world.horizon
            return ages is not None and horizon is not None and since <= ages[0] and _beyond(below, ages[1] + horizon)
    return False


def _beyond(below: int | None, last: int | None) -> bool:
    return below is None or (last is not None and below > last)


def implies(term: Term, other: Term) -> bool:
    """Return whether what the first asks for is enough for the second, as far as their shapes say."""
    if term == other:
        return True
    match other:
        case All(inner):
            return all(implies(term, part) for part in inner)
        case AtLeast(1, inner):
            return any(implies(term, part) for part in inner)
        case In(region, states):
            if isinstance(term, In):
                return term.region == region and set(term.states) <= set(states)
        case Running(names) | Effect(names) | Ordered(names) | Resulted(names) | Told(names):
            if isinstance(term, Dose) and isinstance(other, Running):
                return term.therapy in names
            if type(term) is type(other):
                return {name for _, name in reads(term)} <= set(names)
    if isinstance(term, All):
        return any(implies(part, other) for part in term.parts)
    if isinstance(term, AtLeast) and term.n >= 1:
        return all(implies(part, other) for part in term.parts)
    return False


def within(term: Term) -> Iterator[Term]:
    """Yield every term in a term, itself left out."""
    for part in parts(term):
        yield part
        yield from within(part)


# --- what must hold together -----------------------------------------------------------------------------------


def _conjunction(terms: Iterable[Term], world: World) -> Impossible | None:
    """Why terms can never hold together."""
    terms = tuple(terms)
    for term in terms:
        if isinstance(term, (AtLeast, Not)) and (found := impossible(term, world)) is not None:
            return found
    leaves = [term for term in terms if not isinstance(term, (All, AtLeast, Not))]
    for stretch in _merged(leaves, world):
        if (found := stretch.trouble(world)) is not None:
            return found
    return _unheard(leaves, world) or _states_apart(leaves) or _contrary(terms) or _no_choice_left(terms, world)


def _states_apart(leaves: Iterable[Leaf]) -> Impossible | None:
    """One region in two states at once."""
    asked: dict[str, set[str]] = {}
    for leaf in leaves:
        if isinstance(leaf, In):
            states = asked.setdefault(leaf.region, set(leaf.states))
            before = " or ".join(sorted(states))
            states &= set(leaf.states)
            if not states:
                return Impossible("in", f"'{leaf.region}' cannot be {before} and {' or '.join(leaf.states)} at once")
    return None


def _contrary(terms: tuple[Term, ...]) -> Impossible | None:
    """A term beside its own contrary."""
    for term in terms:
        if isinstance(term, Not):
            other = next((other for other in terms if other is not term and implies(other, term.part)), None)
            if other is not None:
                return Impossible("not", f"it asks for '{other}' and for the contrary")
    return None


def _no_choice_left(terms: tuple[Term, ...], world: World) -> Impossible | None:
    """Alternatives none of which can hold beside the rest."""
    for choice in terms:
        if isinstance(choice, AtLeast) and choice.n == 1:
            rest = tuple(term for term in terms if not isinstance(term, AtLeast))
            found = [_conjunction((*rest, *_flat(part)), world) for part in choice.parts]
            if rest and found and all(found):
                return found[0]
    return None


def _flat(term: Term) -> tuple[Term, ...]:
    return term.parts if isinstance(term, All) else (term,)


def _unheard(leaves: Iterable[Leaf], world: World) -> Impossible | None:
    """What waits for an act that nobody performs, or for a call that nobody makes."""
    if world.acts is None:
        return None
    for leaf in leaves:
        names: tuple[str, ...] = ()
        match leaf:
            case Running(names) | Effect(names) | Ordered(names) | Resulted(names):
                pass
            case ShowsFinding(order) | Dose(order) | Level(order):
                names = (order,)
            case Told(codes):
                if not set(codes) & _told(world):
                    return Impossible("told", f"no call reveals {_either(codes)}")
        if names and not world.acts.intersection(names):
            return Impossible(leaf.key, f"nothing orders {_either(names)}")
    return None


def _told(world: World) -> set[str]:
    regions = () if world.disease is None else world.disease.regions.values()
    return {way.reveals for region in regions for way in region.transitions if way.reveals is not None}


def _either(names: Iterable[str]) -> str:
    return " or ".join(f"'{name}'" for name in names)


# --- stretches of times and numbers ----------------------------------------------------------------------------

_TIMES: Final = frozenset({"age", "elapsed", "since"})


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What a quantity must lie in: `low` to `high`, the upper end left out, the lower only of a time let in."""

    key: str
    of: object
    low: float
    high: float

    def trouble(self, world: World) -> Impossible | None:
        """Why no patient ever comes to lie in it."""
        if self.high <= self.low:
            low, high = (duration(int(x)) if self.key in _TIMES else f"{x:g}" for x in (self.low, self.high))
            said = f"no time is from {low} on" if self.key in _TIMES else f"no value is above {low}"
            return Impossible(self.key, f"{said} and below {high}")
        why = {
            "age": _age, "elapsed": _time, "since": _time, "shows": _reported, "dose": _dosed, "level": _levelled,
            "believes": _believed,
        }[self.key](self, world)  # fmt: skip
        return Impossible(self.key, why) if why else None


def _merged(leaves: Iterable[Leaf], world: World) -> Iterator[_Stretch]:
    """The stretches that the leaves ask for, one for each quantity."""
    found: dict[tuple[str, object], _Stretch] = {}
    for leaf in leaves:
        one = _stretch(leaf)
        if one is None:
            continue
        same = found.get((one.key, one.of))
        if same is not None:
            one = replace(one, low=max(one.low, same.low), high=min(one.high, same.high))
        found[one.key, one.of] = one
    ends = min((one.high for one in found.values() if one.key == "elapsed"), default=inf)
    for one in found.values():
        yield replace(one, high=min(one.high, ends)) if one.key == "since" else one


def _stretch(leaf: Leaf) -> _Stretch | None:
    match leaf:
        case Age(since, below) | Elapsed(since, below):
            return _Stretch(leaf.key, None, since, inf if below is None else below)
        case Since():
            return _Stretch("since", leaf.occurrence, leaf.at_least, inf if leaf.below is None else leaf.below)
        case ShowsValue(of, above, below) | Dose(of, above, below) | Level(of, above, below):
            return _bounded(leaf.key, of, above, below)
        case Believes(of, above, below):
            return _bounded(leaf.key, of, above, below)
    return None


def _bounded(key: str, of: str, above: float | None, below: float | None) -> _Stretch:
    return _Stretch(key, of, -inf if above is None else above, inf if below is None else below)


def _age(asked: _Stretch, world: World) -> str:
    if world.ages is None or world.horizon is None:
        return ""
    (youngest, oldest), last = world.ages, world.ages[1] + world.horizon
    if youngest < asked.high and asked.low <= last:
        return ""
    return f"the patients are {duration(youngest)} to {duration(oldest)} old, and {duration(last)} at the very end"


def _time(asked: _Stretch, world: World) -> str:
    over = world.horizon is not None and asked.low >= world.horizon
    return f"the case is over after {duration(world.horizon or 0)} (see 'horizon')" if over else ""


def _reported(asked: _Stretch, world: World) -> str:
    spec = world.catalogue.observables.get(str(asked.of))
    if spec is None or (asked.low < spec.ceiling and asked.high > spec.floor):
        return ""
    side, end = ("above its ceiling", spec.ceiling) if asked.low >= spec.ceiling else ("below its floor", spec.floor)
    return f"'{spec.id}' is never reported {side}, {plain_number(end)}"


def _dosed(asked: _Stretch, world: World) -> str:
    order = world.catalogue.orders.get(str(asked.of))
    spans = _doses(str(asked.of), world)
    if order is None or not spans or any(asked.low < most and least < asked.high for least, most in spans):
        return ""
    return f"no dose of '{order.id}' is so: it is given as {order.permitted}"


def _doses(therapy: str, world: World) -> list[tuple[float, float]]:
    """The doses that may be given, each as the stretch that it is."""
    order = world.catalogue.orders.get(therapy)
    if order is None:
        return []
    return [(option.amount, option.amount) for option in order.doses] + ([order.range] if order.range else [])


def _levelled(asked: _Stretch, world: World) -> str:
    levels = () if world.disease is None else world.disease.levels
    level = next((level for level in levels if level.therapy == asked.of), None)
    spans = _doses(str(asked.of), world)
    if level is None or not spans:
        return ""
    most = max(high for _, high in spans) * level.per_amount * prod(max(1.0, f.x) for f in level.factors)
    least = min(low for low, _ in spans) * level.per_amount * prod(min(1.0, f.x) for f in level.factors)
    if asked.low < most and asked.high > least:
        return ""
    return f"the level of '{level.therapy}' lies between {least:.3g} and {most:.3g} at every dose"


def _believed(asked: _Stretch, world: World) -> str:
    return "" if asked.low < 1 and asked.high > 0 else "a probability lies between 0 and 1"
