"""The classical case: whole, silent about its diagnosis, won by its pathway, and lost through each of its pitfalls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest

from scoring.assess.assessment import Assessment, assess
from scoring.assess.pitfalls import find_pitfalls
from scoring.debrief.build import debrief
from sim.attempts.replay import replay_moves, replay_plan, replay_policy
from sim.authoring.show import table
from sim.case.composing.folders import package_root
from sim.case.library import load, load_catalogue, path_of
from sim.case.model.catalogue import Catalogue, Kind
from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.case.moves import AskHint, Finish, Move, PlaceOrder, StopTherapy, Wait
from sim.case.reading.movefile import read_moves, read_plan
from sim.case.search import resolve
from sim.engine.log import (
    Called,
    CaseEnded,
    CaseOpened,
    CheckpointReached,
    DifferentialStated,
    Event,
    HintGiven,
    Log,
    OrderPlaced,
    ResultReturned,
    StateEntered,
    TherapyStopped,
)
from sim.engine.policy import following, play
from sim.engine.session import Session

pytestmark = pytest.mark.slow

MINUTES = {"min": 1, "h": 60, "d": 1440, "wk": 10080}
PLAYTHROUGHS = Path(__file__).parent / "data" / "playthroughs"
NAMED_FIVE = (
    "late_recognition",
    "drugs_without_a_donor",
    "left_to_starve",
    "one_organ_at_a_time",
    "steroid_for_months",
)
SEEDS = (1, 2, 3, 6, 8, 17)
PROTOCOLS = tuple(sorted((package_root() / "protocols").glob("*.yaml")))
HISTORIES = tuple(sorted((package_root() / "histories").glob("*.yaml")))
ANSWER = re.compile(r"ipex|foxp3", re.IGNORECASE)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("drying_out")


@cache
def pathway_log(seed: int) -> Log:
    session = Session(load("drying_out"), seed)
    play(session, following())
    return session.log


def texts(scenario: Scenario) -> Iterable[tuple[str, str]]:
    """Everything of the case a learner may read before the debrief."""
    case = scenario.case
    yield from (("title", case.title), ("blurb", case.blurb), ("opening", case.opening), ("setting", case.setting))
    yield from (("objective", text) for text in case.objectives)
    yield from (("step", step.title) for step in case.pathway)
    yield from ((order, finding.text) for order, findings in case.results.items() for finding in findings)


# --- what stands in it --------------------------------------------------------------------------------------


def test_the_pathway_is_long_and_says_why(scenario: Scenario) -> None:
    steps = scenario.case.pathway
    assert len(steps) >= 25
    assert sum(step.weight == "must" and step.critical for step in steps) >= 8
    assert all(step.evidence or step.assumed for step in steps)


def test_every_phase_from_the_first_hour_to_the_year_after_has_a_must(scenario: Scenario) -> None:
    phases = {step.phase for step in scenario.case.pathway if step.weight == "must"}
    assert {"First hour", "First day", "First week", "Bridge", "Transplant", "When called"} <= phases
    assert "Year after" in {step.phase for step in scenario.case.pathway}


def test_the_whole_case_can_be_shown_as_a_table(scenario: Scenario) -> None:
    shown = "\n".join(table(scenario))
    assert all(step.id in shown for step in scenario.case.pathway)
    assert all(pitfall.id in shown for pitfall in scenario.case.pitfalls)


@pytest.mark.parametrize(("minute", "gas"), [(18, "in_time"), (25, "late")])
def test_a_gas_that_is_late_is_late_once(scenario: Scenario, minute: int, gas: str) -> None:
    session = Session(scenario, 3)
    for move in (Wait(minute), PlaceOrder("blood_gas"), Wait(60), Finish()):
        session.apply(move)
    verdicts = {item.step: item.verdict for item in assess(scenario, session.log).pathway}
    assert (verdicts["take_gas"], verdicts["measure_glucose"]) == (gas, "not_needed")


def test_what_a_pitfall_set_off_is_told_as_its_consequence(scenario: Scenario) -> None:
    session = Session(scenario, 3)
    session.apply(Wait(None))
    told = {
        price.transition: price
        for m in debrief(scenario, session.log, assess(scenario, session.log)).mistakes
        for price in m.prices
        if m.id == "no_antibiotic"
    }
    fired = {event.transition: event.at for event in session.log if isinstance(event, StateEntered)}
    for name in ("infection.turns_septic", "life.sepsis_kills"):
        assert (told[name].at, told[name].otherwise) == (fired[name], None)


def test_one_blood_gas_is_gas_and_glucose(scenario: Scenario) -> None:
    session = Session(scenario, 3)
    for move in (PlaceOrder("blood_gas"), Wait(60), Finish()):
        session.apply(move)
    verdicts = {item.step: item.verdict for item in assess(scenario, session.log).pathway}
    assert (verdicts["take_gas"], verdicts["measure_glucose"]) == ("in_time", "not_needed")


def test_the_first_gas_holds_together(scenario: Scenario) -> None:
    session = Session(scenario, 3)
    for move in (PlaceOrder("blood_gas"), Wait(10)):
        session.apply(move)
    gas = {
        m.observable: m.value for event in session.log if isinstance(event, ResultReturned) for m in event.measurements
    }
    worked_out = 0.93 * (gas["bicarbonate"] - 24.4 + 14.8 * (gas["ph"] - 7.4))  # Siggaard-Andersen
    assert gas["base_excess"] == pytest.approx(worked_out, abs=4)


def test_neither_gas_nor_glucose_is_to_miss_both(scenario: Scenario) -> None:
    session = Session(scenario, 3)
    session.apply(Finish())
    verdicts = {item.step: item.verdict for item in assess(scenario, session.log).pathway}
    assert (verdicts["take_gas"], verdicts["measure_glucose"]) == ("missed", "missed")


def test_the_five_named_pitfalls_are_there_and_many_more(scenario: Scenario) -> None:
    ids = [pitfall.id for pitfall in scenario.case.pitfalls]
    assert set(NAMED_FIVE) <= set(ids)
    assert len(ids) >= 5 + 15


def test_every_pitfall_is_paid_for_in_the_disease(scenario: Scenario) -> None:
    for pitfall in scenario.case.pitfalls:
        for name in pitfall.consequence:
            region, transition = name.split(".")
            assert transition in {t.id for t in scenario.disease.regions[region].transitions}, name


def test_nothing_names_the_diagnosis_before_the_debrief(scenario: Scenario) -> None:
    telling = re.compile(r"ipex|immune dysregulation|polyendocrinopathy|scurfy mouse", re.IGNORECASE)
    assert [place for place, text in texts(scenario) if telling.search(text)] == []


def test_every_question_a_learner_may_ask_has_an_answer_of_this_boy(scenario: Scenario) -> None:
    asked = {order.id for order in scenario.catalogue.orders.values() if order.kind is Kind.HISTORY}
    assert asked - set(scenario.case.results) == set()


def test_the_family_tree_gives_the_strongest_clue(scenario: Scenario) -> None:
    (tree,) = scenario.case.results["hx_family_tree"]
    assert tree.code == "male_deaths"
    assert "four months" in tree.text
    others = [text for place, text in texts(scenario) if place.startswith("hx_") and place != "hx_family_tree"]
    assert not any("died at four months" in text for text in others)


def test_the_wet_nappies_reassure_whoever_lets_them(scenario: Scenario) -> None:
    first = scenario.case.results["hx_urine"][0]
    assert first.when is not None
    assert first.when.in_ == {"glucose": ("high", "extreme")}
    assert "he can't be dry" in first.text


def test_there_are_many_endings_and_none_better_than_the_cure(scenario: Scenario) -> None:
    endings = scenario.case.endings
    assert len(endings) >= 8
    assert max(endings, key=lambda ending: ending.utility).id == "cured"
    assert all(ending.utility == 0 for ending in endings if ending.id.startswith("lost_"))


def test_the_expert_grows_surer(scenario: Scenario) -> None:
    shares = [checkpoint.expert["ipex"] for checkpoint in scenario.case.checkpoints]
    assert len(shares) == 4
    assert shares == sorted(shares)
    assert shares[-1] > 0.9


def test_orders_outside_the_pathway_have_a_worth(scenario: Scenario) -> None:
    values = scenario.case.values
    assert len({order for value in values for order in value.order}) >= 40
    assert {value.value for value in values} == {"useful", "neutral", "wasteful", "harmful"}


def test_it_is_marked_as_unreviewed(scenario: Scenario) -> None:
    assert scenario.case.reviewed == "not yet reviewed by a clinician"


# --- who he is ------------------------------------------------------------------------------------------------


def test_patients_differ_by_seed_within_the_case(scenario: Scenario) -> None:
    opened = [Session(scenario, seed).log[0] for seed in range(1, 13)]
    assert all(isinstance(event, CaseOpened) for event in opened)
    first = [event for event in opened if isinstance(event, CaseOpened)]
    assert len({event.name for event in first}) >= 5
    assert len({event.age for event in first}) >= 10
    assert all(19 * 1440 <= event.age <= 23 * 1440 for event in first)
    assert all(2.7 <= event.weight <= 3.1 for event in first)


def test_what_came_first_is_told_differently(scenario: Scenario) -> None:
    told = set()
    for seed in range(1, 25):
        (result,) = [
            event for event in Session(scenario, seed).apply(PlaceOrder("hx_presenting"))
            if isinstance(event, ResultReturned)
        ]  # fmt: skip
        told.add(result.text)
    assert len(told) == 3


# --- the pathway ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_pathway_does_every_must_in_time_and_meets_no_pitfall(scenario: Scenario, seed: int) -> None:
    log = pathway_log(seed)
    assessment = assess(scenario, log)
    late = [item.step for item in assessment.pathway if item.weight == "must" and item.verdict not in
            ("in_time", "not_needed")]  # fmt: skip
    assert late == []
    assert find_pitfalls(scenario, log) == ()
    assert assessment.band == "exemplary"


def test_most_patients_on_the_pathway_are_alive_at_the_end() -> None:
    ends = [pathway_log(seed)[-1] for seed in SEEDS]
    alive = [end for end in ends if isinstance(end, CaseEnded) and end.why == "horizon"]
    assert len(alive) >= len(SEEDS) - 2


def test_untreated_he_dies_within_days(scenario: Scenario) -> None:
    end = replay_policy(scenario, 1, "none").log[-1]
    assert isinstance(end, CaseEnded)
    assert end.why == "outcome"
    assert end.at < 4 * MINUTES["d"]


@pytest.mark.parametrize("name", ["none", "everything", "random", "repeat:bolus_isotonic", "repeat:ex_perfusion"])
def test_play_without_thought_does_not_pass(scenario: Scenario, name: str) -> None:
    session = replay_policy(scenario, 2, name)
    assert assess(scenario, session.log).band in ("unsafe", "developing")


def test_whoever_skips_the_coulds_still_does_well(scenario: Scenario) -> None:
    assert band_without(scenario, 6, lambda step: step.weight == "could").band in ("sound", "exemplary")


def test_whoever_knows_only_the_musts_has_not_seen_the_whole_boy(scenario: Scenario) -> None:
    assert band_without(scenario, 6, lambda step: step.weight != "must").band in ("developing", "sound")


def band_without(scenario: Scenario, seed: int, left_out: Callable[[Step], bool]) -> Assessment:
    skipped = [step.id for step in scenario.case.pathway if left_out(step)]
    session = Session(scenario, seed)
    play(session, following(skipped))
    return assess(scenario, session.log)


# --- each pitfall can be fallen into ----------------------------------------------------------------------------

HOUR = "bedside_glucose bolus_isotonic blood_culture freeze_set antibiotics_broad 30min deficit_fluids"
"""A sound first hour, shortly."""

NIGHT = f"{HOUR} 45min insulin_infusion potassium_replacement 20h insulin_pump 2h -insulin_infusion"
"""A sound first night, shortly."""

FED = f"{NIGHT} thiamine central_line line_bundle pn_graded stool_replacement"

WAYS: dict[str, str] = {
    "late_recognition": f"{FED} 14d",
    "drugs_without_a_donor": f"{FED} sirolimus pjp_pentamidine 30d",
    "left_to_starve": f"{NIGHT} stool_replacement 8d",
    "one_organ_at_a_time": f"{FED} 7d",
    "steroid_for_months": f"{FED} prednisolone 50d",
    "reassured_by_nappies": "hx_urine 60min",
    "no_antibiotic": "bolus_isotonic 30min deficit_fluids 3h",
    "insulin_bolus_given": "bolus_isotonic insulin_bolus",
    "insulin_before_fluid": "insulin_infusion",
    "no_potassium": "bolus_isotonic antibiotics_broad 30min deficit_fluids 30min insulin_infusion 8h",
    "too_much_too_fast": "bolus_isotonic rapid_rehydration",
    "bicarbonate_given": "bolus_isotonic bicarbonate",
    "samples_lost": "bolus_isotonic methylprednisolone",
    "live_vaccine_given": f"{NIGHT} bcg_vaccine",
    "unirradiated_blood": f"{NIGHT} red_cells_unirradiated",
    "cotrimoxazole_newborn": f"{NIGHT} pjp_cotrimoxazole",
    "full_bag_first": f"{NIGHT} central_line pn_full",
    "sugar_before_thiamine": f"{NIGHT} central_line pn_graded",
    "line_without_bundle": f"{NIGHT} central_line thiamine pn_graded stool_replacement 3d",
    "round_of_milks": f"{NIGHT} hydrolysed_formula soy_formula amino_acid_formula",
    "stopping_the_gut": f"{NIGHT} loperamide",
    "family_not_asked": f"{NIGHT} stool_replacement 3d",
    "normal_tregs_believed": f"{FED} treg_flow 29d",
    "content_with_a_virus": f"{FED} stool_pathogens 14d",
    "tablets_for_sugar": "bolus_isotonic glibenclamide 12h",
    "too_slow_for_a_crisis": f"{FED} azathioprine 28d",
    "biologic_cascade": f"{NIGHT} infliximab adalimumab",
    "no_pneumocystis_cover": f"{FED} sirolimus 21d",
    "level_not_measured": f"{FED} tacrolimus 7d",
    "azole_on_top": f"{NIGHT} sirolimus 1h fluconazole",
    "calcineurin_for_a_year": f"{FED} tacrolimus tacrolimus_level pjp_pentamidine 53wk",
    "steroid_stopped_dead": f"{FED} prednisolone 60d -prednisolone",
    "thyroxine_first": f"{NIGHT} levothyroxine",
    "donor_sought_late": f"{FED} sirolimus pjp_pentamidine 8wk",
    "drip_ended_in_acid": f"{HOUR} 45min insulin_infusion 1h insulin_subcutaneous 20min -insulin_infusion",
    "insulin_ended": f"{NIGHT} -insulin_pump",
    "steroid_in_the_storm": "bolus_isotonic antibiotics_broad methylprednisolone",
    "protection_ended": f"{FED} sirolimus pjp_pentamidine 3d -pjp_pentamidine",
    "level_ignored": f"{FED} tacrolimus:0.9 5d tacrolimus_level 3d",
    "insulin_in_low_potassium": "bolus_isotonic deficit_fluids insulin_infusion:1 4h electrolytes 2h electrolytes 4h",
    "potassium_run_too_high": f"{NIGHT} central_line stool_replacement potassium_replacement:80 3d electrolytes 14h",
}
"""Pitfall to a way into it: orders (`order:dose`), `-therapy` to stop one, and times to wait."""

NEEDS_A_GRAFT = {"transplant_in_a_storm", "chimerism_panic", "graft_unprotected", "transplanted_unprotected"}


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


def moves_of(way: str) -> list[Move]:
    moves: list[Move] = []
    for word in way.split():
        time = re.fullmatch(r"(\d+)(min|h|d|wk)", word)
        if time is not None:
            moves.append(Wait(int(time[1]) * MINUTES[time[2]], "time"))
        else:
            order, _, dose = word.partition(":")
            given = None if not dose else catalogue().orders[order].dose_meant(dose)
            placed = PlaceOrder(order, None if given is None else given.label)
            moves.append(StopTherapy(word[1:]) if word.startswith("-") else placed)
    return moves


def fallen_into(scenario: Scenario, way: str, seed: int) -> set[str]:
    session = Session(scenario, seed)
    for move in (*moves_of(way), Wait(30)):
        access = session.access_for(move.order) if isinstance(move, PlaceOrder) and not session.ended else None
        if access is not None:
            session.apply(PlaceOrder(access))
        if session.ended:
            break
        session.apply(move)
    return {item.id for item in find_pitfalls(scenario, session.log)}


@pytest.mark.parametrize("pitfall", WAYS)
def test_each_pitfall_can_be_fallen_into(scenario: Scenario, pitfall: str) -> None:
    assert any(pitfall in fallen_into(scenario, WAYS[pitfall], seed) for seed in range(1, 41))


def test_no_pitfall_was_forgotten(scenario: Scenario) -> None:
    assert {pitfall.id for pitfall in scenario.case.pitfalls} == set(WAYS) | NEEDS_A_GRAFT


def test_lymphocytes_for_a_number_are_a_pitfall_and_after_the_right_test_they_are_not(scenario: Scenario) -> None:
    assert "chimerism_panic" in after_transplant(scenario, PlaceOrder("dli"))
    assert "chimerism_panic" not in after_transplant(
        scenario, PlaceOrder("treg_chimerism"), Wait(11 * MINUTES["d"], "time"), PlaceOrder("dli")
    )


def after_transplant(scenario: Scenario, *moves: Move) -> set[str]:
    """Pitfalls of an attempt that follows the pathway to a month after the cells and then makes these moves."""
    session = Session(scenario, 6)
    for move in following()(session):
        if session.knowledge.last_ordered.get("hsct", session.now) < session.now - 30 * MINUTES["d"]:
            break
        session.apply(move)
    for move in moves:
        session.apply(move)
    return {item.id for item in find_pitfalls(scenario, session.log)}


def test_conditioning_through_an_infection_is_a_pitfall(scenario: Scenario) -> None:
    storm = next(pitfall for pitfall in scenario.case.pitfalls if pitfall.id == "transplant_in_a_storm")
    assert storm.pattern.during is not None
    condition = next(step for step in scenario.case.pathway if step.id == "condition")
    assert set(storm.pattern.during.order) == set(condition.do)


# --- what it is made of ------------------------------------------------------------------------------------------


def test_the_case_takes_at_most_700_lines() -> None:
    assert path_of("drying_out").read_text(encoding="utf-8").count("\n") <= 700


def test_every_protocol_that_ships_is_used_and_says_what_it_is_for_and_what_it_expects() -> None:
    cases = (package_root() / "cases").glob("*/case.yaml")
    used = "\n".join(case.read_text(encoding="utf-8") for case in cases)
    for path in PROTOCOLS:
        head = path.read_text(encoding="utf-8").partition("\nid:")[0]
        assert head.startswith("# "), path.stem
        assert "Expects: " in head, path.stem
        assert f"  - {path.stem}" in used


@pytest.mark.parametrize("path", [*PROTOCOLS, *HISTORIES], ids=lambda path: path.stem)
def test_parts_leave_the_sex_of_the_patient_open(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    said = "\n".join(line.partition(" #")[0] for line in lines if line[:1] != "#")
    assert re.findall(r"(?<!\{)\b(he|him|his|himself|she|her|boy|girl)\b(?!\})", said, re.IGNORECASE) == []


def test_another_child_on_the_same_protocols_is_a_she(tmp_path: Path) -> None:
    folder = tmp_path / "cases" / "drying_out"
    folder.mkdir(parents=True)
    text = path_of("drying_out").read_text(encoding="utf-8").replace("sex: male", "sex: female")
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    girl = load(folder / "case.yaml").case
    steps = {step.id: step for step in girl.pathway}
    assert steps["weigh"].title == "Weigh her naked"
    assert steps["vaccinate_those_around"].because == "She borrows immunity from those who kiss her."
    assert girl.results["hx_joints"][0].text == '"She moves everything. Nothing swollen."'


def test_what_is_read_at_the_door_does_not_name_the_answer(scenario: Scenario) -> None:
    case = scenario.case
    for text in (case.id, case.title, case.blurb, case.level, case.setting, case.opening, *case.patient.names):
        assert not ANSWER.search(text)
    root = package_root().parent
    doors = [root / "README.md", root / "scenarios" / "README.md", *(root / "sim" / "cli").glob("*.py")]
    for path in (path for path in doors if path.is_file()):
        assert not ANSWER.search(path.read_text(encoding="utf-8")), path.name


# --- golden playthroughs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["drying_out_first_day"])
def test_a_playthrough_gives_the_timeline_a_clinician_has_read(scenario: Scenario, name: str) -> None:
    moves = read_moves(PLAYTHROUGHS / f"{name}.yaml", scenario.catalogue, resolve)
    session = replay_moves(scenario, 6, moves)
    expected = (PLAYTHROUGHS / f"{name}.txt").read_text(encoding="utf-8")
    assert timeline(session.log) == expected


def timeline(log: Log) -> str:
    """What the learner did and was told in the first day, a line each. No numbers: they may be tuned, the story not."""
    lines = (f"{event.at // 60:2} h {event.at % 60:2} min  {line}" for event in log
             if event.at <= 24 * MINUTES["h"] and (line := told(event)))  # fmt: skip
    return "\n".join(lines) + "\n"


def told(event: Event) -> str:
    match event:
        case OrderPlaced(order=order, dose=dose):
            return f"ordered   {order}" + (f" ({dose})" if dose else "")
        case ResultReturned(order=order, codes=codes):
            return f"result    {order}" + (f": {', '.join(codes)}" if codes else "")
        case TherapyStopped(therapy=therapy, by=by):
            return f"ended     {therapy} ({by})"
        case CheckpointReached() | DifferentialStated():
            return "asked for a differential" if isinstance(event, CheckpointReached) else "stated a differential"
        case Called(text=text):
            return f"called    {text}"
        case _:
            return ""


@pytest.mark.parametrize("seed", range(1, 31))
def test_blood_counts_add_up_as_they_are_shown(scenario: Scenario, seed: int) -> None:
    orders = scenario.catalogue.orders
    at_once = orders["lymphocyte_subsets"].model_copy(update={"turnaround": 5})  # untreated, some die within hours
    catalogue = scenario.catalogue.model_copy(update={"orders": orders | {"lymphocyte_subsets": at_once}})
    session = Session(scenario.model_copy(update={"catalogue": catalogue}), seed)
    for _ in range(8):
        session.apply(PlaceOrder("fbc"))
        session.apply(PlaceOrder("lymphocyte_subsets"))
    while not session.ended:
        session.apply(Wait(1440))
    shown = counts_shown(session.log)
    assert {"wcc", "cd3"} <= {name for values in shown for name in values}
    assert_counts_add_up(scenario, shown)


def test_blood_counts_add_up_through_transplants(scenario: Scenario) -> None:
    for seed in (1, 2):
        assert_counts_add_up(scenario, counts_shown(pathway_log(seed)))


def counts_shown(log: Log) -> list[dict[str, float]]:
    results = [event for event in log if isinstance(event, ResultReturned)]
    return [{m.observable: m.value for m in result.measurements} for result in results]


def assert_counts_add_up(scenario: Scenario, shown: list[dict[str, float]]) -> None:
    for values in shown:
        for whole in values:
            parts = [values[part] for part in scenario.catalogue.observables[whole].whole_of if part in values]
            assert not parts or sum(parts) <= values[whole] + 1e-9, (whole, values)


def said_of(scenario: Scenario, *orders: str) -> str:
    """What the last of these orders says at the opening (everything else returns at once)."""
    known = scenario.catalogue.orders
    quick = {
        name: known[name].model_copy(update={"turnaround": 0, "needs": (), "nurse": 0, "via": None}) for name in orders
    }
    catalogue = scenario.catalogue.model_copy(update={"orders": known | quick})
    session = Session(scenario.model_copy(update={"catalogue": catalogue}), 1)
    for order in orders:
        session.apply(PlaceOrder(order))
    session.apply(Wait(1))
    return next(e.text for e in session.log if isinstance(e, ResultReturned) and e.order == orders[-1])


def test_no_donor_search_is_called_open_before_the_family_is_typed(scenario: Scenario) -> None:
    assert "cannot search without a tissue type" in said_of(scenario, "donor_search")
    assert "The search is open" in said_of(scenario, "hla_typing", "donor_search")


def test_the_transplant_meeting_names_what_stands_in_the_way_and_nothing_else(scenario: Scenario) -> None:
    said = said_of(scenario, "hsct_meeting")
    assert "settle the ketoacidosis first" in said
    assert "his circulation has to hold by itself first" in said
    findings = scenario.disease.results["hsct_meeting"]
    named = [f for f in findings if "ketoacidosis" in f.text]
    assert [f.when.in_ for f in named if f.when is not None] == [{"ketones": ("ketoacidosis",)}]


# --- a fair judge ---------------------------------------------------------------------------------------------

PLANS = path_of("drying_out").parent / "plans"


def planned(scenario: Scenario, name: str, seed: int) -> Assessment:
    plan = read_plan(PLANS / f"{name}.yaml", scenario.catalogue, resolve)
    return assess(scenario, replay_plan(scenario, seed, plan).log)


@pytest.mark.parametrize("name", ["good_steps_of_ten", "good_one_by_one", "good_early_team"])
def test_three_ways_of_working_are_exemplary(scenario: Scenario, name: str) -> None:
    assessment = planned(scenario, name, 2)
    assert (assessment.band, assessment.pitfalls) == ("exemplary", ())


@pytest.mark.parametrize("name", ["too_much_too_fast", "steroid_in_the_storm", "insulin_bolus_given"])
def test_three_dangerous_ways_are_not_and_the_right_mistake_is_named(scenario: Scenario, name: str) -> None:
    assessment = planned(scenario, f"bad_{name}", 2)
    assert assessment.band in ("unsafe", "developing")
    assert name in {item.id for item in assessment.pitfalls}


def test_fluid_is_counted_in_millilitres(scenario: Scenario) -> None:
    ten, twenty = ("bolus_isotonic:10 25min", "bolus_isotonic:20 25min")
    assert "too_much_too_fast" not in fallen_into(scenario, f"{ten} {ten}", 3)
    assert "too_much_too_fast" not in fallen_into(scenario, twenty, 3)
    assert "too_much_too_fast" not in fallen_into(scenario, " ".join([ten] * 4), 3)
    assert "too_much_too_fast" in fallen_into(scenario, " ".join([twenty] * 3), 3)


def test_a_steroid_into_the_storm_is_not_the_step_that_calms_the_attack(scenario: Scenario) -> None:
    session = Session(scenario, 20)
    for move in moves_of(f"{HOUR} insulin_infusion cortisol methylprednisolone:10 5d"):
        if not session.ended:
            session.apply(move)
    verdicts = {item.step: item.verdict for item in assess(scenario, session.log).pathway}
    assert verdicts["calm_the_attack"] != "in_time"


def test_prophylaxis_stopped_ten_days_after_the_cells_is_a_pitfall(scenario: Scenario) -> None:
    assert "graft_unprotected" in after_transplant(scenario, StopTherapy("gvhd_prophylaxis"))
    assert "graft_unprotected" not in after_transplant(scenario)


SAMPLES = "immunoglobulins ige lymphocyte_subsets treg_flow cd25_expression maternal_chimerism"


def test_the_samples_one_by_one_are_the_samples(scenario: Scenario) -> None:
    session = Session(scenario, 3)
    for move in moves_of(f"bolus_isotonic antibiotics_broad {SAMPLES} 30min deficit_fluids 30min prednisolone 2h"):
        session.apply(move)
    assessment = assess(scenario, session.log)
    assert {item.step: item.verdict for item in assessment.pathway}["secure_samples"] == "in_time"
    assert "samples_lost" not in {item.id for item in assessment.pitfalls}


def test_the_scales_are_no_must_and_may_wait_for_the_first_bolus(scenario: Scenario) -> None:
    (weigh,) = [step for step in scenario.case.pathway if step.do == ("ex_weight",) and step.phase == "First hour"]
    assert (weigh.weight, weigh.within) == ("should", 60)


def test_the_first_hints_in_shock_are_of_oxygen_perfusion_and_fluid(scenario: Scenario) -> None:
    session = Session(scenario, 1)
    steps = {step.id: step for step in scenario.case.pathway}
    named = []
    for _ in range(5):
        hint = hinted(session)
        assert hint is not None
        named.append(hint)
        session.apply(PlaceOrder(steps[hint].do[0]))
    assert named[0] in {"give_oxygen", "look_at_perfusion"}
    assert set(named) <= {
        "give_oxygen", "look_at_perfusion", "open_a_vein", "give_bolus", "take_gas", "measure_glucose",
        "measure_ketones", "culture_blood",
    }  # fmt: skip


def hinted(session: Session) -> str | None:
    (event,) = [event for event in session.apply(AskHint()) if isinstance(event, HintGiven)]
    return event.step


SPECIAL = {"treg_flow", "cd25_expression", "maternal_chimerism", "foxp3_sequencing", "cmv_pcr", "tsdr"}


def test_no_hint_names_a_special_test_before_a_count_or_the_family_calls_for_it(scenario: Scenario) -> None:
    session, named = Session(scenario, 1), set[str]()
    steps = {step.id: step for step in scenario.case.pathway}
    while session.now < 12 * MINUTES["h"] and not session.ended:
        hint = hinted(session)
        if hint is None or steps[hint].stop:
            session.apply(Wait(30, "call"))
            continue
        if SPECIAL.intersection(steps[hint].do):
            assert {"fbc", "hx_family_tree"}.intersection(session.knowledge.last_resulted)
            named.add(hint)
        session.apply(PlaceOrder(steps[hint].do[0], steps[hint].dose))
    assert named


def test_no_result_answers_what_another_test_is_for(scenario: Scenario) -> None:
    for order in ("treg_flow", "tsdr"):
        said = " ".join(finding.text for finding in scenario.disease.results[order])
        assert "FOXP3" not in said
        assert "activated" not in said
    names = [diagnosis.name for diagnosis in scenario.catalogue.diagnoses.values() if diagnosis.id != "ipex"]
    assert not [name for name in names if "FOXP3" in name]


def test_the_pump_follows_the_glucose(scenario: Scenario) -> None:
    values = [m.value for event in pathway_log(1) if isinstance(event, ResultReturned) and event.at > 90 * MINUTES["d"]
              for m in event.measurements if m.observable == "glucose"]  # fmt: skip
    assert values
    assert 4 <= sum(values) / len(values) <= 11
