"""Policies: the pathway as something that plays, and the ones no case may reward."""

from contextlib import suppress

import pytest

import tinycase
from sim.case.model.conditions import Condition, Dose, Elapsed, Shows, Since
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.engine.log import DifferentialStated, OrderPlaced, TherapyStopped
from sim.engine.policy import RANDOM_MOVES, at_random, following, play, policy
from sim.engine.session import IllegalMove, Session
from smalldisease import go, library_of, of_type, region

HOUR, DAY = 60, 1440


def with_pathway(*steps, **changes) -> Scenario:
    scenario = library_of(gut=region("ill well", go("heals", "ill", "well", on={"start": "fluids"})))
    return scenario.model_copy(update={"case": scenario.case.model_copy(update={"pathway": steps, **changes})})


def orders_of(scenario: Scenario, skip=(), seed=1) -> list[tuple[int, str]]:
    session = Session(scenario, seed, horizon=20 * DAY)
    play(session, following(skip))
    return [(event.at, event.order) for event in of_type(session, OrderPlaced)]


def test_it_does_every_due_step_in_file_order_and_each_once() -> None:
    scenario = with_pathway(
        tinycase.step("ask", "story"), tinycase.step("look", "look"), tinycase.step("fill", "fluids")
    )
    assert orders_of(scenario) == [(0, "story"), (2, "look"), (4, "fluids")]


def test_it_waits_for_what_must_come_before() -> None:
    scenario = with_pathway(tinycase.step("fill", "fluids", after="look"), tinycase.step("look", "look"))
    assert orders_of(scenario) == [(0, "look"), (2, "fluids")]


def test_a_step_waits_until_its_condition_is_revealed_and_not_before() -> None:
    high = Condition(shows=Shows(observable="glucose", above=4))
    scenario = with_pathway(tinycase.step("treat", "insulin", when=high), tinycase.step("test", "sugar"))
    assert orders_of(scenario) == [(0, "sugar"), (10, "insulin")]
    assert orders_of(with_pathway(tinycase.step("treat", "insulin", when=high))) == []


def test_it_wakes_for_time_alone() -> None:
    later = Condition(since=Since(ordered="fluids", at_least="3 d"))
    scenario = with_pathway(
        tinycase.step("fill", "fluids"),
        tinycase.step("stop", "fluids", stop=True, when=later),
        tinycase.step("scan", "scan", not_before="2 h"),
    )
    session = Session(scenario, 1)
    play(session, following())
    assert [event.at for event in of_type(session, TherapyStopped)] == [3 * DAY]
    assert (120, "scan") in [(event.at, event.order) for event in of_type(session, OrderPlaced)]


def test_it_leaves_a_step_whose_need_has_passed_and_does_it_when_the_need_is_back() -> None:
    first, again = ({"elapsed": Elapsed(since=a, below=b)} for a, b in (("1 h", "2 h"), ("5 h", None)))
    late = following(delay={"fill": 90})
    for when, orders in (
        (Condition(**first), []),
        (Condition(any=(Condition(**first), Condition(**again))), [(5 * HOUR, "fluids")]),
    ):
        session = Session(with_pathway(tinycase.step("fill", "fluids", when=when)), 1)
        play(session, late)
        assert [(event.at, event.order) for event in of_type(session, OrderPlaced)] == orders


def test_what_comes_after_a_step_does_not_wait_for_one_that_has_lapsed() -> None:
    early = Condition(elapsed=Elapsed(below="2 h"))
    scenario = with_pathway(
        tinycase.step("look", "look", when=early),
        tinycase.step("fill", "fluids", after="look"),
    )
    session = Session(scenario, 1)
    play(session, following(delay={"look": 3 * HOUR}))
    assert [(event.at, event.order) for event in of_type(session, OrderPlaced)] == [(2 * HOUR, "fluids")]


def test_it_takes_the_first_alternative_the_ward_accepts_at_the_dose_the_step_names() -> None:
    scenario = with_pathway(tinycase.step("fill", ("fluids", "insulin"), dose="high"))
    session = Session(scenario, 1)
    play(session, following())
    (order,) = of_type(session, OrderPlaced)
    assert (order.order, order.dose) == ("fluids", "high")


def test_a_step_can_be_left_out() -> None:
    scenario = with_pathway(tinycase.step("look", "look"), tinycase.step("fill", "fluids", after="look"))
    assert orders_of(scenario, skip=["look"]) == [(0, "fluids")]


def test_it_states_the_authors_differential_at_checkpoints() -> None:
    scenario = with_pathway(checkpoints=(tinycase.checkpoint("1 h", aa="70%"),))
    session = Session(scenario, 1)
    play(session, following())
    assert of_type(session, DifferentialStated) == [DifferentialStated(60, (("aa", 0.7),))]


def test_it_never_asks_for_the_true_state() -> None:
    scenario = with_pathway(tinycase.step("cheat", "fluids", when=Condition(in_={"gut": ("ill",)})))
    with pytest.raises(ValueError, match="true state"):
        play(Session(scenario, 1), following())


def test_a_dose_condition_counts_for_the_policy() -> None:
    scenario = with_pathway(
        tinycase.step("fill", "fluids", dose="high"),
        tinycase.step("scan", "scan", when=Condition(dose=Dose(therapy="fluids", above=1))),
    )
    assert orders_of(scenario) == [(0, "fluids"), (0, "scan")]


def test_none_only_waits_and_everything_orders_it_all() -> None:
    scenario = with_pathway()
    assert list(policy("none", str)(Session(scenario, 1))) == [Wait(None, "time")]
    session = Session(scenario, 1)
    play(session, policy("everything", str))
    assert [event.order for event in of_type(session, OrderPlaced)] == list(scenario.catalogue.orders)
    assert session.ended


def test_repeat_orders_one_thing_every_day() -> None:
    session = Session(with_pathway(), 1, horizon=5 * DAY)
    play(session, policy("repeat:a scan", {"a scan": "scan"}.get))
    assert [event.at for event in of_type(session, OrderPlaced)] == [day * DAY for day in range(5)]


def test_random_play_is_the_patients_own_and_always_ends() -> None:
    scenario = with_pathway()
    logs = []
    for seed in (1, 1, 2):
        session = Session(scenario, seed)
        play(session, policy("random", str))
        logs.append(session.log)
        assert session.ended
        assert len(of_type(session, OrderPlaced)) <= RANDOM_MOVES
    assert logs[0] == logs[1]
    assert logs[0][3:] != logs[2][3:]


@pytest.mark.parametrize("name", ["", "best", "repeat:", "repeat:nonsense"])
def test_an_unknown_policy_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"policy|order"):
        policy(name, {}.get)


def test_moves_are_made_of_what_is_offered() -> None:
    kinds = {type(move) for move in policy("random", str)(_unplayed())}
    assert kinds <= {PlaceOrder, StopTherapy, Wait, StateDifferential}


def _unplayed() -> Session:
    """A session to which a policy's moves are never applied, cut off by the policy's own limit."""
    session = Session(with_pathway(), 1)
    session.apply(Wait(None))
    return session


def test_play_at_random_orders_six_times_in_ten_and_stops_what_runs_once() -> None:
    scenario = library_of(gut=region("ill"))
    kinds = {PlaceOrder: 0, StopTherapy: 0, Wait: 0}
    ran = 0
    for seed in range(60):
        session = Session(scenario, seed, horizon=20 * DAY)
        for move in at_random(session):
            kinds[type(move)] += 1
            ran += bool(session.running)
            with suppress(IllegalMove):
                session.apply(move)
    tried = sum(kinds.values())
    assert tried > 400
    assert 0.5 < kinds[PlaceOrder] / tried < 0.7
    assert kinds[StopTherapy] > 0
    assert kinds[StopTherapy] / max(ran, 1) < 0.25
    assert kinds[Wait] / tried > 0.2
