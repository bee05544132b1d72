"""The command line: what each command says, how it fails (one line and a hint), and what programs may read."""

from __future__ import annotations

import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from sim import __version__
from sim.attempts.finish import conclude
from sim.attempts.session import begin, resume
from sim.attempts.store import FILE_NAME, data_folder, open_store
from sim.case.heads import case_heads
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, PlaceOrder
from sim.cli import main
from sim.cli.program import app

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
TINY_CASE = ROOT / "tests" / "data" / "tiny" / "cases" / "tiny_case.yaml"
TINY = str(TINY_CASE)

COMMANDS = [
    "aside",
    "attempts",
    "backup",
    "branch",
    "calibrate",
    "cases",
    "check",
    "cohort",
    "cover",
    "coverage",
    "debrief",
    "diff",
    "doctor",
    "evidence",
    "graph",
    "new",
    "orders",
    "paths",
    "play",
    "prove",
    "replay",
    "resume",
    "review",
    "schema",
    "serve",
    "show",
    "states",
    "trace",
    "twin",
    "watch",
]


class Answer(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process."""

    def go(*arguments: str) -> Answer:
        code = main(list(arguments))
        return Answer(code, *capfd.readouterr())

    return go


def attempt_of(tiny: Scenario, *, over: bool = False, source: str = TINY) -> str:
    with open_store(data_folder()) as store:
        played = begin(store, tiny, source=source, seed=3, mode="practice")
        played.play(PlaceOrder("ex_perfusion"))
        if over:
            played.play(Finish())
        return played.id


def is_one_line_and_a_hint(err: str) -> bool:
    return re.fullmatch(r"error: [^\n]+\n(  help: [^\n]+\n)?", err) is not None


def test_the_commands_are_those_of_the_design() -> None:
    assert sorted(str(command.name or command.callback.__name__) for command in app.registered_commands) == COMMANDS  # type: ignore[union-attr]


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_every_command_explains_itself_with_an_example(run: Run, command: str | None) -> None:
    answer = run(*([command] if command else []), "--help")
    assert answer.code == 0
    assert "Example: scurfy" in answer.out
    assert answer.out.isascii()


def test_versions_are_told(run: Run) -> None:
    assert re.fullmatch(
        rf"scurfy {re.escape(__version__)}, engine \d+, Python 3\.\d+\.\S+, Textual \S+\n", run("--version").out
    )


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["plya", "x"], "'play'"),
        (["play"], "--help"),
        (["play", TINY, "--plain", "--mode", "hard"], "--help"),
        (["play", TINY, "--plain", "--seed", "-1"], "--help"),
        (["play", TINY, "--plain", "--seed", str(2**64)], "--help"),
        (["play", "no_such_case", "--plain"], "scurfy cases"),
        (["play", "../nowhere/case.yaml", "--plain"], ""),
        (["play", TINY], "--plain"),
        ([], "--plain"),
        (["resume"], "scurfy cases"),
        (["replay", TINY], "--policy pathway"),
        (["replay", TINY, "--policy", "none", "--moves", "moves.yaml"], "--policy pathway"),
        (["replay", TINY, "--policy", "pathways"], ""),
        (["replay", TINY, "--policy", "repeat:leeches"], ""),
        (["check", "nowhere.yaml"], ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_misuse_is_one_line_and_a_hint_with_exit_code_2(run: Run, arguments: list[str], hint: str) -> None:
    answer = run(*arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert is_one_line_and_a_hint(answer.err)
    assert hint in answer.err


def test_a_misspelt_case_is_met_with_the_right_name(run: Run) -> None:
    known = case_heads()[0].id
    answer = run("replay", known[:-1], "--policy", "none")
    assert answer.code == 2
    assert f"did you mean '{known}'?" in answer.err


def test_a_broken_case_is_a_finding_with_its_place(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("id: broken\ntitel: Broken\n", encoding="utf-8")
    answer = run("replay", str(path), "--policy", "none")
    assert answer.code == 1
    assert "broken.yaml:2:1: error: unknown key 'titel'" in answer.err
    assert "Traceback" not in answer.err


def test_check_finds_nothing_wrong_with_the_tiny_library(run: Run) -> None:
    assert run("check", str(TINY_CASE.parents[1])) == Answer(0, "No problems found.\n", "")


def test_check_tells_programs_every_problem(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "cases" / "broken.yaml"
    path.parent.mkdir()
    path.write_text("id: broken\ntitel: Broken\n", encoding="utf-8")
    answer = run("check", str(path), "--format", "json")
    problems = json.loads(answer.out)
    assert answer.code == 1
    assert all(set(p) == {"file", "line", "col", "severity", "code", "message", "hint"} for p in problems)
    assert any(p["line"] == 2 and p["severity"] == "error" for p in problems)


def test_cases_are_listed_for_people_and_programs(run: Run) -> None:
    listed = json.loads(run("cases", "--json").out)
    assert [case["id"] for case in listed] == [head.id for head in case_heads()]
    head = {"id", "title", "blurb", "level", "difficulty", "minutes", "reviewed"}
    assert all(set(case) == head | {"attempts", "best", "still_missed"} for case in listed)
    assert all((case["attempts"], case["still_missed"]) == (0, None) for case in listed)
    assert all(case["id"] in run("cases").out for case in listed)


@pytest.mark.slow
def test_cases_tell_what_is_still_missed_once_an_attempt_is_finished(run: Run) -> None:
    scenario = load("drying_out")
    first = next(step for step in scenario.case.pathway if step.weight == "must")
    told = json.dumps({"assessment": {"pathway": [{"step": first.id, "verdict": "missed"}]}})
    with open_store(data_folder()) as store:
        attempt = begin(store, scenario, source="drying_out", seed=1, mode="exam")
        assert "1 played\n" in run("cases").out
        store.finish(attempt.id, band="sound", ending="home", assessment=told, debrief="-")
    assert "1 played; best: sound; still missed: 1 must\n" in run("cases").out
    assert first.title not in run("cases").out, "it would give the case away"
    assert first.title in run("cases", "--missed").out
    (listed,) = (case for case in json.loads(run("cases", "--json").out) if case["id"] == "drying_out")
    assert listed["still_missed"] == [{"step": first.id, "title": first.title, "weight": "must"}]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("cbc", "fbc"),
        ("fbc", "fbc"),
        ("ig e", "ige"),
        ("foxp3", "foxp3_sequencing"),
        ("rapamycin", "sirolimus"),
        ("bmt", "hsct"),
    ],
)
def test_an_order_is_found_by_what_people_type(run: Run, typed: str, first: str) -> None:
    found = json.loads(run("orders", *typed.split(), "--json").out)
    assert found[0]["id"] == first
    assert set(found[0]) == {"id", "name", "kind", "aliases", "unit", "range", "doses"}
    assert run("orders", *typed.split()).out.startswith(f"{first}  ")


def test_an_order_is_told_with_its_doses_as_numbers(run: Run) -> None:
    (found, *_) = json.loads(run("orders", "insulin", "infusion", "--json").out)
    assert (found["unit"], found["range"]) == ("U/kg/h", [0.01, 1.0])
    assert found["doses"][0] == {"label": "0.05 U/kg/h", "amount": 0.05}


def test_an_order_nobody_knows_is_a_finding(run: Run) -> None:
    answer = run("orders", "xyzzyplugh")
    assert answer.code == 1
    assert is_one_line_and_a_hint(answer.err)
    assert json.loads(run("orders", "xyzzyplugh", "--json").out) == []


def test_a_moves_file_is_replayed(run: Run, tmp_path: Path) -> None:
    moves = tmp_path / "moves.yaml"
    moves.write_text("- order: capillary refill\n- order: {id: bolus, dose: 20 mL/kg}\n- wait: 6 h\n", encoding="utf-8")
    answer = run("replay", TINY, "--moves", str(moves), "--seed", "2", "--json")
    assert answer.code == 0
    placed = [event["order"] for event in json.loads(answer.out)["log"] if event["event"] == "OrderPlaced"]
    assert placed == ["ex_perfusion", "bolus"]
    assert "Debrief: A hot infant" in run("replay", TINY, "--moves", str(moves)).out


def test_a_mistake_in_a_moves_file_has_its_place(run: Run, tmp_path: Path) -> None:
    moves = tmp_path / "moves.yaml"
    moves.write_text("- wait: 6 h\n- order: leeches and cupping\n", encoding="utf-8")
    answer = run("replay", TINY, "--moves", str(moves))
    assert answer.code == 1
    assert "moves.yaml:2:10: error: unknown order" in answer.err


def test_a_move_that_cannot_be_made_is_named(run: Run, tmp_path: Path) -> None:
    moves = tmp_path / "moves.yaml"
    moves.write_text("- wait: next\n", encoding="utf-8")
    answer = run("replay", TINY, "--moves", str(moves))
    assert answer == Answer(2, "", "error: move 1 cannot be made at minute 0: no result is on its way\n")


def test_a_case_is_shown_with_a_warning_and_all_its_parts(run: Run, tiny: Scenario) -> None:
    shown = run("show", TINY).out
    assert shown.startswith("SPOILERS")
    parts = [*tiny.case.pathway, *tiny.case.pitfalls, *tiny.case.endings]
    parts += [transition for region in tiny.disease.regions.values() for transition in region.transitions]
    assert [name for name in (*tiny.disease.regions, *(part.id for part in parts)) if name not in shown] == []


@pytest.mark.parametrize(("format", "start"), [("svg", "<svg"), ("dot", "digraph"), ("mermaid", "flowchart")])
def test_a_graph_is_drawn_in_every_format(run: Run, format: str, start: str) -> None:
    answer = run("graph", TINY, "--format", format)
    assert answer.code == 0
    assert start in answer.out[:200]
    assert "infection" in answer.out.lower()


def test_attempts_are_listed_with_how_they_stand(run: Run, tiny: Scenario) -> None:
    assert "No attempts yet" in run("attempts").out
    id = attempt_of(tiny)
    assert f"{id}  " in run("attempts").out
    assert "not finished" in run("attempts").out
    (listed,) = json.loads(run("attempts", "--json").out)
    assert (listed["id"], listed["seed"], listed["finished"]) == (id, 3, None)


def test_a_debrief_waits_for_the_end(run: Run, tiny: Scenario) -> None:
    id = attempt_of(tiny)
    answer = run("debrief", id)
    assert answer.code == 2
    assert f"scurfy resume {id}" in answer.err


def test_a_debrief_that_was_never_written_down_is_written_when_asked_for(run: Run, tiny: Scenario) -> None:
    id = attempt_of(tiny, over=True)
    told = run("debrief", id).out
    assert "Debrief: A hot infant" in told
    assert run("debrief", id[:5]).out == told
    with open_store(data_folder()) as store:
        assert json.loads(run("debrief", id, "--json").out)["assessment"]["band"] == store.attempt(id).band


def test_a_finished_attempt_is_debriefed_and_not_resumed(run: Run, tiny: Scenario) -> None:
    id = attempt_of(tiny, over=True)
    run("debrief", id)
    answer = run("resume", id, "--plain")
    assert answer.code == 2
    assert f"scurfy debrief {id}" in answer.err


def test_an_attempt_at_a_changed_case_says_so_and_keeps_its_debrief(run: Run, tiny: Scenario) -> None:
    changed = tiny.model_copy(update={"digest": "e" * 64})
    unfinished, finished = attempt_of(changed), attempt_of(tiny, over=True)
    run("debrief", finished)
    answer = run("resume", unfinished, "--plain")
    assert answer.code == 1
    assert is_one_line_and_a_hint(answer.err)
    assert "the case has changed (digest eeeeeeeeeeee then" in answer.err
    assert run("debrief", finished).code == 0


def test_resume_without_an_id_passes_over_what_can_no_longer_go_on(
    run: Run, tiny: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt_of(tiny)
    attempt_of(tiny.model_copy(update={"digest": "e" * 64}))
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    answer = run("resume", "--plain")
    assert answer.code == 0
    assert "the newest attempt that can go on; a newer one cannot: the case has changed" in answer.out


def test_resume_without_an_id_says_if_none_can_go_on(run: Run, tiny: Scenario) -> None:
    attempt_of(tiny.model_copy(update={"digest": "e" * 64}))
    answer = run("resume", "--plain")
    assert answer.code == 1
    assert is_one_line_and_a_hint(answer.err)
    assert "help: to play the same patient afresh: scurfy play" in answer.err


def test_an_attempt_whose_case_is_gone_says_so(run: Run, tiny: Scenario) -> None:
    id = attempt_of(tiny, source="/nowhere/case.yaml")
    answer = run("resume", id, "--plain")
    assert answer.code == 1
    assert is_one_line_and_a_hint(answer.err)
    assert "help: put the case back where it was: /nowhere/case.yaml" in answer.err


def test_a_finished_attempt_whose_case_is_gone_says_what_is_stored_of_it(run: Run, tiny: Scenario) -> None:
    id = attempt_of(tiny, over=True)
    with open_store(data_folder()) as store:
        conclude(resume(store, tiny, store.attempt(id)))
    with sqlite3.connect(data_folder() / FILE_NAME) as db:
        db.execute("UPDATE attempts SET source = '/nowhere/case.yaml'")
    for words in (["twin", id, "--from", "1"], ["debrief", id, "--html", os.devnull], ["debrief", id, "--teacher"]):
        answer = run(*words)
        assert answer.code == 1
        assert f"help: what is stored of it: scurfy debrief {id}" in answer.err
    assert run("debrief", id).code == run("debrief", id, "--json").code == 0


def test_every_reason_is_told_in_the_error_and_none_as_help(
    run: Run, tiny: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    id, changed = attempt_of(tiny), tiny.model_copy(update={"digest": "e" * 64})

    def refuse() -> None:
        with open_store(data_folder()) as store:
            resume(store, changed, replace(store.attempt(id), engine="1"))

    monkeypatch.setattr("sim.cli.doctor.places", refuse)
    answer = run("paths")
    assert answer.code == 1
    (line,) = answer.err.splitlines()
    assert line.startswith(f"error: attempt {id} can no longer be resumed: the case has changed")
    assert "; the engine has changed (version 1 then" in line


def test_a_store_that_cannot_be_used_is_told_with_what_helps(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "attempts.sqlite3").write_text("not a database; at all" * 100, encoding="utf-8")
    answer = run("attempts")
    assert answer.code == 1
    assert is_one_line_and_a_hint(answer.err)
    assert "help: move the file away to start afresh; 'scurfy paths' shows where it is" in answer.err


def test_the_doctor_looks_at_everything(run: Run) -> None:
    answer = run("doctor")
    for what in ("Python", "textual", "terminal", "size", "colours", "characters", "data folder", "attempts", "case "):
        assert what in answer.out, what
    assert "BAD" not in answer.out
    assert answer.code == 0


def test_the_doctor_finds_a_damaged_store(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "attempts.sqlite3").write_text("not a database at all" * 100, encoding="utf-8")
    answer = run("doctor")
    assert answer.code == 1
    assert "BAD  attempts:" in answer.out


def test_paths_name_the_data_folder(run: Run, home: Path) -> None:
    assert str(home) in run("paths").out


def test_a_fault_of_our_own_is_one_line_and_a_log_without_values(
    run: Run, home: Path, tiny: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty() -> None:
        raise KeyError(tiny.case.diagnosis)

    monkeypatch.setattr("sim.cli.doctor.places", faulty)
    answer = run("paths")
    assert answer.code == 3
    assert is_one_line_and_a_hint(answer.err)
    log = (home / "scurfy.log").read_text(encoding="utf-8")
    assert "KeyError" in log
    assert "in faulty" in log
    assert tiny.case.diagnosis not in log + answer.err


def scurfy(*arguments: str, typed: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a learner does, in a process of its own."""
    command = [sys.executable, "-m", "sim", *arguments]
    return subprocess.run(command, input=typed, capture_output=True, cwd=ROOT, env=os.environ | more, check=False)


@pytest.mark.slow
def test_a_case_is_played_left_and_resumed_through_pipes() -> None:
    left = scurfy("play", TINY, "--plain", "--seed", "3", typed=b"do ex_perfusion\n")
    assert left.returncode == 0
    assert b"Kept. To go on: scurfy resume" in left.stdout
    again = scurfy("resume", "--plain", typed=b"finish\n1\n")
    assert again.returncode == 0
    assert b"You go on after 1 move" in again.stdout
    assert b"Debrief: A hot infant" in again.stdout
    assert scurfy("attempts").stdout.count(b"finished: ") == 1


def test_bytes_that_are_no_text_and_a_dumb_terminal_do_no_harm() -> None:
    played = scurfy("play", TINY, "--plain", typed=b"\xff\xfe\x00 \x1b[2J\nquit\n", TERM="dumb", PYTHONUTF8="0")
    assert played.returncode == 0
    assert played.stderr == b""
    assert played.stdout.isascii()


def test_a_reader_that_leaves_early_gets_no_traceback() -> None:
    command = [sys.executable, "-m", "sim", "show", TINY]
    shown = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    assert shown.stdout is not None
    assert shown.stderr is not None
    shown.stdout.close()
    assert shown.stderr.read() == b""
    shown.stderr.close()
    shown.wait()


def test_while_an_exam_is_open_nothing_tells_its_case(run: Run, tiny: Scenario) -> None:
    telling = (
        ["show", TINY],
        ["states", TINY],
        ["states", str(TINY_CASE.parents[1] / "diseases" / "meadow_fever.yaml")],
        ["trace", TINY],
        ["cover", TINY, "--n", "1"],
        ["diff", TINY, TINY, "--n", "1"],
        ["schema", "case", "--of", TINY],
        ["graph", TINY],
        ["replay", TINY, "--policy", "none", "--json"],
    )
    with open_store(data_folder()) as store:
        id = begin(store, tiny, source=TINY, seed=3, mode="exam").id
    for words in telling:
        answer = run(*words)
        assert (answer.code, answer.out) == (1, "")
        assert "error: an exam at this case is open" in answer.err
    assert run("aside", id).code == 0
    for words in telling:
        assert run(*words).code == 0
