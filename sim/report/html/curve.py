"""The expected outcome over the case, and the decisions that moved it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scoring.debrief.charts import Curve, Expectation
from scoring.debrief.model import DecisionRow
from sim.report.content import Report
from sim.report.html.gantt import axis
from sim.report.html.links import event_link, points
from sim.report.html.scale import Scale, scale
from sim.report.html.shapes import legend, mark_with_word, placed
from sim.words.markup import Markup, percent, tag, text
from sim.words.verdicts import SIZES

_HIGH = 240
_CLOSE = 0.03
"""Marks nearer to one another than this share of the width would hide one another's numbers."""
_TIERS = 4
_NAMED = ("better", "inaccuracy", "mistake", "blunder")
NOT_REVIEWED = (
    "What each decision cost was not worked out for this page. The option --review of the command that wrote it "
    "does so."
)


def expected(report: Report) -> Markup:
    """Return the curve and the decisions; without a review, how to get one."""
    curve = report.charts.curve
    if curve is None:
        return tag("p", NOT_REVIEWED)
    return text([_figure(curve, report.charts.end), [tag("p", told) for told in report.debrief.review]])


def _figure(curve: Curve, end: int) -> Markup:
    of = scale(0, end)
    lines = [
        tag("line", x1=0, x2="100%", y1=_y(part / 4), y2=_y(part / 4), class_="grid") for part in range(5)
    ]  # fmt: skip
    labels = [tag("text", str(25 * part), x=-6, y=_y(part / 4) + 4, class_="last") for part in range(5)]
    corners = list(_corners(curve, of, end))
    way = " ".join(f"{1000 * x:.1f},{y:.1f}" for x, y in corners)
    path = tag("svg", tag("polyline", points=way, class_="expected"), x=0, y=0, width="100%", height=_HIGH,
               viewBox=f"0 0 1000 {_HIGH}", preserveAspectRatio="none")  # fmt: skip
    marks = list(_marks(curve, of))
    last = [tag("circle", cx="100%", cy=_y(curve.utility), r=5, class_="came"),
            tag("text", points(curve.utility), x="100%", dx=-9, y=_y(curve.utility) - 7,
                class_="last strong")]  # fmt: skip
    picture = tag("svg", tag("title", "Expected outcome over the case"), tag("desc", _described(curve)), lines, labels,
                  path, marks, last, width="100%", height=_HIGH, role="img", aria_label=_described(curve))  # fmt: skip
    caption = tag("figcaption", "Points that could be expected if the pathway took over at that moment, in this model. "
                  "A red fall at a number is the loss of that decision; what moves the line otherwise is luck. "
                  "The dot is what came out.")  # fmt: skip
    plot = tag("div", tag("div", picture, class_="over", style=f"--panels:{of.panels}"), axis(of), class_="plot")
    return tag("figure", plot, legend(size for size in SIZES if size in _NAMED), caption)


def _described(curve: Curve) -> str:
    worst = min(curve.points, key=lambda point: -point.loss, default=None)
    told = f"From {points(curve.start)} points at the opening to {points(curve.utility)} that came out."
    if worst is None or worst.size not in _NAMED:
        return told
    return f"{told} The greatest loss, {points(worst.loss)} points, is decision {curve.points.index(worst) + 1}."


def _y(utility: float) -> float:
    return round(14 + (1 - utility) * (_HIGH - 28), 1)


def _corners(curve: Curve, of: Scale, end: int) -> Iterable[tuple[float, float]]:
    """Down by the loss at each decision, then on to what could be expected at the next."""
    if not curve.points:
        yield 0.0, _y(curve.start)
    for point in curve.points:
        yield of.part(point.at), _y(point.v)
        if point.loss:
            yield of.part(point.at), _y(point.q)
    yield of.part(end), _y(curve.utility)


def _marks(curve: Curve, of: Scale) -> Iterator[Markup]:
    """The decisions that have a name; numbers that would lie on one another stand one above the other."""
    before, tier = -1.0, 0
    for number, point in enumerate(curve.points, 1):
        if point.size in _NAMED:
            x = of.part(point.at)
            tier = (tier + 1) % _TIERS if x - before < _CLOSE else 0
            before = x
            yield _mark(number, point, of, tier)


def _mark(number: int, point: Expectation, of: Scale, tier: int) -> Markup:
    x, top, low = of.part(point.at), _y(point.v), _y(point.q)
    fall = tag("line", x1=percent(x), x2=percent(x), y1=top, y2=low, class_="gain" if point.loss < 0 else "loss")
    beside = -15 - 12 * tier if low > _HIGH / 2 else 21 + 12 * tier
    label = tag("text", str(number), x=percent(x), y=low + beside, class_="middle strong")
    return text([fall, placed(point.size, x, low), label])


def decisions(report: Report) -> Markup:
    """Return the decisions: those with a name in full, the others in a list that can be opened."""
    rows = list(enumerate(report.debrief.decisions, 1))
    named = [(number, row) for number, row in rows if row.size in _NAMED or row.fell]
    others = [(number, row) for number, row in rows if row.size not in _NAMED and not row.fell]
    if not rows:
        return tag("p", NOT_REVIEWED)
    parts = [_table(named, "Decisions that cost or gained something")] if named else []
    if not named:
        parts.append(tag("p", "No decision cost or gained anything that can be told from nothing."))
    if others:
        summary = tag("summary", f"{len(others)} decision{'s' * (len(others) > 1)} as good as the pathway")
        parts.append(tag("details", summary, _table(others, "Decisions as good as the pathway")))
    return text(parts)


def _table(rows: Iterable[tuple[int, DecisionRow]], caption: str) -> Markup:
    heads = ("No", "When", "What you did, and what would have been better", "In this model", "Loss", "Luck after it",
             "Expected before and after")  # fmt: skip
    head = tag("tr", [tag("th", title, scope="col") for title in heads])
    body = [_row(number, row) for number, row in rows]
    table = tag("table", tag("caption", caption, class_="unseen"), tag("thead", head), tag("tbody", body),
                class_="list decisions")  # fmt: skip
    return tag("div", table, class_="wide", tabindex=0, role="group", aria_label=caption)


def _row(number: int, row: DecisionRow) -> Markup:
    better = [tag("span", sentence, class_="note") for sentence in (*row.fell, *row.better)]
    loss = f"{points(row.loss)} ({points(row.se)})"
    return tag("tr", tag("th", str(number), scope="row"), tag("td", event_link(row.at, row.events[0])),
               tag("td", row.did[:1].upper() + row.did[1:], better), tag("td", mark_with_word(row.size)),
               tag("td", loss, class_="number"), tag("td", points(row.luck), class_="number"),
               tag("td", f"{points(row.v)} to {points(row.q)}", class_="number"), id=f"decision-{number}")  # fmt: skip
