"""Conditions as jump code: each instruction asks one thing and names where to go on if it is so and if it is not.

Built from the end: a condition is given where its yes and its no lead, so `all`, `any`, `not` and `at_least` cost
nothing when it is asked. Two kinds: on the true state (`sim.engine.conditions`) and on what is known
(`sim.engine.knowledge`); each refuses what its model refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.case.model.conditions import Condition, Since
from sim.engine.kernel import layout as at


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
        self._facts: set[int] = set()
        self._clocks: list[tuple[int, int]] = []
        self._known = False

    def make(self, condition: Condition | None, *, known: bool, flags: Sequence[int] = ()) -> Coded:
        """Return the condition ready to be asked; before it, any of the words of `s` at `flags` must be set.

        Raises ValueError where a condition asks for what its kind does not answer, TooMuch beyond the kernel's limits.
        """
        self._facts, self._clocks, self._known = set(), [], known
        entry = at.TRUE if condition is None else self._emit(condition, at.TRUE, at.FALSE)
        if flags:
            entry = self._any_flag(flags, entry, at.FALSE)
        return Coded(entry, frozenset(self._facts), tuple(dict.fromkeys(self._clocks)))

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

    def _emit(self, c: Condition, yes: int, no: int) -> int:
        entry = self._nested(c, yes, no)
        entry = self._true_parts(c, entry, no)
        entry = self._known_parts(c, entry, no)
        return self._plain_parts(c, entry, no)

    def _nested(self, c: Condition, yes: int, no: int) -> int:
        entry = yes
        if c.at_least is not None:
            entry = self._so_many(c.at_least.of, c.at_least.n, entry, no)
        if c.any_ is not None:
            entry = self._so_many(c.any_, 1, entry, no)
        for part in reversed(c.all_ or ()):
            entry = self._emit(part, entry, no)
        if c.not_ is not None:
            entry = self._emit(c.not_, no, entry)
        return entry

    def _so_many(self, parts: Sequence[Condition], n: int, yes: int, no: int) -> int:
        """A grid: how many parts were asked, how many are still missing."""
        row = [yes] + [no] * n
        for part in reversed(parts):
            row = [yes] + [self._emit(part, row[missing - 1], row[missing]) for missing in range(1, n + 1)]
        return row[n]

    def _true_parts(self, c: Condition, yes: int, no: int) -> int:
        asked = [key for key, value in (("in", c.in_), ("effect", c.effect), ("level", c.level)) if value is not None]
        if asked and self._known:
            raise ValueError(f"'{asked[0]}' asks for the true state, which a learner cannot know")
        entry = yes
        if c.level is not None:
            number = self.rows.levels.get(c.level.therapy)
            if number is None:
                raise ValueError(f"the disease gives no level for {c.level.therapy!r}")
            if number not in self.level_facts:
                raise TooMuch("a drug level that depends on a drug level")
            entry = self._write(at.AT_LEVEL, number, self._bounds(c.level.above, c.level.below), 0, entry, no)
            self._facts |= self.level_facts[number]
        if c.effect is not None:
            entry = self._any_order(c.effect, at.IN_EFFECT, at.FACT_EFFECT, entry, no)
        for region, states in (c.in_ or {}).items():
            number, names = self.rows.regions[region]
            mask = sum(1 << names[state] for state in set(states))
            entry = self._write(at.IN, self.rows.row[at.STATE] + number, mask, 0, entry, no)
            self._facts.add(number)
        return entry

    def _known_parts(self, c: Condition, yes: int, no: int) -> int:
        if not self._known and (c.shows or c.elapsed or c.since or c.believes):
            raise ValueError("a condition on the true state cannot ask for 'shows', 'elapsed', 'since' or 'believes'")
        entry = yes
        if c.believes is not None:
            address = self.rows.row[at.BELIEF] + self.rows.diagnoses[c.believes.diagnosis]
            bounds = self._bounds(c.believes.above, c.believes.below)
            entry = self._write(at.BETWEEN, address, bounds, 0, entry, no)
            self._facts.add(self.fact_stated)
        if c.shows is not None:
            entry = self._shown(c, entry, no)
        if c.since is not None:
            entry = self._since(c.since, entry, no)
        if c.elapsed is not None:
            below = at.NEVER if c.elapsed.below is None else c.elapsed.below
            entry = self._write(at.ELAPSED, c.elapsed.since, below, 0, entry, no)
            self._tick(at.ZERO, c.elapsed.since, c.elapsed.below)
        return entry

    def _plain_parts(self, c: Condition, yes: int, no: int) -> int:
        entry = yes
        if c.age is not None:
            below = at.NEVER if c.age.below is None else c.age.below
            entry = self._write(at.AGE, c.age.since, below, 0, entry, no)
            self._tick(at.MINUS_BIRTH, c.age.since, c.age.below)
            self._facts.add(self.fact_age)
        if c.dose is not None and (order := self.rows.orders.get(c.dose.therapy)) is None:
            entry = no
        elif c.dose is not None and order is not None:
            entry = self._write(at.DOSE, order, self._bounds(c.dose.above, c.dose.below), 0, entry, no)
            self._facts.add(self.fact(at.FACT_RUNNING, order))
        if c.told is not None:
            known = [self.rows.codes[code] for code in c.told if code in self.rows.codes]
            self._facts |= {self.fact(at.FACT_TOLD, code) for code in known}
            entry = self._any_flag([self.rows.row[at.TOLD] + code for code in known], entry, no)
        for ids, row, block in (
            (c.resulted, at.RESULTED, at.FACT_RESULTED),
            (c.ordered, at.ORDERED, at.FACT_ORDERED),
            (c.running, at.RUNS, at.FACT_RUNNING),
        ):
            if ids is not None:
                entry = self._any_order(ids, row, block, entry, no)
        return entry

    # --- single questions --------------------------------------------------------------------------------------

    def _any_order(self, ids: Sequence[str], row: int, block: int, yes: int, no: int) -> int:
        numbers = [self.rows.orders[name] for name in ids if name in self.rows.orders]
        self._facts |= {self.fact(block, number) for number in numbers}
        return self._any_flag([self.rows.row[row] + number for number in numbers], yes, no)

    def _any_flag(self, addresses: Sequence[int], yes: int, no: int) -> int:
        entry = no
        for address in reversed(addresses):
            entry = self._write(at.IN, address, at.FLAG, 0, yes, entry)
        return entry

    def _shown(self, c: Condition, yes: int, no: int) -> int:
        shows = c.shows
        assert shows is not None
        if shows.order is not None and shows.finding is not None:
            order = self.rows.orders.get(shows.order)
            if order is None:
                return no
            codes = self.rows.findings.get(shows.order, {})
            mask = sum(1 << codes[code] for code in set(shows.finding) if code in codes)
            self._facts.add(self.fact(at.FACT_RESULTED, order))
            return self._write(at.MASK, self.rows.row[at.CODES] + order, mask, 0, yes, no)
        number = self.rows.watched.get(shows.observable or "")
        if number is None:
            return no
        self._facts |= {self.fact(at.FACT_RESULTED, order) for order in self.rows.measured_by[number]}
        bounds = self._bounds(shows.above, shows.below)
        return self._write(at.BETWEEN, self.rows.row[at.VALUE] + number, bounds, 0, yes, no)

    def _since(self, since: Since, yes: int, no: int) -> int:
        address = self._moment(since)
        if address is None:
            return no
        below = at.NEVER if since.below is None else since.below
        self._tick(address, since.at_least, since.below)
        return self._write(at.SINCE, address, since.at_least, below, yes, no)

    def _tick(self, address: int, start: int, end: int | None) -> None:
        self._clocks += [(address, start)] if end is None else [(address, start), (address, end)]

    def _moment(self, since: Since) -> int | None:
        row = self.rows.row
        if since.told is not None:
            code = self.rows.codes.get(since.told)
            if code is None:
                return None
            self._facts.add(self.fact(at.FACT_TOLD, code))
            if not since.first and since.nth is None:
                return row[at.LAST_CALL] + code
            return row[at.CALL_TIMES] + self.rows.calls[since.told] + (0 if since.first else (since.nth or 1) - 1)
        for name, blocks, first, last in (
            (since.ordered, (at.FACT_ORDERED, at.FACT_RUNNING), at.FIRST_ORDERED, at.LAST_ORDERED),
            (since.resulted, (at.FACT_RESULTED,), at.FIRST_RESULTED, at.LAST_RESULTED),
            (since.stopped, (at.FACT_RUNNING,), at.FIRST_STOPPED, at.LAST_STOPPED),
        ):
            if name is not None and (order := self.rows.orders.get(name)) is not None:
                self._facts |= {self.fact(block, order) for block in blocks}
                return row[first if since.first else last] + order
        return None

    # --- facts ---------------------------------------------------------------------------------------------------

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
