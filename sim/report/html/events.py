"""What happened, event by event: what every moment on the page leads to, and where it leads on to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sim.report.content import Report
from sim.report.happenings import Happening
from sim.report.html.links import joined, link
from sim.words.events import EventKind
from sim.words.format import moment
from sim.words.markup import Markup, tag, text
from sim.words.verdicts import SIZES, VERDICTS, WORTHS

LEADS: Final[Mapping[EventKind, str]] = {
    "opening": "Opening", "disease": "Disease (hidden)", "effect": "Drug effect (hidden)", "checkpoint": "Asked",
    "time": "Time", "handover": "Handed over", "end": "End",
}  # fmt: skip
"""What stands in the column of an event whose text is a sentence of its own."""


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
    return tag("tr", tag("td", moment(happening.at)), tag("td", happening.lead or LEADS[happening.kind]),
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
                note(event, link("outside", f"{WORTHS[extra.value]}, outside the pathway"))
    for number, decision in enumerate(report.debrief.decisions, 1):
        if decision.size != "as_good":
            note(decision.events[0], link(f"decision-{number}", f"decision {number}: {SIZES[decision.size]}"))
    return found
