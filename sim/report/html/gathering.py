"""What was asked against what mattered: thoroughness and efficiency, and the questions behind them."""

from __future__ import annotations

from collections.abc import Sequence

from scoring.debrief.charts import Asked
from scoring.debrief.model import StepRow
from sim.report.content import Report
from sim.report.html.links import event_links, joined, link
from sim.report.html.shapes import mark
from sim.words.markup import Markup, percent, tag, text
from sim.words.verdicts import WORTHS

_KINDS = {"history": "History", "examination": "Examination", "investigation": "Investigations"}


def gathering(report: Report) -> Markup:
    """Return the two numbers and three lists: asked and it mattered, asked and it did not, not asked."""
    debrief, charts = report.debrief, report.charts
    numbers = [_meter("Thoroughness", debrief.thoroughness), _meter("Efficiency", debrief.efficiency)]
    mattered = [asked for asked in charts.asked if asked.worth in ("step", "useful")]
    rest = [asked for asked in charts.asked if asked.worth not in ("step", "useful")]
    rows = {row.step: row for phase in debrief.phases for row in phase.rows}
    missed = [rows[step] for step in charts.unasked]
    return text([
        tag("div", numbers, class_="meters"),
        [tag("p", sentence) for sentence in debrief.gathering],
        tag("div",
            tag("div", tag("h3", mark("step"), f" Asked, and it mattered ({len(mattered)})"), _by_kind(mattered)),
            tag("div", tag("h3", mark("neutral"), f" Asked, and it bore little on this patient ({len(rest)})"),
                _by_kind(rest)),
            tag("div", tag("h3", mark("missed"), f" It would have mattered, and was missed ({len(missed)})"),
                _missed(missed)),
            class_="columns"),
    ])  # fmt: skip


def _meter(title: str, share: float | None) -> Markup:
    if share is None:
        return tag("div", tag("strong", title), " nothing to tell", class_="meter")
    bar = tag("svg", tag("rect", width="100%", height=10, rx=3, class_="window"),
              tag("rect", width=percent(share), height=10, rx=3, class_="done"), width="100%", height=10,
              aria_hidden="true")  # fmt: skip
    return tag("div", tag("strong", title), f" {share:.0%}", bar, class_="meter")


def _by_kind(found: Sequence[Asked]) -> Markup:
    if not found:
        return tag("p", "Nothing.", class_="quiet")
    parts: list[Markup] = []
    for kind, title in _KINDS.items():
        own = [_asked(asked) for asked in found if asked.kind == kind]
        if own:
            parts.append(tag("p", tag("strong", f"{title}: "), joined(own, "; "), "."))
    return text(parts)


def _asked(asked: Asked) -> Markup:
    worth = f" ({WORTHS[asked.worth]})" if asked.worth in ("wasteful", "harmful") else ""
    return text([asked.name, worth, " (", event_links(asked.times, asked.events, most=2), ")"])


def _missed(rows: Sequence[StepRow]) -> Markup:
    if not rows:
        return tag("p", "Nothing.", class_="quiet")
    return tag("ul", [tag("li", link(f"step-{row.step}", row.title), f" ({row.weight})") for row in rows])
