"""Pitfalls with what followed, and what the orders outside the pathway were worth."""

from __future__ import annotations

from scoring.assess.pitfalls import NO_PRICE, Price
from scoring.debrief.model import Extra, Mistake
from sim.report.content import Report
from sim.report.html.links import Sources, event_link, event_links, moment
from sim.report.html.log_table import Happening
from sim.report.html.markup import Markup, tag, text
from sim.report.html.shapes import told

NONE = "You fell into none of this case's pitfalls."


def pitfalls(report: Report, sources: Sources) -> Markup:
    """Return each pitfall that was fallen into, its moment and its consequence in this patient."""
    if not report.debrief.mistakes:
        return tag("p", NONE)
    return text([_pitfall(report, mistake, sources) for mistake in report.debrief.mistakes])


def _pitfall(report: Report, mistake: Mistake, sources: Sources) -> Markup:
    consequences = [tag("li", line) for line in _prices(report, mistake.prices)]
    return tag("article", tag("h3", mistake.title),
               tag("p", told(mistake.severity), " ", event_link(mistake.at, mistake.event)),
               tag("p", mistake.because, sources.cited(mistake.evidence, mistake.assumed)),
               tag("ul", consequences) if consequences else "", class_="card", id=f"pitfall-{mistake.id}")  # fmt: skip


def _prices(report: Report, prices: tuple[Price, ...]) -> list[Markup]:
    lines, spared = [] if prices else [text(NO_PRICE)], list[str]()
    for price in prices:
        if price.at is not None:
            fired = _fired(report.happenings, price)
            lines.append(text(["It was followed by: ", price.state, " (", event_link(price.at, fired), ")."]))
        elif price.otherwise is not None:
            lines.append(text(f"{price.state} came by another way ({moment(price.otherwise)})."))
        elif price.state not in spared:
            spared.append(price.state)
    if spared:
        lines.append(text(f"What it makes likelier did not follow here: {'; '.join(spared)}."))
    return lines


def _fired(happenings: tuple[Happening, ...], price: Price) -> int | None:
    return next((h.event for h in happenings if h.transition == price.transition and h.at == price.at), None)


def extras(report: Report, sources: Sources) -> Markup:
    """Return the orders outside the pathway that helped, wasted or harmed; the neutral ones are named."""
    rows = [extra for extra in report.debrief.extras if extra.value != "neutral"]
    neutral = [extra for extra in report.debrief.extras if extra.value == "neutral"]
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
    if neutral:
        names = ", ".join(e.name + (f" x{len(e.times)}" if len(e.times) > 1 else "") for e in neutral)
        parts.append(tag("p", f"Neutral: {names}.", class_="quiet"))
    return text(parts)


def _extra(extra: Extra, sources: Sources) -> Markup:
    worth = text(["critically ", told(extra.value)]) if extra.critical else told(extra.value)
    return tag("tr", tag("th", extra.name, scope="row"), tag("td", worth),
               tag("td", event_links(extra.times, extra.events)),
               tag("td", extra.because, sources.cited(extra.evidence)))  # fmt: skip
