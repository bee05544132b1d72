"""What stands by the bed: the banner with the clock, the monitor, what runs, what is awaited, the basket."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder
from sim.engine.log import Snapshot, Vital
from sim.tui.chart_data import Records
from sim.tui.text import flag, fold, shorten, time_near
from sim.tui.widgets.braille import sparkline
from sim.tui.widgets.lines import Lines, Part, Row
from sim.words.dose import dose_for
from sim.words.format import TEACHING_ONLY, age, clock, number, reference
from sim.words.orders import named, nursing_time, report_said
from sim.words.patient import person


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
    """One or two lines: who, how old, how heavy, what time it is, and that this is teaching only."""

    def __init__(self, records: Records, mode: str, *, id: str | None = None) -> None:
        super().__init__(records, id=id, focusable=False)
        self.mode = mode

    def rows(self, width: int) -> list[Row]:
        """Return the banner."""
        s = self.snapshot
        if s is None:
            return []
        who = f" {s.name}, {person(s.sex, s.age)}, {age(s.age)}"
        if (weight := self.records.weight) is not None:
            when = "on arrival" if weight.at == 0 else clock(weight.at)
            who += f"   {number(weight.value, 2)} kg ({when})"
        time = clock(s.now) + " "
        first: Row = (*spread(shorten(who, width - len(time) - 1), time, width, "strong", "heading"),)
        left = f" {self.scenario.case.title}"
        right = f"{self.mode}   {TEACHING_ONLY.rstrip('.')} "
        second: Row = (*spread(shorten(left, width - len(right) - 2), right, width, "muted", "muted"),)
        return [first, second]


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
    """The vital signs: value, flag, reference range, unit, trend."""

    def rows(self, width: int) -> list[Row]:
        """Return a line for every monitored value, in columns as wide as what they hold."""
        s = self.snapshot
        if s is None:
            return []
        table = [self._cells(vital) for vital in s.vitals]
        wide = [max(cell_len(cells[i]) for cells in table) for i in range(5)] if table else []
        return [self._row(v, cells, wide, width) for v, cells in zip(s.vitals, table, strict=True)]

    def _cells(self, vital: Vital) -> tuple[str, ...]:
        observable = self.scenario.catalogue.observables[vital.observable]
        decimals = observable.decimals
        sign, _ = flag(vital.value, vital.low, vital.high, observable)
        range_ = reference(vital.low, vital.high, decimals)
        return shorten(observable.short, 9), number(vital.value, decimals), f"{sign:<3}", range_, observable.unit

    def _row(self, vital: Vital, cells: tuple[str, ...], wide: list[int], width: int) -> Row:
        observable = self.scenario.catalogue.observables[vital.observable]
        _, role = flag(vital.value, vital.low, vital.high, observable)
        name, value, sign, range_, unit = cells
        room = width - sum(wide) - len(wide)
        return (
            (f"{name:<{wide[0]}} ", "muted"),
            (f"{value:>{wide[1]}} ", role or "strong"),
            (f"{sign} ", role),
            (f"{range_:<{wide[3]}} ", "muted"),
            (f"{unit:<{wide[4]}} ", "muted"),
            (sparkline(vital.trend, min(12, room)) if room >= SHORTEST_TREND else "", "curve"),
        )


SHORTEST_TREND: Final = 3
"""A trend in fewer cells than this says nothing."""


class RunningPane(Pane):
    """The therapies that run."""

    def watch_snapshot(self) -> None:
        """Redraw for the new snapshot, and say in the title how many run."""
        self.border_title = counted("Running", len(self.snapshot.running) if self.snapshot is not None else 0)
        super().watch_snapshot()

    def rows(self, width: int) -> list[Row]:
        """Return what the nurses have in hand and what waits for an access, then what runs, the newest first; a dose
        is never cut."""
        s = self.snapshot
        if s is None:
            return []
        rows: list[Row] = []
        for work in s.nursing:
            order = self.scenario.catalogue.orders[work.order]
            until = nursing_time(work, s.now, lambda minute: time_near(minute, s.now))
            rows += labelled(f"Nurse: {named(order.name, work.dose)}", until, width)
        for held in s.interrupted:
            rows += labelled(named(self.scenario.catalogue.orders[held.therapy].name, held.dose), "no access", width)
        if not s.running:
            return [*rows, (("Nothing runs.", "muted"),)]
        for run in sorted(s.running, key=lambda r: -r.since):
            word, at = ("to", run.ends) if run.ends is not None else ("since", run.since)
            until = f"{word} {time_near(at, s.now)}"
            order, weighed = self.scenario.catalogue.orders[run.therapy], self.records.weight
            dose = dose_for(order, run.dose, None if weighed is None else weighed.value)
            rows += labelled(named(order.name, dose), until, width)
        return rows


class PendingPane(Pane):
    """The results on their way, the next one first."""

    def watch_snapshot(self) -> None:
        """Redraw for the new snapshot, and say in the title how many are awaited."""
        self.border_title = counted("Awaited", len(self.snapshot.pending) if self.snapshot is not None else 0)
        super().watch_snapshot()

    def rows(self, width: int) -> list[Row]:
        """Return a line for each awaited result."""
        s = self.snapshot
        if s is None:
            return []
        if not s.pending:
            return [(("No result is awaited.", "muted"),)]
        rows: list[Row] = []
        for wait in sorted(s.pending, key=lambda p: (p.due, p.number)):
            due = f"due {time_near(wait.due, s.now)}"
            order = self.scenario.catalogue.orders[wait.order]
            name = ", ".join(filter(None, (order.name, report_said(order, wait.report))))
            left = shorten(name, width - len(due) - 1)
            rows.append((*spread(left, due, width, "", "muted"),))
        return rows


class BasketPane(Lines):
    """What was chosen and is not yet ordered: up and down choose, Delete takes the chosen one out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("delete,backspace", "take_out", "Take out", show=False),
    ]

    class Removed(Message):
        """The order at `index` shall go out of the basket."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    basket: reactive[tuple[PlaceOrder, ...]] = reactive((), repaint=False)

    def __init__(self, scenario: Scenario, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.scenario = scenario
        self.cursor = 0

    def watch_basket(self) -> None:
        """Redraw for the new basket."""
        self.border_title = counted("Basket", len(self.basket))
        self.cursor = max(0, min(self.cursor, len(self.basket) - 1))
        self.redraw()

    def on_focus(self) -> None:
        """Show the cursor."""
        self.redraw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.redraw()

    def rows(self, width: int) -> list[Row]:
        """Return each order in the basket, folded: a dose is never cut."""
        if not self.basket:
            return [(("The basket is empty.", "muted"),)]
        keys = "arrows, Delete: take out" if self.has_focus else "Ctrl+S places, Ctrl+Z takes out"
        rows: list[Row] = [((shorten(keys, width), "muted"),)]
        for i, order in enumerate(self.basket):
            text = named(self.scenario.catalogue.orders[order.order].name, order.dose)
            role = "cursor" if self.has_focus and i == self.cursor else ""
            rows += [((line, role),) for line in fold(text, max(10, width), indent=2)]
        return rows

    def action_move(self, by: int) -> None:
        """Choose another order of the basket."""
        self.cursor = max(0, min(self.cursor + by, len(self.basket) - 1))
        self.redraw()
        self.scroll_to(y=max(0, self.cursor - 1), animate=False)

    def action_take_out(self) -> None:
        """Ask for the chosen order to be taken out."""
        if self.basket:
            self.post_message(self.Removed(self.cursor))
