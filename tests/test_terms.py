"""Terms: what a condition is taken apart into, and that every kind is known wherever its meaning is needed."""

from __future__ import annotations

import contextlib
from itertools import product
from random import Random
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import randomcase
from scoring.assess.intervals import Interval, intervals
from scoring.assess.timeline import TimePoint, is_move
from scoring.review.decisions import reads_beliefs
from sim.case.checking.references import walk
from sim.case.composing.unfold import unfold
from sim.case.model import terms
from sim.case.model.conditions import AgeBand, AtLeast, Belief, Condition, Dose, Elapsed, Level, Shows, Since
from sim.case.model.terms import (
    AGE,
    BELIEFS,
    Clock,
    Fact,
    Hidden,
    Known,
    Leaf,
    Occurrence,
    Term,
    clocks,
    keys,
    leaves,
    parsed,
    parts,
    reads,
)
from sim.engine.chart import compile_chart
from sim.engine.conditions import Compiler
from sim.engine.knowledge import Knowledge, changes
from sim.engine.log import Called, DifferentialStated, DoneBefore, Event, Log, OrderPlaced, TherapyStarted
from sim.engine.patient import CaseFault
from sim.engine.session import IllegalMove, Session
from sim.engine.standing import Standing
from smalldisease import tupled
from tinycase import ended, opened, placed, result, scenario, started, step, stopped

TERMS = (*get_args(Leaf), *get_args(terms.All | terms.AtLeast | terms.Not))
SCENARIO = scenario()

Sample = tuple[Condition, Term, str, set[Fact], tuple[Clock, ...]]

SAMPLES: tuple[Sample, ...] = (
    (Condition(in_={"sugar": ("high", "fine")}), terms.In("sugar", ("high", "fine")), "sugar is high or fine",
     {("in", "sugar")}, ()),
    (Condition(effect=("insulin", "poison")), terms.Effect(("insulin", "poison")), "insulin or poison in effect",
     {("effect", "insulin"), ("effect", "poison")}, ()),
    (Condition(running="insulin"), terms.Running(("insulin",)), "insulin running", {("running", "insulin")}, ()),
    (Condition(ordered="gene"), terms.Ordered(("gene",)), "gene ordered", {("ordered", "gene")}, ()),
    (Condition(resulted="gene"), terms.Resulted(("gene",)), "gene known", {("resulted", "gene")}, ()),
    (Condition(told="fits"), terms.Told(("fits",)), "fits told", {("told", "fits")}, ()),
    (Condition(shows=Shows(order="gene", finding="found")), terms.ShowsFinding("gene", ("found",)),
     "gene shows found", {("resulted", "gene")}, ()),
    (Condition(shows=Shows(observable="glucose", above=3, below=9)), terms.ShowsValue("glucose", 3, 9),
     "last glucose above 3 below 9", {("value", "glucose")}, ()),
    (Condition(age=AgeBand(since="22 d", below="23 d")), terms.Age(31680, 33120), "age from 22 d below 23 d", {AGE},
     (Clock("birth", (31680, 33120)),)),
    (Condition(age=AgeBand(below="23 d")), terms.Age(0, 33120), "age below 23 d", {AGE}, (Clock("birth", (0, 33120)),)),
    (Condition(shows=Shows(order="gene", observable="glucose", above=3)), terms.ShowsValue("glucose", 3, None),
     "last glucose above 3", {("value", "glucose")}, ()),
    (Condition(shows=Shows(finding="found", observable="glucose", below=9)), terms.ShowsValue("glucose", None, 9),
     "last glucose below 9", {("value", "glucose")}, ()),
    (Condition(elapsed=Elapsed(since="1 h")), terms.Elapsed(60, None), "time from 1 h", set(),
     (Clock("opening", (60,)),)),
    (Condition(since=Since(ordered="insulin", at_least="5 min", below="9 min")),
     terms.Since(Occurrence("ordered", "insulin"), 5, 9), "at least 5 min and less than 9 min after insulin ordered",
     {("ordered", "insulin"), ("running", "insulin")}, (Clock(Occurrence("ordered", "insulin"), (5, 9)),)),
    (Condition(since=Since(resulted="gene", first=True)), terms.Since(Occurrence("resulted", "gene", 0), 0, None),
     "at least 0 min after first gene known", {("resulted", "gene")},
     (Clock(Occurrence("resulted", "gene", 0), (0,)),)),
    (Condition(since=Since(stopped="insulin")), terms.Since(Occurrence("stopped", "insulin"), 0, None),
     "at least 0 min after insulin stopped", {("running", "insulin")},
     (Clock(Occurrence("stopped", "insulin"), (0,)),)),
    (Condition(since=Since(told="fits", nth=2)), terms.Since(Occurrence("told", "fits", 1), 0, None),
     "at least 0 min after number 2 of fits told", {("told", "fits")}, (Clock(Occurrence("told", "fits", 1), (0,)),)),
    (Condition(level=Level(therapy="insulin", above=1)), terms.Level("insulin", 1, None), "level of insulin above 1",
     {("level", "insulin")}, ()),
    (Condition(dose=Dose(therapy="insulin", below=2)), terms.Dose("insulin", None, 2), "dose of insulin below 2",
     {("running", "insulin")}, ()),
    (Condition(believes=Belief(diagnosis="aa", above=0.5)), terms.Believes("aa", 0.5, None),
     "belief in aa above 0.5", {BELIEFS}, ()),
)  # fmt: skip
"""Every kind of leaf (`since` from every kind of moment): as written, its term, in words, what it reads, its clocks."""

CHANGING: tuple[tuple[Event, set[Fact]], ...] = (
    (opened(), {AGE}),
    (placed(1, "gene"), {("ordered", "gene")}),
    (DoneBefore(0, "fluids", -90, -30), {("ordered", "fluids"), ("running", "fluids")}),
    (TherapyStarted(0, 0, "insulin", "low"), {("ordered", "insulin"), ("running", "insulin")}),
    (started(1, "insulin"), {("running", "insulin")}),
    (stopped(1, "insulin"), {("running", "insulin")}),
    (result(1, "gene", glucose=5), {("resulted", "gene"), ("value", "glucose")}),
    (Called(1, "Fits.", "fits"), {("told", "fits")}),
    (Called(1, "Mother asks."), set()),
    (DifferentialStated(1, ()), {BELIEFS}),
    (ended(1), set()),
)


def sample(kind: str) -> Condition:
    return next(c for c, term, *_ in SAMPLES if type(term).__name__ == kind)


# --- a condition taken apart --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("condition", "term", "said", "facts", "running"), SAMPLES, ids=[s[2] for s in SAMPLES])
def test_each_kind_is_parsed_says_itself_reads_its_facts_and_has_its_clocks(
    condition: Condition, term: Term, said: str, facts: set[Fact], running: tuple[Clock, ...]
) -> None:
    assert parsed(condition) == term
    assert (str(term), reads(term), clocks(term)) == (said, facts, running)


def test_there_is_a_sample_of_every_kind_and_of_every_key_of_the_format() -> None:
    assert {type(term) for _, term, *_ in SAMPLES} == set(get_args(Leaf))
    nesting = {"all_", "any_", "not_", "at_least"}
    assert {name for condition, *_ in SAMPLES for name in condition.model_fields_set} | nesting == set(
        Condition.model_fields
    )
    assert {t.occurrence.kind for _, t, *_ in SAMPLES if isinstance(t, terms.Since)} == set(
        get_args(terms.OccurrenceKind)
    )


def test_several_keys_of_a_mapping_are_one_conjunction_and_so_is_an_all_in_it() -> None:
    a, b, c = (Condition(told=code) for code in "abc")
    whole = Condition(
        running="insulin", in_={"gut": "x", "skin": "y"}, all_=(a, Condition(all_=(b, c))), any_=(a, b), not_=c,
        at_least=AtLeast(n=2, of=(a, b, c)),
    )  # fmt: skip
    told = {code: terms.Told((code,)) for code in "abc"}
    assert parsed(whole) == terms.All((
        terms.In("gut", ("x",)), terms.In("skin", ("y",)), terms.Running(("insulin",)), *told.values(),
        terms.AtLeast(1, (told["a"], told["b"])), terms.Not(told["c"]), terms.AtLeast(2, tuple(told.values())),
    ))  # fmt: skip
    assert str(parsed(whole)) == (
        "gut is x and skin is y and insulin running and a told and b told and c told and (a told or b told) and "
        "not (c told) and at least 2 of (a told; b told; c told)"
    )


def test_the_parts_and_the_leaves_of_a_term_are_all_there() -> None:
    a, b, c, d = (terms.Told((code,)) for code in "abcd")
    whole = terms.All((a, terms.Not(b), terms.AtLeast(1, (c, terms.Not(terms.All((d, a)))))))
    assert parts(whole) == whole.parts
    assert (parts(terms.Not(b)), parts(terms.AtLeast(1, (c,))), parts(a)) == ((b,), (c,), ())
    assert list(leaves(whole)) == [a, b, c, d, a]
    assert list(leaves(whole, negated=False)) == [a, c]
    assert reads(whole) == {("told", code) for code in "abcd"}
    assert clocks(terms.Not(terms.Elapsed(3, 5))) == (Clock("opening", (3, 5)),)


def test_a_condition_is_parsed_once_and_forgotten_with_it() -> None:
    condition = Condition(told="fits")
    assert parsed(condition) is parsed(condition)
    number = id(condition)
    assert number in terms._PARSED
    del condition
    assert number not in terms._PARSED


def test_parsing_leaves_the_model_as_it_was() -> None:
    one, other = Condition(told="fits"), Condition(told="fits")
    parsed(one)
    assert one == other
    assert one.model_dump() == other.model_dump()
    assert parsed(one.model_copy(update={"told": ("cries",)})) == terms.Told(("cries",))


# --- nobody forgets a kind ----------------------------------------------------------------------------------------


def test_the_words_of_the_format_are_those_of_the_terms() -> None:
    written = {field.alias or name for name, field in Condition.model_fields.items()}
    assert keys(Leaf) | {"all", "any", "not", "at_least"} == written


@pytest.mark.parametrize("sampled", SAMPLES, ids=[s[2] for s in SAMPLES])
def test_a_log_is_asked_for_the_truth_only_with_leave_and_answers_every_kind(sampled: Sample) -> None:
    condition, term, *_ = sampled
    facts = Knowledge(SCENARIO)
    assert facts.holds(condition, 0, truth=True) in (True, False)
    if isinstance(term, Hidden):
        with pytest.raises(ValueError, match=f"'{term.key}' asks for the true state"):
            facts.holds(Condition(not_=condition), 0)
    else:
        assert facts.holds(condition, 0) == facts.holds(condition, 0, truth=True)


@pytest.mark.parametrize("sampled", SAMPLES, ids=[s[2] for s in SAMPLES])
def test_the_true_state_answers_all_but_what_a_learner_knows(sampled: Sample) -> None:
    condition, term, _, facts, running = sampled
    compiler = Compiler(compile_chart(SCENARIO).numbering, SCENARIO.disease.levels)
    if isinstance(term, Known):
        with pytest.raises(ValueError, match=f"cannot ask for '{term.key}'"):
            compiler.guard(Condition(any_=(condition,)))
        return
    guard, read = compiler.guard(condition)
    assert guard is not None
    level = {("running", "insulin"), ("in", "sugar")}  # what the toy level depends on
    assert read == (level if isinstance(term, terms.Level) else facts)
    assert compiler.age_marks == {mark for clock in running for mark in clock.marks}


@pytest.mark.parametrize(("low", "high"), [(2, None), (None, 2), (2, 4), (1, 3)])
def test_bounds_are_exclusive_in_the_true_state(low: float | None, high: float | None) -> None:
    compiler = Compiler(compile_chart(SCENARIO).numbering, SCENARIO.disease.levels)
    guard, _ = compiler.guard(Condition(dose=Dose(therapy="insulin", above=low, below=high)))
    assert guard is not None
    for amount in (0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0):
        beyond = (low is None or amount > low) and (high is None or amount < high)
        assert guard(SimpleNamespace(running={"insulin": amount})) is beyond  # type: ignore[arg-type]
    assert not guard(SimpleNamespace(running={}))  # type: ignore[arg-type]


@pytest.mark.parametrize(("low", "high"), [(0, None), (0, 4), (2, None), (2, 4)])
def test_an_age_in_the_true_state_includes_its_start_and_excludes_its_end(low: int, high: int | None) -> None:
    compiler = Compiler(compile_chart(SCENARIO).numbering, SCENARIO.disease.levels)
    band = AgeBand(since=f"{low} min", below=None if high is None else f"{high} min")
    guard, _ = compiler.guard(Condition(age=band))
    assert guard is not None
    for age in range(6):
        assert guard(SimpleNamespace(age=age)) is (low <= age < (age + 1 if high is None else high))  # type: ignore[arg-type]


CALLS = tuple(Condition(told=code) for code in "abc")


@pytest.mark.parametrize(
    ("combined", "enough"),
    [
        (Condition(all_=CALLS), {3}), (Condition(any_=CALLS), {1, 2, 3}),
        (Condition(at_least=AtLeast(n=2, of=CALLS)), {2, 3}), (Condition(not_=Condition(any_=CALLS)), {0}),
    ],
)  # fmt: skip
def test_conditions_combine_in_the_true_state(combined: Condition, enough: set[int]) -> None:
    compiler = Compiler(compile_chart(SCENARIO).numbering, SCENARIO.disease.levels)
    guard, read = compiler.guard(combined)
    assert guard is not None
    assert read == {("told", code) for code in "abc"}
    for told in product((False, True), repeat=3):
        held = {code for code, so in zip("abc", told, strict=True) if so}
        assert guard(SimpleNamespace(told=held)) is (len(held) in enough)  # type: ignore[arg-type]


def test_a_level_in_the_true_state_is_zero_while_nothing_runs_and_moves_with_its_factors() -> None:
    compiler = Compiler(compile_chart(SCENARIO).numbering, SCENARIO.disease.levels)
    low, _ = compiler.guard(Condition(level=Level(therapy="insulin", below=1)))
    high, _ = compiler.guard(Condition(level=Level(therapy="insulin", above=5)))
    (numbers,) = (names for region, (_, names) in compile_chart(SCENARIO).numbering.items() if region == "sugar")
    facts = [SimpleNamespace(running=running, states=[number] * 9)
             for running, number in (({}, numbers["fine"]), ({"insulin": 2.0}, numbers["fine"]),
                                     ({"insulin": 2.0}, numbers["high"]))]  # fmt: skip
    assert low is not None and high is not None
    assert [low(at) for at in facts] == [True, False, False]  # type: ignore[arg-type]
    assert [high(at) for at in facts] == [False, True, False]  # type: ignore[arg-type]


def test_a_level_that_the_disease_does_not_give_is_refused() -> None:
    compiler = Compiler(compile_chart(SCENARIO).numbering, SCENARIO.disease.levels)
    with pytest.raises(ValueError, match="gives no level for 'poison'"):
        compiler.guard(Condition(level=Level(therapy="poison", above=1)))


@pytest.mark.parametrize("sampled", SAMPLES, ids=[s[2] for s in SAMPLES])
def test_compiled_code_refuses_what_its_kind_of_condition_may_not_ask(sampled: Sample) -> None:
    pytest.importorskip("numpy")
    from sim.engine.kernel.coding import Coder
    from sim.engine.kernel.numbering import number

    condition, term, *_ = sampled
    coder = Coder(number(SCENARIO, compile_chart(SCENARIO)), [])
    if isinstance(term, Hidden):
        with pytest.raises(ValueError, match=f"'{term.key}' asks for the true state"):
            coder.make(condition, known=True)
    if isinstance(term, Known):
        with pytest.raises(ValueError, match=f"cannot ask for '{term.key}'"):
            coder.make(condition, known=False)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_true_state_and_the_log_answer_alike(number: int) -> None:
    r = Random(number)
    case = randomcase.scenario(r)
    session = Session(case, number, chart=compile_chart(case))
    compiler = session._chart.compiler
    asked = [Condition.model_validate(tupled(randomcase.nested(r, randomcase.true_leaf))) for _ in range(30)]
    guards = [(condition, guard) for condition in asked if (guard := compiler.guard(condition)[0]) is not None]
    for move in randomcase.moves(r):
        with contextlib.suppress(IllegalMove, CaseFault):
            session.apply(move)
        if session.ended:
            return
        for condition, guard in guards:
            assert guard(session._patient) == session.knowledge.holds(condition, session.now, truth=True)


@pytest.mark.parametrize(("event", "changed"), CHANGING)
def test_an_event_changes_its_facts(event: Event, changed: set[Fact]) -> None:
    assert set(changes(event)) == changed


def test_every_fact_that_a_learner_can_ask_for_is_changed_by_some_event() -> None:
    asked = {kind for _, term, _, facts, _ in SAMPLES if not isinstance(term, Hidden) for kind, _ in facts}
    assert asked <= {kind for event, _ in CHANGING for kind, _ in changes(event)}


def test_every_time_but_an_age_moves_with_a_step_that_comes_again() -> None:
    for condition, term, _, _, running in SAMPLES:
        if not running or isinstance(term, terms.Age):
            continue
        lib = scenario([step("a", "gene", when=condition, every="1 h", times=2)])
        later = unfold(lib.case).pathway[1].when
        assert later is not None
        assert [mark for clock in clocks(parsed(later)) for mark in clock.marks] == [
            mark + 60 for clock in running for mark in clock.marks
        ]


def test_random_cases_have_every_kind_of_condition_in_every_way_it_can_be_written() -> None:
    kinds: set[type] = set()
    bounds: set[tuple[type, bool, bool]] = set()
    occurrences: set[tuple[str, int]] = set()
    for number in range(60):
        case = randomcase.scenario(Random(number))
        for part in (case.case, case.disease, *case.catalogue.orders.values()):
            for term in _terms(part):
                kinds.add(type(term))
                if isinstance(term, (terms.ShowsValue, terms.Level, terms.Dose, terms.Believes)):
                    bounds.add((type(term), term.above is None, term.below is None))
                if isinstance(term, terms.Since):
                    occurrences.add((term.occurrence.kind, min(term.occurrence.place, 1)))
    assert kinds == set(TERMS)
    assert len(bounds) == 4 * 3
    assert occurrences == {(kind, place) for kind in get_args(terms.OccurrenceKind) for place in (-1, 0)} | {
        ("told", 1)
    }


def _terms(part: Any) -> list[Term]:
    found: list[Term] = []
    queue = [parsed(inner) for _, inner, _ in walk(part) if isinstance(inner, Condition)]
    for term in queue:
        found.append(term)
        queue += parts(term)
    return found


# --- the referee --------------------------------------------------------------------------------------------------

LAST = 1600
"""Minutes of a random log: the patient turns 22 days old in it."""


def random_event(r: Random, at: int, number: int) -> Event:
    """Something that may be in a log."""
    drug, test = r.choice(randomcase.DRUGS), r.choice(randomcase.TESTS)
    return r.choice((
        lambda: placed(at, r.choice(randomcase.ORDERS), number),
        lambda: started(at, drug, r.choice(("low", "high", None))),
        lambda: stopped(at, drug, r.choice(("learner", "course", "dose"))),
        lambda: result(at, test, *randomcase.some(r, randomcase.CODES), sampled=r.randint(0, at), number=number,
                       **{name: r.uniform(0, 9) for name in randomcase.some(r, randomcase.MEASURED)}),
        lambda: Called(at, "Look!", r.choice((*randomcase.CALLS, None))),
        lambda: DifferentialStated(at, (("aa", r.random()),)),
    ))()  # fmt: skip


def random_log(r: Random) -> Log:
    """Events in random minutes, some of them in the same."""
    minutes = sorted(r.choice((r.randint(0, LAST), r.randint(0, 60))) for _ in range(r.randint(0, 25)))
    again = [at for at in minutes if r.random() < 0.3]
    events = [random_event(r, at, number) for number, at in enumerate(sorted(minutes + again), 1)]
    return (opened(), *events, ended(LAST))


def asked_all_the_time(log: Log, condition: Condition) -> tuple[Interval, ...]:
    """The stretches through which a condition held: asked after every minute, and before every move."""
    facts, found, since = Knowledge(SCENARIO), list[Interval](), list[TimePoint]()

    def ask(at: int, event: int) -> None:
        if facts.holds(condition, at):
            since[:] = since or [TimePoint(at, event)]
        elif since:
            found.append(Interval(since.pop(), TimePoint(at, event)))

    for index, event in enumerate(log):
        for minute in range(log[index - 1].at, event.at) if index else ():
            ask(minute, index - 1)
        if is_move(event):
            ask(event.at, max(index - 1, 0))
        facts.take(event)
    ask(log[-1].at, len(log) - 1)
    return (*found, *map(Interval, since))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_condition_holds_when_it_would_if_asked_in_every_minute(number: int) -> None:
    r = Random(number)
    asked = [Condition.model_validate(tupled(randomcase.nested(r, randomcase.known_leaf))) for _ in range(4)]
    log = random_log(r)
    assert intervals(SCENARIO, log, asked) == [asked_all_the_time(log, condition) for condition in asked]


def test_what_comes_in_the_last_minute_of_a_log_counts() -> None:
    known = Condition(resulted="gene")
    log = (opened(), result(9, "gene"))
    assert intervals(SCENARIO, log, [known]) == [asked_all_the_time(log, known)] == [(Interval(TimePoint(9, 1)),)]
    assert intervals(SCENARIO, (), [known]) == [()]


@pytest.mark.parametrize("kind", [kind.__name__ for kind in get_args(Leaf) if kind not in get_args(Hidden)])
def test_each_kind_alone_holds_when_it_would_if_asked_in_every_minute(kind: str) -> None:
    alone = [c for c, term, *_ in SAMPLES if type(term).__name__ == kind]
    for number in range(12):
        r = Random(f"{kind}{number}")
        asked = (
            alone
            + [
                condition
                for _ in range(200)
                if _kinds(condition := Condition.model_validate(tupled(randomcase.known_leaf(r)))) == {kind}
            ][:3]
        )
        log = random_log(r)
        assert intervals(SCENARIO, log, asked) == [asked_all_the_time(log, condition) for condition in asked]


def _kinds(condition: Condition) -> set[str]:
    return {type(leaf).__name__ for leaf in leaves(parsed(condition))}


# --- what stands --------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_hints_and_scoring_find_the_same_to_stand(number: int) -> None:
    r = Random(number)
    log, orders = random_log(r), randomcase.scenario(r).catalogue.orders
    whole, so_far = Standing(orders, log), Standing(orders)
    for index, event in enumerate(log):
        so_far.take(event)
        if index + 1 < len(log) and log[index + 1].at > event.at + 1:  # a minute in which nothing happens
            for order in randomcase.ORDERS:
                assert so_far.by([order]) == whole.by([order], event.at + 1)


def test_what_stands_is_what_need_not_be_ordered_again() -> None:
    events = [
        placed(0, "story"), placed(1, "look", 2), placed(2, "sugar", 3), placed(3, "insulin"), placed(3, "sugar", 5),
    ]  # fmt: skip
    standing = Standing(SCENARIO.catalogue.orders, events)
    found = {order: standing.by([order]) for order in ("story", "look", "sugar", "insulin", "gene", "unheard_of")}
    assert found == {"story": 0, "look": None, "sugar": 2, "insulin": 3, "gene": None, "unheard_of": None}
    standing.take(started(9, "insulin"))
    standing.take(result(12, "sugar", number=3))
    assert standing.by(["insulin", "sugar"]) == 3  # the second sample is on its way still
    assert (standing.by(["sugar"], 3), standing.by(["sugar"], 2)) == (2, None)
    assert standing.runs(["gene", "insulin"])
    standing.take(stopped(20, "insulin", "dose"))
    assert standing.runs(["insulin"])
    standing.take(started(20, "insulin", "high"))
    assert standing.by(["insulin"]) == 3  # another dose is the same therapy, by its first start
    standing.take(stopped(21, "insulin"))
    assert not standing.runs(["insulin"])
    assert standing.by(["insulin"]) is None


def test_a_therapy_stands_by_its_order_from_when_the_nurse_has_it_in_hand() -> None:
    order = OrderPlaced(5, 1, "insulin", None)
    standing = Standing(SCENARIO.catalogue.orders, [opened(), order, started(9, "insulin"), stopped(30, "insulin")])
    assert [standing.by(["insulin"], at) for at in (5, 8, 9, 29, 30)] == [None, 1, 1, 1, None]
    given = Standing(SCENARIO.catalogue.orders, [opened(), started(0, "poison"), stopped(3, "fluids")])
    assert (given.by(["poison"], 0), given.by(["poison"], 1)) == (None, 1)


def test_a_differential_matters_only_where_some_step_or_need_reads_it() -> None:
    believes, ordered = sample("Believes"), sample("Ordered")
    assert not reads_beliefs(SCENARIO)
    assert not reads_beliefs(scenario([step("a", "gene"), step("b", "gene", when=ordered)]))
    assert reads_beliefs(scenario([step("a", "gene", when=Condition(not_=believes))]))
