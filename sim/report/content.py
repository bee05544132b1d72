"""All that a report tells of one attempt, put together once: the debrief, what it draws, and what happened."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from scoring.assess.assessment import Assessment
from scoring.debrief.build import debrief
from scoring.debrief.charts import Charts, charts
from scoring.debrief.model import Debrief
from sim.case.model.scenario import Scenario
from sim.engine.log import Log
from sim.report.happenings import Happening, happenings


@dataclass(frozen=True, slots=True)
class Report:
    """One attempt, ready to be written down in any form."""

    case: str
    seed: int
    gate: str | None
    """Why the band is not higher, where a rule capped it."""
    debrief: Debrief
    charts: Charts
    happenings: tuple[Happening, ...]


def report_of(scenario: Scenario, seed: int, log: Log, assessment: Assessment) -> Report:
    """Return the report on an attempt. `assessment` must be that of the same scenario and log."""
    return Report(
        case=scenario.case.id,
        seed=seed,
        gate=assessment.gate,
        debrief=debrief(scenario, log, assessment),
        charts=charts(scenario, log, assessment),
        happenings=happenings(scenario, log),
    )


def to_plain(report: Report) -> dict[str, object]:
    """Return everything a report tells as JSON-ready data."""
    return asdict(report)
