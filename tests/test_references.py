"""Ids that must name something, and conditions that ask only what their place allows: asked of single parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import tinycase
from sim.case.checking.references import check_references, walk
from sim.case.composing.names import names_of
from sim.case.model.calibration import Calibration, Delay
from sim.case.model.case import Coach
from sim.case.model.conditions import Condition
from sim.case.model.disease import Disease, Finding, Modifier
from sim.case.model.parts import Part
from sim.case.model.pathway import Step
from sim.case.model.pitfalls import Absent, During, Pattern
from sim.case.problems import Problem, Problems
from sim.case.reading.tree import Document
from smalldisease import tupled

NAMES = replace(
    names_of(tinycase.catalogue(), ["trial"], ["guide"], tinycase.disease()),
    told=frozenset({"septic"}), findings={"gene": frozenset({"found"}), "scan": frozenset()},
)  # fmt: skip


def asking(**keys: Any) -> Condition:
    return Condition.model_validate(tupled({key.rstrip("_"): value for key, value in keys.items()}))


def step(**more: Any) -> Step:
    return tinycase.step("a", more.pop("do", "look"), **more)


def problems(part: Part, **known: Any) -> tuple[Problem, ...]:
    found = Problems()
    check_references(Document("toy.yaml", ()).at(), part, replace(NAMES, **known), found)
    return found.all


def said(part: Part, **known: Any) -> list[str]:
    return sorted(problem.message for problem in problems(part, **known))


NOWHERE = {
    "told": {"told": "fever"}, "running": {"running": "gene"}, "ordered": {"ordered": "genee"},
    "shows": {"shows": {"order": "gene", "finding": "lost"}},
    "since": {"since": {"ordered": "genee"}}, "dose": {"dose": {"therapy": "poison", "above": 1}},
    "believes": {"believes": {"diagnosis": "dd", "above": 0.5}},
}  # fmt: skip
"""Conditions that name what there is not."""

SAID = {
    "told": "no call reveals 'fever'", "running": "'gene' is not a therapy: it never runs",
    "ordered": "unknown order 'genee'", "shows": "no result of 'gene' has the code 'lost'",
    "since": "unknown order 'genee'", "dose": "'poison' has no doses to compare",
    "believes": "unknown diagnosis 'dd'",
}  # fmt: skip


@pytest.mark.parametrize("key", NOWHERE)
def test_a_condition_that_names_nothing_is_found_however_deep_it_is(key: str) -> None:
    wrong = NOWHERE[key]
    for when in (wrong, {"all": [wrong]}, {"any": [{"not": wrong}]}, {"at_least": {"n": 1, "of": [wrong]}}):
        assert said(step(when=asking(**when))) == [SAID[key]]


def test_a_sound_condition_is_no_problem() -> None:
    sound = asking(
        told="septic", running=["fluids", "line"], ordered="gene", shows={"order": "gene", "finding": "found"},
        dose={"therapy": "insulin", "above": 1}, since={"stopped": "insulin"}, elapsed={"from": "1 h"},
    )  # fmt: skip
    assert said(step(when=sound)) == []
    assert said(Modifier(x=2, when=asking(level={"therapy": "insulin", "above": 1}), assumed="a toy")) == []


@pytest.mark.parametrize(
    ("when", "wrong"),
    [
        ({"in_": {"sugar": "lost"}}, "region 'sugar' has no state 'lost'"),
        ({"in_": {"gut": "high"}}, "unknown region 'gut'"),
        ({"level": {"therapy": "fluids", "above": 1}}, "the disease gives no drug level for 'fluids'"),
        ({"level": {"therapy": "gene", "above": 1}}, "'gene' is not a therapy: it never runs"),
        ({"effect": "genee"}, "unknown order 'genee'"),
    ],
)
def test_the_true_state_names_what_the_disease_has(when: dict[str, Any], wrong: str) -> None:
    assert said(Modifier(x=2, when=asking(**when), assumed="a toy")) == [wrong]


def test_what_is_not_known_here_is_not_checked() -> None:
    when = asking(in_={"gut": "lost"}, level={"therapy": "fluids", "above": 1}, told="fever")
    assert said(Modifier(x=2, when=when, assumed="a toy"), states=None, levels=None, told=None) == []
    assert said(step(when=asking(shows={"order": "gene", "finding": "lost"})), findings=None) == []


def test_what_a_pitfall_leads_to_is_a_transition_of_the_disease() -> None:
    wrong = tinycase.pitfall("p", "minor", Pattern(first_true=asking(ordered="gene")), consequence=("sugar.lost",))
    assert said(wrong) == ["unknown transition 'sugar.lost'"]
    assert said(wrong, transitions=None) == []


def test_a_finding_of_an_order_that_there_is_not_is_one_mistake_and_one_of_a_silent_order_is_one_too() -> None:
    assert said(step(when=asking(shows={"order": "genee", "finding": "lost"}))) == ["unknown order 'genee'"]
    (silent,) = problems(step(when=asking(shows={"order": "scan", "finding": "lost"})))
    assert (silent.message, silent.hint) == ("no result of 'scan' has the code 'lost'", "")
    (unlike,) = problems(step(when=asking(shows={"order": "gene", "finding": "lost"})))
    assert unlike.hint == "its codes are found"
    (like,) = problems(step(when=asking(shows={"order": "gene", "finding": "foundd"})))
    assert like.hint == "did you mean 'found'?"
    assert said(step(when=asking(shows={"order": "sugar", "finding": "lost"}))) == [
        "no result of 'sugar' has the code 'lost'"
    ]


def test_a_finding_without_an_order_is_asked_of_nothing() -> None:
    assert said(step(when=asking(shows={"finding": "lost", "observable": "glucose", "above": 3}))) == []


def test_a_call_that_nobody_makes_is_met_with_the_calls_that_there_are() -> None:
    hints = {
        told: problem.hint
        for told in ("fever", "septik")
        for problem in problems(step(when=asking(told=told)))
    }  # fmt: skip
    assert hints == {
        "fever": "its calls reveal septic; add 'reveals' to a transition that has a 'call'",
        "septik": "did you mean 'septic'?",
    }
    (none,) = problems(step(when=asking(told="fever")), told=frozenset())
    assert none.hint == "add 'reveals' to a transition that has a 'call'"


@pytest.mark.parametrize(
    ("part", "key"),
    [
        (step(when=asking(in_={"gut": "lost"})), "in"),
        (step(when=asking(any=[{"not": {"effect": "genee"}}])), "effect"),
        (step(when=asking(level={"therapy": "genee", "above": 1})), "level"),
        (Modifier(x=2, when=asking(since={"ordered": "genee"}), assumed="a toy"), "since"),
        (Modifier(x=2, when=asking(all=[{"shows": {"order": "genee", "finding": "lost"}}]), assumed="a toy"), "shows"),
        (Modifier(x=2, when=asking(elapsed={"from": "1 h"}), assumed="a toy"), "elapsed"),
    ],
)
def test_what_a_place_does_not_allow_is_one_mistake_whatever_it_names(part: Part, key: str) -> None:
    (problem,) = problems(part)
    assert (problem.code, problem.message.split(" cannot")[0]) == ("condition", f"'{key}'")


def test_what_is_allowed_beside_what_is_not_is_looked_up_as_well() -> None:
    when = asking(in_={"sugar": "high"}, ordered="genee")
    assert [message.split(":")[0] for message in said(step(when=when))] == [
        "'in' cannot be used here", "unknown order 'genee'",
    ]  # fmt: skip


def test_the_outermost_place_says_what_a_condition_may_ask() -> None:
    truth = asking(in_={"sugar": "high"}, since={"ordered": "gene"})
    pitfall = tinycase.pitfall("p", "minor", Pattern(absent=Absent(order="gene", by="1 h", since=truth)))
    assert said(pitfall) == []
    level = Pattern(first_true=asking(level={"therapy": "insulin", "above": 1}))
    (problem,) = problems(tinycase.pitfall("p", "minor", level))
    assert "not part of the log that is scored" in problem.message


def test_a_condition_of_no_place_may_ask_anything_and_is_walked_to_its_end() -> None:
    anything = asking(
        in_={"sugar": "high"}, since={"ordered": "gene"}, not_={"shows": {"observable": "pulse"} | {"above": 1}}
    )
    assert said(anything) == []
    assert [type(part).__name__ for _, part, _ in walk(anything)] == ["Condition", "Since", "Condition", "Shows"]


def test_a_step_or_a_pitfall_that_is_about_stopping_names_therapies() -> None:
    never = ["'look' is not a therapy: it never runs"]
    assert (said(step(do="look")), said(step(do="look", stop=True))) == ([], never)
    assert said(step(do="fluids", each="septic", stop=True)) == []
    during = During(order="look", when=asking(ordered="gene"), stop=True)
    assert (said(during.model_copy(update={"stop": False})), said(during)) == ([], never)


def test_a_text_quotes_the_patients_name_and_observables_and_nothing_else() -> None:
    assert said(Finding(text="{name} has a glucose of {glucose}.")) == []
    like, unlike = problems(Finding(text="{qqqq} {glucos}"))
    assert (like.message, unlike.message) == (
        "nothing is filled in for '{glucos}'", "nothing is filled in for '{qqqq}'",
    )  # fmt: skip
    assert like.hint == "did you mean 'glucose'?"
    assert unlike.hint == "a text quotes {name} and observables, such as {glucose}"


def test_a_coach_names_acts_and_nothing_else() -> None:
    assert said(Coach(say="Now {wait}, then {hand_over}.", until=asking(ordered="look"))) == []
    assert said(Coach(say="Now {glucose}.", until=asking(ordered="look"))) == ["no face has a key for '{glucose}'"]
    assert said(Coach(say="Now {wait}.", until=asking(in_={"sugar": "high"})))[0].startswith("'in' cannot be used here")


def test_a_finding_names_a_report_that_its_order_has() -> None:
    def saying(order: str, *findings: Finding) -> Disease:
        return tinycase.disease().model_copy(update={"results": {order: findings}})

    early = Finding(text="It grows.", report="first")
    assert said(saying("gene", Finding(text="It grew."))) == []
    assert said(saying("gene", early)) == ["'gene' has no report 'first' before its final one"]
    assert said(saying("gene", early), reports={"gene": frozenset({"first"})}) == []
    assert said(saying("genee", early)) == ["unknown order 'genee'"]
    hints = [p.hint for first in ("first", "secund") for p in problems(
        saying("gene", Finding(text="It grows.", report=first)), reports={"gene": frozenset({"second"})})]  # fmt: skip
    assert hints == ["without 'report' the final one says it", "did you mean 'second'?"]


def test_what_was_done_before_has_times_and_no_reports_and_what_is_given_has_a_dose() -> None:
    assert said(tinycase.scenario(past={"fluids": ("9 d", "2 d")}, given={"insulin": "low"}).case) == []
    assert said(tinycase.scenario(past={"genee": "9 d"}).case) == ["unknown order 'genee'"]


def test_a_group_of_orders_may_be_named_where_orders_are() -> None:
    late = Delay(starting=("gene", "tests", "genee"), by="1 d")
    assert [(p.code, p.message) for p in problems(late, groups=frozenset({"tests"}))] == [
        ("unknown-order", "unknown order or group of orders 'genee'")
    ]
    assert said(Delay(starting="tests", by="1 d")) == ["unknown order or group of orders 'tests'"]
    groups = Calibration.model_construct(
        id="c", case="toy_case", about="A toy.", patients="Toys.", plans={}, arms={}, sections=(), limits="None.",
        orders={"tests": ("gene", "genee"), "all": ("tests",)}, cohorts={"both": ("one", "two")},
    )  # fmt: skip
    assert said(groups, groups=frozenset({"tests", "all"}), arms=frozenset({"one"})) == [
        "unknown arm 'two'", "unknown order or group of orders 'genee'",
    ]  # fmt: skip


def test_an_unknown_id_is_met_with_what_helps() -> None:
    def hint(part: Part, **known: Any) -> str:
        (problem,) = problems(part, **known)
        assert problem.code.startswith("unknown-") and problem.code.removeprefix("unknown-") in problem.message
        return problem.hint

    assert hint(step(do="fluidz")) == "did you mean 'fluids'?"
    for called in (None, "fluids"):
        assert hint(step(do="fluidz"), called=lambda *_, called=called: called) == "did you mean 'fluids'?"
    assert hint(step(do="water"), called=lambda *_: "fluids") == "'water' is called 'fluids' here"
    assert hint(step(do="qqqq")) == "scurfy orders searches; orders.yaml beside a case adds to the catalogue"
    assert hint(step(when=asking(believes={"diagnosis": "qqqq", "above": 0.5}))).endswith(
        "diagnoses.yaml beside a case adds to the catalogue"
    )
    assert hint(step(when=asking(shows={"observable": "qqqq", "above": 3}))) == ""
    assert hint(step(when=asking(shows={"observable": "glucos", "above": 3}))) == "did you mean 'glucose'?"
    more = "add it to evidence.yaml beside the case, or write 'assumed: why' instead"
    assert hint(step(assumed=None, evidence=("qqqq",))) == more
    assert hint(step(assumed=None, evidence=("triall",))) == f"did you mean 'trial'? If not, {more}"


def test_what_is_no_therapy_never_runs_and_a_case_is_told_where_its_past_belongs() -> None:
    (problem,) = problems(step(when=asking(running="look")))
    assert problem.hint == "only therapies, and procedures with 'lasts', run on"
    (problem,) = problems(tinycase.scenario(given={"look": None}).case)
    assert "stands under 'past'" in problem.hint


@pytest.mark.parametrize(
    ("in_", "hint"),
    [
        ({"sugarr": "high"}, "did you mean 'sugar'?"), ({"qqqq": "high"}, "its regions are life, sugar"),
        ({"sugar": "hihg"}, "did you mean 'high'?"), ({"sugar": ("high", "qqqq")}, "its states are fine, high"),
    ],
)  # fmt: skip
def test_an_unknown_region_or_state_is_met_with_those_that_there_are(in_: dict[str, Any], hint: str) -> None:
    (problem,) = problems(Modifier(x=2, when=asking(in_=in_), assumed="a toy"))
    assert problem.hint == hint
