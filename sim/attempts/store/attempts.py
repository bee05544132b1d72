"""Attempts on disk.

An attempt is stored as what it was begun with and the moves made since; everything else is derived by replay.
A move is committed before the session plays it, so nothing a learner has seen can be lost. Only JSON is stored.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from dataclasses import dataclass

from sim.attempts.store.cards import Cards
from sim.attempts.store.file import File, StoreError, written
from sim.case.moves import Move, from_plain, to_plain


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
        """Return all attempts, or those not yet finished, the newest first."""
        return self._attempts("WHERE finished IS NULL" if unfinished else "", ())

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

    def append(self, attempt: str, number: int, move: Move, *, before: int) -> None:
        """Commit a move that is about to be played. Raises StoreError if that number is already there."""
        try:
            with self.transaction():
                self.change(
                    "INSERT INTO moves (attempt, number, move, before) VALUES (?, ?, ?, ?)",
                    (attempt, number, json.dumps(to_plain(move), allow_nan=False), before),
                )
        except sqlite3.IntegrityError as error:
            raise StoreError(
                f"move {number} of attempt {attempt} is already stored: it is being played in another window",
                "close one of them, then 'scurfy resume'",
            ) from error

    def seal(self, attempt: str, number: int, *, after: int, checksum: str) -> None:
        """Note where a move led, once it has been played."""
        with self.transaction():
            self.change(
                "UPDATE moves SET after = ?, checksum = ? WHERE attempt = ? AND number = ? AND after IS NULL",
                (after, checksum, attempt, number),
            )

    def withdraw(self, attempt: str, number: int) -> None:
        """Take back a move the session refused; one that was played stays."""
        with self.transaction():
            self.change("DELETE FROM moves WHERE attempt = ? AND number = ? AND after IS NULL", (attempt, number))

    def moves(self, attempt: str) -> tuple[StoredMove, ...]:
        """Return the moves of an attempt in order. Raises StoreError if one of them is damaged."""
        rows = self.rows(
            "SELECT number, move, before, after, checksum FROM moves WHERE attempt = ? ORDER BY number", (attempt,)
        )
        try:
            return tuple(StoredMove(n, from_plain(json.loads(move)), b, a, c) for n, move, b, a, c in rows)
        except (ValueError, TypeError) as error:
            raise StoreError(
                f"attempt {attempt} has a damaged move ({error})", "'scurfy doctor' looks closer"
            ) from error

    # --- looking closer ----------------------------------------------------------------------------------

    def problems(self) -> tuple[str, ...]:
        """Return what SQLite and the numbering of moves find wrong with the file: nothing, usually."""
        found = [str(row[0]) for row in self.rows("PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"foreign key: {row[0]} row {row[1]}" for row in self.rows("PRAGMA foreign_key_check")]
        gaps = self.rows("SELECT attempt FROM moves GROUP BY attempt HAVING max(number) <> count(*)")
        return (*found, *(f"attempt {row[0]}: a move is missing" for row in gaps))

    def _attempts(self, where: str, values: tuple[str, ...]) -> tuple[StoredAttempt, ...]:
        rows = self.rows(
            "SELECT id, case_id, source, digest, engine, seed, mode, started, finished, band, ending, parent,"  # noqa: S608
            f" parent_move FROM attempts {where} ORDER BY started DESC, rowid DESC",
            values,
        )
        return tuple(StoredAttempt(*row) for row in rows)
