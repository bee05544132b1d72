"""Conditions as jump code: each instruction asks one thing and names where to go on if it is so and if it is not.

Built from the end: a condition is given where its yes and its no lead, so `all`, `any`, `not` and `at_least` cost
nothing when it is asked. Two kinds: on the true state (`sim.engine.conditions`) and on what is known
(`sim.engine.knowledge`); each refuses what its model refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, assert_never

from sim.case.model.conditions import Condition
from sim.case.model.terms import (
    AGE,
    BELIEFS,
    LATEST,
    Age,
    All,
    AtLeast,
    Believes,
    Clock,
    Dose,
    Effect,
    Elapsed,
    Fact,
    Hidden,
    In,
    Known,
    Level,
    Not,
    Occurrence,
    Ordered,
    Resulted,
    Running,
    Shared,
    ShowsFinding,
    ShowsValue,
    Since,
    Term,
    Told,
    clocks,
    not_knowable,
    not_true_state,
    parsed,
    reads,
)
from sim.engine.kernel import layout as at

_BLOCKS: Final = {"effect": at.FACT_EFFECT, "running": at.FACT_RUNNING, "ordered": at.FACT_ORDERED,
                  "resulted": at.FACT_RESULTED, "told": at.FACT_TOLD}  # fmt: skip
_MINUTES: Final = {
    "ordered": (at.FIRST_ORDERED, at.LAST_ORDERED),
    "resulted": (at.FIRST_RESULTED, at.LAST_RESULTED),
    "stopped": (at.FIRST_STOPPED, at.LAST_STOPPED),
}
"""Kind of occurrence to where the minutes of the first and of the latest lie."""


class TooMuch(Exception):
    """The kernel has no room for this case; sessions play it instead."""


@dataclass(slots=True)
class Rows:
    """Where things lie: the numbering of a case, and the addresses of rows in `s` and `x`."""

    regions: dict[str, tuple[int, dict[str, int]]]
    orders: dict[str, int]
    codes: dict[str, int]
    findings: dict[str, dict[str, int]]
    """Order to its coded findings' numbers."""
    watched: dict[str, int]
    diagnoses: dict[str, int]
    calls: dict[str, int]
    """Call to the first place of its recorded times."""
    levels: dict[str, int]
    measured_by: dict[int, frozenset[int]]
    """Watched observable to the orders that measure it."""
    row: dict[int, int] = field(default_factory=dict)
    """Slot of the header to address."""


@dataclass(slots=True)
class Coded:
    """A condition made ready."""

    entry: int
    facts: frozenset[int]
    clocks: tuple[tuple[int, int], ...]
    """(address of a minute, span): time alone may change the answer so long after that minute."""


class Coder:
    """Writes jump code for the conditions of one case."""

    def __init__(self, rows: Rows, fractions: list[float]) -> None:
        """Take the numbering and where fractions are collected."""
        self.rows, self._fractions = rows, fractions
        self.code: list[int] = []
        self.level_facts: dict[int, frozenset[int]] = {}
        """Facts that each drug level reads; set before a condition asks for one."""
        self._known = False

    def make(self, condition: Condition | None, *, known: bool, flags: Sequence[int] = ()) -> Coded:
        """Return the condition ready to be asked; before it, any of the words of `s` at `flags` must be set.

        Raises ValueError where a condition asks for what its kind does not answer, TooMuch beyond the kernel's limits.
        """
        self._known = known
        term = None if condition is None else parsed(condition)
        entry = at.TRUE if term is None else self._emit(term, at.TRUE, at.FALSE)
        if flags:
            entry = self._any_flag(flags, entry, at.FALSE)
        if term is None:
            return Coded(entry, frozenset(), ())
        facts = frozenset(number for fact in reads(term) for number in self._numbers(fact))
        started = [(self._address_of(clock), clock.marks) for clock in clocks(term)]
        ticks = ((address, mark) for address, marks in started if address is not None for mark in marks)
        return Coded(entry, facts, tuple(dict.fromkeys(ticks)))

    def peeled(self, entry: int) -> tuple[int, int, int]:
        """Return a condition as where it goes on, and the word of `s` and the mask of states it asks for first.

        Where it begins otherwise, a word that is always 0 is asked, and allowed.
        """
        if entry >= 0:
            op, word, mask, _, yes, no = self.code[entry - at.HEADER : entry - at.HEADER + at.INSTRUCTION]
            if op == at.IN and no == at.FALSE:
                return yes, word, mask
        return entry, at.ZERO, 1

    def _write(self, op: int, a: int, b: int, c: int, yes: int, no: int) -> int:
        if yes == no:
            return yes
        self.code += [op, a, b, c, yes, no]
        return at.HEADER + len(self.code) - at.INSTRUCTION

    def _bounds(self, above: float | None, below: float | None) -> int:
        self._fractions += [float("-inf") if above is None else above, float("inf") if below is None else below]
        return len(self._fractions) - 2

    # --- a condition, from its last part to its first -----------------------------------------------------------

    def _emit(self, term: Term, yes: int, no: int) -> int:
        if isinstance(term, Hidden):
            if self._known:
                raise not_knowable(term)
            return self._true_leaf(term, yes, no)
        if isinstance(term, Known):
            if not self._known:
                raise not_true_state(term)
            return self._known_leaf(term, yes, no)
        match term:
            case All(parts):
                for part in reversed(parts):
                    yes = self._emit(part, yes, no)
                return yes
            case AtLeast(n, parts):
                return self._so_many(parts, n, yes, no)
            case Not(part):
                return self._emit(part, no, yes)
            case _:
                return self._plain_leaf(term, yes, no)

    def _so_many(self, parts: Sequence[Term], n: int, yes: int, no: int) -> int:
        """A grid: how many parts were asked, how many are still missing."""
        row = [yes] + [no] * n
        for part in reversed(parts):
            row = [yes] + [self._emit(part, row[missing - 1], row[missing]) for missing in range(1, n + 1)]
        return row[n]

    def _true_leaf(self, term: Hidden, yes: int, no: int) -> int:
        match term:
            case In(region, states):
                number, names = self.rows.regions[region]
                mask = sum(1 << names[state] for state in set(states))
                return self._write(at.IN, self.rows.row[at.STATE] + number, mask, 0, yes, no)
            case Effect(therapies):
                return self._any_order(therapies, at.IN_EFFECT, yes, no)
            case Level(therapy, above, below):
                return self._write(at.AT_LEVEL, self._level(therapy), self._bounds(above, below), 0, yes, no)
            case _:
                assert_never(term)

    def _known_leaf(self, term: Known, yes: int, no: int) -> int:
        match term:
            case ShowsFinding(order, codes):
                return self._shown(order, codes, yes, no)
            case ShowsValue(observable, above, below):
                number = self.rows.watched.get(observable)
                if number is None:
                    return no
                place = self.rows.row[at.VALUE] + number
                return self._write(at.BETWEEN, place, self._bounds(above, below), 0, yes, no)
            case Believes(diagnosis, above, below):
                place = self.rows.row[at.BELIEF] + self.rows.diagnoses[diagnosis]
                return self._write(at.BETWEEN, place, self._bounds(above, below), 0, yes, no)
            case Elapsed(since, below):
                return self._write(at.ELAPSED, since, at.NEVER if below is None else below, 0, yes, no)
            case Since(occurrence, at_least, below):
                address = self._address(occurrence)
                if address is None:
                    return no
                return self._write(at.SINCE, address, at_least, at.NEVER if below is None else below, yes, no)
            case _:
                assert_never(term)

    def _plain_leaf(self, term: Shared, yes: int, no: int) -> int:
        match term:
            case Running(therapies):
                return self._any_order(therapies, at.RUNS, yes, no)
            case Ordered(orders):
                return self._any_order(orders, at.ORDERED, yes, no)
            case Resulted(orders):
                return self._any_order(orders, at.RESULTED, yes, no)
            case Told(codes):
                known = [self.rows.codes[code] for code in codes if code in self.rows.codes]
                return self._any_flag([self.rows.row[at.TOLD] + code for code in known], yes, no)
            case Age(since, below):
                return self._write(at.AGE, since, at.NEVER if below is None else below, 0, yes, no)
            case Dose(therapy, above, below):
                order = self.rows.orders.get(therapy)
                return no if order is None else self._write(at.DOSE, order, self._bounds(above, below), 0, yes, no)
            case _:
                assert_never(term)

    # --- single questions --------------------------------------------------------------------------------------

    def _any_order(self, ids: Sequence[str], row: int, yes: int, no: int) -> int:
        numbers = [self.rows.orders[name] for name in ids if name in self.rows.orders]
        return self._any_flag([self.rows.row[row] + number for number in numbers], yes, no)

    def _any_flag(self, addresses: Sequence[int], yes: int, no: int) -> int:
        entry = no
        for address in reversed(addresses):
            entry = self._write(at.IN, address, at.FLAG, 0, yes, entry)
        return entry

    def _level(self, therapy: str) -> int:
        number = self.rows.levels.get(therapy)
        if number is None:
            raise ValueError(f"the disease gives no level for {therapy!r}")
        if number not in self.level_facts:
            raise TooMuch("a drug level that depends on a drug level")
        return number

    def _shown(self, order: str, codes: Sequence[str], yes: int, no: int) -> int:
        number = self.rows.orders.get(order)
        if number is None:
            return no
        numbers = self.rows.findings.get(order, {})
        mask = sum(1 << numbers[code] for code in set(codes) if code in numbers)
        return self._write(at.MASK, self.rows.row[at.CODES] + number, mask, 0, yes, no)

    def _address(self, occurrence: Occurrence) -> int | None:
        """Where the minute of an occurrence lies; None for one that never comes in this case."""
        row, latest = self.rows.row, occurrence.place == LATEST
        if occurrence.kind == "told":
            code = self.rows.codes.get(occurrence.of)
            if code is None:
                return None
            return (
                row[at.LAST_CALL] + code
                if latest
                else row[at.CALL_TIMES] + self.rows.calls[occurrence.of] + occurrence.place
            )
        order = self.rows.orders.get(occurrence.of)
        return None if order is None else row[_MINUTES[occurrence.kind][latest]] + order

    def _address_of(self, clock: Clock) -> int | None:
        """Where the minute at which a clock starts lies."""
        if isinstance(clock.start, Occurrence):
            return self._address(clock.start)
        return at.MINUS_BIRTH if clock.start == "birth" else at.ZERO

    # --- facts ---------------------------------------------------------------------------------------------------

    def _numbers(self, fact: Fact) -> frozenset[int]:
        """The numbers of the facts that one comes down to: a level changes with what it depends on, and so on."""
        kind, name = fact
        if kind == "level":
            return self.level_facts[self.rows.levels[name]]
        if kind == "value":
            watched = self.rows.watched.get(name)
            orders = frozenset[int]() if watched is None else self.rows.measured_by[watched]
            return frozenset(self.fact(at.FACT_RESULTED, order) for order in orders)
        number = self.number_of(fact)
        return frozenset() if number is None else frozenset({number})

    def number_of(self, fact: Fact) -> int | None:
        """Return the number of a fact; None for one about an order or a call that this case does not have."""
        kind, name = fact
        if fact == AGE:
            return self.fact_age
        if fact == BELIEFS:
            return self.fact_stated
        if kind == "in":
            return self.rows.regions[name][0]
        index = (self.rows.codes if kind == "told" else self.rows.orders).get(name)
        return None if index is None else self.fact(_BLOCKS[kind], index)

    def fact(self, block: int, number: int) -> int:
        """Return the number of a fact about an order, or (in the block of calls) about a call."""
        return len(self.rows.regions) + block * len(self.rows.orders) + number

    @property
    def fact_age(self) -> int:
        """The fact that the age passed a mark."""
        return self.fact(at.FACT_TOLD, len(self.rows.codes))

    @property
    def fact_stated(self) -> int:
        """The fact that a differential was stated."""
        return self.fact_age + 1
