"""What happened, event by event: what every moment on the page leads to, and where it leads on to."""

from __future__ import annotations

from collections.abc import Mapping

from sim.report.content import Report
from sim.report.html.links import joined, link, moment
from sim.report.html.log_table import Happening
from sim.report.html.markup import Markup, tag, text
from sim.report.html.shapes import VERDICTS

_KINDS = {
    "opening": "opening", "disease": "disease (hidden)", "effect": "drug effect (hidden)", "end": "end",
    "result": "result", "started": "started", "changed": "changed", "stopped": "stopped",
    "refused": "not done", "call": "call",
    "order": "ordered", "checkpoint": "asked", "differential": "differential", "time": "time", "hint": "hint",
}  # fmt: skip


def events(report: Report) -> Markup:
    """Return the log in words, each event with what it was judged as."""
    bearings = _bearings(report)
    head = tag("tr", [tag("th", title, scope="col") for title in ("When", "What", "In words", "Judged as")])
    rows = [_row(happening, bearings) for happening in report.happenings]
    caption = tag("caption", "Every event of this attempt", class_="unseen")
    table = tag("table", caption, tag("thead", head), tag("tbody", rows), class_="list events")
    paper = tag("p", "The list of events is in the file; on paper it is left out.", class_="paper")
    listed = tag("div", table, class_="wide", tabindex=0, role="group", aria_label="Every event of this attempt")
    return text([paper, listed])


def _row(happening: Happening, bearings: Mapping[int, list[Markup]]) -> Markup:
    judged = joined(bearings.get(happening.event, ()), "; ")
    return tag("tr", tag("td", moment(happening.at)), tag("td", _KINDS.get(happening.kind, happening.kind)),
               tag("td", happening.text), tag("td", judged), id=f"event-{happening.event}",
               class_="hidden-truth" if happening.hidden else None)  # fmt: skip


def _bearings(report: Report) -> dict[int, list[Markup]]:
    """For each event, the reasons it leads to: steps, pitfalls, orders outside the pathway, decisions."""
    found: dict[int, list[Markup]] = {}

    def note(event: int | None, bearing: Markup) -> None:
        if event is not None:
            found.setdefault(event, []).append(bearing)

    for phase in report.debrief.phases:
        for row in phase.rows:
            if row.verdict != "not_needed":
                note(row.event, text([VERDICTS[row.verdict], ": ", link(f"why-{row.step}", row.title)]))
    for mistake in report.debrief.mistakes:
        note(mistake.event, text(["pitfall: ", link(f"pitfall-{mistake.id}", mistake.title)]))
    for extra in report.debrief.extras:
        if extra.value != "neutral":
            for event in extra.events:
                note(event, link("outside", f"{extra.value}, outside the pathway"))
    for number, decision in enumerate(report.debrief.decisions, 1):
        if decision.size != "as_good":
            note(decision.events[0], link(f"decision-{number}", f"decision {number}: {decision.size}"))
    return found
