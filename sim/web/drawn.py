"""Curves: the last day of a vital sign as a line, and one observable over the whole case on its reference band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sim.case.model.catalogue import Observable
from sim.words.format import clock, number
from sim.words.markup import Markup, tag
from sim.words.records import Reading, Run

_WIDE, _HIGH = 640, 220
_LEFT, _RIGHT, _TOP, _FOOT = 46, 12, 10, 24
_LANE: Final = 16


def spark(values: Sequence[float], between: tuple[float, float] | None) -> Markup | None:
    """Return a small line of values; on a fixed scale where there is one."""
    if len(values) < 2:
        return None
    low, high = between or (min(values), max(values))
    span = (high - low) or 1.0
    points = " ".join(
        f"{100 * i / (len(values) - 1):.1f},{20 - 18 * min(1.0, max(0.0, (value - low) / span)):.1f}"
        for i, value in enumerate(values)
    )
    line = tag("polyline", points=points, class_="curve")
    return tag("svg", line, viewBox="0 0 100 22", class_="spark", aria_hidden="true", preserveAspectRatio="none")


def trend(
    observable: Observable, readings: Sequence[Reading], line: Sequence[tuple[int, float]], calls: Sequence[int],
    runs: Sequence[tuple[str, Run]], now: int,
) -> Markup:  # fmt: skip
    """Return a drawing of what was measured (dots) and what the monitor shows (a line), until now.

    Behind it are the reference range and a mark for every call; below it what ran.
    """
    first = min([reading.at for reading in readings] + [at for at, _ in line] + [now])
    span = max(now - first, 1)
    values = [reading.value for reading in readings] + [value for _, value in line]
    bounds = [bound for reading in readings[-1:] for bound in (reading.low, reading.high) if bound is not None]
    low, high = min([*values, *bounds], default=0.0), max([*values, *bounds], default=1.0)
    room = 0.08 * (high - low) or 1.0
    low, high = low - room, high + room

    def x(minute: int) -> float:
        return _LEFT + (_WIDE - _LEFT - _RIGHT) * (minute - first) / span

    def y(value: float) -> float:
        return _TOP + (_HIGH - _TOP - _FOOT) * (high - value) / (high - low)

    parts = [*_band(readings[-1:], x(first), x(now), low, high, y)]
    parts += [tag("line", x1=x(at), x2=x(at), y1=_TOP, y2=_HIGH - _FOOT, class_="call") for at in calls if at >= first]
    if len(line) > 1:
        parts.append(tag("polyline", points=" ".join(f"{x(at):.1f},{y(v):.1f}" for at, v in line), class_="curve"))
    parts += [tag("circle", cx=x(r.at), cy=y(r.value), r=4, class_="dot") for r in readings]
    for shown in dict.fromkeys((low + room, high - room)):
        parts.append(tag("text", number(shown, observable.decimals), x=_LEFT - 6, y=y(shown) + 4, class_="last"))
    parts.append(tag("text", clock(first), x=_LEFT, y=_HIGH - 6))
    parts.append(tag("text", clock(now), x=_WIDE - _RIGHT, y=_HIGH - 6, class_="last"))
    for lane, (name, run) in enumerate(runs):
        top = _HIGH + _LANE * lane
        since, until = max(run.since, first), now if run.until is None else run.until
        parts.append(tag("rect", x=x(since), y=top + 3, width=max(2.0, x(until) - x(since)), height=4, class_="ran"))
        parts.append(tag("text", name, x=_LEFT, y=top + _LANE))
    high_ = _HIGH + _LANE * len(runs) + 4
    label = f"{observable.name}, {len(readings)} values, until {clock(now)}"
    return tag("svg", parts, viewBox=f"0 0 {_WIDE} {high_}", class_="trend", role="img", aria_label=label)


def _band(latest: Sequence[Reading], left: float, right: float, low: float, high: float, y: object) -> list[Markup]:
    assert callable(y)
    if not latest or (latest[0].low is None and latest[0].high is None):
        return []
    top = high if latest[0].high is None else latest[0].high
    foot = low if latest[0].low is None else latest[0].low
    return [tag("rect", x=left, y=y(top), width=right - left, height=max(1.0, y(foot) - y(top)), class_="range")]
