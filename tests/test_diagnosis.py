"""The differential: Brier scores, checkpoints answered and missed, and what moved an opinion."""

from __future__ import annotations

import pytest

from scoring.assess.diagnosis import brier, judge_diagnosis
from sim.engine.log import Called, CheckpointReached, DifferentialStated, Event
from tinycase import checkpoint, log, result, scenario

OFFERED = ("aa", "bb")
LIBRARY = scenario(checkpoints=[checkpoint("1 h", aa="60%", bb="30%"), checkpoint("1 d", aa="100%")])


def stated(at: int, **probabilities: float) -> DifferentialStated:
    return DifferentialStated(at, tuple(probabilities.items()))


@pytest.mark.parametrize(
    ("probabilities", "score"),
    [
        ({"aa": 1.0}, 0.0),
        ({"bb": 1.0}, 2.0),
        ({}, 2.0),
        ({"aa": 0.5, "bb": 0.5}, 0.5),
        ({"aa": 0.6, "bb": 0.3}, 0.4**2 + 0.3**2 + 0.1**2),
    ],
)
def test_the_brier_score_counts_what_is_left_as_something_else(probabilities: dict[str, float], score: float) -> None:
    assert brier(probabilities, "aa", OFFERED) == pytest.approx(score)


def test_rounding_above_one_leaves_nothing_for_something_else() -> None:
    assert brier({"aa": 0.7, "bb": 0.3000001}, "aa", OFFERED) == pytest.approx(0.18, abs=1e-6)


def test_a_checkpoint_takes_the_first_answer_before_the_next() -> None:
    played = log(
        stated(5, bb=1.0),
        CheckpointReached(60, 0),
        stated(70, aa=0.5),
        stated(80, aa=0.9),
        CheckpointReached(1440, 1),
        stated(1440, aa=1.0),
    )
    report = judge_diagnosis(LIBRARY, played)
    first, second = report.checkpoints
    assert first.statement is not None
    assert second.statement is not None
    assert (first.number, first.at, first.statement.at, second.statement.at) == (0, 60, 70, 1440)
    assert second.gap == pytest.approx(0.0)
    assert second.agreement == pytest.approx(1.0)
    assert first.agreement == pytest.approx(0.5 + 0.1)
    assert first.gap == pytest.approx(0.5 - 0.26)
    assert report.missing == ()
    assert report.final == 0.0


def test_a_checkpoint_without_an_answer_is_missing_and_one_not_reached_is_not() -> None:
    report = judge_diagnosis(LIBRARY, log(stated(5, aa=1.0), CheckpointReached(60, 0)))
    (item,) = report.checkpoints
    assert item.statement is None
    assert item.gap is None
    assert item.agreement is None
    assert report.missing == (0,)


@pytest.mark.parametrize(
    ("first", "last", "trend"),
    [(0.2, 0.9, "improving"), (0.9, 0.2, "worsening"), (0.5, 0.5, "steady"), (0.50, 0.51, "steady")],
)
def test_the_trend_compares_the_first_with_the_last(first: float, last: float, trend: str) -> None:
    assert judge_diagnosis(LIBRARY, log(stated(5, aa=first), stated(9, aa=last))).trend == trend


def test_one_statement_shows_no_trend_and_none_shows_nothing() -> None:
    assert judge_diagnosis(LIBRARY, log(stated(5, aa=1.0))).trend is None
    silent = judge_diagnosis(LIBRARY, log())
    assert (silent.final, silent.trend, silent.checkpoints, silent.missing) == (None, None, (), ())


def test_what_moved_an_opinion_is_what_came_since_the_one_before() -> None:
    events: list[Event] = [
        result(1, "sugar"),
        stated(5, aa=0.2, bb=0.5),
        result(6, "gene"),
        Called(7, "He fits."),
        stated(9, aa=0.9, bb=0.45),
    ]
    before, after = judge_diagnosis(LIBRARY, log(*events)).statements
    assert before.moved == ()
    assert before.between == (1,)
    assert after.between == (3, 4)
    assert after.moved == (("aa", pytest.approx(0.7)),)


def test_a_diagnosis_dropped_or_taken_up_has_moved_by_all_of_it() -> None:
    _, after = judge_diagnosis(LIBRARY, log(stated(5, bb=0.3), stated(9, aa=0.8))).statements
    assert after.moved == (("aa", pytest.approx(0.8)), ("bb", pytest.approx(-0.3)))
