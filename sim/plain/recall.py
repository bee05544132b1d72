"""The questions that are due, as lines of text: asked one by one, answered, compared, graded, stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TextIO

from sim.attempts.recall import GRADED, Asked, Grade, answer, day, grounds
from sim.attempts.store import Card, Store
from sim.plain.prompt import typed_line
from sim.words.fold import fold
from sim.words.format import command, to_ascii

_LONGEST: Final = 2000
_MEANING: Final = {"again": "not known", "hard": "known with effort", "good": "known", "easy": "known at once"}


class Leaving(Exception):
    """The learner leaves, or the input ends."""


class LeavingUngraded(Leaving):
    """The learner leaves after an answer, before its grade: it is not stored."""


class _Round:
    def __init__(self, store: Store, source: TextIO, target: TextIO) -> None:
        self._store, self._source, self._target = store, source, target

    def ask(self, asked: Asked, number: int, count: int) -> None:
        """Ask one question; it is stored before the next line is shown. Raises Leaving or StoreError."""
        self.say([f"Question {number} of {count}, from {asked.scenario.case.title}:"])
        self.say(fold(asked.question.ask))
        given = self._read("Your answer (Enter if you do not know, 'quit' to leave): ")
        self.say(["", *fold(f"Model answer: {asked.question.answer}", rest="  ")])
        for ground in grounds(asked):
            self.say(fold(ground, first="  ", rest="    "))
        due = answer(self._store, asked.card, given, self._grade())
        self.say([f"Stored. Asked again on {day(due)}.", ""])

    def _grade(self) -> Grade:
        offered = ", ".join(f"{n} {grade} ({_MEANING[grade]})" for n, grade in enumerate(GRADED, 1))
        self.say(fold(f"How well did you know it? {offered}", rest="  "))
        while True:
            try:
                typed = self._read("Grade: ").lower()
            except Leaving:
                raise LeavingUngraded from None
            for number, grade in enumerate(GRADED, 1):
                if typed in (str(number), grade, grade[0]):
                    return grade
            self.say(["Type 1, 2, 3 or 4, or the word."])

    def _read(self, prompt: str) -> str:
        line = typed_line(self._source, self._target, prompt, _LONGEST)
        if line is None:
            self.say([""])
        if line is None or line.lower() == "quit":
            raise Leaving
        return line

    def say(self, text: Iterable[str]) -> None:
        for line in text:
            self._target.write(f"{to_ascii(line)}\n")
        self._target.flush()


def ask(store: Store, cards: Sequence[Asked | Card], source: TextIO, target: TextIO) -> int:
    """Ask what is due, one question after the other; return how many were answered. Raises StoreError.

    Each answer is stored as soon as it is graded, so leaving loses nothing.
    """
    lines, due = _Round(store, source, target), [one for one in cards if isinstance(one, Asked)]
    gone = len(cards) - len(due)
    if gone:
        names = ", ".join(f"{one.case_id}/{one.question}" for one in cards if isinstance(one, Card))
        lines.say([f"{gone} question{'s' * (gone > 1)} cannot be asked: the case is gone or asks no more ({names})."])
        lines.say([f"{command()} aside CASE/QUESTION keeps one from being offered.", ""])
    done = 0
    try:
        for asked in due:
            lines.ask(asked, done + 1, len(due))
            done += 1
    except Leaving as leaving:
        lines.say(_left(done, len(due) - done, isinstance(leaving, LeavingUngraded)))
        return done
    lines.say([_next(store, "Nothing is due." if not due else "That was all that is due.")])
    return done


def _left(done: int, left: int, ungraded: bool) -> Iterator[str]:
    """Yield what was stored and what stays due when the learner leaves."""
    if ungraded:
        yield "Your last answer has no grade, so it is not stored: that question stays due."
    yield f"{done} graded and stored, {left} left. To go on: {command()} review"


def _next(store: Store, said: str) -> str:
    following = store.cards.next()
    if following is not None:
        return f"{said} The next question is due on {day(following)}."
    return f"{said} Questions come from the cases you finish: {command()} cases lists them."
