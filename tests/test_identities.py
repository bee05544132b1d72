"""What must hold in every sample at every minute, whoever treats the patient: gases, cells, acids, water and words."""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, Wait
from sim.case.reading.movefile import read_moves
from sim.case.search import resolve
from sim.engine.formulas import base_excess, henderson_hasselbalch_kpa
from sim.engine.kernel import NOTHING, PATHWAY, Plan
from sim.engine.log import Called, StateEntered
from sim.engine.policy import Policy, at_random, play
from sim.engine.session import Session

pytestmark = pytest.mark.slow  # the shipped case, read or played

DAY = 1440
MOVES = Path(__file__).parent / "data" / "moves"
POLICIES = ("pathway", "none", "random", "one20", "seven20")
GAS = ("bicarbonate", "pco2", "ph", "base_excess", "sodium", "chloride", "anion_gap", "glucose", "urea", "osmolality",
       "ketones", "lactate")  # fmt: skip
CELLS = ("wcc", "neutrophils", "lymphocytes", "eosinophils")
SUBSETS = ("lymphocytes", "cd3", "cd4", "cd8", "cd19", "nk")
PASSING = 5
"""Minutes after the pulse is lost in which the last urine comes."""


@cache
def scenario() -> Scenario:
    return load("drying_out")


def policy_of(name: str) -> Policy:
    if name == "random":
        return at_random
    if name in ("pathway", "none"):
        return (PATHWAY if name == "pathway" else NOTHING).policy()
    moves = read_moves(MOVES / f"{name}.yaml", scenario().catalogue, resolve)
    return Plan(follows=False, moves=moves).policy()


def lives(count: int, days: int) -> Iterator[tuple[str, Session]]:
    """Lives under each policy in turn, each followed for some days."""
    for seed in range(count):
        name = POLICIES[seed % len(POLICIES)]
        session = Session(scenario(), 1000 + seed, horizon=days * DAY)
        play(session, policy_of(name))
        yield f"{name}, seed {1000 + seed}", session


def shown(session: Session, names: tuple[str, ...], minute: int) -> dict[str, float]:
    """What one sample of a minute reports."""
    return session._bedside._values(names, minute)


def broken_at(session: Session, minute: int) -> list[str]:
    """Return what does not hold in the samples of a minute."""
    v = shown(session, GAS, minute)
    hco3, ketones, lactate = (session.true_value(name, minute) for name in ("bicarbonate", "ketones", "lactate"))
    gap = session.true_value("anion_gap", minute) - 12 - 1.6 * (ketones - 0.1) - (lactate - 1.2)
    ph = henderson_hasselbalch_kpa(v["bicarbonate"], v["pco2"])
    found = {
        "Henderson-Hasselbalch": abs(v["ph"] - ph) <= 0.006,
        "base excess": abs(v["base_excess"] - max(-40, base_excess(v["bicarbonate"], v["ph"]))) <= 0.7,
        "osmolality": abs(v["osmolality"] - 2 * v["sodium"] - v["glucose"] - v["urea"]) <= 0.6,
        "anion gap": abs(v["anion_gap"] - v["sodium"] + v["chloride"] + v["bicarbonate"]) <= 0.6,
        "ketones and lactate explain the gap": abs(gap) <= GAP,
        "cells": _adds_up(shown(session, CELLS, minute), "wcc", ("neutrophils", "lymphocytes", "eosinophils")),
        "subsets": _adds_up(shown(session, SUBSETS, minute), "lymphocytes", ("cd3", "cd19", "nk")),
        "T cells": _adds_up(shown(session, SUBSETS, minute), "cd3", ("cd4", "cd8")),
        "urine": not pulseless(session, minute) or shown(session, ("urine_output",), minute)["urine_output"] == 0,
        "acid": hco3 > 0,
    }  # fmt: skip
    return [f"{name} at {minute}: {v}" for name, holds in found.items() if not holds]


GAP = 4.0
"""mmol/L: sodium, chloride and the acids each follow with a time constant of their own."""


def _adds_up(counts: dict[str, float], whole: str, parts: tuple[str, ...]) -> bool:
    return sum(counts[part] for part in parts) <= counts[whole] + 0.051


def pulseless(session: Session, minute: int) -> bool:
    """Whether the circulation has been in collapse for some minutes."""
    turns = [(e.at, e.state) for e in session.log if isinstance(e, StateEntered) and e.region == "circulation"]
    number = bisect_right([at for at, _ in turns], minute) - 1
    return number >= 0 and turns[number][1] == "collapse" and minute >= turns[number][0] + PASSING


def unweighed(session: Session) -> list[str]:
    """Return the hours in which the weight moved otherwise than by water and growth."""
    water = session._chart.models["weight"].water
    pools, wrong = session._readout._pools, []
    for before, after in pairwise(range(0, min(session.now, 3 * DAY), 60)):
        gone = (session.true_value("weight", minute) for minute in (before, after))
        first, then = gone
        moved = sum(pools.at(pool, after) - pools.at(pool, before) for pool in water) / 1000
        dry = first / (1 + sum(pools.at(pool, before) for pool in water) / 1000)
        if abs(then - first - dry * moved) > 0.002 * first:
            wrong.append(f"weight at {after}: {first:.3f} to {then:.3f} with {moved:.4f} of water")
    return wrong


def misquoted(session: Session) -> list[str]:
    """Return the calls that quote another value than a sample of their minute shows."""
    said = (("phosphate", r"phosphate (\d+\.\d+) mmol"), ("glucose", r"strip says (\d+\.\d+) mmol"),
            ("ketones", r"[Kk]etones on the strip: (\d+\.\d+)"))  # fmt: skip
    return [
        f"{event.at}: {event.text}"
        for event in session.log
        if isinstance(event, Called)
        for name, pattern in said
        for number in re.findall(pattern, event.text)
        if float(number) != shown(session, (name,), event.at)[name]
    ]


def all_broken(count: int, minutes: int, days: int) -> list[str]:
    found = []
    for who, session in lives(count, days):
        chosen = random.Random(who)
        for _ in range(minutes):
            # Half of the minutes in the first two days, where most happens.
            last = min(session.now, 2 * DAY) if chosen.random() < 0.5 else session.now
            found += [f"{who}: {wrong}" for wrong in broken_at(session, chosen.randint(0, last))]
        found += [f"{who}: {wrong}" for wrong in (*unweighed(session), *misquoted(session))]
    return found


def test_every_identity_holds_at_random_minutes_of_some_lives() -> None:
    assert all_broken(count=5, minutes=20, days=4) == []


@pytest.mark.slow
def test_every_identity_holds_at_ten_thousand_minutes_of_two_hundred_lives() -> None:
    assert all_broken(count=200, minutes=50, days=40) == []


def test_a_boy_without_a_pulse_makes_no_urine() -> None:
    session = Session(scenario(), 24, horizon=DAY)
    play(session, policy_of("none"))
    lost = next(e.at for e in session.log if isinstance(e, StateEntered) and e.state == "collapse")
    assert shown(session, ("urine_output",), lost - 1)["urine_output"] > 2
    assert {shown(session, ("urine_output",), lost + after)["urine_output"] for after in (5, 8, 12)} == {0}


@pytest.mark.parametrize("seed", [3, 11])
def test_there_is_never_less_than_none_of_what_tenfold_insulin_takes_away(seed: int) -> None:
    session = Session(scenario(), seed, horizon=2 * DAY)
    for move in (PlaceOrder("bolus_isotonic"), Wait(60), PlaceOrder("insulin_infusion", "1 U/kg/h"), Wait(None)):
        if not session.ended:
            session.apply(move)
    for name in ("glucose", "ketones"):
        assert min(session.true_value(name, minute) for minute in range(0, session.now, 15)) >= 0
