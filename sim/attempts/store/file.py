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
from sim.attempts.store.trouble import StoreError, explained, gone

FILE_NAME: Final = "attempts.sqlite3"
PATIENCE: Final = 15
"""For how many seconds a file that another program writes to is waited for."""

Timestamp = datetime
"""A time of the calendar, in UTC."""


def now() -> Timestamp:
    """Return this moment."""
    return datetime.now(UTC)


def written(moment: Timestamp) -> str:
    """Return a moment in ISO 8601, all of one form, so that they sort as text."""
    return moment.isoformat(timespec="milliseconds")


class File:
    """One SQLite file. Safe to use from several threads and several processes at once.

    A `copy_of` a folder's file stands for it where that cannot be written to: it is read, and each change is refused
    with `refusal`.
    """

    def __init__(
        self, path: Path, migrations: tuple[Migration, ...] = MIGRATIONS, *, clock: Callable[[], Timestamp] = now,
        copy_of: Path | None = None, refusal: StoreError | None = None,
    ) -> None:  # fmt: skip
        """Open `path`, creating or migrating it. `clock` tells the time. Raises StoreError where that is impossible."""
        self.path = path
        self.clock = clock
        self.refusal: StoreError | None = None
        """Why nothing can be changed; None where it can."""
        self._stands_for = copy_of or path
        self._lock = threading.RLock()
        with self._explained():
            self._db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            self._db.text_factory = _text
            with self._explained():
                self._prepare(migrations)
        except StoreError:
            self._db.close()
            raise
        self.refusal = refusal
        self._is = _identity(path)
        self._logged = False
        """Whether the log beside the file must be there."""

    @property
    def folder(self) -> Path:
        """The data folder that the file is in."""
        return self._stands_for.parent

    def change(self, statement: str, values: tuple[str | int | None, ...] = ()) -> None:
        """Carry out a statement, inside a transaction. Raises sqlite3.Error."""
        self._db.execute(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything done inside is committed together, or not at all.

        Raises StoreError before anything is done where the file cannot be changed, or is not there any more.
        """
        # IMMEDIATE: a deferred transaction that reads first fails with "database is locked" under many writers.
        with self._lock, self._explained():
            self._need_file()
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
                self._logged = True
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise explained(error, self._stands_for) from error

    def _need_file(self) -> None:
        """Raise StoreError where a change would be lost: SQLite goes on writing to a file that has no name any more."""
        if self.refusal is not None:
            raise self.refusal
        if not hasattr(self, "_is"):  # it is being migrated
            return
        log = self.path.with_name(f"{self.path.name}-wal")
        if self._is != _identity(self.path) or (self._logged and not log.exists()):
            raise gone(self.path)

    def rows(self, query: str, values: tuple[str | int | None, ...] = ()) -> list[Any]:
        """Return what a query finds. Raises StoreError."""
        with self._lock, self._explained():
            return self._db.execute(query, values).fetchall()

    # --- the file ----------------------------------------------------------------------------------------

    def copy_to(self, path: Path) -> None:
        """Write a whole copy to a new file, also while others write. Raises StoreError."""
        with self._lock, self._explained():
            _copy(self._db, path)

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
        if version < 0:
            raise StoreError(f"{self.path} is damaged: its schema is {version}", "move the file away to start afresh")
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
        _copy(self._db, copy)


def _copy(db: sqlite3.Connection, path: Path) -> None:
    """Copy a file that is open and check the copy. Raises sqlite3.Error or StoreError."""
    target = sqlite3.connect(path)
    try:
        db.backup(target)
        sound = target.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    finally:
        target.close()
    if not sound:
        raise StoreError(f"the copy {path} is damaged, so the file that it is of was left as it is")


def _text(raw: bytes) -> str:
    """Return a text of the file; what is no UTF-8 in it hides nothing but itself."""
    return raw.decode("utf-8", "replace")


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another of its name; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
