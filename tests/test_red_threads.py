"""The infant with red threads: growth and gut answer to what he is fed, reactions to what is given, plans pass."""

from __future__ import annotations

import re

import pytest

from shippedcase import last_values, played
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, Wait
from sim.engine.log import CaseOpened, ResultReturned, StateEntered
from sim.engine.session import Session

pytestmark = pytest.mark.slow

DAY = 24 * 60
SEEDS = range(1, 21)
TELLING = re.compile(r"allerg|intoleran|fpies|proctocolitis|milk protein|anaphyla", re.IGNORECASE)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("red_threads")


def codes(session: Session, order: str) -> tuple[str, ...]:
    return [event for event in session.log if isinstance(event, ResultReturned) and event.order == order][-1].codes


def entered(session: Session, region: str, state: str) -> int | None:
    """When a state was entered, in minutes."""
    return next(
        (e.at for e in session.log if isinstance(e, StateEntered) and (e.region, e.state) == (region, state)), None
    )


def seed_of(scenario: Scenario, child: str) -> int:
    """The first patient who is fed, and reacts, like this."""
    return next(s for s in range(1, 200) if entered(Session(scenario, s), "child", child) is not None)


# --- what is read before the debrief --------------------------------------------------------------------------


def test_nothing_a_learner_reads_before_he_asks_a_specialist_names_the_answer(scenario: Scenario) -> None:
    case = scenario.case
    told = [case.id, case.title, case.blurb, case.opening, case.setting, *case.objectives]
    told += [
        finding.text for order, found in case.results.items() if order.startswith(("hx_", "ex_")) for finding in found
    ]
    told += [text for step in case.pathway for text in (step.title, step.because)]  # what the tutor's hints say
    told += [t.call for r in scenario.disease.regions.values() for t in r.transitions if t.call]
    assert [text for text in told if TELLING.search(text)] == []


def test_he_weighs_less_than_the_middle_and_more_than_the_third_centile(scenario: Scenario) -> None:
    opened = [event for seed in SEEDS for event in Session(scenario, seed).log[:1] if isinstance(event, CaseOpened)]
    assert len(opened) == len(SEEDS)
    assert all(100 * DAY <= event.age <= 112 * DAY for event in opened)
    assert all(5.6 < event.weight < 6.4 for event in opened)  # WHO: about 5.4 and 6.7 at three and a half months


# --- his body -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("child", "right", "wrong"), [
    ("bottle_slow", "hydrolysed_formula", "maternal_elimination"),
    ("bottle_stubborn", "amino_acid_formula", "hydrolysed_formula"),
    ("breast_slow", "maternal_elimination", "soy_formula"),
])  # fmt: skip
def test_the_gut_settles_when_milk_no_longer_reaches_him_and_not_before(
    scenario: Scenario, child: str, right: str, wrong: str
) -> None:
    seed = seed_of(scenario, child)
    settled = played(scenario, seed, PlaceOrder(right), Wait(21 * DAY), PlaceOrder("ex_weight"), Wait(5))
    still = played(scenario, seed, PlaceOrder(wrong), Wait(21 * DAY), PlaceOrder("ex_weight"), Wait(5))
    assert entered(settled, "gut", "settled") is not None
    assert entered(still, "gut", "settled") is None
    assert last_values(settled, "ex_weight")["weight"] > last_values(still, "ex_weight")["weight"] + 0.1


def test_given_back_it_returns(scenario: Scenario) -> None:
    diet: list[Move] = [PlaceOrder("hydrolysed_formula"), Wait(18 * DAY), PlaceOrder("outpatient_review"), Wait(5)]
    session = played(scenario, seed_of(scenario, "bottle_slow"), *diet, PlaceOrder("home_challenge"), Wait(13 * DAY))
    assert codes(session, "outpatient_review") == ("better",)
    assert codes(session, "home_challenge") == ("returned",)
    assert entered(session, "gut", "flared") is not None


def reacting(scenario: Scenario, child: str, shown: str, *moves: Move) -> Session:
    seed = seed_of(scenario, child)
    when = entered(played(scenario, seed, Wait(8 * DAY)), "reaction", shown)
    assert when is not None
    return played(scenario, seed, Wait(when), *moves)


def test_a_bottle_pales_him_and_more_fluid_turns_it_sooner(scenario: Scenario) -> None:
    look = (PlaceOrder("ex_vital_signs"), Wait(3))
    signs = last_values(reacting(scenario, "breast_pale", "vomits", *look), "ex_vital_signs")
    assert signs["heart_rate"] > 150
    assert signs["capillary_refill"] > 2
    full = reacting(scenario, "breast_pale", "vomits", PlaceOrder("intraosseous_access"),
                    PlaceOrder("bolus_isotonic", "20 mL/kg over 20 min"), Wait(4 * 60))  # fmt: skip
    half = reacting(scenario, "breast_pale", "vomits", PlaceOrder("intraosseous_access"),
                    PlaceOrder("bolus_isotonic", "10 mL/kg over 20 min"), Wait(4 * 60))  # fmt: skip
    never = 10**9
    assert (entered(full, "reaction", "over") or never) <= (entered(half, "reaction", "over") or never)


def test_hives_and_wheeze_answer_to_the_thigh_within_minutes(scenario: Scenario) -> None:
    look = (PlaceOrder("ex_vital_signs"), Wait(3))
    signs = last_values(reacting(scenario, "breast_hives", "hives", *look), "ex_vital_signs")
    assert signs["spo2"] < 96
    assert signs["respiratory_rate"] > 38
    given = reacting(scenario, "breast_hives", "hives", PlaceOrder("adrenaline_im"), Wait(60))
    assert entered(given, "reaction", "over") is not None


# --- how it is managed ----------------------------------------------------------------------------------------
