"""An attempt that is over, told again: from what is stored where that is enough, else by living it once more."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from scoring.debrief.build import debrief
from scoring.debrief.teacher_prompts import tell
from sim.attempts import session as recorded
from sim.attempts.cases import CASES
from sim.attempts.finish import conclude, reviewed, stored_review, told_of
from sim.attempts.replay import judge, to_json
from sim.attempts.session import CannotResume, PersistentSession
from sim.attempts.store import Attempt, Store
from sim.report.content import Report, report_on, to_plain
from sim.words.errors import UserError
from sim.words.progress import Progress, unseen


@dataclass(frozen=True, slots=True)
class Retold:
    """An attempt told again."""

    assessment: str
    """As JSON."""
    text: str
    report: Report | None
    """For pages and data; None if it was not asked for, or the case has changed since."""

    def whole(self) -> str:
        """Return the assessment with the whole debrief beside it, as JSON; alone where the case has changed since."""
        if self.report is None:
            return self.assessment
        return to_json({**json.loads(self.assessment), "debrief": to_plain(self.report)})


def finished(store: Store, attempt: Attempt) -> PersistentSession:
    """Return an attempt, lived again to its end. Raises UserError if it has none, CannotResume if the case changed."""
    played = recorded.resume(store, CASES.load(attempt.source), attempt)
    if not played.session.ended:
        raise UserError(f"attempt {attempt.id} is not finished", f"scurfy resume {attempt.id} goes on", misuse=True)
    return played


def retell(
    store: Store, attempt: Attempt, *, review: bool = False, fates: int | None = None, report: bool = False,
    pages: bool = False, progress: Progress = unseen,
) -> Retold:  # fmt: skip
    """Return how an attempt ended and why.

    `review` weighs its decisions, over so many `fates`, unless that is stored; `report` asks for the report as well,
    with the review that there is, and `pages` will not do without it. Raises UserError if the attempt is not finished,
    and CannotResume if the case has changed and what is stored does not do.
    """
    if review:
        played = finished(store, attempt)
        if played.attempt.finished is None:
            conclude(played)
        weighed = reviewed(played, fates, progress=progress)
        return Retold(*told_of(played, weighed), report_on(played.session, weighed) if report or pages else None)
    # What is not stored yet: a case that was over before the program could write its debrief down.
    stored = store.debrief(attempt.id) or conclude(finished(store, attempt))
    if not (report or pages):
        return Retold(*stored, None)
    try:
        played = finished(store, attempt)
    except CannotResume:
        if pages:
            raise
        return Retold(*stored, None)
    return Retold(*stored, report_on(played.session, stored_review(played)))


def prompts(
    store: Store, attempt: Attempt, *, review: bool = False, fates: int | None = None, data: bool,
    progress: Progress = unseen,
) -> str:  # fmt: skip
    """Return what a teacher may ask about an attempt that is over, as text or as JSON.

    What its decisions cost is among it where a review is stored, or asked for. Raises like `retell`.
    """
    played = finished(store, attempt)
    session = played.session
    weighed = reviewed(played, fates, progress=progress) if review else stored_review(played)
    asked = debrief(session.scenario, session.log, judge(session, weighed)).prompts
    return to_json([asdict(prompt) for prompt in asked]) if data else tell(asked)
