"""An attempt as decisions: what was ordered at one moment, and the time then let pass.

Time let pass ends a decision, unless nothing was noticed in it and the learner let more time pass: whoever is told
something and goes on waiting has decided again. Handing over is a decision of its own, or closes the one it is part of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from sim.case.model.scenario import Scenario
from sim.case.model.terms import BELIEFS, parsed, reads
from sim.case.moves import AskHint, Finish, Move, PlaceOrder, StateDifferential, Wait
from sim.engine.chart import Chart
from sim.engine.follower import Follower
from sim.engine.kernel import State
from sim.engine.log import NOTICED
from sim.engine.session import Session


@dataclass(frozen=True, slots=True)
class Decision:
    """What a learner decided at one moment. Times are minutes; hints asked for are left out of the moves."""

    number: int
    at: int
    until: int
    """The minute it led to."""
    start: State
    """The moment before it."""
    moves: tuple[Move, ...]
    taken: int
    """How many moves were made before it, hints asked for included."""
    events: tuple[int, int]
    """What it wrote in the log: places from the first to before the last."""
    follows: bool
    """Whether it is exactly what the pathway would have done then."""
    closed: bool
    """False for the last one while the case still runs: time may yet be let pass."""


def decisions_of(
    scenario: Scenario, seed: int, moves: Iterable[Move], *, horizon: int | None = None, chart: Chart | None = None
) -> tuple[tuple[Decision, ...], Session]:
    """Return the decisions of an attempt in order, and the session after them.

    While the case runs the last decision is open, and may be empty. Moves after the end are left out. Raises
    IllegalMove for a move that cannot be made.
    """
    cutter = Cutter(Session(scenario, seed, horizon=horizon, chart=chart), horizon)
    for move in moves:
        cutter.take(move)
    if not cutter.session.ended:
        cutter.close(closed=False)
    return tuple(cutter.decisions), cutter.session


class Cutter:
    """Plays an attempt move by move and cuts it into decisions: `decisions` are those that are closed so far."""

    def __init__(self, session: Session, horizon: int | None = None) -> None:
        """Take a session that has just opened."""
        self.decisions = list[Decision]()
        self.session = session
        self._horizon = horizon
        self._follower, self._believing = Follower(session), reads_beliefs(session.scenario)
        self._past, self._count = list[Move](), 0
        self._begin()

    def _begin(self) -> None:
        self._moves, self._follows, self._waited, self._noticed = list[Move](), True, False, False
        self._at, self._event, self._taken = self.session.now, len(self.session.log), self._count

    def take(self, move: Move) -> None:
        """Play a move; one after the end of the case is left out. Raises IllegalMove for one that cannot be made."""
        if self.session.ended:
            return
        over = self._over_after(move)
        self._count += 1
        if over:
            self.close(closed=True)

    def _over_after(self, move: Move) -> bool:
        if isinstance(move, AskHint):
            self.session.apply(move)
            return self.session.ended
        if self._waited and (self._noticed or not isinstance(move, Wait)):
            self.close(closed=True)
        self._follower.look()
        self._follows = self._follows and self._expected(move)
        events = self.session.apply(move)
        self._moves.append(move)
        if isinstance(move, (Wait, Finish)):
            self._waited = True
            self._noticed = any(type(event) in NOTICED for event in events)
        return self.session.ended

    def close(self, *, closed: bool) -> None:
        """Put the present decision with the others; after a wait it is closed, and an open one begins."""
        session = self.session
        if closed and not self._moves:  # the case was over before anything could be decided
            return
        done = closed or self._waited
        start = State(session.seed, tuple(self._past), self._horizon)
        self.decisions.append(
            Decision(len(self.decisions), self._at, session.now, start, tuple(self._moves),
                     self._taken, (self._event, len(session.log)), self._follows, done)
        )  # fmt: skip
        self._past += self._moves
        self._begin()
        if done and not closed:
            self.close(closed=False)

    def _expected(self, move: Move) -> bool:
        """Whether the pathway would make this move now. A differential is looked at only where a step reads it."""
        if isinstance(move, Finish):
            return True  # the team goes on along the pathway
        answer = self._follower.answer() if self._believing else None
        if isinstance(move, StateDifferential):
            return not self._believing or (answer is not None and answer == move)
        if answer is not None:
            return False
        act = self._follower.act()
        if act is not None:
            return dosed(self.session.scenario, act) == dosed(self.session.scenario, move)
        return isinstance(move, Wait) and _no_longer(move, self._follower.wait())


def _no_longer(wait: Wait, than: Wait) -> bool:
    """Whether a wait lets nothing pass that the pathway, in its own wait, would have answered."""
    alert = wait.until == "call" or wait.minutes == 1
    return alert and (than.minutes is None or (wait.minutes is not None and wait.minutes <= than.minutes))


def dosed(scenario: Scenario, move: Move) -> Move:
    """Return an order with its dose spelled out as the log has it; any other move, and an impossible one, as it is."""
    order = scenario.catalogue.orders.get(move.order) if isinstance(move, PlaceOrder) else None
    if order is None or not isinstance(move, PlaceOrder):
        return move
    try:
        option = order.find_dose(move.dose)
    except ValueError:
        return move
    return move if option is None else PlaceOrder(move.order, option.label)


def reads_beliefs(scenario: Scenario) -> bool:
    """Return whether anything in the case depends on the differential that was stated."""
    steps = (step.when for step in scenario.case.pathway)
    needs = (need.when for order in scenario.catalogue.orders.values() for need in order.needs)
    return any(when is not None and BELIEFS in reads(parsed(when)) for when in chain(steps, needs))
