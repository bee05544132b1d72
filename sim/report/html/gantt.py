"""The pathway's windows and what was done in them: a table whose last column is drawn over time."""

from __future__ import annotations

from collections.abc import Iterable

from scoring.debrief.gantt import Bar, Lane, Track
from scoring.debrief.model import Phase, StepRow
from sim.report.content import Report
from sim.report.html.links import Sources, event_link, link
from sim.report.html.scale import Scale, scale
from sim.report.html.shapes import legend, mark, mark_with_word, placed
from sim.words.format import as_sentence, moment
from sim.words.markup import Markup, percent, tag, text
from sim.words.verdicts import PROBLEMS, VERDICTS, WORTHS

_HIGH = 24


def axis(of: Scale) -> Markup:
    """Return the labels of a time axis, for the head of a drawn column."""
    labels = [tag("text", label, x=percent(x), y=12, class_=_anchor(x)) for x, label in of.ticks()]
    return tag("svg", labels, class_="axis", width="100%", height=16, aria_hidden="true")


def _anchor(x: float) -> str:
    return "first" if x == 0 else "last" if x == 1 else "middle"


def drawn_over(of: Scale, *shapes: Markup | Iterable[Markup], height: int = _HIGH) -> Markup:
    """Return shapes over the lines of a time axis. A table tells the same in words, so readers may pass over it."""
    picture = tag("svg", *shapes, width="100%", height=height, aria_hidden="true")
    return tag("div", picture, class_="over", style=f"--panels:{of.panels}")


def bar(of: Scale, at: int, until: int, look: str, y: int = 8, height: int = 8) -> Markup:
    """Return a stretch of time as a bar, never too narrow to be seen."""
    left, right = of.part(at), of.part(until)
    wide = max(right - left, 0.006)
    return tag("rect", x=percent(min(left, 1 - wide)), y=y, width=percent(wide), height=height, rx=3, class_=look)


def pathway(report: Report, sources: Sources) -> Markup:
    """Return the pathway by phase, each with the bars of what was done."""
    tracks = {track.step: track for track in report.charts.tracks}
    window = tag("span", tag("span", class_="swatch window"), " when it should be done", class_="told")
    did = tag(
        "span", tag("span", class_="swatch done"), " what you ordered, until its result or its stop", class_="told"
    )
    return text([
        tag("p", "Every step that fell due, with the time it should be done in and what you did. The time axis is cut "
            "so that early hours get as much room as late months; its labels say where."),
        legend([v for v in VERDICTS if v != "not_needed"], window, did),
        [_phase(report, phase, tracks, sources) for phase in report.debrief.phases],
    ])  # fmt: skip


def _phase(report: Report, phase: Phase, tracks: dict[str, Track], sources: Sources) -> Markup:
    rows = [row for row in phase.rows if row.verdict != "not_needed"]
    spared = len(phase.rows) - len(rows)
    left = tag("p", f"Not needed: {spared} of {len(phase.rows)} steps.", class_="quiet") if spared else ""
    title = tag("h3", phase.name)
    if not rows:
        return tag("section", title, left)
    of = scale(*_reach(rows, report.charts.end))
    head = tag("tr", tag("th", "Step", scope="col"), tag("th", "Verdict", scope="col"),
               tag("th", tag("span", "Time", class_="unseen"), axis(of), scope="col", class_="drawn"))  # fmt: skip
    body = [_row(row, tracks.get(row.step), of, sources) for row in rows]
    caption = tag("caption", f"{phase.name}: steps, verdicts and times", class_="unseen")
    return tag("section", title, tag("table", caption, tag("thead", head), tag("tbody", body), class_="gantt"), left)


def _reach(rows: Iterable[StepRow], end: int) -> tuple[int, int]:
    """The first and the last minute that a phase speaks of."""
    windows = [row.window for row in rows if row.window is not None]
    done = [row.at for row in rows if row.at is not None]
    first = min([w[0] for w in windows] + done, default=0)
    last = max([min(w[1], end) for w in windows] + done, default=end)
    return first, last


def _row(row: StepRow, track: Track | None, of: Scale, sources: Sources) -> Markup:
    done = "" if track is None or track.done is None or track.done == row.title else f"{track.done}; "
    name = [link(f"why-{row.step}", row.title), tag("span", f"{done}{row.weight}", class_="sub")]
    if row.verdict in PROBLEMS:
        note = as_sentence(row.note)
        name.append(
            tag("span", note, " " if note else "", row.because, sources.cited(row.evidence, row.assumed), class_="note")
        )
    when = "" if row.at is None else [" ", event_link(row.at, row.event)]
    window = "" if row.window is None else tag("span", f"window {_window(*row.window)}", class_="sub")
    return tag("tr", tag("th", name, scope="row"), tag("td", mark_with_word(row.verdict), when, window),
               tag("td", drawn_over(of, _shapes(row, track, of)), class_="drawn"), id=f"step-{row.step}")  # fmt: skip


def _window(start: int, end: int) -> str:
    return f"{moment(start)} to {moment(end)}"


def _shapes(row: StepRow, track: Track | None, of: Scale) -> list[Markup]:
    shapes = []
    if row.window is not None:
        shapes.append(bar(of, *row.window, look="window", y=2, height=_HIGH - 4))
    first, last = of.knots[0], of.knots[-1]
    bars = () if track is None else track.bars
    shapes += [bar(of, b.at, b.until, "done") for b in bars if b.until >= first and b.at <= last]
    if row.at is not None:
        shapes.append(placed(row.verdict, of.part(row.at), _HIGH / 2))
    elif row.verdict == "missed" and row.window is not None:
        shapes.append(placed("missed", of.part(row.window[1]), _HIGH / 2))
    return shapes


def therapies(report: Report) -> Markup:
    """Return every therapy that ran, as bars over the whole case."""
    if not report.charts.lanes:
        return tag("p", "No therapy was given.")
    of = scale(0, report.charts.end)
    head = tag("tr", tag("th", "Therapy", scope="col"), tag("th", "From and to", scope="col"),
               tag("th", tag("span", "Time", class_="unseen"), axis(of), scope="col", class_="drawn"))  # fmt: skip
    body = [_lane(lane, of, report.charts.end) for lane in report.charts.lanes]
    caption = tag("caption", "Every therapy that ran", class_="unseen")
    return tag("table", caption, tag("thead", head), tag("tbody", body), class_="gantt")


def _lane(lane: Lane, of: Scale, end: int) -> Markup:
    looks = {"step": "done", "useful": "done", "harmful": "harm"}
    shapes = [bar(of, b.at, b.until, looks.get(lane.worth, "idle")) for b in lane.bars]
    doses = "; ".join(dict.fromkeys(dose for b in lane.bars for dose in b.doses))
    name = [lane.name, tag("span", doses, class_="sub") if doses else ""]
    worth = mark(lane.worth) if lane.worth not in ("step", "useful") else ""
    told_worth = [worth, " ", WORTHS[lane.worth], ": "] if worth else ""
    spans = [[", " if i else "", _span(b, end)] for i, b in enumerate(lane.bars[:3])]
    more = f" and {len(lane.bars) - 3} more times" if len(lane.bars) > 3 else ""
    return tag("tr", tag("th", name, scope="row"), tag("td", told_worth, spans, more),
               tag("td", drawn_over(of, shapes), class_="drawn"))  # fmt: skip


def _span(of: Bar, end: int) -> Markup:
    until = "the end" if of.until >= end else moment(of.until)
    return text([event_link(of.at, of.event), f" to {until}"])
