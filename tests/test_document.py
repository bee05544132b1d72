"""The door to yaml: what it reads, what it refuses and where, and that nothing ever gets past it as a traceback."""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.case.model.case import Case
from sim.case.model.conditions import Condition
from sim.case.model.disease import Disease
from sim.case.model.pathway import Step
from sim.case.problems import UNSAFE, CaseError, Spot, clean, did_you_mean
from sim.case.reading.document import Document, Problem, Problems, build, peek, read, read_bytes, render, to_plain

TINY = Path(__file__).parent / "data" / "tiny"


def read_text(text: str | bytes) -> tuple[Document, tuple[Problem, ...]]:
    problems = Problems()
    raw = text.encode() if isinstance(text, str) else text
    return read_bytes(raw, "f.yaml", problems), problems.all


def data(text: str) -> object:
    document, problems = read_text(text)
    assert problems == ()
    assert document.root is not None
    return document.root.data


def only(text: str | bytes) -> Problem:
    (problem,) = read_text(text)[1]
    return problem


def test_a_list_becomes_a_tuple_and_a_mapping_keeps_its_order() -> None:
    found = data("b: [1, two]\na: {x: 0.5}\n")
    assert found == {"b": (1, "two"), "a": {"x": 0.5}}
    assert isinstance(found, dict)
    assert list(found) == ["b", "a"]


@pytest.mark.parametrize("word", ["no", "on", "yes", "off", "y", "True", "FALSE", "1:30", "12:30:45", "2026-01-02"])
def test_yaml_1_1_surprises_stay_the_text_they_are(word: str) -> None:
    assert data(f"a: {word}") == {"a": word}


@pytest.mark.parametrize("word", ["010", "0x1f", "0o17", "1_000", ".5", "5.", "1e6", "1.5e3", ".inf", ".nan", "1,5"])
def test_numbers_in_unusual_dress_stay_text(word: str) -> None:
    assert data(f"a: {word}") == {"a": word}


@pytest.mark.parametrize(
    ("word", "value"), [("0", 0), ("12", 12), ("-3", -3), ("+5", 5), ("0.50", 0.5), ("-0.0", 0.0), ("37.9", 37.9)]
)
def test_plain_numbers_are_numbers(word: str, value: float) -> None:
    found = data(f"a: {word}")
    assert found == {"a": value}
    assert isinstance(found, dict)
    assert type(found["a"]) is type(value)
    assert str(found["a"]) != "-0.0"


def test_a_question_outside_of_brackets_needs_no_quotes() -> None:
    assert data("a: What do cold feet mean?") == {"a": "What do cold feet mean?"}


def test_a_number_that_python_could_not_print_stays_text() -> None:
    assert data("a: 0x" + "f" * 10_000) == {"a": "0x" + "f" * 10_000}


def test_only_plain_true_and_false_are_booleans() -> None:
    assert data("a: true\nb: false\nc: 'true'") == {"a": True, "b": False, "c": "true"}


def test_a_quoted_number_is_text_and_a_key_is_always_text() -> None:
    assert data("010: '5'\ntrue: 1") == {"010": "5", "true": 1}


def test_every_value_knows_its_line_and_column() -> None:
    document, _ = read_text("a: 1\nb:\n  - x: é\n    y: 'deep'\n")
    assert (document.at("b", 0, "y").line, document.at("b", 0, "y").col) == (4, 8)
    assert (document.key("b", 0, "y").line, document.key("b", 0, "y").col) == (4, 5)
    assert document.at("b", 0, "missing", "further").data == {"x": "é", "y": "deep"}
    assert document.at("b", 7).line == 3


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    plain, _ = read_text("a: 1\nb: x\n")
    windows, problems = read_text(b"\xef\xbb\xbfa: 1\r\nb: x\r\n")
    assert problems == ()
    assert windows.root is not None
    assert plain.root is not None
    assert windows.root.data == plain.root.data
    assert windows.lines == plain.lines


@pytest.mark.parametrize(
    ("text", "line", "col", "code"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "duplicate-key"),
        ("a: &x 1\n", 1, 4, "anchor"),
        ("a: *x\n", 1, 4, "alias"),
        ("<<: {a: 1}\n", 1, 1, "merge-key"),
        ("a: !!str 1\n", 1, 4, "tag"),
        ("a: !!python/object/apply:os.system [x]\n", 1, 4, "tag"),
        ("a: ! 1\n", 1, 4, "tag"),
        ("a: 1\n---\nb: 2\n", 2, 1, "several-documents"),
        ("a:\nb: 1\n", 1, 1, "no-value"),
        ("a: [1, ~]\n", 1, 8, "no-value"),
        ("a: null\n", 1, 1, "no-value"),
        ("~: 1\n", 1, 1, "no-value"),
        ("? [a]\n: 1\n", 1, 3, "complex-key"),
        ("a: 1234567890123456789\n", 1, 4, "absurd-number"),
        ("a: 0.1234567890123456789\n", 1, 4, "absurd-number"),
        ("%YAML 1.1\n---\na: 1\n", 1, 1, "directive"),
        ("- 1\n", 1, 1, "wrong-top"),
        ("just text\n", 1, 1, "wrong-top"),
        ("", 1, 1, "empty"),
        ("# only this\n", 1, 1, "empty"),
        ("---\n", 2, 1, "empty"),
        ("a: 'x\n", 1, 4, "syntax"),
        ("a: b: c\n", 1, 5, "syntax"),
        ("a: `x`\n", 1, 4, "syntax"),
        ("a: {b: why?, c: d}\n", 1, 8, "question-mark"),
        ("a: \tx\n", 1, 4, "unsafe-character"),
        ("# \x1b[31m\n", 1, 3, "unsafe-character"),
        ("a: x\u202ey\n", 1, 5, "unsafe-character"),
        ("a: x\u2028y\n", 1, 5, "unsafe-character"),
        ("a: \ufeff\n", 1, 4, "unsafe-character"),
        ('a: "\\e]2;title"\n', 1, 4, "unsafe-character"),
        ('a: "\\ud800"\n', 1, 4, "unsafe-character"),
        ('a: "\\0"\n', 1, 4, "unsafe-character"),
        ('"\\x07": 1\n', 1, 1, "unsafe-character"),
    ],
)
def test_what_is_refused_is_refused_at_its_place(text: str, line: int, col: int, code: str) -> None:
    problem = only(text)
    assert (problem.line, problem.col, problem.code) == (line, col, code)


def test_a_duplicate_key_names_both_lines() -> None:
    assert only("a: 1\nb: 2\na: 3\n").message == "key 'a' stands here and in line 1"


def test_bytes_that_are_no_utf8_are_found_where_they_are() -> None:
    problem = only("a: 1\nbé: ".encode() + b"\xff\n")
    assert (problem.line, problem.col, problem.code) == (2, 5, "not-utf8")
    assert only("a: 1".encode("utf-16")).message == "expected UTF-8 text, found UTF-16"


def test_a_file_above_two_megabytes_is_not_read() -> None:
    assert only(b"a: " + b"x" * 2_000_000).code == "too-large"


@pytest.mark.parametrize(
    "attack",
    [
        b"[" * 100_000,
        b"{a: " * 100_000,
        b"- " * 100_000,
        b"a:\n" + b"".join(b" " * n + b"- \n" for n in range(200)),
        b"? " * 100_000,
        b"&a [" + b"*a, " * 1000 + b"*a]",
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
        b"a: &a {x: 1}\nb: {<<: [*a, *a, *a]}\n",
        b"a: " + b"9" * 100_000,
        b"a: \x00",
        b"\x00",
        b'a: "\\UFFFFFFFF"',
        b'a: "\\U00110000"',
        b"%TAG ! tag:x:\n---\na: !y 1\n",
        b"a: !!timestamp 9999-99-99",
        b"!!binary x: 1",
        b"a: |9\n x",
        b"\xff\xfe\x00",
        b"\xed\xa0\x80: 1",
        b"*" * 50_000,
        b"a: " + b"'" * 50_001,
    ],
    ids=range(21),
)
def test_attacks_end_in_problems_and_never_in_a_traceback(attack: bytes) -> None:
    document, problems = read_text(attack)
    assert problems
    assert all(problem.severity == "error" for problem in problems)
    assert len(render(problems[0])) < 1500
    assert document.file == "f.yaml"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
@example(b"\x80")
def test_whatever_the_bytes_the_door_answers(raw: bytes) -> None:
    document, problems = read_text(raw)
    assert document.root is not None or problems
    json.dumps([to_plain(problem) for problem in problems])
    "\n".join(map(render, problems)).encode()


PIECES = st.sampled_from(
    ["a", "b", ": ", ":", "- ", "\n", "\n  ", "    ", "[", "]", "{", "}", ",", "'", '"', "|", ">", "#", "&x ", "*x",
     "!t ", "?", "%", "@", "---\n", "...", "<<", "~", "null", "010", "1e3", "\\", "\t", "é", "\x85", "\u202e"]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_whatever_the_yaml_the_parsers_agree_with_the_door(text: str) -> None:
    document, problems = read_text(text)
    assert document.root is not None or problems
    if problems or document.root is None:
        return
    # What comes through is what PyYAML reads as plain strings, but for numbers and booleans.
    plain = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - builds nothing but text, lists and dicts
    assert _same(plain, document.root.data)


def _same(plain: object, ours: object) -> bool:
    if isinstance(plain, dict):
        return isinstance(ours, dict) and all(_same(plain[k], ours[k]) for k in plain) and len(plain) == len(ours)
    if isinstance(plain, list):
        return isinstance(ours, tuple) and len(plain) == len(ours) and all(map(_same, plain, ours))
    return plain == ours or (not isinstance(ours, str) and ours is not None)


JSONISH = st.recursive(
    st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")), min_size=1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz_", min_size=1), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text("abcxyz_", min_size=1, max_size=5), JSONISH, min_size=1, max_size=4))
def test_what_is_written_as_json_is_read_back(value: dict[str, object]) -> None:
    document, problems = read_text(json.dumps(value, ensure_ascii=False))
    assert problems == ()
    assert document.root is not None
    assert json.dumps(document.root.data) == json.dumps(value)


def test_the_pure_parser_gives_the_same_trees_and_places(monkeypatch: pytest.MonkeyPatch) -> None:
    files = sorted(TINY.rglob("*.yaml"))
    assert len(files) >= 6
    fast = [_places(read(path, Problems())) for path in files]
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert [_places(read(path, Problems())) for path in files] == fast


def _places(document: Document) -> list[tuple[object, int, int]]:
    found, todo = [], [document.root]
    while todo:
        node = todo.pop()
        assert node is not None
        found.append((node.data, node.line, node.col))
        todo += node.children.values() if isinstance(node.children, dict) else node.children or ()
        todo += node.keys.values()
    return found


def test_unsafe_characters_are_those_unicode_calls_control_format_surrogate_and_private() -> None:
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        category = unicodedata.category(char)
        if category in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and char != "\n":
            assert UNSAFE.match(char), hex(code)
        elif category != "Cn":
            assert not UNSAFE.match(char), hex(code)


def test_a_missing_file_is_a_problem_and_not_a_traceback(tmp_path: Path) -> None:
    problems = Problems()
    assert read(tmp_path / "none.yaml", problems).root is None
    assert read(tmp_path, problems).root is None
    assert [problem.code for problem in problems.all] == ["unreadable", "unreadable"]


def test_peek_reads_the_head_of_a_file_whose_end_is_broken() -> None:
    raw = b"id: x\ntitle: 'A, b'\nminutes: 5\npatient: {a: b}\nrest: [unclosed\n"
    assert peek(raw, frozenset({"id", "title", "minutes", "patient", "absent"})) == {
        "id": "x",
        "title": "A, b",
        "minutes": 5,
    }


# --- building models --------------------------------------------------------------------------------------


def build_text(model: type[Case] | type[Step] | type[Disease] | type[Condition], text: str) -> tuple[Problem, ...]:
    problems = Problems()
    document = read_bytes(text.encode(), "f.yaml", problems)
    assert document.root is not None
    build(model, document.root, problems)
    return problems.all


def test_a_misspelt_key_is_one_problem_although_a_key_is_missing_too() -> None:
    text = "id: x\ntitel: T\nweight: must\ndo: x\nwithin: 1 h\nbecause: B\nphase: P\nassumed: A\n"
    (problem,) = build_text(Step, text)
    assert (problem.line, problem.message, problem.hint) == (2, "unknown key 'titel'", "did you mean 'title'?")


def test_every_mistake_of_a_file_is_reported_in_one_run() -> None:
    text = "id: X\ntitle: 5\nweight: most\ndo: x\nwithin: soon\nbecause: B\nphase: P\nassumed: A\n"
    assert [problem.line for problem in build_text(Step, text)] == [1, 2, 3, 5]


def test_python_names_of_fields_are_no_keys() -> None:
    (problem,) = build_text(Condition, "all_: [{told: x}]\n")
    assert problem.message == "unknown key 'all_'"
    assert problem.hint == "did you mean 'all'?"


def test_a_refused_value_is_reported_once() -> None:
    problems = Problems()
    text = "id: x\ntitle: ~\nweight: must\ndo: x\nwithin: 1 h\nbecause: B\nphase: P\nassumed: A\n"
    document = read_bytes(text.encode(), "f.yaml", problems)
    assert document.root is not None
    assert build(Step, document.root, problems) is None
    assert [problem.code for problem in problems.all] == ["no-value"]


def test_a_mistake_deep_in_a_condition_has_its_own_place() -> None:
    (problem,) = build_text(Condition, "all:\n  - any: [{told: a}, {effct: b}]\n")
    assert (problem.line, problem.col, problem.hint) == (2, 23, "did you mean 'effect'?")


@pytest.mark.parametrize("value", ["[]", "{}", "true", "5", "x", "[[x]]", "{a: b}", "0.5"])
@pytest.mark.parametrize("key", ["id", "initial", "do", "within", "weight", "when", "critical", "after", "evidence"])
def test_a_value_of_any_shape_in_any_field_is_at_most_a_problem(key: str, value: str) -> None:
    fields = {"id": "x", "title": "T", "weight": "must", "do": "x", "within": "1 h", "because": "B", "phase": "P"}
    lines = "".join(f"{name}: {given}\n" for name, given in (fields | {"assumed": "A", key: value}).items())
    assert len(build_text(Step, lines)) <= 2


# --- saying it --------------------------------------------------------------------------------------------


def test_a_problem_shows_its_line_a_caret_and_help() -> None:
    problem = Problem("c.yaml", 12, 5, "error", "unknown-key", "unknown key 'a'", "did you mean 'b'?", "    a: 1")
    assert render(problem) == (
        "c.yaml:12:5: error: unknown key 'a'\n  12 |     a: 1\n     |     ^\n  help: did you mean 'b'?"
    )


def test_the_json_form_has_exactly_the_fields_it_promises() -> None:
    problem = Problem("c.yaml", 1, 2, "warning", "c", "m", "h", "source")
    assert list(to_plain(problem)) == ["file", "line", "col", "severity", "code", "message", "hint"]


def test_the_caret_stands_under_wide_characters_and_in_long_lines() -> None:
    assert render(Problem("c", 1, 3, "error", "c", "m", "", "漢字x")).endswith("1 | 漢字x\n    |     ^")
    long = render(Problem("c", 1, 500, "error", "c", "m", "", "a" * 499 + "B" + "c" * 499)).splitlines()
    assert len(long[1]) < 130
    assert long[1][long[2].index("^")] == "B"


def test_nothing_unsafe_reaches_the_terminal_through_a_problem() -> None:
    problems = Problems()
    problems.error(Spot("\x1b]2;x\x07.yaml", 1, 1, "\x1b[31m"), "c", "found '\u202e'\nand more", "\x00")
    (problem,) = problems.all
    text = render(problem) + json.dumps(to_plain(problem), ensure_ascii=False)
    assert not UNSAFE.search(text)
    assert clean("a\nb") == "a b"


def test_problems_are_sorted_and_told_once() -> None:
    problems = Problems()
    for line in (3, 1, 3):
        problems.error(Spot("f", line), "c", "m")
    problems.warning(Spot("e", 9), "c", "m")
    assert [(p.file, p.line) for p in problems.all] == [("e", 9), ("f", 1), ("f", 3)]
    assert len(problems.errors) == 2
    with pytest.raises(CaseError, match="f:1:1: error: m"):
        problems.raise_errors()


def test_help_names_the_nearest_word_or_nothing() -> None:
    assert did_you_mean("tempreature", ["temperature", "sodium"]) == "did you mean 'temperature'?"
    assert did_you_mean("xyz", ["temperature"]) == ""
