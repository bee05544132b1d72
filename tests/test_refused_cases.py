"""A case that `check` refuses is refused by whoever would play it, in the words of `check`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim.attempts.cases import Cases
from sim.case.library import CaseError
from sim.cli import main

TINY = Path(__file__).parent / "data" / "tiny"
LOOP = (
    "  clockwork: {name: Clockwork, assumed: x, initial: tick, states: {tick: {name: Tick}},\n"
    "    transitions: [{id: again, from: tick, to: tick, after: 0 min, when: {running: bolus}, assumed: x}]}\n"
)
FAULTS = {
    "no life": ("  life:\n", "  lives:\n", "missing the region 'life'"),
    "a loop without time": ("regions:\n", f"regions:\n{LOOP}", "these states follow one another without time passing"),
    "nothing leads there": (
        "      cleared:\n",
        "      lost: {name: Lost}\n      cleared:\n",
        "no patient can ever enter",
    ),
    "an impossible number": ("{set: 38.4}", "{set: 384}", "384 can never be reported"),
    "a state that there is not": ("to: overloaded", "to: oerloaded", "region 'fluid' has no state 'oerloaded'"),
    "a guard nobody meets": ("above: 15}", "above: 900}", "this never holds"),
}


def broken(folder: Path, fault: str) -> tuple[Path, str]:
    tiny = Path(shutil.copytree(TINY, folder / "tiny"))
    old, new, message = FAULTS[fault]
    disease = tiny / "diseases" / "meadow_fever.yaml"
    text = disease.read_text(encoding="utf-8")
    assert old in text
    disease.write_text(text.replace(old, new, 1), encoding="utf-8")
    return tiny / "cases" / "tiny_case.yaml", message


@pytest.mark.parametrize("fault", FAULTS)
def test_what_check_refuses_is_not_loaded_for_play(tmp_path: Path, fault: str) -> None:
    case, message = broken(tmp_path, fault)
    with pytest.raises(CaseError, match=message):
        Cases().load(case, tmp_path / "tiny")


@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["play", "--plain", "--seed", "1"],
        ["replay", "--policy", "none"],
        ["cohort", "--policy", "none", "--n", "2"],
        ["prove", "--n", "4"],
        ["show"],
        ["graph"],
    ],
)
def test_every_command_says_what_check_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    monkeypatch.setenv("SCURFY_HOME", str(tmp_path / "home"))
    case, message = broken(tmp_path, "no life")
    assert main([command[0], str(case), *command[1:]]) == 1
    told = capsys.readouterr()
    assert message in told.out + told.err
