"""What is still missed of a case: by the latest finished attempt that judged it."""

from __future__ import annotations

import json

import tinycase
from sim.attempts.mastery import counted, record_of, still_missed
from sim.attempts.store import StoredAttempt
from sim.case.composing.unfold import unfold

PATHWAY = unfold(
    tinycase.scenario(
        (
            tinycase.step("test", "sugar", weight="should"),
            tinycase.step("fill", "fluids", each="septic", times=3),
            tinycase.step("look", "look"),
            tinycase.step("comfort", "look", weight="could"),
        )
    ).case
).pathway


def told(**verdicts: str) -> str:
    items = [{"step": s, "weight": "must", "verdict": v, "at": None, "event": None} for s, v in verdicts.items()]
    return json.dumps({"assessment": {"band": "sound", "pathway": items}})


def missed(*assessments: str) -> list[str]:
    return [step.id for step in still_missed(PATHWAY, assessments)]


def attempt(id: str, band: str | None = None, finished: str | None = None, parent: str | None = None) -> StoredAttempt:
    return StoredAttempt(id, "case", "case", "d", "2", 1, "exam", "2026-01-01", finished, band, "home", parent, None)


def test_musts_come_before_shoulds_and_what_could_be_done_is_left_out() -> None:
    assert missed(told(test="missed", look="missed", comfort="missed", fill="in_time")) == ["look", "test"]


def test_late_and_out_of_order_are_not_missed() -> None:
    assert missed(told(look="late", test="out_of_order")) == []


def test_the_latest_attempt_that_judged_a_step_decides() -> None:
    assert missed(told(look="in_time"), told(look="missed")) == []
    assert missed(told(look="missed"), told(look="in_time")) == ["look"]
    assert missed(told(look="not_needed"), told(look="missed")) == ["look"]


def test_a_repeated_step_counts_once_and_one_time_missed_is_missed() -> None:
    assert missed(told(fill="in_time", fill_2="missed", fill_3="not_needed")) == ["fill"]
    assert missed(told(fill="not_needed", fill_2="missed"), told(fill="in_time")) == ["fill"]
    assert missed(told(fill="in_time", fill_2="not_needed"), told(fill="in_time", fill_2="missed")) == []


def test_a_number_in_an_id_is_a_repetition_only_where_its_first_is_a_step() -> None:
    steps = tinycase.scenario((tinycase.step("look_2", "look"),)).case.pathway
    assert [step.id for step in still_missed(steps, [told(look_2="missed")])] == ["look_2"]


def test_a_step_the_pathway_no_longer_has_is_left_out() -> None:
    assert missed(told(bleed="missed")) == []


def test_an_assessment_that_cannot_be_read_is_passed_over() -> None:
    broken = ("{}", "", "[]", "null", '{"assessment": {"pathway": [{"step": 1, "verdict": "missed"}]}}')
    assert missed(*broken, told(look="missed")) == ["look"]


def test_what_ifs_are_left_out_of_attempts_and_of_the_best_band() -> None:
    attempts = (
        attempt("d"),
        attempt("c", "exemplary", "2026-01-04", parent="a"),
        attempt("b", "developing", "2026-01-02"),
        attempt("a", "sound", "2026-01-03"),
    )
    record = record_of(attempts)
    assert (record.attempts, record.best) == (3, "sound")
    assert [a.id for a in record.finished] == ["a", "b"], "the one finished last first"


def test_a_case_never_finished_has_no_best_band() -> None:
    record = record_of([attempt("a")])
    assert (record.attempts, record.best, record.finished) == (1, None, ())


def test_what_is_missed_is_counted_in_words() -> None:
    look, fill, test = (next(s for s in PATHWAY if s.id == id) for id in ("look", "fill", "test"))
    assert counted([look, fill, test]) == "2 musts, 1 should"
    assert counted([]) == "nothing"
