"""What stands on a log: what was ordered and need not be ordered again, now and at every minute that is past."""

from __future__ import annotations

import pytest

from sim.engine.log import Charted, DoneBefore, Event, OrderWithdrawn, ResultReturned, TherapyStarted
from sim.engine.standing import Standing
from tinycase import catalogue, opened, placed, result, started, stopped

ORDERS = catalogue().orders


def standing(*events: Event) -> Standing:
    """What stands after these events, the first of which is the second of the log."""
    return Standing(ORDERS, (opened(), *events))


def given(therapy: str) -> TherapyStarted:
    """What the case gives at the opening."""
    return TherapyStarted(0, 0, therapy, None)


def again(at: int, number: int, therapy: str) -> TherapyStarted:
    """A later start, by the order of that number."""
    return TherapyStarted(at, number, therapy, None)


def test_the_order_of_the_very_minute_counts_now_and_not_among_what_was_ordered_before_it() -> None:
    told = standing(placed(5, "advice"))
    assert told.by(["advice"]) == 1
    assert [told.by(["advice"], at) for at in (4, 5, 6)] == [None, None, 1]


@pytest.mark.parametrize("kind", ["story", "advice", "ward"])
def test_a_question_a_consult_and_a_disposition_stand_once_done(kind: str) -> None:
    assert standing(placed(5, kind)).by([kind]) == 1
    assert standing(DoneBefore(0, kind, -100, None)).by([kind], 0) == 1


@pytest.mark.parametrize("kind", ["look", "gene", "fluids", "line"])
def test_what_describes_a_moment_or_ran_before_the_opening_does_not_stand(kind: str) -> None:
    assert standing(DoneBefore(0, kind, -100, None)).by([kind]) is None


def test_an_examination_does_not_stand() -> None:
    assert standing(placed(5, "look")).by(["look"]) is None


def test_an_investigation_stands_until_its_final_report_is_there() -> None:
    told = standing(placed(5, "scan"), placed(6, "scan", 2), result(20, "scan"))
    assert told.by(["scan"]) == 2
    assert [told.by(["scan"], at) for at in (6, 19, 20)] == [1, 1, 2]


def test_an_interim_report_is_not_the_final_one() -> None:
    first = ResultReturned(20, 1, "scan", 5, (), "It grows.", (), "first")
    assert standing(placed(5, "scan"), first).by(["scan"]) == 1


def test_values_on_the_chart_that_nobody_waits_for_end_nothing() -> None:
    charted = Charted(20, 1, "sugar", 20, (), "As said.", ())
    assert standing(placed(5, "sugar", 2), charted).by(["sugar"]) == 1


def test_what_the_case_gives_stands_from_the_opening_minute_on_and_what_starts_then_does_not() -> None:
    assert standing(given("poison")).by(["poison"], 0) == 1
    assert standing(started(0, "poison")).by(["poison"], 0) is None


def test_a_therapy_stands_by_its_order_while_it_is_in_hand_and_while_it_runs() -> None:
    told = standing(placed(5, "insulin"), started(9, "insulin"), stopped(30, "insulin"))
    assert [told.by(["insulin"], at) for at in (5, 6, 9, 29, 30)] == [None, 1, 1, 1, None]
    assert told.by(["insulin"]) is None


def test_a_therapy_that_goes_on_at_another_dose_stands_by_its_first_order() -> None:
    told = standing(
        placed(5, "insulin"), started(9, "insulin"), placed(20, "insulin", 2), stopped(25, "insulin", "dose"),
        again(25, 2, "insulin"),
    )  # fmt: skip
    assert told.runs(["insulin"])
    assert (told.by(["insulin"]), told.by(["insulin"], 26)) == (1, 1)


def test_a_second_order_that_starts_while_the_first_runs_ends_with_it() -> None:
    told = standing(
        placed(5, "insulin"), placed(6, "insulin", 2), started(9, "insulin"), again(10, 2, "insulin"),
        stopped(20, "insulin"),
    )  # fmt: skip
    assert (told.by(["insulin"]), told.by(["insulin"], 15)) == (None, 1)


def test_a_stop_of_what_was_not_running_ends_nothing() -> None:
    told = standing(stopped(3, "fluids"), placed(5, "insulin"))
    assert told.by(["insulin", "fluids"]) == 2


def test_an_order_for_what_runs_stands_by_itself_only_once_it_starts() -> None:
    told = standing(
        placed(1, "insulin"), started(1, "insulin"), placed(5, "insulin", 2), stopped(6, "insulin"),
        again(9, 2, "insulin"),
    )  # fmt: skip
    assert [told.by(["insulin"], at) for at in (5, 6, 8, 9)] == [1, None, None, 3]


def test_a_therapy_that_was_interrupted_goes_on_by_the_order_it_was_started_by() -> None:
    told = standing(placed(1, "insulin"), started(2, "insulin"), stopped(6, "insulin", "access"), started(9, "insulin"))
    assert [told.by(["insulin"], at) for at in (5, 6, 9)] == [1, None, 1]


@pytest.mark.parametrize("order", ["insulin", "scan"])
def test_only_the_numbers_that_are_withdrawn_no_longer_stand(order: str) -> None:
    told = standing(placed(5, order), placed(6, order, 2), OrderWithdrawn(8, order, (1, 7), "learner"))
    assert told.by([order]) == 2
    assert [told.by([order], at) for at in (7, 8)] == [1, 2]
    told.take(OrderWithdrawn(9, order, (2,), "learner"))
    assert told.by([order]) is None


def test_an_order_that_the_catalogue_does_not_have_is_refused() -> None:
    for event in (placed(5, "unheard_of"), DoneBefore(0, "unheard_of", -9, None)):
        with pytest.raises(KeyError, match="unheard_of"):
            standing(event)
