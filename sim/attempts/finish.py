"""What becomes of an attempt when its case is over: assessed, reviewed, told and stored, each once.

How it ended is stored at once; the review of its decisions is added when it is ready and never worked out twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scoring.debrief.twin import Twin, twin_of
from scoring.review.decisions import Decision, decisions_of
from scoring.review.record import from_record, to_record
from scoring.review.review import Review
from sim.attempts.recall import choose, missed_in, touches
from sim.attempts.replay import judge, report, review_moves, tell, to_json
from sim.attempts.review_process.worker import ReviewState
from sim.attempts.session import PersistentSession
from sim.words.progress import Progress, unseen


def conclude(recorded: PersistentSession) -> tuple[str, str]:
    """Assess an attempt that is over and store that; return (assessment as JSON, debrief as text).

    The first time, the questions that are asked after it are put down too. Raises StoreError.
    """
    told, assessment = told_of(recorded), judge(recorded.session)
    if recorded.attempt.finished is None:
        # Before the attempt counts as finished: a program that ends in between does both again, and loses neither.
        case = recorded.session.scenario.case
        missed = missed_in(case, assessment)
        asked = choose(case, missed)
        recorded.ask_again([q.id for q in asked], [q.id for q in asked if touches(q, missed)])
    recorded.conclude(band=assessment.band, assessment=told[0], debrief=told[1])
    return told


def told_of(recorded: PersistentSession, review: Review | None = None) -> tuple[str, str]:
    """Return an attempt that is over as (assessment as JSON, debrief as text), with the review if there is one."""
    data = report(recorded.session, review)
    del data["log"]  # it follows from the moves
    return to_json(data), tell(recorded.session, review)


def reviewed(recorded: PersistentSession, fates: int | None = None, *, progress: Progress = unseen) -> Review:
    """Return the review of an attempt that is over: the stored one, or else it is worked out now and stored.

    With `fates` it is worked out over so many and not stored. Raises StoreError.
    """
    if fates is not None:
        return review_moves(
            recorded.session.scenario, recorded.session.seed, recorded.moves(), fates, progress=progress
        )
    stored = stored_review(recorded)
    if stored is not None:
        return stored
    review = review_moves(recorded.session.scenario, recorded.session.seed, recorded.moves(), progress=progress)
    _keep(recorded, review)
    return review


def stored_review(recorded: PersistentSession) -> Review | None:
    """Return the review that is stored with an attempt; None where there is none, or none that can be read."""
    text = recorded.stored_review()
    if text is None:
        return None
    try:
        return _read(recorded, json.loads(text))
    except ValueError:
        return None


def take_review(recorded: PersistentSession, record: Mapping[str, Any]) -> Review:
    """Store the review that was made beside the game, and return it. Raises StoreError, or ValueError if damaged."""
    review = _read(recorded, record)
    _keep(recorded, review)
    return review


def await_review(recorded: PersistentSession, *, progress: Progress = unseen) -> Review | None:
    """Return the review that is being made beside the game, stored, when it is ready.

    None where none is made, or it failed. Raises StoreError.
    """
    worker = recorded.worker
    if worker is None:
        return None
    count = len(_cut(recorded))
    with progress("decisions", count) as told:
        done = 0

        def hear(state: ReviewState) -> None:
            nonlocal done
            told(state.weighed - done)
            done = state.weighed

        worker.tell(hear)
        state = worker.wait()
    return None if state.record is None else take_review(recorded, state.record)


def decision_of(recorded: PersistentSession, number: int) -> Decision:
    """Return a decision by its number, from 1. Raises ValueError, saying how many there are."""
    decisions = _cut(recorded)
    if not 1 <= number <= len(decisions):
        raise ValueError(f"expected a decision from 1 to {len(decisions)}, found {number}")
    return decisions[number - 1]


def twin_from(recorded: PersistentSession, number: int) -> Twin:
    """Return the twin of an attempt that is over, from one of its decisions. Raises ValueError like `decision_of`."""
    session = recorded.session
    return twin_of(session.scenario, session.log, recorded.moves(), decision_of(recorded, number))


def _keep(recorded: PersistentSession, review: Review) -> None:
    assessment, debrief = told_of(recorded, review)
    recorded.keep_review(review=json.dumps(to_record(review)), assessment=assessment, debrief=debrief)


def _read(recorded: PersistentSession, record: Mapping[str, Any]) -> Review:
    return from_record(record, _cut(recorded))


def _cut(recorded: PersistentSession) -> tuple[Decision, ...]:
    return decisions_of(recorded.session.scenario, recorded.session.seed, recorded.moves())[0]
