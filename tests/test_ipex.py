"""The disease `ipex`: what it shows at the bedside, what it does to a boy, and what treatment changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import pytest
from pydantic import BaseModel

from sim.authoring.calibrate.arms import opening
from sim.case.library import load
from sim.case.model.disease import Disease
from sim.case.model.parts import Sourced
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, StopTherapy, Wait
from sim.engine.chart import Chart, compile_chart
from sim.engine.log import Called, Measurement, ResultReturned, StateEntered
from sim.engine.session import Session

pytestmark = pytest.mark.slow

HOUR, DAY, YEAR = 60, 1440, 525960

CASE = """
id: bedside
title: A newborn
blurb: For tests only.
level: test
difficulty: 1
minutes: 1
author: the tests
reviewed: not yet reviewed by a clinician
version: '1'
disease: ipex
diagnosis: ipex
patient:
  names: [Adam]
  sex: male
  age: 21 d
  birth_weight: {low: 3.2, high: 3.2}
  weight: {low: 3.2, high: 3.2}
  assumed: for tests
opening: A newborn.
setting: a ward
horizon: 5 y
monitor: [heart_rate]
differential: [ipex]
checkpoints: []
pathway: []
pitfalls: []
endings: [{id: over, title: Over, text: Over., utility: 0.5}]
objectives: []
teaching: []
"""

WELL = {
    "circulation": "replete", "gut": "quiet", "skin": "clear", "nutrition": "nourished", "infection": "none",
    "water": 0.0, "glucose": 8.0, "ketones": 0.3, "chloride_load": 0.0, "potassium": 0.0, "phosphate": 0.0,
}  # fmt: skip
"""A boy past the first crisis: regions to states, pools to amounts."""


@pytest.fixture(scope="module")
def newborn(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """The disease as it ships, in a newborn at its classical opening; chimerism may be asked for at any time."""
    path = tmp_path_factory.mktemp("ipex") / "bedside.yaml"
    path.write_text(CASE, encoding="utf-8")
    scenario = load(path)
    orders = dict(scenario.catalogue.orders)
    for name in ("chimerism", "treg_chimerism"):
        orders[name] = orders[name].model_copy(update={"needs": ()})
    return scenario.model_copy(update={"catalogue": scenario.catalogue.model_copy(update={"orders": orders})})


@pytest.fixture(scope="module")
def opened(newborn: Scenario) -> Callable[..., tuple[Scenario, Chart]]:
    """Return the library and its chart for a boy who starts in other states; each compiled once."""
    known: dict[tuple[tuple[str, str | float], ...], tuple[Scenario, Chart]] = {}

    def open_in(start: Mapping[str, str | float] | None = None) -> tuple[Scenario, Chart]:
        key = tuple(sorted((start or {}).items()))
        if key not in known:
            mixes = {region: {state: 1.0} for region, state in key if isinstance(state, str)}
            amounts = {pool: (amount, amount) for pool, amount in key if isinstance(amount, float)}
            scenario = opening(newborn, mixes, amounts)
            known[key] = scenario, compile_chart(scenario)
        return known[key]

    return open_in


Opener = Callable[..., tuple[Scenario, Chart]]


class Ward:
    """One boy in the hands of a ward that does what a test tells it; it may look at the true state."""

    def __init__(
        self, opened: Opener, seed: int, start: Mapping[str, str | float] | None = None, until: int = YEAR
    ) -> None:
        scenario, chart = opened(start)
        self.session = Session(scenario, seed, horizon=until, chart=chart)
        self.states: dict[str, str] = {}
        self.seen: set[str] = set()
        self.calls: list[str] = []
        self._read = 0
        self._look()

    def _look(self) -> None:
        events = self.session.events_since(self._read)
        self._read += len(events)
        for event in events:
            if isinstance(event, StateEntered):
                self.states[event.region] = event.state
                self.seen.add(f"{event.region}.{event.state}")
            elif isinstance(event, Called) and event.reveals is not None:
                self.calls.append(event.reveals)

    @property
    def alive(self) -> bool:
        return self.states["life"] == "alive"

    def order(self, *names: str, dose: str | None = None) -> Ward:
        for name in names:
            access = None if self.session.ended else self.session.access_for(name)
            if access is not None:
                self.session.apply(PlaceOrder(access))
                self._look()
            if not self.session.ended:
                self.session.apply(PlaceOrder(name, dose))
                self._look()
        return self

    def stop(self, *names: str) -> Ward:
        for name in names:
            if not self.session.ended and name in {item.therapy for item in self.session.running}:
                self.session.apply(StopTherapy(name))
                self._look()
        return self

    def wait(self, minutes: int) -> Ward:
        if not self.session.ended:
            self.session.apply(Wait(minutes))
            self._look()
        return self

    def care(self, until: int, *, weekly: bool = False) -> Ward:
        """Let time pass, answering calls as they come; `weekly` also steers feeds and levothyroxine."""
        while not self.session.ended and self.session.now < until:
            self.session.apply(Wait(min(until - self.session.now, 7 * DAY), "call"))
            self._look()
            while self.calls and not self.session.ended:
                self._answer(self.calls.pop(0))
            if weekly:
                self._review()
        return self

    def _answer(self, call: str) -> None:
        answers = {
            "septic": ("antibiotics_broad", "bolus_isotonic", "inotropes"),
            "line_infection": ("antibiotics_broad", "antifungal_treatment", "bolus_isotonic"),
            "dehydrated": ("bolus_isotonic", "deficit_fluids"),
            "collapse": ("bolus_isotonic", "inotropes", "bolus_isotonic"),
            "hypoglycaemia": ("dextrose_bolus",),
            "convulsion": ("hypertonic_saline",),
            "bleeding": ("platelets_irradiated", "ivig"),
            "crisis_adrenal": ("hydrocortisone_stress", "bolus_isotonic"),
            "refeeding": ("phosphate_replacement", "magnesium_replacement"),
            "gvhd_suspected": ("gvhd_treatment",),
            "new_organ": ("ivig",),
            "chest": ("antibiotics_broad", "pjp_cotrimoxazole", "admit_picu"),
            "virus_disease": ("ganciclovir",),
        }
        self.order(*answers.get(call, ()))

    def _review(self) -> None:
        if self.states["infection"] == "none" and self.states["lungs"] == "well":
            self.stop("antibiotics_broad", "antifungal_treatment", "inotropes")
        if self.states["gut"] in ("partial", "quiet") and self.states["nutrition"] in ("recovering", "nourished"):
            self.stop("pn_graded", "central_line", "stool_replacement")
        if self.states["gut"] == "severe" and "pn_graded" not in {item.therapy for item in self.session.running}:
            self.order("central_line", "line_bundle", "pn_graded", "stool_replacement")

    def support(self) -> Ward:
        """Fluids, insulin, antibiotics, nutrition and skin care, and nothing against the disease itself."""
        self.order("bolus_isotonic", "antibiotics_broad").wait(15)
        if self.states["circulation"] in ("shock", "collapse"):
            self.order("bolus_isotonic")
        self.order("deficit_fluids").care(HOUR).order("insulin_infusion", "potassium_replacement", "stool_replacement")
        self.order("thiamine", "phosphate_replacement", "emollient", "topical_steroid", "line_teaching").care(30 * HOUR)
        self.order("central_line", "line_bundle", "pn_graded").care(2 * DAY).order("insulin_pump")
        return self.care(60 * HOUR).stop("insulin_infusion").care(4 * DAY, weekly=True)

    def bridge(self) -> Ward:
        """Supportive care, then a steroid burst and sirolimus."""
        self.support().order("methylprednisolone", "pjp_pentamidine", "sirolimus").care(28 * DAY, weekly=True)
        return self.order("steroid_taper").stop("methylprednisolone") if self.alive else self

    def transplant(self) -> Ward:
        """The bridge, with a donor looked for from the first week and a transplant once he is fit."""
        self.support().order("methylprednisolone", "pjp_pentamidine", "sirolimus")
        self.order("foxp3_sequencing", "hla_typing", "donor_search").care(28 * DAY, weekly=True)
        if self.alive:
            self.order("steroid_taper").stop("methylprednisolone")
        while not self.session.ended and self.session.now < 250 * DAY:
            self.care(self.session.now + 7 * DAY, weekly=True)
            if self.session.now > 80 * DAY and self.fit:
                self.order("hsct_meeting").care(self.session.now + 4 * DAY)
                if not self.session.ended and self.session.refusal("conditioning_reduced_toxicity") is None:
                    self.order("central_line", "gvhd_prophylaxis", "conditioning_reduced_toxicity", "pn_graded")
                    return self.stop("sirolimus").care(self.session.now + 7 * DAY).order("hsct")
        return self

    @property
    def fit(self) -> bool:
        """Whether he could go to transplant today."""
        quiet = self.states["gut"] in ("partial", "quiet") or self.session.now > 150 * DAY
        calm = self.states["infection"] == "none" and self.states["lungs"] == "well"
        return not self.session.ended and self.states["donor"] == "available" and quiet and calm

    def result(self, order: str, *then: str) -> ResultReturned:
        """Ask for an order, then for others, and wait for its final report; a boy in shock is treated meanwhile."""
        number = len(self.session.log)
        self.order(order, *then)
        for _ in range(60):
            for e in self.session.log[number:]:
                if isinstance(e, ResultReturned) and e.order == order and not e.report:
                    return e
            if "circulation.shock" in self.seen and "insulin_pump" not in {r.therapy for r in self.session.running}:
                self.support()
            self.care(self.session.now + DAY)
        raise AssertionError(f"{order} never came back: {self.session.refusal(order)}, {self.session.ended}")

    def value(self, order: str, observable: str) -> float:
        """What a result says of one observable."""
        measured: Iterator[Measurement] = (m for m in self.result(order).measurements if m.observable == observable)
        return next(measured).value


def past_the_crisis(opened: Opener, seed: int, until: int = YEAR, /, **states: str | float) -> Ward:
    """A boy whose first crisis is over, on an insulin pump."""
    return Ward(opened, seed, WELL | states, until).order("insulin_pump")


def share(wards: list[Ward], holds: Callable[[Ward], bool]) -> float:
    """The share of boys of whom something holds."""
    return sum(map(holds, wards)) / len(wards)


# --- what is written down ----------------------------------------------------------------------------------


def parts(value: object) -> Iterator[BaseModel]:
    """Every model inside a model."""
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from parts(getattr(value, name))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from parts(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from parts(inner)


def sourced(disease: Disease) -> list[Sourced]:
    return [part for part in parts(disease) if isinstance(part, Sourced)]


def test_every_rate_names_evidence_that_exists_or_says_why_it_is_assumed(newborn: Scenario) -> None:
    assert len(sourced(newborn.disease)) > 300
    for part in sourced(newborn.disease):
        assert set(part.evidence) <= set(newborn.evidence)
        assert part.evidence or len(part.assumed or "") > 5


def test_the_regions_and_states_that_cases_rely_on_keep_their_names(newborn: Scenario) -> None:
    regions = newborn.disease.regions
    assert {"severe", "active", "partial", "quiet"} == set(regions["gut"].states)
    assert {"low", "normal", "raised", "high", "extreme"} == set(regions["glucose"].states)
    assert {"none", "raised", "ketoacidosis"} == set(regions["ketones"].states)
    assert {"none", "conditioning", "aplasia", "full", "mixed", "treg_only", "failed"} == set(regions["graft"].states)
    assert {name for name, state in regions["life"].states.items() if state.outcome} == set(regions["life"].states) - {
        "alive"
    }


def test_no_call_names_the_disease_or_a_hidden_state(newborn: Scenario) -> None:
    calls = [t.call for region in newborn.disease.regions.values() for t in region.transitions if t.call]
    assert len(calls) > 40
    for call in calls:
        assert not re.search(r"ipex|foxp3|autoimmun|bacteraemia|tolerance|cerebral oedema|pneumocystis|_", call, re.I)


# --- the first hour ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "observable", "low", "high"),
    [
        ("bedside_glucose", "glucose", 24, 36), ("blood_gas", "ph", 7.03, 7.13), ("blood_gas", "bicarbonate", 5, 7),
        ("ketones", "ketones", 4.8, 7.2), ("electrolytes", "sodium", 125, 134), ("electrolytes", "potassium", 5.0, 5.8),
        ("lft", "albumin", 17, 21), ("fbc", "eosinophils", 3.0, 5.2),
        ("c_peptide", "c_peptide", 0, 0.05), ("ex_vital_signs", "heart_rate", 168, 202),
        ("ex_vital_signs", "respiratory_rate", 53, 71), ("ex_vital_signs", "systolic", 53, 63),
        ("ex_vital_signs", "temperature", 35.7, 36.7), ("ex_vital_signs", "capillary_refill", 2.8, 5.2),
        ("ex_urine_output", "urine_output", 3.6, 6.4), ("ex_consciousness", "gcs", 11, 12),
    ],
)  # fmt: skip
def test_the_newborn_arrives_with_the_numbers_of_the_case_sheet(
    opened: Opener, order: str, observable: str, low: float, high: float
) -> None:
    ward = Ward(opened, 4, {"infection": "none"})
    assert low <= ward.value(order, observable) <= high


def test_hba1c_is_normal_in_a_newborn_whose_glucose_is_not(opened: Opener) -> None:
    ward = Ward(opened, 7)
    ward.order("hba1c", "bolus_isotonic")
    sampled = next(iter(ward.result("hba1c").measurements))
    assert sampled.high is not None and sampled.value <= sampled.high


def test_wet_nappies_go_with_shock_in_ketoacidosis(opened: Opener) -> None:
    wet, dry = Ward(opened, 3), Ward(opened, 3, {"islets": "working", "glucose": 5.0, "ketones": 0.1})
    assert wet.value("ex_urine_output", "urine_output") > 3 > 1 > dry.value("ex_urine_output", "urine_output")


def test_untreated_shock_kills_nearly_every_newborn_within_two_days(opened: Opener) -> None:
    wards = [Ward(opened, seed).wait(48 * HOUR) for seed in range(60)]
    assert share(wards, lambda ward: not ward.alive) > 0.9
    assert share([Ward(opened, seed).wait(30) for seed in range(60)], lambda ward: ward.alive) > 0.95


def test_a_good_first_day_saves_nearly_every_newborn(opened: Opener) -> None:
    wards = [Ward(opened, seed).support() for seed in range(60)]
    assert share(wards, lambda ward: ward.alive) > 0.9
    assert share(wards, lambda ward: ward.states["ketones"] != "ketoacidosis") > 0.85


def test_an_insulin_bolus_swells_the_brain_more_often_than_an_infusion(opened: Opener) -> None:
    def swollen(order: str) -> float:
        wards = [Ward(opened, s, {"circulation": "dry"}).order("deficit_fluids", order).wait(DAY) for s in range(120)]
        return share(wards, lambda ward: "brain.strained" in ward.seen)

    assert swollen("insulin_bolus") > swollen("insulin_infusion") + 0.05


def test_a_bolus_for_shock_is_not_taken_for_a_needless_one(opened: Opener) -> None:
    wards = [Ward(opened, seed).order("bolus_isotonic") for seed in range(150)]
    assert share(wards, lambda ward: "brain.strained" in ward.seen) < 0.03


def test_a_culture_taken_under_antibiotics_is_negative(opened: Opener) -> None:
    codes = []
    for seed in range(12):
        before = past_the_crisis(opened, seed, infection="bacteraemia")
        if before.states["infection"] == "bacteraemia":
            assert "positive" in before.result("blood_culture", "antibiotics_broad", "bolus_isotonic").codes
        after = past_the_crisis(opened, seed, infection="bacteraemia").order("antibiotics_broad").wait(9 * HOUR)
        if after.states["infection"] == "bacteraemia":
            codes.append(after.result("blood_culture").codes)
    assert len(codes) > 5 and set(codes) == {("negative",)}


# --- the diagnosis -----------------------------------------------------------------------------------------


def test_the_gene_result_does_not_depend_on_the_number_of_regulatory_t_cells(opened: Opener) -> None:
    for number, code in (("low", "treg_low"), ("normal", "treg_normal")):
        ward = past_the_crisis(opened, 2, treg_number=number)
        assert code in ward.result("treg_flow").codes
        assert "foxp3_pathogenic" in ward.result("foxp3_sequencing").codes


def test_regulatory_t_cells_are_few_in_about_two_thirds(opened: Opener) -> None:
    few = share([Ward(opened, seed) for seed in range(200)], lambda ward: ward.states["treg_number"] == "low")
    assert 0.58 < few < 0.78


def test_only_the_sorted_regulatory_cells_tell_a_slipping_graft_from_a_lost_one(opened: Opener) -> None:
    kept, lost = (past_the_crisis(opened, 5, graft=graft) for graft in ("treg_only", "failed"))
    assert kept.result("chimerism").codes == lost.result("chimerism").codes == ("donor_low",)
    assert kept.result("treg_chimerism").codes == ("treg_donor",)
    assert lost.result("treg_chimerism").codes == ("treg_host",)


# --- what treatment costs ----------------------------------------------------------------------------------


def refed(opened: Opener, *orders: str) -> float:
    start = {"circulation": "replete", "infection": "none", "water": 0.0, "glucose": 8.0, "ketones": 0.3}
    wards = [Ward(opened, seed, start).order("central_line", *orders).wait(6 * DAY) for seed in range(80)]
    return share(wards, lambda ward: bool({"phosphate.low", "phosphate.severe"} & ward.seen))


def test_full_parenteral_nutrition_at_once_causes_refeeding_and_graded_seldom(opened: Opener) -> None:
    full, graded = refed(opened, "pn_full"), refed(opened, "pn_graded")
    assert full > 0.5 > 0.3 > graded
    assert refed(opened, "thiamine", "phosphate_replacement", "pn_full") < full


def test_stopping_steroids_abruptly_after_eight_weeks_causes_crisis_and_tapering_seldom(opened: Opener) -> None:
    def crises(*ending: str) -> float:
        wards = []
        for seed in range(80):
            ward = past_the_crisis(opened, seed).order("prednisolone").wait(56 * DAY)
            wards.append(ward.order(*ending).stop("prednisolone").wait(40 * DAY))
        return share(wards, lambda ward: "adrenal.crisis" in ward.seen)

    assert crises() > 0.2
    assert crises("steroid_taper") < 0.5 * crises()


def test_tacrolimus_rises_two_to_threefold_while_the_gut_is_active(opened: Opener) -> None:
    quiet, active, severe = (
        past_the_crisis(opened, 2, gut=gut).order("stool_replacement", "tacrolimus").wait(5 * DAY)
        for gut in ("quiet", "active", "severe")
    )  # fmt: skip
    level = quiet.value("tacrolimus_level", "tacrolimus_level")
    assert 1.7 * level < active.value("tacrolimus_level", "tacrolimus_level") < 2.7 * level
    assert 2.2 * level < severe.value("tacrolimus_level", "tacrolimus_level") < 3.5 * level


def test_fluconazole_makes_a_usual_dose_of_sirolimus_toxic(opened: Opener) -> None:
    ward = past_the_crisis(opened, 6).order("sirolimus").wait(20 * DAY)
    before = ward.value("sirolimus_level", "sirolimus_level")
    assert 5 <= before <= 13
    assert ward.order("fluconazole").wait(15 * DAY).value("sirolimus_level", "sirolimus_level") > 2 * before


def test_the_line_bundle_prevents_line_infections(opened: Opener) -> None:
    def infected(*orders: str) -> float:
        wards = [past_the_crisis(opened, s).order("central_line", *orders).wait(150 * DAY) for s in range(80)]
        return share(wards, lambda ward: "line_infection" in ward.calls)

    assert infected("line_bundle") < infected() < 0.7


def test_live_vaccines_make_him_ill(opened: Opener) -> None:
    given = [past_the_crisis(opened, s).order("rotavirus_vaccine").wait(40 * DAY) for s in range(60)]
    spared = [past_the_crisis(opened, s).order("hold_live_vaccines").wait(40 * DAY) for s in range(60)]
    assert share(given, lambda ward: "vaccine_illness" in ward.calls) > 0.2
    assert share(spared, lambda ward: "vaccine_illness" in ward.calls) == 0


def test_without_insulin_ketoacidosis_is_back_within_a_week_even_after_a_transplant(opened: Opener) -> None:
    cured = {"graft": "full", "tolerance": "restored", "recovery": "complete"}
    boys = [past_the_crisis(opened, seed, **cured) for seed in range(50)]
    stopped = [boy.wait(DAY).stop("insulin_pump").wait(7 * DAY) for boy in boys]
    assert share(stopped, lambda ward: "ketones.ketoacidosis" in ward.seen) > 0.8


def test_trimethoprim_in_a_newborn_can_injure_the_brain_and_pentamidine_does_not(opened: Opener) -> None:
    def injured(order: str) -> float:
        wards = [past_the_crisis(opened, seed).order(order).wait(HOUR) for seed in range(150)]
        return share(wards, lambda ward: ward.states["brain"] == "injured")

    assert injured("pjp_cotrimoxazole") > 0 == injured("pjp_pentamidine")


def test_organs_lost_before_a_transplant_cost_lives_after_it(opened: Opener) -> None:
    def survival(burden: str) -> float:
        start = {"graft": "aplasia", "recovery": "early", "take": "full", "regimen": "reduced_toxicity"}
        wards = []
        for seed in range(80):
            ward = past_the_crisis(opened, seed, 2 * YEAR, burden=burden, **start)
            ward.order("gvhd_prophylaxis", "line_teaching", "pjp_pentamidine", "ganciclovir")
            wards.append(ward.care(2 * YEAR))
        return share(wards, lambda ward: ward.alive)

    low, middle, high = survival("low"), survival("middle"), survival("high")
    assert low > middle > high
    assert low > 0.75 and high < 0.7


def test_weight_is_gained_once_he_is_fed_and_on_insulin(opened: Opener) -> None:
    start = {"circulation": "replete", "infection": "none", "gut": "quiet"}
    fed = Ward(opened, 8, start | {"glucose": 8.0, "ketones": 0.3, "water": 0.0}).order(
        "insulin_pump", "central_line", "pn_graded"
    )
    before = fed.value("ex_weight", "weight")
    assert fed.care(60 * DAY).value("ex_weight", "weight") > 1.25 * before


# --- the course over years ---------------------------------------------------------------------------------


def test_supportive_care_alone_does_not_save_him(opened: Opener) -> None:
    wards = [Ward(opened, seed, until=2 * YEAR).support().care(2 * YEAR, weekly=True) for seed in range(50)]
    assert share(wards, lambda ward: ward.alive) < 0.25


def test_immunosuppression_carries_more_than_half_for_four_years(opened: Opener) -> None:
    wards = [Ward(opened, seed, until=4 * YEAR).bridge().care(4 * YEAR, weekly=True) for seed in range(40)]
    assert 0.35 < share(wards, lambda ward: ward.alive) < 0.85


def test_an_early_transplant_saves_about_three_in_four(opened: Opener) -> None:
    wards = [Ward(opened, seed, until=3 * YEAR).transplant().care(3 * YEAR, weekly=True) for seed in range(40)]
    assert 0.55 < share(wards, lambda ward: ward.alive) < 0.95
    survivors = [ward for ward in wards if ward.alive and "graft.full" in ward.seen]
    assert share(survivors, lambda ward: ward.states["gut"] == "quiet") > 0.9
    assert share(survivors, lambda ward: ward.states["glucose"] != "normal") > 0.8
