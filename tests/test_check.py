"""`check`: one clear line per mistake, at the right place, for every file in one run."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import get_args, get_type_hints

import pytest

from sim.case.checking.check import check
from sim.case.checking.references import CONTEXTS, USES
from sim.case.model.conditions import Condition
from sim.case.model.disease import Crossing, Disease
from sim.case.model.parts import EvidenceId, Id, Part
from sim.case.problems import Problem, render
from tinycase import change

DATA = Path(__file__).parent / "data"
TINY = DATA / "tiny"
BROKEN = sorted((DATA / "broken").glob("*.yaml"))


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A copy of the tiny scenarios folder, to break."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


def said(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    return [(Path(problem.file).name, problem.message) for problem in problems]


def test_the_tiny_library_is_sound() -> None:
    assert check([TINY]) == ()


def test_a_case_need_not_say_what_the_patient_weighed_at_birth(tiny: Path) -> None:
    change(tiny / "cases" / "tiny_case.yaml", "  birth_weight: {low: 3.0, high: 3.6}\n", "")
    assert check([tiny]) == ()


def test_an_opening_names_the_weight_at_birth_only_where_the_case_gives_one(tiny: Path) -> None:
    case = tiny / "cases" / "tiny_case.yaml"
    change(case, "weighs {weight}.", "weighs {weight}, at birth {birth_weight}.")
    assert check([tiny]) == ()
    change(case, "  birth_weight: {low: 3.0, high: 3.6}\n", "")
    assert said(check([tiny])) == [("tiny_case.yaml", "nothing is filled in for '{birth_weight}'")]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_file_with_one_mistake_gives_the_one_right_line(path: Path) -> None:
    (problem,) = check([path], root=TINY)
    assert Path(problem.file).name == path.name
    expected = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert render(replace(problem, file=path.name)) + "\n" == expected


def test_there_are_enough_broken_files_each_with_its_line() -> None:
    assert len(BROKEN) >= 45
    assert {path.stem for path in BROKEN} == {path.stem for path in (DATA / "broken").glob("*.txt")}


@pytest.mark.slow
def test_all_broken_files_are_reported_in_one_run() -> None:
    problems = check([DATA / "broken"], root=TINY)
    assert {Path(problem.file).stem for problem in problems} == {path.stem for path in BROKEN}
    assert list(problems) == sorted(problems)


@pytest.mark.slow
def test_checking_twice_says_the_same() -> None:
    assert check([DATA / "broken"], root=TINY) == check([DATA / "broken"], root=TINY)


def test_a_mistake_in_one_order_is_no_unknown_order_elsewhere(tiny: Path) -> None:
    change(tiny / "catalogue" / "orders_tiny.yaml", "name: Gentamicin\n", "nam: Gentamicin\n")
    assert said(check([tiny])) == [("orders_tiny.yaml", "unknown key 'nam'")]


def test_a_catalogue_that_cannot_be_read_hides_no_other_file_behind_noise(tiny: Path) -> None:
    change(tiny / "catalogue" / "orders_tiny.yaml", "orders:\n", "orders: [\n")
    assert [Path(problem.file).name for problem in check([tiny])] == ["orders_tiny.yaml"]


def test_checking_a_case_reports_what_keeps_its_disease_from_loading(tiny: Path) -> None:
    change(tiny / "diseases" / "meadow_fever.yaml", "to: severe", "to: sever")
    problems = check([tiny / "cases" / "tiny_case.yaml"])
    assert said(problems) == [("meadow_fever.yaml", "region 'infection' has no state 'sever'")]


def test_a_file_must_be_called_what_it_is(tiny: Path) -> None:
    (tiny / "cases" / "tiny_case.yaml").rename(tiny / "cases" / "other.yaml")
    assert said(check([tiny])) == [("other.yaml", "the file is called 'other', so its id must be 'other' too")]


def test_an_id_in_two_files_of_a_catalogue_is_reported_at_the_later(tiny: Path) -> None:
    orders = "orders:\n  - {id: bolus, name: B, kind: consult, group: G, takes: 1 min, normal: N}\n"
    (tiny / "catalogue" / "orders_zz.yaml").write_text(orders, encoding="utf-8")
    assert said(check([tiny])) == [("orders_zz.yaml", "id 'bolus' is used in orders_tiny.yaml line 90 already")]


def test_a_state_that_only_a_case_opens_in_has_a_way_in(tiny: Path) -> None:
    change(
        tiny / "diseases" / "meadow_fever.yaml", "      cleared:\n", "      hidden: {name: Hidden}\n      cleared:\n"
    )
    assert [problem.severity for problem in check([tiny])] == ["warning"]
    change(tiny / "cases" / "tiny_case.yaml", "{mild: 60%, severe: 40%}", "{mild: 60%, hidden: 40%}")
    assert check([tiny]) == ()


def test_an_order_that_two_steps_ask_for_from_the_opening_is_worth_a_warning(tiny: Path) -> None:
    change(tiny / "cases" / "tiny_case.yaml", "do: blood_culture", "do: [blood_culture, ex_perfusion]")
    (problem,) = check([tiny])
    assert (problem.severity, problem.code) == ("warning", "one-order-two-steps")
    assert problem.message == "'ex_perfusion' does one step, and the step 'look' asks for it from the opening as well"
    change(tiny / "cases" / "tiny_case.yaml", "[blood_culture, ex_perfusion]",
           "[blood_culture, ex_perfusion]\n    when: {not: {ordered: ex_perfusion}}")  # fmt: skip
    assert check([tiny]) == ()


def test_a_need_that_passes_before_its_window_closes_is_worth_a_warning(tiny: Path) -> None:
    since = "since: {ordered: gentamicin, first: true, at_least: 4 d"
    change(tiny / "cases" / "tiny_case.yaml", since, f"{since}, below: 110 h")
    (problem,) = check([tiny])
    assert (problem.severity, problem.code) == ("warning", "never-missed")
    assert problem.source_line.strip() == "within: 1 d"
    change(tiny / "cases" / "tiny_case.yaml", "below: 110 h", "below: 5 d")
    assert check([tiny]) == ()  # as long as the window: the step can be missed


def test_paths_that_hold_nothing_are_problems(tmp_path: Path) -> None:
    problems = check([tmp_path, tmp_path / "absent.yaml"])
    assert {problem.message for problem in problems} == {
        "there is no YAML file in this folder",
        "there is no such file or folder",
    }


def test_questions_to_the_graph_are_placed_at_their_state_or_transition() -> None:
    def questions(disease: Disease, starts: object) -> Iterator[SimpleNamespace]:
        assert disease.id == "meadow_fever"
        assert starts == {
            "infection": {"mild": 0.6, "severe": 0.4},
            "fluid": {"dry": 1.0},
            "life": {"alive": 1.0},
        }
        yield SimpleNamespace(code="c", region="fluid", name="dry", message="about a state")
        yield SimpleNamespace(code="c", region="life", name="shock", message="about a transition")
        yield SimpleNamespace(code="c", region="", name="", message="about the disease")

    problems = check([TINY], graph=questions)
    assert {problem.message: problem.source_line.strip() for problem in problems} == {
        "about a state": "dry:",
        "about a transition": "- id: shock",
        "about the disease": "regions:",
    }


def test_the_graph_is_not_asked_about_a_broken_disease(tiny: Path) -> None:
    def questions(*_: object) -> tuple[SimpleNamespace, ...]:
        raise AssertionError("asked")

    change(tiny / "diseases" / "meadow_fever.yaml", "to: severe", "to: sever")
    assert len(check([tiny], graph=questions)) == 1


# --- the tables of references ------------------------------------------------------------------------------


def _kinds(kind: type[Part]) -> list[type[Part]]:
    """A model and every model made from it."""
    return [kind, *(below for one in kind.__subclasses__() for below in _kinds(one))]


PARTS = [kind for kind in _kinds(Part) if kind.__module__.startswith("sim.case.model.") and kind is not Crossing]
OWN_IDS = {
    "id", "code", "reveals", "disease", "target", "source", "initial", "after", "regions", "states", "orders",
    "observables", "diagnoses", "sources", "digest", "about", "bands", "pools", "starts", "knows", "parameters",
    "cohorts", "case", "calls", "plans", "endings", "arms", "moments", "criteria", "step", "result", "question",
    "report",
}  # fmt: skip
"""Fields that name the thing itself, or that a rule of its own looks up."""


def holds_ids(hint: object) -> bool:
    return hint in (Id, EvidenceId) or any(map(holds_ids, get_args(hint)))


def test_every_field_that_holds_an_id_is_looked_up_somewhere() -> None:
    looked_up = set(USES)
    for part in PARTS:
        for name, hint in get_type_hints(part, include_extras=True).items():
            if name in part.model_fields and holds_ids(hint) and name not in OWN_IDS and name != "evidence":
                assert (part.__name__, name) in looked_up


def test_the_tables_name_only_what_the_model_has() -> None:
    fields = {(part.__name__, name) for part in PARTS for name in part.model_fields}
    assert set(USES) <= fields
    assert set(CONTEXTS) <= fields


def test_every_condition_of_the_model_has_a_context() -> None:
    inside = {"Condition", "AtLeast", "Absent", "Before", "Without", "Longer", "During", "Total", "Ignored", "Pattern"}
    for part in PARTS:
        for name, field in part.model_fields.items():
            if part.__name__ not in inside and (
                field.annotation is Condition or Condition in get_args(field.annotation)
            ):
                assert (part.__name__, name) in CONTEXTS


def test_a_coach_names_acts_that_every_face_has_a_key_for() -> None:
    from sim.case.model.case import COACHED
    from sim.plain import play
    from sim.tui import commands

    assert set(COACHED) == set(play.COACHED_BY) == set(commands.COACHED_BY)
