"""A new case from the disease and the patient of another: it passes `check` and plays at once, and spoils nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.authoring.new import as_used, blocks
from sim.case.checking.check import check
from sim.case.composing.folders import cases_in, id_of, package_root
from sim.case.library import load
from sim.cli.program import app
from sim.engine.graph import problems as graph_questions
from sim.engine.policy import following
from sim.engine.session import Session

pytestmark = pytest.mark.slow  # every shipped case is checked whole, some seconds each

run = CliRunner()


def made(folder: Path, *arguments: str) -> Path:
    result = run.invoke(app, ["new", *arguments, "--into", str(folder)])
    assert result.exit_code == 0, result.output
    return folder / arguments[0] / "case.yaml"


CARE = ("--protocol", "shock", "--protocol", "ketoacidosis", "--protocol", "clerking")

TOGETHER = (*CARE[2:4], "--protocol", "first_ketoacidosis", "--protocol", "diabetes_for_life", "--protocol", "collapse")


@pytest.mark.parametrize(
    ("like", "protocols"),
    [
        ("drying_out", CARE),
        ("drying_out", ("--protocol", "collapse")),  # it tells of deaths: the file need not
        ("deep_breaths", TOGETHER),  # as that case uses them
        *((id_of(path), ()) for path in cases_in(package_root() / "cases")),
    ],
)
def test_a_new_case_passes_check_and_plays_at_once_whichever_it_begins_from(
    tmp_path: Path, like: str, protocols: tuple[str, ...]
) -> None:
    path = made(tmp_path, "sleepy_and_pale", "--like", like, *protocols)
    assert check([path], graph=graph_questions) == ()
    session = Session(load(path), 1)
    for move in following()(session):
        if session.now > 600:
            break
        session.apply(move)
    assert session.now > 60
    assert (path.parent / "plans" / "good_pathway.yaml").is_file()


def test_what_to_do_next_is_said_by_the_command_that_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCURFY_COMMAND", "python start.py")
    said = run.invoke(app, ["new", "sleepy", "--like", "red_threads", "--into", str(tmp_path)]).output
    assert f"python start.py play {tmp_path / 'sleepy' / 'case.yaml'}" in said.replace("\n", "")


def test_a_folder_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    path = made(tmp_path, "sleepy_and_pale", "--like", "drying_out")
    path.write_text("mine", encoding="utf-8")
    again = run.invoke(app, ["new", "sleepy_and_pale", "--like", "drying_out", "--into", str(tmp_path)])
    assert again.exit_code != 0
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("bad", ["Sleepy", "../sleepy", "con", "a b"])
def test_what_is_no_id_is_refused(tmp_path: Path, bad: str) -> None:
    assert run.invoke(app, ["new", bad, "--like", "drying_out", "--into", str(tmp_path)]).exit_code != 0
    assert list(tmp_path.iterdir()) == []


def test_protocols_that_go_together_are_named_where_one_of_them_does_not_fit_alone(tmp_path: Path) -> None:
    words = ["new", "sleepy", "--like", "deep_breaths", "--protocol", "first_ketoacidosis", "--into", str(tmp_path)]
    said = " ".join(run.invoke(app, words).output.split())
    assert "deep_breaths uses collapse, first_ketoacidosis, diabetes_for_life, ketoacidosis, shock." in said


def test_how_a_protocol_is_used_is_read_whole() -> None:
    assert as_used("id: x\n") == {}
    text = "use:\n  - shock\n  - fever:\n      without: [one]\n      change: {two: {within: 1 h}}\n\nid: x\n"
    assert as_used(text) == {
        "shock": "  - shock\n",
        "fever": "  - fever:\n      without: [one]\n      change: {two: {within: 1 h}}\n",
    }


def test_blocks_are_whole_and_comments_between_them_stay_behind() -> None:
    text = "id: one\npatient:\n  names: [A]\n\n# --- next ---\n\nuse:\n  - shock\n"
    assert blocks(text) == {"id": "id: one\n", "patient": "patient:\n  names: [A]\n", "use": "use:\n  - shock\n"}
