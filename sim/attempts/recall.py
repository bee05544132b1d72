"""What is asked after the debrief and when it is asked again: the one door to `fsrs`.

The schedule is a pure function of what it remembers, the learner's grade and the moment; nothing in it is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Final, Literal, get_args

from scoring.assess.assessment import Assessment
from scoring.debrief.build import GRADES
from sim.attempts.store import Card, Recall, Store, Timestamp
from sim.case.model.case import Case, Question
from sim.case.model.scenario import Scenario
from sim.case.problems import CaseError

if TYPE_CHECKING:
    from fsrs import Card as Remembered

FEWEST: Final = 3
MOST: Final = 5
LONGEST: Final = 365
"""The most days until a question is asked again, however well it is known."""
_MOST_STABLE: Final = 1e6
"""A stability or a difficulty beyond that was never worked out from answers."""

Grade = Literal["again", "hard", "good", "easy"]
GRADED: Final[tuple[Grade, ...]] = get_args(Grade)
"""The learner's own grades, from forgotten to known without effort."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A card with what it asks, ready to be shown."""

    card: Card
    scenario: Scenario
    question: Question


def missed_in(case: Case, assessment: Assessment) -> frozenset[str]:
    """Return the ids of the steps that were missed and the pitfalls that were fallen into.

    A step that fell due again (`fill_2`) counts as the one its author wrote (`fill`) as well.
    """
    steps = {step.id for step in case.pathway}
    found = {item.step for item in assessment.pathway if item.verdict == "missed"}
    for id in tuple(found):
        first, _, number = id.rpartition("_")
        if number.isdecimal() and first in steps:
            found.add(first)
    return frozenset(found | {item.id for item in assessment.pitfalls})


def choose(case: Case, missed: frozenset[str]) -> tuple[Question, ...]:
    """Return the questions to ask, at most five: those that touch what was missed first, then in the file's order.

    Others follow only until there are three.
    """
    touched = [question for question in case.questions if touches(question, missed)]
    others = [question for question in case.questions if not touches(question, missed)]
    return (*touched[:MOST], *others[: max(0, FEWEST - len(touched))])


def touches(question: Question, missed: frozenset[str]) -> bool:
    """Return whether a question is about something that was missed."""
    return not missed.isdisjoint(question.about)


def schedule(memory: str | None, grade: Grade, at: Timestamp) -> tuple[str, Timestamp]:
    """Return what to remember after a grade given `at` a moment (UTC), as JSON, and when to ask again.

    A memory that cannot be read counts as none: the question begins anew.
    """
    from fsrs import Rating, Scheduler

    # No steps within a day and no fuzz: a learner comes back on another day, and the same answers give the same dates.
    scheduler = Scheduler(enable_fuzzing=False, learning_steps=(), relearning_steps=(), maximum_interval=LONGEST)
    card, _ = scheduler.review_card(_remembered(memory, at), Rating[grade.capitalize()], at)
    return card.to_json(), card.due


def _remembered(memory: str | None, at: Timestamp) -> Remembered:
    """Return what is remembered; nothing, where that is no memory that the schedule could have written."""
    from fsrs import Card as Memory

    if memory is not None:
        with suppress(ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            found = Memory.from_json(memory)
            if _is_sound(found):
                return found
    return Memory(card_id=0, due=at)  # without an id it takes one from the computer's clock, and waits for it


def _is_sound(memory: Remembered) -> bool:
    measures = (memory.stability, memory.difficulty)
    moments = [moment for moment in (memory.due, memory.last_review) if moment is not None]
    return all(
        isinstance(measure, (int, float)) and isfinite(measure) and 0 < measure < _MOST_STABLE for measure in measures
    ) and all(moment.tzinfo is not None for moment in moments)


def answer(store: Store, card: Card, text: str, grade: Grade) -> Timestamp:
    """Store an answer with its grade, now, and return when it is asked again. Raises StoreError."""
    at = store.cards.now()
    memory, due = schedule(card.memory, grade, at)
    store.cards.answered(card, Recall(at, grade, text), due=due, memory=memory)
    return due


def ready(cards: Iterable[Card], load: Callable[[str], Scenario]) -> Iterator[Asked | Card]:
    """Yield each card with its question; alone where its case cannot be loaded or no longer asks it."""
    scenarios: dict[str, Scenario | None] = {}
    for card in cards:
        if card.source not in scenarios:
            scenarios[card.source] = _loaded(card.source, load)
        scenario = scenarios[card.source]
        questions = () if scenario is None else scenario.case.questions
        found = next((question for question in questions if question.id == card.question), None)
        yield card if found is None or scenario is None else Asked(card, scenario, found)


def _loaded(source: str, load: Callable[[str], Scenario]) -> Scenario | None:
    try:
        return load(source)
    except CaseError:
        return None


def grounds(asked: Asked) -> tuple[str, ...]:
    """Return what the model answer rests on: each fact with its grade spelled out, or what is assumed and why."""
    facts = [asked.scenario.evidence[id] for id in asked.question.evidence if id in asked.scenario.evidence]
    told = [f"[{fact.id}] {fact.statement} Grade: {GRADES[fact.grade]}." for fact in facts]
    return (*told, *([f"Assumed: {asked.question.assumed}"] if asked.question.assumed else []))


def to_plain(cards: Iterable[Asked | Card], following: Timestamp | None) -> dict[str, object]:
    """Return what is due as plain data, without the answers."""
    due = [
        {"case": one.card.case_id, "question": one.card.question, "ask": one.question.ask,
         "due": one.card.due.isoformat()}
        for one in cards if isinstance(one, Asked)
    ]  # fmt: skip
    return {"due": due, "next": None if following is None else following.isoformat()}


def day(moment: Timestamp) -> str:
    """Return the day of a moment in the time of this computer: `2026-11-24`. A question is due all day."""
    return moment.astimezone().strftime("%Y-%m-%d")
