"""The session: one learner, one patient, running. The one mutable object. (Contract stub: body follows.)"""

from __future__ import annotations

from sim.case.model import Library
from sim.case.moves import Move
from sim.engine.log import Event, Log, Snapshot


class Session:
    """One learner with one patient.

    `Session(library, seed)` opens the case; `apply(move)` plays a move and returns the new events, hidden ones
    included; `log` is everything so far; `snapshot()` is what the learner may know; `ended` whether it is over.
    Applying the same moves to the same library and seed gives the same log, always.
    """

    def __init__(self, library: Library, seed: int, *, horizon: int | None = None) -> None: ...

    @property
    def library(self) -> Library: ...

    @property
    def seed(self) -> int: ...

    @property
    def now(self) -> int: ...

    @property
    def log(self) -> Log: ...

    @property
    def ended(self) -> bool: ...

    def apply(self, move: Move) -> Log:
        """Play one move; return the new events. Raises IllegalMove (unknown order or dose, a therapy that does
        not run, probabilities out of range, or any move after the end): the session is then unchanged."""

    def snapshot(self) -> Snapshot: ...
