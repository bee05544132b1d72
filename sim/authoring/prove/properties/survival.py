"""How many survive and how they end, treated by the pathway and not at all, and whether the case expects that."""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal

from sim.authoring.prove.bench import Bench
from sim.authoring.prove.verdict import PropertyResult, Witness
from sim.case.model.case import Expected
from sim.case.quantities import duration
from sim.cohorts.survival import ConfidenceInterval, kaplan_meier, share
from sim.engine.kernel import NOTHING, PATHWAY, Outcomes, Plan

PROPERTY: Final = "survives_as_expected"

LOOKS: Final = 4
"""So many times the patients that a comparison of means begins with: a share needs more than a difference."""

_POLICIES: Final[dict[Literal["pathway", "none"], Plan]] = {"pathway": PATHWAY, "none": NOTHING}


def prove(bench: Bench) -> list[PropertyResult]:
    """Return survival and endings under the pathway and without treatment, and each that is not what `expect` says.

    A share is not as expected if all of its 95% interval lies outside the bounds, so chance alone fails no case.
    """
    case = bench.scenario.case
    failures: list[PropertyResult] = []
    told: list[str] = []
    for name, plan in _POLICIES.items():
        bench.report_progress(f"survival, policy {name}")
        found = bench.outcomes(plan, range(1, LOOKS * bench.cohort + 1))
        expected = case.expect.get(name) or Expected()
        told.append(f"{name}: {_told(bench, found)}")
        for what in _surprises(bench, found, expected):
            said = f"Under the policy {name} {what}."
            failures.append(PropertyResult(case.id, PROPERTY, Witness(f"policy:{name}", said)))
    return failures or [PropertyResult(case.id, PROPERTY, note="; ".join(told))]


def _surprises(bench: Bench, found: Outcomes, expected: Expected) -> list[str]:
    wrong = []
    if expected.alive is not None:
        low, high, at = expected.alive
        at = bench.scenario.case.horizon if at is None else at
        alive = _alive(bench, found, at)
        if alive.low > high or alive.high < low:
            wrong.append(f"{_said(alive)} are alive after {duration(at)}, and {low:.0%} to {high:.0%} are expected")
    for ending, (low, high, _) in expected.endings.items():
        come = share(_ends(found)[ending], len(found))
        if come.low > high or come.high < low:
            wrong.append(f"{_said(come)} end as {ending}, and {low:.0%} to {high:.0%} are expected")
    return wrong


def _ends(found: Outcomes) -> Counter[str]:
    return Counter(found.endings[number] for number in found.ending)


def _alive(bench: Bench, found: Outcomes, at: int) -> ConfidenceInterval:
    lost = {ending.id for ending in bench.scenario.case.endings if ending.utility == 0}
    lives = zip(found.end, found.outcome, found.ending, strict=True)
    point = kaplan_meier((end, outcome >= 0 and found.endings[number] in lost) for end, outcome, number in lives).at(at)
    return ConfidenceInterval(point.alive, point.low, point.high)


def _said(part: ConfidenceInterval) -> str:
    return f"{part.value:.0%} ({part.low:.0%} to {part.high:.0%})"


def _told(bench: Bench, found: Outcomes) -> str:
    ends = _ends(found)
    endings = ", ".join(f"{e.id} {ends[e.id] / len(found):.0%}" for e in bench.scenario.case.endings if ends[e.id])
    return f"{_said(_alive(bench, found, bench.scenario.case.horizon))} alive at the end of {len(found)}; {endings}"
