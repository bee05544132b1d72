"""The boy whose islets alone are ill: what his body does with doses, when the gut follows, and what that costs."""

from __future__ import annotations

import re

import pytest

from shippedcase import last_values, played, seed_with
from sim.attempts.replay import replay_policy
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StopTherapy, Wait
from sim.engine.log import Called, CaseEnded, CaseOpened, Log, ResultReturned, StateEntered
from sim.engine.policy import following, play
from sim.engine.session import Session

pytestmark = pytest.mark.slow

DAY = 1440
SEEDS = range(1, 13)
TELLING = re.compile(r"ipex|foxp3|immune dysregulation|regulatory t|scurfy", re.IGNORECASE)
FILLED: tuple[Move, ...] = (PlaceOrder("peripheral_access"), PlaceOrder("bolus_isotonic", "10 mL/kg over 20 min"),
                            PlaceOrder("antibiotics_broad"), Wait(60, "time"),
                            PlaceOrder("deficit_fluids"))  # fmt: skip


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("lighter_than_at_birth")


def entered(log: Log, region: str, state: str) -> int | None:
    """When a state was entered, in minutes."""
    return next((e.at for e in log if isinstance(e, StateEntered) and (e.region, e.state) == (region, state)), None)


# --- what is read before the debrief --------------------------------------------------------------------------


def test_nothing_a_learner_reads_before_the_gene_names_the_answer(scenario: Scenario) -> None:
    case = scenario.case
    told = [case.id, case.title, case.blurb, case.opening, case.setting, *case.objectives]
    told += [finding.text for findings in case.results.values() for finding in findings]
    own = {"count_tregs"}  # due when the gene is known, and says what it counts
    told += [text for step in case.pathway if step.id not in own for text in (step.title, step.because)]
    told += [t.call for r in scenario.disease.regions.values() for t in r.transitions if t.call]
    assert [text for text in told if TELLING.search(text)] == []


def test_he_weighs_less_than_at_birth_and_is_not_in_shock(scenario: Scenario) -> None:
    for seed in SEEDS:
        session = played(scenario, seed, PlaceOrder("ex_weight"), PlaceOrder("ex_vital_signs"),
                         PlaceOrder("blood_gas"), PlaceOrder("ketones"), Wait(8))  # fmt: skip
        opened = session.log[0]
        assert isinstance(opened, CaseOpened)
        assert 14 * DAY <= opened.age <= 16 * DAY
        assert 2.55 <= last_values(session, "ex_weight")["weight"] < 2.85  # he was born with 2.85 to 3 kg
        signs, gas = last_values(session, "ex_vital_signs"), last_values(session, "blood_gas")
        assert 55 < signs["systolic"] < 90
        assert 145 < signs["heart_rate"] < 205
        assert 6.95 < gas["ph"] < 7.28
        assert gas["lactate"] < 3.5
        assert last_values(session, "ketones")["ketones"] > 5


# --- his body -------------------------------------------------------------------------------------------------


def after(scenario: Scenario, seed: int, *moves: Move) -> dict[str, float]:
    session = played(scenario, seed, *FILLED, *moves, PlaceOrder("blood_gas"), Wait(8, "time"))
    return last_values(session, "blood_gas")


def test_more_insulin_lowers_glucose_and_potassium_more(scenario: Scenario) -> None:
    seed = seed_with(scenario, insulin_need="usual", infection="none")
    low, high = (after(scenario, seed, PlaceOrder("insulin_infusion", dose), Wait(180, "time"))
                 for dose in ("0.05 U/kg/h", "0.1 U/kg/h"))  # fmt: skip
    none = after(scenario, seed, Wait(180, "time"))
    assert high["glucose"] < low["glucose"] < none["glucose"]
    assert high["potassium"] <= low["potassium"] + 0.2


@pytest.mark.parametrize("dose", ["0.1 mg/kg twice a day", "0.4 mg/kg twice a day"])
def test_a_tablet_in_the_place_of_insulin_brings_ketones_and_no_peptide(scenario: Scenario, dose: str) -> None:
    seed = seed_with(scenario, insulin_need="usual", infection="none")
    night: list[Move] = [PlaceOrder("insulin_infusion", "0.05 U/kg/h"), PlaceOrder("potassium_replacement"),
                         Wait(40 * 60, "time"), PlaceOrder("glibenclamide", dose)]  # fmt: skip
    read: list[Move] = [PlaceOrder("c_peptide"), PlaceOrder("ketones"), Wait(3 * DAY, "time")]
    beside = played(scenario, seed, *FILLED, *night, PlaceOrder("insulin_pump"), Wait(3 * 60, "time"),
                    StopTherapy("insulin_infusion"), Wait(2 * DAY, "time"), *read)  # fmt: skip
    assert not beside.ended
    assert last_values(beside, "ketones")["ketones"] < 1
    assert last_values(beside, "c_peptide")["c_peptide"] < 0.1
    instead = played(scenario, seed, *FILLED, *night, StopTherapy("insulin_infusion"), Wait(30 * 60, "time"),
                     PlaceOrder("ketones"), Wait(5, "time"))  # fmt: skip
    assert instead.ended or last_values(instead, "ketones")["ketones"] > 3


def test_the_gut_follows_in_three_of_four_after_some_five_months(scenario: Scenario) -> None:
    logs = [replay_policy(scenario, seed, "pathway").log for seed in range(1, 25)]
    when = sorted(at for log in logs if (at := entered(log, "first_sign", "gut_followed")) is not None)
    assert 12 <= len(when) <= 22
    assert 17 * 7 * DAY <= when[len(when) // 2] <= 29 * 7 * DAY  # published: a median of 23.5 weeks
    for log in logs:
        weights = [(e.at, m.value) for e in log if isinstance(e, ResultReturned) and e.order == "ex_weight"
                   for m in e.measurements if m.observable == "weight"]  # fmt: skip
        calls = [e for e in log if isinstance(e, Called) and "on the telephone" in e.text]
        assert bool(calls) == (entered(log, "gut", "active") is not None)
        early = [value for at, value in weights if 25 * DAY < at < 80 * DAY]
        assert early == sorted(early)


def test_before_the_water_the_weight_stands_still_and_the_mother_says_so(scenario: Scenario) -> None:
    seed = next(s for s in range(1, 40) if entered(replay_policy(scenario, s, "pathway").log, "gut", "active"))
    log = replay_policy(scenario, seed, "pathway").log
    start, end = entered(log, "first_sign", "gut_follows"), entered(log, "first_sign", "gut_followed")
    assert start is not None
    assert end is not None
    assert 10 * DAY <= end - start <= 24 * DAY


def without_the_list(scenario: Scenario, seed: int) -> Log:
    session = Session(scenario, seed)
    session.apply(PlaceOrder("katp_genes"))
    play(session, following(["send_the_list"]))
    return session.log


def test_whoever_reads_two_genes_only_finds_nothing_and_pays_later(scenario: Scenario) -> None:
    seed = seed_with(scenario, first_sign="diabetes_so_far", infection="none")
    whole, two = replay_policy(scenario, seed, "pathway").log, without_the_list(scenario, seed)
    found = {e.order: e for log in (whole, two) for e in log
             if isinstance(e, ResultReturned) and e.order in ("ndm_panel", "katp_genes")}  # fmt: skip
    assert found["ndm_panel"].codes == ("foxp3_pathogenic",)
    assert 20 * DAY <= found["ndm_panel"].at <= 5 * 7 * DAY
    assert found["katp_genes"].text is not None
    assert found["katp_genes"].text.startswith("No pathogenic variant")
    ends = [log[-1] for log in (whole, two)]
    assert all(isinstance(end, CaseEnded) for end in ends)
    known, unknown = (end.utility for end in ends if isinstance(end, CaseEnded))
    assert known > unknown + 0.3


def test_untreated_nobody_lives(scenario: Scenario) -> None:
    for seed in range(1, 7):
        end = replay_policy(scenario, seed, "none").log[-1]
        assert isinstance(end, CaseEnded)
        assert end.why == "outcome"
