"""Patients played by sessions: what the kernel does without numba, and its referee with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sim.case.model.scenario import Scenario
from sim.case.moves import Move
from sim.engine.chart import Chart
from sim.engine.kernel.plan import Plan
from sim.engine.log import Log
from sim.engine.pathway import progress_along
from sim.engine.session import Session


def played(
    scenario: Scenario, chart: Chart, seed: int, plan: Plan, horizon: int | None,
    before: tuple[int, tuple[Move, ...]] | None, fresh: bool, enough: Callable[[Log], bool] | None = None,
) -> Session:  # fmt: skip
    """Return a session played to its end, or until `enough` of its log was seen: it is asked after ever more moves.

    `before` is a seed and the moves that it starts after; `fresh`: from there on chance is that of `seed`.
    """
    own, past = (seed, ()) if before is None else before
    session = Session(scenario, own, horizon=horizon, chart=chart)
    begun = before is None
    for count, move in enumerate(replace(plan, moves=past + plan.moves).policy()(session)):
        if count == len(past) and not begun:
            begun = True
            if fresh:
                session.take_fate(seed)
        session.apply(move)
        if enough is not None and begun and _asked_after(count) and enough(session.log):
            break
    if not begun:
        raise ValueError("the case had ended there")
    return session


def _asked_after(count: int) -> bool:
    """Whether this many moves are a power of two from 32 on: asking costs as much as the log is long."""
    return count >= 32 and count & (count - 1) == 0


def steps_done(scenario: Scenario, log: Log, plan: Plan) -> dict[str, int]:
    """Return when each step of the pathway was done in a life that followed it: step to minute, for those that were."""
    return progress_along(scenario, log, plan.skip).done
