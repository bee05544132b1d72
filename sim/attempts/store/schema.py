"""The tables of the store, as the statements that lead from each schema version to the next."""

from __future__ import annotations

from typing import Final

Migration = tuple[str, ...]

NOTES: Final = "notes"
"""The folder beside the file that holds the learner's own notes."""

LEARNERS: Final = "learners"
"""The folder beside the file that holds those who play in a browser: a folder each, with a store of its own."""

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
    (
        """CREATE TABLE cards (
            case_id TEXT NOT NULL,
            question TEXT NOT NULL,
            source TEXT NOT NULL,
            due TEXT NOT NULL,
            memory TEXT,
            PRIMARY KEY (case_id, question)
        )""",
        """CREATE TABLE recalls (
            case_id TEXT NOT NULL,
            question TEXT NOT NULL,
            at TEXT NOT NULL,
            grade TEXT NOT NULL CHECK (grade IN ('again', 'hard', 'good', 'easy')),
            answer TEXT NOT NULL,
            FOREIGN KEY (case_id, question) REFERENCES cards (case_id, question)
        )""",
    ),
    (
        """CREATE TABLE aside (
            what TEXT PRIMARY KEY,
            at TEXT NOT NULL
        ) WITHOUT ROWID""",
    ),
)
"""The statements that lead from each schema version to the next; `user_version` counts how many were carried out."""
