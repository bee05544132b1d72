"""The bench case of four amounts: session, compiled kernel and the formula agree to the minute on every crossing.

The formula is written here once more, without the engine's grid or its search for crossings: each amount goes one
minute on by the solution of dx/dt = u - k x, and is looked at.
"""

from __future__ import annotations

import math
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.case.library import load
from sim.case.model.pools import Flow, Pool
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StopTherapy, Wait
from sim.engine.kernel import Plan, compile_program, tape
from sim.engine.log import StateEntered
from sim.engine.session import Session

pytestmark = pytest.mark.slow

BENCH = Path(__file__).parent / "data" / "pools" / "cases" / "four_amounts.yaml"
DAY = 1440
TIE = 1e-4
"""An amount so near a bound is left to the grid: the two ways of reckoning may round it apart."""

Entry = tuple[int, str, str]


@pytest.fixture(scope="module")
def bench() -> Scenario:
    return load(BENCH)


def varied(scenario: Scenario, r: Random) -> Scenario:
    """The bench case with other flows: every rate, loss and table multiplied by a number of its own."""

    def flow(one: Flow) -> Flow:
        x = r.choice((0.5, 0.8, 1.0, 1.3, 2.0))
        table = tuple((dose, x * y) for dose, y in one.rates or ())
        return one.model_copy(update={
            "rate": None if one.rate is None else x * one.rate, "loss": None if one.loss is None else x * one.loss,
            "by_dose": one.by_dose and table, "loss_by_dose": one.loss_by_dose and table,
        })  # fmt: skip

    pools = {
        name: pool.model_copy(update={"flows": tuple(flow(one) for one in pool.flows)})
        for name, pool in scenario.disease.pools.items()
    }
    disease = scenario.disease.model_copy(update={"pools": pools})
    case = scenario.case.model_copy(update={"horizon": DAY})
    return scenario.model_copy(update={"disease": disease, "case": case})


def some_moves(scenario: Scenario, r: Random) -> list[Move]:
    moves: list[Move] = []
    running: set[str] = set()
    for _ in range(r.randint(0, 6)):
        moves.append(Wait(r.randint(1, 300)))
        order = scenario.catalogue.orders[r.choice(("saline", "insulin", "antiviral"))]
        if order.id in running and r.random() < 0.4:
            running.discard(order.id)
            moves.append(StopTherapy(order.id))
        else:
            running.add(order.id)
            moves.append(PlaceOrder(order.id, r.choice(order.doses).label))
    return [*moves, Wait(None)]


class Reckoning:
    """The four amounts of one patient, reckoned minute by minute."""

    def __init__(self, scenario: Scenario, opened: dict[str, float], gut: list[tuple[int, str]]) -> None:
        self.pools, self.x, self.gut = scenario.disease.pools, dict(opened), gut
        self.band = {name: pool.band_at(self.x[name]) for name, pool in self.pools.items()}
        self.doses: dict[str, float] = {}
        self.found: list[Entry] = []
        self.tie = False

    def minute(self, now: int) -> None:
        """Go on from the minute before to this one."""
        flows = {name: self._flows(pool, now - 1) for name, pool in self.pools.items()}
        for name, (u, k) in flows.items():
            x = self.x[name]
            self.x[name] = x + u if k == 0 else u / k + (x - u / k) * math.exp(-k)
        for name, pool in self.pools.items():
            low, high = pool.bands[self.band[name]].leaves
            self.tie = self.tie or min(abs(self.x[name] - low), abs(self.x[name] - high)) < TIE
            if not low <= self.x[name] < high:
                self.band[name] = pool.band_at(self.x[name])
                self.found.append((now, name, self.band[name]))

    def _flows(self, pool: Pool, now: int) -> tuple[float, float]:
        acting = [flow for flow in pool.flows if self._holds(flow, now)]
        return (
            sum(self._value(flow) for flow in acting if not flow.is_loss),
            sum(self._value(flow) for flow in acting if flow.is_loss),
        )

    def _holds(self, flow: Flow, now: int) -> bool:
        if flow.when is None or flow.when.in_ is None:
            return True
        gut = [state for at, state in self.gut if at <= now][-1]
        return all((gut if name == "gut" else self.band[name]) in states for name, states in flow.when.in_.items())

    def _value(self, flow: Flow) -> float:
        dose = self.doses.get(flow.therapy or "")
        if flow.rates is not None:
            dose = dose or 0.0
            below = [(x, y) for x, y in flow.rates if x <= dose]
            above = [(x, y) for x, y in flow.rates if x > dose]
            if not below or not above:
                return (below or above)[-1 if below else 0][1]
            (x0, y0), (x1, y1) = below[-1], above[0]
            return y0 + (y1 - y0) * (dose - x0) / (x1 - x0)
        rate = flow.rate if flow.rate is not None else flow.loss
        assert rate is not None
        if flow.therapy is None:
            return rate
        return 0.0 if dose is None else rate * dose / (flow.per or 1.0)


def reckoned(scenario: Scenario, session: Session, moves: list[Move]) -> Reckoning:
    gut = [(e.at, e.state) for e in session.log if isinstance(e, StateEntered) and e.region == "gut"]
    names = list(scenario.disease.pools)
    opened = {name: session._patient.pools.at(number, 0) for number, name in enumerate(names)}
    found, now, end = Reckoning(scenario, opened, gut), 0, session.now
    for move in moves:
        match move:
            case Wait():
                until = end if move.minutes is None else min(now + move.minutes, end)
            case PlaceOrder():
                options = {option.label: option.amount for option in scenario.catalogue.orders[move.order].doses}
                found.doses[move.order] = options[move.dose or ""]
                continue
            case StopTherapy():
                del found.doses[move.therapy]
                continue
            case _:
                until = end
        for minute in range(now + 1, until + 1):
            found.minute(minute)
        now = until
    return found


@settings(max_examples=1000, deadline=None)
@given(number=st.integers(0, 2**32 - 1), seed=st.integers(0, 2**64 - 1))
def test_session_kernel_and_formula_agree_on_every_crossing(bench: Scenario, number: int, seed: int) -> None:
    r = Random(number)
    scenario = varied(bench, r)
    moves = some_moves(scenario, r)
    session = Session(scenario, seed)
    for move in moves:
        if not session.ended:
            session.apply(move)
    names = set(scenario.disease.pools)
    lived = [(e.at, e.region, e.state) for e in session.log if isinstance(e, StateEntered)]
    crossings = [entry for entry in lived if entry[1] in names and entry[0] > 0]
    compiled = tape(compile_program(scenario), seed, Plan(follows=False, moves=tuple(moves)))
    entered = [(at, *what.split(".")) for at, kind, what in compiled if kind == "entered"]
    assert entered == lived
    expected = reckoned(scenario, session, moves)
    if not expected.tie:
        last = session.now
        assert [e for e in crossings if e[0] < last] == [e for e in expected.found if e[0] < last]
