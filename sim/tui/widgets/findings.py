"""The findings page of the chart: the reports in words, by what gave them, the newest first."""

from __future__ import annotations

from sim.case.model.catalogue import Kind
from sim.tui.text import fold
from sim.tui.widgets.bedside import Pane
from sim.tui.widgets.chart import stamp_of
from sim.tui.widgets.lines import Row
from sim.words.orders import report_said

_NOTHING = "Nothing was found yet. Ask (h), examine (e) or order (o): what is said in words is kept here."


class Findings(Pane):
    """What was reported, seen and told, under three headings; the numbers are on the flow sheet."""

    def rows(self, width: int) -> list[Row]:
        """Return the reports."""
        return self._reports(width) or [((line, "muted"),) for line in fold(_NOTHING, max(10, width))]

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
