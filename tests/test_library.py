"""Finding and loading cases."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.case.composing.folders import case_in, inside, is_id, package_root
from sim.case.heads import case_heads
from sim.case.library import CaseError, load, load_catalogue, path_of
from sim.case.problems import Problems, shown
from tinycase import change

TINY = Path(__file__).parent / "data" / "tiny"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A copy of the tiny scenarios folder, to change."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


def test_a_case_is_loaded_with_all_it_needs() -> None:
    scenario = load("tiny_case", root=TINY)
    assert scenario.case.id == "tiny_case"
    assert scenario.disease.id == scenario.case.disease
    assert len(scenario.catalogue.orders) == 15
    assert list(scenario.catalogue.orders) == sorted(scenario.catalogue.orders)
    assert set(scenario.evidence) == {"tiny-1", "tiny-2"}
    assert set(scenario.sources) == {"invented-2020"}
    assert len(scenario.digest) == 64


def test_quantities_arrive_as_minutes_and_shares() -> None:
    scenario = load("tiny_case", root=TINY)
    assert scenario.case.horizon == 5 * 1440
    assert scenario.disease.regions["infection"].initial == {"mild": 0.75, "severe": 0.25}
    assert scenario.disease.regions["life"].initial == {"alive": 1.0}
    assert scenario.disease.regions["fluid"].transitions[0].on is not None


def test_a_path_to_a_folder_with_its_own_catalogue_stands_alone(tiny: Path) -> None:
    assert load(tiny / "cases" / "tiny_case.yaml").digest == load("tiny_case", root=TINY).digest


def test_a_relative_path_from_within_the_folder_works(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny / "cases")
    assert load("tiny_case.yaml").case.id == "tiny_case"


def test_a_case_alone_finds_its_disease_in_its_own_folder_first(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(tiny / "cases" / "tiny_case.yaml", folder / "my_case.yaml")
    assert load(folder / "my_case.yaml", root=tiny).disease.name == "Meadow fever"
    shutil.copy(tiny / "diseases" / "meadow_fever.yaml", folder)
    change(folder / "meadow_fever.yaml", "name: Meadow fever", "name: Another fever")
    assert load(folder / "my_case.yaml", root=tiny).disease.name == "Another fever"


def test_a_folder_without_a_catalogue_borrows_and_adds_its_evidence(tiny: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    for folder in ("cases", "evidence"):
        (mine / folder).mkdir(parents=True)
    shutil.copy(tiny / "cases" / "tiny_case.yaml", mine / "cases" / "mine.yaml")
    change(mine / "cases" / "mine.yaml", "evidence: [tiny-2]", "evidence: [mine-1]")
    facts = "evidence:\n  - {id: mine-1, statement: It is so., grade: A}\n"
    (mine / "evidence" / "facts.yaml").write_text(facts, encoding="utf-8")
    scenario = load(mine / "cases" / "mine.yaml", root=tiny)
    assert set(scenario.evidence) == {"tiny-1", "tiny-2", "mine-1"}
    assert len(scenario.catalogue.orders) == 15


def test_the_digest_is_the_same_in_another_process_and_whatever_the_hash_seed() -> None:
    code = "import sys; from pathlib import Path; from sim.case.library import load; "
    code += "print(load('tiny_case', root=Path(sys.argv[1])).digest)"
    env = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run([sys.executable, "-c", code, str(TINY)], env=env, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == load("tiny_case", root=TINY).digest


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("cases/tiny_case.yaml", "horizon: 5 d", "horizon: 6 d"),
        ("diseases/meadow_fever.yaml", "median: 12 h", "median: 13 h"),
        ("catalogue/orders_tiny.yaml", "onset: 2 h..6 h", "onset: 2 h..7 h"),
    ],
)
def test_the_digest_changes_with_whatever_can_change_a_life(tiny: Path, file: str, old: str, new: str) -> None:
    before = load("tiny_case", root=tiny).digest
    change(tiny / file, old, new)
    assert load("tiny_case", root=tiny).digest != before


def test_the_digest_does_not_change_with_layout_or_comments_or_file_names(tiny: Path) -> None:
    before = load("tiny_case", root=tiny).digest
    change(tiny / "cases" / "tiny_case.yaml", "id: tiny_case\n", "# a comment\nid: tiny_case\nvalues: []\n")
    text = (tiny / "cases" / "tiny_case.yaml").read_text(encoding="utf-8")
    cut, on = text.index("values:\n  -"), text.index("endings:\n")
    (tiny / "cases" / "tiny_case.yaml").write_text(text[:cut] + text[on:], encoding="utf-8")
    change(tiny / "cases" / "tiny_case.yaml", "values: []\n", "")
    without_values = load("tiny_case", root=tiny).digest
    assert without_values != before
    change(tiny / "cases" / "tiny_case.yaml", "id: tiny_case\n", "id: tiny_case\nvalues: []\n")
    (tiny / "catalogue" / "orders_tiny.yaml").rename(tiny / "catalogue" / "aa_orders.yaml")
    assert load("tiny_case", root=tiny).digest == without_values


def test_the_digest_does_not_change_with_the_questions_asked_afterwards(tiny: Path) -> None:
    before = load("tiny_case", root=tiny).digest
    change(tiny / "cases" / "tiny_case.yaml", "answer: Poor perfusion.", "answer: Too little blood reaches them.")
    assert load("tiny_case", root=tiny).digest == before


def test_a_broken_case_raises_every_problem_rendered(tiny: Path) -> None:
    change(tiny / "cases" / "tiny_case.yaml", "do: ex_perfusion", "do: ex_perfussion")
    change(tiny / "diseases" / "meadow_fever.yaml", "evidence: [tiny-1]", "evidence: [tiny-7]")
    with pytest.raises(CaseError) as caught:
        load("tiny_case", root=tiny)
    assert len(caught.value.problems) == 2
    assert "error: unknown order 'ex_perfussion'" in str(caught.value)
    assert "help: did you mean 'ex_perfusion'?" in str(caught.value)
    assert "error: unknown evidence id 'tiny-7'" in str(caught.value)


def test_a_warning_does_not_keep_a_case_from_loading(tiny: Path) -> None:
    change(tiny / "diseases" / "meadow_fever.yaml", "      cleared:\n", "      spare: {name: Spare}\n      cleared:\n")
    assert "spare" in load("tiny_case", root=tiny).disease.regions["infection"].states


def test_an_unknown_id_names_the_nearest_case() -> None:
    with pytest.raises(CaseError, match="did you mean 'tiny_case'"):
        load("tiny_cas", root=TINY)
    with pytest.raises(CaseError, match="scurfy cases"):
        load("zzz", root=TINY)


def test_a_missing_file_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(CaseError) as caught:
        load(tmp_path / "nothing.yaml", root=TINY)
    assert len(caught.value.problems) == 1
    assert "cannot read this file" in str(caught.value)


@pytest.mark.parametrize("id_", ["../cases/tiny_case", "con", "lpt1", "Tiny", "", "a" * 60, "tiny_case.yaml", "a/b"])
def test_what_is_no_id_leads_to_no_file(id_: str) -> None:
    assert not is_id(id_)
    assert inside(TINY / "cases", id_) is None


def test_a_disease_cannot_be_reached_through_a_link_out_of_its_folder(tiny: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    (tiny / "diseases" / "meadow_fever.yaml").rename(outside)
    try:
        (tiny / "diseases" / "meadow_fever.yaml").symlink_to(outside)
    except OSError:
        pytest.skip("this system lets nobody make links")
    with pytest.raises(CaseError, match="unknown disease 'meadow_fever'"):
        load("tiny_case", root=tiny)


def test_a_case_folder_that_is_a_link_is_followed_only_within_its_own_folder(tiny: Path, tmp_path: Path) -> None:
    cases, outside = tiny / "cases", tmp_path / "outside"
    for folder in (cases / "there", outside):
        folder.mkdir()
        shutil.copy(cases / "tiny_case.yaml", folder / "case.yaml")
    try:
        (cases / "near").symlink_to(cases / "there", target_is_directory=True)
        (cases / "far").symlink_to(outside, target_is_directory=True)
    except OSError:
        pytest.skip("this system lets nobody make links")
    assert [case_in(cases, id_) is not None for id_ in ("there", "near", "far")] == [True, True, False]


def test_the_heads_of_all_cases_are_listed_easiest_first(tiny: Path) -> None:
    shutil.copy(tiny / "cases" / "tiny_case.yaml", tiny / "cases" / "a_hard_case.yaml")
    change(tiny / "cases" / "a_hard_case.yaml", "difficulty: 1", "difficulty: 4")
    heads = case_heads(tiny)
    assert [(head.id, head.difficulty, head.minutes) for head in heads] == [("tiny_case", 1, 5), ("a_hard_case", 4, 5)]
    assert heads[0].title == "A hot infant from the farm"
    assert heads[0].problem == ""
    assert heads[0].path == tiny / "cases" / "tiny_case.yaml"


def test_one_broken_case_does_not_sink_the_list(tiny: Path) -> None:
    (tiny / "cases" / "broken.yaml").write_text("title: [", encoding="utf-8")
    (tiny / "cases" / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    heads = {head.id: head for head in case_heads(tiny)}
    assert set(heads) == {"tiny_case", "broken", "binary"}
    assert "scurfy check" in heads["broken"].problem
    assert heads["binary"].title == "binary"


def test_a_folder_without_cases_has_no_heads(tmp_path: Path) -> None:
    assert case_heads(tmp_path) == ()


def test_the_catalogue_loads_alone_and_tells_what_is_wrong(tiny: Path) -> None:
    assert set(load_catalogue(root=TINY).diagnoses) == {"meadow_fever", "viral_illness", "milk_allergy"}
    change(tiny / "catalogue" / "diagnoses.yaml", "name: Milk allergy", "nmae: Milk allergy")
    problems = Problems()
    assert set(load_catalogue(problems, root=tiny).diagnoses) == {"meadow_fever", "viral_illness"}
    assert [problem.message for problem in problems.all] == ["unknown key 'nmae'"]
    with pytest.raises(CaseError, match="unknown key 'nmae'"):
        load_catalogue(root=tiny)


def test_the_package_brings_its_scenarios_folder() -> None:
    assert (package_root() / "__init__.py").is_file()
    assert path_of(TINY / "cases" / "x.yaml").name == "x.yaml"


def test_a_path_below_the_working_folder_is_shown_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "a" / "b.yaml") == "a/b.yaml"
    assert shown(TINY) == TINY.as_posix()
