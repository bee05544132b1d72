"""Patterns, each on both sides of its boundary, and what the patient paid for a pitfall."""

from __future__ import annotations

import pytest

from scoring.assess.patterns import first_match
from scoring.assess.pitfalls import PitfallItem, Price, find_pitfalls, prices
from sim.case.model.conditions import Condition, Elapsed, Level, Shows, Since
from sim.case.model.pitfalls import Absent, Before, During, Ignored, Longer, Pattern, Repeated, Total, Without
from sim.engine.log import Called, EffectBegan, Event, StateEntered
from tinycase import DAY, HOUR, log, pitfall, placed, result, scenario, started, stopped

LIBRARY = scenario()


def moment(pattern: Pattern, *events: Event, end: int | None = 10 * DAY) -> tuple[int, int] | None:
    """The minute and the event at which the pattern came true."""
    found = first_match(LIBRARY, log(*events, end=end), pattern)
    return None if found is None else (found.at, found.event)


# --- absent ---------------------------------------------------------------------------------------------------

ABSENT = Pattern(absent=Absent(order=("insulin", "fluids"), by="1 h"))
ABSENT_SINCE = Pattern(absent=Absent(order="insulin", by="1 h", since=Condition(told="fits")))


def test_absent_comes_true_when_the_time_is_over() -> None:
    assert moment(ABSENT) == (60, 0)
    assert moment(ABSENT, placed(61, "insulin")) == (60, 0)
    assert moment(ABSENT, placed(60, "fluids")) is None


def test_absent_is_not_met_when_the_case_ends_first() -> None:
    assert moment(ABSENT, end=59) is None
    assert moment(ABSENT, end=60) == (60, 0)


def test_absent_counts_from_the_moment_its_condition_first_holds() -> None:
    called = Called(30, "He fits.", "fits")
    assert moment(ABSENT_SINCE) is None
    assert moment(ABSENT_SINCE, called) == (90, 1)
    assert moment(ABSENT_SINCE, called, placed(90, "insulin")) is None
    assert moment(ABSENT_SINCE, called, placed(91, "insulin")) == (90, 1)


def test_what_still_stands_at_that_moment_is_not_absent() -> None:
    called = Called(30, "He fits.", "fits")
    assert moment(ABSENT_SINCE, placed(5, "insulin"), started(5, "insulin"), called) is None
    assert moment(ABSENT_SINCE, placed(5, "insulin"), started(5, "insulin"), stopped(20, "insulin"), called) == (90, 4)
    assert moment(ABSENT, started(0, "fluids")) is None


# --- before ---------------------------------------------------------------------------------------------------


def test_before_is_true_where_the_first_was_not_placed() -> None:
    pattern = Pattern(before=Before(order="insulin", first="fluids"))
    assert moment(pattern, placed(9, "insulin")) == (9, 1)
    assert moment(pattern, placed(8, "fluids"), placed(9, "insulin", 2)) is None
    assert moment(pattern, placed(9, "insulin"), placed(9, "fluids", 2)) is None
    assert moment(pattern, placed(9, "insulin"), placed(10, "fluids", 2)) == (9, 1)
    assert moment(pattern, started(0, "fluids"), placed(9, "insulin")) is None


def test_before_with_known_waits_for_the_result() -> None:
    pattern = Pattern(before=Before(order="insulin", first=("sugar", "gene"), known=True))
    assert moment(pattern, placed(0, "sugar"), placed(9, "insulin", 2)) == (9, 2)
    assert moment(pattern, placed(0, "sugar"), result(9, "sugar"), placed(9, "insulin", 2)) is None
    assert moment(pattern, placed(0, "sugar"), placed(9, "insulin", 2), result(9, "sugar")) == (9, 2)


def test_before_counts_only_while_its_condition_holds() -> None:
    pattern = Pattern(before=Before(order="insulin", first="fluids", when=Condition(in_={"sugar": "high"})))
    events = [StateEntered(0, "sugar", "high", None), StateEntered(20, "sugar", "fine", "sugar.treated")]
    assert moment(pattern, *events, placed(21, "insulin")) is None
    assert moment(pattern, events[0], placed(19, "insulin"), events[1]) == (19, 2)


# --- without --------------------------------------------------------------------------------------------------

WITHOUT = Pattern(without=Without(order="insulin", then="sugar", within="30 min", ahead="10 min"))


@pytest.mark.parametrize(("at", "accompanied"), [(89, False), (90, True), (130, True), (131, False)])
def test_without_looks_from_ahead_to_within(at: int, accompanied: bool) -> None:
    events = sorted([placed(100, "insulin"), placed(at, "sugar", 2)], key=lambda event: event.at)
    found = moment(WITHOUT, *events)
    assert found == (None if accompanied else (130, [e.order for e in events].index("insulin") + 1))


def test_without_is_undecided_when_the_case_ends_first() -> None:
    assert moment(WITHOUT, placed(100, "insulin"), end=129) is None
    assert moment(WITHOUT, placed(100, "insulin"), end=130) == (130, 1)


def test_without_ahead_takes_any_time_before() -> None:
    pattern = Pattern(without=Without(order="insulin", then="sugar", within="30 min"))
    assert moment(pattern, placed(0, "sugar"), placed(5 * DAY, "insulin", 2)) is None


def test_a_partner_that_already_runs_counts_however_long_ago_it_began() -> None:
    pattern = Pattern(without=Without(order="insulin", then="fluids", within="0 min", ahead="10 min"))
    running = [placed(0, "fluids"), started(0, "fluids")]
    assert moment(pattern, *running, placed(100, "insulin", 2)) is None
    assert moment(pattern, *running, stopped(50, "fluids"), placed(100, "insulin", 2)) == (100, 4)


def test_an_order_is_no_partner_of_itself() -> None:
    pattern = Pattern(without=Without(order="sugar", then=("sugar", "gene"), within="1 h"))
    assert moment(pattern, placed(5, "sugar")) == (65, 1)
    assert moment(pattern, placed(5, "sugar"), placed(9, "sugar", 2), placed(60, "gene", 3)) is None


def test_without_counts_only_while_its_condition_holds() -> None:
    when = Condition(shows=Shows(observable="glucose", above=10))
    pattern = Pattern(without=Without(order="insulin", then="fluids", within="0 min", when=when))
    assert moment(pattern, placed(5, "insulin"), result(9, "sugar", glucose=20)) is None
    assert moment(pattern, result(4, "sugar", glucose=20), placed(5, "insulin")) == (5, 2)


# --- longer ---------------------------------------------------------------------------------------------------

LONGER = Pattern(longer=Longer(therapy=("insulin", "fluids"), than="1 h"))


def test_longer_means_that_it_runs_on() -> None:
    assert moment(LONGER, started(10, "insulin"), stopped(70, "insulin")) is None
    assert moment(LONGER, started(10, "insulin"), stopped(71, "insulin")) == (70, 1)
    assert moment(LONGER, started(10, "insulin"), end=70) is None
    assert moment(LONGER, started(10, "insulin"), end=71) == (70, 1)


def test_another_of_the_same_in_the_same_minute_makes_no_break() -> None:
    switched = [started(10, "insulin"), stopped(50, "insulin"), started(50, "fluids"), stopped(80, "fluids")]
    assert moment(LONGER, *switched) == (70, 1)
    overlapping = [started(10, "insulin"), started(40, "fluids"), stopped(50, "insulin"), stopped(80, "fluids")]
    assert moment(LONGER, *overlapping) == (70, 1)
    assert moment(LONGER, started(10, "insulin"), stopped(50, "insulin"), started(51, "fluids"),
                  stopped(80, "fluids")) is None  # fmt: skip


def test_a_new_dose_makes_no_break_and_the_end_of_a_course_does() -> None:
    doses = [started(10, "insulin"), stopped(50, "insulin", "dose"), started(50, "insulin")]
    assert moment(LONGER, *doses, stopped(80, "insulin")) == (70, 1)
    assert moment(LONGER, started(10, "insulin"), stopped(50, "insulin", "course"), started(60, "insulin"),
                  stopped(90, "insulin")) is None  # fmt: skip


def test_longer_asks_its_condition_when_the_time_is_over() -> None:
    pattern = Pattern(longer=Longer(therapy="insulin", than="1 h", when=Condition(not_=Condition(running="fluids"))))
    assert moment(pattern, started(0, "insulin"), started(60, "fluids")) is None
    assert moment(pattern, started(0, "insulin"), started(61, "fluids")) == (60, 1)


# --- during, repeated, first_true ---------------------------------------------------------------------------


def test_during_asks_the_true_state_just_before_the_order() -> None:
    pattern = Pattern(during=During(order="insulin", when=Condition(in_={"sugar": "fine"}, effect="fluids")))
    entered = [StateEntered(0, "sugar", "fine", None), EffectBegan(5, "fluids")]
    assert moment(pattern, *entered, placed(5, "insulin")) == (5, 3)
    assert moment(pattern, entered[0], placed(5, "insulin"), entered[1]) is None


def test_during_may_ask_for_a_drug_level() -> None:
    pattern = Pattern(during=During(order="gene", when=Condition(level=Level(therapy="insulin", above=3))))
    assert moment(pattern, started(0, "insulin", "high"), placed(5, "gene")) == (5, 2)
    assert moment(pattern, started(0, "insulin", "low"), placed(5, "gene")) is None


def test_stopping_during_means_the_learner_stopped_it() -> None:
    pattern = Pattern(during=During(order="insulin", when=Condition(told="fits"), stop=True))
    events = [started(0, "insulin"), Called(5, "He fits.", "fits")]
    assert moment(pattern, *events, stopped(9, "insulin")) == (9, 3)
    assert moment(pattern, *events, stopped(9, "insulin", "course")) is None
    assert moment(pattern, events[0], stopped(4, "insulin"), events[1]) is None


def test_repeated_counts_within_a_stretch_that_excludes_its_end() -> None:
    pattern = Pattern(repeated=Repeated(order=("sugar", "gene"), more_than=2, within="1 h"))
    assert moment(pattern, placed(0, "sugar"), placed(30, "gene", 2), placed(60, "sugar", 3)) is None
    assert moment(pattern, placed(0, "sugar"), placed(30, "gene", 2), placed(59, "sugar", 3)) == (59, 3)
    assert moment(pattern, placed(0, "sugar"), placed(59, "sugar", 2), placed(70, "sugar", 3),
                  placed(80, "sugar", 4)) == (80, 4)  # fmt: skip


def test_repeated_without_a_stretch_counts_the_whole_case() -> None:
    pattern = Pattern(repeated=Repeated(order="sugar", more_than=1))
    assert moment(pattern, placed(0, "sugar")) is None
    assert moment(pattern, placed(0, "sugar"), placed(9 * DAY, "sugar", 2)) == (9 * DAY, 2)


def test_first_true_sees_the_true_state_and_the_passing_of_time() -> None:
    pattern = Pattern(first_true=Condition(in_={"sugar": "high"}, since=Since(ordered="sugar", at_least="2 h")))
    entered = StateEntered(0, "sugar", "high", None)
    assert moment(pattern, entered, placed(5, "sugar")) == (125, 2)
    assert moment(pattern, entered, placed(5, "sugar"), StateEntered(125, "sugar", "fine", "sugar.treated")) is None


# --- combinations -------------------------------------------------------------------------------------------

SUGAR, GENE = (Pattern(repeated=Repeated(order=order, more_than=1)) for order in ("sugar", "gene"))
TWICE = [placed(1, "sugar"), placed(2, "sugar", 2), placed(3, "gene", 3), placed(4, "gene", 4)]


def test_any_takes_the_earliest_and_all_the_latest() -> None:
    assert moment(Pattern(any_=(GENE, SUGAR)), *TWICE) == (2, 2)
    assert moment(Pattern(all_=(GENE, SUGAR)), *TWICE) == (4, 4)
    assert moment(Pattern(any_=(GENE, SUGAR)), *TWICE[2:]) == (4, 2)
    assert moment(Pattern(all_=(GENE, SUGAR)), *TWICE[:2]) is None
    assert moment(Pattern(any_=(GENE, SUGAR))) is None


def test_not_is_known_only_when_the_case_is_over() -> None:
    assert moment(Pattern(not_=GENE), *TWICE[:2], end=9) == (9, 3)
    assert moment(Pattern(not_=GENE), *TWICE[:2], end=None) is None
    assert moment(Pattern(not_=SUGAR), *TWICE[:2]) is None


def test_what_never_happened_dates_a_combination_only_when_nothing_else_does() -> None:
    assert moment(Pattern(all_=(SUGAR, Pattern(not_=GENE))), *TWICE[:2], end=9) == (2, 2)
    assert moment(Pattern(all_=(Pattern(not_=GENE),)), *TWICE[:2], end=9) == (9, 3)


# --- pitfalls -------------------------------------------------------------------------------------------------


def test_pitfalls_are_found_in_the_order_of_time() -> None:
    lib = scenario(pitfalls=[pitfall("late", "major", GENE), pitfall("soon", "minor", SUGAR)])
    found = find_pitfalls(lib, log(*TWICE))
    assert found == (PitfallItem("soon", "minor", 2, 2), PitfallItem("late", "major", 4, 4))
    assert find_pitfalls(lib, log()) == ()


def test_the_price_is_the_first_firing_after_the_mistake() -> None:
    drop = pitfall("drop", "major", SUGAR, ("sugar.harmed", "life.dies"))
    lib = scenario(pitfalls=[drop])
    events = [
        StateEntered(0, "sugar", "high", "sugar.harmed"),
        *TWICE[:2],
        StateEntered(HOUR, "sugar", "high", "sugar.harmed"),
    ]
    played = log(*events)
    (item,) = find_pitfalls(lib, played)
    assert prices(lib, played, drop, item) == (
        Price("sugar.harmed", "Sugar too high", HOUR),
        Price("life.dies", "Died", None),
    )


def test_the_price_of_a_delay_counts_from_when_the_delay_began() -> None:
    slow = pitfall("slow", "major", ABSENT_SINCE)
    lib = scenario(pitfalls=[slow])
    played = log(Called(30, "He fits.", "fits"), StateEntered(50, "sugar", "high", "sugar.harmed"))
    (item,) = find_pitfalls(lib, played)
    assert item.at == 90
    assert prices(lib, played, slow, item)[0].at == 50


def test_a_condition_that_waits_for_the_clock_is_asked_of_a_pattern_too() -> None:
    pattern = Pattern(absent=Absent(order="gene", by="1 d", since=Condition(elapsed=Elapsed(since="2 d"))))
    assert moment(pattern) == (3 * DAY, 0)
    assert moment(pattern, placed(3 * DAY, "gene")) is None


# --- bundles, totals, results that nobody answers -------------------------------------------------------------


BUNDLED = Pattern(before=Before(order="poison", first="gene", or_all=(("sugar", "scan"),)))


def test_the_orders_of_a_bundle_together_count_as_first() -> None:
    assert moment(BUNDLED, placed(5, "sugar"), placed(9, "poison")) == (9, 2)
    assert moment(BUNDLED, placed(5, "sugar"), placed(9, "poison"), placed(10, "scan")) == (9, 2)
    assert moment(BUNDLED, placed(5, "sugar"), placed(9, "scan"), placed(9, "poison")) is None


def test_a_bundle_whose_results_are_asked_for_counts_when_the_last_has_come() -> None:
    pattern = Pattern(before=Before(order="poison", first="gene", or_all=(("sugar", "scan"),), known=True))
    both = (placed(1, "sugar"), placed(1, "scan", 2), result(8, "sugar"))
    assert moment(pattern, *both, placed(9, "poison")) == (9, 4)
    assert moment(pattern, *both, result(9, "scan"), placed(9, "poison")) is None


FLUID = Pattern(total=Total(order=("fluids", "insulin"), above=2.5, within="1 h"))


def test_a_total_adds_up_doses_and_not_orders() -> None:
    low = [placed(minute, "fluids", minute, "low") for minute in range(1, 6)]  # 0.5 each
    assert moment(FLUID, *low) is None
    assert moment(FLUID, *low, placed(6, "insulin", 6, "low")) == (6, 6)
    assert moment(FLUID, placed(1, "fluids", 1, "high"), placed(60, "fluids", 2, "high")) == (60, 2)
    assert moment(FLUID, placed(1, "fluids", 1, "high"), placed(61, "fluids", 2, "high")) is None


def test_a_total_counts_only_where_its_condition_holds_at_the_last_dose() -> None:
    pattern = Pattern(
        total=Total(order="fluids", above=1, within="1 d", when=Condition(shows=Shows(observable="glucose", above=10)))
    )
    assert moment(pattern, placed(1, "fluids", 1, "high")) is None
    high = result(2, "sugar", glucose=20.0)
    assert moment(pattern, placed(1, "fluids", 1, "low"), high, placed(3, "fluids", 2, "high")) == (3, 3)


LEVEL = Pattern(
    ignored=Ignored(
        shows=Shows(observable="glucose", above=10), unless="insulin", within="1 d", when=Condition(running="insulin")
    )
)


def test_a_result_that_nobody_answers_is_ignored_once_the_time_is_over() -> None:
    runs, high = started(0, "insulin", "high"), result(10, "sugar", glucose=20.0)
    assert moment(LEVEL, runs, high) == (10 + DAY, 2)
    assert moment(LEVEL, high) is None  # nothing runs that it speaks against
    assert moment(LEVEL, runs, result(10, "sugar", glucose=9.0)) is None
    assert moment(LEVEL, runs, high, end=10 + DAY) is None  # not decided yet


def test_another_dose_a_stop_or_a_better_value_in_time_is_an_answer() -> None:
    runs, high = started(0, "insulin", "high"), result(10, "sugar", glucose=20.0)
    for answer in (placed(10 + DAY, "insulin"), stopped(10 + DAY, "insulin"), result(10 + DAY, "sugar", glucose=8.0)):
        assert moment(LEVEL, runs, high, answer) is None
    assert moment(LEVEL, runs, high, placed(11 + DAY, "insulin")) == (10 + DAY, 2)


def test_after_an_answer_only_a_new_result_can_be_ignored() -> None:
    runs, high = started(0, "insulin", "high"), result(10, "sugar", glucose=20.0)
    assert moment(LEVEL, runs, high, placed(20, "insulin"), result(30, "sugar", glucose=19.0)) == (30 + DAY, 4)


def test_a_second_high_result_does_not_begin_the_time_anew() -> None:
    runs, high = started(0, "insulin", "high"), result(10, "sugar", glucose=20.0)
    assert moment(LEVEL, runs, high, result(DAY, "sugar", glucose=21.0)) == (10 + DAY, 2)
