"""The verdict: the band, what capped it, why the case ended, what the decisions cost and what was luck."""

from __future__ import annotations

from scoring.debrief.charts import Curve
from scoring.parameters import BANDS, DOUBT, INACCURACY
from sim.report.content import Report
from sim.report.html.links import points
from sim.words.markup import Content, Markup, tag

NO_REVIEW = "Not worked out for this page."


def verdict(report: Report) -> Markup:
    """Return the band among the four, and why."""
    debrief = report.debrief
    rest = [told for told in debrief.verdict[1:] if told != report.gate]
    ending = [tag("p", told) for told in (debrief.ended, debrief.ending) if told]
    behind = tag("ul", [tag("li", told) for told in debrief.sequelae]) if debrief.sequelae else ""
    cards = (
        _card("What decided the band", tag("p", report.gate or "No rule capped it: it is what the steps earned.")),
        _card("Why the case ended", ending, behind),
        _card("Your decisions", tag("p", decided(report.charts.curve))),
        _card("Luck", tag("p", lucky(report.charts.curve))),
    )
    lead = tag("p", debrief.verdict[0], class_="lead")
    beside = [tag("p", told, class_="quiet") for told in rest]
    return tag("div", ladder(debrief.band), lead, tag("div", cards, class_="cards"), beside)


def ladder(band: str) -> Markup:
    """Return the four bands, lowest first, with the one that was reached marked."""
    steps = [
        tag("li", tag("span", "● " if name == band else "", aria_hidden="true"), name.capitalize(),
            aria_current="true" if name == band else None, class_=f"band {name}")
        for name in BANDS
    ]  # fmt: skip
    return tag("ol", steps, class_="ladder", aria_label="Bands, from the lowest to the highest")


def _card(title: str, *content: Content) -> Markup:
    return tag("div", tag("h3", title), *content, class_="card")


def decided(curve: Curve | None) -> str:
    """Return what the decisions cost, in a sentence."""
    if curve is None:
        return NO_REVIEW
    error = f"(standard error {points(curve.loss_se)})"
    of = f"of the {points(curve.start)} points that could be expected at the opening, in this model"
    if abs(curve.loss) <= DOUBT * curve.loss_se or abs(curve.loss) < INACCURACY:
        return f"Taken together they cost nothing that can be told from nothing, {points(curve.loss)} {error}, {of}."
    if curve.loss < 0:
        return f"Taken together they gained {points(-curve.loss)} points {error} on top {of}."
    return f"Taken together they cost {points(curve.loss)} points {error} {of}."


def lucky(curve: Curve | None) -> str:
    """Return what chance gave or took, in a sentence."""
    if curve is None:
        return NO_REVIEW
    gave = "gave" if curve.luck >= 0 else "took"
    return (
        f"Chance {gave} {points(abs(curve.luck))} points (standard error {points(curve.luck_se)}), in this model: "
        f"{points(curve.utility)} came out."
    )
