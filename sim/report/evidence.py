"""Reasons, the evidence behind them with its grade, what was assumed, and what all of it rests on."""

from __future__ import annotations

from scoring.account import StepRow
from sim.report.content import Report
from sim.report.links import Sources, event_link, link
from sim.report.markup import Markup, tag, text
from sim.report.shapes import mark


def reasons(report: Report, sources: Sources) -> Markup:
    """Return why each step that counted is recommended."""
    parts: list[Markup] = []
    for phase in report.debrief.phases:
        told = [_reason(row, sources) for row in phase.rows if row.verdict != "not_needed"]
        if told:
            parts += [tag("h3", phase.name), tag("ul", told, class_="reasons")]
    return text(parts) if parts else tag("p", "No step counted.")


def _reason(row: StepRow, sources: Sources) -> Markup:
    when = "" if row.at is None else [", ", event_link(row.at, row.event)]
    head = [mark(row.verdict), " ", tag("strong", link(f"step-{row.step}", row.title)), when, ". "]
    return tag("li", head, row.because, sources.cited(row.evidence, row.assumed), id=f"why-{row.step}")


def evidence(report: Report) -> Markup:
    """Return the numbered facts that the page leans on, each with its grade and its sources."""
    if not report.debrief.references:
        return tag("p", "Nothing on this page rests on evidence of its own.")
    items = [
        tag("li", tag("strong", f"[{fact.id}] "), fact.statement, " ", _grade(fact.grade),
            [[" ", citation] for citation in fact.citations], id=f"evidence-{fact.id}")
        for fact in report.debrief.references
    ]  # fmt: skip
    return tag("ul", items, class_="evidence")


def _grade(grade: str) -> Markup:
    return tag("span", f"Grade: {grade}.", class_="grade")


def assumptions(report: Report) -> Markup:
    """Return what was assumed and why, and how much of the disease's numbers is."""
    items = [
        tag("li", tag("strong", f"{assumed.where}: "), assumed.reason, id=f"assumed-{number}")
        for number, assumed in enumerate(report.debrief.assumptions, 1)
    ]
    listed = tag("ul", items, class_="evidence") if items else tag("p", "Nothing that this page tells was assumed.")
    return text([listed, tag("p", report.debrief.discussion)])
