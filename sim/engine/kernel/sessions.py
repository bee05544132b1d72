"""Patients played by sessions: what the kernel does without numba, and its referee with it."""

from __future__ import annotations

from dataclasses import replace

from sim.case.model import Library
from sim.case.moves import Move
from sim.engine.chart import Chart
from sim.engine.kernel.plan import Plan
from sim.engine.session import Session


def played(
    library: Library, chart: Chart, seed: int, plan: Plan, horizon: int | None,
    before: tuple[int, tuple[Move, ...]] | None, fresh: bool,
) -> Session:  # fmt: skip
    """Return a session played to its end.

    `before` is a seed and the moves that it starts after; `fresh`: from there on chance is that of `seed`.
    """
    own, past = (seed, ()) if before is None else before
    session = Session(library, own, horizon=horizon, chart=chart)
    begun = before is None
    for count, move in enumerate(replace(plan, moves=past + plan.moves).policy()(session)):
        if count == len(past) and not begun:
            begun = True
            if fresh:
                session.take_fate(seed)
        session.apply(move)
    if not begun:
        raise ValueError("the case had ended there")
    return session
