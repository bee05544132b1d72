"""The flow sheet: every value that was measured, a line each, the latest first and earlier ones in columns of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.cells import cell_len
from textual.reactive import reactive

from sim.case.model.scenario import Scenario
from sim.engine.log import Snapshot
from sim.tui.text import flag, fold, shorten
from sim.tui.widgets.choosable import Choice, Choosable
from sim.tui.widgets.lines import Part, Row
from sim.words.format import ago, number, reference, time_near
from sim.words.records import Column, Records, column_time, columns

_COLUMN: Final = 9
"""Cells of a column of earlier values, the space before it included."""
_NOTHING: Final = "No value yet. Order something (o) or examine (e): what is measured is charted here."


class FlowSheet(Choosable):
    """The latest value of each observable with its range, how old it is or when the next is due, and earlier values.

    Enter on a line draws it over time.
    """

    HEAD = 1
    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)

    def __init__(self, records: Records, opening: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.records, self._opening = records, opening

    @property
    def scenario(self) -> Scenario:
        """The case and all it needs."""
        return self.records.scenario

    def watch_snapshot(self) -> None:
        """Redraw for the new snapshot."""
        self.redraw()

    def choices(self, width: int) -> list[Choice]:
        """Return the heading and a line for each observable with a value or with one on its way."""
        s = self.snapshot
        results = self.records.results
        due = self._due()
        names = [o.id for o in self.scenario.catalogue.observables_for_reading if o.id in results or o.id in due]
        if s is None or not names:
            text = f"{self._opening}\n\n{_NOTHING}"
            return [(((line, ""),), None) for line in fold(text, max(10, width - 2))]
        table = {name: self._cells(name, s.now, due) for name in names}
        wide = [max(cell_len(cells[i]) for cells in (_HEADING, *table.values())) for i in range(len(_HEADING))]
        room = max(0, (width - sum(wide) - len(wide)) // _COLUMN)
        earlier = columns({name: results[name][:-1] for name in names if name in results}, s.now, room)
        times = (f"{column_time(at, s.now):>{_COLUMN - 1}} " for at, _ in earlier)
        head = "".join((*_padded(_HEADING, wide), *times)).rstrip()
        lines = [(self._row(name, _padded(table[name], wide), earlier), name) for name in names]
        return [(((shorten(head, width), "heading"),), None), *lines]

    def _due(self) -> dict[str, int]:
        """When the next value of an observable comes back, of those on their way."""
        found: dict[str, int] = {}
        for wait in sorted(self.snapshot.pending if self.snapshot else (), key=lambda p: -p.due):
            found |= dict.fromkeys(self.scenario.catalogue.orders[wait.order].measures, wait.due)
        return found

    def _cells(self, name: str, now: int, due: Mapping[str, int]) -> tuple[str, ...]:
        """The columns of a line as text, in the order of the heading."""
        spec = self.scenario.catalogue.observables[name]
        coming = f"due {time_near(due[name], now)}" if name in due else ""
        readings = self.records.results.get(name)
        if not readings:
            return spec.short, "", "", coming, "", spec.unit
        latest = readings[-1]
        sign, _ = flag(latest.value, latest.low, latest.high, spec)
        range_ = reference(latest.low, latest.high, spec.decimals)
        return spec.short, number(latest.value, spec.decimals), sign, coming or ago(latest.at, now), range_, spec.unit

    def _row(self, name: str, cells: Sequence[str], earlier: Sequence[Column]) -> Row:
        spec = self.scenario.catalogue.observables[name]
        readings = self.records.results.get(name)
        latest = readings[-1] if readings else None
        _, role = flag(latest.value, latest.low, latest.high, spec) if latest else ("", "")
        label, value, sign, when, range_, unit = cells
        parts: list[Part] = [(label, ""), (value, role or "strong"), (sign, role), (when + range_ + unit, "muted")]
        for _, values in earlier:
            reading = values.get(name)
            if reading is None:
                parts.append((" " * _COLUMN, ""))
                continue
            sign, role = flag(reading.value, reading.low, reading.high, spec)
            text = number(reading.value, spec.decimals)
            parts.append((f"{text + sign.strip('▲▼'):>{_COLUMN - 1}} ", role if role == "critical" else ""))
        return tuple(parts)


_HEADING: Final = ("", "Latest", "", "Ago", "Range", "Unit")


def _padded(cells: Sequence[str], wide: Sequence[int]) -> list[str]:
    """Return cells filled up to their columns, a space after each; the value, which is second, is to the right."""
    filled = ((" " * (width - cell_len(text)), text) for text, width in zip(cells, wide, strict=True))
    return [f"{gap}{text} " if i == 1 else f"{text}{gap} " for i, (gap, text) in enumerate(filled)]
