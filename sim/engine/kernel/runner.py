"""The compiled player of one case: plans and seeds in, arrays out. The only module of the kernel that holds arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.case.model.scenario import Scenario
from sim.case.moves import AskHint, Finish, Move, PlaceOrder, SetLimits, StateDifferential, StopTherapy, Wait
from sim.engine.chart import Chart
from sim.engine.kernel import layout as at
from sim.engine.kernel.lives import STOP_THERE, TO_THE_END, live_all
from sim.engine.kernel.plan import Plan
from sim.engine.kernel.tables import write_tables
from sim.engine.readout import set_limits

if TYPE_CHECKING:
    from sim.engine.kernel.outcomes import Outcomes

Before = tuple[int, tuple[Move, ...]]
"""A seed and the moves that lead to where a cohort starts."""

_UNTIL = {"time": at.FOR_TIME, "result": at.FOR_RESULT, "call": at.FOR_CALL}
_TAPES = (1 << 11, 1 << 17)
_RESULTS = 4


class Runner:
    """Plays one case by compiled code. It holds nothing that a run changes, so threads may share it."""

    def __init__(self, scenario: Scenario, chart: Chart) -> None:
        """Write the case's tables. Raises TooMuch or ValueError where sessions must play it."""
        self.tables, self.horizon = write_tables(scenario, chart), scenario.case.horizon
        self._steps = {step.id: i for i, step in enumerate(scenario.case.pathway)}
        self._edges = {edge.id: edge.number for edge in chart.edges}
        self._states = [f"{region}.{state}" for region, states in zip(chart.regions, chart.states, strict=True)
                        for state in states]  # fmt: skip
        self._scenario, self._orders = scenario, scenario.catalogue.orders
        self._names = list(self._orders)

    def run(
        self, outcomes: Outcomes, plan: Plan, horizon: int | None, before: Before | None, fresh: bool
    ) -> Sequence[int]:
        """Write how each seed came out; return the places of those that a session must play."""
        wanted = np.array([self._address(name) for name in outcomes.met], dtype=np.int64)
        life = _Life(self, plan, horizon, before, fresh, 0)
        count = len(outcomes.seeds)
        whole = np.zeros(_RESULTS * count, dtype=np.int64)
        met = np.zeros(len(wanted) * count, dtype=np.int64)
        utility = np.frombuffer(outcomes.utility)
        life.play(np.frombuffer(outcomes.seeds, dtype=np.uint64), wanted, whole, utility, met)
        table = whole.reshape(count, _RESULTS)
        for place, target in enumerate((outcomes.end, outcomes.ending, outcomes.outcome), 1):
            np.frombuffer(target, dtype=np.int64)[:] = table[:, place]
        for i, target in enumerate(outcomes.met.values()):
            minutes = met.reshape(count, len(wanted))[:, i]
            np.frombuffer(target, dtype=np.int64)[:] = np.where(minutes == at.ABSENT, -1, np.maximum(minutes, 0))
        return [int(place) for place in np.flatnonzero(table[:, 0] != at.FINE)]

    def tape(
        self, seed: int, plan: Plan, horizon: int | None, before: Before | None, fresh: bool
    ) -> list[tuple[int, str, str]] | None:
        """Return what happened to one seed, or None where a session must play it."""
        for room in _TAPES:
            life = _Life(self, plan, horizon, before, fresh, room)
            status = life.play_one(seed)
            if status != at.NO_ROOM:
                break
        if status != at.FINE:
            return None
        first = self.tables.rows.row[at.TAPE]
        rows = life.s[first : first + at.TAPE_WIDTH * life.s[at.TAPE_SIZE]].reshape(-1, at.TAPE_WIDTH)
        return [
            (minute, "entered", self._states[what]) if kind == at.ENTERED else (minute, "placed", self._names[what])
            for minute, kind, what in rows.tolist()
        ]

    def _address(self, milestone: str) -> int:
        kind, _, order = milestone.partition(":")
        row = self.tables.rows.row
        if kind == "order":
            return row[at.FIRST_ORDERED] + self.tables.rows.orders[order]
        if kind == "result":
            return row[at.FIRST_RESULTED] + self.tables.rows.orders[order]
        if kind == "step":
            return row[at.STEP_DONE] + self._steps[order]
        if kind == "fired":
            return row[at.FIRINGS] + self._edges[order]
        return row[at.FIRST_ENTRY] + self._states.index(milestone)

    def encoded(self, moves: Sequence[Move], fractions: list[float]) -> npt.NDArray[np.int64]:
        """Return moves as numbers; shares of differentials and amounts typed are added to `fractions`."""
        words: list[int] = []
        for move in moves:
            match move:
                case PlaceOrder():
                    words += [at.PLACE, self.tables.rows.orders[move.order], self._amount(move, fractions)]
                case StopTherapy():
                    words += [at.STOP, self.tables.rows.orders[move.therapy], 0]
                case StateDifferential():
                    shares = dict(move.probabilities)
                    words += [at.STATE_BELIEFS, len(fractions), 0]
                    fractions += [shares.get(name, 0.0) for name in self.tables.rows.diagnoses]
                case Wait():
                    minutes = at.NEVER if move.minutes is None else min(move.minutes, at.NEVER)
                    words += [at.WAIT, minutes, _UNTIL[move.until]]
                case SetLimits():
                    for name, below, above in move.limits:
                        words += [at.SET_LIMITS, self.tables.rows.watched[name], len(fractions)]
                        fractions += set_limits(self._scenario, name, below, above)
                case Finish():
                    words += [at.FINISH, 0, 0]
                case AskHint():
                    pass
        return np.array(words, dtype=np.int64)

    def _amount(self, move: PlaceOrder, fractions: list[float]) -> int:
        """Return where the amount of an order's dose stands; one that no table has is added to `fractions`."""
        option = self._orders[move.order].find_dose(move.dose)
        places = self.tables.amounts[move.order]
        if option is None or option.label in places:
            return places[None if option is None else option.label]
        fractions.append(option.amount)
        return len(fractions) - 1

    def record(self, plan: Plan, horizon: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
        """Return the record of a patient not met yet, for a plan."""
        s, row = self.tables.s.copy(), self.tables.rows.row
        s[at.HORIZON], s[at.FOLLOWS] = min(horizon, at.NEVER), plan.looks
        for step in plan.skip:
            s[row[at.STEP_SKIP] + self._steps[step]] = 1
        for i, (step, minutes) in enumerate(plan.delay.items()):
            s[row[at.STEP_DELAY] + self._steps[step]] = minutes
            s[row[at.DELAYED] + i] = self._steps[step]
        s[at.N_DELAYED] = len(plan.delay)
        return s, self.tables.x.copy()


class _Life:
    """A work area, and the record that every life in it starts from."""

    def __init__(
        self, runner: Runner, plan: Plan, horizon: int | None, before: Before | None, fresh: bool, room: int
    ) -> None:
        self._p, fractions = runner.tables.p, [0.0] * len(runner.tables.f)
        self._moves = runner.encoded(plan.moves, fractions)
        past = None if before is None else runner.encoded(before[1], fractions)
        self._f = np.array(fractions)
        self._f[: len(runner.tables.f)] = runner.tables.f
        self._s0, self._x0 = runner.record(plan, runner.horizon if horizon is None else horizon)
        self._s0[at.TAPE_ROOM] = room
        touched = runner.tables.rows.row[at.TOUCHED]
        self._touched = slice(touched, touched + len(runner.tables.rows.orders))
        self.s = np.zeros(len(self._s0) + room * at.TAPE_WIDTH, dtype=np.int32)
        self._x = np.zeros(len(self._x0))
        if before is not None and past is not None:
            self._start_after(before[0], past, fresh)

    def _start_after(self, seed: int, past: npt.NDArray[np.int64], fresh: bool) -> None:
        moves, self._moves = self._moves, past
        if self.play_one(seed, STOP_THERE) != at.FINE or self.s[at.ENDED]:
            raise ValueError("the case had ended there")
        self._moves = moves
        self._s0, self._x0 = self.s.copy(), self._x.copy()
        self._s0[self._touched], self._s0[at.TOUCHED_SIZE] = 0, 0
        self._s0[at.RENEWS] = fresh

    def play_one(self, seed: int, until: int = TO_THE_END) -> int:
        """Play one seed; return its status."""
        whole, parts, none = np.zeros(_RESULTS, dtype=np.int64), np.zeros(1), np.zeros(0, dtype=np.int64)
        self.play(np.array([seed], dtype=np.uint64), none, whole, parts, none, until)
        return int(whole[0])

    def play(
        self, seeds: npt.NDArray[np.uint64], wanted: npt.NDArray[np.int64], whole: npt.NDArray[np.int64],
        parts: npt.NDArray[np.float64], met: npt.NDArray[np.int64], until: int = TO_THE_END,
    ) -> None:  # fmt: skip
        """Play all seeds."""
        live_all(self._p, self._f, self._s0, self._x0, self.s, self._x, self._moves, until, seeds, wanted, whole,
                 parts, met)  # fmt: skip
