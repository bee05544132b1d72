"""The differential over time: what was thought likely, how near the truth it was, and what moved it."""

from __future__ import annotations

from scoring.debrief.charts import Charts, Stance
from scoring.parameters import BRIER_WORST
from sim.report.content import Report
from sim.report.html.links import event_link, joined, link
from sim.report.limits import SHOWN_CAME, SHOWN_DIAGNOSES
from sim.words.differential import changed
from sim.words.markup import Markup, percent, tag, text


def differential(report: Report) -> Markup:
    """Return the differentials side by side, with their Brier scores and what moved them."""
    told = [tag("p", sentence) for sentence in report.debrief.diagnosis]
    if not report.charts.stances:
        return text(told)
    return text([told, _table(report.charts), _moves(report)])


def _table(charts: Charts) -> Markup:
    stances = charts.stances
    names = _ranked(charts)
    head = tag("tr", tag("th", "You thought", scope="col"),
               [tag("th", event_link(stance.at, stance.event), scope="col") for stance in stances])  # fmt: skip
    rows = [_row(name, charts) for name in names[:SHOWN_DIAGNOSES]]
    if len(names) > SHOWN_DIAGNOSES:
        rest = [sum(dict(s.own or ()).get(name, 0.0) for name in names[SHOWN_DIAGNOSES:]) for s in stances]
        cells = [tag("td", "" if s.own is None else _share(p)) for s, p in zip(stances, rest, strict=True)]
        rows.append(tag("tr", tag("th", f"{len(names) - SHOWN_DIAGNOSES} more, together", scope="row"), cells))
    rows.append(_scores("Your Brier score", [stance.brier for stance in stances]))
    rows.append(_scores("The expert's", [stance.expert_brier for stance in stances]))
    caption = tag(
        "caption",
        "Your differential over time. Brier score: 0 is certainty in the right diagnosis, "
        f"{BRIER_WORST:.0f} certainty in a wrong one. The line in each cell is the expert's share.",
    )
    table = tag("table", caption, tag("thead", head), tag("tbody", rows), class_="list shares")
    return tag("div", table, class_="wide", tabindex=0, role="group", aria_label="Your differential over time")


def _ranked(charts: Charts) -> list[str]:
    """The diagnoses that anybody named: the right one first, then by the greatest share the learner gave."""
    most: dict[str, float] = {charts.truth: 2.0}
    for stance in charts.stances:
        for name, share in stance.own or ():
            if share > 0:
                most[name] = max(most.get(name, 0.0), share)
    return sorted(most, key=lambda name: -most[name])


def _row(name: str, charts: Charts) -> Markup:
    right = tag("span", "the diagnosis", class_="sub") if name == charts.truth else ""
    cells = []
    for stance in charts.stances:
        own, expert = dict(stance.own or ()).get(name, 0.0), dict(stance.expert).get(name)
        cells.append(tag("td", "none stated" if stance.own is None else _share(own, expert)))
    return tag("tr", tag("th", name, right, scope="row"), cells)


def _share(own: float, expert: float | None = None) -> Markup:
    bar = tag("rect", x=0, y=0, width=percent(own), height=8, rx=2, class_="done")
    line = "" if expert is None else tag("line", x1=percent(expert), x2=percent(expert), y1=-2, y2=10, class_="expert")
    picture = tag("svg", bar, line, width="100%", height=8, class_="share", aria_hidden="true")
    beside = "" if expert is None else tag("span", f" expert {expert:.0%}", class_="sub")
    return text([f"{own:.0%}", beside, picture])


def _scores(title: str, scores: list[float | None]) -> Markup:
    cells = [tag("td", "" if score is None else f"{score:.2f}") for score in scores]
    return tag("tr", tag("th", title, scope="row"), cells, class_="score")


def _moves(report: Report) -> Markup:
    reasons = {opinion.at: opinion.because for opinion in report.debrief.opinions}
    stances = report.charts.stances
    first = next((stance for stance in stances if stance.own is not None), None)
    items = [_move(stance, reasons.get(stance.at, ""), first=stance is first) for stance in stances]
    return text([tag("h3", "What moved it"), tag("ul", items)])


def _move(stance: Stance, because: str, *, first: bool) -> Markup:
    parts: list[str | Markup] = [tag("strong", event_link(stance.at, stance.event)), ": "]
    if stance.own is None:
        parts.append("no differential stated. ")
    elif stance.moved:
        parts += [changed(stance.moved), ". "]
    else:
        parts.append("your first thoughts. " if first else "nothing moved by a tenth or more. ")
    if stance.came:
        links = joined(link(f"event-{event}", name) for event, name in stance.came[-SHOWN_CAME:])
        more = len(stance.came) - SHOWN_CAME
        parts += ["Before it came ", links, f" and {more} more" if more > 0 else "", ". "]
    if because:
        parts += ["The expert: ", because]
    return tag("li", parts)
