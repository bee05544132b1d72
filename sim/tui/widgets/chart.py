"""The chart: timeline, trends, the differentials stated so far."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from scoring.debrief.differential import ELSE
from sim.case.model.scenario import Scenario
from sim.engine.log import Event
from sim.tui.rows.events import event_row
from sim.tui.text import flag, fold_parts, shorten
from sim.tui.widgets.bedside import Pane
from sim.tui.widgets.braille import curve
from sim.tui.widgets.lines import Row
from sim.words.format import ago, clock, number
from sim.words.orders import named
from sim.words.records import Reading, Records, Run


def stamp_of(minute: int) -> str:
    """A time as it stands before a text: always with a space after it, however many days have passed."""
    return f"{clock(minute):<12} "


def folded_rows(event: Event, scenario: Scenario, width: int) -> list[Row]:
    """Return an event as folded lines: time, sign, text."""
    told = event_row(event, scenario)
    if told is None:
        return []
    stamp = stamp_of(told.at)
    first, *more = fold_parts(told.parts, max(10, width - len(stamp) - 2))
    rows: list[Row] = [((stamp, "muted"), (f"{told.sign} ", told.role), *first)]
    return [*rows, *(((" " * (len(stamp) + 2), ""), *line) for line in more)]


class Timeline(Pane):
    """All that happened, oldest first, the newest in view."""

    FOLLOWS = True

    def __init__(self, records: Records, *, id: str | None = None) -> None:
        super().__init__(records, id=id)
        self._folded: list[Row] = []
        self._width = 0
        self._read = 0

    def rows(self, width: int) -> list[Row]:
        """Return every event so far; only new ones are folded anew."""
        events = self.snapshot.visible if self.snapshot is not None else ()
        if width != self._width or len(events) < self._read:
            self._folded, self._width, self._read = [], width, 0
        for event in events[self._read :]:
            self._folded.extend(folded_rows(event, self.scenario, width))
        self._read = len(events)
        return list(self._folded)


class Trends(Pane):
    """One observable over time, as a braille curve with its reference range.

    A monitored one is drawn from the monitor (`monitored`, set from above), any other from its results.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "choose(-1)", "Earlier observable", show=False),
        Binding("right", "choose(1)", "Next observable", show=False),
        Binding("up,down,z", "span", "Other span", show=False),
        Binding("enter", "list", "List", show=False),
    ]
    SPANS: ClassVar[tuple[tuple[str, int | None], ...]] = (
        ("all of it", None), ("last day", 1440), ("last week", 10080), ("last 3 mo", 131490),
    )  # fmt: skip

    class Changed(Message):
        """Another observable or another span was chosen: `monitored` is out of date."""

    class ListWanted(Message):
        """The learner wants to choose the observable from a list."""

    chosen: reactive[str | None] = reactive(None, repaint=False)
    spanned: reactive[int] = reactive(0, repaint=False)
    monitored: reactive[tuple[tuple[int, float], ...]] = reactive((), repaint=False)

    @property
    def name_shown(self) -> str:
        """The observable that is drawn."""
        names = self.records.trendable()
        return self.chosen if self.chosen in names or self.chosen in self.records.results else names[0]

    def show(self, observable: str) -> None:
        """Draw this one."""
        self.chosen = observable
        self.redraw()

    @property
    def minutes_shown(self) -> int | None:
        """The span that is drawn, or None for all."""
        return self.SPANS[self.spanned][1]

    def action_choose(self, by: int) -> None:
        """Show the next or the previous observable."""
        names = self.records.trendable()
        here = names.index(self.name_shown) if self.name_shown in names else -by
        self.chosen = names[(here + by) % len(names)]

    def action_span(self) -> None:
        """Show another span."""
        self.spanned = (self.spanned + 1) % len(self.SPANS)

    def action_list(self) -> None:
        """Ask for the list."""
        self.post_message(self.ListWanted())

    def watch_chosen(self) -> None:
        """Say so."""
        self.post_message(self.Changed())

    def watch_spanned(self) -> None:
        """Say so."""
        self.post_message(self.Changed())

    def watch_snapshot(self) -> None:
        """Wait for `monitored`, which follows every snapshot."""

    def watch_monitored(self) -> None:
        """Draw the new values."""
        self.redraw()

    def rows(self, width: int) -> list[Row]:
        """Return the plot, as high as the pane."""
        height = self.size.height
        name, s = self.name_shown, self.snapshot
        readings = self._readings(name)
        if not readings or height < 7 or s is None:
            return [(("Nothing to draw yet.", "muted"),)]
        spec = self.scenario.catalogue.observables[name]
        latest = readings[-1]
        sign, role = flag(latest.value, latest.low, latest.high, spec)
        value = f"{number(latest.value, spec.decimals)} {spec.unit} {sign}".rstrip()
        when = "" if latest.at == s.now else f"  {ago(latest.at, s.now)} ago"
        names = self.records.trendable()
        head: Row = ((f"{spec.name}  ", "heading"), (value, role or "strong"), (when, "muted"))
        place = f"{names.index(name) + 1} of {len(names)}" if name in names else "one value"
        keys = f"{place}: left, right, Enter.  z: {self.SPANS[self.spanned][0]}"
        measured = name not in {vital.observable for vital in s.vitals}
        plot = Plot(readings, spec.decimals, (self._start(readings, s.now), s.now), width, measured)
        runs = self._runs(plot.start, height // 4)
        return [head, ((shorten(keys, width), "muted"),), *plot.rows(height - 4 - len(runs), self.records.calls),
                *(plot.bar(run, text) for run, text in runs)]  # fmt: skip

    def _start(self, readings: list[Reading], now: int) -> int:
        span = self.minutes_shown
        return min(readings[0].at, now - 1) if span is None else max(0, now - span)

    def _runs(self, start: int, most: int) -> list[tuple[Run, str]]:
        """The therapies that ran since a minute, the latest begun, each with its name and dose."""
        orders = self.scenario.catalogue.orders
        ran = [run for run in self.records.runs if run.until is None or run.until >= start]
        return [(run, named(orders[run.therapy].name, run.dose)) for run in ran[-most:]] if most else []

    def _readings(self, name: str) -> list[Reading]:
        s = self.snapshot
        if s is None:
            return []
        for vital in s.vitals:
            if vital.observable == name:
                return [Reading(at, value, vital.low, vital.high) for at, value in self.monitored]
        span = self.minutes_shown
        readings = self.records.results.get(name, [])
        recent = [r for r in readings if span is None or r.at >= s.now - span]
        return recent or readings[-1:]


class Plot:
    """Readings over one stretch of time: a curve in its range, what was called below it, drugs as bars."""

    def __init__(
        self, readings: Sequence[Reading], decimals: int, span: tuple[int, int], width: int, measured: bool
    ) -> None:
        """Take what is drawn; with `measured`, each reading is a dot and the line between is only a guide."""
        self.readings, self.decimals, self.measured = readings, decimals, measured
        self.start, self.end = span[0], max(span[1], span[0] + 60)
        latest = readings[-1]
        self._bounds = [b for b in (latest.low, latest.high) if b is not None]
        values = [r.value for r in readings] + self._bounds
        low, high = min(values), max(values)
        pad = (high - low) * 0.05 or max(abs(high) * 0.05, 0.5)
        self.low, self.high = low - pad, high + pad
        self._left = max(len(number(v, decimals)) for v in (self.low, self.high)) + 1
        self._across = max(4, width - self._left - 2)

    def _x(self, minute: int) -> int:
        """The cell of a minute, within the plot."""
        share = (minute - self.start) / (self.end - self.start)
        return round(min(max(share, 0.0), 1.0) * (self._across - 1))

    def rows(self, height: int, calls: Sequence[int]) -> list[Row]:
        """Return the curve with its axis, the reference range dotted, when somebody called, and the times."""
        points = [(r.at, r.value) for r in self.readings]
        lines = curve(points, self._across, height, (self.start, self.end), (self.low, self.high))
        dots = {(self._x(r.at), self._y(r.value, height)) for r in self.readings} if self.measured else set()
        rows = [self._row(line, y, height, dots) for y, line in enumerate(lines)]
        called = {self._x(at) for at in calls if at >= self.start}
        marks = "".join("!" if x in called else " " for x in range(self._across)).rstrip()
        ends = clock(self.start), clock(self.end)
        gap = " " * max(1, self._across - len(ends[0]) - len(ends[1]))
        margin = " " * (self._left + 2)
        rows.append(((f"{'calls' if marks else '':<{self._left + 2}}"[: self._left + 2], "muted"), (marks, "call")))
        return [*rows, ((margin, ""), (ends[0] + gap + ends[1], "muted"))]

    def _y(self, value: float, height: int) -> int:
        return round((self.high - value) / (self.high - self.low) * (height - 1))

    def _row(self, line: str, y: int, height: int, dots: set[tuple[int, int]]) -> Row:
        step = (self.high - self.low) / height
        top, bottom = self.high - step * y, self.high - step * (y + 1)
        bounds = [b for b in self._bounds if bottom <= b < top]
        label = number(bounds[0] if bounds else self.high if y == 0 else self.low, self.decimals)
        label = label if bounds or y in (0, height - 1) else ""
        inside = _within((top + bottom) / 2, self.readings[-1])
        cells = ["●" if (x, y) in dots else c for x, c in enumerate(line.ljust(self._across))]
        runs = groupby(("·" if c == " " and inside else c for c in cells), key=lambda c: c == "·")
        parts = [("".join(run), "band" if dotted else "curve") for dotted, run in runs]
        return ((f"{label:>{self._left}}", "muted"), ("┃ " if inside else "│ ", "band"), *parts)

    def bar(self, run: Run, text: str) -> Row:
        """Return a therapy as a bar on the same axis, its name inside it or behind it."""
        first = self._x(run.since)
        last = self._x(self.end if run.until is None else run.until)
        length = max(1, last - first + 1)
        margin, after = " " * (self._left + 2), self._across - first - length
        label = f" {text} "
        if length >= len(label) + 2:
            return ((margin + " " * first, ""), (f"━{label}{'━' * (length - len(label) - 1)}", "good"))
        if len(label) <= after or after >= first:
            return ((margin + " " * first, ""), ("━" * length, "good"), (shorten(label, after), "muted"))
        return ((margin, ""), (f"{shorten(label, first):>{first}}", "muted"), ("━" * length, "good"))


def _within(value: float, reading: Reading) -> bool:
    if reading.low is None and reading.high is None:
        return False
    return (reading.low is None or value >= reading.low) and (reading.high is None or value <= reading.high)


class StatedDifferentials(Pane):
    """The differentials stated so far, the latest with bars, the earlier ones beside it."""

    def rows(self, width: int) -> list[Row]:
        """Return a line for every diagnosis that was named."""
        s = self.snapshot
        if s is None:
            return []
        head = "A differential is due: press d." if s.checkpoint is not None else "Press d to state your differential."
        rows: list[Row] = [((head, "call" if s.checkpoint is not None else "muted"),), (("", ""),)]
        stated = self.records.stated
        if not stated:
            return rows
        latest = dict(stated[-1].probabilities)
        names = self.scenario.catalogue.diagnoses
        earlier = [dict(e.probabilities) for e in reversed(stated[:-1])][: max(0, (width - 58) // 6)]
        rows.append(((f"{'':<36}{clock(stated[-1].at):<18} {'earlier' if earlier else ''}", "heading"),))
        ever = dict.fromkeys(name for state in (latest, *earlier) for name in state)
        likeliest = sorted(ever, key=lambda d: -latest.get(d, 0))
        lines = [(names[d].name, latest.get(d, 0.0), [e.get(d, 0.0) for e in earlier]) for d in likeliest]
        lines.append((ELSE, 1 - sum(latest.values()), [1 - sum(e.values()) for e in earlier]))
        for name, share, before in lines:
            bar = "█" * round(share * 12)
            past = "".join(f"{b:>6.0%}" for b in before)
            label: Row = ((f"{shorten(name, 34):<35}", ""), (f"{share:>4.0%} ", "strong"))
            rows.append((*label, (f"{bar:<13}", "curve"), (past, "muted")))
        return rows
