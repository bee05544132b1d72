"""Reasons, the evidence behind them with its grade, what was assumed, and what all of it rests on."""

from __future__ import annotations

from collections.abc import Mapping

from scoring.debrief.model import Reference, StepRow
from sim.report.content import Report
from sim.report.html.links import Sources, event_link, joined, link
from sim.report.html.shapes import mark
from sim.words.markup import Markup, tag, text


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
    """Return the numbered facts that the page leans on with their grades, and the sources they are from."""
    facts = report.debrief.references
    if not facts:
        return tag("p", "Nothing on this page rests on evidence of its own.")
    numbers = {citation: 0 for fact in facts for citation in fact.citations}
    numbers = {citation: number for number, citation in enumerate(numbers, 1)}
    listed = tag("ul", [_fact(fact, numbers) for fact in facts], class_="evidence")
    sources = [tag("li", citation, id=f"source-{number}") for citation, number in numbers.items()]
    return text([listed, [tag("h3", "Sources"), tag("ol", sources, class_="sources")] if sources else ""])


def _fact(fact: Reference, numbers: Mapping[str, int]) -> Markup:
    found = [numbers[citation] for citation in fact.citations]
    links = joined(link(f"source-{number}", str(number)) for number in found)
    source = ["Source", "s" * (len(found) > 1), ": ", links, "."] if found else "No source."
    grade = tag("span", f"Grade: {fact.grade}.", class_="grade")
    return tag("li", tag("strong", f"[{fact.id}] "), _closed(fact.statement), " ", grade, " ", source,
               id=f"evidence-{fact.id}")  # fmt: skip


def _closed(statement: str) -> str:
    return statement if statement.endswith((".", "!", "?")) else f"{statement}."


def assumptions(report: Report) -> Markup:
    """Return what was assumed and why, and how much of the disease's numbers is."""
    items = [
        tag("li", tag("strong", f"{assumed.where}: "), assumed.reason, id=f"assumed-{number}")
        for number, assumed in enumerate(report.debrief.assumptions, 1)
    ]
    listed = tag("ul", items, class_="evidence") if items else tag("p", "Nothing that this page tells was assumed.")
    return text([listed, tag("p", report.debrief.discussion)])
