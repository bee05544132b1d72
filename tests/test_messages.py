"""What an author is told: each message that once did not help, and each silence, now says what to do.

The tables are the mistakes that a clinician made while writing two cases, in the order in which they were noted, and
those that others tried on purpose. A row is one of them: where it is made, what is written instead of what, and the
words that help.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim.case.checking.check import check
from sim.case.problems import Problem, Problems, render
from sim.case.reading.document import read_bytes
from sim.engine.graph import problems as graph_questions

DATA = Path(__file__).parent / "data"
TINY, COMPOSED = DATA / "tiny", DATA / "composed"
CASE, DISEASE = "cases/tiny_case.yaml", "diseases/meadow_fever.yaml"
ORDERS, OBSERVABLES = "catalogue/orders_tiny.yaml", "catalogue/observables.yaml"


def told(tmp_path: Path, *edits: tuple[str, str, str], only: str | None = CASE) -> tuple[Problem, ...]:
    """What `check` says of the tiny library with a few words changed: of its case, or of all of it."""
    tiny = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    for file, old, new in edits:
        text = (tiny / file).read_text(encoding="utf-8")
        assert old in text
        (tiny / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return check([tiny if only is None else tiny / only], graph=graph_questions)


def said(tmp_path: Path, file: str, old: str, new: str) -> Problem:
    (problem,) = (problem for problem in told(tmp_path, (file, old, new)) if problem.severity == "error")
    return problem


def read_problem(text: str) -> Problem:
    problems = Problems()
    read_bytes(text.encode(), "f.yaml", problems)
    return problems.all[0]


# --- messages that did not help or misled ----------------------------------------------------------------------

# ruff: noqa: E501 (a row of a table is one message)
MISLED = {
    "near in spelling, other in meaning": (CASE, "do: peripheral_access", "do: crt", "'crt' is called 'ex_perfusion' here"),
    "obeyed, and unknown again": (CASE, "do: peripheral_access", "do: capillary refill", "'capillary refill' is called 'ex_perfusion' here: write ex_perfusion"),
    "an order that nobody has": (CASE, "do: peripheral_access", "do: xyzzy", "orders.yaml beside a case adds to the catalogue"),
    "states are listed, regions are not": (CASE, "{in: {fluid: dry}}, because", "{in: {wombat: dry}}, because", "its regions are fluid, infection, life"),
    "codes of calls are not": (CASE, "when: {running: gentamicin,", "when: {told: wombat, running: gentamicin,", "its calls reveal severe_illness"),
    "evidence without a way forward": (CASE, "evidence: [tiny-2]", "evidence: ispad-2022", "add it to evidence.yaml beside the case, or write 'assumed: why' instead"),
    "an apostrophe in single quotes": (CASE, "because: Longer brings nothing.", "because: 'It's acid.'", "put double quotes around the text"),
    "a comma in braces": (CASE, "text: He died on the ward.", "text: Lethargic, grey and cool.", "put quotes around the whole text"),
    "a disease that is nowhere": (CASE, "disease: meadow_fever", "disease: wombat", "put its file beside the case, as wombat.yaml"),
    "given without a value": (CASE, "paracetamol: 15 mg/kg", "paracetamol:", "write its dose, or list what has none by its name: given: [paracetamol]"),
    "given an empty text": (CASE, "paracetamol: 15 mg/kg", "paracetamol: ''", "write its dose, or list what has none by its name: given: [ ]"),
    "a tab": (CASE, "  sex: male", "\tsex: male", "use spaces"),
    "a text goes on after its quotes": (CASE, "title: A hot infant", 'title: "A hot" infant', "put the whole text in single quotes"),
    "an apostrophe in a title": (CASE, "title: A hot infant from the farm", "title: 'the doctor's infant'", "write the apostrophe twice"),
    "a duration repeated as help": (CASE, "horizon: 5 d", "horizon: 999999999999999999 y", "the longest is 100 y"),
}  # fmt: skip


@pytest.mark.parametrize("row", MISLED)
def test_a_message_says_what_there_is_and_what_to_do(tmp_path: Path, row: str) -> None:
    file, old, new, hint = MISLED[row]
    assert hint in said(tmp_path, file, old, new).hint


def test_a_letter_of_another_script_is_named(tmp_path: Path) -> None:
    found = told(tmp_path, (CASE, "disease: meadow_fever", "disease: me\N{CYRILLIC SMALL LETTER A}dow_fever"))
    assert any("no Latin letter but a cyrillic small letter a: type it again" in problem.hint for problem in found)


def test_an_apostrophe_that_ends_a_quote_is_named() -> None:
    problem = read_problem("a: 1\nbecause: 'It's acid.'\nb: 2\n")
    assert (problem.line, problem.message) == (2, "the quote ends at 'It'")


def test_a_text_that_goes_on_after_its_quotes_is_named() -> None:
    problem = read_problem('a: 1\ntitle: "A hot" infant\nb: 2\n')
    assert (problem.line, problem.message) == (2, 'the quote ends at "A hot", and the text goes on')


@pytest.mark.parametrize("text", ['a: "b" # c\nd: [\n', 'a: {b: "c", d: "e"}\nf: [\n', 'a: "b"\nc: "d\n'])
def test_a_quote_that_ends_well_is_not_blamed_for_another_mistake(text: str) -> None:
    assert "goes on" not in read_problem(text).message


def test_a_comma_that_ends_a_text_in_braces_is_named() -> None:
    problem = read_problem("a: {text: Lethargic, grey and cool.}\n")
    assert problem.message == "a comma ends a text inside { }: 'grey and cool.' is read as a key without a value"


def test_a_tab_is_shown_as_an_arrow() -> None:
    assert "→b: 1" in render(read_problem("a:\n\tb: 1\n"))


def test_a_therapy_without_doses_may_be_given_by_its_name_alone(tmp_path: Path) -> None:
    assert told(tmp_path, (CASE, "given:\n  paracetamol: 15 mg/kg\n", "given: [paracetamol]\n")) == ()


@pytest.mark.slow  # it reads the catalogue that ships
@pytest.mark.parametrize(
    ("word", "hint"),
    [("fructosamine", "is called 'glycated_albumin' here"), ("capillary_refill", "is called 'ex_perfusion' here")],
)
def test_what_the_ward_calls_otherwise_is_found_by_its_other_name(tmp_path: Path, word: str, hint: str) -> None:
    composed = Path(shutil.copytree(COMPOSED, tmp_path / "composed"))
    text = (composed / "cases" / "thirsty_girl.yaml").read_text(encoding="utf-8")
    path = composed / "cases" / "thirsty_girl.yaml"
    path.write_text(text.replace("must: ndm_panel", f"must: {word}"), encoding="utf-8")
    assert any(hint in problem.hint for problem in check([path]))


def test_a_plus_sign_is_no_set_value(tmp_path: Path) -> None:
    assert said(tmp_path, DISEASE, "crp: {set: 40}", "crp: +40").hint == "write {shift: 40}"


# --- silences --------------------------------------------------------------------------------------------------

SILENT = {
    "a must that the ward refuses": ([(ORDERS, "    measures: crp\n", "    measures: crp\n    needs: [{when: {ordered: lumbar_puncture}, say: No fluid.}]\n"), (CASE, "do: [gentamicin]\n    dose: 7 mg/kg once a day\n", "do: crp\n")], "warning", "the ward always refuses 'crp' (\"No fluid.\"): nothing orders 'lumbar_puncture'"),
    "a step that can never be missed": ([(CASE, "when: {shows: {order: ex_perfusion, finding: slow}}\n    within: 30 min", "when: {elapsed: {below: 3 h}}\n    within: 5 h")], "warning", "the step is due for 3 h and its window is 5 h: left undone it counts as not needed"),
    "an ending for everybody": ([(CASE, "when: {in: {life: died_shock}}", "when: {in: {life: [alive, died_shock]}}")], "error", "'died' fits every patient, so the endings below it are never reached"),
    "an ending in the shadow of another": ([(CASE, "when: {in: {infection: [severe, resistant]}}", "when: {in: {life: died_shock, infection: severe}}")], "error", "'still_ill' is never reached: who fits it fits 'died', which comes first"),
    "a step after a later one": ([(CASE, "after: culture", "after: stop_antibiotic")], "warning", "'treat' waits for 'stop_antibiotic', which stands below it"),
    "a girl called he": ([(CASE, "sex: male", "sex: female")], "warning", "this says 'boy', and the patient is a girl, and 7 other texts do"),
}  # fmt: skip


@pytest.mark.parametrize("row", SILENT)
def test_what_was_passed_over_in_silence_is_said(tmp_path: Path, row: str) -> None:
    edits, severity, message = SILENT[row]
    assert (severity, message) in {(problem.severity, problem.message) for problem in told(tmp_path, *edits)}


# --- conditions that nobody can meet ---------------------------------------------------------------------------

STEP = "  - {{id: never, title: Never, phase: P, weight: must, critical: true, do: electrolytes, within: 1 h, because: b, assumed: a, when: {{{}}}}}\npitfalls:"
EMPTY = {
    "elapsed: {from: 2 h, below: 1 h}": "no time is from 2 h on and below 1 h",
    "elapsed: {from: 30 d}": "the case is over after 5 d (see 'horizon')",
    "age: {below: 10 d}": "the patients are 1 mo 29 d to 2 mo 19 d old, and 2 mo 24 d at the very end",
    "age: {from: 10 y}": "the patients are 1 mo 29 d to 2 mo 19 d old, and 2 mo 24 d at the very end",
    "shows: {observable: heart_rate, above: 300}": "'heart_rate' is never reported above its ceiling, 300",
    "shows: {observable: heart_rate, below: 20}": "'heart_rate' is never reported below its floor, 20",
    "dose: {therapy: bolus, above: 200}": "no dose of 'bolus' is so: it is given as 10 mL/kg, 20 mL/kg, or any from 1 to 200 mL/kg",
    "dose: {therapy: gentamicin, above: 3, below: 7}": "no dose of 'gentamicin' is so: it is given as 7 mg/kg once a day, 2.5 mg/kg once a day",
    "running: bolus, not: {running: bolus}": "it asks for 'bolus running' and for the contrary",
    "dose: {therapy: bolus, above: 5}, not: {running: bolus}": "it asks for 'dose of bolus above 5' and for the contrary",
    "since: {ordered: bolus, at_least: 2 h, below: 1 h}": "no time is from 2 h on and below 1 h",
    "since: {ordered: bolus, at_least: 5 d}": "the case is over after 5 d (see 'horizon')",
    "since: {ordered: bolus, at_least: 2 h}, elapsed: {below: 1 h}": "no time is from 2 h on and below 1 h",
    "believes: {diagnosis: meadow_fever, above: 1}": "a probability lies between 0 and 1",
    "shows: {observable: crp, above: 40}, all: [{shows: {observable: crp, below: 30}}]": "no value is above 40 and below 30",
    "any: [{age: {from: 10 y}}, {elapsed: {from: 30 d}}]": "the patients are 1 mo 29 d to 2 mo 19 d old, and 2 mo 24 d at the very end",
    "ordered: bolus, any: [{elapsed: {from: 30 d}}, {not: {ordered: bolus}}]": "the case is over after 5 d (see 'horizon')",
    "not: {elapsed: {below: 9 d}}": "its contrary always holds: time below 9 d",
}  # fmt: skip


@pytest.mark.parametrize("when", EMPTY)
def test_a_step_that_nobody_can_come_to_is_named_with_the_reason(tmp_path: Path, when: str) -> None:
    problem = said(tmp_path, CASE, "pitfalls:", STEP.format(when))
    assert problem.message == f"this never holds: {EMPTY[when]}"
    assert (problem.code, problem.hint) == ("never-holds", "widen it, or leave it out")


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        (CASE, "{in: {fluid: dry}}, because", "{in: {fluid: dry}, age: {from: 10 y}}, because", "the patients are"),
        (CASE, "{in: {infection: [severe, resistant]}}", "{in: {infection: severe}, all: [{in: {infection: mild}}]}", "'infection' cannot be severe and mild at once"),
        (CASE, "{absent: {order: gentamicin, by: 6 h}}", "{absent: {order: gentamicin, by: 6 d}}", "the case is over after 5 d"),
        (CASE, "{absent: {order: gentamicin, by: 6 h}}", "{longer: {therapy: gentamicin, than: 1 y}}", "the case is over after 5 d"),
        (DISEASE, "level: {therapy: gentamicin, above: 1}", "level: {therapy: gentamicin, above: 4}", "the level of 'gentamicin' lies between 0.75 and 3.15 at every dose"),
        (DISEASE, "when: {age: {below: 70 d}}", "when: {age: {from: 2 d, below: 1 d}}", "no time is from 2 d on and below 1 d"),
        (DISEASE, "when: {dose: {therapy: bolus, above: 15}}", "when: {dose: {therapy: bolus, above: 900}}", "no dose of 'bolus' is so"),
    ],
)  # fmt: skip
def test_values_endings_pitfalls_and_transitions_that_never_come_are_named(
    tmp_path: Path, file: str, old: str, new: str, why: str
) -> None:
    assert why in said(tmp_path, file, old, new).message


def test_a_modifier_for_an_age_that_no_patient_of_any_case_has_is_named(tmp_path: Path) -> None:
    found = told(tmp_path, (DISEASE, "age: {below: 70 d}", "age: {from: 10 y}"), only=None)
    assert [(problem.severity, problem.message[:30]) for problem in found] == [
        ("warning", "this part never holds: the pat")
    ]


def test_an_alternative_that_never_holds_is_worth_a_warning(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, (CASE, "pitfalls:", STEP.format("any: [{age: {from: 10 y}}, {ordered: crp}]")))
    assert (problem.severity, problem.code) == ("warning", "never-holds")


@pytest.mark.parametrize(
    "when",
    [
        "elapsed: {from: 4 d}",
        "age: {from: 80 d}",
        "shows: {observable: heart_rate, above: 299}",
        "dose: {therapy: bolus, above: 20}",  # it may be typed
        "running: bolus, not: {running: gentamicin}",
        "since: {ordered: bolus, at_least: 1 h, below: 3 h}",
        "any: [{ordered: crp}, {not: {ordered: crp}}]",
    ],
)
def test_what_some_patient_can_meet_is_left_alone(tmp_path: Path, when: str) -> None:
    assert told(tmp_path, (CASE, "pitfalls:", STEP.format(when))) == ()


# --- impossible numbers ----------------------------------------------------------------------------------------

NUMBERS = {
    "a negative weight": (DISEASE, "weight: {scale: 0.93}", "weight: {scale: -0.93}", "a scale below 0 turns 'weight' into its negative"),
    "a negative pulse": (DISEASE, "heart_rate: {scale: 1.25}", "heart_rate: {scale: -1.25}", "a scale below 0 turns 'heart_rate' into its negative"),
    "a slip of the decimal point": (DISEASE, "temperature: {set: 38.4}", "temperature: {set: 384}", "384 can never be reported: 'temperature' lies between 30 and 43 °C"),
    "urine that flows back": (DISEASE, "urine_output: {set: 0.4}", "urine_output: {set: -4}", "-4 can never be reported: 'urine_output' lies between 0 and 1000000 mL/kg/h"),
    "a shift out of the body": (DISEASE, "systolic: {shift: -12}", "systolic: {shift: -120}", "a healthy child would come to -35, which can never be reported: 'systolic' lies between 20 and 250 mmHg"),
    "a range upside down": (OBSERVABLES, "low: 70, high: 100}", "low: 100, high: 70}", "expected 'low' not above 'high'"),
    "a normal value that is not": (OBSERVABLES, "{normal: 85, low: 70", "{normal: 65, low: 70", "expected 'normal' between 'low' and 'high'"),
    "a man older than anybody": (CASE, "age: 60 d..80 d", "age: 60 y..180 y", "expected a duration of at most 100 y, found '180 y'"),
    "a patient who may be a child or not": (CASE, "age: 60 d..80 d", "age: 17 y..19 y", "expected ages on one side of 18 y: an adult's ranges and doses are others"),
    "a pulse without end": (DISEASE, "heart_rate: {scale: 1.25}", "heart_rate: {scale: 99999999999999999}", "a scale of 100000000000000000 is more than any illness makes of 'heart_rate'"),
    "a child that weighs less than nothing": (CASE, "  weight: {low: 4.8", "  weight: {low: -4.8", "expected a weight between 0.3 and 250 kg, found -4.8 to 5.6"),
    "a child that weighs nothing at birth": (CASE, "birth_weight: {low: 3.0, high: 3.6}", "birth_weight: {low: 0, high: 0}", "expected a weight between 0.3 and 250 kg, found 0 to 0"),
    "two doses with one label": (ORDERS, "- {label: 20 mL/kg, amount: 20}\n", "- {label: 20 mL/kg, amount: 20}\n      - {label: 20 mL/kg, amount: 20}\n", "dose '20 mL/kg' stands here twice"),
}  # fmt: skip


@pytest.mark.parametrize("row", NUMBERS)
def test_a_number_that_no_body_can_show_is_named(tmp_path: Path, row: str) -> None:
    file, old, new, message = NUMBERS[row]
    assert message in {problem.message for problem in told(tmp_path, (file, old, new), only=None)}


def test_a_step_cannot_be_called_what_a_later_time_of_another_is_called(tmp_path: Path) -> None:
    problem = said(
        tmp_path, CASE, "    phase: First hour\n    evidence: [tiny-1]\n  - id: treat\n",
        "    phase: First hour\n    evidence: [tiny-1]\n    when: {ordered: bolus}\n    every: 4 h\n    times: 3\n"
        "  - id: culture_2\n",
    )  # fmt: skip
    assert problem.message == "'culture_2' is what a later time of 'culture' is called"
