"""What an edit does to patients: the same fates in two versions of a case, and who fares otherwise."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.authoring.compare import Fared, changes, difference, fared, lines, plain
from sim.case.composing.folders import package_root
from sim.case.model.case import Ending
from sim.case.model.scenario import Scenario
from sim.cli.program import app
from smalldisease import go, library_of, region
from tinycase import change

run = CliRunner()


def mortal(median: str) -> Scenario:
    """Children of whom half are dead after so long, in a case of a hundred days."""
    scenario = library_of(life=region("alive dead", go("dies", "alive", "dead", median=median), outcomes="dead"))
    lost = Ending.model_validate({"id": "lost", "title": "Lost", "text": "Lost.", "utility": 0.0,
                                  "when": {"in": {"life": ("dead",)}}})  # fmt: skip
    case = scenario.case.model_copy(update={"endings": (lost, *scenario.case.endings)})
    return scenario.model_copy(update={"case": case})


@pytest.fixture(scope="module")
def versions() -> tuple[Fared, Fared]:
    return fared(mortal("200 d"), range(200)), fared(mortal("100 d"), range(200))


def test_a_case_beside_itself_shows_no_difference(versions: tuple[Fared, Fared]) -> None:
    before, _ = versions
    assert changes(before, before, "none") == ()
    assert difference([1, 0], [1, 0]) is None
    assert "  none of 200 patients end otherwise" in lines(before, before)


def test_patients_who_end_otherwise_are_named_and_no_luck_is_told_as_a_change(versions: tuple[Fared, Fared]) -> None:
    before, now = versions
    (found,) = changes(before, now, "none")
    assert (found.before, found.now) == ("Home", "Lost")  # a shorter life takes nobody back from the dead
    died = [{life.seed for life in version.lives["none"] if life.dead} for version in versions]
    assert set(found.seeds) == died[1] - died[0]


def test_the_difference_is_of_pairs_and_narrower_than_of_strangers(versions: tuple[Fared, Fared]) -> None:
    before, now = ([not life.dead for life in version.lives["none"]] for version in versions)
    found = difference(before, now)
    assert found is not None
    assert found.high < 0
    strangers = 2 * 1.96 * (2 * 0.25 / len(now)) ** 0.5
    assert found.high - found.low < strangers


def test_no_line_is_wider_than_a_terminal_and_programs_are_told_the_same(versions: tuple[Fared, Fared]) -> None:
    assert max(map(len, lines(*versions))) <= 80
    data = json.loads(json.dumps(plain(*versions)))
    assert data["none"]["alive"][0] > data["none"]["alive"][1]
    assert {one["now"] for one in data["none"]["otherwise"]} == {"lost"}


def git(folder: Path, *arguments: str) -> None:
    known = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=trunk")
    subprocess.run(["git", "-C", str(folder), *known, *arguments], check=True, capture_output=True)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_case_is_set_beside_what_it_was_in_git_and_beside_another_case(tmp_path: Path) -> None:
    folder = tmp_path / "cases" / "first_steps"
    shutil.copytree(package_root() / "cases" / "first_steps", folder)
    path = folder / "case.yaml"
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--message", "First")
    same = run.invoke(app, ["diff", str(path), "HEAD", "--n", "4", "--plans", "0"])
    assert same.exit_code == 0, same.output
    assert "Nothing that a patient or a verdict depends on was changed." in same.output
    change(path, "horizon: ", "horizon: 1 d  # ")
    told = run.invoke(app, ["diff", str(path), "HEAD", "--n", "4", "--plans", "1"])
    assert told.exit_code == 0, told.output
    assert "Nothing that a patient" not in told.output
    assert "good_sip_by_sip" in told.output
    data = json.loads(run.invoke(app, ["diff", str(path), "first_steps", "--n", "4", "--plans", "0", "--json"]).output)
    assert data["other"] == "first_steps"
    assert run.invoke(app, ["diff", str(path), "no_such_thing"]).exit_code != 0


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_case_that_was_not_there_then_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "--message", "Nothing yet")
    shutil.copytree(package_root() / "cases" / "first_steps", tmp_path / "first_steps")
    assert run.invoke(app, ["diff", str(tmp_path / "first_steps"), "HEAD"]).exit_code != 0
