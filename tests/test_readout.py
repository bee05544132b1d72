"""Observables are read-outs: set-points, time constants, noise, growth, levels."""

import math

import pytest

import tinycase
from sim.case.model.catalogue import Observable, Reference
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, Wait
from sim.engine.growth import median
from sim.engine.log import Measurement, ResultReturned
from sim.engine.readout import added_up, band, reported
from sim.engine.session import Session
from smalldisease import go, library_of, of_type, region

HOUR, DAY = 60, 1440


def sugar_at(scenario: Scenario, minutes: int, *moves) -> float:
    """The sugar (settles in 1 h, no noise) asked for after so many minutes."""
    session = Session(scenario, 1)
    for move in moves:
        session.apply(move)
    if minutes > session.now:
        session.apply(Wait(minutes - session.now))
    session.apply(PlaceOrder("sugar"))
    session.apply(Wait(None, "result"))
    return of_type(session, ResultReturned)[-1].measurements[0].value


def test_at_the_opening_a_value_has_settled_at_its_set_point() -> None:
    scenario = library_of(gut=region("ill well", ill={"observables": {"glucose": {"set": 29}}}))
    assert sugar_at(scenario, 0) == 29


def test_a_value_is_two_thirds_of_the_way_after_its_time_constant() -> None:
    scenario = library_of(
        gut=region("ill well", go("heals", "ill", "well", after="2 h"), ill={"observables": {"glucose": {"set": 25}}})
    )
    assert sugar_at(scenario, 3 * HOUR) == pytest.approx(5 + 20 * math.exp(-1), abs=0.06)
    assert sugar_at(scenario, 20 * HOUR) == 5


def test_a_result_shows_the_patient_as_he_was_when_sampled() -> None:
    scenario = library_of(
        gut=region("ill well", go("heals", "ill", "well", after="5 min"), ill={"observables": {"glucose": {"set": 25}}})
    )
    assert sugar_at(scenario, 0) == 25  # it takes ten minutes to come back


def test_sets_come_first_then_scales_then_shifts_and_the_later_region_sets() -> None:
    scenario = library_of(
        {"effects": [{"therapy": "fluids", "observables": {"glucose": {"scale": 0.5}}, "assumed": "toy"}]},
        gut=region("a", a={"observables": {"glucose": {"set": 20}}}),
        skin=region("b", b={"observables": {"glucose": {"shift": 1}}}),
        lung=region("c", c={"observables": {"glucose": {"set": 30}}}),
    )
    assert sugar_at(scenario, 0) == 31
    assert sugar_at(scenario, 2 * DAY, PlaceOrder("fluids")) == 16


def test_a_therapy_acts_on_values_only_while_in_effect_and_under_its_condition() -> None:
    effect = {"therapy": "insulin", "when": {"in": {"gut": "ill"}}, "observables": {"glucose": {"shift": -2}}}
    ill = library_of({"effects": [effect | {"assumed": "toy"}]}, gut=region("ill"))
    well = library_of({"effects": [effect | {"assumed": "toy"}]}, gut=region("well ill"))
    assert sugar_at(ill, DAY, PlaceOrder("insulin")) == 3
    assert sugar_at(well, DAY, PlaceOrder("insulin")) == 5


def test_a_drug_level_follows_dose_and_interaction() -> None:
    level = {"therapy": "fluids", "observable": "glucose", "per_amount": 4, "assumed": "toy",
             "factors": [{"x": 2, "when": {"running": "insulin"}, "assumed": "toy"}]}  # fmt: skip
    scenario = library_of({"levels": [level]}, gut=region("ill"))
    assert sugar_at(scenario, DAY, PlaceOrder("fluids", "high")) == 8
    assert sugar_at(scenario, DAY, PlaceOrder("fluids", "low"), PlaceOrder("insulin")) == 4


def weighed(disease: Scenario, minutes: int) -> float:
    """The weight after so many minutes, on scales without noise."""
    scales = Observable(id="weight", name="Weight", short="Wt", unit="kg", kind="bedside", decimals=3, settles="1 h",
                        bands=(Reference(normal=4),), noise=0.0, assumed="toy")  # fmt: skip
    catalogue = disease.catalogue
    scan = catalogue.orders["look"].model_copy(update={"measures": ("weight",), "takes": 0})
    catalogue = catalogue.model_copy(
        update={"observables": catalogue.observables | {"weight": scales}, "orders": catalogue.orders | {"look": scan}}
    )
    session = Session(disease.model_copy(update={"catalogue": catalogue}), 1)
    if minutes:
        session.apply(Wait(minutes))
    session.apply(PlaceOrder("look"))
    return of_type(session, ResultReturned)[-1].measurements[0].value


def test_a_healthy_boy_grows_along_his_centile() -> None:
    scenario = library_of(gut=region("well"))
    growth = median("weight", "male", tinycase.AGE + 30 * DAY) / median("weight", "male", tinycase.AGE)
    assert weighed(scenario, 30 * DAY) == pytest.approx(3 * growth, abs=0.002)


def test_illness_stops_growth_and_costs_tissue_and_water() -> None:
    ill = {"growth": {"share": 0, "loss": 10}, "observables": {"weight": {"scale": 0.9}}}
    scenario = library_of(gut=region("ill", ill=ill))
    assert weighed(scenario, 0) == pytest.approx(2.7, abs=0.001)
    assert weighed(scenario, 10 * DAY) == pytest.approx(2.7 * math.exp(-0.1), abs=0.002)


def test_a_reference_band_ends_at_its_age() -> None:
    bands = (Reference(until="1 mo", normal=1), Reference(until="2 mo", normal=2))
    observable = tinycase.catalogue().observables["glucose"].model_copy(update={"bands": bands})
    assert [band(observable, age).normal for age in (0, 43829, 43830, 99999999)] == [1, 1, 2, 2]


def test_a_report_has_noise_limits_and_decimals() -> None:
    observable = (
        tinycase.catalogue().observables["glucose"].model_copy(update={"noise": 0.1, "ceiling": 9.0, "floor": 1.0})
    )
    assert reported(observable, 5.0, 0.0) == 5.0
    assert reported(observable, 5.0, 1.0) == 5.5
    assert reported(observable, 5.0, 20.0) == 9.0
    assert reported(observable, 5.0, -20.0) == 1.0
    assert str(reported(observable.model_copy(update={"floor": -1.0}), -0.0, 0.0)) == "0.0"


def test_every_minute_measures_with_new_noise_and_whatever_measures_in_one_minute_with_the_same() -> None:
    scenario = library_of(gut=region("ill"))
    noisy = scenario.catalogue.observables["glucose"].model_copy(update={"noise": 0.2})
    catalogue = scenario.catalogue.model_copy(
        update={"observables": scenario.catalogue.observables | {"glucose": noisy}}
    )
    scenario = scenario.model_copy(update={"catalogue": catalogue})

    def values(apart: int) -> list[float]:
        session = Session(scenario, 4)
        for _ in range(3):
            session.apply(PlaceOrder("sugar"))
            if apart:
                session.apply(Wait(apart))
        session.apply(Wait(60))
        return [event.measurements[0].value for event in of_type(session, ResultReturned)]

    assert values(5) == values(5)
    assert len(set(values(5))) == 3
    assert len(set(values(0))) == 1


def counted(*wholes: tuple[str, tuple[str, ...], int]) -> dict[str, Observable]:
    """Observables by id, each with its parts and its decimals."""
    glucose = tinycase.catalogue().observables["glucose"]
    return {
        name: glucose.model_copy(update={"id": name, "whole_of": parts, "decimals": decimals})
        for name, parts, decimals in wholes
    }


def test_a_whole_is_told_no_smaller_than_the_parts_beside_it() -> None:
    cells = counted(("all", ("t", "b"), 1), ("t", ("cd4", "cd8"), 2), ("b", (), 2), ("cd4", (), 2), ("cd8", (), 2))
    values = {"all": 3.0, "t": 2.0, "b": 1.0, "cd4": 1.61, "cd8": 0.42}
    assert added_up(cells, values) == values | {"t": 2.03, "all": 3.1}
    assert added_up(cells, {"t": 2.0, "cd4": 1.61}) == {"t": 2.0, "cd4": 1.61}, "what is not reported is not added"
    assert added_up(cells, {"all": 9.9, "b": 1.0, "t": 2.0}) == {"all": 9.9, "b": 1.0, "t": 2.0}


def test_a_value_below_zero_is_told_as_it_is() -> None:
    assert added_up(counted(("base_excess", (), 0)), {"base_excess": -22.0}) == {"base_excess": -22.0}


def test_the_true_whole_follows_its_parts_up_even_where_a_state_moves_only_the_parts() -> None:
    scenario = library_of(gut=region("ill", ill={"observables": {"pulse": {"set": 40}}}))
    whole = scenario.catalogue.observables["glucose"].model_copy(update={"whole_of": ("pulse",)})
    catalogue = scenario.catalogue.model_copy(
        update={"observables": scenario.catalogue.observables | {"glucose": whole}}
    )
    assert sugar_at(scenario.model_copy(update={"catalogue": catalogue}), 0) == 40


@pytest.mark.parametrize(
    ("value", "low", "high", "flag"),
    [(4.9, 5, 9, "L"), (5, 5, 9, ""), (9, 5, 9, ""), (9.1, 5, 9, "H"), (1, None, 9, ""), (99, 5, None, ""),
     (1, 5, None, "L"), (99, None, 9, "H"), (0, None, None, "")],
)  # fmt: skip
def test_a_value_has_a_flag_outside_of_a_bound_that_there_is(
    value: float, low: float | None, high: float | None, flag: str
) -> None:
    assert Measurement("sodium", value, low, high).flag == flag
