"""Questions on disk: when each falls due again, what is remembered of how it was answered, and every answer given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sim.attempts.store.damage import moment_of
from sim.attempts.store.file import File, Timestamp, written

FARTHEST: Final = timedelta(days=366)
"""No question is put off longer, so a date beyond that was not meant: a clock was wrong, or the file is damaged."""


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
        """Return the cards that are due on this day of this computer's calendar, the longest due first."""
        today = _day(self._file.clock())
        return tuple(card for card in self.all() if _day(card.due) <= today)

    def next(self) -> Timestamp | None:
        """Return when the next card falls due that is not due yet; None where there is none."""
        today = _day(self._file.clock())
        return next((card.due for card in self.all() if _day(card.due) > today), None)

    def all(self) -> tuple[Card, ...]:
        """Return every card that is not put aside, the first due first. One whose date is none is due today."""
        now = self._file.clock()
        rows = self._file.rows(
            "SELECT case_id, question, source, due, memory FROM cards"
            " WHERE 'question ' || case_id || ' ' || question NOT IN (SELECT what FROM aside) ORDER BY rowid"
        )
        found = (
            Card(str(case), str(q), str(source), _due(due, now), memory if isinstance(memory, str) else None)
            for case, q, source, due, memory in rows
        )
        return tuple(sorted(found, key=lambda card: card.due))

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
        """Return what was answered to a card, the first first; what cannot be read is passed over."""
        rows = self._file.rows(
            "SELECT at, grade, answer FROM recalls WHERE case_id = ? AND question = ? ORDER BY rowid",
            (card.case_id, card.question),
        )
        return tuple(_recalls(rows))


def _recalls(rows: Iterable[tuple[object, object, object]]) -> Iterator[Recall]:
    for at, grade, answer in rows:
        with suppress(ValueError):
            yield Recall(moment_of(at), str(grade), str(answer))


def _due(text: object, now: Timestamp) -> Timestamp:
    """Return when a card is due: today, where its date cannot be read or keeps it away for longer than any may."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        due = moment_of(text)
    except ValueError:
        return today
    return due if due - now <= FARTHEST else today


def _day(moment: Timestamp) -> date:
    return moment.astimezone().date()
