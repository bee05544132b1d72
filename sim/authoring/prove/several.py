"""Several cases proved in one go: each with its plans, and a disease that they share once, over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.authoring.prove.properties.plans import plans_beside
from sim.authoring.prove.prove import prove, prove_shared
from sim.authoring.prove.verdict import PropertyResult, ReportProgress
from sim.case.checking.openings import shares_its_disease
from sim.case.model.scenario import Scenario


def prove_all(
    cases: Sequence[tuple[Scenario, Path]], n: int, report_progress: ReportProgress, workers: int | None
) -> list[PropertyResult]:
    """Return the results of cases, each with its file, and then of the diseases that several of them share."""
    found: list[PropertyResult] = []
    shared: dict[str, list[Scenario]] = {}
    for scenario, path in cases:
        named_only = shares_its_disease(path)
        found += prove(scenario, n, report_progress, workers, plans=plans_beside(path), named_only=named_only)
        if named_only:
            shared.setdefault(scenario.disease.id, []).append(scenario)
    for scenarios in shared.values():
        if len(scenarios) > 1:
            found += prove_shared(scenarios, n, report_progress)
    return found
