"""The one door to sqlite3 and to the calendar: a file that is opened, migrated, backed up, and never half written."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sim.attempts.store.schema import MIGRATIONS, Migration
from sim.words.errors import UserError

FILE_NAME: Final = "attempts.sqlite3"
PATIENCE: Final = 15
"""For how many seconds a file that another program writes to is waited for."""

Timestamp = datetime
"""A time of the calendar, in UTC."""


class StoreError(UserError):
    """The store cannot do what was asked: the message says why, the hint what helps."""


def now() -> Timestamp:
    """Return this moment."""
    return datetime.now(UTC)


def written(moment: Timestamp) -> str:
    """Return a moment in ISO 8601, all of one form, so that they sort as text."""
    return moment.isoformat(timespec="milliseconds")


class File:
    """One SQLite file. Safe to use from several threads and several processes at once."""

    def __init__(
        self, path: Path, migrations: tuple[Migration, ...] = MIGRATIONS, *, clock: Callable[[], Timestamp] = now
    ) -> None:
        """Open `path`, creating or migrating it. `clock` tells the time. Raises StoreError where that is impossible."""
        self.path = path
        self.clock = clock
        self._lock = threading.RLock()
        with self._explained():
            self._db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            with self._explained():
                self._prepare(migrations)
        except StoreError:
            self._db.close()
            raise

    @property
    def folder(self) -> Path:
        """The data folder that the file is in."""
        return self.path.parent

    def change(self, statement: str, values: tuple[str | int | None, ...] = ()) -> None:
        """Carry out a statement, inside a transaction. Raises sqlite3.Error."""
        self._db.execute(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything done inside is committed together, or not at all."""
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
            raise StoreError(f"cannot use {self.path}: {error}", _hint(str(error))) from error

    def rows(self, query: str, values: tuple[str | int | None, ...] = ()) -> list[Any]:
        """Return what a query finds. Raises StoreError."""
        with self._lock, self._explained():
            return self._db.execute(query, values).fetchall()

    # --- the file ----------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _prepare(self, migrations: tuple[Migration, ...]) -> None:
        mode = self._set_journal()
        if mode != "wal":
            raise StoreError(
                f"{self.path.parent} cannot hold the attempts safely (journal mode {mode!r}; is it a network drive?)",
                "set SCURFY_HOME to a folder on this computer",
            )
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        version = self._version(migrations)
        if 0 < version < len(migrations):
            self._back_up(version)
        if version < len(migrations):
            self._migrate(migrations)

    def _set_journal(self) -> str:
        """Set the journal to WAL and return the mode it has.

        Where several programs open a new file at once, SQLite refuses the change at once instead of waiting its turn.
        """
        waited_out = time.monotonic() + PATIENCE
        while True:
            try:
                return str(self._db.execute("PRAGMA journal_mode = WAL").fetchone()[0])
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() >= waited_out:
                    raise
                time.sleep(0.02)

    def _version(self, migrations: tuple[Migration, ...]) -> int:
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if version > len(migrations):
            raise StoreError(
                f"{self.path} was written by a newer Scurfy (schema {version}, this one knows {len(migrations)})",
                "install the newer version",
            )
        return version

    def _migrate(self, migrations: tuple[Migration, ...]) -> None:
        with self.transaction():
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


def _hint(message: str) -> str:
    if "not a database" in message or "malformed" in message:
        return "move the file away to start afresh; 'scurfy paths' shows where it is"
    if "locked" in message:
        return "another program holds it, or it is on a network drive: SCURFY_HOME names another folder"
    if "full" in message:
        return "free some space on that disk"
    return "is the folder yours to write to and on this computer? SCURFY_HOME names another one"
