"""Pitfalls with what followed, and what the orders outside the pathway were worth."""

from __future__ import annotations

from scoring.debrief.model import Extra, Mistake
from scoring.debrief.sentences import Consequence, consequences, neutral, no_pitfalls
from sim.report.content import Report
from sim.report.happenings import Happening
from sim.report.html.links import Sources, event_link, event_links
from sim.report.html.shapes import mark_with_word as with_mark
from sim.words.markup import Markup, tag, text


def pitfalls(report: Report, sources: Sources) -> Markup:
    """Return each pitfall that was fallen into, its moment and its consequence in this patient."""
    if not report.debrief.mistakes:
        return tag("p", no_pitfalls(report.debrief.phases))
    return text([_pitfall(report, mistake, sources) for mistake in report.debrief.mistakes])


def _pitfall(report: Report, mistake: Mistake, sources: Sources) -> Markup:
    after = [tag("li", _consequence(report, told)) for told in consequences(mistake.prices)]
    return tag("article", tag("h3", mistake.title),
               tag("p", with_mark(mistake.severity), " ", event_link(mistake.at, mistake.event)),
               tag("p", mistake.because, sources.cited(mistake.evidence, mistake.assumed)),
               tag("ul", after), class_="card", id=f"pitfall-{mistake.id}")  # fmt: skip


def _consequence(report: Report, told: Consequence) -> Markup:
    if told.at is None:
        return text([told.text, "."])
    return text([told.text, " (", event_link(told.at, _fired(report.happenings, told)), ")."])


def _fired(happenings: tuple[Happening, ...], told: Consequence) -> int | None:
    """The event in which the consequence fired, None where it came by another way."""
    if told.fired is None:
        return None
    return next((h.event for h in happenings if h.transition == told.fired and h.at == told.at), None)


def extras(report: Report, sources: Sources) -> Markup:
    """Return the orders outside the pathway that helped, wasted or harmed; the neutral ones are named."""
    rows = [extra for extra in report.debrief.extras if extra.value != "neutral"]
    if not report.debrief.extras:
        return tag("p", "There were none.")
    parts: list[Markup] = []
    if rows:
        head = tag("tr", [tag("th", title, scope="col") for title in ("Order", "Worth", "When", "Why")])
        table = tag("table", tag("caption", "Orders outside the pathway", class_="unseen"), tag("thead", head),
                    tag("tbody", [_extra(extra, sources) for extra in rows]), class_="list")  # fmt: skip
        parts.append(
            tag("div", table, class_="wide", tabindex=0, role="group", aria_label="Orders outside the pathway")
        )
    if idle := neutral(report.debrief.extras):
        parts.append(tag("p", idle, class_="quiet"))
    return text(parts)


def _extra(extra: Extra, sources: Sources) -> Markup:
    worth = text(["critically ", with_mark(extra.value)]) if extra.critical else with_mark(extra.value)
    return tag("tr", tag("th", extra.name, scope="row"), tag("td", worth),
               tag("td", event_links(extra.times, extra.events)),
               tag("td", extra.because, sources.cited(extra.evidence)))  # fmt: skip
