"""An attempt that is over, opened again: lived once more where its case is as it was, else as it is stored."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from scoring.assess.assessment import Assessment
from scoring.debrief.build import debrief
from scoring.debrief.teacher_prompts import to_text
from sim.attempts.finish import Rendered, assessed, conclude, render, reviewed, stored_review
from sim.attempts.resume import lived_again
from sim.attempts.session import CannotResume, PersistentSession
from sim.attempts.store import Store, StoredAttempt
from sim.attempts.store.damage import object_of
from sim.report.content import Report, report_of, to_plain
from sim.report.json import to_json
from sim.words.errors import UserError
from sim.words.format import command
from sim.words.progress import Progress, unseen


@dataclass(frozen=True, slots=True)
class Reopened:
    """An attempt that is over: exactly one of `attempt` and `problem` is set, and with `problem` what is stored."""

    attempt: PersistentSession | None
    """Lived again to its end."""
    problem: CannotResume | None = None
    """Why it cannot be lived again."""
    rendered: Rendered | None = None
    """How it ended, as it is stored."""


def reopen(store: Store, stored: StoredAttempt) -> Reopened:
    """Return an attempt that is over, lived again or at least as it is stored.

    Raises CannotResume where it can be neither, UserError if it is not over, or StoreError.
    """
    try:
        return Reopened(lived(store, stored))
    except CannotResume as problem:
        rendered = stored_as(store, stored)
        if rendered is None:
            raise
        return Reopened(None, problem, rendered)


def lived(store: Store, stored: StoredAttempt) -> PersistentSession:
    """Return an attempt that is over, its case played again to its end, once for all that is asked about it.

    Raises CannotResume where that cannot be, UserError if it is not over, or StoreError.
    """
    attempt = lived_again(store, stored, cut=True)
    if attempt.ended:
        return attempt
    if stored.finished is not None:
        raise CannotResume(f"attempt {stored.id} can no longer be resumed", ["its moves no longer end the case"])
    hint = f"{command()} resume {stored.id} goes on"
    raise UserError(f"attempt {stored.id} is not finished", hint, misuse=True)


def stored_as(store: Store, stored: StoredAttempt) -> Rendered | None:
    """Return how an attempt ended as it is stored; None while it is not, or that is damaged. Raises StoreError."""
    found = store.debrief(stored.id)
    if found is None:
        return None
    try:
        object_of(found[0])
    except ValueError:
        return None
    return Rendered(*found)


@dataclass(frozen=True, slots=True)
class RenderedAttempt:
    """An attempt that is over, rendered."""

    rendered: Rendered
    report: Report | None
    """For pages and data; None if it was not asked for, or the case has changed since."""

    def whole(self) -> str:
        """Return the assessment with the whole debrief beside it, as JSON; alone where the case has changed since."""
        if self.report is None:
            return self.rendered.assessment
        return to_json({**json.loads(self.rendered.assessment), "debrief": to_plain(self.report)})


def render_again(
    store: Store, stored: StoredAttempt, *, review: bool = False, fates: int | None = None, report: bool = False,
    pages: bool = False, progress: Progress = unseen,
) -> RenderedAttempt:  # fmt: skip
    """Return how an attempt ended and why.

    `review` weighs its decisions, over so many `fates`, unless that is stored; `report` asks for the report as well,
    with the review that there is, and `pages` will not do without it. Raises UserError if the attempt is not over,
    and CannotResume if the case has changed and what is stored does not do.
    """
    found = stored_as(store, stored)
    if found is not None and not (review or report or pages):
        return RenderedAttempt(found, None)
    reopened = reopen(store, stored)
    if reopened.problem is not None and (review or pages):
        raise reopened.problem
    if reopened.attempt is None:
        assert reopened.rendered is not None, "what is not lived again is stored"
        return RenderedAttempt(reopened.rendered, None)
    return _render_lived(reopened.attempt, found, review, fates, report or pages, progress)


def _render_lived(
    attempt: PersistentSession,
    found: Rendered | None,
    review: bool,
    fates: int | None,
    report: bool,
    progress: Progress,
) -> RenderedAttempt:
    """Render an attempt that was lived again. What is not stored yet is: the program may have ended before it could."""
    rendered = found or conclude(attempt)
    weighed = reviewed(attempt, fates, progress=progress) if review else stored_review(attempt)
    assessment = assessed(attempt, weighed)
    if review:
        rendered = render(attempt, assessment)
    return RenderedAttempt(rendered, _report(attempt, assessment) if report else None)


def _report(attempt: PersistentSession, assessment: Assessment) -> Report:
    return report_of(attempt.scenario, attempt.stored.seed, attempt.log, assessment)


def prompts(
    store: Store, stored: StoredAttempt, *, review: bool = False, fates: int | None = None, data: bool,
    progress: Progress = unseen,
) -> str:  # fmt: skip
    """Return what a teacher may ask about an attempt that is over, as text or as JSON.

    What its decisions cost is among it where a review is stored, or asked for. Raises like `render_again`.
    """
    attempt = lived(store, stored)
    weighed = reviewed(attempt, fates, progress=progress) if review else stored_review(attempt)
    asked = debrief(attempt.scenario, attempt.log, assessed(attempt, weighed)).prompts
    return to_json([asdict(prompt) for prompt in asked]) if data else to_text(asked)
