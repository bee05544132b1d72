"""The chart: timeline, trends, the differentials stated so far, and the feed of what just happened."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from scoring.debrief.differential import ELSE
from sim.case.model.scenario import Scenario
from sim.engine.log import Event
from sim.tui.chart_data import Reading, Records
from sim.tui.rows.events import event_row
from sim.tui.text import flag, fold, shorten
from sim.tui.widgets.bedside import Pane
from sim.tui.widgets.braille import curve
from sim.tui.widgets.lines import Lines, Row
from sim.words.format import clock, number


def stamp_of(minute: int) -> str:
    """A time as it stands before a text: always with a space after it, however many days have passed."""
    return f"{clock(minute):<12} "


def folded_rows(event: Event, scenario: Scenario, width: int) -> list[Row]:
    """Return an event as folded lines: time, sign, text."""
    told = event_row(event, scenario)
    if told is None:
        return []
    stamp = stamp_of(told.at)
    texts = fold(told.text, max(10, width - len(stamp) - 2))
    first: Row = ((stamp, "muted"), (f"{told.sign} ", told.role), (texts[0], told.role))
    return [first, *(((" " * (len(stamp) + 2), ""), (text, told.role)) for text in texts[1:])]


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


class Feed(Lines):
    """What the last move brought."""

    events: reactive[tuple[Event, ...]] = reactive((), repaint=False)

    def __init__(self, scenario: Scenario, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.scenario = scenario

    def watch_events(self) -> None:
        """Redraw from the top."""
        self.redraw()
        self.scroll_home(animate=False)

    def rows(self, width: int) -> list[Row]:
        """Return the events of the last move: calls first, then what happened, oldest first."""
        urgent = [e for e in self.events if (t := event_row(e, self.scenario)) is not None and t.sign in "!x"]
        rest = [e for e in self.events if e not in urgent]
        return [row for event in (*urgent, *rest) for row in folded_rows(event, self.scenario, width)]


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
        return self.chosen if self.chosen in names else names[0]

    @property
    def minutes_shown(self) -> int | None:
        """The span that is drawn, or None for all."""
        return self.SPANS[self.spanned][1]

    def action_choose(self, by: int) -> None:
        """Show the next or the previous observable."""
        names = self.records.trendable()
        self.chosen = names[(names.index(self.name_shown) + by) % len(names)]

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
        name = self.name_shown
        readings = self._readings(name)
        if not readings or height < 7:
            return [(("Nothing to draw yet.", "muted"),)]
        observable = self.scenario.catalogue.observables[name]
        latest = readings[-1]
        sign, role = flag(latest.value, latest.low, latest.high, observable)
        value = f"{number(latest.value, observable.decimals)} {observable.unit} {sign}".rstrip()
        names = self.records.trendable()
        head: Row = ((f"{observable.name}  ", "heading"), (value, role or "strong"))
        keys = f"{names.index(name) + 1} of {len(names)}: left, right, Enter.  z: {self.SPANS[self.spanned][0]}"
        return [head, ((shorten(keys, width), "muted"),), *_plot(readings, observable.decimals, width, height - 4)]

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


def _plot(readings: list[Reading], decimals: int, width: int, height: int) -> list[Row]:
    """Return the curve with its axis, the reference range marked on it, and the times below."""
    reference_ = [b for b in (readings[-1].low, readings[-1].high) if b is not None]
    values = [r.value for r in readings] + reference_
    low, high = min(values), max(values)
    pad = (high - low) * 0.05 or max(abs(high) * 0.05, 0.5)
    low, high = low - pad, high + pad
    left = max(len(number(v, decimals)) for v in (low, high)) + 1
    across = max(4, width - left - 2)
    start, end = readings[0].at, max(readings[-1].at, readings[0].at + 60)
    drawn = curve([(r.at, r.value) for r in readings], across, height, (start, end), (low, high))
    rows: list[Row] = []
    for y, line in enumerate(drawn):
        top = high - (high - low) * y / height
        bottom = high - (high - low) * (y + 1) / height
        bounds = [b for b in reference_ if bottom <= b < top]
        label = number(bounds[0] if bounds else high if y == 0 else low, decimals)
        label = label if bounds or y in (0, height - 1) else ""
        axis = "┃ " if _within((top + bottom) / 2, readings[-1]) else "│ "
        rows.append(((f"{label:>{left}}", "muted"), (axis, "band"), (line, "curve")))
    ends = clock(start), clock(end)
    gap = " " * max(1, across - len(ends[0]) - len(ends[1]))
    rows.append(((" " * (left + 2), ""), (ends[0] + gap + ends[1], "muted")))
    if reference_:
        rows.append(((" " * (left + 2) + "thick axis: the reference range", "muted"),))
    return rows


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
