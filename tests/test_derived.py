"""Values that follow from others: the weight from water and growth, and what a formula must keep true."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinycase
from sim.case.checking.check import check
from sim.case.model.catalogue import Observable, Reference
from sim.case.model.effects import Effect
from sim.case.model.pools import NEEDS, Modelled
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, Wait
from sim.engine import formulas
from sim.engine.kernel import PATHWAY, compile_program
from sim.engine.log import Called, ResultReturned
from sim.engine.session import Session
from smalldisease import TOY, go, library_of, of_type, region, tupled
from test_kernel import agree
from test_pools import TINY, said, water
from test_readout import weighed

HOUR, DAY = 60, 1440
WEIGHED = {"weight": {"formula": "weight_from_water", "pools": ["water"]}}
FLUIDS = [{"therapy": "fluids", "per": 1, "rate": "10 /h"}]


def floated(initial: Any = 0, pools: dict[str, Any] | None = None, **more: Any) -> Scenario:
    """The toy case with a weight that follows from water, which only `fluids` move."""
    still = {"gut": region("still", still={"growth": {"share": 0}})}
    own = {"water": water(initial=initial, flows=FLUIDS)} | (pools or {})
    return library_of({"pools": own, "observables": WEIGHED, **more}, **still)


# --- weight from water and growth ------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.integers(-200, 300))
def test_water_weighs_what_it_weighs(amount: int) -> None:
    assert weighed(floated(amount), 0) == pytest.approx(3 * (1 + amount / 1000), abs=0.001)


def test_140_ml_per_kg_of_saline_weigh_140_g_per_kg() -> None:
    session = Session(hourly(floated()), 1)
    scales = session.scenario.catalogue.observables["weight"]
    before = session._readout.value(scales, 0)
    session.apply(PlaceOrder("fluids", "high"))
    dose = session._patient.doses["fluids"]
    session.apply(Wait(round(140 / (10 * dose) * HOUR)))
    gained = session._readout.value(scales, session.now) - before
    assert gained == pytest.approx(3 * 0.140, rel=0.02)


def test_growth_goes_on_beneath_the_water() -> None:
    dry = library_of(gut=region("well"))
    pools = {"water": water(initial=-100, flows=[])}
    wet = library_of({"pools": pools, "observables": WEIGHED}, gut=region("well"))
    assert weighed(wet, 30 * DAY) == pytest.approx(0.9 * weighed(dry, 30 * DAY), abs=0.002)


def test_several_pools_of_water_add_up() -> None:
    swollen = {"formula": "weight_from_water", "pools": ["water", "tissue"]}
    scenario = floated(-50, {"tissue": water(initial=80, flows=[])}, observables={"weight": swollen})
    assert weighed(scenario, 0) == pytest.approx(3 * 1.03, abs=0.001)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.integers(-150, 150), st.integers(1, 6), st.integers(0, 2**32))
def test_kernel_and_session_weigh_alike(amount: int, tenths: int, seed: int) -> None:
    """Each step waits for another weight on the scales, and falls due in the same minute of both."""
    ill = {"growth": {"share": 0.3, "loss": 12}, "observables": {"weight": {"scale": 1.02}}}
    gut = region("well ill", go("falls_ill", "well", "ill", median="1 d"), ill=ill)
    flows = [{"rate": f"-{tenths / 2} /h"}, *FLUIDS]
    scenario = hourly(
        library_of({"pools": {"water": water(initial=amount, flows=flows)}, "observables": WEIGHED}, gut=gut)
    )
    steps = [
        tinycase.step(f"at_{i}", order, when={"shows": {"observable": "weight", "above": 2.5 + 0.1 * i}})
        for i, order in enumerate(("sugar", "fluids", "gene", "scan", "advice", "insulin", "story", "line"))
    ]
    case = scenario.case.model_copy(update={"pathway": (tinycase.step("weigh", "look"), *steps), "horizon": 4 * DAY})
    agree(compile_program(scenario.model_copy(update={"case": case})), seed, PATHWAY)


def hourly(scenario: Scenario) -> Scenario:
    """The same with scales without noise that the nurses read every hour."""
    scales = Observable(id="weight", name="Weight", short="Wt", unit="kg", kind="bedside", decimals=3, settles="1 h",
                        bands=(Reference(normal=4),), noise=0.0, **TOY)  # fmt: skip
    catalogue = scenario.catalogue
    look = catalogue.orders["look"].model_copy(update={"measures": ("weight",), "takes": 0, "every": HOUR})
    changed = {"observables": catalogue.observables | {"weight": scales}, "orders": catalogue.orders | {"look": look}}
    return scenario.model_copy(update={"catalogue": catalogue.model_copy(update=changed)})


@pytest.mark.parametrize(
    "written",
    [
        {"formula": "weight_from_water"},
        {"formula": "weight_from_water", "pools": ["water"], "of": ["glucose"]},
        {"formula": "anion_gap", "pools": ["water"]},
        {"sum": [{"pool": "water"}], "pools": ["water"]},
    ],
)
def test_only_the_weight_takes_pools_of_water(written: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="it alone takes pools"):
        Modelled.model_validate(tupled(written))


@pytest.mark.parametrize(
    ("observable", "unit", "pools", "code", "line"),
    [
        ("weight", "mL/kg", "[water, blood]", "unknown-pool", 10),
        ("weight", "mL", "[water]", "unit", 10),
        ("glucose", "mL/kg", "[water]", "formula", 10),
    ],
)
def test_check_names_a_weight_that_cannot_be(
    tmp_path: Path, observable: str, unit: str, pools: str, code: str, line: int
) -> None:
    def text(observable: str, unit: str, pools: str) -> str:
        return (
            f"pools:\n  water:\n    name: Water\n    unit: {unit}\n    initial: 0\n    assumed: a toy\n"
            "    flows: [{rate: 1 /h}]\n    bands: {all: below 0, rest: above 0}\n"
            f"observables:\n  {observable}: {{formula: weight_from_water, pools: {pools}}}\n"
        )

    assert (code, line) in said(tmp_path, text(observable, unit, pools))


# --- priorities ------------------------------------------------------------------------------------------------------


EMERGENCY: dict[str, Any] = {"priority": "emergency"}


def sugar_under(*states: dict[str, Any], **more: Any) -> float:
    """The toy's glucose under the effects of one state in each of several regions, in file order."""
    regions = {f"region{i}": region("here", here={"observables": {"glucose": e}}) for i, e in enumerate(states)}
    session = Session(library_of(more, **regions), 1)
    session.apply(PlaceOrder("fluids", "high"))
    session.apply(Wait(DAY))
    return session._readout.value(session.scenario.catalogue.observables["glucose"], session.now)


HEALTHY = sugar_under()


@pytest.mark.parametrize(
    ("states", "value"),
    [
        ([{"set": 3.0}, {"set": 9.0}], 9.0),
        ([{"set": 0.0, **EMERGENCY}, {"set": 9.0}], 0.0),
        ([{"set": 3.0, "priority": "high"}, {"set": 9.0}], 3.0),
        ([{"set": 0.0, **EMERGENCY}, {"set": 3.0, "priority": "high"}], 0.0),
        ([{"set": 1.0, **EMERGENCY}, {"set": 2.0, **EMERGENCY}], 2.0),
        ([{"set": 2.0, **EMERGENCY}, {"scale": 3.0}, {"shift": 7.0}], 2.0),
        ([{"scale": 3.0}, {"shift": 7.0}, {"set": 2.0, **EMERGENCY}], 2.0),
        ([{"set": 2.0, **EMERGENCY}, {"shift": 7.0, **EMERGENCY}], 9.0),
        ([{"set": 2.0, "priority": "high"}, {"scale": 3.0, **EMERGENCY}, {"shift": 7.0}], 6.0),
        ([{"scale": 2.0, **EMERGENCY}, {"scale": 2.0}], 4 * HEALTHY),
    ],
)
def test_what_goes_first_is_declared(states: list[dict[str, Any]], value: float) -> None:
    assert sugar_under(*states) == pytest.approx(value)


def test_an_emergency_goes_before_therapies_drug_levels_and_amounts() -> None:
    effect = {"therapy": "fluids", "observables": {"glucose": {"set": 8}}, **TOY}
    level = {"therapy": "fluids", "observable": "glucose", "per_amount": 4, **TOY}
    model = {"sum": [{"pool": "water", "points": {-100: 5, 0: 3}}]}
    amounts = {"pools": {"water": water()}, "observables": {"glucose": model}}
    for more in ({"effects": [effect]}, {"levels": [level]}, amounts):
        assert sugar_under({"set": 0.5, **EMERGENCY}, **more) == pytest.approx(0.5, abs=1e-6)
        assert sugar_under({"shift": 0.5}, **more) > 3


SICK = """    states:
      sick: {{name: Sick, observables: {{systolic: {sick}}}}}
  pump:
    name: Pump
    initial: failing
    assumed: a toy
    states: {{failing: {{name: Failing, observables: {{systolic: {failing}}}}}}}
"""


def contradictions(tmp_path: Path, sick: str, failing: str) -> list[str]:
    """What `check` says of two states of different regions that move the pressure."""
    shutil.copytree(TINY, tmp_path / "mine")
    disease = tmp_path / "mine" / "diseases" / "meadow_fever.yaml"
    regions = "regions:\n  heart:\n    name: Heart\n    initial: sick\n    assumed: a toy\n"
    text = disease.read_text(encoding="utf-8").replace(
        "regions:\n", regions + SICK.format(sick=sick, failing=failing), 1
    )
    disease.write_text(text, encoding="utf-8")
    return [p.message for p in check([disease], root=tmp_path / "mine") if p.code == "contradiction"]


@pytest.mark.parametrize(
    ("sick", "failing", "count"),
    [
        ("{set: 140}", "{set: 30}", 1),
        ("30", "{set: 140}", 1),
        ("{set: 140, priority: emergency}", "{set: 30, priority: emergency}", 1),
        ("{set: 140}", "{set: 30, priority: emergency}", 0),
        ("{set: 40}", "{set: 30}", 0),
        ("{set: 80}", "{set: 30}", 0),
        ("{shift: 140}", "{set: 30}", 0),
    ],
)
def test_check_names_two_states_that_contradict_each_other(tmp_path: Path, sick: str, failing: str, count: int) -> None:
    found = contradictions(tmp_path, sick, failing)
    assert len(found) == count
    assert all("'heart.sick' sets 'systolic'" in message and "'pump.failing'" in message for message in found)


def test_check_refuses_a_priority_that_is_not_one_and_to_move_what_a_formula_gives(tmp_path: Path) -> None:
    text = "observables:\n  systolic: {formula: total, of: [heart_rate]}\n"
    assert "derived" in [code for code, _ in said(tmp_path, text)]
    with pytest.raises(ValueError, match="'high' or 'emergency'"):
        Effect.model_validate({"set": 1.0, "priority": "urgent"})


# --- one minute, one value -------------------------------------------------------------------------------------------


def noisy(scenario: Scenario, **measures: tuple[str, ...]) -> Scenario:
    """The same with noise of a tenth in every value, and orders that measure what they are told to."""
    catalogue = scenario.catalogue
    observables = {name: spec.model_copy(update={"noise": 0.1}) for name, spec in catalogue.observables.items()}
    orders = {name: catalogue.orders[name].model_copy(update={"measures": m, "turnaround": 0, "takes": 0})
              for name, m in measures.items()}  # fmt: skip
    changed = {"observables": observables, "orders": catalogue.orders | orders}
    return scenario.model_copy(update={"catalogue": catalogue.model_copy(update=changed)})


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 5_000))
def test_two_orders_and_the_monitor_show_one_value_and_a_formula_fits_it(seed: int, minute: int) -> None:
    scenario = library_of({"observables": {"pulse": {"formula": "total", "of": ["glucose", "glucose"]}}})
    scenario = noisy(scenario, sugar=("glucose",), look=("glucose", "pulse"), scan=("pulse",))
    session = Session(scenario, seed)
    session.apply(Wait(minute))
    shown: dict[str, set[float]] = {}
    for order in ("sugar", "look", "scan"):
        session.apply(PlaceOrder(order))
    for result in of_type(session, ResultReturned):
        assert isinstance(result, ResultReturned)
        for m in result.measurements:
            shown.setdefault(m.observable, set()).add(m.value)
    shown["pulse"].add(session.snapshot().vitals[0].value)
    (glucose,), (pulse,) = shown["glucose"], shown["pulse"]
    assert pulse == pytest.approx(2 * glucose, abs=0.5)


# --- what a text quotes ----------------------------------------------------------------------------------------------

CALL = "The laboratory telephones for {name}: glucose {glucose}, again {glucose}."


def calling(**bands: Any) -> Scenario:
    """Glucose follows from water, which dries out; the laboratory telephones when it is low."""
    bands = bands or {"low": {"range": "below -60", "call": CALL}, "well": "above -60"}
    model = {"sum": [{"pool": "water", "points": {-100: 1, 0: 9}}]}
    return library_of({"pools": {"water": water(bands=bands)}, "observables": {"glucose": model}})


def called(session: Session) -> list[str]:
    return [event.text for event in session.log if isinstance(event, Called)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_a_call_quotes_what_a_sample_of_that_minute_shows(seed: int) -> None:
    scenario = noisy(calling(), sugar=("glucose",))
    session = Session(scenario, seed)
    session.apply(Wait(None, "call"))
    session.apply(PlaceOrder("sugar"))
    (result,) = of_type(session, ResultReturned)
    assert isinstance(result, ResultReturned)
    assert result.at == session.now == 201
    unit = scenario.catalogue.observables["glucose"].unit
    value = f"{result.measurements[0].value:.1f} {unit}".rstrip()
    assert called(session) == [f"The laboratory telephones for Toy: glucose {value}, again {value}."]


def test_a_replay_says_the_same_and_another_patient_something_else() -> None:
    def told(seed: int) -> list[str]:
        session = Session(noisy(calling(), sugar=("glucose",)), seed)
        session.apply(Wait(None, "call"))
        return called(session)

    assert told(1) == told(1)
    assert len({*told(1), *told(2), *told(3)}) == 3


def test_a_transition_a_finding_and_a_normal_result_quote_too() -> None:
    falls = go("falls", "well", "ill", after="1 h", call="Pulse {pulse}. {unknown} {not a name}")
    result = {"look": [{"when": {"in": {"gut": "ill"}}, "text": "{name} has a glucose of {glucose}."}]}
    scenario = library_of({"results": result}, gut=region("well ill", falls))
    orders = scenario.catalogue.orders
    told = {"story": orders["story"].model_copy(update={"normal": "Glucose {glucose}."})}
    catalogue = scenario.catalogue.model_copy(update={"orders": orders | told})
    session = Session(scenario.model_copy(update={"catalogue": catalogue}), 1)
    session.apply(Wait(2 * HOUR))
    for order in ("look", "story"):
        session.apply(PlaceOrder(order))
    texts = [event.text for event in session.log if isinstance(event, ResultReturned)]
    assert called(session) == ["Pulse 5 /min. {unknown} {not a name}"]
    assert texts == ["Toy has a glucose of 5.0 mmol/L.", "Glucose 5.0 mmol/L."]


def test_what_is_called_while_the_case_opens_quotes_how_it_opens() -> None:
    starts = go("starts", "well", "ill", on={"effect": "fluids"}, call="Glucose {glucose}.")
    scenario = library_of(gut=region("well ill", starts))
    case = scenario.case.model_copy(update={"given": {"fluids": "low"}})
    session = Session(scenario.model_copy(update={"case": case}), 1)
    assert called(session) == ["Glucose 5.0 mmol/L."]


def test_check_refuses_to_quote_what_is_nothing_and_says_what_there_is(tmp_path: Path) -> None:
    text = (
        "pools:\n  water:\n    name: Water\n    unit: mL/kg\n    initial: 0\n    assumed: a toy\n"
        "    flows: [{rate: -1 /h}]\n    bands:\n      well: above 0\n      dry:\n        range: below 0\n"
        "        call: Heart rate {heart_rate}, and {zzz}.\n"
    )
    assert [found for found in said(tmp_path, text) if found[0] == "placeholder"] == [("placeholder", 12)]
    (found,) = [p for p in check([tmp_path / "cases_of_mine" / "diseases"], root=tmp_path / "cases_of_mine")
                if p.code == "placeholder"]  # fmt: skip
    assert "'{zzz}'" in found.message
    assert "heart_rate" in found.hint


# --- every formula, in both engines ----------------------------------------------------------------------------------

SIX = ("sodium", "chloride", "bicarbonate", "albumin", "pco2", "urea")
FORMS: dict[str, tuple[str, ...]] = {
    name: needs or ("sodium", "chloride") for name, needs in NEEDS.items()
    if name != "weight_from_water" and set(needs) <= {*SIX, "glucose", "ph", "systolic", "diastolic"}
}  # fmt: skip


def read_alike(seed: int, low: float) -> None:
    """A step of the pathway for every formula, which waits for its value."""
    bands = {"low": "below -60", "well": "above -60"}
    named = {f"of_{name}": {"formula": name, "of": list(of)} for name, of in FORMS.items()}
    start = {"sodium": 120, "chloride": 90, "bicarbonate": 6, "albumin": 18, "pco2": 20, "urea": 2, "glucose": 25,
             "ph": 7.0, "systolic": 50, "diastolic": 30}  # fmt: skip
    moved = {name: {"sum": [{"pool": "water", "points": {-200: 0.8 * value, 100: 1.3 * value}}]}
             for name, value in start.items()}  # fmt: skip
    flows = [{"rate": "1 /h", "when": {"in": {"gut": "well"}}}, {"rate": "-2 /h", "when": {"in": {"gut": "ill"}}}]
    pools = {"water": water(initial=low, flows=flows, bands=bands)}
    gut = region("well ill", go("falls_ill", "well", "ill", median="1 d"), go("mends", "ill", "well", median="1 d"))
    scenario = library_of({"pools": pools, "observables": moved | named}, gut=gut)
    tools = {
        name: Observable(id=name, name=name, short=name[:8], unit="", kind="bedside", decimals=2, settles="1 h",
                         floor=-999, bands=(Reference(normal=4),), noise=0.0 if name in named else 0.01, **TOY)
        for name in (*start, *named)
    }  # fmt: skip
    catalogue = scenario.catalogue
    look = catalogue.orders["look"].model_copy(update={"measures": tuple(named), "takes": 0, "every": 180})
    orders = {o: catalogue.orders["advice"].model_copy(update={"id": o}) for o in named} | {"look": look}
    changed = {"observables": catalogue.observables | tools, "orders": catalogue.orders | orders}
    scenario = scenario.model_copy(update={"catalogue": catalogue.model_copy(update=changed)})
    middle = Session(scenario, seed)
    steps = [
        tinycase.step(name, name, when={"shows": {"observable": name, "above": round(1.01 * value, 2)}})
        for name in named if (value := middle._readout.value(tools[name], 0)) > 0
    ]  # fmt: skip
    case = scenario.case.model_copy(update={"pathway": (tinycase.step("look", "look"), *steps), "horizon": 5 * DAY})
    agree(compile_program(scenario.model_copy(update={"case": case})), seed, PATHWAY)


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32), st.integers(-150, 50))
def test_kernel_and_session_agree_on_every_formula(seed: int, low: int) -> None:
    read_alike(seed, low)


values = st.floats(1, 200)


@given(values, values, values, st.floats(10, 60), values)
def test_identities_hold(sodium: float, chloride: float, bicarbonate: float, albumin: float, glucose: float) -> None:
    gap = formulas.anion_gap(sodium, chloride, bicarbonate)
    corrected = formulas.anion_gap_corrected(sodium, chloride, bicarbonate, albumin)
    assert corrected - gap == pytest.approx(0.25 * (40 - albumin))
    effective = formulas.effective_osmolality(sodium, glucose)
    assert formulas.osmolality(sodium, glucose, 5.0) == pytest.approx(effective + 5)
    expected = formulas.winters_pco2_mmhg(bicarbonate)
    assert formulas.winters_pco2_kpa(bicarbonate) * 7.50062 == pytest.approx(expected)
    ph = formulas.henderson_hasselbalch(bicarbonate, expected)
    assert 10 ** (ph - formulas.PK) * formulas.SOLUBILITY * expected == pytest.approx(bicarbonate)


def test_check_names_a_formula_in_another_unit(tmp_path: Path) -> None:
    text = "observables:\n  systolic: {formula: winters_pco2_kpa, of: [heart_rate]}\n"
    assert ("unit", 2) in said(tmp_path, text)


@pytest.mark.parametrize(
    ("formula", "unit", "read"),
    [("henderson_hasselbalch", "kPa", "henderson_hasselbalch_kpa"),
     ("henderson_hasselbalch", "mmHg", "henderson_hasselbalch"),
     ("anion_gap", "kPa", "anion_gap")],
)  # fmt: skip
def test_a_formula_is_read_in_the_unit_of_its_pressure(formula: str, unit: str, read: str) -> None:
    assert formulas.in_units(formula, ("bicarbonate", "pco2"), {"bicarbonate": "mmol/L", "pco2": unit}) == read
    assert formulas.in_units(formula, ("pco2", "bicarbonate"), {"pco2": unit}) == formula


@pytest.mark.parametrize(
    ("formula", "given", "value"),
    [("osmolality", (140, 5, 4), 289), ("anion_gap", (140, 104, 24), 12), ("corrected_sodium", (130, 33.6), 140),
     ("effective_osmolality", (140, 30), 310), ("anion_gap_corrected", (140, 104, 24, 20), 17),
     ("winters_pco2_mmhg", (10,), 23), ("mean_pressure", (90, 60), 70), ("total", (1, 2, 4), 7), ("share", (1, 4), 25),
     ("share", (1, 0), 0), ("body_mass_index", (20, 100), 20), ("weight_from_water", (5, 20), 5.1),
     ("base_excess", (24.4, 7.5), 0.93 * 1.483), ("henderson_hasselbalch", (24, 40), 7.391)],
)  # fmt: skip
def test_a_formula_gives_what_is_worked_out_by_hand(formula: str, given: tuple[float, ...], value: float) -> None:
    assert getattr(formulas, formula)(*given) == pytest.approx(value, abs=2e-3)
