"""Growth by the WHO: the tables that are carried, z-scores as its own program gives them, a body that has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tinycase
from sim.case.growth import Table, lms
from sim.case.model.catalogue import Observable, Reference
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, Wait
from sim.engine.formulas import at_sd, lms_z
from sim.engine.growth import Measure, median, z_score
from sim.engine.kernel import PATHWAY, compile_program
from sim.engine.log import ResultReturned
from sim.engine.pool import read_points
from sim.engine.session import Session
from smalldisease import TOY, go, library_of, of_type, region
from test_kernel import agree
from test_pools import said

DAY, MONTH = 1440, 43830
sexes = st.sampled_from(("male", "female"))


@pytest.mark.parametrize(
    ("months", "boy", "girl"),
    [(0, 3.3464, 3.2322), (1, 4.4709, 4.1873), (12, 9.6479, 8.9481), (24, 12.1515, 11.4775), (60, 18.3366, 18.2193),
     (84, 22.8943, 22.3773), (120, 31.1586, 31.8578), (400, 31.1586, 31.8578)],
)  # fmt: skip
def test_the_median_weight_is_the_whos_and_flat_beyond_its_table(months: int, boy: float, girl: float) -> None:
    assert median("weight", "male", months * MONTH) == pytest.approx(boy, rel=2e-4)
    assert median("weight", "female", months * MONTH) == pytest.approx(girl, rel=2e-4)


@pytest.mark.parametrize("table", get_args(Table))
@pytest.mark.parametrize("sex", ["male", "female"])
def test_a_table_says_where_it_is_from_and_runs_from_its_beginning_to_its_end(table: Table, sex: str) -> None:
    curves = lms(table, sex)
    ends = {
        "weight_for_age": (0, 3652.5), "length_for_age": (0, 6939.75), "bmi_for_age": (0, 6939.75),
        "head_for_age": (0, 1826), "weight_for_length": (45, 110), "weight_for_height": (65, 120),
    }  # fmt: skip
    for curve in curves:
        places = [x for x, _ in curve]
        assert (places[0], places[-1]) == ends[table]
        assert places == sorted(set(places))
    assert all(y > 0 for curve in (curves.m, curves.s) for _, y in curve)


@pytest.mark.parametrize(
    ("formula", "of", "sex", "days", "z"),
    [
        ("length_for_age_z", (72.86 - 0.7,), "male", 987, -6.09),  # standing, as the WHO's program takes it
        ("length_for_age_z", (60.0,), "male", 8 * 30.4375, -4.81),
        ("length_for_age_z", (77.5,), "female", 731, -2.55),
        ("weight_for_age_z", (20.5,), "female", 60.911701 * 30.4375, 0.79),
        ("bmi_for_age_z", (20.5, 113.6), "female", 60.911701 * 30.4375, 0.42),
        ("length_for_age_z", (113.6,), "female", 60.911701 * 30.4375, 0.85),
    ],
)
def test_z_scores_are_those_of_the_whos_own_program(
    formula: str, of: tuple[float, ...], sex: str, days: float, z: float
) -> None:
    assert z_score(formula, of, sex, round(days * DAY)) == pytest.approx(z, abs=0.02)


def test_weight_for_length_reads_the_lying_table_to_730_days_and_then_the_standing_one() -> None:
    tables: tuple[tuple[int, Table], ...] = ((730, "weight_for_length"), (731, "weight_for_height"))
    read = {days: lms_z(12.0, *(read_points(curve, 85.0) for curve in lms(table, "male"))) for days, table in tables}
    assert read[731] < read[730]
    for days, z in read.items():
        assert z_score("weight_for_length_z", (12.0, 85.0), "male", days * DAY) == z


@given(st.floats(-0.8, 1.2), st.floats(2, 60), st.floats(0.03, 0.16), st.floats(-3, 3))
def test_a_z_score_is_the_inverse_of_its_measure(power: float, middle: float, spread: float, z: float) -> None:
    assert lms_z(at_sd(power, middle, spread, z), power, middle, spread) == pytest.approx(z, abs=1e-5)


@given(st.floats(-0.8, 1.2), st.floats(0.03, 0.16), st.floats(0.1, 400), st.floats(0.1, 400))
def test_more_is_never_a_lower_z_score_and_beyond_three_the_steps_are_even(
    power: float, spread: float, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert lms_z(low, power, 20.0, spread) <= lms_z(high, power, 20.0, spread) + 1e-9
    two, three = (at_sd(power, 20.0, spread, z) for z in (2.0, 3.0))
    assume(three - two > 1e-6)
    assert lms_z(three + 2 * (three - two), power, 20.0, spread) == pytest.approx(5.0, abs=1e-6)


@given(sexes, st.integers(0, 8000))
def test_the_median_has_the_z_score_0(sex: str, days: int) -> None:
    age = days * DAY
    measures: tuple[Measure, ...] = ("weight", "length", "head")
    for measure in measures:
        assert z_score(f"{measure}_for_age_z", [median(measure, sex, age)], sex, age) == pytest.approx(0, abs=1e-9)


# --- in a body -------------------------------------------------------------------------------------------------------


def measured(scenario: Scenario, **decimals: int) -> Scenario:
    """The same with tools without noise for these observables, which the nurses use every six hours by `look`."""
    tools = {
        name: Observable(id=name, name=name, short=name[:8], unit="", kind="bedside", decimals=places, settles="1 h",
                         floor=-20, bands=(Reference(normal=4),), noise=0.0, **TOY)
        for name, places in decimals.items()
    }  # fmt: skip
    catalogue = scenario.catalogue
    look = catalogue.orders["look"].model_copy(update={"measures": tuple(decimals), "takes": 0, "every": 360})
    changed = {"observables": catalogue.observables | tools, "orders": catalogue.orders | {"look": look}}
    return scenario.model_copy(update={"catalogue": catalogue.model_copy(update=changed)})


GROWN: dict[str, Any] = {
    "length": {"sum": [{"median": "length"}, {"plus": -2.0}]},
    "weight_z": {"formula": "weight_for_age_z"},
    "length_z": {"formula": "length_for_age_z"},
    "slim_z": {"formula": "weight_for_length_z"},
}


def grown(**gut: Any) -> Scenario:
    scenario = library_of({"observables": GROWN}, **gut)
    return measured(scenario, weight=3, length=1, weight_z=2, length_z=2, slim_z=2)


def shown(session: Session) -> dict[str, float]:
    session.apply(PlaceOrder("look"))
    result = of_type(session, ResultReturned)[-1]
    assert isinstance(result, ResultReturned)
    return {m.observable: m.value for m in result.measurements}


def test_a_body_has_z_scores_that_follow_from_what_is_measured() -> None:
    session = Session(grown(gut=region("still", still={"growth": {"share": 0}})), 1)
    before = shown(session)
    assert before["weight_z"] == round(z_score("weight_for_age_z", [3.0], "male", tinycase.AGE), 2)
    session.apply(Wait(60 * DAY))
    after = shown(session)
    age = tinycase.AGE + session.now
    assert after["length"] == round(median("length", "male", age) - 2, 1)
    assert after["weight_z"] == round(z_score("weight_for_age_z", [after["weight"]], "male", age), 2)
    assert after["slim_z"] == round(z_score("weight_for_length_z", [after["weight"], after["length"]], "male", age), 2)
    assert after["weight_z"] < before["weight_z"] - 2


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_kernel_and_session_read_one_growth(seed: int) -> None:
    """Each step waits for another z-score, and falls due in the same minute of both."""
    ill = {"growth": {"share": 0.2, "loss": 3}}
    scenario = grown(gut=region("well ill", go("falls_ill", "well", "ill", median="9 d"), ill=ill))
    bounds = [("weight_z", -2.5), ("weight_z", -3.5), ("length_z", -1.0), ("slim_z", -1.0), ("slim_z", -4.0)]
    steps = [
        tinycase.step(f"at_{i}", order, when={"shows": {"observable": name, "below": bound}})
        for i, ((name, bound), order) in enumerate(
            zip(bounds, ("sugar", "gene", "scan", "advice", "story"), strict=True)
        )
    ]
    case = scenario.case.model_copy(update={"pathway": (tinycase.step("look", "look"), *steps), "horizon": 90 * DAY})
    agree(compile_program(scenario.model_copy(update={"case": case})), seed, PATHWAY)


def test_check_misses_what_a_formula_takes_by_default(tmp_path: Path) -> None:
    assert ("formula", 2) in said(tmp_path, "observables:\n  systolic: {formula: length_for_age_z}\n")
