"""A condition taken apart once: a closed union of terms, and what every consumer asks about their structure.

`parsed` turns the YAML model into a `Term`. Whoever needs only the structure asks `parts`, `leaves`, `reads` or
`clocks`; whoever needs the meaning matches the kinds and ends in `assert_never`, so that mypy names what forgot one.

A new kind of condition is written in these files, and in no other:

1. `sim/case/model/conditions.py`: its key in the format, and in `NAMES` which ids it holds;
2. here: its term, in one of `Hidden`, `Known` and `Shared`; how it is parsed and said, what it reads, its clocks;
3. `sim/engine/conditions.py`: whether it holds in the true state (not for a `Known` kind);
4. `sim/engine/knowledge.py`: whether it holds on a log;
5. `sim/engine/kernel/coding.py`: its jump code;
6. `sim/authoring/prove/planner.py`: what brings it about, and what makes it fail.

Moreover a fact that no event changed before is named in `sim.engine.knowledge.changes`, and a clock that does not run
from birth is shifted in `sim.case.composing.unfold`. `tests/test_terms.py` holds one sample of each kind, and fails
for each of these places that forgets it.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, TypeAlias, assert_never, get_args

from sim.case.model.conditions import Condition
from sim.case.quantities import duration

Fact: TypeAlias = tuple[str, str]
"""A kind of fact and what it is about: ("in", region), ("running", therapy), ("told", code)."""

AGE: Final[Fact] = ("age", "")
"""The fact of the patient's age."""

BELIEFS: Final[Fact] = ("believes", "")
"""The fact of the differential that the learner stated last."""

LATEST: Final = -1
"""The place of the latest occurrence of its kind."""

OccurrenceKind = Literal["ordered", "resulted", "stopped", "told"]

_PAST: Final[dict[OccurrenceKind, str]] = {
    "ordered": "ordered", "resulted": "known", "stopped": "stopped", "told": "told",
}  # fmt: skip


# --- on the true state ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class In:
    """A region is in one of these states."""

    key: ClassVar[str] = "in"
    region: str
    states: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.region} is {_either(self.states)}"


@dataclass(frozen=True, slots=True)
class Effect:
    """One of these therapies is in effect."""

    key: ClassVar[str] = "effect"
    therapies: tuple[str, ...]

    def __str__(self) -> str:
        return f"{_either(self.therapies)} in effect"


@dataclass(frozen=True, slots=True)
class Level:
    """The steady level of a therapy is beyond its bounds."""

    key: ClassVar[str] = "level"
    therapy: str
    above: float | None
    below: float | None

    def __str__(self) -> str:
        return f"level of {_bounds(self.therapy, self.above, self.below)}"


# --- on what a learner knows -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShowsFinding:
    """The latest report of an order's latest sample has one of these codes."""

    key: ClassVar[str] = "shows"
    order: str
    codes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.order} shows {_either(self.codes)}"


@dataclass(frozen=True, slots=True)
class ShowsValue:
    """The latest measurement of an observable is beyond its bounds."""

    key: ClassVar[str] = "shows"
    observable: str
    above: float | None
    below: float | None

    def __str__(self) -> str:
        return f"last {_bounds(self.observable, self.above, self.below)}"


@dataclass(frozen=True, slots=True)
class Elapsed:
    """So many minutes have passed since the opening: from `since`, before `below`."""

    key: ClassVar[str] = "elapsed"
    since: int
    below: int | None

    def __str__(self) -> str:
        return _span("time", self.since, self.below)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What a time is measured from: the occurrence at `place` (0 is the first) of all of its kind, or the latest."""

    kind: OccurrenceKind
    of: str
    place: int = LATEST

    def __str__(self) -> str:
        ordinal = "" if self.place == LATEST else "first " if self.place == 0 else f"number {self.place + 1} of "
        return f"{ordinal}{self.of} {_PAST[self.kind]}"


@dataclass(frozen=True, slots=True)
class Since:
    """So many minutes have passed since an occurrence: from `at_least`, before `below`."""

    key: ClassVar[str] = "since"
    occurrence: Occurrence
    at_least: int
    below: int | None

    def __str__(self) -> str:
        below = f" and less than {duration(self.below)}" if self.below is not None else ""
        return f"at least {duration(self.at_least)}{below} after {self.occurrence}"


@dataclass(frozen=True, slots=True)
class Believes:
    """The probability of a diagnosis that the learner stated last is beyond its bounds."""

    key: ClassVar[str] = "believes"
    diagnosis: str
    above: float | None
    below: float | None

    def __str__(self) -> str:
        return f"belief in {_bounds(self.diagnosis, self.above, self.below)}"


# --- on either -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Running:
    """One of these therapies runs."""

    key: ClassVar[str] = "running"
    therapies: tuple[str, ...]

    def __str__(self) -> str:
        return f"{_either(self.therapies)} running"


@dataclass(frozen=True, slots=True)
class Ordered:
    """One of these orders was placed."""

    key: ClassVar[str] = "ordered"
    orders: tuple[str, ...]

    def __str__(self) -> str:
        return f"{_either(self.orders)} ordered"


@dataclass(frozen=True, slots=True)
class Resulted:
    """The final report of one of these orders is known."""

    key: ClassVar[str] = "resulted"
    orders: tuple[str, ...]

    def __str__(self) -> str:
        return f"{_either(self.orders)} known"


@dataclass(frozen=True, slots=True)
class Told:
    """A call revealed one of these codes."""

    key: ClassVar[str] = "told"
    codes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{_either(self.codes)} told"


@dataclass(frozen=True, slots=True)
class Age:
    """The patient's age in minutes: from `since`, before `below`."""

    key: ClassVar[str] = "age"
    since: int
    below: int | None

    def __str__(self) -> str:
        return _span("age", self.since, self.below)


@dataclass(frozen=True, slots=True)
class Dose:
    """The dose of a running therapy is beyond its bounds."""

    key: ClassVar[str] = "dose"
    therapy: str
    above: float | None
    below: float | None

    def __str__(self) -> str:
        return f"dose of {_bounds(self.therapy, self.above, self.below)}"


# --- combined --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds. No part is itself an `All`."""

    parts: tuple[Term, ...]

    def __str__(self) -> str:
        return " and ".join(map(str, self.parts))


@dataclass(frozen=True, slots=True)
class AtLeast:
    """So many of the parts hold."""

    n: int
    parts: tuple[Term, ...]

    def __str__(self) -> str:
        if self.n == 1:
            return f"({' or '.join(map(str, self.parts))})"
        return f"at least {self.n} of ({'; '.join(map(str, self.parts))})"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Term

    def __str__(self) -> str:
        return f"not ({self.part})"


Hidden: TypeAlias = In | Effect | Level
"""What asks for the true state, which a learner cannot know."""

Known: TypeAlias = ShowsFinding | ShowsValue | Elapsed | Since | Believes
"""What asks for what a learner knows, which the true state does not hold."""

Shared: TypeAlias = Running | Ordered | Resulted | Told | Age | Dose
"""What can be asked of either."""

Leaf: TypeAlias = Hidden | Known | Shared

Term: TypeAlias = Leaf | All | AtLeast | Not


def keys(kinds: object) -> frozenset[str]:
    """Return the keys of the format that stand for some kinds of terms, such as `Hidden`."""
    return frozenset(kind.key for kind in get_args(kinds))


def not_knowable(term: Hidden) -> ValueError:
    """Return the error of a condition on what a learner knows that asks for the true state."""
    return ValueError(f"'{term.key}' asks for the true state, which a learner cannot know")


def not_true_state(term: Known) -> ValueError:
    """Return the error of a condition on the true state that asks for what a learner knows."""
    return ValueError(f"a condition on the true state cannot ask for '{term.key}', which is what a learner knows")


# --- parsing ---------------------------------------------------------------------------------------------------

_PARSED: Final[dict[int, tuple[Term, weakref.ref[Condition]]]] = {}
"""Terms of the conditions that live, by identity: a model with a cache in it would compare and copy the cache too."""


def parsed(condition: Condition) -> Term:
    """Return the term of a condition: the same object for the same condition. A condition without parts always holds.

    What several keys of one mapping ask is an `All` in the format's order, and so is what an `all` in it asks.
    """
    number = id(condition)
    found = _PARSED.get(number)
    if found is None:
        forget = weakref.ref(condition, lambda _: _PARSED.pop(number, None))
        found = _PARSED[number] = (_parsed(condition), forget)
    return found[0]


def _parsed(c: Condition) -> Term:
    terms = [*_plain(c), *_bounded(c), *_nested(c)]
    return terms[0] if len(terms) == 1 else All(tuple(terms))


def _plain(c: Condition) -> Iterator[Term]:
    yield from (In(region, states) for region, states in (c.in_ or {}).items())
    for kind, ids in (
        (Effect, c.effect), (Running, c.running), (Ordered, c.ordered), (Resulted, c.resulted), (Told, c.told),
    ):  # fmt: skip
        if ids is not None:
            yield kind(ids)


def _bounded(c: Condition) -> Iterator[Term]:
    if c.shows is not None:
        yield _shown(c)
    if c.age is not None:
        yield Age(c.age.since, c.age.below)
    if c.elapsed is not None:
        yield Elapsed(c.elapsed.since, c.elapsed.below)
    if c.since is not None:
        yield Since(_occurrence(c), c.since.at_least, c.since.below)
    if c.level is not None:
        yield Level(c.level.therapy, c.level.above, c.level.below)
    if c.dose is not None:
        yield Dose(c.dose.therapy, c.dose.above, c.dose.below)
    if c.believes is not None:
        yield Believes(c.believes.diagnosis, c.believes.above, c.believes.below)


def _nested(c: Condition) -> Iterator[Term]:
    for term in map(_parsed, c.all_ or ()):
        yield from term.parts if isinstance(term, All) else (term,)
    if c.any_ is not None:
        yield AtLeast(1, tuple(map(_parsed, c.any_)))
    if c.not_ is not None:
        yield Not(_parsed(c.not_))
    if c.at_least is not None:
        yield AtLeast(c.at_least.n, tuple(map(_parsed, c.at_least.of)))


def _shown(c: Condition) -> ShowsFinding | ShowsValue:
    shows = c.shows
    assert shows is not None
    if shows.order is not None and shows.finding is not None:
        return ShowsFinding(shows.order, shows.finding)
    assert shows.observable is not None
    return ShowsValue(shows.observable, shows.above, shows.below)


def _occurrence(c: Condition) -> Occurrence:
    since = c.since
    assert since is not None
    kind, of = next((kind, of) for kind in get_args(OccurrenceKind) if (of := getattr(since, kind)) is not None)
    return Occurrence(kind, of, 0 if since.first else LATEST if since.nth is None else since.nth - 1)


# --- structure -------------------------------------------------------------------------------------------------


def parts(term: Term) -> tuple[Term, ...]:
    """Return the terms that a term is made of; none for a leaf."""
    match term:
        case All() | AtLeast():
            return term.parts
        case Not():
            return (term.part,)
    return ()


def leaves(term: Term, *, negated: bool = True) -> Iterator[Leaf]:
    """Yield the leaves of a term; without `negated` only those that no `Not` turns round."""
    if not isinstance(term, (All, AtLeast, Not)):
        yield term
    elif negated or not isinstance(term, Not):
        for part in parts(term):
            yield from leaves(part, negated=negated)


def reads(term: Term) -> frozenset[Fact]:
    """Return the facts that a term reads: where none of them changes, only time can change its answer.

    A drug level is a fact of its own, which changes with what the disease lets it depend on.
    """
    return frozenset(fact for leaf in leaves(term) for fact in _read_by(leaf))


def _read_by(leaf: Leaf) -> tuple[Fact, ...]:
    if isinstance(leaf, Known):
        return _known_by(leaf)
    match leaf:
        case In(region):
            return (("in", region),)
        case Effect(names) | Running(names) | Ordered(names) | Resulted(names) | Told(names):
            return tuple((leaf.key, name) for name in names)
        case Level(therapy):
            return (("level", therapy),)
        case Dose(therapy):
            return (("running", therapy),)
        case Age():
            return (AGE,)
        case _:
            assert_never(leaf)


def _known_by(leaf: Known) -> tuple[Fact, ...]:
    match leaf:
        case ShowsFinding(order):
            return (("resulted", order),)
        case ShowsValue(observable):
            return (("value", observable),)
        case Since(occurrence):
            return _brought_by(occurrence)
        case Believes():
            return (BELIEFS,)
        case Elapsed():
            return ()
        case _:
            assert_never(leaf)


def _brought_by(occurrence: Occurrence) -> tuple[Fact, ...]:
    """The facts that change with an occurrence: a therapy is ordered when it starts, and stopped when it ends."""
    match occurrence.kind:
        case "ordered":
            return ("ordered", occurrence.of), ("running", occurrence.of)
        case "stopped":
            return (("running", occurrence.of),)
        case "resulted" | "told":
            return ((occurrence.kind, occurrence.of),)
        case _:
            assert_never(occurrence.kind)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time that runs in a term: at each mark, in minutes after its start, the answer may change by itself."""

    start: Literal["opening", "birth"] | Occurrence
    marks: tuple[int, ...]


def clocks(term: Term) -> tuple[Clock, ...]:
    """Return the clocks that run in a term."""
    return tuple(clock for leaf in leaves(term) if (clock := _clock(leaf)) is not None)


def _clock(leaf: Leaf) -> Clock | None:
    match leaf:
        case Age():
            return Clock("birth", _marks(leaf.since, leaf.below))
        case Elapsed():
            return Clock("opening", _marks(leaf.since, leaf.below))
        case Since():
            return Clock(leaf.occurrence, _marks(leaf.at_least, leaf.below))
        case In() | Effect() | Running() | Ordered() | Resulted() | Told() | ShowsFinding() | ShowsValue():
            return None
        case Level() | Dose() | Believes():
            return None
        case _:
            assert_never(leaf)


def _marks(start: int, end: int | None) -> tuple[int, ...]:
    return (start,) if end is None else (start, end)


# --- words -----------------------------------------------------------------------------------------------------


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(names)


def _bounds(name: str, above: float | None, below: float | None) -> str:
    low = f" above {above:g}" if above is not None else ""
    return name + low + (f" below {below:g}" if below is not None else "")


def _span(what: str, since: int, below: int | None) -> str:
    start = f" from {duration(since)}" if since else ""
    return what + start + (f" below {duration(below)}" if below is not None else "")
