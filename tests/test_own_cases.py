"""A user's own cases: folders anywhere with all they need, listed beside those that ship, and never in their place."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sim.case.checking.check import check
from sim.case.heads import case_heads
from sim.case.library import CaseError, load, path_of
from sim.cli import main
from sim.cli.places import homes, located

TINY = Path(__file__).parent / "data" / "tiny"

EVIDENCE = "evidence:\n  - {id: mine-1, statement: It is so., grade: A}\n"
ORDERS = "orders:\n  - {id: smell, name: Smell, kind: examination, group: Own, takes: 1 min, normal: No smell.}\n"
DIAGNOSES = "diagnoses:\n  - {id: barn_fever, name: Barn fever}\n"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A case folder far from the library, with a disease, evidence, an order and a diagnosis of its own."""
    folder = tmp_path / "mine" / "hay_boy"
    folder.mkdir(parents=True)
    case = (TINY / "cases" / "tiny_case.yaml").read_text(encoding="utf-8")
    case = case.replace("id: tiny_case", "id: hay_boy").replace("disease: meadow_fever", "disease: hay_fever_of_mine")
    case = case.replace("[meadow_fever, viral_illness, milk_allergy]", "[meadow_fever, viral_illness, barn_fever]")
    case = case.replace("evidence: [tiny-2]", "evidence: mine-1").replace(
        "do: peripheral_access", "do: [peripheral_access, smell]"
    )
    (folder / "case.yaml").write_text(case, encoding="utf-8")
    disease = (TINY / "diseases" / "meadow_fever.yaml").read_text(encoding="utf-8")
    (folder / "disease.yaml").write_text(disease.replace("id: meadow_fever", "id: hay_fever_of_mine"), encoding="utf-8")
    for name, text in (("evidence", EVIDENCE), ("orders", ORDERS), ("diagnoses", DIAGNOSES)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_case_folder_brings_its_own_disease_evidence_order_and_diagnosis(mine: Path) -> None:
    scenario = load(str(mine), root=TINY)
    assert scenario.disease.id == "hay_fever_of_mine"
    assert "mine-1" in scenario.evidence
    assert "smell" in scenario.catalogue.orders
    assert "barn_fever" in scenario.catalogue.diagnoses
    assert check([mine], root=TINY) == ()


def test_moves_beside_a_case_are_not_checked_as_cases(mine: Path) -> None:
    for name in ("plans", "playthroughs"):
        (mine / name).mkdir()
        (mine / name / "best.yaml").write_text("moves: []\n", encoding="utf-8")
    assert check([mine], root=TINY) == ()


def test_an_own_entry_takes_nobodys_place(mine: Path) -> None:
    (mine / "orders.yaml").write_text(ORDERS.replace("id: smell", "id: bolus"), encoding="utf-8")
    found = check([mine / "case.yaml"], root=TINY)
    first = next(problem for problem in found if problem.code == "duplicate-id")
    assert Path(first.file) == mine / "orders.yaml"
    assert first.message.startswith("id 'bolus' is used in ")
    assert "orders_tiny.yaml line 90" in first.message


def test_a_case_is_called_like_its_folder(mine: Path) -> None:
    other = mine.rename(mine.parent / "barn_boy")
    (problem,) = check([other], root=TINY)
    assert problem.message == "the folder is called 'barn_boy', so its id must be 'barn_boy' too"


def test_a_disease_in_the_place_of_one_that_ships_is_told(mine: Path) -> None:
    for name in ("case", "disease"):
        text = (mine / f"{name}.yaml").read_text(encoding="utf-8")
        (mine / f"{name}.yaml").write_text(text.replace("hay_fever_of_mine", "meadow_fever"), encoding="utf-8")
    (problem,) = check([mine], root=TINY)
    assert problem.severity == "warning"
    assert "takes the place of the one that ships" in problem.message


def test_a_disease_under_another_name_is_found_by_the_message(mine: Path) -> None:
    (mine / "disease.yaml").rename(mine / "dis.yaml")
    found = check([mine / "case.yaml"], root=TINY)
    assert "dis.yaml beside it has this id: call that file hay_fever_of_mine.yaml" in {p.hint for p in found}


def test_the_library_lists_own_cases_and_tells_an_id_that_is_taken(mine: Path, tmp_path: Path) -> None:
    shutil.copytree(mine, mine.parent / "tiny_case")
    heads = case_heads(TINY, homes=[mine.parent])
    assert [(head.id, head.own) for head in heads] == [("hay_boy", True), ("tiny_case", False), ("tiny_case", True)]
    assert heads[0].problem == ""
    assert "the id 'tiny_case' is that of" in heads[2].problem
    assert path_of("tiny_case", TINY, [mine.parent]) == TINY / "cases" / "tiny_case.yaml"
    assert path_of("hay_boy", TINY, [mine.parent]) == mine / "case.yaml"


def test_own_folders_come_from_the_option_the_variable_and_the_data_folder(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home" / "cases").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("SCURFY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SCURFY_CASES", f"{mine.parent}{os.pathsep}{tmp_path / 'nowhere'}")
    assert homes(tmp_path / "other") == (tmp_path / "other", mine.parent, tmp_path / "home" / "cases")
    assert located("hay_boy") == str(mine / "case.yaml")
    assert located("drying_out") == "drying_out"
    with pytest.raises(CaseError, match="there is no case 'hay_girl'"):
        located("hay_girl")


def test_an_own_case_is_listed_on_the_command_line(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cases", "--cases", str(mine.parent), "--json"]) == 0
    assert '"hay_boy"' in capsys.readouterr().out
