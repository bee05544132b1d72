"""The shared catalogue: enough of it, every entry usable, healthy children healthy, needs as on a ward."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from sim.case.checking.assemble import check_lists
from sim.case.checking.rules_catalogue import check_wholes
from sim.case.composing.folders import package_root
from sim.case.composing.shelf import Shelf
from sim.case.library import load_catalogue
from sim.case.model.catalogue import Catalogue, Kind, Observable, Order, Reference
from sim.case.model.conditions import Condition
from sim.case.model.terms import Hidden, leaves, parsed
from sim.case.problems import Problems
from sim.case.reading.tree import Node
from sim.case.spelling import words_of
from sim.engine import readout

MONTH = 43830
ADULT = 18 * 12 * MONTH
TARGETS = {"tacrolimus_level", "sirolimus_level", "ciclosporin_level"}
"""Their range is what a treated child should reach, not what a healthy one has."""

WITHOUT_A_NEEDLE = {"mri_brain", "capsule_endoscopy"}
"""Invasive by sedation or by what is swallowed."""

MISTAKES = (
    "red_cells_unirradiated",
    "platelets_unirradiated",
    "rotavirus_vaccine",
    "bcg_vaccine",
    "mmr_vaccine",
    "insulin_bolus",
    "rapid_rehydration",
    "bolus_hypotonic",
    "bicarbonate",
    "gluten_free_diet",
    "azathioprine",
    "pjp_cotrimoxazole",
    "levothyroxine",
    "discharge_home",
)


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf((package_root(),))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def of_kind(catalogue: Catalogue, *kinds: Kind) -> list[Order]:
    return [order for order in catalogue.orders.values() if order.kind in kinds]


def written(entry: tuple[Node, Order]) -> set[str]:
    """The keys an author wrote, defaults left out."""
    data = entry[0].data
    assert isinstance(data, dict)
    return set(data)


def test_the_files_hold_no_mistake_at_all(shelf: Shelf) -> None:
    shelf.read_lists()
    check_lists(shelf)
    assert [(problem.file, problem.line, problem.message) for problem in shelf.problems.all] == []


def test_there_is_enough_of_every_kind(catalogue: Catalogue) -> None:
    count = Counter(order.kind for order in catalogue.orders.values())
    assert count[Kind.HISTORY] >= 40
    assert count[Kind.EXAMINATION] >= 25
    assert count[Kind.INVESTIGATION] >= 70
    assert sum(count[kind] for kind in (Kind.THERAPY, Kind.PROCEDURE, Kind.CONSULT, Kind.DISPOSITION)) >= 60
    assert len(catalogue.diagnoses) >= 30


def test_no_two_orders_answer_to_the_same_words_however_spelt(catalogue: Catalogue) -> None:
    owner: dict[str, str] = {}
    for order in catalogue.orders.values():
        for called in (order.id, order.name, *order.aliases):
            key = "".join(words_of(called))
            assert owner.setdefault(key, order.id) == order.id, f"{called!r}: {owner[key]} and {order.id}"


def test_no_two_diagnoses_answer_to_the_same_words(catalogue: Catalogue) -> None:
    owner: dict[str, str] = {}
    for diagnosis in catalogue.diagnoses.values():
        for called in (diagnosis.id, diagnosis.name, *diagnosis.aliases):
            key = "".join(words_of(called))
            assert owner.setdefault(key, diagnosis.id) == diagnosis.id, called


def test_whatever_is_asked_looked_for_sent_or_consulted_has_an_answer(catalogue: Catalogue) -> None:
    silent = [
        order.id
        for order in of_kind(catalogue, Kind.HISTORY, Kind.EXAMINATION, Kind.INVESTIGATION, Kind.CONSULT)
        if order.normal is None and not order.measures
    ]  # fmt: skip
    assert silent == []


def test_procedures_and_dispositions_say_that_they_were_done(catalogue: Catalogue) -> None:
    assert all(order.normal for order in of_kind(catalogue, Kind.PROCEDURE, Kind.DISPOSITION))


def test_every_measured_observable_exists(catalogue: Catalogue) -> None:
    for order in catalogue.orders.values():
        assert set(order.measures) <= set(catalogue.observables), order.id


def test_every_laboratory_value_can_be_measured(catalogue: Catalogue) -> None:
    measured = {name for order in catalogue.orders.values() for name in order.measures}
    assert set(catalogue.observables) - measured == set()


AT_ONCE = {
    "bolus_isotonic", "bolus_hypotonic", "deficit_fluids", "rapid_rehydration", "maintenance_fluids",
    "albumin_infusion", "dextrose_bolus", "hypertonic_saline",
}  # fmt: skip
"""What is counted by the millilitre is in the body while it runs: the weight moves by what went in."""


def test_every_therapy_says_when_it_begins_to_work(shelf: Shelf) -> None:
    silent = [
        name
        for name, entry in shelf.orders.items()
        if entry[1].kind is Kind.THERAPY and "onset" not in written(entry) and name not in AT_ONCE
    ]
    assert silent == []


def test_a_course_is_still_running_when_its_effect_begins(catalogue: Catalogue) -> None:
    for order in catalogue.orders.values():
        if order.lasts is not None:
            assert order.onset[1] < order.lasts + order.offset, order.id


def test_a_needle_in_an_investigation_draws_blood_and_nothing_else_does(catalogue: Catalogue) -> None:
    for order in of_kind(catalogue, Kind.INVESTIGATION):
        assert (order.blood > 0) == (order.invasive != "none" and order.id not in WITHOUT_A_NEEDLE), order.id
    assert not any(order.blood for order in of_kind(catalogue, Kind.HISTORY, Kind.EXAMINATION, Kind.CONSULT))


def test_one_blood_test_is_a_microtube_for_a_three_kilogram_child(catalogue: Catalogue) -> None:
    assert max(order.blood for order in catalogue.orders.values()) <= 5


def test_bedside_questions_and_signs_take_a_minute_or_two_and_answer_at_once(catalogue: Catalogue) -> None:
    for order in of_kind(catalogue, Kind.HISTORY, Kind.EXAMINATION):
        assert 1 <= order.takes + order.nurse <= 3, order.id
        assert order.turnaround == 0, order.id


def test_every_order_costs_bedside_time(catalogue: Catalogue) -> None:
    assert all(1 <= order.takes + order.nurse <= 120 for order in catalogue.orders.values())


def test_what_nurses_do_costs_the_doctor_nothing(catalogue: Catalogue) -> None:
    for name in ("bolus_isotonic", "antibiotics_broad", "insulin_infusion", "hourly_observations", "bedside_glucose"):
        assert catalogue.orders[name].takes == 0 < catalogue.orders[name].nurse <= 5, name


def test_what_is_given_into_a_vein_hangs_on_an_access_and_the_quickest_is_in_the_bone(catalogue: Catalogue) -> None:
    accesses = [order for order in catalogue.orders.values() if order.access]
    assert {"peripheral_access", "intraosseous_access", "central_line", "line_replacement"} == {a.id for a in accesses}
    assert min(accesses, key=lambda order: order.takes).id == "intraosseous_access"
    assert {catalogue.orders[name].via for name in ("bolus_isotonic", "antibiotics_broad", "insulin_infusion")} == {
        "iv"
    }
    assert {catalogue.orders[name].via for name in ("pn_graded", "pn_full", "conditioning_ric")} == {"central"}


def test_every_investigation_takes_time_to_answer_and_says_where_its_figures_come_from(catalogue: Catalogue) -> None:
    for order in of_kind(catalogue, Kind.INVESTIGATION):
        assert order.turnaround > 0, order.id
        assert order.evidence or order.assumed, order.id


def test_every_therapy_says_where_its_figures_come_from(catalogue: Catalogue) -> None:
    assert [order.id for order in of_kind(catalogue, Kind.THERAPY) if not (order.evidence or order.assumed)] == []


def test_the_slow_tests_are_slow_and_the_quick_ones_quick(catalogue: Catalogue) -> None:
    day = 1440
    wait = {name: order.turnaround / day for name, order in catalogue.orders.items()}
    assert 14 <= wait["foxp3_sequencing"] <= 21
    assert 28 <= wait["immune_panel"] <= 56
    assert 3 <= wait["rapid_genome"] <= 5
    assert 3 <= wait["treg_flow"] <= 7
    assert wait["enterocyte_antibodies"] == 28
    assert 7 <= wait["hla_typing"] <= 14
    assert 1 <= wait["ige"] <= 5
    assert wait["blood_gas"] * day == 5


def test_dose_labels_say_the_amount_they_stand_for(catalogue: Catalogue) -> None:
    for order in catalogue.orders.values():
        for option in order.doses:
            said = {word.rstrip("%") for word in option.label.split()}
            halves = {option.amount, option.amount / 2, option.amount / 4}  # twice a day, every three months
            assert option.amount == 100 or said & {f"{half:g}" for half in halves}, (order.id, option.label)


def test_only_therapies_and_lasting_procedures_have_doses_or_effects(catalogue: Catalogue) -> None:
    for order in catalogue.orders.values():
        if not order.starts_therapy:
            assert (order.doses, order.onset, order.offset, order.lasts) == ((), (0, 0), 0, None), order.id


def test_teaching_stands_on_the_orders_that_matter(catalogue: Catalogue) -> None:
    taught = [order for order in catalogue.orders.values() if order.teaching]
    assert len(taught) >= 80
    assert len({order.teaching for order in taught}) == len(taught)


def test_a_learner_can_make_the_mistakes(catalogue: Catalogue) -> None:
    assert [name for name in MISTAKES if catalogue.orders[name].needs] == []


def known_only(when: Condition) -> bool:
    """Whether a condition asks only for what a learner can know."""
    return not any(isinstance(leaf, Hidden) for leaf in leaves(parsed(when)))


def test_needs_ask_only_for_what_the_ward_knows(catalogue: Catalogue) -> None:
    needs = [(order.id, need) for order in catalogue.orders.values() for need in order.needs]
    assert {"hsct", "dli", "chimerism", "steroid_taper", "sirolimus_level"} <= {n for n, _ in needs}
    assert all(known_only(need.when) for _, need in needs)


def test_consultants_give_advice_and_not_the_diagnosis(catalogue: Catalogue) -> None:
    for order in of_kind(catalogue, Kind.CONSULT, Kind.HISTORY, Kind.EXAMINATION):
        said = (order.normal or "").casefold()
        assert not any(word in said for word in ("ipex", "foxp3", "omenn", "scid", "wiskott", "cd25")), order.id


def test_hints_and_headings_do_not_name_the_disease_of_the_first_library(catalogue: Catalogue) -> None:
    for order in catalogue.orders.values():
        for shown in (order.name, order.group, order.teaching or ""):
            assert "ipex" not in shown.casefold(), order.id


# --- observables -----------------------------------------------------------------------------------------


def bands(observable: Observable) -> list[tuple[int, Reference]]:
    """Bands with the age at which each begins."""
    begins = [0, *(band.until or 0 for band in observable.bands[:-1])]
    return list(zip(begins, observable.bands, strict=True))


def test_a_healthy_child_lies_within_the_range_at_every_age(catalogue: Catalogue) -> None:
    for observable in catalogue.observables.values():
        if observable.id in TARGETS:
            continue
        for _, band in bands(observable):
            assert band.low is None or band.low <= band.normal, observable.id
            assert band.high is None or band.normal <= band.high, observable.id


def test_a_healthy_child_is_never_flagged_by_the_noise_of_one_measurement(catalogue: Catalogue) -> None:
    for observable in catalogue.observables.values():
        if observable.id in TARGETS:
            continue
        for _, band in bands(observable):
            spread = 2 * observable.noise * abs(band.normal)
            smallest = max(observable.floor, band.normal - spread)
            largest = min(observable.ceiling, band.normal + spread)
            assert band.low is None or round(smallest, observable.decimals) >= band.low, observable.id
            assert band.high is None or round(largest, observable.decimals) <= band.high, observable.id


def test_a_healthy_child_is_never_a_red_flag(catalogue: Catalogue) -> None:
    for observable in catalogue.observables.values():
        for _, band in bands(observable):
            if observable.id in TARGETS:
                continue
            assert observable.critical_low is None or observable.critical_low < band.normal, observable.id
            assert observable.critical_high is None or band.normal < observable.critical_high, observable.id


def test_bands_cover_every_age_up_to_adulthood(catalogue: Catalogue) -> None:
    for observable in catalogue.observables.values():
        assert observable.bands[-1].until is None
        assert all(before[0] < after[0] < ADULT for before, after in pairwise(bands(observable))), observable.id


def test_children_grow_and_their_hearts_slow_down(catalogue: Catalogue) -> None:
    weight = [band.normal for band in catalogue.observables["weight"].bands]
    heart = [band.normal for band in catalogue.observables["heart_rate"].bands]
    pressure = [band.normal for band in catalogue.observables["systolic"].bands]
    assert weight == sorted(weight)
    assert pressure == sorted(pressure)
    assert heart == sorted(heart, reverse=True)


def test_the_published_limits_are_the_ones_printed(catalogue: Catalogue) -> None:
    ige = catalogue.observables["ige"]
    assert [(begins // MONTH, band.high) for begins, band in bands(ige)][:3] == [(0, 13), (6, 34), (12, 97)]
    assert catalogue.observables["sirolimus_level"].bands[0].low == 5
    assert catalogue.observables["sirolimus_level"].bands[0].high == 12
    assert catalogue.observables["a1at"].bands[0].high == 0.48


def test_fast_things_settle_fast_and_slow_things_slowly(catalogue: Catalogue) -> None:
    settles = {name: observable.settles for name, observable in catalogue.observables.items()}
    order = ("spo2", "heart_rate", "glucose", "ph", "sodium", "crp", "hb", "albumin", "ige", "hba1c")
    assert [settles[name] for name in order] == sorted(settles[name] for name in order)


def test_a_monitor_label_is_short_and_unique(catalogue: Catalogue) -> None:
    labels = [observable.short for observable in catalogue.observables.values()]
    assert len(labels) == len(set(labels))
    assert max(map(len, labels)) <= 12


def test_every_whole_is_in_the_unit_of_its_parts_and_healthy_counts_add_up(
    catalogue: Catalogue,
) -> None:
    wholes = [observable for observable in catalogue.observables.values() if observable.whole_of]
    assert {whole.id for whole in wholes} == {"wcc", "lymphocytes", "cd3"}
    for whole in wholes:
        parts = [catalogue.observables[part] for part in whole.whole_of]
        assert {part.unit for part in parts} == {whole.unit}
        for age in range(0, ADULT + MONTH, MONTH):
            total = sum(readout.band(part, age).normal for part in parts)
            assert total <= readout.band(whole, age).normal * 1.05, (whole.id, age / MONTH)


def test_a_whole_counted_within_itself_or_in_another_unit_is_reported(shelf: Shelf) -> None:
    shelf.read_lists()
    node, cd3 = shelf.observables["cd3"]
    own = cd3.model_copy(update={"id": "cd4", "whole_of": ("cd3",)})
    share = cd3.model_copy(update={"id": "cd8", "whole_of": (), "unit": "%"})
    problems = Problems()
    check_wholes({"cd3": (node, cd3), "cd4": (node, own), "cd8": (node, share)}, problems)
    assert sorted(problem.message for problem in problems.all) == [
        "'cd3' is counted within itself",
        "'cd4' is counted within itself",
        "'cd8' is in %, 'cd3' in 10^9/L: they cannot be added up",
    ]


def test_whoever_orders_monitoring_gets_values_and_is_told_how_to_get_later_ones(catalogue: Catalogue) -> None:
    watches = {
        "hourly_observations": "ex_vital_signs",
        "neuro_observations": "ex_consciousness",
        "hourly_glucose": "bedside_glucose",
        "daily_weights": "ex_weight",
    }
    for standing, single in watches.items():
        assert catalogue.orders[standing].measures == catalogue.orders[single].measures, standing
    others = ("cardiac_monitoring", "strict_fluid_balance", "daily_refeeding_bloods")
    for standing in (*watches, *others):
        order = catalogue.orders[standing]
        assert order.measures, standing
        assert order.turnaround <= 60
        assert order.normal is not None
        assert order.every is not None or "again" in order.normal or "the monitor" in order.normal, standing
