"""Patients in the care of somebody at a browser: each an attempt, its records, and who watches it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

from sim.attempts.cases import CASES
from sim.attempts.resume import lived_again
from sim.attempts.review_process.pool import ReviewPool
from sim.attempts.session import PersistentSession, begin, source_of
from sim.attempts.store import Store, StoreError
from sim.case.moves import Move
from sim.engine.log import HandedOver, Log, Snapshot
from sim.words.records import Records

EACH: Final = 8
"""How many patients of one learner stay at hand; another is lived again when it is asked for."""


class Bed:
    """One attempt at hand. Whoever reads or plays it holds `lock`."""

    def __init__(self, attempt: PersistentSession) -> None:
        self.attempt = attempt
        self.mode = attempt.mode
        self.lock = Lock()
        self.records = Records(attempt.scenario)
        self.snapshot: Snapshot = attempt.snapshot()
        self.records.take(self.snapshot)
        self.read = len(self.snapshot.visible)
        """How many of the visible events were there before the last act."""
        self._undone = 0
        """How many acts were taken back."""
        self._watchers: set[Callable[[], None]] = set()

    @property
    def turn(self) -> int:
        """What a page knows of: it grows with each act and with each that is taken back, and never comes again."""
        return self.attempt.count + 2 * self._undone

    @property
    def happened(self) -> Log:
        """What the last act brought. Of what the team does after handing over, the debrief tells."""
        fresh = self.snapshot.visible[self.read :]
        handed = next((place for place, event in enumerate(fresh, 1) if isinstance(event, HandedOver)), None)
        return fresh if handed is None else (*fresh[:handed], fresh[-1])

    def play(self, move: Move) -> None:
        """Play a move; whoever watches is told. Raises like `PersistentSession.play`."""
        before = len(self.snapshot.visible)
        self.attempt.play(move)
        self._show(before)

    def undo(self) -> None:
        """Take the last move back; whoever watches is told. Raises like `PersistentSession.undo`."""
        self.attempt.undo()
        self._undone += 1
        self.records.begin()
        self._show(len(self.attempt.snapshot().visible))

    def _show(self, read: int) -> None:
        self.snapshot = self.attempt.snapshot()
        self.records.take(self.snapshot)
        self.read = read
        for tell in tuple(self._watchers):
            tell()

    def watch(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Have a function called after each move; return what ends that."""
        self._watchers.add(tell)
        return lambda: self._watchers.discard(tell)


class Beds:
    """How attempts begin and go on here, with the reviews of all of them in one pool."""

    def __init__(self, pool: ReviewPool | None, root: Path | None = None) -> None:
        """Review decisions in a pool, or not beside the game; play the cases of another scenarios folder if asked."""
        self._pool, self.root = pool, root

    def begun(self, store: Store, source: str, seed: int, mode: str) -> Bed:
        """Return a new attempt's bed. Raises CaseError or StoreError."""
        scenario = CASES.load(source, self.root)
        return self._reviewed(begin(store, scenario, source=source_of(source), seed=seed, mode=mode))

    def made_up(self, store: Store, attempt: str) -> Bed:
        """Return a stored attempt's bed. Raises CannotResume or StoreError."""
        stored = store.attempt(attempt)
        found = lived_again(
            store, stored, lambda source: CASES.load(source, self.root), cut=stored.finished is not None
        )
        return self._reviewed(found)

    def undo(self, bed: Bed) -> None:
        """Take the last move of a bed back, and have its review made anew. Raises StoreError."""
        bed.undo()
        self._review(bed.attempt)

    def bound(self, beds: OrderedDict[str, Bed]) -> None:
        """Let go of the beds asked for longest ago, beyond so many."""
        while len(beds) > EACH:
            _, gone = beds.popitem(last=False)
            gone.attempt.end_review()

    def _reviewed(self, attempt: PersistentSession) -> Bed:
        self._review(attempt)
        return Bed(attempt)

    def _review(self, attempt: PersistentSession) -> None:
        if self._pool is not None:
            with suppress(StoreError):  # the debrief works it out itself
                attempt.review_beside(self._pool, self.root)
