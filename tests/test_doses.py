"""A dose is a number with a unit: listed or typed within the range, changed while it runs, and read by the body."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import randomcase
import tinycase
from scoring.assess.patterns import first_match
from sim.case.checking.check import check
from sim.case.library import load_catalogue
from sim.case.model.catalogue import Catalogue, DoseOption, Kind, Order
from sim.case.model.conditions import Condition, Dose
from sim.case.model.pitfalls import During, Pattern
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StopTherapy, Wait
from sim.case.reading.movefile import read_moves
from sim.case.search import resolve
from sim.case.unit import Unit, unit_of
from sim.engine.kernel import compile_program, tape
from sim.engine.kernel.plan import Plan
from sim.engine.kernel.plan import check as check_plan
from sim.engine.kernel.program import written_by
from sim.engine.kernel.sessions import played as played_by
from sim.engine.log import EffectBegan, OrderPlaced, TherapyStarted, TherapyStopped, to_plain
from sim.engine.session import IllegalMove, Session
from sim.plain.lines import event_lines
from sim.words.dose import dose_for, far_from_usual, for_weight, known_weight, started
from tinycase import HOUR

pytestmark = pytest.mark.slow

RANGED: dict[str, Any] = {"doses": ("0.05 U/kg/h", "0.1 U/kg/h", "0.025 U/kg/h"), "range": (0.01, 1.0)}


def order(**more: Any) -> Order:
    return Order(id="insulin", name="Insulin", kind=Kind.THERAPY, group="Toys", takes="0 min", **more)


@pytest.fixture
def insulin() -> Order:
    return order(**RANGED)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def scenario() -> Scenario:
    """The toy case whose insulin is given in U/kg/h, with an onset of 10 minutes."""
    toy = tinycase.scenario()
    changed = {"doses": order(**RANGED).doses, "range": RANGED["range"]}
    orders = toy.catalogue.orders | {"insulin": toy.catalogue.orders["insulin"].model_copy(update=changed)}
    return toy.model_copy(update={"catalogue": toy.catalogue.model_copy(update={"orders": orders})})


def played(scenario: Scenario, *moves: Any) -> Session:
    session = Session(scenario, 1)
    for move in moves:
        session.apply(move)
    return session


# --- the catalogue --------------------------------------------------------------------------------------------


def test_the_short_form_of_a_dose_is_its_label_and_its_amount(insulin: Order) -> None:
    assert insulin.doses[0] == DoseOption(label="0.05 U/kg/h", amount=0.05)
    assert insulin.dose_unit == "U/kg/h"


def test_a_unit_is_taken_apart() -> None:
    assert unit_of("mL/kg over 20 min") == Unit("mL", "kg", "", "over 20 min")
    assert unit_of("ug/kg/min") == Unit("ug", "kg", "min", "")
    assert unit_of("% of target energy") == Unit("%", "", "", "of target energy")
    assert str(unit_of("mL/kg over 20 min")) == "mL/kg over 20 min"


@pytest.mark.parametrize("wrong", ["", "U/kg/hr", "drops", "mg/kg /h", "mg kg", "mg/day/kg", 5, "/kg"])
def test_what_is_no_unit_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="expected a unit such as"):
        unit_of(wrong)


def test_every_listed_dose_is_found_by_its_label_and_lies_within_its_range(catalogue: Catalogue) -> None:
    for each in catalogue.orders.values():
        for option in each.doses:
            assert each.find_dose(option.label) == option
            assert each.range is None or each.range[0] <= option.amount <= each.range[1], each.id


def test_every_infusion_by_weight_and_hour_can_be_typed_and_says_where_its_range_is_from(catalogue: Catalogue) -> None:
    for each in catalogue.orders.values():
        if each.dose_unit is not None and unit_of(each.dose_unit).time in ("min", "h"):
            assert each.bounds, each.id
        assert each.range is None or each.evidence or each.assumed, each.id


# --- what is typed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["0.07", "0,07", "0.070", ".07", "0.07 U/kg/h", "0.07U/kg/h", "0.07 units/kg/hr"])
def test_a_dose_within_the_range_has_one_label_however_it_is_typed(insulin: Order, typed: str) -> None:
    assert insulin.find_dose(typed) == DoseOption(label="0.07 U/kg/h", amount=0.07)


def test_a_typed_dose_that_is_listed_is_the_listed_one(catalogue: Catalogue) -> None:
    bolus = catalogue.orders["bolus_isotonic"]
    assert bolus.find_dose("20") == bolus.find_dose("20 mL/kg") == bolus.doses[1]
    assert bolus.find_dose("15") == DoseOption(label="15 mL/kg over 20 min", amount=15)
    assert catalogue.orders["pn_graded"].find_dose("45%") == DoseOption(label="45% of target energy", amount=45)
    assert catalogue.orders["glibenclamide"].find_dose("0.1 mg/kg twice a day").amount == 0.2  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("5", "Insulin can be given from 0.01 to 1 U/kg/h, not at 5 U/kg/h"),
        ("0", "Insulin can be given from 0.01 to 1 U/kg/h, not at 0 U/kg/h"),
        ("0.07 mg/kg/h", "Insulin is given in U/kg/h, not in mg/kg/h"),
        ("0.07 U/kg", "Insulin is given in U/kg/h, not in U/kg"),
        ("lots", "Insulin has no dose 'lots'; it has: 0.05 U/kg/h, 0.1 U/kg/h, 0.025 U/kg/h, or any from 0.01 to 1"),
        ("-0.07", "Insulin has no dose '-0.07'"),
        ("1e-1", "Insulin is given in U/kg/h, not in e-1"),
        ("٠.٠٧", "Insulin has no dose"),
    ],
)  # fmt: skip
def test_what_may_not_be_given_is_refused_in_words_and_nothing_changes(
    scenario: Scenario, typed: str, words: str
) -> None:
    session = Session(scenario, 1)
    before = session.log
    with pytest.raises(IllegalMove) as refused:
        session.apply(PlaceOrder("insulin", typed))
    assert words in str(refused.value)
    assert session.log == before


def test_an_order_without_a_range_takes_listed_doses_only() -> None:
    listed = order(doses=("10 mg/kg", "20 mg/kg"))
    assert listed.find_dose("20") == listed.doses[1]
    with pytest.raises(ValueError, match="Insulin has no dose '15'; it has: 10 mg/kg, 20 mg/kg"):
        listed.find_dose("15")


def test_a_plan_for_a_cohort_is_refused_for_the_same_dose(scenario: Scenario) -> None:
    check_plan(Plan(moves=(PlaceOrder("insulin", "0,5"),)), scenario)
    with pytest.raises(ValueError, match=r"not at 5 U/kg/h"):
        check_plan(Plan(moves=(PlaceOrder("insulin", "5"),)), scenario)


# --- what runs ------------------------------------------------------------------------------------------------


def test_the_log_has_the_label_of_a_typed_dose(scenario: Scenario) -> None:
    session = played(scenario, PlaceOrder("insulin", "0,07"))
    placed = next(event for event in session.log if isinstance(event, OrderPlaced))
    assert to_plain(placed)["dose"] == "0.07 U/kg/h"
    assert session.running[0].dose == "0.07 U/kg/h"


def test_conditions_read_the_amount_that_was_typed(scenario: Scenario) -> None:
    session = played(scenario, PlaceOrder("insulin", "0.07"))
    assert session.knowledge.dose_of("insulin") == 0.07
    assert session.knowledge.holds(Condition(dose=Dose(therapy="insulin", above=0.06, below=0.08)), session.now)
    assert session.knowledge.level_of("insulin", session.now) == pytest.approx(0.14)


def test_a_change_of_rate_is_told_as_one_and_begins_nothing_anew(scenario: Scenario) -> None:
    session = played(scenario, PlaceOrder("insulin"), Wait(HOUR), PlaceOrder("insulin", "0.07"), Wait(HOUR))
    assert [e.at for e in session.log if isinstance(e, EffectBegan)] == [10]
    stopped = [e for e in session.log if isinstance(e, TherapyStopped)]
    begun = [e for e in session.log if isinstance(e, TherapyStarted)]
    assert [(e.at, e.by) for e in stopped] == [(60, "dose")]
    assert [e.changes_dose for e in begun] == [False, True]
    lines = "\n".join(event_lines(scenario, session.log))
    assert "Rate changed: Insulin, from 0.05 U/kg/h to 0.07 U/kg/h" in lines
    assert "Stopped" not in lines and "Ended" not in lines


def test_the_same_dose_again_is_no_change(scenario: Scenario) -> None:
    session = played(scenario, PlaceOrder("insulin", "0.07"), PlaceOrder("insulin", "0.07 U/kg/h"))
    again = [event for event in session.log if isinstance(event, TherapyStarted)][1]
    assert not again.changes_dose
    assert started(scenario.catalogue.orders["insulin"], again) == ("Started again", "Insulin, 0.07 U/kg/h")


def test_what_is_given_by_the_day_changes_its_dose_not_its_rate() -> None:
    daily = order(doses=("1 mg/kg/day", "2 mg/kg/day"))
    first = tinycase.started(0, "insulin", "2 mg/kg/day")
    session = played(tinycase.scenario(), PlaceOrder("insulin", "low"), PlaceOrder("insulin", "high"))
    change = [event for event in session.log if isinstance(event, TherapyStarted)][1]
    assert started(daily, change) == ("Dose changed", "Insulin, from low to high")
    assert started(daily, first) == ("Started", "Insulin, 2 mg/kg/day")


def test_a_change_of_rate_is_no_stop_to_a_pattern(scenario: Scenario) -> None:
    stops = Pattern(during=During(order="insulin", when=Condition(running="insulin"), stop=True))
    changed = played(scenario, PlaceOrder("insulin"), Wait(5), PlaceOrder("insulin", "0.07"), Wait(5))
    assert first_match(scenario, changed.log, stops) is None
    changed.apply(StopTherapy("insulin"))
    assert first_match(scenario, changed.log, stops) is not None


def test_what_a_dose_replaced_is_in_no_file(scenario: Scenario) -> None:
    session = played(scenario, PlaceOrder("insulin"), PlaceOrder("insulin", "0.07"))
    change = [event for event in session.log if isinstance(event, TherapyStarted)][1]
    assert set(to_plain(change)) == {"at", "event", "number", "therapy", "dose"}


def test_what_is_given_at_the_opening_may_be_any_dose_of_the_range(scenario: Scenario) -> None:
    case = scenario.case.model_copy(update={"given": {"insulin": "0.3"}})
    session = Session(scenario.model_copy(update={"case": case}), 1)
    assert session.knowledge.dose_of("insulin") == 0.3
    assert session.running[0].dose == "0.3 U/kg/h"


# --- what it is for this weight -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "unit", "words"),
    [
        (0.05, "U/kg/h", "0.16 U/h"),
        (20, "mL/kg", "62 mL"),
        (10, "mg/kg", "31 mg"),
        (20, "mL/kg over 20 min", "62 mL"),
        (0.67, "mL/kg/h", "2.1 mL/h"),
        (50, "mg/m2/day", "10 mg/day"),
        (1200, "mg/m2/day", "250 mg/day"),
        (0.02, "ug/kg/min", "0.062 ug/min"),
        (400, "IU/day", ""),
        (45, "% of target energy", ""),
    ],
)
def test_a_dose_is_told_for_the_weight(amount: float, unit: str, words: str) -> None:
    assert for_weight(amount, unit, 3.1) == words


def test_a_dose_that_has_no_unit_is_told_as_it_is(insulin: Order) -> None:
    assert dose_for(insulin, "0.05 U/kg/h", 3.1) == "0.05 U/kg/h (0.16 U/h)"
    assert dose_for(insulin, "0.05 U/kg/h", None) == "0.05 U/kg/h"
    assert dose_for(order(doses=(DoseOption(label="some", amount=1),)), "some", 3.1) == "some"
    assert dose_for(insulin, None, 3.1) is None


def test_the_weight_known_is_the_latest_on_the_scales(scenario: Scenario) -> None:
    log = Session(scenario, 1).log
    assert known_weight(log) == 3.0
    weighed = tinycase.result(5, "look", weight=3.4)
    assert known_weight((*log, weighed)) == 3.4
    assert known_weight(()) is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [("0.49", ""), ("0.5", "10 times the usual 0.05 U/kg/h"), ("1", "20 times the usual 0.05 U/kg/h"),
     ("0.01", ""), ("0.1", "")],
)  # fmt: skip
def test_only_a_dose_far_from_the_usual_is_asked_about(insulin: Order, typed: str, words: str) -> None:
    option = insulin.find_dose(typed)
    assert option is not None
    assert far_from_usual(insulin, option) == words


def test_a_tenth_of_the_usual_is_asked_about_unless_it_is_listed() -> None:
    steroid = order(doses=("2 mg/kg/day", "0.2 mg/kg/day"), range=(0.05, 5.0))
    tenth, listed = steroid.find_dose("0.1"), steroid.find_dose("0.2")
    assert tenth is not None and listed is not None
    assert far_from_usual(steroid, tenth) == "a 20th of the usual 2 mg/kg/day"
    assert far_from_usual(steroid, listed) == ""


# --- what is written ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["0.07", "0.07 U/kg/h", "'0,07'", "0.05 U/kg/h", "0.05", "1"])
def test_a_moves_file_may_say_any_dose_of_the_range(tmp_path: Path, catalogue: Catalogue, written: str) -> None:
    path = tmp_path / "moves.yaml"
    path.write_text(f"- order: {{id: insulin_infusion, dose: {written}}}\n", encoding="utf-8")
    (move,) = read_moves(path, catalogue, resolve)
    number = written.strip("'").replace(",", ".").removesuffix(" U/kg/h")
    assert move == PlaceOrder("insulin_infusion", f"{number} U/kg/h")


@pytest.mark.parametrize(("field", "dose"), [("dose: 7 mg/kg once a day", "dose: 500"), ("15 mg/kg", "500")])
def test_a_dose_of_a_case_that_may_not_be_given_is_named_at_its_line(tmp_path: Path, field: str, dose: str) -> None:
    tiny = shutil.copytree(Path(__file__).parent / "data" / "tiny", tmp_path / "tiny")
    path = tiny / "cases" / "tiny_case.yaml"
    text = path.read_text(encoding="utf-8")
    assert field in text
    path.write_text(text.replace(field, dose, 1), encoding="utf-8")
    (problem,) = check([path], root=tiny)
    assert "has no dose '500'" in problem.message
    assert problem.source_line.strip().endswith("500")
    assert problem.hint.startswith("its doses are")


# --- the kernel -----------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1))
def test_kernel_and_session_agree_to_the_minute_on_any_doses_and_changes_of_rate(number: int, seed: int) -> None:
    chance = Random(number)
    program = compile_program(randomcase.scenario(chance))
    assert program.compiled

    def change() -> tuple[Move, Move]:
        amount = round(chance.uniform(0.01, 50), chance.randint(1, 6))
        return PlaceOrder(chance.choice(("insulin", "poison")), str(max(amount, 0.01))), Wait(chance.randint(1, 900))

    moves = [move for _ in range(chance.randint(2, 9)) for move in change()]
    plan = Plan(follows=chance.random() < 0.5, moves=tuple(moves))
    session = played_by(program.scenario, program.chart, seed, plan, None, None, True)
    assert tape(program, seed, plan) == written_by(session)
