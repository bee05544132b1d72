"""What the log makes known at a moment, and whether a case's conditions hold on it.

A `Knowledge` takes events one by one and keeps them as dictionaries, so a question costs a few look-ups however
long the log is. By default it answers only from what a learner may know. With `truth=True` it also answers about
regions, effects and drug levels, from the hidden events: for scoring, never for a policy. It looks nothing up in
the future and holds no chance: the same events give the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from operator import attrgetter
from typing import Final

from sim.case.model.conditions import AtLeast, Belief, Condition, Dose, Shows, Since
from sim.case.model.scenario import Scenario
from sim.engine.log import (
    Called,
    CaseOpened,
    Charted,
    DifferentialStated,
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

_HIDDEN: Final = ("in", "effect", "level")
_MOMENTS: Final = ("ordered", "resulted", "stopped")


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
        self._tests: dict[tuple[int, bool], tuple[Condition, Test]] = {}
        self._ahead: dict[int, tuple[Condition, Ahead]] = {}
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

    def holds(self, condition: Condition, at: int, truth: bool = False) -> bool:
        """Return whether the condition holds at minute `at` on the events taken so far.

        Raises ValueError where it asks, anywhere inside and without `truth`, for `in`, `effect` or `level`.
        """
        key = (id(condition), truth)
        found = self._tests.get(key)
        if found is None:
            # The condition is kept beside its test: while it lives its id names nothing else.
            found = self._tests[key] = (condition, _test_of(condition, truth))
        return found[1](self, at)

    def boundaries(self, condition: Condition, at: int) -> int | None:
        """Return the next minute after `at` at which time alone could change the answer, or None.

        It may name a minute at which nothing changes; it never misses one. New events call for a new question.
        """
        found = self._ahead.get(id(condition))
        if found is None:
            found = self._ahead[id(condition)] = (condition, _ahead_of(condition))
        return found[1](self, at)

    def dose_of(self, therapy: str) -> float | None:
        """Return the dose amount at which a therapy runs (1 for one without doses), or None if it does not run."""
        if therapy not in self.running:
            return None
        order = self._orders.get(therapy)
        return 1.0 if order is None else order.amount_of(self.running[therapy])

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

    def _order(self, event: OrderPlaced) -> None:
        self.placed.add(event.order)
        if event.order not in self._lasting:
            self._moment("ordered", event.order, event.at)

    def _result(self, event: ResultReturned) -> None:
        self._moment("resulted", event.order, event.at)
        before = self.findings.get(event.order)
        if before is None or before[0] <= event.sampled:
            self.findings[event.order] = (event.sampled, event.codes)
        for measured in event.measurements:
            known = self.values.get(measured.observable)
            if known is None or known[0] <= event.sampled:
                self.values[measured.observable] = (event.sampled, measured.value)

    def _started(self, event: TherapyStarted) -> None:
        self.running[event.therapy] = event.dose
        self._moment("ordered", event.therapy, event.at)

    def _stopped(self, event: TherapyStopped) -> None:
        if event.by == "dose":  # replaced by another dose: it runs on
            return
        self.running.pop(event.therapy, None)
        self._moment("stopped", event.therapy, event.at)

    def _moment(self, kind: str, what: str, at: int) -> None:
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


# --- conditions made ready ----------------------------------------------------------------------------------


def _test_of(condition: Condition, truth: bool) -> Test:
    """Make a condition ready: one closure, which asks the cheapest questions first."""
    tests = _plain_tests(condition) + _time_tests(condition) + _true_tests(condition, truth)
    if condition.not_ is not None:
        tests.append(_negated(_test_of(condition.not_, truth)))
    if condition.all_ is not None:
        tests.extend(_test_of(part, truth) for part in condition.all_)
    if condition.any_ is not None:
        tests.append(_so_many([_test_of(part, truth) for part in condition.any_], 1))
    if condition.at_least is not None:
        tests.append(_so_many([_test_of(part, truth) for part in condition.at_least.of], condition.at_least.n))
    return tests[0] if len(tests) == 1 else _every(tests)


def _plain_tests(condition: Condition) -> list[Test]:
    tests: list[Test] = []
    for ids, source in (
        (condition.told, attrgetter("told")),
        (condition.running, attrgetter("running")),
        (condition.ordered, attrgetter("placed")),
        (condition.resulted, attrgetter("last_resulted")),
    ):
        if ids is not None:
            tests.append(_one_in(ids, source))
    if condition.shows is not None:
        tests.append(_shown(condition.shows))
    if condition.dose is not None:
        tests.append(_dosed(condition.dose))
    if condition.believes is not None:
        tests.append(_believed(condition.believes))
    return tests


def _time_tests(condition: Condition) -> list[Test]:
    tests: list[Test] = []
    if condition.elapsed is not None:
        start, end = condition.elapsed.since, condition.elapsed.below
        tests.append(lambda facts, at: start <= at and (end is None or at < end))
    if condition.age is not None:
        young, old = condition.age.since, condition.age.below
        tests.append(lambda facts, at: facts.age is not None and young <= facts.age + at
                     and (old is None or facts.age + at < old))  # fmt: skip
    if condition.since is not None:
        tests.append(_passed(condition.since))
    return tests


def _true_tests(condition: Condition, truth: bool) -> list[Test]:
    given = (condition.in_, condition.effect, condition.level)
    asked = [key for key, value in zip(_HIDDEN, given, strict=True) if value is not None]
    if asked and not truth:
        raise ValueError(f"'{asked[0]}' asks for the true state, which a learner cannot know")
    tests: list[Test] = []
    if condition.in_ is not None:
        wanted = [(region, frozenset(states)) for region, states in condition.in_.items()]
        tests.append(lambda facts, at: all(facts.states.get(region) in states for region, states in wanted))
    if condition.effect is not None:
        tests.append(_one_in(condition.effect, attrgetter("effects")))
    if condition.level is not None:
        drug = condition.level
        tests.append(lambda facts, at: _beyond(facts.level_of(drug.therapy, at), drug.above, drug.below))
    return tests


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
    if len(ids) == 1:
        only = ids[0]
        return lambda facts, at: only in source(facts)
    wanted = frozenset(ids)
    return lambda facts, at: not wanted.isdisjoint(source(facts))


def _shown(shows: Shows) -> Test:
    order, observable, above, below = shows.order, shows.observable, shows.above, shows.below
    if order is not None and shows.finding is not None:
        wanted = frozenset(shows.finding)
        return lambda facts, at: order in facts.findings and not wanted.isdisjoint(facts.findings[order][1])
    return lambda facts, at: observable in facts.values and _beyond(facts.values[observable][1], above, below)


def _dosed(dose: Dose) -> Test:
    return lambda facts, at: (
        (amount := facts.dose_of(dose.therapy)) is not None and _beyond(amount, dose.above, dose.below)
    )


def _believed(belief: Belief) -> Test:
    # A differential without the diagnosis gives it no chance, which is an answer; no differential is none.
    return lambda facts, at: (
        facts.beliefs is not None and _beyond(facts.beliefs.get(belief.diagnosis, 0.0), belief.above, belief.below)
    )


def _beyond(value: float, above: float | None, below: float | None) -> bool:
    return (above is None or value > above) and (below is None or value < below)


def _moment_of(since: Since) -> Callable[[Knowledge], int | None]:
    """What a `since` measures from: the latest, the first or the n-th moment, or None while there is none."""
    if since.told is not None:
        return _call_of(since.told, 0 if since.first else -1 if since.nth is None else since.nth - 1)
    kind, what = next((k, w) for k in _MOMENTS if (w := getattr(since, k)) is not None)
    source = attrgetter(f"{'first' if since.first else 'last'}_{kind}")
    return lambda facts: source(facts).get(what)


def _call_of(told: str, place: int) -> Callable[[Knowledge], int | None]:
    def call(facts: Knowledge) -> int | None:
        calls = facts.calls.get(told, ())
        return calls[place] if len(calls) > max(place, 0) else None

    return call


def _passed(since: Since) -> Test:
    moment_of = _moment_of(since)
    least, below = since.at_least, since.below

    def passed(facts: Knowledge, at: int) -> bool:
        moment = moment_of(facts)
        return moment is not None and least <= at - moment and (below is None or at - moment < below)

    return passed


# --- what time alone can change -----------------------------------------------------------------------------


def _ahead_of(condition: Condition) -> Ahead:
    """Make ready where to look next: the thresholds of every clock inside the condition."""
    clocks: list[Callable[[Knowledge], tuple[int, ...]]] = []
    _collect(condition, clocks)

    def ahead(facts: Knowledge, at: int) -> int | None:
        return min((moment for clock in clocks for moment in clock(facts) if moment > at), default=None)

    return ahead if clocks else lambda facts, at: None


def _collect(condition: Condition, clocks: list[Callable[[Knowledge], tuple[int, ...]]]) -> None:
    if condition.elapsed is not None:
        fixed = _edges(condition.elapsed.since, condition.elapsed.below)
        clocks.append(lambda facts: fixed)
    if condition.age is not None:
        ages = _edges(condition.age.since, condition.age.below)
        clocks.append(lambda facts: () if facts.age is None else tuple(edge - facts.age for edge in ages))
    if condition.since is not None:
        moment_of = _moment_of(condition.since)
        spans = _edges(condition.since.at_least, condition.since.below)
        clocks.append(
            lambda facts: tuple(moment + s for s in spans) if (moment := moment_of(facts)) is not None else ()
        )
    for part in _parts(condition):
        _collect(part, clocks)


def _parts(condition: Condition) -> tuple[Condition, ...]:
    negated = () if condition.not_ is None else (condition.not_,)
    counted: AtLeast | None = condition.at_least
    return negated + (condition.all_ or ()) + (condition.any_ or ()) + (() if counted is None else counted.of)


def _edges(start: int, end: int | None) -> tuple[int, ...]:
    return (start,) if end is None else (start, end)
