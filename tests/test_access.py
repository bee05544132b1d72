"""Ways into a vein: what needs one is refused without, stops when the last one ends, and goes on with the next."""

from __future__ import annotations

from typing import Any

from scoring.assess.timeline import placements
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, StopTherapy, Wait
from sim.engine.fate import Fate, stream_key
from sim.engine.log import Called, OrderRefused, OrderWithdrawn, TherapyStarted, TherapyStopped
from sim.engine.policy import following, play
from sim.engine.session import Session
from smalldisease import of_type
from test_nursing import played, started, ward
from tinycase import step

LINE: dict[str, Any] = {"access": "central", "cost": 4}


def veins(**changes: dict[str, Any]) -> Scenario:
    """Toys that hang on a line (`line`) or a cannula (`bolus`, which runs 30 minutes)."""
    toys: dict[str, Any] = {
        "fluids": {"via": "iv"}, "insulin": {"via": "central"}, "line": LINE, "bolus": {"access": "iv"},
    }  # fmt: skip
    return ward(**{name: toys.get(name, {}) | changes.get(name, {}) for name in {*toys, *changes}})


def ended(session: Session) -> list[tuple[int, str, str]]:
    return [(e.at, e.therapy, e.by) for e in session.log if isinstance(e, TherapyStopped)]


def calls(session: Session) -> list[str]:
    return [event.text for event in session.log if isinstance(event, Called)]


def test_what_needs_a_vein_is_refused_without_one_and_told_what_to_order() -> None:
    session = played(veins(), PlaceOrder("fluids"), PlaceOrder("insulin"))
    assert [e.reason for e in session.log if isinstance(e, OrderRefused)] == [
        "There is no way into a vein. Order first: bolus or line.",
        "There is no way into a great vein. Order first: line.",
    ]
    assert session.access_for("fluids") == "bolus"
    session.apply(PlaceOrder("bolus"))
    session.apply(PlaceOrder("fluids"))
    assert started(session) == [(0, "bolus"), (0, "fluids")]
    assert session.access_for("insulin") == "line"


def test_what_hung_on_the_last_access_is_interrupted_and_somebody_says_so() -> None:
    session = played(veins(), PlaceOrder("bolus"), PlaceOrder("fluids"), Wait(60, "call"))
    assert ended(session) == [(30, "bolus", "course"), (30, "fluids", "access")]
    assert calls(session) == ["The nurse calls: the bolus is out. Interrupted until another is in: fluids."]
    assert session.now == 30
    assert [item.therapy for item in session.snapshot().interrupted] == ["fluids"]


def test_what_hangs_on_another_access_goes_on_without_a_gap() -> None:
    session = played(veins(), PlaceOrder("bolus"), PlaceOrder("fluids"), PlaceOrder("line"), Wait(60))
    assert ended(session) == [(30, "bolus", "course")]
    assert calls(session) == []


def test_a_great_vein_is_no_cannula() -> None:
    session = played(veins(), PlaceOrder("line"), PlaceOrder("insulin"), PlaceOrder("bolus"), PlaceOrder("fluids"))
    session.apply(StopTherapy("line"))
    assert ended(session) == [(0, "line", "learner"), (0, "insulin", "access")]


def test_it_goes_on_with_the_next_access_and_is_not_ordered_again() -> None:
    session = played(veins(), PlaceOrder("bolus"), PlaceOrder("fluids", "high"), Wait(60), PlaceOrder("bolus"))
    drips = [e for e in session.log if isinstance(e, TherapyStarted) and e.therapy == "fluids"]
    assert [(e.at, e.dose, e.resumed) for e in drips] == [(0, "high", False), (60, "high", True)]
    assert session.knowledge.last_ordered["fluids"] == 0
    assert len(placements(session.log, ["fluids"])) == 1


def test_a_course_that_is_over_meanwhile_does_not_go_on() -> None:
    session = played(veins(fluids={"via": "iv", "lasts": 40}), PlaceOrder("bolus"), PlaceOrder("fluids"), Wait(60))
    session.apply(PlaceOrder("bolus"))
    assert started(session) == [(0, "bolus"), (0, "fluids"), (60, "bolus")]
    assert session.snapshot().interrupted == ()


def test_what_is_interrupted_can_be_stopped() -> None:
    session = played(veins(), PlaceOrder("bolus"), PlaceOrder("fluids"), Wait(60), StopTherapy("fluids"))
    assert of_type(session, OrderWithdrawn) == [OrderWithdrawn(60, "fluids", (2,), "learner")]
    session.apply(PlaceOrder("bolus"))
    assert started(session)[-1] == (60, "bolus")
    assert len(placements(session.log, ["fluids"])) == 1  # it was given


def test_an_access_fails_when_fate_says_so_and_a_new_one_draws_anew() -> None:
    scenario = veins(line=LINE | {"fails": (60, 6_000)})
    session = played(scenario, PlaceOrder("line"), Wait(None, "call"), PlaceOrder("line"), Wait(None, "call"))
    first, second = (Fate(1).whole(stream_key("access:line"), 60, 6_000, k) for k in (0, 1))
    assert ended(session) == [(first, "line", "failure"), (first + second, "line", "failure")]
    assert calls(session) == ["The nurse calls: the line no longer runs."] * 2


def test_an_access_in_the_nurses_hands_counts_and_what_finds_none_is_withdrawn() -> None:
    scenario = veins(bolus={"access": "iv", "nurse": 5}, fluids={"via": "iv", "nurse": 40})
    session = played(scenario, PlaceOrder("bolus"), PlaceOrder("fluids"))
    assert of_type(session, OrderRefused) == []
    session.apply(Wait(60, "call"))
    assert session.now == 45  # the cannula ran for 30 of the 40 minutes
    assert of_type(session, OrderWithdrawn) == [OrderWithdrawn(45, "fluids", (2,), "access")]
    assert calls(session) == ["The nurse calls: nothing to give the fluids into. It was not given."]
    assert placements(session.log, ["fluids"]) == []


def test_the_pathway_finds_a_vein_itself_and_another_when_that_one_ends() -> None:
    scenario = veins()
    case = scenario.case.model_copy(update={"pathway": (step("drip", "fluids"),), "horizon": 100})
    session = Session(scenario.model_copy(update={"case": case}), 1)
    play(session, following())
    assert started(session)[:4] == [(0, "bolus"), (0, "fluids"), (30, "bolus"), (30, "fluids")]


def test_a_case_opens_with_what_runs_in_a_vein_that_is_given() -> None:
    scenario = veins()
    case = scenario.case.model_copy(update={"given": {"fluids": "low", "bolus": None}})
    session = Session(scenario.model_copy(update={"case": case}), 1)
    session.apply(Wait(60))
    assert ended(session) == [(30, "bolus", "course"), (30, "fluids", "access")]
