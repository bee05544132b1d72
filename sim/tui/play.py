"""One attempt as the screens play it: the recorded session, and what the ward may ask of it.

The one place in the game that plays moves. A move is committed to the store before it is played.
"""

from __future__ import annotations

from sim.attempts.session import PersistentSession, begin
from sim.attempts.store import Attempt, Store, StoreError
from sim.case.model.scenario import Scenario
from sim.case.moves import Move
from sim.engine.log import Event, Log, Snapshot
from sim.engine.session import IllegalMove
from sim.words.events import opening


class Play:
    """An attempt that is being played. `do` plays a move; everything else is for reading."""

    def __init__(self, recorded: PersistentSession) -> None:
        self._recorded = recorded

    @property
    def scenario(self) -> Scenario:
        """The case and all it needs."""
        return self._recorded.session.scenario

    @property
    def mode(self) -> str:
        """'tutor', 'practice' or 'exam'."""
        return self._recorded.attempt.mode

    @property
    def attempt(self) -> Attempt:
        """What the store knows of the attempt."""
        return self._recorded.attempt

    @property
    def recorded(self) -> PersistentSession:
        """The session with its attempt, for the debrief."""
        return self._recorded

    @property
    def log(self) -> Log:
        """Every event, hidden ones included: for the debrief, when the case has ended."""
        return self._recorded.session.log

    def do(self, move: Move) -> tuple[Event, ...]:
        """Commit a move, play it, and return what the learner may see of what happened.

        Raises IllegalMove (nothing changed) or StoreError (not stored, so not played).
        """
        return tuple(event for event in self._recorded.play(move) if not event.hidden)

    @property
    def ended(self) -> bool:
        """Whether the case is over."""
        return self._recorded.session.ended

    def snapshot(self) -> Snapshot:
        """Return all the learner may know now."""
        return self._recorded.session.snapshot()

    def trend(self, observable: str, span: int, points: int) -> tuple[tuple[int, float], ...]:
        """Return (minute, value) of a monitored observable over the last `span` minutes; empty if not monitored."""
        if observable not in self.scenario.case.monitor:
            return ()
        return self._recorded.session.trend(observable, span, points)

    def opening(self) -> str:
        """Return the opening text with this patient's name, age and weight."""
        return opening(self.scenario.case, self.log)


def begin_play(store: Store, scenario: Scenario, *, source: str, seed: int, mode: str) -> Play:
    """Begin a new attempt. Raises StoreError."""
    return Play(begin(store, scenario, source=source, seed=seed, mode=mode))


__all__ = ["IllegalMove", "Play", "StoreError", "begin_play"]
