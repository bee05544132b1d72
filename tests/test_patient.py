"""The three ways out of a state, in the order the processing model states."""

import math

import pytest

from sim.case.moves import Finish, PlaceOrder, StopTherapy, Wait
from sim.engine.chart import compile_chart
from sim.engine.fate import Fate, stream_key
from sim.engine.log import Called, CaseEnded
from sim.engine.patient import CaseFault
from sim.engine.session import Session
from smalldisease import course, go, library_of, of_type, region

DAY = 1440


def lived(scenario, seed=1, *moves) -> Session:
    """A session after these moves and then to its end."""
    session = Session(scenario, seed)
    for move in moves:
        session.apply(move)
    if not session.ended:
        session.apply(Wait(None))
    return session


def test_a_hazard_fires_when_its_exposure_reaches_the_draw() -> None:
    session = lived(library_of(gut=region("ill well", go("heals", "ill", "well", median="4 d"))), 3)
    draw = Fate(3).exponential(stream_key("hazard:gut.heals"))
    assert course(session, "gut")[1:] == [(math.ceil(draw / (math.log(2) / (4 * DAY))), "well")]


def test_half_of_the_patients_leave_by_the_median() -> None:
    scenario = library_of(gut=region("ill well", go("heals", "ill", "well", median="4 d")))
    chart = compile_chart(scenario)
    left = sum(course(_waited(scenario, seed, chart), "gut")[-1][0] <= 4 * DAY for seed in range(600))
    assert abs(left / 600 - 0.5) < 0.08


def _waited(scenario, seed, chart) -> Session:
    session = Session(scenario, seed, chart=chart)
    session.apply(Wait(None))
    return session


def test_a_risk_is_met_by_its_share_in_its_time() -> None:
    scenario = library_of(gut=region("well ill", go("falls_ill", "well", "ill", risk="15% by 50 d")))
    chart = compile_chart(scenario)
    ill = sum(any(at <= 50 * DAY for at, s in course(_waited(scenario, n, chart), "gut")[1:]) for n in range(800))
    assert abs(ill / 800 - 0.15) < 0.05


def test_a_modifier_multiplies_only_while_it_holds() -> None:
    slow = {"x": 0.1, "when": {"effect": "fluids"}, "assumed": "toy"}
    scenario = library_of(gut=region("ill well", go("heals", "ill", "well", median="1 d", modifiers=[slow])))
    free, held = (
        course(lived(scenario, 5), "gut")[-1][0],
        course(lived(scenario, 5, PlaceOrder("fluids")), "gut")[-1][0],
    )
    assert held == pytest.approx(10 * free, rel=1e-3)
    late = lived(scenario, 5, Wait(free // 2), PlaceOrder("fluids"), Wait(100), StopTherapy("fluids"))
    assert course(late, "gut")[-1][0] == pytest.approx(free + 90, abs=1)


def test_exposure_used_before_a_guard_closed_counts_when_it_opens_again() -> None:
    scenario = library_of(
        gut=region("ill well", go("heals", "ill", "well", median="10 d", when={"not": {"running": "fluids"}}))
    )
    free = course(lived(scenario, 5), "gut")[-1][0]
    paused = lived(scenario, 5, Wait(1000), PlaceOrder("fluids"), Wait(5000), StopTherapy("fluids"))
    assert course(paused, "gut")[-1][0] == free + 5000


def test_a_stay_lasts_as_long_as_it_says() -> None:
    scenario = library_of(gut=region("ill well", go("heals", "ill", "well", after="12 d")))
    assert course(lived(scenario), "gut") == [(0, "ill"), (12 * DAY, "well")]


def test_a_ranged_stay_is_drawn_anew_at_each_entry_and_kept_within_its_range() -> None:
    gut = region("ill well", go("heals", "ill", "well", after="2 d..4 d"), go("again", "well", "ill", after="1 d"))
    times = [at for at, _ in course(lived(library_of(gut=gut)), "gut")]
    stays = [b - a for a, b in zip(times[::2], times[1::2], strict=False)]
    assert all(2 * DAY <= stay <= 4 * DAY for stay in stays)
    assert len(set(stays)) > 5


def test_a_stay_whose_guard_is_shut_ends_when_the_guard_opens() -> None:
    scenario = library_of(
        gut=region("ill well", go("heals", "ill", "well", after="1 d", when={"running": "fluids"})),
    )
    assert course(lived(scenario, 1, Wait(3 * DAY), PlaceOrder("fluids")), "gut")[-1] == (3 * DAY, "well")
    early = lived(scenario, 1, PlaceOrder("fluids"))
    assert course(early, "gut")[-1] == (DAY, "well")


def test_an_event_fires_in_its_own_minute_and_sets_off_others() -> None:
    scenario = library_of(
        gut=region("ill well", go("heals", "ill", "well", on={"start": "advice"})),
        skin=region("red pale", go("fades", "red", "pale", on={"enter": {"gut": "well"}})),
    )
    session = lived(scenario, 1, Wait(100), PlaceOrder("advice"))
    assert course(session, "gut")[-1] == (*course(session, "skin")[-1][:1], "well")
    assert course(session, "skin")[-1] == (100, "pale")


@pytest.mark.parametrize(
    ("on", "moves", "at"),
    [
        ({"start": "insulin"}, [PlaceOrder("insulin")], 0),
        ({"effect": "insulin"}, [PlaceOrder("insulin")], 10),
        ({"stop": "insulin"}, [PlaceOrder("insulin"), Wait(60), StopTherapy("insulin")], 60),
        ({"stop": "bolus"}, [PlaceOrder("bolus")], 30),
        ({"result": "sugar"}, [PlaceOrder("sugar")], 10),
    ],
)
def test_each_kind_of_event_can_be_waited_for(on, moves, at) -> None:
    session = lived(library_of(gut=region("ill well", go("heals", "ill", "well", on=on))), 1, *moves)
    assert course(session, "gut")[-1] == (at, "well")


def test_only_the_first_transition_of_a_region_answers_an_event() -> None:
    gut = region(
        "a b c d",
        go("shut", "a", "d", on={"start": "advice"}, when={"running": "fluids"}),
        go("first", "a", "b", on={"start": "advice"}),
        go("second", ["a", "b"], "c", on={"start": "advice"}),
    )
    assert course(lived(library_of(gut=gut), 1, PlaceOrder("advice")), "gut") == [(0, "a"), (0, "b")]


def test_a_chance_is_taken_by_its_share_of_patients_and_asked_afresh_each_time() -> None:
    scenario = library_of(gut=region("ill well", go("heals", "ill", "well", on={"start": "advice"}, chance="30%")))
    once = [len(course(lived(scenario, seed, PlaceOrder("advice")), "gut")) - 1 for seed in range(400)]
    assert abs(sum(once) / 400 - 0.3) < 0.08
    often = [len(course(lived(scenario, seed, *[PlaceOrder("advice")] * 30), "gut")) - 1 for seed in range(50)]
    assert sum(often) >= 49


def test_regions_begin_by_their_mix() -> None:
    scenario = library_of(gut=region("ill well", initial={"ill": "25%", "well": "75%"}))
    ill = sum(course(Session(scenario, seed), "gut") == [(0, "ill")] for seed in range(600))
    assert abs(ill / 600 - 0.25) < 0.06


def test_an_outcome_ends_the_case_in_that_minute() -> None:
    life = region("alive dead", go("dies", "alive", "dead", after="2 d", call="He has died."), outcomes="dead")
    session = lived(library_of(life=life))
    assert session.log[-1] == CaseEnded(2 * DAY, "outcome", "home", 1.0, handed_over=False)
    assert [event.text for event in of_type(session, Called)] == ["He has died."]


def test_a_call_reveals_what_conditions_can_ask_for() -> None:
    scenario = library_of(
        gut=region("well ill", go("falls", "well", "ill", after="1 d", call="He vomits.", reveals="vomiting")),
        skin=region("pale red", go("flushes", "pale", "red", after="5 min", when={"told": "vomiting"})),
    )
    assert course(lived(scenario), "skin")[-1] == (DAY, "red")


def test_an_age_band_opens_on_the_birthday() -> None:
    scenario = library_of(
        gut=region("well ill", go("falls", "well", "ill", after="1 h", when={"age": {"from": "28 d"}}))
    )
    assert course(lived(scenario), "gut")[-1] == (7 * DAY, "ill")  # the toy patient is three weeks old


def test_a_dose_and_a_level_open_guards() -> None:
    levels = {"levels": [{"therapy": "fluids", "observable": "glucose", "per_amount": 4, "assumed": "toy", "factors":
              [{"x": 3, "when": {"running": "insulin"}, "assumed": "toy"}]}]}  # fmt: skip
    scenario = library_of(
        levels,
        gut=region(
            "well ill", go("falls", "well", "ill", after="1 h", when={"level": {"therapy": "fluids", "above": 5}})
        ),
        skin=region(
            "pale red", go("flushes", "pale", "red", after="1 h", when={"dose": {"therapy": "fluids", "above": 1}})
        ),
    )
    low = lived(scenario, 1, PlaceOrder("fluids", "low"), Wait(DAY), PlaceOrder("insulin"))
    assert course(low, "gut")[-1] == (DAY, "ill")  # 0.5 x 4 is below 5 until insulin triples it
    assert course(low, "skin") == [(0, "pale")]
    assert course(lived(scenario, 1, PlaceOrder("fluids", "high")), "skin")[-1] == (60, "red")


def test_at_least_counts_conditions() -> None:
    few = {
        "at_least": {"n": 2, "of": [{"in": {"gut": "ill"}}, {"running": "fluids"}, {"any": [{"running": "poison"}]}]}
    }
    scenario = library_of(
        gut=region("ill"), skin=region("pale red", go("flushes", "pale", "red", after="1 h", when=few))
    )
    assert course(lived(scenario), "skin") == [(0, "pale")]
    assert course(lived(scenario, 1, PlaceOrder("poison")), "skin")[-1] == (60, "red")


def test_states_that_follow_one_another_for_ever_are_a_fault_of_the_case() -> None:
    gut = region("a b", go("there", "a", "b", after="0 min"), go("back", "b", "a", after="0 min"))
    with pytest.raises(CaseFault, match=r"gut\.(there|back)"):
        lived(library_of(gut=gut))


def test_two_doctors_of_one_patient_share_what_they_do_not_touch() -> None:
    gut = region("a b", go("on", "a", "b", median="3 d"), go("off", "b", "a", median="2 d"))
    scenario = library_of(gut=gut, skin=region("red pale", go("fades", "red", "pale", on={"start": "advice"})))
    left, right = lived(scenario, 9), lived(scenario, 9, PlaceOrder("advice"), PlaceOrder("look"), Finish())
    assert course(left, "gut") == course(right, "gut")
