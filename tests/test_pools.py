"""Amounts in the body: exact between events, crossing into bands in the minute that the closed form gives."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.case.checking.check import check
from sim.case.composing.bands import with_bands
from sim.case.model.disease import Disease
from sim.case.model.pools import Pool
from sim.case.moves import PlaceOrder, StopTherapy, Wait
from sim.engine.chart import chart_of
from sim.engine.exact import NotMemoryless, solve
from sim.engine.graph import problems
from sim.engine.log import StateEntered
from sim.engine.pool import amount, crosses_after, read_points
from sim.engine.session import Session
from smalldisease import TOY, course, go, library_of, region, tupled

HOUR, DAY = 60, 1440
TINY = Path(__file__).parent / "data" / "tiny"
small = st.integers(-500_000, 500_000).map(lambda parts: round(parts / 1e4 * 2**20) / 2**20)
"""Amounts, on the grid."""
slow = st.integers(-20_000, 20_000).map(lambda millionths: millionths / 1e6)


def water(**more: Any) -> dict[str, Any]:
    return {
        "name": "Water", "unit": "mL/kg", "initial": -50, **TOY,
        "flows": [{"rate": "-3 /h"}, {"therapy": "fluids", "per": 1, "rate": "10 /h"}],
        "bands": {"shock": "below -90", "dry": "-90..-30", "replete": "-30..30", "overloaded": "above 30"},
    } | more  # fmt: skip


# --- the arithmetic --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@settings(max_examples=500)
@given(small, slow, slow, small, small)
def test_a_crossing_comes_in_the_first_minute_in_which_the_amount_is_beyond(
    x: float, u: float, k: float, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assume(low < high)
    wait = crosses_after(x, u, k, low, high)
    beyond = (m for m in range(5_000) if not low <= amount(x, u, k, m) < high)
    first = next(beyond, None)
    if first is not None:
        assert wait == first
    else:
        assert wait == -1 or wait >= 5_000


def test_growth_from_a_bound_itself_crosses_when_the_grid_shows_it() -> None:
    x = -105 / 2**20
    assert crosses_after(x, 0.0, -1e-6, x, 0.0) == next(m for m in range(10_000) if amount(x, 0.0, -1e-6, m) < x)


@given(small, slow, slow, st.integers(0, 3_000))
def test_an_amount_is_the_closed_form_on_a_grid(x: float, u: float, k: float, minutes: int) -> None:
    exact = x + u * minutes if k == 0 else u / k + (x - u / k) * math.exp(-k * minutes)
    if abs(exact) < 1e9:
        assert amount(x, u, k, minutes) == pytest.approx(exact, abs=2**-20, rel=1e-9)
    assert minutes == 0 or (amount(x, u, k, minutes) * 2**20).is_integer()


def test_points_are_linear_between_and_flat_beyond() -> None:
    table = ((0.0, 1.0), (0.05, 0.6), (1.0, 0.5))
    assert [read_points(table, x) for x in (-1, 0, 0.025, 0.05, 1, 7)] == pytest.approx([1, 1, 0.8, 0.6, 0.5, 0.5])


# --- a patient -----------------------------------------------------------------------------------------------------


def test_a_pool_left_alone_crosses_when_the_line_does() -> None:
    session = Session(library_of({"pools": {"water": water()}}), 1)
    session.apply(Wait(3 * DAY))
    assert course(session, "water") == [(0, "dry"), (801, "shock")]  # 40 mL/kg at 3 an hour, then below


def test_a_dose_is_a_lever() -> None:
    scenario = library_of({"pools": {"water": water()}})
    reached = {}
    for dose in ("low", "high"):
        session = Session(scenario, 1)
        session.apply(PlaceOrder("fluids", dose))
        session.apply(Wait(3 * DAY))
        reached[dose] = course(session, "water")[1]
    assert reached["low"][1] == reached["high"][1] == "replete"
    assert reached["high"][0] < reached["low"][0]


def test_stopping_a_therapy_turns_the_amount_round() -> None:
    session = Session(library_of({"pools": {"water": water()}}), 1)
    session.apply(PlaceOrder("fluids", "high"))
    session.apply(Wait(8 * HOUR))
    session.apply(StopTherapy("fluids"))
    session.apply(Wait(3 * DAY))
    assert [state for _, state in course(session, "water")][-1] in ("dry", "shock")


def test_a_band_is_left_at_another_value_than_it_was_entered() -> None:
    bands = {"shock": {"range": "below -60", "until_above": -40}, "well": "above -60"}
    flows = [
        {"rate": "-10 /h", "when": {"in": {"water": "well"}}},
        {"rate": "5 /h", "when": {"in": {"water": "shock"}}},
    ]
    session = Session(library_of({"pools": {"water": water(bands=bands, flows=flows)}}), 1)
    session.apply(Wait(12 * HOUR))
    found = course(session, "water")
    assert found[:2] == [(0, "well"), (61, "shock")]
    assert found[2][1] == "well"
    assert 61 + 230 < found[2][0] <= 61 + 245


def test_states_read_bands_and_flows_read_states() -> None:
    tired = region("fine tired", go("tires", "fine", "tired", after="1 h", when={"in": {"water": ["shock", "dry"]}}))
    flows = [{"rate": "-3 /h"}, {"rate": "30 /h", "when": {"in": {"nurse": "tired"}}}]
    session = Session(library_of({"pools": {"water": water(flows=flows)}}, nurse=tired), 1)
    session.apply(Wait(DAY))
    assert course(session, "nurse") == [(0, "fine"), (60, "tired")]
    assert course(session, "water")[1][1] == "replete"


def test_entering_a_band_calls_and_reveals() -> None:
    bands = {"shock": {"range": "below -60", "call": "He is grey.", "reveals": "shock"}, "well": "above -60"}
    session = Session(library_of({"pools": {"water": water(bands=bands)}}), 1)
    session.apply(Wait(None, "call"))
    assert session.now == 201
    assert session.knowledge.first_ordered == {}


def test_what_opens_a_case_is_drawn_by_fate() -> None:
    scenario = library_of({"pools": {"water": water(initial="-95..-20")}})
    opened = {course(Session(scenario, seed), "water")[0][1] for seed in range(40)}
    assert opened == {"shock", "dry", "replete"}
    assert course(Session(scenario, 3), "water") == course(Session(scenario, 3), "water")


def test_a_model_reads_pools_with_the_lag_of_a_dose() -> None:
    model = {
        "sum": [{"pool": "water", "points": {-100: 5, 0: 3}}, {"dose": "fluids", "lag": "1 h", "points": {0: 0, 1: 2}}]
    }
    session = Session(library_of({"pools": {"water": water(flows=[])}, "observables": {"glucose": model}}), 1)
    glucose = session.scenario.catalogue.observables["glucose"]
    assert session._readout.value(glucose, 0) == pytest.approx(4.0)
    session.apply(PlaceOrder("fluids", "low"))
    session.apply(Wait(HOUR))
    dose = session._patient.doses["fluids"]
    effect = 2 * min(dose, 1)
    assert session._readout.value(glucose, session.now) == pytest.approx(4.0 + effect * (1 - math.exp(-1)), abs=1e-3)


def test_the_exact_solver_says_that_it_takes_no_pools() -> None:
    with pytest.raises(NotMemoryless, match="water is a pool"):
        solve(library_of({"pools": {"water": water()}}))


# --- what a file may say ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bands": {"low": "below 0", "high": "above 1"}}, "without gap or overlap"),
        ({"bands": {"low": "below 0", "mid": "0..1"}}, "cover the whole scale"),
        ({"bands": {"all": "everything"}}, "expected a stretch"),
        (
            {"bands": {"b" * 46: "everything"}},
            "band id of at most 45 characters, as 'to_BAND' is the id of its crossing",
        ),
        ({"flows": [{"rate": "3"}]}, "for each unit of time"),
        ({"flows": [{"rate": "3 /h", "loss": "1 /h"}]}, "exactly one"),
        ({"flows": [{"by_dose": {0: "3 /h"}}]}, "expected 'therapy'"),
        ({"initial": "-2..-4"}, "smaller number first"),
    ],
)
def test_an_impossible_pool_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Pool.model_validate(tupled(water(**change)))


def test_a_pool_becomes_a_region_of_bands() -> None:
    raw = {"id": "toy", "name": "Toy", "summary": "Toy.", "regions": {}, "pools": {"water": water(initial="-40..-20")}}
    disease = with_bands(Disease.model_validate(tupled(raw)))
    assert list(disease.regions["water"].states) == ["shock", "dry", "replete", "overloaded"]
    assert disease.regions["water"].initial == {"dry": 0.5, "replete": 0.5}
    assert with_bands(disease) is disease


def test_bands_with_the_longest_ids_have_crossings_of_their_own() -> None:
    low, high = "b" * 44 + "a", "b" * 44 + "b"
    bands = {low: "below 0", high: "above 0"}
    scenario = library_of({"pools": {"water": water(bands=bands, initial="-1..1")}})
    assert [edge.id for edge in scenario.disease.regions["water"].transitions] == [f"to_{low}", f"to_{high}"]
    edges = {edge.id: edge.number for edge in chart_of(scenario).edges}
    (pool,) = chart_of(scenario).pools
    assert [band.edge for band in pool.bands] == [edges[f"water.to_{low}"], edges[f"water.to_{high}"]]


def test_a_log_says_which_crossing_it_was() -> None:
    session = Session(library_of({"pools": {"water": water()}}), 1)
    session.apply(Wait(DAY))
    (crossing,) = (e for e in session.log if isinstance(e, StateEntered) and e.at)
    assert crossing.transition == "water.to_shock"


# --- what `check` says -----------------------------------------------------------------------------------------------


def said(tmp_path: Path, pools: str) -> list[tuple[str, int]]:
    """The problems of the tiny case with pools added to its disease: code and line within the added text."""
    shutil.copytree(TINY, tmp_path / "cases_of_mine")
    disease = tmp_path / "cases_of_mine" / "diseases" / "meadow_fever.yaml"
    first = len(disease.read_text(encoding="utf-8").rstrip().splitlines())
    text = disease.read_text(encoding="utf-8").rstrip() + "\n" + pools
    disease.write_text(text, encoding="utf-8")
    found = check([disease], root=tmp_path / "cases_of_mine", graph=problems)
    return [(problem.code, problem.line - first) for problem in found]


WATER = """pools:
  water:
    name: Water
    unit: mL/kg
    initial: -50
    assumed: a toy
    flows:
      - {rate: -3 /h}
      - {rate: 3 /h, when: {in: {water: dry}}}
    bands:
      dry: below -60
      wet: above -60
"""


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("-3 /h}", "-3 /h, when: {in: {water: wet}}}", "chatter", 12),
        (
            "{rate: 1 /h, when: {in: {water: dry}}}\n    bands:\n      dry: below -60\n      wet: above -60",
            "{loss: 1 /h}\n    bands:\n      dry: below 60\n      wet: above 60",
            "unreachable-state",
            12,
        ),
        ("rate: -3 /h}", "therapy: nothing, rate: -3 /h}", "unknown-order", 8),
        ("water: dry", "water: dryish", "unknown-state", 9),
        ("      wet: above", f"      {'w' * 46}: above", "wrong-value", 12),
        ("initial: -50", "initial: low", "wrong-value", 5),
        ("dry: below -60", "dry: under -60", "wrong-value", 11),
        ("below -60", "below -61", "wrong-value", 10),
        ("water:\n    name", "life:\n    name", "duplicate-id", 2),
    ],
)
def test_a_mistake_in_a_pool_is_named_at_its_line(tmp_path: Path, old: str, new: str, code: str, line: int) -> None:
    assert said(tmp_path, WATER.replace("rate: 3 /h, when", "rate: 1 /h, when")) == []
    changed = WATER.replace("rate: 3 /h, when", "rate: 1 /h, when" if code != "chatter" else "rate: 3 /h, when")
    assert old in changed
    assert (code, line) in said(tmp_path / "again", changed.replace(old, new))
