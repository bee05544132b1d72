"""Attempts on disk: the one door to sqlite3, to the data folder and to the calendar.

An attempt is stored as what it was begun with and the moves made since; everything else is derived by replay.
A move is committed before the session plays it, so nothing a learner has seen can be lost. Only JSON is stored.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sim.case.moves import Move, from_plain, to_plain

FILE_NAME: Final = "attempts.sqlite3"

Migration = tuple[str, ...]

MIGRATIONS: Final[tuple[Migration, ...]] = (
    (
        """CREATE TABLE attempts (
            id TEXT PRIMARY KEY,
            case_id TEXT NOT NULL,
            source TEXT NOT NULL,
            digest TEXT NOT NULL,
            engine TEXT NOT NULL,
            seed INTEGER NOT NULL,
            mode TEXT NOT NULL CHECK (mode IN ('tutor', 'practice', 'exam')),
            started TEXT NOT NULL,
            finished TEXT,
            band TEXT,
            ending TEXT,
            assessment TEXT,
            debrief TEXT,
            parent TEXT REFERENCES attempts (id),
            parent_move INTEGER
        )""",
        """CREATE TABLE moves (
            attempt TEXT NOT NULL REFERENCES attempts (id),
            number INTEGER NOT NULL CHECK (number > 0),
            move TEXT NOT NULL,
            before INTEGER NOT NULL,
            after INTEGER,
            checksum TEXT,
            PRIMARY KEY (attempt, number)
        ) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE reviews (
            attempt TEXT PRIMARY KEY REFERENCES attempts (id),
            review TEXT NOT NULL
        ) WITHOUT ROWID""",
    ),
)
"""The statements that lead from each schema version to the next; `user_version` counts how many were carried out."""


class StoreError(Exception):
    """The store cannot do what was asked; the message says why and what helps."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A stored attempt without its moves. `started` and `finished` are UTC in ISO 8601."""

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


def data_folder() -> Path:
    """Return the folder that holds the attempts: `SCURFY_HOME`, or the user's data folder. It may not exist yet."""
    chosen = os.environ.get("SCURFY_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_dir

    return Path(user_data_dir("scurfy", appauthor=False))


def make_data_folder() -> Path:
    """Create the data folder, for its owner only where the system knows that. Raises StoreError."""
    folder = data_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot create {folder}: {error.strerror}; set SCURFY_HOME to a folder of yours") from error
    return folder


def open_store() -> Store:
    """Open the store in the data folder, creating both where needed. Raises StoreError."""
    return Store(make_data_folder() / FILE_NAME)


class Store:
    """The attempts in one SQLite file. Safe to use from several threads and several processes at once."""

    def __init__(self, path: Path, migrations: tuple[Migration, ...] = MIGRATIONS) -> None:
        """Open `path`, creating or migrating it. Raises StoreError where that is impossible."""
        self.path = path
        self._lock = threading.RLock()
        with self._explained():
            self._db = sqlite3.connect(path, timeout=15, isolation_level=None, check_same_thread=False)
        try:
            with self._explained():
                self._prepare(migrations)
        except StoreError:
            self._db.close()
            raise

    # --- attempts ----------------------------------------------------------------------------------------

    def create(
        self, *, case_id: str, source: str, digest: str, engine: str, seed: int, mode: str,
        parent: str | None = None, parent_move: int | None = None,
    ) -> Attempt:  # fmt: skip
        """Store a new attempt, begun now, and return it."""
        id, started = uuid.uuid4().hex[:12], _now()
        with self._transaction():
            self._db.execute(
                "INSERT INTO attempts (id, case_id, source, digest, engine, seed, mode, started, parent, parent_move)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (id, case_id, source, digest, engine, seed, mode, started, parent, parent_move),
            )
        return self.attempt(id)

    def attempt(self, id: str) -> Attempt:
        """Return the one attempt whose id starts with `id`. Raises StoreError for none or several."""
        found = self._attempts("WHERE substr(id, 1, length(?)) = ?", (id, id)) if id else ()
        if len(found) != 1:
            problem = "no attempt" if not found else f"{len(found)} attempts"
            raise StoreError(f"{problem} with an id that starts with {id!r}; 'scurfy attempts' lists them")
        return found[0]

    def attempts(self, *, unfinished: bool = False) -> tuple[Attempt, ...]:
        """Return all attempts, or those not yet finished, the newest first."""
        return self._attempts("WHERE finished IS NULL" if unfinished else "", ())

    def finish(self, id: str, *, band: str, ending: str, assessment: str, debrief: str) -> None:
        """Store how an attempt ended: its assessment as JSON and its debrief as text. The first time stands."""
        with self._transaction():
            self._db.execute(
                "UPDATE attempts SET finished = ?, band = ?, ending = ?, assessment = ?, debrief = ?"
                " WHERE id = ? AND finished IS NULL",
                (_now(), band, ending, assessment, debrief, id),
            )

    def debrief(self, id: str) -> tuple[str, str] | None:
        """Return (assessment JSON, debrief text) of an attempt, or None while it is not finished."""
        rows = self._all("SELECT assessment, debrief FROM attempts WHERE id = ? AND finished IS NOT NULL", (id,))
        return (str(rows[0][0]), str(rows[0][1])) if rows else None

    def keep_review(self, id: str, *, review: str, assessment: str, debrief: str) -> None:
        """Store the review of a finished attempt as JSON, and its assessment and debrief as they are with it."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO reviews (attempt, review) VALUES (?, ?)", (id, review))
            self._db.execute("UPDATE attempts SET assessment = ?, debrief = ? WHERE id = ?", (assessment, debrief, id))

    def review(self, id: str) -> str | None:
        """Return the review of an attempt's decisions as JSON, or None while none is stored."""
        rows = self._all("SELECT review FROM reviews WHERE attempt = ?", (id,))
        return str(rows[0][0]) if rows else None

    # --- moves -------------------------------------------------------------------------------------------

    def append(self, attempt: str, number: int, move: Move, *, before: int) -> None:
        """Commit a move that is about to be played. Raises StoreError if that number is already there."""
        try:
            with self._transaction():
                self._db.execute(
                    "INSERT INTO moves (attempt, number, move, before) VALUES (?, ?, ?, ?)",
                    (attempt, number, json.dumps(to_plain(move), allow_nan=False), before),
                )
        except sqlite3.IntegrityError as error:
            raise StoreError(
                f"move {number} of attempt {attempt} is already stored: it is being played in another window; "
                "close one of them, then 'scurfy resume'"
            ) from error

    def seal(self, attempt: str, number: int, *, after: int, checksum: str) -> None:
        """Note where a move led, once it has been played."""
        with self._transaction():
            self._db.execute(
                "UPDATE moves SET after = ?, checksum = ? WHERE attempt = ? AND number = ? AND after IS NULL",
                (after, checksum, attempt, number),
            )

    def withdraw(self, attempt: str, number: int) -> None:
        """Take back a move the session refused; one that was played stays."""
        with self._transaction():
            self._db.execute("DELETE FROM moves WHERE attempt = ? AND number = ? AND after IS NULL", (attempt, number))

    def moves(self, attempt: str) -> tuple[StoredMove, ...]:
        """Return the moves of an attempt in order. Raises StoreError if one of them is damaged."""
        rows = self._all(
            "SELECT number, move, before, after, checksum FROM moves WHERE attempt = ? ORDER BY number", (attempt,)
        )
        try:
            return tuple(StoredMove(n, from_plain(json.loads(move)), b, a, c) for n, move, b, a, c in rows)
        except (ValueError, TypeError) as error:
            raise StoreError(f"attempt {attempt} has a damaged move ({error}); 'scurfy doctor' looks closer") from error

    # --- the file ----------------------------------------------------------------------------------------

    def problems(self) -> tuple[str, ...]:
        """Return what SQLite and the numbering of moves find wrong with the file: nothing, usually."""
        found = [str(row[0]) for row in self._all("PRAGMA integrity_check", ()) if row[0] != "ok"]
        found += [f"foreign key: {row[0]} row {row[1]}" for row in self._all("PRAGMA foreign_key_check", ())]
        gaps = self._all("SELECT attempt FROM moves GROUP BY attempt HAVING max(number) <> count(*)", ())
        return (*found, *(f"attempt {row[0]}: a move is missing" for row in gaps))

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _prepare(self, migrations: tuple[Migration, ...]) -> None:
        mode = self._db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise StoreError(
                f"{self.path.parent} cannot hold the attempts safely (journal mode {mode!r}; is it a network drive?); "
                "set SCURFY_HOME to a folder on this computer"
            )
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        version = self._version(migrations)
        if 0 < version < len(migrations):
            self._back_up(version)
        if version < len(migrations):
            self._migrate(migrations)

    def _version(self, migrations: tuple[Migration, ...]) -> int:
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if version > len(migrations):
            raise StoreError(
                f"{self.path} was written by a newer Scurfy (schema {version}, this one knows {len(migrations)}); "
                "install the newer version"
            )
        return version

    def _migrate(self, migrations: tuple[Migration, ...]) -> None:
        with self._transaction():
            for number in range(self._version(migrations), len(migrations)):
                for statement in migrations[number]:
                    self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {len(migrations)}")

    def _back_up(self, version: int) -> None:
        copy = self.path.with_name(f"{self.path.stem}.schema{version}.backup{self.path.suffix}")
        with sqlite3.connect(copy) as target:
            self._db.backup(target)
        sound = target.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        target.close()
        if not sound:
            raise StoreError(f"the backup {copy} is damaged, so {self.path} was left as it is")

    # --- plumbing ----------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        # IMMEDIATE: a deferred transaction that reads first fails with "database is locked" under many writers.
        with self._lock, self._explained():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            raise StoreError(f"cannot use {self.path}: {error}; {_hint(str(error))}") from error

    def _attempts(self, where: str, values: tuple[str, ...]) -> tuple[Attempt, ...]:
        rows = self._all(
            "SELECT id, case_id, source, digest, engine, seed, mode, started, finished, band, ending, parent,"  # noqa: S608
            f" parent_move FROM attempts {where} ORDER BY started DESC, rowid DESC",
            values,
        )
        return tuple(Attempt(*row) for row in rows)

    def _all(self, query: str, values: tuple[str, ...]) -> list[Any]:
        with self._lock, self._explained():
            return self._db.execute(query, values).fetchall()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _hint(message: str) -> str:
    if "not a database" in message or "malformed" in message:
        return "move the file away to start afresh; 'scurfy paths' shows where it is"
    if "locked" in message:
        return "another program holds it, or it is on a network drive: SCURFY_HOME names another folder"
    if "full" in message:
        return "free some space on that disk"
    return "is the folder yours to write to and on this computer? SCURFY_HOME names another one"
