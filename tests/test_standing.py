"""Standing orders: ordered once, carried out again and again by the nurses, who call when a value leaves its limits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sim.case.library import load_catalogue
from sim.case.limit_typed import limit_typed
from sim.case.limits import limits_read, written_limits
from sim.case.model.case import Limits
from sim.case.model.conditions import Condition
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, SetLimits, StopTherapy, Wait, from_plain, to_plain
from sim.engine.kernel import Plan, compile_program, tape
from sim.engine.kernel.plan import moves_of
from sim.engine.log import Called, Charted, LimitsSet, ResultReturned
from sim.engine.session import IllegalMove, Session
from smalldisease import TOY, library_of, of_type, region, tupled
from tinycase import step

HOUR, DAY = 60, 1440


def falling(**limits: Any) -> Scenario:
    """A glucose that falls by 2 mmol/L an hour from 9, and an order to measure it every hour."""
    pool = {"name": "Glucose", "unit": "mmol/L", "initial": 9, "flows": [{"rate": "-2 /h"}], **TOY,
            "bands": {"low": "below 0", "there": "above 0"}}  # fmt: skip
    scenario = library_of({"pools": {"glucose": pool}, "observables": {"glucose": {"sum": [{"pool": "glucose"}]}}},
                          nothing=region("calm"))  # fmt: skip
    orders, observables = scenario.catalogue.orders, scenario.catalogue.observables
    hourly = orders["sugar"].model_copy(update={"every": HOUR, "lasts": DAY, "turnaround": 0, "takes": 0})
    quiet = observables["glucose"].model_copy(update={"noise": 0.0, "decimals": 1, "critical_low": 2.6})
    catalogue = scenario.catalogue.model_copy(
        update={"orders": orders | {"sugar": hourly}, "observables": observables | {"glucose": quiet}}
    )
    case = scenario.case.model_copy(update={"limits": {name: Limits(**bound) for name, bound in limits.items()}})
    return scenario.model_copy(update={"catalogue": catalogue, "case": case})


def charted(session: Session) -> list[tuple[int, float]]:
    return [(e.at, e.measurements[0].value) for e in session.log if isinstance(e, ResultReturned)]


def test_ordered_once_it_is_a_value_an_hour() -> None:
    session = Session(falling(), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(4 * HOUR))
    assert charted(session) == [(0, 9.0), (60, 7.0), (120, 5.0), (180, 3.0), (240, 1.0)]
    assert len(of_type(session, Charted)) == 4


def test_what_the_order_is_is_said_once() -> None:
    scenario = falling()
    told = scenario.catalogue.orders["sugar"].model_copy(update={"normal": "Every hour from now on."})
    catalogue = scenario.catalogue.model_copy(update={"orders": scenario.catalogue.orders | {"sugar": told}})
    session = Session(scenario.model_copy(update={"catalogue": catalogue}), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(2 * HOUR))
    texts = [event.text for event in session.log if isinstance(event, ResultReturned)]
    assert texts == ["Every hour from now on.", "", ""]


def test_what_is_charted_stops_no_clock_and_a_value_beyond_its_limits_does() -> None:
    session = Session(falling(), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(None, "call"))
    assert session.now == 4 * HOUR
    assert [event.text for event in session.log if isinstance(event, Called)] == [
        "The nurse calls: glucose is 1.0 mmol/L."
    ]


def test_the_case_sets_limits_of_its_own() -> None:
    session = Session(falling(glucose={"below": 5.5}), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(None, "call"))
    assert session.now == 2 * HOUR


def test_nobody_calls_about_a_value_that_the_learner_has_just_been_shown() -> None:
    session = Session(falling(glucose={"above": 6.5}), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(3 * HOUR))
    assert of_type(session, Called) == []


def test_they_call_once_for_each_time_it_leaves_its_limits() -> None:
    session = Session(falling(glucose={"below": 5.5}), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(6 * HOUR))
    assert len(of_type(session, Called)) == 1


def test_it_ends_when_it_is_stopped_and_when_its_time_is_over() -> None:
    session = Session(falling(), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(90))
    session.apply(StopTherapy("sugar"))
    session.apply(Wait(DAY))
    assert [at for at, _ in charted(session)] == [0, 60]
    session = Session(falling(), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(3 * DAY))
    assert [at for at, _ in charted(session)][-1] == 23 * HOUR


def test_ordered_again_it_starts_its_hours_anew() -> None:
    session = Session(falling(), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(30))
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(100))
    assert [at for at, _ in charted(session)] == [0, 30, 90]


@pytest.mark.parametrize("limits", [{}, {"below": 6, "above": 4}])
def test_limits_that_bound_nothing_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected 'below'"):
        Limits.model_validate(tupled(limits))


# --- limits of the learner's own, and the laboratory ---------------------------------------------------------------


def called(session: Session) -> list[tuple[int, str]]:
    return [(event.at, event.text) for event in session.log if isinstance(event, Called)]


def test_the_learner_sets_limits_of_his_own_at_no_cost_of_time() -> None:
    session = Session(falling(), 1)
    session.apply(PlaceOrder("sugar"))
    events = session.apply(SetLimits((("glucose", 6.0, 15.0),)))
    assert events == (LimitsSet(0, "glucose", 6.0, 15.0),)
    session.apply(Wait(None, "call"))
    assert session.now == 2 * HOUR
    assert called(session) == [(120, "The nurse calls: glucose is 5.0 mmol/L.")]


def test_limits_taken_back_are_those_of_the_case_again() -> None:
    session = Session(falling(glucose={"below": 3.5}), 1)
    for move in (PlaceOrder("sugar"), SetLimits((("glucose", 8.0, None),)), SetLimits((("glucose", None, None),))):
        session.apply(move)
    session.apply(Wait(None, "call"))
    assert session.now == 3 * HOUR


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ((), "one value or more"),
        ((("glucose", 1.0, 2.0), ("glucose", 1.0, 3.0)), "each once"),
        ((("glucose", 5.0, 5.0),), "the lower limit must be under the upper"),
        ((("pulse", 5.0, None),), "no standing order measures 'pulse'"),
        ((("glucosse", 5.0, None),), "no standing order measures 'glucosse'"),
    ],
)
def test_limits_that_bound_nothing_are_no_move(limits: Any, message: str) -> None:
    session = Session(falling(), 1)
    with pytest.raises(IllegalMove, match=message):
        session.apply(SetLimits(limits))
    assert of_type(session, LimitsSet) == []


def test_a_log_s_limits_are_moves_again_and_survive_being_stored() -> None:
    session = Session(falling(), 1)
    move = SetLimits((("glucose", 6.0, None),))
    session.apply(move)
    assert moves_of(session.log) == (move,)
    assert from_plain(json.loads(json.dumps(to_plain(move)))) == move
    with pytest.raises(ValueError, match="expected a move"):
        from_plain({"limits": {"glucose": [6, "x"]}})


@pytest.mark.parametrize(
    ("text", "bounds"),
    [("6..15", (6, 15)), ("below 6", (6, None)), ("above 15", (None, 15)), ("off", (None, None)), ("-10..5", (-10, 5))],
)
def test_limits_are_read_and_written(text: str, bounds: tuple[float | None, float | None]) -> None:
    assert limits_read(text) == bounds
    assert written_limits(*bounds) == text


@pytest.mark.parametrize("text", ["15..6", "6", "banana", "", "6..", "below", None, 6])
def test_what_are_no_limits_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        limits_read(text)


def test_limits_are_typed_by_any_name_of_the_value() -> None:
    catalogue = falling().catalogue
    for typed in ("glucose 6 15", "Glu 6 15", "Glucose 6..15"):
        assert limit_typed(catalogue, typed) == SetLimits((("glucose", 6.0, 15.0),))
    assert limit_typed(catalogue, "glucose - 15") == SetLimits((("glucose", None, 15.0),))
    assert limit_typed(catalogue, "glucose off") == SetLimits((("glucose", None, None),))
    for typed in ("", "glucose", "pulse 6 15", "glucose 15 6", "glucose six 15"):
        with pytest.raises(ValueError, match="expected"):
            limit_typed(catalogue, typed)


def laboratory(turnaround: int) -> Scenario:
    scenario = falling()
    sugar = scenario.catalogue.orders["sugar"].model_copy(
        update={"every": None, "lasts": None, "turnaround": turnaround}
    )
    catalogue = scenario.catalogue.model_copy(update={"orders": scenario.catalogue.orders | {"sugar": sugar}})
    return scenario.model_copy(update={"catalogue": catalogue})


def test_the_laboratory_telephones_a_critical_value_once_an_excursion_and_quotes_what_was_sampled() -> None:
    session = Session(laboratory(20), 1)
    for at in (0, 200, 230, 260):  # 9, 2.3, 1.3 and 0.3 mmol/L
        session.apply(Wait(at - session.now)) if at > session.now else None
        session.apply(PlaceOrder("sugar"))
    session.apply(Wait(None, "call"))
    assert called(session) == [(220, "The laboratory telephones: Glucose 2.3 mmol/L.")]
    sampled = next(e for e in session.log if isinstance(e, ResultReturned) and e.at == 220)
    assert (sampled.sampled, sampled.measurements[0].value) == (200, 2.3)


def test_nobody_telephones_what_was_measured_at_the_bedside() -> None:
    session = Session(laboratory(1), 1)
    session.apply(Wait(230))
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(None, "call"))
    assert session.now == 231
    assert called(session) == []


def test_a_standing_order_of_the_laboratory_charts_what_it_sampled_when_that_is_back() -> None:
    scenario = falling(glucose={"below": 5.5})
    sugar = scenario.catalogue.orders["sugar"].model_copy(update={"turnaround": 20})
    catalogue = scenario.catalogue.model_copy(update={"orders": scenario.catalogue.orders | {"sugar": sugar}})
    session = Session(scenario.model_copy(update={"catalogue": catalogue}), 1)
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(3 * HOUR))
    assert charted(session) == [(20, 9.0), (80, 7.0), (140, 5.0)]
    assert called(session) == [(140, "The nurse calls: glucose is 5.0 mmol/L.")]


@pytest.mark.slow
def test_the_limits_hold_in_session_and_kernel() -> None:
    pytest.importorskip("numba")
    scenario = falling()
    plan = Plan(follows=True, moves=(PlaceOrder("sugar"), SetLimits((("glucose", 6.0, None),)), Wait(None, "call")))
    look = step("look", "look", when=Condition(shows={"observable": "glucose", "below": 6}), within="1 h")
    case = scenario.case.model_copy(update={"pathway": (look,)})
    program = compile_program(scenario.model_copy(update={"case": case}))
    assert program.compiled
    assert (120, "placed", "look") in tape(program, 1, plan)
    assert tape(program, 1, plan) == tape(compile_program(program.scenario, by_sessions=True), 1, plan)


def test_every_standing_order_of_the_catalogue_charts_and_calls() -> None:
    catalogue = load_catalogue()
    standing = {order.id: order for order in catalogue.orders.values() if order.every is not None}
    assert {"hourly_observations", "neuro_observations", "hourly_glucose", "cardiac_monitoring", "strict_fluid_balance",
            "daily_weights", "daily_refeeding_bloods"} <= set(standing)  # fmt: skip
    for order in standing.values():
        assert order.measures
        assert order.lasts is not None
        assert order.turnaround < (order.every or 0) < order.lasts
