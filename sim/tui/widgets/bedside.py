"""What stands by the bed: the banner with the clock, the monitor, what runs, what is awaited, the basket."""

from __future__ import annotations

from textual.reactive import reactive

from sim.case.model import Library
from sim.case.moves import PlaceOrder
from sim.engine.log import Snapshot, Vital
from sim.tui.records import Records
from sim.tui.telling import named
from sim.tui.widgets.braille import sparkline
from sim.tui.widgets.lines import Lines, Part, Row
from sim.tui.wording import boy_or_girl, flag, moment, shorten
from sim.wording import age, clock, number, reference


class Pane(Lines):
    """A pane that shows a snapshot."""

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)

    def __init__(self, records: Records, *, id: str | None = None, focusable: bool = True) -> None:
        super().__init__(id=id, focusable=focusable)
        self.records = records

    @property
    def library(self) -> Library:
        """The case and all it needs."""
        return self.records.library

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
        who = f" {s.name}, {boy_or_girl(s.sex)}, {age(s.age)}"
        if (weight := self.records.weight) is not None:
            when = "on arrival" if weight.at == 0 else clock(weight.at)
            who += f"   {number(weight.value, 2)} kg ({when})"
        time = clock(s.now) + " "
        first: Row = (*spread(shorten(who, width - len(time) - 1), time, width, "strong", "heading"),)
        left = f" {self.library.case.title}"
        right = f"{self.mode}   Teaching only, not for patient care "
        second: Row = (*spread(shorten(left, width - len(right) - 2), right, width, "muted", "muted"),)
        return [first, second]


def spread(left: str, right: str, width: int, left_role: str, right_role: str) -> tuple[Part, ...]:
    """Return two texts at the two edges of a line."""
    return ((left, left_role), (" " * max(1, width - len(left) - len(right)), ""), (right, right_role))


class Monitor(Pane):
    """The vital signs: value, flag, reference range, trend."""

    def rows(self, width: int) -> list[Row]:
        """Return a line for every monitored value."""
        s = self.snapshot
        return [] if s is None else [self._row(vital, width) for vital in s.vitals]

    def _row(self, vital: Vital, width: int) -> Row:
        observable = self.library.catalogue.observables[vital.observable]
        sign, role = flag(vital.value, vital.low, vital.high, observable)
        range_ = reference(vital.low, vital.high, observable.decimals)
        room = max(0, min(12, width - 29))
        trend = sparkline(vital.trend, room)
        return (
            (f"{shorten(observable.short, 9):<9} ", "muted"),
            (f"{number(vital.value, observable.decimals):>5} ", role or "strong"),
            (f"{sign:<3} ", role),
            (f"{range_:<9} ", "muted"),
            (trend, "curve"),
        )


class RunningPane(Pane):
    """The therapies that run."""

    def rows(self, width: int) -> list[Row]:
        """Return two or more lines' worth of what runs, the newest first."""
        s = self.snapshot
        if s is None:
            return []
        if not s.running:
            return [(("Nothing runs.", "muted"),)]
        rows: list[Row] = []
        for run in sorted(s.running, key=lambda r: -r.since):
            until = f"to {moment(run.ends, s.now)}" if run.ends is not None else f"since {moment(run.since, s.now)}"
            name = named(self.library.catalogue.orders[run.therapy].name, run.dose)
            left = shorten(name, width - len(until) - 1)
            rows.append((*spread(left, until, width, "", "muted"),))
        return rows


class PendingPane(Pane):
    """The results on their way, the next one first."""

    def rows(self, width: int) -> list[Row]:
        """Return a line for each awaited result."""
        s = self.snapshot
        if s is None:
            return []
        if not s.pending:
            return [(("No result is awaited.", "muted"),)]
        rows: list[Row] = []
        for wait in sorted(s.pending, key=lambda p: (p.due, p.number)):
            due = f"due {moment(wait.due, s.now)}"
            left = shorten(self.library.catalogue.orders[wait.order].name, width - len(due) - 1)
            rows.append((*spread(left, due, width, "", "muted"),))
        return rows


class BasketPane(Lines):
    """What was chosen and is not yet ordered."""

    basket: reactive[tuple[PlaceOrder, ...]] = reactive((), repaint=False)

    def __init__(self, library: Library, *, id: str | None = None) -> None:
        super().__init__(id=id, focusable=False)
        self.library = library

    def watch_basket(self) -> None:
        """Redraw for the new basket."""
        self.redraw()

    def rows(self, width: int) -> list[Row]:
        """Return a line for each order in the basket."""
        orders = self.library.catalogue.orders
        if not self.basket:
            return [(("The basket is empty.", "muted"),)]
        keys: Row = (("c carries these out, u takes one out", "muted"),)
        return [keys, *(((shorten(named(orders[b.order].name, b.dose), width), ""),) for b in self.basket)]
