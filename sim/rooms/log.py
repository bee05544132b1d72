"""The log of a room on disk: events in order, each committed before anybody sees what it leads to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from sim.attempts.store import Migration, StoreError
from sim.attempts.store.file import File, written
from sim.rooms.events import RoomEvent, from_data, to_data

LOG_NAME: Final = "room.sqlite3"

_MIGRATIONS: Final[tuple[Migration, ...]] = (
    (
        """CREATE TABLE events (
            number INTEGER PRIMARY KEY CHECK (number > 0),
            at TEXT NOT NULL,
            event TEXT NOT NULL
        )""",
        """CREATE TABLE leads (
            key TEXT NOT NULL
        )""",
    ),
)


class RoomLog(File):
    """The events of one room. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open a log, or make it. Raises StoreError."""
        super().__init__(path, _MIGRATIONS)

    def append(self, number: int, event: RoomEvent) -> None:
        """Commit an event as the one of that number. Raises StoreError, also where there is one already."""
        with self.transaction():
            self.change(
                "INSERT INTO events (number, at, event) VALUES (?, ?, ?)",
                (number, written(self.clock()), json.dumps(to_data(event), allow_nan=False)),
            )

    def events(self) -> tuple[RoomEvent, ...]:
        """Return every event in order. Raises StoreError where one cannot be read."""
        rows = self.rows("SELECT number, event FROM events ORDER BY number")
        try:
            return tuple(from_data(json.loads(text)) for _, text in rows)
        except (ValueError, TypeError) as error:
            raise StoreError(f"{self.path} holds an event that cannot be read") from error

    def keep_key(self, key: str) -> None:
        """Keep the secret of whoever leads the room. Raises StoreError."""
        with self.transaction():
            self.change("INSERT INTO leads (key) VALUES (?)", (key,))

    def key(self) -> str | None:
        """Return that secret; None for a log that was just made. Raises StoreError."""
        rows = self.rows("SELECT key FROM leads")
        return str(rows[0][0]) if rows else None
