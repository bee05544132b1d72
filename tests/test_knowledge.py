"""Knowledge: which conditions hold on a log, and when time alone could change that."""

from __future__ import annotations

from typing import Any

import pytest

from sim.case.model import terms
from sim.case.model.conditions import AgeBand, AtLeast, Belief, Condition, Dose, Elapsed, Level, Shows, Since
from sim.case.model.terms import clocks
from sim.engine.knowledge import Knowledge, _ahead_of
from sim.engine.log import (
    Called,
    DifferentialStated,
    DoneBefore,
    EffectBegan,
    EffectEnded,
    Event,
    StateEntered,
    TherapyStarted,
    TimePassed,
)
from tinycase import AGE, DAY, opened, placed, result, scenario, started, stopped

LIBRARY = scenario()


def knowing(*events: Event) -> Knowledge:
    facts = Knowledge(LIBRARY)
    for event in events:
        facts.take(event)
    return facts


@pytest.mark.parametrize(
    "condition",
    [
        Condition(told="fever"),
        Condition(running="insulin"),
        Condition(ordered="sugar"),
        Condition(resulted="sugar"),
        Condition(shows=Shows(order="gene", finding="found")),
        Condition(shows=Shows(observable="glucose", above=1)),
        Condition(age=AgeBand()),
        Condition(since=Since(ordered="sugar")),
        Condition(dose=Dose(therapy="insulin", above=0)),
        Condition(believes=Belief(diagnosis="aa", below=1.1)),
    ],
)
def test_what_is_not_known_does_not_hold(condition: Condition) -> None:
    assert not knowing().holds(condition, 0)
    assert knowing().holds(Condition(not_=condition), 0)


def test_a_call_tells_what_it_reveals() -> None:
    facts = knowing(Called(5, "He fits.", "convulsion"), Called(6, "Mother asks."))
    assert facts.holds(Condition(told=("fever", "convulsion")), 6)
    assert not facts.holds(Condition(told="fever"), 6)


def test_a_second_call_can_be_told_from_the_first() -> None:
    facts = knowing(Called(5, "He fits.", "convulsion"), Called(50, "He fits again.", "convulsion"))
    again = Condition(since=Since(told="convulsion", nth=2, below="10 min"))
    assert facts.holds(again, 55)
    assert not facts.holds(again, 60)
    assert facts.boundaries(again, 55) == 60
    assert facts.holds(Condition(since=Since(told="convulsion", first=True, at_least="50 min")), 55)
    assert not facts.holds(Condition(since=Since(told="convulsion", at_least="6 min")), 55)
    assert not knowing(Called(5, "He fits.", "convulsion")).holds(again, 6)
    assert not facts.holds(Condition(since=Since(told="convulsion", nth=3)), 55)


def test_only_calls_are_counted() -> None:
    with pytest.raises(ValueError, match="'nth' counts calls"):
        Since(ordered="sugar", nth=2)
    with pytest.raises(ValueError, match="'nth' counts calls"):
        Since(told="convulsion", nth=2, first=True)


def test_a_condition_that_says_nothing_or_two_things_at_once_is_refused() -> None:
    for moments in ({}, {"ordered": "sugar", "told": "convulsion"}, {"resulted": "sugar", "stopped": "insulin"}):
        with pytest.raises(ValueError, match="exactly one of"):
            Since(**moments)
    with pytest.raises(ValueError, match="found an empty mapping"):
        Condition()


@pytest.mark.parametrize(
    "said",
    [
        {}, {"order": "gene"}, {"finding": "found"}, {"observable": "glucose"}, {"above": 3}, {"below": 3},
        {"order": "gene", "finding": "found", "observable": "glucose", "above": 3},
        {"order": "gene", "finding": "found", "observable": "glucose", "below": 3},
    ],
)  # fmt: skip
def test_a_result_shows_a_finding_or_a_value_beyond_a_bound(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected 'order' with 'finding', or 'observable' with 'above' or 'below'"):
        Shows(**said)


@pytest.mark.parametrize(
    "said",
    [
        {"order": "gene", "finding": "found", "observable": "glucose"},
        {"order": "gene", "finding": "found", "above": 3}, {"order": "gene", "observable": "glucose", "above": 3},
        {"finding": "found", "observable": "glucose", "below": 3},
    ],
)  # fmt: skip
def test_what_half_of_the_other_kind_says_is_no_harm(said: dict[str, Any]) -> None:
    assert Shows(**said).model_fields_set == set(said)


def test_a_therapy_runs_until_it_is_stopped_and_not_when_only_its_dose_changes() -> None:
    running = Condition(running="insulin")
    events = [started(5, "insulin", "low"), stopped(9, "insulin", "dose"), started(9, "insulin", "high")]
    assert knowing(*events).holds(running, 9)
    assert not knowing(*events, stopped(12, "insulin")).holds(running, 12)


def test_a_change_of_dose_is_no_stop() -> None:
    facts = knowing(started(5, "insulin", "low"), stopped(9, "insulin", "dose"))
    assert facts.holds(Condition(running="insulin"), 9)
    assert not facts.holds(Condition(since=Since(stopped="insulin")), 9)


def test_what_was_done_before_and_did_not_run_on_was_not_stopped() -> None:
    facts = knowing(DoneBefore(0, "insulin", -90, None), started(5, "insulin"), stopped(9, "insulin"))
    first = Condition(since=Since(stopped="insulin", first=True, below="3 min"))
    assert [facts.holds(first, at) for at in (8, 9, 11, 12)] == [False, True, True, False]
    ended = knowing(DoneBefore(0, "insulin", -90, -30))
    assert ended.holds(Condition(since=Since(stopped="insulin", at_least="30 min")), 0)


def test_what_the_case_gives_was_ordered_when_it_was_ordered_before_the_opening() -> None:
    since = Condition(since=Since(ordered="insulin", at_least="90 min"))
    given = TherapyStarted(0, 0, "insulin", "low")
    assert knowing(DoneBefore(0, "insulin", -90, None), given).holds(since, 0)
    assert not knowing(DoneBefore(0, "insulin", -90, -30), given).holds(since, 0)
    assert [knowing(given).holds(since, at) for at in (89, 90)] == [False, True]
    assert knowing(given).holds(Condition(ordered="insulin"), 0)
    assert not knowing(started(0, "insulin")).holds(Condition(ordered="insulin"), 0)


def test_a_therapy_that_goes_on_after_an_interruption_was_ordered_before_it() -> None:
    resumed = TherapyStarted(20, 1, "insulin", None, resumed=True)
    facts = knowing(started(5, "insulin"), stopped(9, "insulin", "access"), resumed)
    assert facts.holds(Condition(since=Since(ordered="insulin", at_least="15 min")), 20)


def test_a_term_is_asked_like_its_condition() -> None:
    facts = knowing(opened(), placed(0, "sugar"))
    assert facts.holds(terms.Ordered(("sugar",)), 0)
    assert facts.boundaries(terms.Elapsed(3, None), 0) == 3


def test_the_dose_is_that_of_the_running_therapy_and_the_first_when_none_was_named() -> None:
    above = Condition(dose=Dose(therapy="insulin", above=0.5))
    assert knowing(started(0, "insulin", "high")).holds(above, 0)
    assert not knowing(started(0, "insulin")).holds(above, 0)
    assert knowing(started(0, "insulin")).holds(Condition(dose=Dose(therapy="insulin", above=0.4, below=0.6)), 0)
    assert not knowing(started(0, "insulin", "high"), stopped(1, "insulin")).holds(above, 1)
    assert knowing(started(0, "poison")).dose_of("poison") == 1.0
    assert knowing().dose_of("poison") is None


def test_the_latest_result_is_the_one_sampled_last_not_the_one_that_came_last() -> None:
    facts = knowing(
        result(10, "gene", "found", sampled=9, glucose=30),
        result(20, "gene", "clear", sampled=2, glucose=5),
    )
    assert facts.holds(Condition(shows=Shows(order="gene", finding=("found", "other"))), 20)
    assert not facts.holds(Condition(shows=Shows(order="gene", finding="clear")), 20)
    assert facts.holds(Condition(shows=Shows(observable="glucose", above=10)), 20)


def test_a_later_sample_takes_the_place_of_an_earlier_one_and_so_does_a_later_report_of_the_same() -> None:
    facts = knowing(result(10, "gene", "found", sampled=9, glucose=30))
    for sampled, code, glucose in ((12, "clear", 5.0), (12, "found", 30.0)):
        facts.take(result(20, "gene", code, sampled=sampled, glucose=glucose))
        assert facts.holds(Condition(shows=Shows(order="gene", finding=code)), 20)
        assert facts.holds(Condition(shows=Shows(observable="glucose", above=10)), 20) is (glucose > 10)


def test_bounds_of_a_number_are_exclusive() -> None:
    facts = knowing(result(10, "sugar", glucose=10))
    assert not facts.holds(Condition(shows=Shows(observable="glucose", above=10)), 10)
    assert not facts.holds(Condition(shows=Shows(observable="glucose", below=10)), 10)
    assert facts.holds(Condition(shows=Shows(observable="glucose", above=9.9, below=10.1)), 10)


def test_elapsed_and_age_include_their_start_and_exclude_their_end() -> None:
    facts = knowing(opened())
    elapsed = Condition(elapsed=Elapsed(since="1 h", below="2 h"))
    age = Condition(age=AgeBand(since="22 d", below="23 d"))
    assert [facts.holds(elapsed, at) for at in (59, 60, 119, 120)] == [False, True, True, False]
    assert [facts.holds(age, at) for at in (DAY - 1, DAY, 2 * DAY - 1, 2 * DAY)] == [False, True, True, False]


def test_since_measures_from_the_latest_moment_or_the_first() -> None:
    facts = knowing(placed(0, "sugar"), placed(30, "sugar"))
    latest = Condition(since=Since(ordered="sugar", at_least="20 min", below="40 min"))
    first = Condition(since=Since(ordered="sugar", at_least="20 min", below="40 min", first=True))
    assert [facts.holds(latest, at) for at in (30, 50, 69, 70)] == [False, True, True, False]
    assert [facts.holds(first, at) for at in (30, 50)] == [True, False]


def test_since_ordered_of_a_therapy_measures_from_its_start() -> None:
    since = Condition(since=Since(ordered="line", at_least="10 min"))
    facts = knowing(placed(0, "line"))
    assert not facts.holds(since, 100)
    facts.take(started(30, "line"))
    assert [facts.holds(since, at) for at in (39, 40)] == [False, True]


def test_since_resulted_and_stopped_have_moments_of_their_own() -> None:
    facts = knowing(result(10, "sugar"), started(0, "insulin"), stopped(20, "insulin"))
    assert facts.holds(Condition(since=Since(resulted="sugar", at_least="5 min")), 15)
    assert facts.holds(Condition(since=Since(stopped="insulin", below="5 min")), 24)
    assert not facts.holds(Condition(since=Since(stopped="insulin", below="5 min")), 25)


def test_belief_is_the_latest_stated_and_an_unnamed_diagnosis_has_none() -> None:
    facts = knowing(DifferentialStated(1, (("aa", 0.2), ("bb", 0.8))), DifferentialStated(2, (("aa", 0.7),)))
    assert facts.holds(Condition(believes=Belief(diagnosis="aa", above=0.6)), 2)
    assert facts.holds(Condition(believes=Belief(diagnosis="bb", below=0.1)), 2)


def test_the_true_state_is_answered_only_when_asked_for() -> None:
    facts = knowing(StateEntered(0, "sugar", "high", None), EffectBegan(4, "insulin"))
    high, acting = Condition(in_={"sugar": ("fine", "high")}), Condition(effect="insulin")
    assert facts.holds(high, 4, truth=True)
    assert facts.holds(acting, 4, truth=True)
    facts.take(EffectEnded(9, "insulin"))
    assert not facts.holds(acting, 9, truth=True)
    with pytest.raises(ValueError, match="'in' asks for the true state"):
        facts.holds(high, 4)
    with pytest.raises(ValueError, match="'effect' asks for the true state"):
        facts.holds(Condition(any_=(Condition(told="x"), acting)), 4)


def test_a_drug_level_follows_from_the_dose_and_the_true_state_and_is_zero_while_nothing_runs() -> None:
    high = Condition(level=Level(therapy="insulin", above=4.5))
    facts = knowing(StateEntered(0, "sugar", "high", None))
    assert facts.holds(Condition(level=Level(therapy="insulin", below=0.1)), 0, truth=True)
    facts.take(started(1, "insulin", "high"))
    assert not facts.holds(high, 1, truth=True)
    facts.take(StateEntered(2, "sugar", "fine", "sugar.treated"))
    assert facts.holds(high, 2, truth=True)
    with pytest.raises(ValueError, match="'level' asks for the true state"):
        facts.holds(high, 2)
    with pytest.raises(ValueError, match="gives no level for 'poison'"):
        facts.holds(Condition(level=Level(therapy="poison", above=1)), 2, truth=True)


def test_conditions_combine() -> None:
    facts = knowing(opened(), placed(0, "sugar"), result(10, "sugar", glucose=20))
    yes, no = Condition(ordered="sugar"), Condition(ordered="gene")
    assert facts.holds(Condition(ordered="sugar", resulted="sugar"), 10)
    assert not facts.holds(Condition(ordered="sugar", resulted="gene"), 10)
    assert facts.holds(Condition(all_=(yes, Condition(not_=no))), 10)
    assert not facts.holds(Condition(all_=(yes, no)), 10)
    assert facts.holds(Condition(any_=(no, yes)), 10)
    assert not facts.holds(Condition(any_=(no, no)), 10)
    assert facts.holds(Condition(at_least=AtLeast(n=2, of=(yes, no, yes))), 10)
    assert not facts.holds(Condition(at_least=AtLeast(n=3, of=(yes, no, yes))), 10)


def test_time_alone_changes_a_condition_only_at_its_thresholds() -> None:
    facts = knowing(opened(), placed(10, "sugar"))
    since = Condition(since=Since(ordered="sugar", at_least="20 min", below="40 min"))
    elapsed = Condition(elapsed=Elapsed(since="1 h"))
    age = Condition(age=AgeBand(since="22 d"))
    both = Condition(any_=(Condition(not_=since), Condition(all_=(elapsed, age))))
    assert [facts.boundaries(since, at) for at in (10, 30, 49, 50)] == [30, 50, 50, None]
    assert [facts.boundaries(both, at) for at in (0, 50, 60, 2 * DAY)] == [30, 60, DAY, None]
    counted = Condition(at_least=AtLeast(n=1, of=(elapsed,)))
    assert facts.boundaries(counted, 0) == 60


def test_nothing_is_awaited_where_no_clock_runs() -> None:
    assert knowing(opened()).boundaries(Condition(told="fever"), 0) is None
    assert knowing(opened()).boundaries(Condition(since=Since(ordered="sugar")), 0) is None
    assert knowing().boundaries(Condition(age=AgeBand(since="30 d")), 0) is None


def test_where_no_clock_runs_none_is_looked_for_at_every_move() -> None:
    assert _ahead_of(clocks(terms.Told(("fever",)))) is _ahead_of(clocks(terms.Ordered(("sugar",))))
    assert _ahead_of(clocks(terms.Elapsed(3, None))) is not _ahead_of(clocks(terms.Elapsed(3, None)))


def test_every_change_by_time_alone_is_announced() -> None:
    facts = knowing(opened(), placed(3, "sugar"), result(7, "sugar"), started(2, "insulin"), stopped(5, "insulin"))
    condition = Condition(
        at_least=AtLeast(
            n=2,
            of=(
                Condition(since=Since(resulted="sugar", at_least="4 min", below="9 min")),
                Condition(since=Since(stopped="insulin", at_least="2 min", first=True)),
                Condition(elapsed=Elapsed(since="13 min", below="20 min")),
                Condition(age=AgeBand(since="30242 min", below="30255 min")),
            ),
        )
    )
    assert AGE == 30240
    changes = {at for at in range(8, 40) if facts.holds(condition, at) != facts.holds(condition, at - 1)}
    announced, at = set(), 7
    while (following := facts.boundaries(condition, at)) is not None:
        announced.add(following)
        at = following
    assert changes and changes <= announced


def test_a_fresh_knowledge_knows_nothing_but_keeps_the_conditions_ready() -> None:
    facts = knowing(opened(), placed(0, "sugar"))
    condition = Condition(ordered="sugar")
    assert facts.holds(condition, 0)
    fresh = facts.fresh()
    assert not fresh.holds(condition, 0)
    assert fresh.age is None and facts.age == AGE


def test_events_that_tell_no_fact_change_nothing() -> None:
    facts = knowing(TimePassed(5, 0, "time"))
    assert not facts.holds(Condition(ordered="sugar"), 5)
