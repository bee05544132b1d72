"""What the log makes known at a moment, and whether a case's conditions hold on it.

A `Knowledge` takes events one by one and keeps them as dictionaries, so a question costs a few look-ups however
long the log is. By default it answers only from what a learner may know. With `truth=True` it also answers about
regions, effects and drug levels, from the hidden events: for scoring, never for a policy. It looks nothing up in
the future and holds no chance: the same events give the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from operator import attrgetter
from typing import Final, assert_never

from sim.case.model.conditions import Condition
from sim.case.model.scenario import Scenario
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
    parsed,
)
from sim.engine.log import (
    Called,
    CaseOpened,
    Charted,
    DifferentialStated,
    DoneBefore,
    EffectBegan,
    EffectEnded,
    Event,
    OrderPlaced,
    ResultReturned,
    StateEntered,
    TherapyStarted,
    TherapyStopped,
)

Test = Callable[["Knowledge", int], bool]
"""A condition made ready to ask: facts and the minute in, the answer out."""

Ahead = Callable[["Knowledge", int], int | None]
"""The next minute after the given one at which time alone could change an answer, or None."""


class Knowledge:
    """The facts of one log so far.

    `Knowledge(scenario)` is empty; `take(event)` adds one event, in log order; `holds(condition, at)` answers.
    A fact that is absent makes the condition that asks for it False.
    """

    __slots__ = (
        "_ahead", "_lasting", "_levels", "_orders", "_tests", "age", "beliefs", "calls", "effects", "findings",
        "first_ordered", "first_resulted", "first_stopped", "last_ordered", "last_resulted", "last_stopped", "placed",
        "running", "states", "told", "values",
    )  # fmt: skip

    def __init__(self, scenario: Scenario) -> None:
        orders = scenario.catalogue.orders
        self._levels = {level.therapy: level for level in scenario.disease.levels}
        self._orders = orders
        self._lasting = frozenset(o.id for o in orders.values() if o.starts_therapy)
        self._tests: dict[tuple[int, bool], tuple[Condition | Term, Test]] = {}
        self._ahead: dict[int, tuple[Condition | Term, Ahead]] = {}
        self._forget()

    def fresh(self) -> Knowledge:
        """Return an empty Knowledge of the same scenario that shares every condition already made ready."""
        other = object.__new__(Knowledge)
        other._orders, other._lasting, other._levels = self._orders, self._lasting, self._levels
        other._tests, other._ahead = self._tests, self._ahead
        other._forget()
        return other

    def _forget(self) -> None:
        self.age: int | None = None
        """Age at the opening, minutes."""
        self.told: set[str] = set()
        self.calls: dict[str, list[int]] = {}
        """What calls revealed, to the minutes of those calls."""
        self.placed: set[str] = set()
        self.running: dict[str, str | None] = {}
        """Running therapies and their dose labels."""
        self.first_ordered: dict[str, int] = {}
        self.last_ordered: dict[str, int] = {}
        self.first_resulted: dict[str, int] = {}
        self.last_resulted: dict[str, int] = {}
        self.first_stopped: dict[str, int] = {}
        self.last_stopped: dict[str, int] = {}
        self.findings: dict[str, tuple[int, tuple[str, ...]]] = {}
        """Order to (sampled, codes) of its latest result by sampling time."""
        self.values: dict[str, tuple[int, float]] = {}
        """Observable to (sampled, value) of its latest measurement by sampling time."""
        self.beliefs: dict[str, float] | None = None
        self.states: dict[str, str] = {}
        self.effects: set[str] = set()

    def take(self, event: Event) -> None:
        """Add one event. Events must come in log order."""
        taker = _TAKERS.get(type(event))
        if taker is not None:
            taker(self, event)

    def holds(self, condition: Condition | Term, at: int, truth: bool = False) -> bool:
        """Return whether the condition holds at minute `at` on the events taken so far.

        Raises ValueError where it asks, anywhere inside and without `truth`, for `in`, `effect` or `level`.
        """
        key = (id(condition), truth)
        found = self._tests.get(key)
        if found is None:
            # The condition is kept beside its test: while it lives its id names nothing else.
            found = self._tests[key] = (condition, _test_of(_term(condition), truth))
        return found[1](self, at)

    def boundaries(self, condition: Condition | Term, at: int) -> int | None:
        """Return the next minute after `at` at which time alone could change the answer, or None.

        It may name a minute at which nothing changes; it never misses one. New events call for a new question.
        """
        found = self._ahead.get(id(condition))
        if found is None:
            found = self._ahead[id(condition)] = (condition, _ahead_of(clocks(_term(condition))))
        return found[1](self, at)

    def dose_of(self, therapy: str) -> float | None:
        """Return the dose amount at which a therapy runs (1 for one without doses), or None if it does not run."""
        if therapy not in self.running:
            return None
        return self._orders[therapy].amount_of(self.running[therapy])

    def level_of(self, therapy: str, at: int) -> float:
        """Return the steady level a therapy leads to in the true state: 0 while it does not run.

        Raises ValueError where the disease gives the therapy no level.
        """
        spec = self._levels.get(therapy)
        if spec is None:
            raise ValueError(f"the disease gives no level for {therapy!r}")
        level = (self.dose_of(therapy) or 0.0) * spec.per_amount
        for factor in spec.factors:
            if self.holds(factor.when, at, truth=True):
                level *= factor.x
        return level

    # --- taking events ------------------------------------------------------------------------------------

    def _opened(self, event: CaseOpened) -> None:
        self.age = event.age

    def _before(self, event: DoneBefore) -> None:
        self.placed.add(event.order)
        self._note_minute("ordered", event.order, event.ordered)
        if event.stopped is not None:
            self._note_minute("stopped", event.order, event.stopped)

    def _order(self, event: OrderPlaced) -> None:
        self.placed.add(event.order)
        if event.order not in self._lasting:
            self._note_minute("ordered", event.order, event.at)

    def _result(self, event: ResultReturned) -> None:
        if not event.report:
            self._note_minute("resulted", event.order, event.at)
        before = self.findings.get(event.order)
        if before is None or before[0] <= event.sampled:
            self.findings[event.order] = (event.sampled, event.codes)
        for measured in event.measurements:
            known = self.values.get(measured.observable)
            if known is None or known[0] <= event.sampled:
                self.values[measured.observable] = (event.sampled, measured.value)

    def _started(self, event: TherapyStarted) -> None:
        therapy = event.therapy
        self.running[therapy] = event.dose
        if event.given:
            self.placed.add(therapy)
            ordered = self.last_ordered.get(therapy)
            if ordered is not None and ordered > self.last_stopped.get(therapy, ordered - 1):
                return  # it runs since it was ordered before the opening
        if not event.resumed:
            self._note_minute("ordered", therapy, event.at)

    def _stopped(self, event: TherapyStopped) -> None:
        if event.by == "dose":  # replaced by another dose: it runs on
            return
        self.running.pop(event.therapy, None)
        self._note_minute("stopped", event.therapy, event.at)

    def _note_minute(self, kind: str, what: str, at: int) -> None:
        getattr(self, f"first_{kind}").setdefault(what, at)
        getattr(self, f"last_{kind}")[what] = at

    def _began(self, event: EffectBegan) -> None:
        self.effects.add(event.therapy)

    def _ended(self, event: EffectEnded) -> None:
        self.effects.discard(event.therapy)

    def _entered(self, event: StateEntered) -> None:
        self.states[event.region] = event.state

    def _called(self, event: Called) -> None:
        if event.reveals is not None:
            self.told.add(event.reveals)
            self.calls.setdefault(event.reveals, []).append(event.at)

    def _stated(self, event: DifferentialStated) -> None:
        self.beliefs = dict(event.probabilities)


_TAKERS: Final[dict[type, Callable[..., None]]] = {
    CaseOpened: Knowledge._opened,
    DoneBefore: Knowledge._before,
    OrderPlaced: Knowledge._order,
    ResultReturned: Knowledge._result,
    Charted: Knowledge._result,
    TherapyStarted: Knowledge._started,
    TherapyStopped: Knowledge._stopped,
    EffectBegan: Knowledge._began,
    EffectEnded: Knowledge._ended,
    StateEntered: Knowledge._entered,
    Called: Knowledge._called,
    DifferentialStated: Knowledge._stated,
}


def changes(event: Event) -> tuple[Fact, ...]:
    """Return the facts of what is known that an event changes: only they can change a condition's answer."""
    match event:
        case CaseOpened():
            return (AGE,)
        case OrderPlaced(order=order):
            return (("ordered", order),)
        case DoneBefore(order=order) | TherapyStarted(number=0, therapy=order):
            return ("ordered", order), ("running", order)
        case TherapyStarted(therapy=therapy) | TherapyStopped(therapy=therapy):
            return (("running", therapy),)
        case ResultReturned(order=order, measurements=measurements):
            return (("resulted", order), *(("value", measured.observable) for measured in measurements))
        case Called(reveals=str(code)):
            return (("told", code),)
        case DifferentialStated():
            return (BELIEFS,)
    return ()


# --- conditions made ready ----------------------------------------------------------------------------------


def _term(asked: Condition | Term) -> Term:
    return parsed(asked) if isinstance(asked, Condition) else asked


def _test_of(term: Term, truth: bool) -> Test:
    """Make a term ready: one closure."""
    if isinstance(term, Hidden):
        if not truth:
            raise not_knowable(term)
        return _test_of_truth(term)
    match term:
        case Not(part):
            return _negated(_test_of(part, truth))
        case All(parts):
            return _every([_test_of(part, truth) for part in parts])
        case AtLeast(n, parts):
            return _so_many([_test_of(part, truth) for part in parts], n)
        case _:
            return _test_of_leaf(term)


def _test_of_leaf(term: Known | Shared) -> Test:
    match term:
        case Told(codes):
            return _one_in(codes, attrgetter("told"))
        case Running(therapies):
            return _one_in(therapies, attrgetter("running"))
        case Ordered(orders):
            return _one_in(orders, attrgetter("placed"))
        case Resulted(orders):
            return _one_in(orders, attrgetter("last_resulted"))
        case ShowsFinding(order, codes):
            return _said(order, codes)
        case ShowsValue() | Dose() | Believes():
            return _bounded(term)
        case Elapsed(start, end):
            return lambda facts, at: start <= at and (end is None or at < end)
        case Age(young, old):
            return lambda facts, at: facts.age is not None and young <= facts.age + at and (
                old is None or facts.age + at < old)  # fmt: skip
        case Since():
            return _passed(term)
        case _:
            assert_never(term)


def _test_of_truth(term: Hidden) -> Test:
    match term:
        case In(region, states):
            return lambda facts, at: facts.states.get(region) in states
        case Effect(therapies):
            return _one_in(therapies, attrgetter("effects"))
        case Level(therapy, above, below):
            return lambda facts, at: _beyond(facts.level_of(therapy, at), above, below)
        case _:
            assert_never(term)


def _negated(test: Test) -> Test:
    return lambda facts, at: not test(facts, at)


def _every(tests: list[Test]) -> Test:
    def every(facts: Knowledge, at: int) -> bool:
        for test in tests:  # noqa: SIM110 - `all` over a generator costs twice as much here
            if not test(facts, at):
                return False
        return True

    return every


def _so_many(tests: list[Test], n: int) -> Test:
    def so_many(facts: Knowledge, at: int) -> bool:
        missing = n
        for test in tests:
            missing -= test(facts, at)
            if missing == 0:
                return True
        return False

    return so_many


def _one_in(ids: tuple[str, ...], source: Callable[[Knowledge], Collection[str]]) -> Test:
    wanted = frozenset(ids)
    return lambda facts, at: not wanted.isdisjoint(source(facts))


def _said(order: str, codes: tuple[str, ...]) -> Test:
    wanted = frozenset(codes)
    return lambda facts, at: order in facts.findings and not wanted.isdisjoint(facts.findings[order][1])


def _bounded(term: ShowsValue | Dose | Believes) -> Test:
    number, above, below = _number_of(term), term.above, term.below
    return lambda facts, at: (value := number(facts)) is not None and _beyond(value, above, below)


def _number_of(term: ShowsValue | Dose | Believes) -> Callable[[Knowledge], float | None]:
    match term:
        case ShowsValue(observable):
            return lambda facts: facts.values[observable][1] if observable in facts.values else None
        case Dose(therapy):
            return lambda facts: facts.dose_of(therapy)
        case Believes(diagnosis):
            # A differential without the diagnosis gives it no chance, which is an answer; no differential is none.
            return lambda facts: None if facts.beliefs is None else facts.beliefs.get(diagnosis, 0.0)
        case _:
            assert_never(term)


def _beyond(value: float, above: float | None, below: float | None) -> bool:
    return (above is None or value > above) and (below is None or value < below)


def _minute_of(occurrence: Occurrence) -> Callable[[Knowledge], int | None]:
    """Where a time is measured from: the minute of the occurrence, or None while it has not come."""
    if occurrence.kind == "told":
        return _call_of(occurrence.of, occurrence.place)
    what = occurrence.of
    source = attrgetter(f"{'last' if occurrence.place == LATEST else 'first'}_{occurrence.kind}")
    return lambda facts: source(facts).get(what)


def _call_of(told: str, place: int) -> Callable[[Knowledge], int | None]:
    def call(facts: Knowledge) -> int | None:
        calls = facts.calls.get(told, ())
        return calls[place] if len(calls) > max(place, 0) else None

    return call


def _passed(since: Since) -> Test:
    minute_of = _minute_of(since.occurrence)
    least, below = since.at_least, since.below

    def passed(facts: Knowledge, at: int) -> bool:
        came = minute_of(facts)
        return came is not None and least <= at - came and (below is None or at - came < below)

    return passed


# --- what time alone can change -----------------------------------------------------------------------------


def _ahead_of(running: tuple[Clock, ...]) -> Ahead:
    """Make ready where to look next: the marks of every clock inside a condition."""
    starts = [(_start_of(clock), clock.marks) for clock in running]

    def ahead(facts: Knowledge, at: int) -> int | None:
        began = [(start(facts), marks) for start, marks in starts]
        return min((minute + mark for minute, marks in began if minute is not None for mark in marks
                    if minute + mark > at), default=None)  # fmt: skip

    # Most conditions have no clock, and are asked at every move: not to look is a tenth of a session's time.
    return ahead if starts else _nothing_ahead


def _nothing_ahead(_facts: Knowledge, _at: int) -> None:
    """Where no clock runs."""


def _start_of(clock: Clock) -> Callable[[Knowledge], int | None]:
    if isinstance(clock.start, Occurrence):
        return _minute_of(clock.start)
    if clock.start == "opening":
        return lambda facts: 0
    return lambda facts: None if facts.age is None else -facts.age
