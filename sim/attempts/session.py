"""A session joined to its attempt on disk: the only way in which a face touches a session.

Each move is committed, then played, then sealed with the minute it led to and a checksum of the log. An attempt
is resumed by playing its moves again; where they no longer lead to the same log, it says what differs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from scoring.review.decisions import Cutter, Decision, decisions_of
from sim.attempts.review_process.pool import ReviewJob, ReviewPool
from sim.attempts.store import Store, StoredAttempt, StoredMove, StoreError
from sim.case.composing.folders import is_id
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, SetLimits, StopTherapy
from sim.engine.log import (
    LimitsSet,
    Log,
    OrderPlaced,
    OrderWithdrawn,
    Snapshot,
    TherapyStarted,
    TherapyStopped,
    to_plain,
)
from sim.engine.patient import CaseFault
from sim.engine.session import IllegalMove, Session
from sim.engine.version import ENGINE
from sim.words.errors import UserError
from sim.words.events import opening
from sim.words.format import command

_TOLD_NOTHING: Final = (OrderPlaced, OrderWithdrawn, TherapyStarted, TherapyStopped, LimitsSet)
"""What is seen of a move that tells a learner nothing of the patient."""


class CannotResume(UserError):
    """A stored attempt no longer replays: `reasons` say exactly why, the hint what can be done instead."""

    def __init__(self, message: str, reasons: Iterable[str] = (), hint: str = "") -> None:
        self.reasons = tuple(reasons)
        super().__init__(f"{message}: {'; '.join(self.reasons)}" if self.reasons else message, hint)


class FaultOfCase(UserError):
    """A case cannot be played on from here, by a fault of its own."""

    def __init__(self, scenario: Scenario, what: str) -> None:
        hint = f"{command()} check names it; what was played before this move is kept"
        super().__init__(f"the case {scenario.case.id} has a fault: {what}", hint)


class PersistentSession:
    """One learner, one patient and their attempt on disk; make one with `begin`, `resume` or `branch`.

    `play(move)` commits the move before it plays it. `stored` is what the store knows of the attempt, `count` how many
    moves were played, and `session` the patient for the rest of `sim.attempts`: faces read what is offered here.
    """

    def __init__(self, session: Session, store: Store, stored: StoredAttempt, cutter: Cutter | None = None) -> None:
        """Join a session that has just opened to what is stored; a cutter of that session notes the decisions."""
        self.session = session
        self.store = store
        self.stored = stored
        self.count = 0
        self.review: ReviewJob | None = None
        """The review that is being made beside the game, if one is."""
        self._cutter = cutter
        self._decisions: tuple[Decision, ...] | None = None
        self._checksum = _chain("", session.log)
        self._last: tuple[Move, Log] | None = None
        """The last move and what happened with it."""

    # --- what a face may read ------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The attempt's id."""
        return self.stored.id

    @property
    def mode(self) -> str:
        """'tutor', 'practice' or 'exam'."""
        return self.stored.mode

    @property
    def scenario(self) -> Scenario:
        """The case and all it needs."""
        return self.session.scenario

    @property
    def ended(self) -> bool:
        """Whether the case is over."""
        return self.session.ended

    @property
    def log(self) -> Log:
        """Every event, hidden ones included: for the debrief, when the case has ended."""
        return self.session.log

    def snapshot(self) -> Snapshot:
        """Return all the learner may know now."""
        return self.session.snapshot()

    def trend(self, observable: str, span: int, points: int) -> tuple[tuple[int, float], ...]:
        """Return (minute, value) of a monitored observable over the last `span` minutes; empty if not monitored."""
        return self.session.trend(observable, span, points) if observable in self.scenario.case.monitor else ()

    def opening(self) -> str:
        """Return the opening text with this patient's name, age and weight."""
        return opening(self.scenario.case, self.log)

    # --- moves -----------------------------------------------------------------------------------------------

    def play(self, move: Move) -> Log:
        """Commit a move, play it, and return what the learner may see of what happened.

        Raises IllegalMove (nothing changed, nothing stored), StoreError (not stored, so not played) or FaultOfCase (the
        move is taken back; this session cannot go on, the attempt can).
        """
        number = self.count + 1
        self.store.append(self.id, number, move, before=self.session.now, follows=self._checksum)
        try:
            events = self._apply(move)
        except IllegalMove:
            self.store.withdraw(self.id, number, move)
            raise
        except CaseFault as fault:
            self.store.withdraw(self.id, number, move)
            raise FaultOfCase(self.scenario, str(fault)) from fault
        self._advance(number, move, events)
        if self.review is not None:
            self.review.take((move,))
        # The move is stored and played: a seal that cannot be written only loses a check.
        with suppress(StoreError):
            self._seal()
        return tuple(event for event in events if not event.hidden)

    @property
    def undoable(self) -> Move | None:
        """The last move, while it can be taken back: no time has passed since it was made, and it has told nothing."""
        if self._last is None or self.ended:
            return None
        move, events = self._last
        told = (event for event in events if not event.hidden)
        harmless = isinstance(move, PlaceOrder | StopTherapy | SetLimits) and all(
            isinstance(event, _TOLD_NOTHING) and event.at == self.session.now for event in told
        )
        return move if harmless else None

    def undo(self) -> Move:
        """Take the last move back, from the disk first, and return it: the patient is as before it.

        The review beside the game is let go: have it made anew. Raises StoreError (nothing is taken back).
        """
        move = self.undoable
        assert move is not None, "only what can be undone is"
        kept = self.moves()[:-1]
        self.store.undo(self.id, self.count, self._checksum)
        self.end_review()
        self.session = Session(self.scenario, self.stored.seed)
        self.count, self._last = 0, None
        self._checksum = _chain("", self.session.log)
        for number, one in enumerate(kept, 1):
            self._advance(number, one, self.session.apply(one))
        return move

    def moves(self) -> tuple[Move, ...]:
        """Return the moves played so far. Raises StoreError."""
        return tuple(stored.move for stored in self.store.moves(self.id)[: self.count])

    def decisions(self) -> tuple[Decision, ...]:
        """Return the decisions of an attempt that is over; the case is played again for them at most once.

        Raises StoreError.
        """
        if self._decisions is None:
            assert self.ended, "while the case runs its last decision is open"
            cut = self._cutter
            self._decisions = (
                decisions_of(self.scenario, self.session.seed, self.moves())[0] if cut is None else tuple(cut.decisions)
            )
        return self._decisions

    def catch_up(self, moves: Iterable[StoredMove]) -> None:
        """Play moves that are stored already. Raises CannotResume at the first that leads elsewhere than it did."""
        for stored in moves:
            if stored.number != self.count + 1:
                raise CannotResume(f"move {self.count + 1} is missing")
            if stored.before != self.session.now:
                raise CannotResume(_differs(stored, f"began at minute {stored.before}, now at {self.session.now}"))
            try:
                events = self._apply(stored.move)
            except IllegalMove as refusal:
                if stored.after is not None:
                    raise CannotResume(_differs(stored, f"was played, and is now refused: {refusal}")) from refusal
                self.store.withdraw(self.id, stored.number, stored.move)  # the program ended before it could
                return
            except CaseFault as fault:
                raise CannotResume(_differs(stored, f"sets off a fault of the case: {fault}")) from fault
            self._advance(stored.number, stored.move, events)
            if stored.after is None:
                self._seal()
            elif stored.after != self.session.now:
                raise CannotResume(_differs(stored, f"led to minute {stored.after}, now to {self.session.now}"))
            elif stored.checksum != self._checksum:
                raise CannotResume(_differs(stored, "led to other events than now"))

    def _apply(self, move: Move) -> Log:
        """Play a move, through the cutter if there is one; a cutter leaves out what follows the end."""
        if self._cutter is None or self.session.ended:
            return self.session.apply(move)
        count = len(self.session.log)
        self._cutter.take(move)
        return self.session.log[count:]

    def _advance(self, number: int, move: Move, events: Log) -> None:
        self.count = number
        self._checksum = _chain(self._checksum, events)
        self._last = (move, events)

    def _seal(self) -> None:
        self.store.seal(self.id, self.count, after=self.session.now, checksum=self._checksum)

    # --- the review beside the game ----------------------------------------------------------------------------

    def review_beside(self, pool: ReviewPool, root: Path | None = None) -> None:
        """Have the decisions reviewed by a pool beside the game, unless they are or were. Raises StoreError.

        `root` is the scenarios folder the case was loaded from, if not the one that ships.
        """
        if self.review is None and self.store.review(self.id) is None:
            stored = self.stored
            self.review = pool.submit(source=stored.source, digest=stored.digest, seed=stored.seed, root=root)
            self.review.take(self.moves())

    def end_review(self) -> None:
        """Let go of that review, whatever it is at."""
        if self.review is not None:
            self.review.cancel()
            self.review = None


def source_of(case: str) -> str:
    """Return what loads a case, given by id or path, again from anywhere: its id, or its absolute path."""
    return case if is_id(case) else str(Path(case).absolute())


def begin(store: Store, scenario: Scenario, *, source: str, seed: int, mode: str) -> PersistentSession:
    """Open the case for a learner as a new attempt. `source` is what loads the case again: an id or a path."""
    session = Session(scenario, seed)
    stored = store.create(
        case_id=scenario.case.id, source=source, digest=scenario.digest, engine=str(ENGINE), seed=seed, mode=mode
    )
    return PersistentSession(session, store, stored)


def resume(store: Store, scenario: Scenario, stored: StoredAttempt, *, cut: bool = False) -> PersistentSession:
    """Return the attempt after its last move. Raises CannotResume, saying exactly why not.

    `cut` notes the decisions on the way, for an attempt that is over.
    """
    session = Session(scenario, stored.seed)
    attempt = PersistentSession(session, store, stored, Cutter(session) if cut else None)
    moves = store.moves(stored.id)
    reasons = changes(scenario, stored)
    if reasons:  # only to name the first difference: what was never sealed has nothing to compare, and stays as it is
        moves = tuple(one for one in moves if one.after is not None)
    try:
        attempt.catch_up(moves)
    except CannotResume as difference:
        reasons.append(str(difference))
    if reasons:
        raise CannotResume(f"attempt {stored.id} can no longer be resumed", reasons)
    return attempt


def branch(parent: PersistentSession, moves: int) -> PersistentSession:
    """Return a new attempt that goes on after the first so many moves of another, with the same patient and fate.

    Raises StoreError, or ValueError for more moves than the other has.
    """
    return resume(parent.store, parent.scenario, store_branch(parent, moves))


def store_branch(parent: PersistentSession, moves: int) -> StoredAttempt:
    """Store what `branch` goes on with and return it, not played yet. Raises like it."""
    if not 0 <= moves <= parent.count:
        raise ValueError(f"expected 0 to {parent.count} moves to keep, found {moves}")
    return parent.store.branch(parent.id, moves)


def changes(scenario: Scenario, stored: StoredAttempt) -> list[str]:
    """Return what has changed since an attempt was begun, so that it cannot be resumed; nothing, usually."""
    found = []
    if stored.digest != scenario.digest:
        found.append(f"the case has changed (digest {stored.digest[:12]} then, {scenario.digest[:12]} now)")
    if stored.engine != str(ENGINE):
        found.append(f"the engine has changed (version {stored.engine} then, {ENGINE} now)")
    return found


def _differs(stored: StoredMove, what: str) -> str:
    return f"move {stored.number} {what}"


def _chain(before: str, events: Log) -> str:
    text = json.dumps([to_plain(event) for event in events], sort_keys=True)
    return sha256(f"{before}{text}".encode()).hexdigest()[:16]
