"""Jump code of single conditions: what it asks, which facts it reads, and from where its clocks run.

The comparison of kernel and session cannot see every mistake here: a life that compiled code cannot end is played
again by a session, and a clock too many only costs time.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

pytest.importorskip("numpy")

from sim.case.model.case import Limits
from sim.case.model.conditions import Condition
from sim.case.model.disease import Finding
from sim.case.model.scenario import Scenario
from sim.engine.chart import compile_chart
from sim.engine.kernel import layout as at
from sim.engine.kernel.coding import Coded, Coder, Rows, TooMuch
from sim.engine.kernel.numbering import lay_out, number
from smalldisease import go, library_of, region, tupled
from tinycase import step

KNOWN = "since elapsed shows believes"


def condition(**keys: Any) -> Condition:
    return Condition.model_validate(tupled({key.rstrip("_"): value for key, value in keys.items()}))


def made_coder() -> Coder:
    """A coder for a case with a call, a coded finding, a drug level, an observable and a belief that steps ask for."""
    gut = region("calm hot", go("boils", "calm", "hot", median="9 d", call="It boils!", reveals="boiling"),
                 go("cools", "hot", "calm", median="9 d", call="It cools.", reveals="cooling"))  # fmt: skip
    level = {"therapy": "insulin", "observable": "glucose", "per_amount": 2.0, "factors": [], "assumed": "a toy"}
    said = [{"code": "found", "text": "Found."}]
    asked = (
        condition(shows={"observable": "glucose", "above": 3}), condition(believes={"diagnosis": "aa", "above": 0.5}),
        condition(since={"told": "boiling", "nth": 3}),
    )  # fmt: skip
    scenario = library_of({"levels": [level], "results": {"gene": said}}, gut=gut)
    steps = tuple(step(f"s{i}", "gene", when=when) for i, when in enumerate(asked))
    scenario = scenario.model_copy(update={"case": scenario.case.model_copy(update={"pathway": steps})})
    chart = compile_chart(scenario)
    rows = number(scenario, chart)
    lay_out(rows, chart, len(steps), 1)
    coder = Coder(rows, [])
    coder.level_facts = {0: frozenset({coder.fact(at.FACT_RUNNING, rows.orders["insulin"])})}
    return coder


@pytest.fixture
def coder() -> Coder:
    return made_coder()


def make(coder: Coder, when: Condition) -> Coded:
    return coder.make(when, known=any(key in when.model_fields_set for key in KNOWN.split()))


def question(coder: Coder, when: Condition) -> tuple[int, ...]:
    """The one instruction of a condition: its operation and operands, which leads to yes and to no."""
    entry = make(coder, when).entry
    word = coder.code[entry - at.HEADER : entry - at.HEADER + at.INSTRUCTION]
    assert (len(coder.code), word[at.YES], word[at.NO]) == (at.INSTRUCTION, at.TRUE, at.FALSE)
    return tuple(word[: at.YES])


@pytest.mark.parametrize(
    ("when", "op", "row", "of"),
    [
        (condition(in_={"gut": "hot"}), at.IN, at.STATE, "gut"),
        (condition(effect="insulin"), at.IN, at.IN_EFFECT, "insulin"),
        (condition(running="insulin"), at.IN, at.RUNS, "insulin"),
        (condition(ordered="gene"), at.IN, at.ORDERED, "gene"),
        (condition(resulted="gene"), at.IN, at.RESULTED, "gene"),
        (condition(told="boiling"), at.IN, at.TOLD, "boiling"),
        (condition(shows={"order": "gene", "finding": "found"}), at.MASK, at.CODES, "gene"),
        (condition(shows={"observable": "glucose", "above": 3}), at.BETWEEN, at.VALUE, "glucose"),
        (condition(believes={"diagnosis": "aa", "above": 0.5}), at.BETWEEN, at.BELIEF, "aa"),
        (condition(since={"ordered": "gene"}), at.SINCE, at.LAST_ORDERED, "gene"),
        (condition(since={"resulted": "gene", "first": True}), at.SINCE, at.FIRST_RESULTED, "gene"),
        (condition(since={"stopped": "insulin"}), at.SINCE, at.LAST_STOPPED, "insulin"),
        (condition(since={"told": "boiling"}), at.SINCE, at.LAST_CALL, "boiling"),
        (condition(since={"told": "boiling", "first": True}), at.SINCE, at.CALL_TIMES, "boiling"),
    ],
)
def test_a_question_is_asked_of_its_row(coder: Coder, when: Condition, op: int, row: int, of: str) -> None:
    rows = coder.rows
    numbers = {**rows.orders, **rows.codes, **rows.watched, **rows.diagnoses, "gut": rows.regions["gut"][0]}
    found = question(coder, when)
    assert (found[at.OP], found[at.A]) == (op, rows.row[row] + numbers[of])


@pytest.mark.parametrize(
    ("when", "asked"),
    [
        (condition(age={"from": "3 min", "below": "9 min"}), (at.AGE, 3, 9, 0)),
        (condition(age={"from": "3 min"}), (at.AGE, 3, at.NEVER, 0)),
        (condition(elapsed={"from": "3 min", "below": "9 min"}), (at.ELAPSED, 3, 9, 0)),
        (condition(elapsed={"from": "3 min"}), (at.ELAPSED, 3, at.NEVER, 0)),
    ],
)
def test_a_time_is_asked_from_its_start_to_its_end(coder: Coder, when: Condition, asked: tuple[int, ...]) -> None:
    assert question(coder, when) == asked


def test_the_times_of_a_since_and_the_number_of_a_call_are_asked(coder: Coder) -> None:
    times = coder.rows.row[at.CALL_TIMES]
    third = condition(since={"told": "boiling", "nth": 3, "at_least": "3 min", "below": "9 min"})
    assert question(coder, third) == (at.SINCE, times + 2, 3, 9)
    assert question(made_coder(), condition(since={"told": "boiling", "nth": 3}))[at.C] == at.NEVER


@pytest.mark.parametrize("key", ["dose", "level"])
def test_an_amount_is_asked_with_its_bounds(coder: Coder, key: str) -> None:
    op, what, bounds, _ = question(coder, condition(**{key: {"therapy": "insulin", "above": 1, "below": 4}}))
    assert (op, what) == ((at.DOSE, coder.rows.orders["insulin"]) if key == "dose" else (at.AT_LEVEL, 0))
    assert coder._fractions[bounds : bounds + 2] == [1, 4]


@pytest.mark.parametrize(
    ("when", "start", "marks"),
    [
        (condition(age={"from": "3 min", "below": "9 min"}), "birth", (3, 9)),
        (condition(elapsed={"from": "3 min"}), "opening", (3,)),
        (condition(since={"ordered": "gene", "below": "9 min"}), (at.LAST_ORDERED, "gene"), (0, 9)),
        (condition(since={"resulted": "gene", "first": True}), (at.FIRST_RESULTED, "gene"), (0,)),
        (condition(not_={"since": {"stopped": "insulin"}}, elapsed={}), (at.LAST_STOPPED, "insulin"), (0,)),
        (condition(since={"told": "boiling", "at_least": "7 min"}), (at.LAST_CALL, "boiling"), (7,)),
    ],
)  # fmt: skip
def test_a_clock_runs_from_its_start(coder: Coder, when: Condition, start: Any, marks: tuple[int, ...]) -> None:
    clocks = make(coder, when).clocks
    if isinstance(start, tuple):
        address = coder.rows.row[start[0]] + {**coder.rows.orders, **coder.rows.codes}[start[1]]
    else:
        address = at.MINUS_BIRTH if start == "birth" else at.ZERO
    assert [clock for clock in clocks if clock[0] == address] == [(address, mark) for mark in marks]


@pytest.mark.parametrize(
    "when",
    [
        condition(running="unheard_of"), condition(ordered="unheard_of"), condition(resulted="unheard_of"),
        condition(effect="unheard_of"), condition(told="unheard_of"),
        condition(dose={"therapy": "unheard_of", "above": 1}), condition(since={"ordered": "unheard_of"}),
        condition(since={"told": "unheard_of"}), condition(shows={"order": "unheard_of", "finding": "found"}),
        condition(shows={"observable": "pulse", "above": 1}),
    ],
)  # fmt: skip
def test_what_a_case_does_not_have_never_holds_and_is_read_by_nobody(coder: Coder, when: Condition) -> None:
    assert make(coder, when) == Coded(at.FALSE, frozenset(), ())


def test_a_code_that_no_result_has_is_never_shown(coder: Coder) -> None:
    assert question(coder, condition(shows={"order": "gene", "finding": "unheard_of"}))[at.B] == 0


def test_a_level_that_there_is_not_or_that_rests_on_itself_is_refused(coder: Coder) -> None:
    with pytest.raises(ValueError, match="gives no level for 'poison'"):
        coder.make(condition(level={"therapy": "poison", "above": 1}), known=False)
    coder.level_facts = {}
    with pytest.raises(TooMuch):
        coder.make(condition(level={"therapy": "insulin", "above": 1}), known=False)


@pytest.mark.parametrize(
    ("when", "block"),
    [
        (condition(effect="gene"), at.FACT_EFFECT), (condition(running="gene"), at.FACT_RUNNING),
        (condition(ordered="gene"), at.FACT_ORDERED), (condition(resulted="gene"), at.FACT_RESULTED),
    ],
)  # fmt: skip
def test_a_fact_about_an_order_has_its_number(coder: Coder, when: Condition, block: int) -> None:
    assert make(coder, when).facts == {coder.fact(block, coder.rows.orders["gene"])}


def test_every_other_fact_has_its_number(coder: Coder) -> None:
    found = {
        "in": make(coder, condition(in_={"life": "alive"})).facts,
        "told": make(coder, condition(told="cooling")).facts,
        "age": make(coder, condition(age={"from": "3 min"})).facts,
        "believes": make(coder, condition(believes={"diagnosis": "aa", "above": 0.5})).facts,
    }
    assert found == {
        "in": {coder.rows.regions["life"][0]}, "told": {coder.fact(at.FACT_TOLD, 1)}, "age": {coder.fact_age},
        "believes": {coder.fact_stated},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (condition(all=[{"ordered": "gene"}, {"ordered": "scan"}, {"ordered": "look"}]), {3}),
        (condition(any=[{"ordered": "gene"}, {"ordered": "scan"}, {"ordered": "look"}]), {1, 2, 3}),
        (condition(at_least={"n": 2, "of": [{"ordered": "gene"}, {"ordered": "scan"}, {"ordered": "look"}]}), {2, 3}),
        (condition(not_={"any": [{"ordered": "gene"}, {"ordered": "scan"}, {"ordered": "look"}]}), {0}),
    ],
)
def test_combined_questions_lead_to_yes_for_as_many_as_it_takes(
    coder: Coder, when: Condition, expected: set[int]
) -> None:
    entry, first = make(coder, when).entry, coder.rows.row[at.ORDERED]
    addresses = [first + coder.rows.orders[name] for name in ("gene", "scan", "look")]
    for held in product((0, 1), repeat=3):
        record = dict(zip(addresses, held, strict=True))
        here = entry
        while here >= 0:
            _, word, mask, _, yes, no = coder.code[here - at.HEADER : here - at.HEADER + at.INSTRUCTION]
            here = yes if mask >> record[word] & 1 else no
        assert (here == at.TRUE) is (sum(held) in expected)


def test_a_fact_that_comes_down_to_others_is_read_as_those(coder: Coder) -> None:
    orders = coder.rows.orders
    shown = make(coder, condition(shows={"observable": "glucose", "above": 3})).facts
    assert shown == {coder.fact(at.FACT_RESULTED, orders["sugar"])}
    level = make(coder, condition(level={"therapy": "insulin", "above": 3})).facts
    assert level == {coder.fact(at.FACT_RUNNING, orders["insulin"])}


def test_a_bound_that_is_not_given_is_beyond_every_number(coder: Coder) -> None:
    coder.make(condition(dose={"therapy": "insulin", "above": 1}), known=False)
    coder.make(condition(dose={"therapy": "insulin", "below": 4}), known=False)
    assert coder._fractions == [1, float("inf"), float("-inf"), 4]


@pytest.mark.parametrize(
    "when", [condition(ordered="gene", told="unheard_of"), condition(not_={"not": {"told": "unheard_of"}}, age={})]
)
def test_what_the_answer_does_not_depend_on_is_not_asked(coder: Coder, when: Condition) -> None:
    assert make(coder, when).entry == at.FALSE
    assert coder.code == []


@pytest.mark.parametrize("key", ["in_", "effect", "level"])
def test_what_a_learner_can_know_holds_no_true_state(coder: Coder, key: str) -> None:
    asked = {"in_": {"gut": "hot"}, "effect": "insulin", "level": {"therapy": "insulin", "above": 1}}
    with pytest.raises(ValueError, match=f"'{key.rstrip('_')}' asks for the true state"):
        coder.make(condition(ordered="gene", **{key: asked[key]}), known=True)


@pytest.mark.parametrize("key", KNOWN.split())
def test_the_true_state_holds_nothing_that_a_learner_has_to_know(coder: Coder, key: str) -> None:
    asked: dict[str, dict[str, object]] = {
        "since": {"ordered": "gene"}, "elapsed": {"from": "3 min"}, "shows": {"order": "gene", "finding": "found"},
        "believes": {"diagnosis": "aa", "above": 0.5},
    }  # fmt: skip
    with pytest.raises(ValueError, match=f"cannot ask for '{key}'"):
        coder.make(condition(ordered="gene", **{key: asked[key]}), known=False)


def test_a_flag_or_a_state_that_a_condition_must_have_first_is_peeled_off(coder: Coder) -> None:
    entry = make(coder, condition(in_={"gut": "hot"}, age={"from": "3 min"})).entry
    then, word, mask = coder.peeled(entry)
    gut, names = coder.rows.regions["gut"]
    assert (word, mask) == (coder.rows.row[at.STATE] + gut, 1 << names["hot"])
    assert coder.code[then - at.HEADER] == at.AGE


@pytest.mark.parametrize(
    "when",
    [
        condition(age={"from": "3 min"}, all=[{"told": "boiling"}]), condition(not_={"ordered": "gene"}),
        condition(any=[{"ordered": "gene"}, {"told": "boiling"}]), condition(all=[]), condition(any=[]),
        condition(dose={"therapy": "insulin", "above": 1}),
    ],
)  # fmt: skip
def test_nothing_is_peeled_off_a_condition_that_begins_otherwise(coder: Coder, when: Condition) -> None:
    entry = make(coder, when).entry
    assert coder.peeled(entry) == (entry, at.ZERO, 1)


def test_no_condition_always_holds_and_flags_come_before_it(coder: Coder) -> None:
    assert coder.make(None, known=False) == Coded(at.TRUE, frozenset(), ())
    flagged = coder.make(None, known=False, flags=(7,)).entry - at.HEADER
    assert coder.code[flagged : flagged + at.INSTRUCTION] == [at.IN, 7, at.FLAG, 0, at.TRUE, at.FALSE]


# --- the numbering --------------------------------------------------------------------------------------------------


def numbered(scenario: Scenario) -> Rows:
    return number(scenario, compile_chart(scenario))


def asking(scenario: Scenario, **when: Any) -> Scenario:
    steps = (step("ask", "gene", when=condition(**when)),)
    return scenario.model_copy(update={"case": scenario.case.model_copy(update={"pathway": steps})})


def test_more_states_than_fit_a_set_of_bits_are_too_many() -> None:
    assert numbered(library_of(gut=region(" ".join(f"s{i}" for i in range(at.MOST)))))
    with pytest.raises(TooMuch, match="states in a region"):
        numbered(library_of(gut=region(" ".join(f"s{i}" for i in range(at.MOST + 1)))))


def test_more_codes_than_fit_a_set_of_bits_are_too_many() -> None:
    def saying(count: int) -> Scenario:
        return library_of({"results": {"gene": [{"code": f"c{i}", "text": "Found."} for i in range(count)]}})

    assert len(numbered(saying(at.MOST)).findings["gene"]) == at.MOST
    with pytest.raises(TooMuch, match="coded findings of 'gene'"):
        numbered(saying(at.MOST + 1))


def test_a_whole_that_is_never_less_than_its_parts_is_too_much_where_it_is_watched() -> None:
    scenario = library_of()
    whole = scenario.catalogue.observables["glucose"].model_copy(update={"whole_of": ("pulse",)})
    catalogue = scenario.catalogue.model_copy(
        update={"observables": scenario.catalogue.observables | {"glucose": whole}}
    )
    scenario = scenario.model_copy(update={"catalogue": catalogue})
    assert numbered(asking(scenario, shows={"observable": "pulse", "above": 3})).watched == {"pulse": 0}
    with pytest.raises(TooMuch, match="never less than its parts"):
        numbered(asking(scenario, shows={"observable": "glucose", "above": 3}))


def test_a_step_that_is_always_due_asks_nothing_and_a_transition_that_nobody_is_called_about_has_no_code() -> None:
    silent = library_of(gut=region("a b", go("x", "a", "b", median="9 d")))
    always = silent.model_copy(update={"case": silent.case.model_copy(update={"pathway": (step("ask", "gene"),)})})
    rows = numbered(always)
    assert (rows.watched, rows.diagnoses, rows.codes, rows.calls) == ({}, {}, {}, {"": 0})


@pytest.mark.parametrize(
    ("slots", "first"),
    [
        ((at.FIRST_ORDERED, at.LAST_STOPPED, at.LAST_CALL, at.STEP_DONE), at.ABSENT),
        ((at.READY, at.ENDS, at.STEP_BOUND, at.NURSES), at.NEVER),
        ((at.RUNS, at.ORDERED, at.TOLD, at.FIRINGS), 0),
    ],
)
def test_a_new_record_holds_no_minute_no_plan_and_nothing_that_was_done(slots: tuple[int, ...], first: int) -> None:
    scenario = library_of(gut=region("a b", go("x", "a", "b", median="9 d", call="Look!", reveals="cry")))
    chart = compile_chart(scenario)
    rows = number(scenario, chart)
    record, _ = lay_out(rows, chart, 1, 1)
    assert [record[rows.row[slot]] for slot in slots] == [first] * len(slots)


def test_what_a_case_says_of_an_order_takes_the_place_of_what_its_disease_says() -> None:
    scenario = library_of({"results": {"gene": [{"code": "theirs", "text": "Found."}]}})
    assert numbered(scenario).findings["gene"] == {"theirs": 0}
    own = (Finding(code="own", text="Found."), Finding(text="Nothing."))
    scenario = scenario.model_copy(update={"case": scenario.case.model_copy(update={"results": {"gene": own}})})
    assert numbered(scenario).findings["gene"] == {"own": 0}
    assert numbered(scenario).findings["sugar"] == {}


def test_what_a_modelled_observable_follows_from_is_watched_before_it() -> None:
    scenario = library_of({"observables": {"glucose": {"sum": [{"observable": "pulse"}]}}})
    assert numbered(scenario).watched == {}
    assert list(numbered(asking(scenario, shows={"observable": "glucose", "above": 3})).watched) == ["pulse", "glucose"]
    assert list(numbered(asking(scenario, shows={"observable": "pulse", "above": 3})).watched) == ["pulse"]


def test_the_times_of_a_call_are_kept_as_far_as_a_condition_counts_them() -> None:
    calls = (go(f"x{i}", "a", "b", median="9 d", call="Look!", reveals=code) for i, code in enumerate(("gene", "cry")))
    scenario = library_of(gut=region("a b", *calls))
    assert numbered(scenario).calls == {"gene": 0, "cry": 0, "": 0}
    assert numbered(asking(scenario, since={"told": "gene", "nth": 3})).calls == {"gene": 0, "cry": 3, "": 3}
    assert numbered(asking(scenario, since={"told": "cry", "first": True})).calls == {"gene": 0, "cry": 0, "": 1}
    assert numbered(asking(scenario, since={"told": "cry"})).calls == {"gene": 0, "cry": 0, "": 0}
    assert numbered(asking(scenario, since={"ordered": "gene", "first": True})).calls[""] == 0
    assert numbered(asking(scenario, since={"told": "nobody_calls_it", "nth": 2})).calls[""] == 0


@pytest.mark.parametrize(("every", "limits", "watched"), [
    (60, {"glucose": Limits(below=3)}, {"glucose": 0}), (60, {"pulse": Limits(below=3)}, {"glucose": 0}),
    (60, {}, {"glucose": 0}),
    (None, {"glucose": Limits(below=3)}, {}),
])  # fmt: skip
def test_what_a_standing_order_measures_is_watched_for_a_learner_may_set_its_limits(
    every: int | None, limits: dict[str, Limits], watched: dict[str, int]
) -> None:
    scenario = library_of()
    sugar = scenario.catalogue.orders["sugar"].model_copy(update={"every": every})
    catalogue = scenario.catalogue.model_copy(update={"orders": scenario.catalogue.orders | {"sugar": sugar}})
    case = scenario.case.model_copy(update={"limits": limits})
    assert numbered(scenario.model_copy(update={"catalogue": catalogue, "case": case})).watched == watched
