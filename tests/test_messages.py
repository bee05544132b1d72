"""What an author is told: each message that once did not help now says what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim.case.checking.check import check
from sim.case.problems import Problem, Problems, render
from sim.case.reading.document import read_bytes

TINY = Path(__file__).parent / "data" / "tiny"
CASE, DISEASE = "cases/tiny_case.yaml", "diseases/meadow_fever.yaml"


def said(tmp_path: Path, file: str, old: str, new: str) -> Problem:
    tiny = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    text = (tiny / file).read_text(encoding="utf-8")
    assert old in text
    (tiny / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    (problem,) = (problem for problem in check([tiny / CASE]) if problem.severity == "error")
    return problem


def read_problem(text: str) -> Problem:
    problems = Problems()
    read_bytes(text.encode(), "f.yaml", problems)
    return problems.all[0]


# ruff: noqa: E501 (a row of the table is one message)
@pytest.mark.parametrize(
    ("file", "old", "new", "hint"),
    [
        (CASE, "do: peripheral_access", "do: crt", "'crt' is called 'ex_perfusion' here"),
        (CASE, "do: peripheral_access", "do: capillary refill", "'capillary refill' is called 'ex_perfusion' here: write ex_perfusion"),
        (CASE, "do: peripheral_access", "do: xyzzy", "orders.yaml beside a case adds to the catalogue"),
        (CASE, "{in: {fluid: dry}}, because", "{in: {wombat: dry}}, because", "its regions are fluid, infection, life"),
        (CASE, "when: {running: gentamicin,", "when: {told: wombat, running: gentamicin,", "its calls reveal severe_illness"),
        (CASE, "evidence: [tiny-2]", "evidence: ispad-2022", "add it to evidence.yaml beside the case, or write 'assumed: why' instead"),
        (CASE, "disease: meadow_fever", "disease: wombat", "put its file beside the case, as wombat.yaml"),
    ],
)  # fmt: skip
def test_a_message_says_what_there_is_and_what_to_do(tmp_path: Path, file: str, old: str, new: str, hint: str) -> None:
    assert hint in said(tmp_path, file, old, new).hint


def test_an_apostrophe_that_ends_a_quote_is_named() -> None:
    problem = read_problem("a: 1\nbecause: 'It's acid.'\nb: 2\n")
    assert (problem.line, problem.message) == (2, "the quote ends at 'It'")
    assert "double quotes" in problem.hint


def test_a_comma_that_ends_a_text_in_braces_is_named() -> None:
    problem = read_problem("a: {text: Lethargic, grey and cool.}\n")
    assert problem.message == "a comma ends a text inside { }: 'grey and cool.' is read as a key without a value"
    assert "quotes" in problem.hint


def test_a_tab_is_shown_as_an_arrow() -> None:
    assert "→b: 1" in render(read_problem("a:\n\tb: 1\n"))


def test_a_therapy_without_doses_may_be_given_by_its_name_alone(tmp_path: Path) -> None:
    tiny = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    text = (tiny / CASE).read_text(encoding="utf-8")
    (tiny / CASE).write_text(
        text.replace("given:\n  paracetamol: 15 mg/kg\n", "given: [paracetamol]\n"), encoding="utf-8"
    )
    assert check([tiny / CASE]) == ()


def test_a_plus_sign_is_no_set_value(tmp_path: Path) -> None:
    assert said(tmp_path, DISEASE, "crp: {set: 40}", "crp: +40").hint == "write {shift: 40}"
