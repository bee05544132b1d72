"""A folder far from the library: a case with a disease, evidence, an order and a diagnosis of its own, through every
command, as who wrote it would type them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
COMPOSED = Path(__file__).parent / "data" / "composed"

DISEASE = """\
id: barn_fever_of_mine
name: Barn fever
summary: An invented infection that dries a child out.
regions:
  fever:
    name: Fever
    initial: hot
    assumed: invented
    states:
      hot: {name: Hot, observables: {temperature: 39.4, heart_rate: {shift: 30}}}
      cool: {name: Cool}
    transitions:
      - {id: cools, from: hot, to: cool, median: 2 h, when: {effect: hay_serum}, evidence: mine-1}
  life:
    name: Life
    initial: alive
    assumed: invented
    states: {alive: {name: Alive}, died: {name: Died of fever, outcome: true}}
    transitions:
      - {id: fever_kills, from: alive, to: died, median: 12 h, when: {in: {fever: hot}}, call: She has stopped breathing., evidence: mine-1}
results:
  smell_of_hay:
    - {when: {in: {fever: hot}}, code: hay, text: She smells of hay.}
"""
CASE = """\
id: hay_girl
title: Hot since the harvest
blurb: A girl of two months is hot.
level: tests
difficulty: 1
minutes: 5
author: Somebody
reviewed: not yet reviewed by a clinician
version: "1"
disease: barn_fever_of_mine
diagnosis: barn_fever
setting: A farm
patient: {names: [Mia], sex: female, age: 60 d..70 d, weight: {low: 4.8, high: 5.2}, assumed: invented}
opening: "{name} is {age} old and hot."
assumed: usual practice
horizon: 5 d
monitor: [heart_rate, temperature]
differential: [barn_fever, sepsis]
checkpoints:
  - {at: 1 h, expert: {barn_fever: 80%}, because: She smells of hay.}
pathway:
  First hour:
    - {must: smell_of_hay, within: 30 min, because: It names the disease.}
    - {must: hay_serum, critical: true, after: smell_of_hay, within: 2 h, because: It is what cures.}
pitfalls:
  - {critical: late, pattern: {absent: {order: hay_serum, by: 6 h}}, because: Fever kills., consequence: [life.fever_kills]}
endings:
  - {id: died, title: She died, when: {in: {life: died}}, utility: 0, text: She died.}
  - {id: home, title: Home, utility: 1, text: She went home.}
objectives: [Smell.]
teaching: [Hay smells.]
"""
FILES = {
    "case": CASE,
    "disease": DISEASE,
    "evidence": "evidence:\n  - {id: mine-1, statement: Serum cures barn fever., grade: A}\n",
    "orders": "orders:\n"
    "  - {id: smell_of_hay, name: Smell the child, kind: investigation, group: Own, takes: 1 min, turnaround: 5 min, normal: No smell.}\n"
    "  - {id: hay_serum, name: Hay serum, kind: therapy, group: Own, takes: 2 min}\n",
    "diagnoses": "diagnoses:\n  - {id: barn_fever, name: Barn fever, aliases: [hay disease]}\n",
}  # fmt: skip
# ruff: noqa: E501 (the files are as an author writes them)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the case in `mine/hay_girl`, and nothing played yet."""
    folder = tmp_path_factory.mktemp("outside")
    own = folder / "mine" / "hay_girl"
    own.mkdir(parents=True)
    for name, text in FILES.items():
        (own / f"{name}.yaml").write_text(text, encoding="utf-8")
    (own / "plans").mkdir()
    (own / "plans" / "good_serum.yaml").write_text(
        "- order: smell the child\n- order: hay serum\n- wait: 5 d\n", encoding="utf-8"
    )
    (own / "plans" / "bad_late.yaml").write_text("- order: smell the child\n- wait: 8 h\n", encoding="utf-8")
    return folder


def scurfy(place: Path, *words: str, typed: str = "", variable: bool = True) -> str:
    """What a command prints; it must succeed. It runs in the folder, as a process of its own."""
    told = subprocess.run(
        [sys.executable, "-m", "sim", *words], cwd=place, input=typed, capture_output=True, text=True, timeout=300, check=False,
        env={name: value for name, value in os.environ.items() if name != "SCURFY_CASES"}
        | {"PYTHONPATH": str(ROOT), "SCURFY_HOME": str(place / "data")}
        | ({"SCURFY_CASES": str(place / "mine")} if variable else {}),
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


@pytest.mark.parametrize("case", ["hay_girl", "mine/hay_girl", "mine/hay_girl/case.yaml"])
def test_the_case_is_replayed_by_its_id_its_folder_or_its_file(place: Path, case: str) -> None:
    assert "Home" in scurfy(place, "replay", case, "--policy", "pathway", "--seed", "2")


def test_the_folder_is_sound(place: Path) -> None:
    assert scurfy(place, "check", "mine/hay_girl") == "No problems found.\n"
    assert scurfy(place, "check", "mine") == "No problems found.\n"


def test_the_case_is_listed_by_the_variable_and_by_the_option(place: Path) -> None:
    assert "Hot since the harvest" in scurfy(place, "cases")
    assert "Hot since the harvest" in scurfy(place, "cases", "--cases", "mine", variable=False)
    assert "Hot since the harvest" not in scurfy(place, "cases", variable=False)


def test_the_case_is_played_in_lines_and_its_debrief_comes_back(place: Path) -> None:
    told = scurfy(
        place,
        "play",
        "hay_girl",
        "--seed",
        "3",
        "--plain",
        typed="do smell the child\nwait 10 min\ndo hay serum\nfinish\n1\nquit\n",
    )
    assert "She smells of hay." in told
    attempts = json.loads(scurfy(place, "attempts", "--json"))
    assert [attempt["case_id"] for attempt in attempts] == ["hay_girl"]
    assert "Hay serum" in scurfy(place, "debrief", attempts[0]["id"])


def test_the_case_keeps_its_promises_and_its_plans_pass(place: Path) -> None:
    told = scurfy(place, "prove", "hay_girl", "--n", "4", "--workers", "1")
    assert "holds  plans_pass: 2 plans in 4 patients" in told
    assert "FAILS" not in told


def test_many_patients_are_played(place: Path) -> None:
    found = json.loads(scurfy(place, "cohort", "hay_girl", "--policy", "none", "--n", "50", "--json"))
    assert found["n"] == 50


def test_the_case_is_shown_and_drawn(place: Path) -> None:
    assert "Barn fever" in scurfy(place, "show", "hay_girl")
    assert "disease.yaml:" in scurfy(place, "show", "hay_girl", "--expanded")
    assert "fever__hot" in scurfy(place, "graph", "hay_girl", "--format", "mermaid")


def test_a_case_of_modules_and_protocols_is_played_from_elsewhere(place: Path) -> None:
    shutil.copytree(COMPOSED, place / "composed", dirs_exist_ok=True)
    case = "composed/cases/thirsty_girl.yaml"
    assert "alive at the end" in scurfy(place, "cohort", case, "--policy", "pathway", "--n", "20")
    assert "Thirsty for a month" in scurfy(place, "cases", "--cases", "composed/cases")
