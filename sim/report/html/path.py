"""The patient's way on the state graph, region by region: lanes of states over time, and the graph with it drawn."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from scoring.debrief.state_paths import Path, Spot, Stay
from sim.report.content import Report
from sim.report.html.gantt import axis, bar, drawn_over
from sim.report.html.links import event_link, joined
from sim.report.html.scale import Scale, scale
from sim.words.fold import fold
from sim.words.format import moment
from sim.words.markup import Markup, tag, text

ON_THE_GRAPH = (
    "The states of each region that moved. Those the patient was in are filled; the arrows are numbered in the order "
    "they were taken."
)
_BOX = (150, 36)
_GAP = (64, 26)
_EDGE = (4, 24)
_LINE = 25
"""So many characters fit on a line of a box."""


def course(report: Report) -> Markup:
    """Return the lanes of every region that moved, each with its graph, and the regions that never did."""
    moved = [path for path in report.charts.paths if path.moved]
    still = [path for path in report.charts.paths if not path.moved]
    parts: list[Markup] = []
    if moved:
        parts += [_lanes(moved, scale(0, report.charts.end)), tag("h3", "On the graph"), tag("p", ON_THE_GRAPH)]
        parts.append(tag("div", [_figure(path) for path in moved], class_="graphs"))
    if still:
        told = "; ".join(f"{path.name}: {path.stays[0].name}" for path in still)
        parts.append(tag("p", f"Throughout: {told}.", class_="quiet"))
    return text(parts)


# --- lanes ------------------------------------------------------------------------------------------------------


def _lanes(moved: Iterable[Path], of: Scale) -> Markup:
    head = tag("tr", tag("th", "Region and state", scope="col"), tag("th", "Entered", scope="col"),
               tag("th", tag("span", "Time", class_="unseen"), axis(of), scope="col", class_="drawn"))  # fmt: skip
    caption = tag("caption", "The states of each region over time", class_="unseen")
    bodies = [_region(path, of) for path in moved]
    return tag("table", caption, tag("thead", head), bodies, class_="gantt lanes")


def _region(path: Path, of: Scale) -> Markup:
    states = dict.fromkeys(stay.state for stay in path.stays)
    title = tag("tr", tag("th", path.name, scope="rowgroup", colspan=3, class_="region"))
    return tag("tbody", title, [_state([s for s in path.stays if s.state == state], of) for state in states])


def _state(stays: list[Stay], of: Scale) -> Markup:
    shapes = [bar(of, stay.at, stay.until, "stay", y=5, height=10) for stay in stays]
    entered = joined(event_link(stay.at, stay.event) for stay in stays[:4])
    more = f" and {len(stays) - 4} more times" if len(stays) > 4 else ""
    return tag("tr", tag("th", stays[0].name, scope="row"), tag("td", entered, more),
               tag("td", drawn_over(of, shapes, height=20), class_="drawn"))  # fmt: skip


# --- the graph --------------------------------------------------------------------------------------------------


def _figure(path: Path) -> Markup:
    spots = {spot.state: spot for spot in path.spots}
    visited = {stay.state for stay in path.stays}
    columns = 1 + max(spot.column for spot in path.spots)
    rows = 1 + max(spot.row for spot in path.spots)
    wide = 2 * _EDGE[0] + columns * _BOX[0] + (columns - 1) * _GAP[0]
    high = 2 * _EDGE[1] + rows * _BOX[1] + (rows - 1) * _GAP[1]
    arrows = [_arrow(spots[a], spots[b], numbers) for (a, b), numbers in _taken(path).items()]
    boxes = [_box(spot, spot.state in visited) for spot in path.spots]
    told = f"{path.name}: " + ", then ".join(stay.name for stay in path.stays)
    picture = tag("svg", arrows, boxes, viewBox=f"0 0 {wide} {high}", width=wide, height=high, role="img",
                  aria_label=told)  # fmt: skip
    drawn = tag("div", picture, class_="wide", tabindex=0, role="group", aria_label=f"{path.name}, drawn")
    return tag("figure", tag("figcaption", path.name), drawn, class_="graph broad" if columns > 2 else "graph")


def _taken(path: Path) -> dict[tuple[str, str], list[int]]:
    """The arrows the patient took, each with its places in the order of all."""
    taken: dict[tuple[str, str], list[int]] = {}
    for number, (before, after) in enumerate(zip(path.stays, path.stays[1:], strict=False), 1):
        taken.setdefault((before.state, after.state), []).append(number)
    return taken


def _corner(spot: Spot) -> tuple[int, int]:
    return _EDGE[0] + spot.column * (_BOX[0] + _GAP[0]), _EDGE[1] + spot.row * (_BOX[1] + _GAP[1])


def _box(spot: Spot, visited: bool) -> Markup:
    x, y = _corner(spot)
    lines = fold(spot.name, _LINE)
    lines = [lines[0], textwrap.shorten(" ".join(lines[1:]), _LINE, placeholder=" …")] if len(lines) > 1 else lines
    first = y + _BOX[1] / 2 + 4 - 6.5 * (len(lines) - 1)
    words = [tag("text", line, x=x + _BOX[0] / 2, y=first + 13 * i, class_="middle") for i, line in enumerate(lines)]
    look = ("been" if visited else "not-been") + (" outcome" if spot.outcome else "")
    return tag("g", tag("rect", x=x, y=y, width=_BOX[0], height=_BOX[1], rx=6), words, class_=look)


def _arrow(source: Spot, target: Spot, numbers: list[int]) -> Markup:
    way, (x, y) = _way(source, target)
    shown = ", ".join(map(str, numbers[:4])) + (" …" if len(numbers) > 4 else "")
    return text([tag("path", d=way, class_="taken", marker_end="url(#shape-tip)"),
                 tag("text", shown, x=x, y=y, class_="middle strong")])  # fmt: skip


def _way(source: Spot, target: Spot) -> tuple[str, tuple[float, float]]:
    """The curve from one box to another, and where its number stands."""
    (x1, y1), (x2, y2) = _corner(source), _corner(target)
    ends: tuple[float, float, float, float]
    wide, high = _BOX
    if target.column > source.column:
        ends = (x1 + wide, y1 + high * 0.35, x2, y2 + high * 0.35)
        bend = 0 if source.row == target.row and target.column == source.column + 1 else -_GAP[1]
    elif target.column < source.column:
        ends = (x1, y1 + high * 0.65, x2 + wide, y2 + high * 0.65)
        bend = 0 if source.row == target.row and target.column == source.column - 1 else _GAP[1]
    else:
        down = y2 > y1
        side = wide * (0.3 if down else 0.7)
        ends = (x1 + side, y1 + (high if down else 0), x2 + side, y2 + (0 if down else high))
        bend = 0
    ax, ay, bx, by = ends
    mx, my = (ax + bx) / 2, (ay + by) / 2 + bend
    return f"M{ax:g} {ay:g} Q{mx:g} {my:g} {bx:g} {by:g}", (
        mx,
        (ay + by + 2 * my) / 4 + (13 if target.column < source.column else -4),
    )


def lanes_in_words(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield (region, the states it went through with their moments)."""
    for path in paths:
        yield path.name, ", then ".join(f"{stay.name} ({moment(stay.at)})" for stay in path.stays)
