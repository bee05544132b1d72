"""What happened and what it was worth is said once: every face has words for every event, verdict, size and mode."""

from __future__ import annotations

import ast
import re
import typing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from scoring.assess.order_values import Worth
from scoring.assess.pathway import Verdict
from scoring.assess.pitfalls import Price
from scoring.debrief.sentences import consequences
from scoring.debrief.twin import Row
from scoring.review.review import SIZES as REVIEWED
from sim.attempts.replay import replay_policy
from sim.case.model.pitfalls import Pitfall
from sim.case.model.scenario import Scenario
from sim.engine.growth import weight_within
from sim.engine.log import (
    Called,
    CaseEnded,
    CaseOpened,
    Charted,
    CheckpointReached,
    DifferentialStated,
    DoneBefore,
    EffectBegan,
    EffectEnded,
    Event,
    HandedOver,
    HintGiven,
    LimitsSet,
    Measurement,
    OrderPlaced,
    OrderRefused,
    OrderWithdrawn,
    ResultReturned,
    Running,
    StateEntered,
    TherapyStarted,
    TherapyStopped,
    TimePassed,
)
from sim.engine.session import Session
from sim.plain import lines
from sim.report.happenings import happenings
from sim.report.html.events import LEADS
from sim.report.html.shapes import mark_with_word as with_mark
from sim.tui.rows.debrief import SEVERITY_ROLES, VERDICT_LOOKS, WORTH_LOOKS
from sim.tui.rows.decisions import SIZE_LOOKS
from sim.tui.rows.events import LOOKS, SIGNS, event_row
from sim.words.differential import moved, shares
from sim.words.events import EventKind, event_text, opening, sentence
from sim.words.fold import fold
from sim.words.format import as_sentence, listed, moment
from sim.words.markup import document, tag
from sim.words.modes import Mode
from sim.words.patient import person
from sim.words.verdicts import (
    PROBLEMS,
    SEVERITIES,
    SIZES,
    VERDICTS,
    WAITED,
    WORTHS,
    size_in_full,
    size_said,
    sizes_counted,
)
from tinycase import checkpoint, scenario

ROOT = Path(__file__).parents[1]
TOY = scenario(checkpoints=[checkpoint("2 h", aa="80%")])
GLUCOSE = Measurement("glucose", 22.0, 3.0, 7.0)
EXAMPLES: tuple[Event, ...] = (
    CaseOpened(0, 1, "Emil", 30_000, 3.2),
    OrderPlaced(1, 1, "sugar", None),
    OrderRefused(1, "insulin", "There is no line."),
    ResultReturned(100, 1, "sugar", 1, (GLUCOSE,), "As said.", ()),
    Charted(100, 1, "sugar", 100, (GLUCOSE,), "", ()),
    TherapyStarted(2, 2, "insulin", "low", replaced=Running("insulin", "high", 1, None)),
    TherapyStarted(2, 2, "insulin", "low"),
    TherapyStopped(3, "insulin", "learner"),
    TherapyStopped(3, "insulin", "dose"),
    TherapyStopped(3, "insulin", "course"),
    TherapyStopped(3, "insulin", "access"),
    OrderWithdrawn(1, "insulin", (2,), "learner"),
    OrderWithdrawn(1, "insulin", (2, 3), "access"),
    TherapyStopped(3, "line", "failure"),
    TherapyStarted(4, 2, "insulin", "low", resumed=True),
    EffectBegan(4, "insulin"),
    EffectEnded(5, "insulin"),
    StateEntered(6, "sugar", "high", None),
    Called(7, "He is pale."),
    CheckpointReached(8, 1),
    DifferentialStated(9, (("aa", 0.6), ("bb", 0.0))),
    TimePassed(129, 9, "time"),
    HintGiven(130, None),
    DoneBefore(0, "insulin", -400, -220),
    TherapyStarted(0, 0, "insulin", "low"),
    LimitsSet(130, "glucose", 6.0, None),
    HandedOver(131),
    CaseEnded(200, "horizon", "home", 1.0, False),
)
CLASSES = tuple(kind.__name__ for kind in typing.get_args(Event))
every_event = pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: type(event).__name__)


def literals(of: object) -> set[str]:
    return set(typing.get_args(of))


# --- events -------------------------------------------------------------------------------------------------


def test_there_is_an_example_of_every_event_and_it_has_every_kind_of_words() -> None:
    assert {type(event) for event in EXAMPLES} == set(typing.get_args(Event))
    assert {event_text(TOY, event).kind for event in EXAMPLES} == literals(EventKind)


@every_event
def test_an_event_has_words_in_every_face_and_none_is_its_class_name(event: Event) -> None:
    told = event_text(TOY, event)
    (happening,) = happenings(TOY, (event,))
    said = [sentence(told), told.text, happening.text, happening.lead or LEADS[happening.kind]]
    said += ["\n".join(lines.event_lines(TOY, (event,)))] * (not (event.hidden or told.repeated))
    shown = event_row(event, TOY)
    said += [] if shown is None else [shown.text]
    assert all(text.strip() for text in said)
    assert not any(name in text for name in CLASSES for text in said)


@every_event
def test_what_is_hidden_is_told_by_the_report_alone(event: Event) -> None:
    assert event_text(TOY, event).hidden == event.hidden
    assert (event_row(event, TOY) is None) >= event.hidden
    silent = event.hidden or event_text(TOY, event).repeated
    assert bool(list(lines.event_lines(TOY, (event,)))) != silent


def test_an_event_that_nobody_knows_is_an_error_and_no_class_name() -> None:
    @dataclass(frozen=True)
    class Forgotten:
        at: int = 0
        hidden: bool = False

    with pytest.raises(AssertionError):
        event_text(TOY, Forgotten())  # type: ignore[arg-type]


def test_one_module_alone_above_the_engine_tells_all_events_apart() -> None:
    telling = []
    for path in (*(ROOT / "sim").rglob("*.py"), *(ROOT / "scoring").rglob("*.py")):
        if "engine" not in path.parts:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
            if {alias.name for node in imports for alias in node.names} >= set(CLASSES):
                telling.append(str(path.relative_to(ROOT)))
    assert telling == ["sim/words/events.py"]


def test_the_screen_has_a_sign_for_every_kind_that_is_not_hidden_and_the_help_explains_each() -> None:
    seen = {event_text(TOY, event).kind for event in EXAMPLES if not event.hidden}
    assert set(LOOKS) == seen
    assert {sign for sign, _ in LOOKS.values()} == set(SIGNS)


def test_the_page_has_a_word_for_every_kind_whose_text_has_no_lead() -> None:
    assert set(LEADS) == {told.kind for told in (event_text(TOY, event) for event in EXAMPLES) if not told.lead}


def test_the_key_of_a_differential_is_the_face_s() -> None:
    asked = CheckpointReached(8, 1)
    assert event_text(TOY, asked).text == "What do you think it is? State your differential."
    shown = event_row(asked, TOY)
    assert shown is not None
    assert shown.text.endswith("State your differential (d).")
    assert " ".join(" ".join(lines.event_lines(TOY, (asked,))).split()).endswith("('dd' says how).")


def test_a_result_is_the_same_in_every_face_in_the_form_that_fits_it() -> None:
    result = EXAMPLES[3]
    shown = event_row(result, TOY)
    (happening,) = happenings(TOY, (result,))
    assert shown is not None
    name, known = TOY.catalogue.orders["sugar"].name, TOY.catalogue.observables["glucose"]
    value = event_text(TOY, result).values[0]
    assert value.amount in shown.text and "▲H" in shown.text and "(sampled Day 1 00:01)" in shown.text
    assert happening.text == f"{name}: {known.short} {value.amount} {value.flag}. As said. (sampled at 1 min)"
    first, measured, words = lines.event_lines(TOY, (result,))
    assert first == f"[Day 1 01:40] Result: {name} (sampled Day 1 00:01)"
    assert measured == f"    {known.name}: {value.amount} {value.flag} (normal {value.normal})"
    assert words == "    As said."


@pytest.mark.slow
def test_a_whole_life_reads_without_a_class_name(classical: Scenario) -> None:
    log = replay_policy(classical, 1, "random").log
    said = [*lines.event_lines(classical, log), *(happening.text for happening in happenings(classical, log))]
    said += [shown.text for event in log if (shown := event_row(event, classical)) is not None]
    assert [text for text in said for name in CLASSES if name in text] == []


@pytest.fixture(scope="module")
def classical() -> Scenario:
    from sim.case.library import load

    return load("drying_out")


def test_a_twin_s_row_holds_the_words_of_the_events() -> None:
    from scoring.debrief.twin import _texts

    told = _texts(TOY, EXAMPLES, None)
    state = TOY.disease.regions["sugar"].states["high"].name
    assert told[6] == [f"{TOY.disease.regions['sugar'].name}: {state}"]
    assert told[3] == [f"Stopped: {TOY.catalogue.orders['insulin'].name}"]
    assert Row(7, tuple(told[7]), ()).own == ("He is pale.",)


def test_a_learner_is_told_the_weight_at_birth_as_far_up_in_its_range_as_the_weight_now(tiny: Scenario) -> None:
    spec = tiny.case.patient
    assert spec.birth_weight is not None
    case = tiny.case.model_copy(update={"opening": "{weight}, at birth {birth_weight}"})
    for seed in (1, 2, 3):
        met = Session(tiny, seed).log[:1]
        share = (weight_within(spec.weight, seed) - spec.weight.low) / (spec.weight.high - spec.weight.low)
        born = f"{spec.birth_weight.low + share * (spec.birth_weight.high - spec.birth_weight.low):.2f} kg"
        assert opening(case, met).endswith(f" kg, at birth {born}")
        assert event_text(tiny, met[0]).details[0].endswith(f"; weight at birth: {born}.")


def test_nothing_is_said_of_a_weight_at_birth_that_the_case_does_not_give() -> None:
    unsaid = TOY.case.patient.model_copy(update={"birth_weight": None})
    toy = TOY.model_copy(update={"case": TOY.case.model_copy(update={"patient": unsaid})})
    assert event_text(toy, EXAMPLES[0]).details[0].endswith("; weight: 3.20 kg.")


# --- verdicts -----------------------------------------------------------------------------------------------


def test_every_verdict_size_worth_and_severity_has_a_word() -> None:
    assert set(VERDICTS) == literals(Verdict)
    assert set(SIZES) == set(REVIEWED)
    assert set(WORTHS) == literals(Worth) | {"step"}
    assert set(SEVERITIES) == literals(typing.get_type_hints(Pitfall)["severity"])
    assert set(PROBLEMS) < set(VERDICTS)


def test_every_word_of_a_judgement_has_a_sign_on_the_screen_and_a_shape_on_the_page() -> None:
    assert set(VERDICT_LOOKS) == set(VERDICTS)
    assert set(SIZE_LOOKS) == set(SIZES)
    assert set(SEVERITY_ROLES) == set(SEVERITIES)
    assert set(WORTH_LOOKS) == set(WORTHS) - {"neutral", "step"}
    for what in (*VERDICTS, *SIZES, *WORTHS, *SEVERITIES):
        assert "#shape-" in with_mark(what)
        assert what.replace("_", " ").split()[0] in with_mark(what)


def test_sizes_are_counted_in_the_singular_and_the_plural() -> None:
    counts = {"better": 1, "as_good": 3, "inaccuracy": 2, "blunder": 1, "mistake": 0}
    assert sizes_counted(counts) == "3 as good as the pathway, 1 better, 2 inaccuracies, 1 blunder"
    assert [size_in_full(size) for size in ("better", "blunder")] == ["better than the pathway", "blunder"]


def test_a_state_that_came_by_another_way_is_not_called_spared() -> None:
    prices = (
        Price("life.dies", "Died", None, 90),
        Price("sugar.harmed", "Sugar too high", 30),
        Price("x.y", "Y", None),
    )
    told = [consequence.sentence(moment) for consequence in consequences(prices)]
    assert told == [
        "It can lead to this, which here had another cause: Died (1 h 30 min).",
        "It was followed by: Sugar too high (30 min).",
        "What it makes likelier did not follow here: Y.",
    ]
    assert [consequence.fired for consequence in consequences(prices)] == [None, "sugar.harmed", None]


# --- modes, differentials, the patient ----------------------------------------------------------------------


def test_every_mode_says_what_to_expect_of_it() -> None:
    assert [mode.value for mode in Mode] == ["tutor", "practice", "exam"]
    assert all(mode.description for mode in Mode)


def test_a_differential_is_told_likeliest_first_and_what_moved_it_after_it() -> None:
    assert shares([("A", 0.2), ("B", 0.7), ("C", 0.0)]) == "B 70%, A 20%"
    assert shares([]) == "nothing likely"
    assert moved([("A", 0.7), ("B", -0.6)], ("Gene",)) == "you moved A by +70 points, B by -60 points after Gene"
    assert moved([("A", 0.7)], ()) == "you moved A by +70 points though nothing new had come"


def test_lists_and_notes_become_sentences() -> None:
    assert listed(["a", "b", "c"], ", ", 2) == "a, b and 1 more"
    assert listed(["a", "b"], "; ") == "a; b"
    assert (as_sentence("done late"), as_sentence("")) == ("Done late.", "")


def test_a_person_is_called_by_sex_and_age() -> None:
    year = 525960
    found = [person(sex, age * year) for sex in ("male", "female") for age in (0, 40)]
    assert found == ["boy", "man", "girl", "woman"]


def test_no_sentence_of_general_code_calls_the_patient_he() -> None:
    """Sentences of cases may; a table about one disease of boys may; the words for either sex are in `pronouns`."""
    wrong = []
    for path in (*(ROOT / "sim").rglob("*.py"), *(ROOT / "scoring").rglob("*.py")):
        if "calibrate" in path.parts or path.name == "pronouns.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        loose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        wrong += [
            f"{path.relative_to(ROOT)}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in loose
            if re.search(r"\b(he|him|his|himself)\b", node.value, re.IGNORECASE)
        ]
    assert wrong == []


# --- folding and markup -------------------------------------------------------------------------------------

words = st.text("ab語-", min_size=1, max_size=12)


@given(st.lists(words, max_size=30), st.integers(6, 40), st.integers(0, 3))
def test_a_folded_line_fits_and_no_letter_is_lost(text: list[str], width: int, indent: int) -> None:
    folded = fold(" ".join(text), width, rest=" " * indent, measure=cell_len)
    assert all(cell_len(line) <= width for line in folded)
    assert "".join("".join(folded).split()) == "".join(text)
    assert all(line.startswith(" " * indent) for line in folded[1:])


@given(st.lists(words, min_size=1, max_size=30), st.integers(6, 40))
def test_kept_words_are_whole_and_lines_are_as_full_as_they_can_be(text: list[str], width: int) -> None:
    folded = fold(" ".join(text), width, whole=True)
    assert " ".join(folded).split() == text
    for line, following in pairwise(folded):
        assert len(line) + 1 + len(following.split()[0]) > width


def test_newlines_are_kept_and_the_first_line_may_have_a_bullet() -> None:
    assert fold("one two three\nfour", 9, first="- ", rest="  ") == ["- one two", "  three", "  four"]
    assert fold("") == [""]
    assert fold("well-known", 6) == ["well-k", "nown"]


def test_an_svg_document_escapes_what_is_not_markup() -> None:
    made = document(tag("text", "<&>", x=1.50), role="img")
    assert made == '<svg xmlns="http://www.w3.org/2000/svg" role="img">\n<text x="1.5">&lt;&amp;&gt;</text>\n</svg>\n'


def test_time_that_went_by_and_cost_nothing_is_not_called_as_good_as_an_act() -> None:
    assert size_said("as_good", True) == size_in_full("as_good", True) == "waited"
    assert size_said("as_good", False) == "as good"
    assert size_said("blunder", True) == "blunder"
    assert sizes_counted({"as_good": 1, WAITED: 2}) == "1 as good as the pathway, 2 waited"
