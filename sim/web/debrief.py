"""The debrief of a case that is over: the report's own page, with the review of the decisions when it is ready."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from scoring.review.review import Review
from sim.attempts.finish import assessed, conclude, stored_review, take_review
from sim.attempts.store import StoreError
from sim.report.content import report_of
from sim.report.html.page import to_html
from sim.web.beds import Bed
from sim.words.markup import Markup, tag

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"""What the report may load: its own style, which stands in it."""


def debrief_page(bed: Bed) -> str:
    """Return the debrief of an attempt that is over, and store how it ended if it is not stored. Raises StoreError."""
    attempt = bed.attempt
    conclude(attempt)
    weighed = stored_review(attempt) or _just_ready(bed)
    report = report_of(attempt.scenario, attempt.stored.seed, attempt.log, assessed(attempt, weighed))
    return to_html(report, above=_above(bed, weighed))


def _just_ready(bed: Bed) -> Review | None:
    """Return the review that was made beside the game, stored; None while it is not ready, or cannot be."""
    job = bed.attempt.review
    record = None if job is None else job.state.record
    if record is None:
        return None
    with suppress(StoreError, ValueError):
        return take_review(bed.attempt, record)
    return None


def _above(bed: Bed, weighed: Review | None) -> Markup:
    back = tag("a", "Back to the cases", href="/")
    job = bed.attempt.review
    if weighed is not None or job is None or job.state.failed is not None:
        return tag("p", back)
    state = job.state
    done = f"{state.weighed} of {state.closed}" if state.closed else "none"
    again = tag("a", "Look again", href=f"/attempt/{bed.attempt.id}/debrief")
    return tag("p", back, f". What each decision cost is being worked out: {done} so far. ", again, ".", role="status")
