"""The pathway: when a step is due, what fulfils it, and what its verdict is to the minute."""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest

import randomcase
from scoring.assess.pathway import PathwayItem, due_minutes, judge_pathway
from sim.case.model.conditions import AtLeast, Condition, Dose, Elapsed, Shows, Since
from sim.case.model.pathway import Step
from sim.engine.log import Called, Event
from sim.engine.pathway import Guide, Progress
from sim.engine.policy import following
from sim.engine.session import Session
from tinycase import DAY, HOUR, log, placed, result, scenario, started, step, stopped


def judged(steps: list[Step], *events: Event, end: int | None = 10 * DAY) -> list[PathwayItem]:
    return list(judge_pathway(scenario(steps), log(*events, end=end)))


def verdicts(steps: list[Step], *events: Event, end: int | None = 10 * DAY) -> list[str]:
    return [item.verdict for item in judged(steps, *events, end=end)]


def test_a_step_inside_its_window_is_in_time_and_names_its_event() -> None:
    assert judged([step("a", "sugar")], placed(60, "sugar")) == [PathwayItem("a", "must", "in_time", 60, 1, 0)]


@pytest.mark.parametrize(
    ("at", "verdict"), [(0, "in_time"), (60, "in_time"), (61, "late"), (120, "late"), (121, "missed")]
)
def test_the_window_is_exact_at_its_edges(at: int, verdict: str) -> None:
    assert verdicts([step("a", "sugar")], placed(at, "sugar")) == [verdict]


def test_a_step_that_was_never_done_is_missed() -> None:
    assert judged([step("a", "sugar")]) == [PathwayItem("a", "must", "missed", None, None, 0)]


@pytest.mark.parametrize(("end", "verdict"), [(59, "not_needed"), (60, "missed")])
def test_a_window_still_open_when_the_case_ends_is_not_held_against_anyone(end: int, verdict: str) -> None:
    assert verdicts([step("a", "sugar")], end=end) == [verdict]


def test_a_step_that_never_fell_due_is_not_needed() -> None:
    a = step("a", "sugar", when=Condition(told="fits"))
    assert judged([a], placed(5, "sugar")) == [PathwayItem("a", "must", "not_needed", None, None, None)]


def test_any_alternative_fulfils_a_step() -> None:
    assert verdicts([step("a", ("sugar", "gene"))], placed(5, "gene")) == ["in_time"]


HIGH = Condition(shows=Shows(observable="glucose", above=10))


def sugars(*values: tuple[int, float]) -> list[Event]:
    return [result(at, "sugar", glucose=value) for at, value in values]


@pytest.mark.parametrize(("at", "verdict"), [(30, "in_time"), (90, "in_time"), (91, "late"), (151, "missed")])
def test_a_step_is_due_while_its_condition_holds(at: int, verdict: str) -> None:
    lib = scenario([step("a", "insulin", when=HIGH)])
    assert due_minutes(lib, log(*sugars((30, 20)))) == [30]
    assert judge_pathway(lib, log(*sugars((30, 20)), placed(at, "insulin")))[0].verdict == verdict


def test_a_step_whose_need_passed_inside_its_window_is_not_needed_and_says_when() -> None:
    a = step("a", "insulin", when=HIGH)
    (item,) = judged([a], *sugars((30, 20), (89, 5)))
    assert item == PathwayItem("a", "must", "not_needed", None, None, 30, 89)
    assert verdicts([a], *sugars((30, 20)), placed(89, "insulin"), *sugars((89, 5))) == ["in_time"]
    assert verdicts([a], *sugars((30, 20), (89, 5)), placed(89, "insulin")) == ["not_needed"]


def test_nobody_escapes_a_step_by_waiting_until_its_need_has_passed() -> None:
    a = step("a", "insulin", when=HIGH)
    assert verdicts([a], *sugars((30, 20), (90, 5))) == ["missed"]
    assert verdicts([a], *sugars((30, 20), (200, 5)), end=201) == ["missed"]


def test_a_need_that_comes_back_opens_a_new_window() -> None:
    a = step("a", "insulin", when=HIGH)
    again = sugars((30, 20), (60, 5), (600, 20))
    assert judged([a], *again, placed(660, "insulin")) == [PathwayItem("a", "must", "in_time", 660, 4, 600)]
    assert verdicts([a], *again, placed(661, "insulin")) == ["late"]
    assert judged([a], *again)[0] == PathwayItem("a", "must", "missed", None, None, 600)


def test_after_a_window_let_go_by_the_next_time_is_late() -> None:
    a = step("a", "insulin", when=HIGH)
    again = sugars((30, 20), (100, 5), (600, 20))
    assert judged([a], *again, placed(610, "insulin")) == [PathwayItem("a", "must", "late", 610, 4, 600)]
    assert judged([a], *again)[0] == PathwayItem("a", "must", "missed", None, None, 30)


def test_time_alone_lets_a_step_lapse() -> None:
    a = step("a", "insulin", within="5 h", when=Condition(elapsed=Elapsed(since="1 h", below="3 h")))
    assert judged([a])[0] == PathwayItem("a", "must", "not_needed", None, None, 60, 180)
    assert verdicts([a], placed(179, "insulin")) == ["in_time"]
    assert verdicts([a], placed(180, "insulin")) == ["not_needed"]


def test_running_at_another_dose_is_not_yet_the_change_a_step_asks_for() -> None:
    lower = step("a", "insulin", dose="low", when=Condition(running="insulin", elapsed=Elapsed(since="2 h")))
    events = [placed(0, "insulin"), started(0, "insulin")]
    assert verdicts([lower], *events) == ["missed"]
    assert verdicts([lower], *events, placed(130, "insulin", 2)) == ["in_time"]


def test_time_alone_can_make_a_step_due_between_two_events() -> None:
    conditions = [
        Condition(elapsed=Elapsed(since="2 h")),
        Condition(since=Since(ordered="sugar", at_least="90 min")),
        Condition(at_least=AtLeast(n=2, of=(Condition(ordered="sugar"), Condition(elapsed=Elapsed(since="3 d"))))),
    ]
    lib = scenario([step(name, "gene", when=when) for name, when in zip("abc", conditions, strict=True)])
    assert due_minutes(lib, log(placed(5, "sugar"))) == [120, 95, 3 * DAY]


def test_what_is_so_only_between_two_events_of_one_minute_makes_nothing_due() -> None:
    when = Condition(told="fits", not_=Condition(running="insulin"))
    lib = scenario([step("a", "gene", when=when)])
    assert due_minutes(lib, log(Called(9, "He fits.", "fits"), started(9, "insulin"))) == [None]


def test_what_the_learner_could_see_before_a_move_makes_a_step_due_even_if_the_move_ends_it() -> None:
    lib = scenario([step("a", "insulin", when=Condition(not_=Condition(ordered="insulin")))])
    assert judge_pathway(lib, log(placed(0, "insulin"), started(0, "insulin")))[0].verdict == "in_time"


def test_too_early_does_not_count() -> None:
    a = step("a", "sugar", not_before="30 min")
    assert verdicts([a], placed(29, "sugar")) == ["missed"]
    assert verdicts([a], placed(30, "sugar")) == ["in_time"]


def test_a_step_is_done_by_stopping() -> None:
    a = step("a", "insulin", stop=True, when=Condition(running="insulin"))
    events = [placed(0, "insulin"), started(0, "insulin")]
    assert verdicts([a], *events, stopped(50, "insulin")) == ["in_time"]
    assert verdicts([a], *events) == ["missed"]
    assert verdicts([a], *events, stopped(50, "insulin", "course")) == ["not_needed"]


def test_a_step_done_before_the_step_it_follows_is_out_of_order() -> None:
    steps = [step("a", "sugar"), step("b", "insulin", after="a")]
    assert verdicts(steps, placed(5, "insulin"), placed(9, "sugar", 2)) == ["in_time", "out_of_order"]
    assert verdicts(steps, placed(9, "insulin"), placed(9, "sugar", 2)) == ["in_time", "in_time"]


def test_doing_it_again_in_the_right_order_makes_it_good() -> None:
    steps = [step("a", "sugar"), step("b", "insulin", after="a")]
    items = judged(steps, placed(5, "insulin"), placed(9, "sugar", 2), placed(20, "insulin", 3))
    assert [(i.verdict, i.event) for i in items] == [("in_time", 2), ("in_time", 3)]


def test_a_predecessor_that_was_never_done_does_not_block() -> None:
    steps = [step("a", "sugar"), step("b", "insulin", after="a"), step("c", "gene", after="b")]
    assert verdicts(steps, placed(5, "insulin"), placed(6, "gene", 2)) == ["missed", "in_time", "in_time"]


def test_the_weightier_of_two_steps_out_of_order_keeps_its_credit() -> None:
    steps = [step("a", "sugar", weight="could"), step("b", "insulin", after="a")]
    assert verdicts(steps, placed(5, "insulin"), placed(9, "sugar", 2)) == ["out_of_order", "in_time"]


def test_one_order_fulfils_one_step() -> None:
    steps = [step("a", "sugar"), step("b", "sugar")]
    assert sorted(verdicts(steps, placed(5, "sugar"))) == ["in_time", "missed"]
    assert verdicts(steps, placed(5, "sugar"), placed(6, "sugar", 2)) == ["in_time", "in_time"]


CALLED = Condition(told="fits")


def called(at: int) -> Event:
    return Called(at, "He fits.", "fits")


def test_an_order_in_two_windows_that_opened_apart_is_not_missed_in_either() -> None:
    steps = [step("call", "fluids", when=CALLED), step("first", "fluids")]
    found = judged(steps, called(7), placed(12, "fluids"), started(12, "fluids"))
    assert [(item.verdict, item.event) for item in found] == [("in_time", 2), ("in_time", 2)]
    assert verdicts(steps, called(7), placed(75, "fluids"), started(75, "fluids")) == ["late", "missed"]


def test_a_therapy_that_runs_on_does_a_later_step_too_and_what_ends_of_itself_does_not() -> None:
    def found(order: str) -> list[str]:
        steps = [step("first", order), step("again", order, when=CALLED)]
        return verdicts(steps, placed(5, order), started(5, order), called(20))

    assert found("fluids") == ["in_time", "in_time"]
    assert sorted(found("bolus")) == ["in_time", "missed"]


def test_a_result_on_its_way_does_no_second_step() -> None:
    steps = [step("first", "gene"), step("again", "gene", when=CALLED)]
    assert sorted(verdicts(steps, placed(5, "gene"), called(20))) == ["in_time", "missed"]


def test_steps_that_fall_due_together_do_not_share_even_through_a_third() -> None:
    steps = [step("first", "fluids"), step("b", "fluids", when=CALLED), step("c", "fluids", when=CALLED)]
    found = verdicts(steps, called(7), placed(12, "fluids"), started(12, "fluids"))
    assert sorted(found) == ["in_time", "in_time", "missed"]
    assert found[0] == "in_time"


def test_a_late_order_is_free_again_where_its_step_shares_one_in_time() -> None:
    steps = [step("call", "fluids", when=CALLED), step("first", "fluids")]
    found = judged(steps, called(7), placed(12, "fluids"), started(12, "fluids"), placed(100, "fluids", 2))
    assert {(item.verdict, item.event) for item in found} == {("in_time", 2)}


def test_a_shared_order_keeps_to_the_order_of_the_steps() -> None:
    steps = [step("call", "fluids", when=CALLED), step("look", "look"), step("first", "fluids", after="look")]
    late_look = (called(7), placed(12, "fluids"), started(12, "fluids"), placed(20, "look", 2))
    assert verdicts(steps, *late_look) == ["in_time", "in_time", "missed"]
    early_look = (placed(2, "look"), called(7), placed(12, "fluids", 2), started(12, "fluids"))
    assert verdicts(steps, *early_look) == ["in_time", "in_time", "in_time"]


def test_one_order_out_of_order_serves_one_step_too() -> None:
    steps = [step("a", "sugar"), step("b", "gene", after="a"), step("c", "gene", after="a")]
    found = verdicts(steps, placed(5, "gene"), placed(9, "sugar", 2))
    assert found == ["in_time", "out_of_order", "missed"]


def test_a_late_order_goes_to_the_step_whose_window_it_meets() -> None:
    steps = [step("a", "sugar"), step("b", "sugar", within="2 d")]
    items = judged(steps, placed(30, "sugar"), placed(90, "sugar", 2))
    assert [(i.verdict, i.event) for i in items] == [("in_time", 1), ("in_time", 2)]


# --- what was done before the step fell due --------------------------------------------------------------


def due_at_two_hours(do: str, **more: object) -> Step:
    return step("a", do, when=Condition(elapsed=Elapsed(since="2 h")), **more)


def test_a_therapy_that_already_runs_fulfils_the_step_that_asks_for_it() -> None:
    events = [placed(5, "insulin"), started(9, "insulin")]
    assert judged([due_at_two_hours("insulin")], *events) == [PathwayItem("a", "must", "in_time", 5, 1, 120)]
    assert verdicts([due_at_two_hours("insulin")], *events, stopped(100, "insulin")) == ["missed"]
    assert verdicts([due_at_two_hours("insulin", not_before="1 h")], *events) == ["missed"]


def test_a_therapy_given_at_the_opening_fulfils_it_too() -> None:
    assert judged([due_at_two_hours("insulin")], started(0, "insulin"))[0].event == 1


def test_a_new_dose_is_the_same_therapy_running() -> None:
    events = [placed(5, "insulin"), started(5, "insulin"), placed(70, "insulin", 2), stopped(70, "insulin", "dose")]
    assert judged([due_at_two_hours("insulin")], *events, started(70, "insulin"))[0].event == 1


@pytest.mark.parametrize("order", ["story", "advice", "ward"])
def test_what_was_asked_consulted_or_arranged_before_still_stands(order: str) -> None:
    assert verdicts([due_at_two_hours(order)], placed(5, order)) == ["in_time"]


def test_an_investigation_still_on_its_way_stands_and_a_known_result_does_not() -> None:
    assert verdicts([due_at_two_hours("gene")], placed(5, "gene")) == ["in_time"]
    assert verdicts([due_at_two_hours("sugar")], placed(5, "sugar"), result(15, "sugar")) == ["missed"]


def test_an_examination_made_before_describes_a_moment_that_has_passed() -> None:
    assert verdicts([due_at_two_hours("look")], placed(5, "look")) == ["missed"]


@pytest.mark.parametrize(
    ("more", "stands"),
    [
        ({}, True), ({"stop": True}, False), ({"not_before": "5 min"}, False),
        ({"when": Condition(running="insulin")}, False), ({"when": Condition(dose=Dose(therapy="insulin"))}, False),
        ({"when": Condition(ordered="insulin")}, True), ({"when": Condition(running="fluids")}, True),
        ({"when": Condition(not_=Condition(running="insulin"))}, True),
        ({"when": Condition(any_=(Condition(running="insulin"),))}, False),
    ],
)  # fmt: skip
def test_what_runs_does_a_step_unless_the_step_would_change_it(more: dict[str, object], stands: bool) -> None:
    assert step("a", "insulin", **more).may_stand is stands


def test_a_step_that_stops_is_hinted_only_while_there_is_something_to_stop() -> None:
    guide = Guide(scenario([step("a", "insulin", stop=True)]))
    guide.take(log(end=None))
    assert guide.next_step(0) is None
    guide.take(log(started(0, "insulin"), end=None))
    assert guide.next_step(0) == "a"


def test_the_earliest_of_several_that_stand_is_named() -> None:
    a = step("a", ("advice", "story"), when=Condition(elapsed=Elapsed(since="2 h")))
    assert judged([a], placed(5, "story"), placed(9, "advice", 2))[0].event == 1
    assert judged([a], placed(5, "advice"), placed(9, "story", 2))[0].event == 1


# --- what it counts ----------------------------------------------------------------------------------------


def test_points_are_weight_times_credit() -> None:
    steps = [
        step("a", "sugar"),
        step("b", "gene", weight="should"),
        step("c", "scan", weight="could", after="a"),
        step("d", "story"),
    ]
    items = judged(steps, placed(1, "scan"), placed(5, "sugar", 2), placed(70, "gene", 3), end=3 * HOUR)
    assert [item.points for item in items] == [3.0, 1.0, 0.25, 0.0]
    assert [item.done for item in items] == [True, True, True, False]
    assert all(item.judged for item in items)


def test_an_empty_log_judges_nothing() -> None:
    assert [i.verdict for i in judge_pathway(scenario([step("a", "sugar")]), ())] == ["not_needed"]


def test_an_order_belongs_to_the_window_it_lies_in_whatever_is_called_later() -> None:
    first = step("first", "insulin")
    call = step("call", "insulin", when=Condition(told="fits"), critical=True)
    events = [placed(16, "insulin"), started(16, "insulin"), Called(25 * DAY, "He fits.", "fits")]
    for steps in ([call, first], [first, call]):
        items = {item.step: item for item in judged(steps, *events, end=30 * DAY)}
        assert (items["first"].verdict, items["first"].at) == ("in_time", 16)
        assert items["call"].verdict == "in_time"  # it still runs


def test_an_order_is_not_taken_from_its_window_to_pay_for_a_heavier_step_that_fell_due_later() -> None:
    light = step("light", "gene", weight="could", within="5 d")
    heavy = step("heavy", ("gene", "scan"), when=Condition.model_validate({"elapsed": {"from": "1 d"}}))
    (first, second) = judged([light, heavy], placed(60, "gene"))
    assert (first.verdict, first.at) == ("in_time", 60)
    assert second.verdict == "missed"
    (first, second) = judged([light, heavy], placed(60, "gene"), placed(2 * HOUR, "gene", number=2))
    assert (first.verdict, second.verdict) == ("in_time", "in_time")


SET = {"do": "gene", "or_all": (("sugar", "scan"), ("look", "scan"))}


@pytest.mark.parametrize(("at", "verdict"), [(60, "in_time"), (61, "late"), (121, "missed")])
def test_a_bundle_does_a_step_when_the_last_of_its_orders_is_placed(at: int, verdict: str) -> None:
    (item,) = judged([step("set", **SET)], placed(5, "sugar"), placed(at, "scan"))
    assert item.verdict == verdict
    assert item.at == (None if verdict == "missed" else at)


def test_part_of_a_bundle_does_no_step_and_neither_do_parts_of_two() -> None:
    assert verdicts([step("set", **SET)], placed(5, "sugar"), placed(6, "look")) == ["missed"]


def test_the_orders_of_a_bundle_still_do_their_own_steps() -> None:
    steps = [step("set", **SET), step("picture", "scan"), step("strip", "sugar")]
    assert verdicts(steps, placed(5, "scan"), placed(6, "sugar")) == ["in_time"] * 3


def test_what_a_bundle_has_done_is_not_hinted_at() -> None:
    lib = scenario([step("set", **SET)])
    guide = Guide(lib)
    guide.take(log(placed(5, "sugar"), end=None))
    assert guide.next_step(6) == "set"
    guide.take(log(placed(5, "sugar"), placed(7, "scan"), end=None))
    assert guide.next_step(8) is None


@pytest.mark.parametrize("seed", range(40))
def test_asking_only_what_may_have_changed_finds_what_asking_everything_finds(seed: int) -> None:
    r = Random(seed)
    case = randomcase.scenario(r)
    session = Session(case, seed)
    sparing, seen = Progress(case), 0
    due: dict[str, int] = {}
    for move in islice(following()(session), 60):
        for event in session.events_since(seen):
            sparing.note(event)
            seen += 1
        sparing.look(session.knowledge, session.now)
        for asked in case.case.pathway:
            if asked.id in sparing.done:
                continue
            if asked.when is None or session.knowledge.holds(asked.when, session.now):
                due.setdefault(asked.id, session.now)
            else:
                due.pop(asked.id, None)
        found = {step.id: sparing.due_since(step) for step in sparing.ready(session.now)}
        assert found.items() <= due.items()
        waiting = [step for step in case.case.pathway if step.id in due and step.id not in sparing.done]
        open_now = [step for step in waiting if session.now >= due[step.id] + step.not_before]
        held = {other for other in due if other not in sparing.done}
        assert list(found) == [step.id for step in open_now if held.isdisjoint(step.after)]
        session.apply(move)
