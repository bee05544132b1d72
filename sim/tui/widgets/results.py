"""The results page of the chart: a table of the latest and the earlier values, and the reports in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from sim.case.model.catalogue import Kind
from sim.tui.chart_data import Reading
from sim.tui.text import flag, fold, shorten
from sim.tui.widgets.bedside import Pane
from sim.tui.widgets.chart import stamp_of
from sim.tui.widgets.lines import Row
from sim.words.format import clock, number, reference
from sim.words.orders import report_said

_HEAD: Final = ("", "Latest", "", "Reference", "Unit", "When")
_EARLIER: Final = 7
"""Cells of an earlier value."""
_SHORTEST_NAME: Final = 12


def _padded(cells: Sequence[str], columns: Sequence[int]) -> list[str]:
    """Return cells filled up to their columns, a space after each; the value, which is second, stands to the right."""
    return [
        f"{' ' * (wide - cell_len(text))}{text} " if i == 1 else f"{text}{' ' * (wide - cell_len(text))} "
        for i, (text, wide) in enumerate(zip(cells, columns, strict=True))
    ]


class Results(Pane):
    """Numbers with reference ranges and flags, latest and earlier ones side by side; then the reports."""

    def rows(self, width: int) -> list[Row]:
        """Return the table and the reports."""
        numbers = self._table(width)
        reports = self._reports(width)
        if not numbers and not reports:
            return [(("No result yet. Order something (o), ask (h) or examine (e).", "muted"),)]
        gap: list[Row] = [((" ", ""),)] if numbers and reports else []
        return [*numbers, *gap, *reports]

    def _table(self, width: int) -> list[Row]:
        results = self.records.results
        if not results:
            return []
        cells = {name: self._cells(name, readings[-1]) for name, readings in results.items()}
        columns = [max(map(cell_len, column)) for column in zip(_HEAD, *cells.values(), strict=True)]
        several = max(map(len, results.values())) > 1
        room = width - sum(columns) - len(columns) - several * _EARLIER
        columns[0] = min(columns[0], max(_SHORTEST_NAME, room + columns[0]))
        head = "".join(_padded(_HEAD, columns)) + "Earlier" * several
        rows: list[Row] = [((shorten(head.rstrip(), width), "heading"),)]
        for title, names in self._groups():
            rows.append(((title, "muted"),))
            for name in names:
                rows += self._rows_of(name, cells[name], columns, width)
        return rows

    def _groups(self) -> list[tuple[str, list[str]]]:
        """The observables with results under the heading of the order that reported them last."""
        names = self.scenario.catalogue.observables
        groups: dict[str, list[str]] = {}
        for observable in sorted(self.records.results, key=lambda o: names[o].name):
            order = self.records.reported_by[observable]
            groups.setdefault(self.scenario.catalogue.orders[order].group, []).append(observable)
        return sorted(groups.items())

    def _cells(self, name: str, latest: Reading) -> tuple[str, ...]:
        """The columns of a line as text, in the order of the heading."""
        observable = self.scenario.catalogue.observables[name]
        decimals = observable.decimals
        sign, _ = flag(latest.value, latest.low, latest.high, observable)
        when = clock(latest.at).removeprefix("Day ")
        range_ = reference(latest.low, latest.high, decimals)
        return observable.name, number(latest.value, decimals), sign, range_, observable.unit, when

    def _rows_of(self, name: str, cells: tuple[str, ...], columns: list[int], width: int) -> list[Row]:
        """A line of the table with as many earlier values as fit; a name too long for its column goes on below."""
        observable = self.scenario.catalogue.observables[name]
        latest, *before = reversed(self.records.results[name])
        _, role = flag(latest.value, latest.low, latest.high, observable)
        first, *more = fold(cells[0], columns[0])
        label, value, sign, range_, unit, when = _padded((first, *cells[1:]), columns)
        fitting = max(0, (width - sum(columns) - len(columns) + 1) // (_EARLIER + 1))
        earlier = "".join(f"{number(r.value, observable.decimals):>{_EARLIER}} " for r in before[:fitting])
        row: Row = (
            (label, ""),
            (value, role or "strong"),
            (sign, role),
            (f"{range_}{unit}{when}", "muted"),
            (earlier.rstrip(), ""),
        )
        return [row, *(((f"  {line}", ""),) for line in more)]

    def _reports(self, width: int) -> list[Row]:
        rows: list[Row] = []
        groups = (
            ("Reports", (Kind.INVESTIGATION, Kind.PROCEDURE, Kind.CONSULT, Kind.THERAPY, Kind.DISPOSITION)),
            ("Examination", (Kind.EXAMINATION,)),
            ("History", (Kind.HISTORY,)),
        )
        for title, kinds in groups:
            reports = self.records.reports_of(*kinds)
            if reports:
                rows.append(((title, "heading"),))
            for report in reports:
                order = self.scenario.catalogue.orders[report.order]
                name = ", ".join(filter(None, (order.name, report_said(order, report.report))))
                stamp = stamp_of(report.at)
                lines = fold(f"{name}: {report.text}", max(10, width - len(stamp)))
                rows.append(((stamp, "muted"), (lines[0], "")))
                rows.extend(((" " * len(stamp), ""), (line, "")) for line in lines[1:])
        return rows
