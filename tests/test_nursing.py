"""Doctor's and nurses' minutes: what the clock costs, when an order is carried out, and what is withdrawn."""

from __future__ import annotations

from typing import Any

import pytest

from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StopTherapy, Wait
from sim.engine.log import InHand, Log, OrderWithdrawn, ResultReturned, TherapyStarted
from sim.engine.nursing import Duty, Nursing, Work
from sim.engine.session import IllegalMove, Session
from sim.engine.standing import Standing
from sim.plain import lines
from smalldisease import library_of, of_type, region


def ward(nurses: int = 1, **changes: dict[str, Any]) -> Scenario:
    """Toys of which the named orders take others' minutes."""
    scenario = library_of(nothing=region("calm"))
    orders = {name: order.model_copy(update=changes.get(name, {})) for name, order in scenario.catalogue.orders.items()}
    return scenario.model_copy(update={
        "catalogue": scenario.catalogue.model_copy(update={"orders": orders}),
        "case": scenario.case.model_copy(update={"nurses": nurses}),
    })  # fmt: skip


DRIPS: dict[str, Any] = {"fluids": {"nurse": 3}, "insulin": {"nurse": 5}, "story": {"takes": 10}, "sugar": {"nurse": 2}}


def played(scenario: Scenario, *moves: Move) -> Session:
    session = Session(scenario, 1)
    for move in moves:
        session.apply(move)
    return session


def started(session: Session) -> list[tuple[int, str]]:
    return [(e.at, e.therapy) for e in session.log if isinstance(e, TherapyStarted)]


def test_an_order_with_only_nurses_minutes_costs_the_doctor_nothing_and_starts_when_she_has_finished() -> None:
    session = played(ward(**DRIPS), PlaceOrder("fluids"))
    assert (session.now, started(session)) == (0, [])
    session.apply(PlaceOrder("story"))
    assert (session.now, started(session)) == (10, [(3, "fluids")])


def test_one_nurse_works_in_the_order_given_and_two_beside_each_other() -> None:
    moves = (PlaceOrder("insulin"), PlaceOrder("fluids"), PlaceOrder("story"))
    assert started(played(ward(**DRIPS), *moves)) == [(5, "insulin"), (8, "fluids")]
    assert started(played(ward(2, **DRIPS), *moves)) == [(3, "fluids"), (5, "insulin")]


def test_the_doctors_minutes_come_first() -> None:
    session = played(ward(fluids={"takes": 4, "nurse": 3}), PlaceOrder("fluids"))
    assert (session.now, started(session)) == (4, [])
    session.apply(Wait(10))
    assert started(session) == [(7, "fluids")]


def test_a_sample_is_taken_when_the_nurse_has_finished_and_the_result_can_be_awaited_before() -> None:
    session = played(ward(**DRIPS), PlaceOrder("sugar"))
    assert session.awaits_result
    session.apply(Wait(None, "result"))
    (result,) = of_type(session, ResultReturned)
    assert isinstance(result, ResultReturned)
    assert (result.sampled, result.at, session.now) == (2, 12, 12)


def test_nobody_waits_for_a_result_of_a_drip() -> None:
    session = played(ward(**DRIPS), PlaceOrder("fluids"))
    with pytest.raises(IllegalMove, match="no result"):
        session.apply(Wait(None, "result"))


def test_what_the_nurses_have_in_hand_is_told_with_its_minutes() -> None:
    session = played(ward(**DRIPS), PlaceOrder("insulin", "high"), PlaceOrder("fluids", "low"))
    snapshot = session.snapshot()
    assert snapshot.nursing == (InHand(1, "insulin", "high", 0, 5), InHand(2, "fluids", "low", 5, 8))
    said = "\n".join(lines.running(session.scenario, snapshot))
    assert "Insulin, high, until Day 1 00:05" in said
    assert "Fluids, low, waits, from Day 1 00:05 to Day 1 00:08" in said
    assert "2 in the nurses' hands until Day 1 00:08" in lines.situation(snapshot)


def test_a_stop_withdraws_what_was_not_carried_out_and_she_begins_the_next() -> None:
    session = played(ward(**DRIPS), PlaceOrder("insulin"), PlaceOrder("fluids"), Wait(2), StopTherapy("insulin"))
    assert of_type(session, OrderWithdrawn) == [OrderWithdrawn(2, "insulin", (1,), "learner")]
    session.apply(Wait(10))
    assert started(session) == [(5, "fluids")]
    with pytest.raises(IllegalMove, match="not running"):
        session.apply(StopTherapy("insulin"))


def test_a_stop_of_what_runs_withdraws_its_dose_change_too() -> None:
    session = played(ward(**DRIPS), PlaceOrder("fluids", "low"), Wait(5), PlaceOrder("fluids", "high"), Wait(1))
    session.apply(StopTherapy("fluids"))
    session.apply(Wait(10))
    assert [(e.at, e.dose) for e in session.log if isinstance(e, TherapyStarted)] == [(3, "low")]
    assert of_type(session, OrderWithdrawn) == [OrderWithdrawn(6, "fluids", (2,), "stop")]


def test_what_is_in_hand_stands_until_it_is_withdrawn() -> None:
    def stands(log: Log) -> bool:
        return Standing(ward().catalogue.orders, log).by(["insulin"]) is not None

    session = played(ward(**DRIPS), PlaceOrder("insulin"))
    assert stands(session.log)
    session.apply(StopTherapy("insulin"))
    assert not stands(session.log)


def test_a_duty_that_was_withdrawn_is_nobodys() -> None:
    duties: list[Duty] = []
    nurses = Nursing(1, lambda _, duty: duties.append(duty))
    orders = ward(**DRIPS).catalogue.orders
    nurses.take(0, Work(1, orders["insulin"], None))
    assert nurses.withdraw(1, "insulin") == (1,)
    nurses.take(1, Work(2, orders["insulin"], None))
    assert [nurses.finish(5, duties[0]), nurses.finish(6, duties[1])] == [None, Work(2, orders["insulin"], None)]
