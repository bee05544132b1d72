"""Attempts on disk.

An attempt is stored as what it was begun with and the moves made since; everything else is derived by replay.
A move is committed before the session plays it, so nothing a learner has seen can be lost. Only JSON is stored.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sim.attempts.store.cards import Cards
from sim.attempts.store.damage import damage, move_of
from sim.attempts.store.file import File, written
from sim.attempts.store.trouble import StoreError
from sim.case.moves import Move, to_plain


@dataclass(frozen=True, slots=True)
class StoredAttempt:
    """What is stored of an attempt, without its moves. `started` and `finished` are UTC in ISO 8601."""

    id: str
    case_id: str
    source: str
    """What loads the case again: its id, or the absolute path it was played from."""
    digest: str
    engine: str
    seed: int
    mode: str
    started: str
    finished: str | None
    band: str | None
    ending: str | None
    parent: str | None
    """The attempt it branched off, if it did, after so many moves."""
    parent_move: int | None
    damaged: tuple[str, ...] = ()
    """What of it cannot be read; that is shown as best it can be, and a number as 0."""


_NUMBERS: Final = frozenset({"seed", "parent_move"})
_MAY_LACK: Final = frozenset({"finished", "band", "ending", "parent", "parent_move"})
_COLUMNS: Final = (
    "id", "case_id", "source", "digest", "engine", "seed", "mode", "started", "finished", "band", "ending", "parent",
    "parent_move",
)  # fmt: skip


def _attempt_of(row: Sequence[object]) -> StoredAttempt:
    """Return a row as an attempt; a value of another kind than its column's hides neither it nor the others."""
    found: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    damaged = []
    for column, value in found.items():
        if value is None and column in _MAY_LACK:
            continue
        is_text = isinstance(value, str) and "\ufffd" not in value
        sound = isinstance(value, int) if column in _NUMBERS else is_text
        if not sound:
            damaged.append(column)
            found[column] = 0 if column in _NUMBERS else _shown(value)
    return StoredAttempt(**found, damaged=tuple(damaged))


def _elsewhere(what: str) -> StoreError:
    return StoreError(f"{what}: it is being played in another window", "close one of them, then 'scurfy resume'")


def _shown(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


@dataclass(frozen=True, slots=True)
class StoredMove:
    """One move: simulated minutes `before` and `after` it, and a checksum of the log after it.

    `after` and `checksum` are None while it is not known to have been played: the program ended in between.
    """

    number: int
    move: Move
    before: int
    after: int | None
    checksum: str | None


class Store(File):
    """The attempts in one SQLite file. Safe to use from several threads and several processes at once."""

    @property
    def cards(self) -> Cards:
        """The questions that are asked again, in the same file."""
        return Cards(self)

    # --- attempts ----------------------------------------------------------------------------------------

    def create(self, *, case_id: str, source: str, digest: str, engine: str, seed: int, mode: str) -> StoredAttempt:
        """Store a new attempt, begun now, and return it."""
        id, started = uuid.uuid4().hex[:12], written(self.clock())
        with self.transaction():
            self.change(
                "INSERT INTO attempts (id, case_id, source, digest, engine, seed, mode, started)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (id, case_id, source, digest, engine, seed, mode, started),
            )
        return self.attempt(id)

    def branch(self, id: str, moves: int) -> StoredAttempt:
        """Store a new attempt that begins with the first so many moves of another, its parent, and return it."""
        child, started = uuid.uuid4().hex[:12], written(self.clock())
        with self.transaction():
            self.change(
                "INSERT INTO attempts (id, case_id, source, digest, engine, seed, mode, started, parent, parent_move)"
                " SELECT ?, case_id, source, digest, engine, seed, mode, ?, id, ? FROM attempts WHERE id = ?",
                (child, started, moves, id),
            )
            self.change(
                "INSERT INTO moves (attempt, number, move, before, after, checksum)"
                " SELECT ?, number, move, before, after, checksum FROM moves WHERE attempt = ? AND number <= ?",
                (child, id, moves),
            )
        return self.attempt(child)

    def attempt(self, id: str) -> StoredAttempt:
        """Return the one attempt whose id starts with `id`. Raises StoreError for none or several."""
        found = self._attempts("WHERE substr(id, 1, length(?)) = ?", (id, id)) if id else ()
        if len(found) != 1:
            problem = "no attempt" if not found else f"{len(found)} attempts"
            raise StoreError(f"{problem} with an id that starts with {id!r}", "'scurfy attempts' lists them")
        return found[0]

    def attempts(self, *, unfinished: bool = False) -> tuple[StoredAttempt, ...]:
        """Return all attempts, or those not yet finished and not put aside, the newest first."""
        waiting = "WHERE finished IS NULL AND 'attempt ' || id NOT IN (SELECT what FROM aside)"
        return self._attempts(waiting if unfinished else "", ())

    # --- put aside ---------------------------------------------------------------------------------------

    def put_aside(self, what: str) -> None:
        """Keep an attempt (`attempt ID`) or a question (`question CASE ID`) from being offered; nothing is deleted."""
        with self.transaction():
            self.change("INSERT OR IGNORE INTO aside (what, at) VALUES (?, ?)", (what, written(self.clock())))

    def take_back(self, what: str) -> bool:
        """Offer again what was put aside. Returns whether it was."""
        was = what in self.aside()
        with self.transaction():
            self.change("DELETE FROM aside WHERE what = ?", (what,))
        return was

    def aside(self) -> tuple[str, ...]:
        """Return what was put aside, as it was named."""
        return tuple(str(row[0]) for row in self.rows("SELECT what FROM aside ORDER BY what"))

    def finish(self, id: str, *, band: str, ending: str, assessment: str, debrief: str) -> None:
        """Store how an attempt ended: its assessment as JSON and its debrief as text. The first time stands."""
        with self.transaction():
            self.change(
                "UPDATE attempts SET finished = ?, band = ?, ending = ?, assessment = ?, debrief = ?"
                " WHERE id = ? AND finished IS NULL",
                (written(self.clock()), band, ending, assessment, debrief, id),
            )

    def debrief(self, id: str) -> tuple[str, str] | None:
        """Return (assessment JSON, debrief text) of an attempt, or None while it is not finished."""
        rows = self.rows("SELECT assessment, debrief FROM attempts WHERE id = ? AND finished IS NOT NULL", (id,))
        return (str(rows[0][0]), str(rows[0][1])) if rows else None

    def keep_review(self, id: str, *, review: str, assessment: str, debrief: str) -> None:
        """Store the review of a finished attempt as JSON, and its assessment and debrief as they are with it."""
        with self.transaction():
            self.change("INSERT OR REPLACE INTO reviews (attempt, review) VALUES (?, ?)", (id, review))
            self.change("UPDATE attempts SET assessment = ?, debrief = ? WHERE id = ?", (assessment, debrief, id))

    def review(self, id: str) -> str | None:
        """Return the review of an attempt's decisions as JSON, or None while none is stored."""
        rows = self.rows("SELECT review FROM reviews WHERE attempt = ?", (id,))
        return str(rows[0][0]) if rows else None

    # --- moves -------------------------------------------------------------------------------------------

    def append(self, attempt: str, number: int, move: Move, *, before: int, follows: str | None = None) -> None:
        """Commit a move that is about to be played. `follows` is the checksum that the move before it led to.

        Raises StoreError if that number is already there, or if the move before it is gone or another one.
        """
        try:
            with self.transaction():
                if follows is not None and not self._led_to(attempt, number - 1, follows):
                    raise _elsewhere(f"move {number - 1} of attempt {attempt} was taken back")
                self.change(
                    "INSERT INTO moves (attempt, number, move, before) VALUES (?, ?, ?, ?)",
                    (attempt, number, json.dumps(to_plain(move), allow_nan=False), before),
                )
        except StoreError as error:
            if getattr(error.__cause__, "sqlite_errorcode", None) != sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
                raise
            raise _elsewhere(f"move {number} of attempt {attempt} is already stored") from error

    def seal(self, attempt: str, number: int, *, after: int, checksum: str) -> None:
        """Note where a move led, once it has been played."""
        with self.transaction():
            self.change(
                "UPDATE moves SET after = ?, checksum = ? WHERE attempt = ? AND number = ? AND after IS NULL",
                (after, checksum, attempt, number),
            )

    def withdraw(self, attempt: str, number: int, move: Move) -> None:
        """Take back a move that the session refused; one that was played stays.

        So does another move of that number: it is another window's, to which this one was taken back already.
        """
        with self.transaction():
            found = self.rows("SELECT move FROM moves WHERE attempt = ? AND number = ?", (attempt, number))
            if found and move_of(found[0][0]) == move:
                self.change("DELETE FROM moves WHERE attempt = ? AND number = ? AND after IS NULL", (attempt, number))

    def undo(self, attempt: str, number: int, checksum: str) -> None:
        """Delete the last move of an attempt. Raises StoreError where another window went on from it, or changed it."""
        with self.transaction():
            later = self.rows("SELECT 1 FROM moves WHERE attempt = ? AND number > ?", (attempt, number))
            if later or not self._led_to(attempt, number, checksum):
                raise _elsewhere(f"move {number} of attempt {attempt} is not the last any more")
            self.change("DELETE FROM moves WHERE attempt = ? AND number = ?", (attempt, number))

    def _led_to(self, attempt: str, number: int, checksum: str) -> bool:
        found = self.rows("SELECT checksum FROM moves WHERE attempt = ? AND number = ?", (attempt, number))
        return number == 0 or (bool(found) and found[0][0] in (None, checksum))

    def moves(self, attempt: str) -> tuple[StoredMove, ...]:
        """Return the moves of an attempt in order. Raises StoreError if one of them is damaged."""
        rows = self.rows(
            "SELECT number, move, before, after, checksum FROM moves WHERE attempt = ? ORDER BY number", (attempt,)
        )
        try:
            return tuple(StoredMove(n, move_of(move), b, a, c) for n, move, b, a, c in rows)
        except ValueError as error:
            raise StoreError(
                f"attempt {attempt} has a damaged move ({error})", "'scurfy doctor' looks closer"
            ) from error

    # --- looking closer ----------------------------------------------------------------------------------

    def problems(self) -> tuple[str, ...]:
        """Return what SQLite finds wrong with the file, and every value in it that cannot be read: nothing, usually."""
        found = [str(row[0]) for row in self.rows("PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"foreign key: {row[0]} row {row[1]}" for row in self.rows("PRAGMA foreign_key_check")]
        gaps = self.rows("SELECT attempt FROM moves GROUP BY attempt HAVING max(number) <> count(*)")
        return (*found, *(f"attempt {row[0]}: a move is missing" for row in gaps), *damage(self.rows))

    def _attempts(self, where: str, values: tuple[str, ...]) -> tuple[StoredAttempt, ...]:
        chosen = f"SELECT {', '.join(_COLUMNS)} FROM attempts {where} ORDER BY started DESC, rowid DESC"  # noqa: S608
        return tuple(_attempt_of(row) for row in self.rows(chosen, values))
