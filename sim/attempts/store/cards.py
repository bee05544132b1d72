"""Questions on disk: when each falls due again, what is remembered of how it was answered, and every answer given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sim.attempts.store.file import File, Timestamp, written


@dataclass(frozen=True, slots=True)
class Card:
    """A question that is asked again, kept under its case and its id."""

    case_id: str
    question: str
    source: str
    """What loads the case again: its id, or the absolute path it was played from."""
    due: Timestamp
    memory: str | None
    """What the schedule remembers, as JSON; None while it was never asked."""


@dataclass(frozen=True, slots=True)
class Recall:
    """One answer as it was typed, and the learner's own grade: again, hard, good or easy."""

    at: Timestamp
    grade: str
    answer: str


class Cards:
    """The cards in a store. Every method raises StoreError."""

    def __init__(self, file: File) -> None:
        self._file = file

    def add(self, case_id: str, source: str, questions: Iterable[str], missed: Iterable[str]) -> None:
        """Add questions of a case that was finished, due at once. Those known already stay as they are.

        Of these, the ones in `missed` fall due now, unless they were due before.
        """
        now = written(self._file.clock())
        with self._file.transaction():
            for question in questions:
                self._file.change(
                    "INSERT INTO cards (case_id, question, source, due) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (case_id, question) DO UPDATE SET source = excluded.source",
                    (case_id, question, source, now),
                )
            for question in missed:
                self._file.change(
                    "UPDATE cards SET due = min(due, ?) WHERE case_id = ? AND question = ?", (now, case_id, question)
                )

    def now(self) -> Timestamp:
        """Return this moment, by the store's clock."""
        return self._file.clock()

    def due(self) -> tuple[Card, ...]:
        """Return the cards that are due now, the longest due first."""
        return self._cards("WHERE due <= ? ORDER BY due, rowid", (written(self._file.clock()),))

    def next(self) -> Timestamp | None:
        """Return when the next card falls due that is not due yet; None where there is none."""
        cards = self._cards("WHERE due > ? ORDER BY due, rowid LIMIT 1", (written(self._file.clock()),))
        return cards[0].due if cards else None

    def all(self) -> tuple[Card, ...]:
        """Return every card, the first due first."""
        return self._cards("ORDER BY due, rowid", ())

    def answered(self, card: Card, recall: Recall, *, due: Timestamp, memory: str) -> None:
        """Store an answer and when the question is due again, both or neither."""
        with self._file.transaction():
            self._file.change(
                "INSERT INTO recalls (case_id, question, at, grade, answer) VALUES (?, ?, ?, ?, ?)",
                (card.case_id, card.question, written(recall.at), recall.grade, recall.answer),
            )
            self._file.change(
                "UPDATE cards SET due = ?, memory = ? WHERE case_id = ? AND question = ?",
                (written(due), memory, card.case_id, card.question),
            )

    def recalls(self, card: Card) -> tuple[Recall, ...]:
        """Return what was answered to a card, the first first."""
        rows = self._file.rows(
            "SELECT at, grade, answer FROM recalls WHERE case_id = ? AND question = ? ORDER BY rowid",
            (card.case_id, card.question),
        )
        return tuple(Recall(Timestamp.fromisoformat(at), grade, answer) for at, grade, answer in rows)

    def _cards(self, where: str, values: tuple[str, ...]) -> tuple[Card, ...]:
        rows = self._file.rows(f"SELECT case_id, question, source, due, memory FROM cards {where}", values)  # noqa: S608
        return tuple(
            Card(case, q, source, Timestamp.fromisoformat(due), memory) for case, q, source, due, memory in rows
        )
