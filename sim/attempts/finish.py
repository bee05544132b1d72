"""What becomes of an attempt when its case is over: assessed, reviewed, rendered and stored, each once.

How it ended is stored at once; the review of its decisions is added when it is ready and never worked out twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from scoring.assess.assessment import Assessment, assess
from scoring.debrief.build import debrief
from scoring.debrief.twin import Twin, twin_of
from scoring.review.decisions import Decision
from scoring.review.record import from_record, to_record
from scoring.review.review import Review, review_of
from sim.attempts.recall import choose, missed_in, touches
from sim.attempts.review_process.pool import ReviewState
from sim.attempts.session import PersistentSession
from sim.attempts.store import StoreError
from sim.engine.kernel import compile_program
from sim.report.json import report, to_json
from sim.report.text import to_text
from sim.words.progress import Progress, unseen


class Rendered(NamedTuple):
    """How an attempt ended, as it is stored."""

    assessment: str
    """As JSON."""
    debrief: str
    """As text."""


def conclude(attempt: PersistentSession) -> Rendered:
    """Assess an attempt that is over, store that, and return it.

    The first time, the questions that are asked after it are stored too. Raises StoreError.
    """
    assessment = assessed(attempt)
    rendered = render(attempt, assessment)
    if attempt.stored.finished is None:
        # Before the attempt counts as finished: a program that ends in between does both again, and loses neither.
        _ask_again(attempt, assessment)
        ending = attempt.snapshot().ended
        assert ending is not None, "only a case that is over can be concluded"
        attempt.store.finish(attempt.id, band=assessment.band, ending=ending.ending, **rendered._asdict())
        attempt.stored = attempt.store.attempt(attempt.id)
    return rendered


def _ask_again(attempt: PersistentSession, assessment: Assessment) -> None:
    """Store the questions to ask after the debrief; those about what was missed are due now."""
    case = attempt.scenario.case
    missed = missed_in(case, assessment)
    asked = choose(case, missed)
    about_missed = [question.id for question in asked if touches(question, missed)]
    attempt.store.cards.add(case.id, attempt.stored.source, [question.id for question in asked], about_missed)


def assessed(attempt: PersistentSession, review: Review | None = None) -> Assessment:
    """Return the assessment of an attempt that is over, with the review of its decisions if there is one."""
    return assess(attempt.scenario, attempt.log, review)


def render(attempt: PersistentSession, assessment: Assessment) -> Rendered:
    """Return an attempt that is over as it is stored with an assessment of it."""
    data = report(attempt.session, assessment)
    del data["log"]  # it follows from the moves
    return Rendered(to_json(data), to_text(debrief(attempt.scenario, attempt.log, assessment)))


# --- the review ---------------------------------------------------------------------------------------------


def reviewed(attempt: PersistentSession, fates: int | None = None, *, progress: Progress = unseen) -> Review:
    """Return the review of an attempt that is over: the stored one, or else it is worked out now and stored.

    With `fates` it is worked out over so many and not stored. Raises StoreError.
    """
    stored = stored_review(attempt) if fates is None else None
    if stored is not None:
        return stored
    decisions = attempt.decisions()
    with progress("decisions", len(decisions)) as advance:
        program = compile_program(attempt.scenario)
        review = review_of(program, decisions, attempt.session, fates=fates, progress=advance)
    if fates is None:
        with suppress(StoreError):  # worked out is worked out, also where the disk keeps nothing more
            _keep(attempt, review)
    return review


def stored_review(attempt: PersistentSession) -> Review | None:
    """Return the review that is stored with an attempt; None where there is none, or none that can be read.

    Raises StoreError.
    """
    text = attempt.store.review(attempt.id)
    if text is None:
        return None
    try:
        return from_record(json.loads(text), attempt.decisions())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def take_review(attempt: PersistentSession, record: Mapping[str, Any]) -> Review:
    """Store the review that was made beside the game, and return it. Raises StoreError, or ValueError if damaged."""
    review = from_record(record, attempt.decisions())
    _keep(attempt, review)
    return review


def await_review(attempt: PersistentSession, *, progress: Progress = unseen) -> Review | None:
    """Return the review that is being made beside the game, stored, when it is ready.

    None where none is made, or it failed. Raises StoreError.
    """
    job = attempt.review
    if job is None:
        return None
    with progress("decisions", len(attempt.decisions())) as advance:
        done = 0

        def hear(state: ReviewState) -> None:
            nonlocal done
            advance(state.weighed - done)
            done = state.weighed

        job.follow(hear)
        state = job.wait()
    return None if state.record is None else take_review(attempt, state.record)


def _keep(attempt: PersistentSession, review: Review) -> None:
    """Store the review, and the debrief text that includes it."""
    rendered = render(attempt, assessed(attempt, review))
    attempt.store.keep_review(attempt.id, review=json.dumps(to_record(review)), **rendered._asdict())


# --- looking back from a decision -----------------------------------------------------------------------------


def decision_of(attempt: PersistentSession, number: int) -> Decision:
    """Return a decision by its number, from 1. Raises ValueError, saying how many there are."""
    decisions = attempt.decisions()
    if not 1 <= number <= len(decisions):
        raise ValueError(f"expected a decision from 1 to {len(decisions)}, found {number}")
    return decisions[number - 1]


def twin_from(attempt: PersistentSession, number: int) -> Twin:
    """Return the twin of an attempt that is over, from one of its decisions. Raises ValueError like `decision_of`."""
    return twin_of(attempt.scenario, attempt.log, attempt.moves(), decision_of(attempt, number))
