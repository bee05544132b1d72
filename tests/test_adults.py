"""Adults: the catalogue as it is for them, to old age; a body that no longer grows; doses for a whole patient."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from scoring.assess.assessment import assess
from scoring.debrief.sentences import gathering_sentences
from shippedcase import last_values, played
from sim.attempts.replay import replay_policy
from sim.case.checking.check import check
from sim.case.checking.rules_catalogue import check_aliases
from sim.case.composing.digest import digest_of
from sim.case.composing.folders import case_in, package_root
from sim.case.composing.pronouns import words_for
from sim.case.composing.shelf import Shelf
from sim.case.library import load, load_catalogue
from sim.case.model.catalogue import GROWN, Catalogue
from sim.case.moves import PlaceOrder, Wait
from sim.case.problems import Problems
from sim.engine import readout
from sim.engine.growth import median, z_score
from sim.engine.log import ResultReturned
from sim.words.dose import by_weight
from sim.words.format import age

YEAR = 525960
AGES = (18 * YEAR, 34 * YEAR, 59 * YEAR, 78 * YEAR, 99 * YEAR)
TARGETS = {"tacrolimus_level", "sirolimus_level", "ciclosporin_level"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def grown(catalogue: Catalogue) -> Catalogue:
    return catalogue.for_age(34 * YEAR)


def of_age(folder: Path, years: int) -> Path:
    """The man of 34, as old as this."""
    shipped = case_in(package_root() / "cases", "nothing_stays_down")
    assert shipped is not None
    shutil.copytree(shipped.parent, folder / "cases" / "nothing_stays_down")
    path = folder / "cases" / "nothing_stays_down" / "case.yaml"
    text = path.read_text(encoding="utf-8")
    assert "age: 34 y..35 y" in text
    path.write_text(text.replace("age: 34 y..35 y", f"age: {years} y..{years + 1} y"), encoding="utf-8")
    return path


# --- the catalogue ----------------------------------------------------------------------------------------


def test_a_child_has_the_catalogue_as_it_is_written(catalogue: Catalogue) -> None:
    assert catalogue.for_age(GROWN - 1) is catalogue


def test_what_is_said_of_adults_moves_no_case_of_a_child() -> None:
    scenario = load("first_steps")
    bare = scenario.catalogue.model_copy(
        update={
            "orders": {n: o.model_copy(update={"grown": None}) for n, o in scenario.catalogue.orders.items()},
            "observables": {n: o.model_copy(update={"grown": None}) for n, o in scenario.catalogue.observables.items()},
        }
    )
    assert digest_of(scenario.case, scenario.disease, bare) == digest_of(
        scenario.case, scenario.disease, scenario.catalogue
    )


@pytest.mark.parametrize("at", AGES)
def test_a_healthy_adult_lies_within_every_range_and_is_no_red_flag(grown: Catalogue, at: int) -> None:
    for observable in grown.observables.values():
        band = readout.band(observable, at)
        if observable.id in TARGETS:
            continue
        spread = 2 * observable.noise * abs(band.normal)
        assert band.low is None or round(max(observable.floor, band.normal - spread), observable.decimals) >= band.low
        assert (
            band.high is None or round(min(observable.ceiling, band.normal + spread), observable.decimals) <= band.high
        )
        assert observable.critical_low is None or observable.critical_low < (band.low or band.normal), observable.id
        assert observable.critical_high is None or band.normal < observable.critical_high, observable.id


@pytest.mark.parametrize("at", AGES)
def test_healthy_counts_of_adults_add_up(grown: Catalogue, at: int) -> None:
    for whole in (observable for observable in grown.observables.values() if observable.whole_of):
        parts = [readout.band(grown.observables[part], at).normal for part in whole.whole_of]
        assert sum(parts) <= readout.band(whole, at).normal * 1.05


def test_what_is_otherwise_in_an_adult_says_why_and_its_bands_begin_at_eighteen(catalogue: Catalogue) -> None:
    for observable in catalogue.observables.values():
        said = observable.grown
        if said is not None and said.bands is not None:
            assert said.assumed or said.evidence, observable.id
            ends = [GROWN, *(band.until for band in said.bands if band.until is not None)]
            assert all(before < after for before, after in pairwise(ends)), observable.id
    for order in catalogue.orders.values():
        if order.grown is not None and order.grown.doses is not None:
            assert set(order.for_adult.extremes) or order.range is None
            assert order.for_adult.dose_unit is not None, order.id


def test_names_of_adults_lead_to_one_order_each() -> None:
    shelf, problems = Shelf((package_root(),)), Problems()
    check_aliases({name: (node, order.for_adult) for name, (node, order) in shelf.orders.items()}, problems)
    assert [problem.message for problem in problems.all] == []


def test_pressure_and_urea_rise_and_growth_hormone_falls_in_old_age(grown: Catalogue) -> None:
    young, old = (
        {name: readout.band(grown.observables[name], years * YEAR).normal for name in ("systolic", "urea", "igf1")}
        for years in (34, 78)
    )
    assert old["systolic"] > young["systolic"]
    assert old["urea"] > young["urea"]
    assert old["igf1"] < young["igf1"]


# --- growth and words -------------------------------------------------------------------------------------


def test_an_adult_no_longer_grows() -> None:
    for sex, height in (("male", 176.5), ("female", 163.2)):
        assert median("length", sex, 34 * YEAR) == median("length", sex, 78 * YEAR) == pytest.approx(height, abs=0.2)
        assert median("weight", sex, 34 * YEAR) == median("weight", sex, 78 * YEAR)
        assert z_score("bmi_for_age_z", (72.0, 176.5), sex, 34 * YEAR) == pytest.approx(0.3, abs=0.4)


@pytest.mark.parametrize(("minutes", "said"), [(34 * YEAR + 100000, "34 y"), (78 * YEAR, "78 y"), (9 * YEAR, "9 y")])
def test_an_adult_is_so_many_years_old(minutes: int, said: str) -> None:
    assert age(minutes) == said


def test_a_boy_who_has_grown_up_is_a_man() -> None:
    assert [words_for(sex, grown)["boy"] for sex in ("male", "female") for grown in (False, True)] == [
        "boy", "man", "girl", "woman",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("order", "typed", "said"),
    [
        ("bolus_isotonic", "500 mL", "7 mL/kg"), ("bolus_isotonic", "1 L", "14 mL/kg"),
        ("bolus_isotonic", "1 l over 20 min", "14 mL/kg"), ("bolus_isotonic", "250 ml", "3.51 mL/kg"),
        ("insulin_infusion", "7 units/hr", "0.0983 U/kg/h"), ("insulin_infusion", "5 U/h", "0.0702 U/kg/h"),
        ("insulin_infusion", "0.1 U/kg/h", "0.1 U/kg/h"), ("insulin_infusion", "7", "7"),
        ("insulin_infusion", "7 U/day", "7 U/day"), ("insulin_infusion", "7 mg/h", "7 mg/h"),
        ("potassium_replacement", "40 mmol", "40 mmol"), ("ecg", "1 L", "1 L"),
    ],
)  # fmt: skip
def test_a_dose_for_the_whole_patient_is_read_by_weight(grown: Catalogue, order: str, typed: str, said: str) -> None:
    assert by_weight(grown.orders[order], typed, 71.2) == said
    assert by_weight(grown.orders[order], typed, None) == typed


# --- a case of each age -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("years", [18, 34, 78])
def test_one_case_serves_adults_of_any_age(tmp_path: Path, years: int) -> None:
    path = of_age(tmp_path, years)
    assert check([path]) == ()
    scenario = load(path)
    for seed in (1, 2, 3):
        log = replay_policy(scenario, seed, "pathway").log
        found = assess(scenario, log)
        assert (found.band, found.pitfalls) == ("exemplary", ())
        assert any("that an adult has" in sentence for sentence in gathering_sentences(found))


@pytest.mark.slow
def test_a_man_of_78_has_the_ranges_of_his_age_and_keeps_his_weight(tmp_path: Path) -> None:
    scenario = load(of_age(tmp_path, 78))
    session = played(
        scenario, 2, PlaceOrder("ex_vital_signs"), PlaceOrder("electrolytes"), PlaceOrder("ex_weight"), Wait(70)
    )
    shown = {m.observable: m for e in session.log if isinstance(e, ResultReturned) for m in e.measurements}
    assert (shown["systolic"].low, shown["systolic"].high) == (105, 150)
    assert (shown["urea"].low, shown["urea"].high) == (2.9, 9)
    young = played(load("nothing_stays_down"), 2, PlaceOrder("ex_weight"), Wait(5))
    assert shown["weight"].value == pytest.approx(last_values(young, "ex_weight")["weight"], abs=0.6)
    assert shown["weight"].value == round(shown["weight"].value, 1)


@pytest.mark.slow
def test_a_median_that_ends_in_childhood_is_warned_of(tmp_path: Path) -> None:
    path = of_age(tmp_path, 34)
    shutil.copytree(package_root() / "diseases", tmp_path / "diseases")
    disease = tmp_path / "diseases" / "type1_diabetes_of_adults.yaml"
    text = disease.read_text(encoding="utf-8")
    disease.write_text(
        text.replace(
            "observables:\n  potassium:",
            "observables:\n  igf1: {sum: [{median: weight}, {plus: 100}]}\n  potassium:",
            1,
        ),
        encoding="utf-8",
    )
    assert "the WHO's table for this ends at 10 y, and the patient is older" in {p.message for p in check([path])}
