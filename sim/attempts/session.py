"""A session joined to its attempt on disk: what every way of playing for a learner goes through.

Each move is committed, then played, then sealed with the minute it led to and a checksum of the log. An attempt
is resumed by playing its moves again; where they no longer lead to the same log, it says what differs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from sim.attempts.review_process.worker import ReviewWorker
from sim.attempts.store import Attempt, Store, StoredMove, StoreError
from sim.case.model.scenario import Scenario
from sim.case.moves import Move
from sim.engine.log import Log, to_plain
from sim.engine.session import IllegalMove, Session
from sim.engine.version import ENGINE


class CannotResume(Exception):
    """A stored attempt no longer replays; the message says exactly why."""


class PersistentSession:
    """One learner, one patient and their attempt on disk; make one with `begin` or `resume`.

    `play(move)` commits the move before it plays it. Everything about the patient is read from `session`; `attempt` is
    what the store knows of it and `count` how many moves were played.
    """

    def __init__(self, session: Session, store: Store, attempt: Attempt) -> None:
        self.session = session
        self.attempt = attempt
        self.count = 0
        self.worker: ReviewWorker | None = None
        """What reviews the attempt beside the game, if something does."""
        self._store = store
        self._checksum = _chain("", session.log)

    def play(self, move: Move) -> Log:
        """Commit a move, play it, and return the new events.

        Raises IllegalMove (nothing changed, nothing stored) or StoreError (not stored, so not played).
        """
        number = self.count + 1
        self._store.append(self.attempt.id, number, move, before=self.session.now)
        try:
            events = self.session.apply(move)
        except IllegalMove:
            self._store.withdraw(self.attempt.id, number)
            raise
        self._advance(number, events)
        if self.worker is not None:
            self.worker.take((move,))
        # The move is stored and played: a seal that cannot be written only loses a check.
        with suppress(StoreError):
            self._seal()
        return events

    def moves(self) -> tuple[Move, ...]:
        """Return the moves played so far. Raises StoreError."""
        return tuple(stored.move for stored in self._store.moves(self.attempt.id)[: self.count])

    def review_beside(self, root: Path | None = None) -> None:
        """Have the decisions reviewed by a process beside the game, unless they are or were. Raises StoreError.

        `root` is the scenarios folder the case was loaded from, if not the one that ships.
        """
        if self.worker is None and self.stored_review() is None:
            attempt = self.attempt
            self.worker = ReviewWorker(self.session.scenario, source=attempt.source, seed=attempt.seed, root=root)
            self.worker.take(self.moves())

    def end_review(self) -> None:
        """End that process, whatever it is at."""
        if self.worker is not None:
            self.worker.cancel()
            self.worker = None

    def stored_review(self) -> str | None:
        """Return the review stored with the attempt, as JSON. Raises StoreError."""
        return self._store.review(self.attempt.id)

    def keep_review(self, *, review: str, assessment: str, debrief: str) -> None:
        """Store the review, and what is told with it. The attempt must be concluded. Raises StoreError."""
        self._store.keep_review(self.attempt.id, review=review, assessment=assessment, debrief=debrief)

    def conclude(self, *, band: str, assessment: str, debrief: str) -> None:
        """Store how the attempt ended. The case must be over. Raises StoreError."""
        ending = self.session.snapshot().ended
        assert ending is not None, "only a case that is over can be concluded"
        self._store.finish(self.attempt.id, band=band, ending=ending.ending, assessment=assessment, debrief=debrief)
        self.attempt = self._store.attempt(self.attempt.id)

    def ask_again(self, questions: Iterable[str], missed: Iterable[str]) -> None:
        """Store the questions to ask after the debrief; those of `missed` are due now. Raises StoreError."""
        self._store.cards.add(self.attempt.case_id, self.attempt.source, questions, missed)

    def catch_up(self, moves: Iterable[StoredMove]) -> None:
        """Play moves that are stored already. Raises CannotResume at the first that leads elsewhere than it did."""
        for stored in moves:
            if stored.number != self.count + 1:
                raise CannotResume(f"move {self.count + 1} is missing")
            if stored.before != self.session.now:
                raise CannotResume(_differs(stored, f"began at minute {stored.before}, now at {self.session.now}"))
            try:
                events = self.session.apply(stored.move)
            except IllegalMove as refusal:
                if stored.after is not None:
                    raise CannotResume(_differs(stored, f"was played, and is now refused: {refusal}")) from refusal
                self._store.withdraw(self.attempt.id, stored.number)  # the program ended before it could
                return
            self._advance(stored.number, events)
            if stored.after is None:
                self._seal()
            elif stored.after != self.session.now:
                raise CannotResume(_differs(stored, f"led to minute {stored.after}, now to {self.session.now}"))
            elif stored.checksum != self._checksum:
                raise CannotResume(_differs(stored, "led to other events than now"))

    def _advance(self, number: int, events: Log) -> None:
        self.count = number
        self._checksum = _chain(self._checksum, events)

    def _seal(self) -> None:
        self._store.seal(self.attempt.id, self.count, after=self.session.now, checksum=self._checksum)


def begin(store: Store, scenario: Scenario, *, source: str, seed: int, mode: str) -> PersistentSession:
    """Open the case for a learner as a new attempt. `source` is what loads the case again: an id or a path."""
    session = Session(scenario, seed)
    attempt = store.create(
        case_id=scenario.case.id, source=source, digest=scenario.digest, engine=str(ENGINE), seed=seed, mode=mode
    )
    return PersistentSession(session, store, attempt)


def resume(store: Store, scenario: Scenario, attempt: Attempt) -> PersistentSession:
    """Return the attempt as it stood after its last move. Raises CannotResume, saying exactly why not."""
    recorded = PersistentSession(Session(scenario, attempt.seed), store, attempt)
    moves = store.moves(attempt.id)
    reasons = _changes(scenario, attempt)
    if reasons:  # only to name the first difference: what was never sealed has nothing to compare, and stays as it is
        moves = tuple(stored for stored in moves if stored.after is not None)
    try:
        recorded.catch_up(moves)
    except CannotResume as difference:
        reasons.append(str(difference))
    if reasons:
        raise CannotResume(f"attempt {attempt.id} can no longer be resumed: {'; '.join(reasons)}")
    return recorded


def branch(store: Store, scenario: Scenario, attempt: Attempt, moves: int) -> PersistentSession:
    """Return a new attempt that goes on after the first so many moves of another, with the same patient and fate.

    Raises CannotResume where that attempt no longer replays, StoreError, or ValueError for more moves than it has.
    """
    reasons = _changes(scenario, attempt)
    if reasons:
        raise CannotResume(f"attempt {attempt.id} can no longer be played on: {'; '.join(reasons)}")
    if not 0 <= moves <= len(store.moves(attempt.id)):
        raise ValueError(f"expected 0 to {len(store.moves(attempt.id))} moves to keep, found {moves}")
    return resume(store, scenario, store.branch(attempt.id, moves))


def _changes(scenario: Scenario, attempt: Attempt) -> list[str]:
    changes = []
    if attempt.digest != scenario.digest:
        changes.append(f"the case has changed (digest {attempt.digest[:12]} then, {scenario.digest[:12]} now)")
    if attempt.engine != str(ENGINE):
        changes.append(f"the engine has changed (version {attempt.engine} then, {ENGINE} now)")
    return changes


def _differs(stored: StoredMove, what: str) -> str:
    return f"move {stored.number} {what}"


def _chain(before: str, events: Log) -> str:
    text = json.dumps([to_plain(event) for event in events], sort_keys=True)
    return sha256(f"{before}{text}".encode()).hexdigest()[:16]
