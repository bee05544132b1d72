"""What stands by the bed: the banner with the clock, the monitor, what runs, what is awaited, the basket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder
from sim.case.quantities import duration
from sim.engine.log import Running, Snapshot, Vital
from sim.tui.game import WIDE
from sim.tui.text import flag, fold, shorten
from sim.tui.widgets.braille import sparkline
from sim.tui.widgets.choosable import Choice, Choosable
from sim.tui.widgets.lines import Lines, Part, Row
from sim.words.coach import coached
from sim.words.dose import dose_for
from sim.words.format import TEACHING_ONLY, age, ago, clock, number, reference, time_near
from sim.words.orders import minutes_said, named, nursing_time
from sim.words.patient import person
from sim.words.records import Reading, Records
from sim.words.vitals import direction, scale


class Pane(Lines):
    """A pane that shows a snapshot."""

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)

    def __init__(self, records: Records, *, id: str | None = None, focusable: bool = True) -> None:
        super().__init__(id=id, focusable=focusable)
        self.records = records

    @property
    def scenario(self) -> Scenario:
        """The case and all it needs."""
        return self.records.scenario

    def watch_snapshot(self) -> None:
        """Redraw for the new snapshot."""
        self.redraw()


class Banner(Pane):
    """Two lines that never scroll: who, what it is given into, what time it is; the last critical values."""

    def __init__(self, records: Records, mode: str, *, id: str | None = None) -> None:
        super().__init__(records, id=id, focusable=False)
        self.mode = mode

    def rows(self, width: int) -> list[Row]:
        """Return the banner."""
        s = self.snapshot
        return [] if s is None else [self._who(s, width), self._critical(s, width)]

    def _who(self, s: Snapshot, width: int) -> Row:
        who = f" {s.name}, {person(s.sex, s.age)}, {age(s.age)}"
        if (weight := self.records.weight) is not None:
            when = "on arrival" if weight.at == 0 else clock(weight.at)
            who += f"   {number(weight.value, 2)} kg ({when})"
        line, role = self._access(s)
        time = f"{self._next(s)}   {clock(s.now)} "
        if cell_len(who) + cell_len(line) + cell_len(time) + 4 > width:
            time = f"{clock(s.now)} "
        if cell_len(who) + cell_len(line) + cell_len(time) + 4 > width:
            line = ""
        who = shorten(who, width - cell_len(time) - 1)
        gap = " " * max(1, width - cell_len(who) - cell_len(line) - cell_len(time) - 3)
        return ((who, "strong"), ("   ", ""), (line, role), (gap, ""), (time, "heading"))

    def _access(self, s: Snapshot) -> Part:
        """What intravenous therapy is given into, and until when."""
        orders = self.scenario.catalogue.orders
        found = [run for run in s.running if orders[run.therapy].access]
        if not found:
            return ("no line", "call") if any(order.access for order in orders.values()) else ("", "")
        names = [orders[run.therapy].name for run in found]
        until = f" to {time_near(found[0].ends, s.now)}" if len(found) == 1 and found[0].ends is not None else ""
        return f"{names[0]}{until}{f' and {len(names) - 1} more' if names[1:] else ''}", "muted"

    def _next(self, s: Snapshot) -> str:
        due = min((p.due for p in s.pending), default=None)
        return "" if due is None else f"next result {time_near(due, s.now)}"

    def _critical(self, s: Snapshot, width: int) -> Row:
        right = f"{self.mode}   {TEACHING_ONLY.rstrip('.')} "
        left = self._critical_values(s, width - cell_len(right) - 2)
        if width < WIDE and len(left) > 1:
            right = "Teaching only "
            left = self._critical_values(s, width - cell_len(right) - 2)
        if len(left) == 1:
            left.append((shorten(self.scenario.case.title, width - cell_len(right) - 2), "muted"))
        gap = " " * max(1, width - sum(cell_len(text) for text, _ in left) - cell_len(right))
        return (*left, (gap, ""), (right, "muted"))

    def _critical_values(self, s: Snapshot, room: int) -> list[Part]:
        """The last critical values, as many as there is room for."""
        left: list[Part] = [(" ", "")]
        for name, reading in self._latest_critical():
            spec = self.scenario.catalogue.observables[name]
            sign, role = flag(reading.value, reading.low, reading.high, spec)
            value = f"{spec.short} {number(reading.value, spec.decimals)}{sign}"
            since = f" {ago(reading.at, s.now)}  " if reading.at < s.now else "  "
            if sum(cell_len(text) for text, _ in left) + cell_len(value + since) > room:
                break
            left += [(value, role), (since, "muted")]
        return left

    def _latest_critical(self) -> list[tuple[str, Reading]]:
        """The observables whose last value is critical, that measured last first; the monitor shows its own."""
        monitor = self.scenario.case.monitor
        latest = ((name, readings[-1]) for name, readings in self.records.results.items() if name not in monitor)
        observables = self.scenario.catalogue.observables
        found = [(n, r) for n, r in latest if "!" in flag(r.value, r.low, r.high, observables[n])[0]]
        return sorted(found, key=lambda pair: -pair[1].at)


class Look(Pane):
    """What is seen of the patient from the foot of the bed, now; no pane where a case says nothing of it."""

    def watch_snapshot(self) -> None:
        """Redraw for the new snapshot."""
        self.display = self.snapshot is not None and bool(self.snapshot.glance)
        super().watch_snapshot()

    def rows(self, width: int) -> list[Row]:
        """Return it folded."""
        return [((line, ""),) for line in fold(self.snapshot.glance, max(10, width))] if self.snapshot else []


class CoachStrip(Pane):
    """What a beginner is told to try next; no strip where a case tells nothing."""

    def __init__(self, records: Records, keys: Mapping[str, str], *, id: str | None = None) -> None:
        super().__init__(records, id=id, focusable=False)
        self._keys = keys

    def watch_snapshot(self) -> None:
        """Redraw for the new snapshot."""
        self.display = self.snapshot is not None and bool(self.snapshot.coach)
        super().watch_snapshot()

    def rows(self, width: int) -> list[Row]:
        """Return it folded, in as many lines as it takes."""
        told = coached(self.snapshot.coach, self._keys) if self.snapshot is not None else ""
        return [((f" {line}", "good"),) for line in fold(told, max(10, width - 2))] if told else []


class VitalsStrip(Pane):
    """The monitor in a line or two, where there is no room for more."""

    def redraw(self) -> None:
        """Redraw as high as what is shown."""
        super().redraw()
        self.styles.height = max(1, len(self._rows))

    def rows(self, width: int) -> list[Row]:
        """Return each value with its flag."""
        s = self.snapshot
        if s is None:
            return []
        rows: list[Row] = []
        line: list[Part] = []
        for vital in s.vitals:
            spec = self.scenario.catalogue.observables[vital.observable]
            sign, role = flag(vital.value, vital.low, vital.high, spec)
            parts = [(f" {spec.short} ", "muted"), (f"{number(vital.value, spec.decimals)}{sign} ", role or "strong")]
            if line and sum(cell_len(text) for text, _ in (*line, *parts)) > width:
                rows.append(tuple(line))
                line = []
            line += parts
        return [*rows, tuple(line)]


def spread(left: str, right: str, width: int, left_role: str, right_role: str) -> tuple[Part, ...]:
    """Return two texts at the two edges of a line."""
    gap = " " * max(1, width - cell_len(left) - cell_len(right))
    return ((left, left_role), (gap, ""), (right, right_role))


def labelled(left: str, right: str, width: int) -> list[Row]:
    """Return a text and a time at the two edges: on one line where both fit, else the text folded and kept whole."""
    lines = fold(left, max(10, width - 2))
    if cell_len(lines[-1]) + cell_len(right) + 1 > width:
        lines.append("")
    indented = [lines[0], *(f"  {line}" for line in lines[1:])]
    return [*(((line, ""),) for line in indented[:-1]), spread(indented[-1], right, width, "", "muted")]


def counted(title: str, count: int) -> str:
    """Return a pane's title with how many it holds, since not all of them may be in view; no count of nothing."""
    return f"{title} ({count})" if count else title


class Monitor(Pane):
    """The vital signs: value, flag, reference range, unit, trend. A click on one draws it."""

    def on_click(self, event: events.Click) -> None:
        """Ask for the value that was clicked to be drawn."""
        row = event.y - (self.content_region.y - self.region.y)
        vitals = self.snapshot.vitals if self.snapshot is not None else ()
        if 0 <= row < len(vitals):
            self.post_message(Choosable.Chosen(self, vitals[row].observable))

    def rows(self, width: int) -> list[Row]:
        """Return a line for every monitored value, in columns as wide as what they hold."""
        s = self.snapshot
        if s is None:
            return []
        table = [self._cells(vital) for vital in s.vitals]
        wide = [max(cell_len(cells[i]) for cells in table) for i in range(6)] if table else []
        return [self._row(v, cells, wide, width) for v, cells in zip(s.vitals, table, strict=True)]

    def _cells(self, vital: Vital) -> tuple[str, ...]:
        observable = self.scenario.catalogue.observables[vital.observable]
        decimals = observable.decimals
        sign, _ = flag(vital.value, vital.low, vital.high, observable)
        range_ = reference(vital.low, vital.high, decimals)
        value = number(vital.value, decimals)
        return shorten(observable.short, 9), value, f"{sign:<3}", range_, observable.unit, direction(vital, observable)

    def _row(self, vital: Vital, cells: tuple[str, ...], wide: list[int], width: int) -> Row:
        observable = self.scenario.catalogue.observables[vital.observable]
        _, role = flag(vital.value, vital.low, vital.high, observable)
        name, value, sign, range_, unit, way = cells
        room = width - sum(wide) - len(wide)
        curve = sparkline(vital.trend, min(_LONGEST_TREND, room), scale(vital)) if room >= SHORTEST_TREND else ""
        return (
            (f"{name:<{wide[0]}} ", "muted"),
            (f"{value:>{wide[1]}} ", role or "strong"),
            (f"{sign} ", role),
            (f"{range_:<{wide[3]}} ", "muted"),
            (f"{unit:<{wide[4]}} ", "muted"),
            (f"{curve:<{min(_LONGEST_TREND, max(0, room))}} ", "curve"),
            (way, ""),
        )


SHORTEST_TREND: Final = 3
"""A trend in fewer cells than this says nothing."""
_LONGEST_TREND: Final = 24


class RunningPane(Choosable):
    """The therapies that run; Enter on one changes its dose or stops it."""

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)

    def __init__(self, records: Records, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.records = records

    def watch_snapshot(self) -> None:
        """Redraw for the new snapshot, and say in the title how many run."""
        self.border_title = counted("Running", len(self.snapshot.running) if self.snapshot is not None else 0)
        self.redraw()

    def choices(self, width: int) -> list[Choice]:
        """Return what the nurses have in hand and what waits for an access, then what runs, the newest first; a dose
        is never cut."""
        s = self.snapshot
        if s is None:
            return []
        orders = self.records.scenario.catalogue.orders
        lines: list[tuple[str, str, str]] = []
        for work in s.nursing:
            until = nursing_time(work, s.now, lambda minute: time_near(minute, s.now))
            lines.append((work.order, f"Nurse: {named(orders[work.order].name, work.dose)}", until))
        for held in s.interrupted:
            lines.append((held.therapy, named(orders[held.therapy].name, held.dose), "no access"))
        for run in sorted(s.running, key=lambda r: -r.since):
            word, at = ("to", run.ends) if run.ends is not None else ("since", run.since)
            order, weighed = orders[run.therapy], self.records.weight
            dose = dose_for(order, run.dose, None if weighed is None else weighed.value)
            until = f"{progress(run, s.now)}{word} {time_near(at, s.now)}"
            lines.append((run.therapy, named(order.name, dose), until))
        if not lines:
            return [((("Nothing runs.", "muted"),), None)]
        return [(row, id) for id, text, until in lines for row in labelled(text, until, width)]


_BAR: Final = 6
"""Cells of the bar of a course."""


def progress(run: Running, now: int) -> str:
    """Return how far a course has run, as a bar with a space after it; nothing for what has no end."""
    if run.ends is None or run.ends <= run.since:
        return ""
    done = round(_BAR * (now - run.since) / (run.ends - run.since))
    return "▓" * done + "░" * (_BAR - done) + " "


class BasketPane(Choosable):
    """What was chosen and is not yet ordered: up and down choose, Delete takes the chosen one out."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("delete,backspace", "take_out", "Take out", show=False)]

    class Removed(Message):
        """The order at `index` shall go out of the basket."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    basket: reactive[tuple[PlaceOrder, ...]] = reactive((), repaint=False)

    def __init__(self, scenario: Scenario, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.scenario = scenario

    @property
    def cursor(self) -> int:
        """The place of the order that is chosen; 0 in an empty basket."""
        return int(self.chosen or 0)

    def watch_basket(self) -> None:
        """Redraw for the new basket, the cursor where it was or at the end."""
        self.border_title = self._title()
        self.chosen = str(max(0, min(self.cursor, len(self.basket) - 1)))
        self.redraw()

    def choices(self, width: int) -> list[Choice]:
        """Return each order in the basket, folded: a dose is never cut."""
        if not self.basket:
            return [((("The basket is empty.", "muted"),), None)]
        keys = "arrows; Delete takes out; Alt+arrows move" if self.has_focus else "Ctrl+S places, Ctrl+Z takes out"
        lines: list[Choice] = [(((shorten(keys, width), "muted"),), None)]
        for i, order in enumerate(self.basket):
            spec = self.scenario.catalogue.orders[order.order]
            minutes = minutes_said(spec).removeprefix("takes ")
            text = f"{named(spec.name, order.dose)}{f' ({minutes})' if minutes else ''}"
            lines += [(((line, ""),), str(i)) for line in fold(text, max(10, width), indent=2)]
        return lines

    def _title(self) -> str:
        """How many orders, and whose minutes they take: the doctor's one after the other, then the nurses'."""
        orders = [self.scenario.catalogue.orders[placed.order] for placed in self.basket]
        own, nurses = sum(order.takes for order in orders), sum(order.nurse for order in orders)
        parts = [f"{duration(own)} of yours"] * bool(own) + [f"nurse {duration(nurses)}"] * bool(nurses)
        return counted("Basket", len(orders)) + (f", {', '.join(parts)}" if parts else "")

    def action_take_out(self) -> None:
        """Ask for the chosen order to be taken out."""
        if self.basket:
            self.post_message(self.Removed(self.cursor))
