"""A review made while the attempt is still played: each decision is weighed as soon as it is closed."""

from __future__ import annotations

from scoring.review.decisions import Cutter
from scoring.review.review import Review, Weighed, assembled, usual_fates, weigh
from scoring.review.rollouts import fresh_fates
from sim.case.moves import Move
from sim.engine.kernel import Program
from sim.engine.session import Session


class Reviewer:
    """Follows one attempt in a session of its own. `take` the moves, `weigh` what waits, ask for the `review`."""

    def __init__(self, program: Program, seed: int, *, fates: int | None = None, horizon: int | None = None) -> None:
        """Follow an attempt at the patient of `seed` from its opening; `fates` and `horizon` as for `review`."""
        self._program = program
        self._cutter = Cutter(Session(program.scenario, seed, horizon=horizon, chart=program.chart), horizon)
        self._fates = fresh_fates(seed, usual_fates(program) if fates is None else fates)
        self._weighed = list[Weighed]()

    @property
    def closed(self) -> int:
        """How many decisions are closed so far."""
        return len(self._cutter.decisions)

    @property
    def weighed(self) -> int:
        """How many of them are weighed."""
        return len(self._weighed)

    @property
    def over(self) -> bool:
        """Whether the case has ended: no more decisions follow."""
        return self._cutter.session.ended

    def take(self, move: Move) -> None:
        """Play a move; one after the end is left out. Raises IllegalMove for one that cannot be made."""
        self._cutter.take(move)

    def weigh(self) -> bool:
        """Weigh the next closed decision; return False where none waits."""
        if self.weighed == self.closed:
            return False
        self._weighed.append(weigh(self._program, self._cutter.decisions[self.weighed], self._fates))
        return True

    def review(self) -> Review:
        """Weigh what still waits and return the review. Raises ValueError while the case runs."""
        while self.weigh():
            pass
        return assembled(self._weighed, self._cutter.session, len(self._fates))
