"""What holds for every disease, every patient and every way of playing."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Move, PlaceOrder, StopTherapy, Wait
from sim.engine.log import CaseEnded, EffectBegan, EffectEnded, Event, StateEntered, TherapyStarted, TherapyStopped
from sim.engine.policy import play, policy
from sim.engine.session import IllegalMove, Session
from smalldisease import go, library_of, region

pytestmark = pytest.mark.slow

STATES = ("s0", "s1", "s2")
REGIONS = ("gut", "skin", "blood")
DRUGS = ("fluids", "insulin", "poison", "bolus")
SETTINGS = settings(max_examples=60, deadline=None)

minutes = st.integers(1, 20_000).map(lambda n: f"{n} min")


def conditions() -> st.SearchStrategy[dict[str, Any]]:
    leaves = st.one_of(
        st.fixed_dictionaries({"in": st.dictionaries(st.sampled_from(REGIONS), st.sampled_from(STATES), min_size=1)}),
        st.fixed_dictionaries({"effect": st.sampled_from(DRUGS)}),
        st.fixed_dictionaries({"running": st.sampled_from(DRUGS)}),
        st.fixed_dictionaries({"ordered": st.sampled_from(("look", "sugar", "advice"))}),
        st.fixed_dictionaries({"resulted": st.just("sugar")}),
        st.fixed_dictionaries({"age": st.fixed_dictionaries({"from": st.integers(20, 60).map(lambda d: f"{d} d")})}),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.fixed_dictionaries({"not": inner}),
            st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=2)}),
            st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=2)}),
        ),
        max_leaves=3,
    )


@st.composite
def transitions(draw: st.DrawFn, name: str) -> dict[str, Any]:
    source, target = draw(st.lists(st.sampled_from(STATES), min_size=2, max_size=2, unique=True))
    way = draw(
        st.one_of(
            st.fixed_dictionaries({"median": minutes}),
            st.fixed_dictionaries({"risk": minutes.map(lambda by: f"40% by {by}")}),
            st.fixed_dictionaries({"after": minutes}),
            st.fixed_dictionaries({"on": st.one_of(
                st.fixed_dictionaries({"start": st.sampled_from(DRUGS)}),
                st.fixed_dictionaries({"stop": st.sampled_from(DRUGS)}),
                st.fixed_dictionaries({"effect": st.sampled_from(DRUGS)}),
                st.fixed_dictionaries({"result": st.just("sugar")}),
            )}),
        )
    )  # fmt: skip
    more: dict[str, Any] = {}
    if draw(st.booleans()):
        more["when"] = draw(conditions())
    if "median" in way and draw(st.booleans()):
        more["modifiers"] = [{"x": draw(st.sampled_from((0, 0.1, 3))), "when": draw(conditions()), "assumed": "toy"}]
    if "on" in way and draw(st.booleans()):
        more["chance"] = "50%"
    return go(name, source, target, **way, **more)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    mix = {"s0": "50%", "s1": "30%", "s2": "20%"}
    regions = {
        name: region(
            " ".join(STATES), *[draw(transitions(f"t{i}")) for i in range(draw(st.integers(1, 4)))], initial=mix
        )
        for name in REGIONS
    }
    life = region("alive dead", go("dies", "alive", "dead", median="60 d", when={"in": {"gut": "s2"}}), outcomes="dead")
    return library_of(**regions, life=life)


moves = st.lists(
    st.one_of(
        st.sampled_from((*DRUGS, "look", "sugar", "advice", "line")).map(PlaceOrder),
        st.sampled_from(DRUGS).map(StopTherapy),
        st.builds(Wait, st.integers(1, 20_000), st.sampled_from(("time", "result", "call"))),
        st.just(Finish()),
    ),
    max_size=20,
)
seeds = st.integers(0, 2**64 - 1)


def played(scenario: Scenario, seed: int, wanted: list[Move]) -> tuple[Session, list[Move]]:
    """A session after the moves that were possible, and those."""
    session, made = Session(scenario, seed), []
    for move in wanted:
        if session.ended:
            break
        try:
            session.apply(move)
        except IllegalMove:
            continue
        made.append(move)
    return session, made


@SETTINGS
@given(scenarios(), seeds, moves)
def test_time_never_goes_back_and_the_end_is_the_last_word(scenario: Scenario, seed: int, wanted: list[Move]) -> None:
    session, _ = played(scenario, seed, wanted)
    times = [event.at for event in session.log]
    assert times == sorted(times)
    assert session.ended == isinstance(session.log[-1], CaseEnded)
    assert not any(isinstance(event, CaseEnded) for event in session.log[:-1])


@SETTINGS
@given(scenarios(), seeds, moves)
def test_the_same_moves_give_the_same_log_and_the_same_snapshot(
    scenario: Scenario, seed: int, wanted: list[Move]
) -> None:
    session, made = played(scenario, seed, wanted)
    again, _ = played(scenario, seed, made)
    assert again.log == session.log
    assert again.snapshot() == session.snapshot()


@SETTINGS
@given(scenarios(), seeds, moves, st.integers(0, 19))
def test_looking_at_a_patient_changes_nothing(scenario: Scenario, seed: int, wanted: list[Move], often: int) -> None:
    session, made = played(scenario, seed, wanted)
    watched = Session(scenario, seed)
    for number, move in enumerate(made):
        if number % (often + 1) == 0:
            watched.snapshot()
        watched.apply(move)
    assert watched.log == session.log


@SETTINGS
@given(scenarios(), seeds, moves, st.integers(1, 40_000))
def test_waiting_in_two_parts_is_waiting_once(scenario: Scenario, seed: int, wanted: list[Move], first: int) -> None:
    wanted = [move for move in wanted if not isinstance(move, Finish)]
    (once, _), (twice, _) = played(scenario, seed, wanted), played(scenario, seed, wanted)
    if not once.ended:
        once.apply(Wait(50_000))
        twice.apply(Wait(first))
    if not twice.ended and twice.now < once.now:
        twice.apply(Wait(once.now - twice.now))
    assert true_course(once.log) == true_course(twice.log)


def true_course(log: tuple[Event, ...]) -> list[Event]:
    return [event for event in log if isinstance(event, StateEntered)]


@SETTINGS
@given(scenarios(), seeds, moves)
def test_a_region_is_in_one_of_its_states_and_moves_only_by_its_transitions(
    scenario: Scenario, seed: int, wanted: list[Move]
) -> None:
    session, _ = played(scenario, seed, wanted)
    known = {f"{name}.{t.id}": t for name, region in scenario.disease.regions.items() for t in region.transitions}
    now: dict[str, str] = {}
    for event in true_course(session.log):
        assert isinstance(event, StateEntered)
        if event.transition is not None:
            transition = known[event.transition]
            assert now[event.region] in transition.source
            assert event.state == transition.target
        now[event.region] = event.state
    assert set(now) == set(scenario.disease.regions)


@SETTINGS
@given(scenarios(), seeds, moves)
def test_what_acts_was_started_and_what_stops_was_running(scenario: Scenario, seed: int, wanted: list[Move]) -> None:
    session, _ = played(scenario, seed, wanted)
    running: set[str] = set()
    acting: set[str] = set()
    for event in session.log:
        if isinstance(event, TherapyStarted):
            assert event.therapy not in running
            running.add(event.therapy)
        elif isinstance(event, TherapyStopped):
            running.remove(event.therapy)
        elif isinstance(event, EffectBegan):
            assert event.therapy in running
            assert event.therapy not in acting
            acting.add(event.therapy)
        elif isinstance(event, EffectEnded):
            acting.remove(event.therapy)
    assert {item.therapy for item in session.running} == running


@SETTINGS
@given(scenarios(), seeds, st.sampled_from(("pathway", "none", "everything", "random", "repeat:sugar")))
def test_every_policy_ends_the_case(scenario: Scenario, seed: int, name: str) -> None:
    session = Session(scenario, seed)
    play(session, policy(name, lambda order: order))
    assert session.ended
