"""What a case costs to play is said by `check`, from one patient under a budget."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim.authoring.cost import BUDGET, MOST, cost_of, costly_cases
from sim.case.library import load
from sim.cli import main
from sim.engine.policy import nothing

TINY = Path(__file__).parent / "data" / "tiny"
CLOCK = (
    "regions:\n  clockwork: {name: Clockwork, assumed: x, initial: tick, states: {tick: {name: Tick}, tock: {name: Tock}},\n"
    "    transitions: [{id: on, from: tick, to: tock, after: 1 min, assumed: x}, {id: back, from: tock, to: tick, after: 1 min, assumed: x}]}\n"
)  # fmt: skip
# ruff: noqa: E501 (a clockwork in two lines)


def ticking(folder: Path, horizon: str) -> Path:
    root = Path(shutil.copytree(TINY, folder / "tiny"))
    disease, case = root / "diseases" / "meadow_fever.yaml", root / "cases" / "tiny_case.yaml"
    text = disease.read_text(encoding="utf-8").replace("regions:\n", CLOCK, 1)
    for way in ("risk: 60% by 3 d", "risk: 20% by 2 d"):
        text = text.replace(way, "median: 90 y")  # so that somebody lives to see it
    disease.write_text(text, encoding="utf-8")
    case.write_text(case.read_text(encoding="utf-8").replace("horizon: 5 d", f"horizon: {horizon}"), encoding="utf-8")
    return case


@pytest.mark.parametrize("horizon", ["30 d", "1 y", "3 y"])
def test_two_states_a_minute_apart_are_told_before_anybody_waits(tmp_path: Path, horizon: str) -> None:
    (problem,) = costly_cases([ticking(tmp_path, horizon)])
    assert (problem.severity, problem.code) == ("warning", "costly")
    assert problem.source_line == f"horizon: {horizon}"
    assert "fires every 2 min" in problem.message


def test_the_budget_bounds_what_is_played_and_the_rest_is_worked_out(tmp_path: Path) -> None:
    case = ticking(tmp_path, "1 y")
    cost = cost_of(load(case, root=tmp_path / "tiny"), nothing)
    assert cost.firings == pytest.approx(525960, rel=0.01)
    assert BUDGET < MOST


def test_a_case_that_can_be_played_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(TINY)]) == 0
    assert capsys.readouterr().out == "No problems found.\n"


def test_check_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCURFY_HOME", str(tmp_path / "home"))
    assert main(["check", str(ticking(tmp_path, "30 d"))]) == 0
    assert "one patient costs about 43," in capsys.readouterr().out
