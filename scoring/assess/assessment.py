"""The assessment of one attempt: a gate, a profile whose parts stay apart, and one of four bands.

The band starts from the share of the pathway's credit that was earned. Each cap then lowers it where its rule is
broken: averages hide harm, and points invite shot-gunning. How the patient fared moves nothing: that is partly
luck, and the learner is judged on what he did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.assess.diagnosis import DiagnosisReport, judge_diagnosis
from scoring.assess.gate import Cap, find_caps
from scoring.assess.gathering import Blood, blood_drawn, efficiency, thoroughness
from scoring.assess.handover import own_part, too_early
from scoring.assess.order_values import ValuedOrder, value_orders
from scoring.assess.pathway import PathwayItem, judge_pathway
from scoring.assess.pitfalls import PitfallItem, find_pitfalls
from scoring.parameters import BANDS, DECIMALS, EXEMPLARY_SHARE, SOUND_SHARE, STEP_WEIGHTS
from scoring.review.review import Judged, Review
from scoring.review.review import to_plain as to_plain_decision
from sim.case.model.scenario import Scenario
from sim.engine.log import Log


@dataclass(frozen=True, slots=True)
class Assessment:
    """What an attempt shows, part by part."""

    band: str
    gate: str | None
    """Why the band is not higher, where a rule capped it."""
    caps: tuple[Cap, ...]
    """Every rule that was broken, the severest first."""
    share: float | None
    """Earned share of the pathway's credit; None if nothing was judged."""
    pathway: tuple[PathwayItem, ...]
    pitfalls: tuple[PitfallItem, ...]
    values: tuple[ValuedOrder, ...]
    thoroughness: float | None
    efficiency: float | None
    blood: Blood
    diagnosis: DiagnosisReport
    review: Review | None = None
    """What each decision cost, if that was worked out. It moves no band."""

    @property
    def decisions(self) -> tuple[Judged, ...]:
        """The decisions of the review; none without it."""
        return () if self.review is None else self.review.decisions


def assess(scenario: Scenario, log: Log, review: Review | None = None) -> Assessment:
    """Return the assessment of a log, which may be unfinished: it is then judged as if the case ended there.

    After handing over the team acts: nothing of that is judged. `review` must be that of the same attempt; it is added
    as it is.
    """
    early, log = too_early(scenario, log), own_part(log)
    pathway, pitfalls = judge_pathway(scenario, log), find_pitfalls(scenario, log)
    matched = {item.event for item in pathway if item.event is not None}
    values = value_orders(scenario, log, matched)
    effort = efficiency(scenario, log, matched, values)
    caps = find_caps(scenario, pathway, pitfalls, values, effort, early)
    share = _share(pathway)
    band, gate = _band(share, caps)
    return Assessment(
        band=band,
        gate=gate,
        caps=caps,
        share=share,
        pathway=pathway,
        pitfalls=pitfalls,
        values=values,
        thoroughness=thoroughness(scenario, pathway),
        efficiency=effort,
        blood=blood_drawn(scenario, log),
        diagnosis=judge_diagnosis(scenario, log),
        review=review,
    )


def _share(pathway: Sequence[PathwayItem]) -> float | None:
    total = sum(STEP_WEIGHTS[item.weight] for item in pathway if item.judged)
    return sum(item.points for item in pathway) / total if total else None


def _band(share: float | None, caps: Sequence[Cap]) -> tuple[str, str | None]:
    """The band the share reaches, lowered to the severest cap, whose reason is the gate if it decided."""
    reached = "developing"
    if share is not None and share >= SOUND_SHARE:
        reached = "exemplary" if share >= EXEMPLARY_SHARE else "sound"
    if caps and BANDS.index(caps[0].band) <= BANDS.index(reached):
        return caps[0].band, caps[0].reason
    return reached, None


def to_plain(assessment: Assessment) -> dict[str, object]:
    """Return the assessment as JSON-ready data, numbers rounded so that the same attempt gives the same bytes."""
    return {
        "band": assessment.band,
        "gate": assessment.gate,
        "pathway": [
            {"step": i.step, "weight": i.weight, "verdict": i.verdict, "at": i.at, "event": i.event}
            for i in assessment.pathway
        ],
        "pitfalls": [{"id": item.id, "at": item.at, "event": item.event} for item in assessment.pitfalls],
        "thoroughness": _rounded(assessment.thoroughness),
        "efficiency": _rounded(assessment.efficiency),
        "diagnosis": _plain_diagnosis(assessment.diagnosis),
        "decisions": [to_plain_decision(judged) for judged in assessment.decisions],
    }


def _plain_diagnosis(report: DiagnosisReport) -> dict[str, object]:
    return {
        "final": _rounded(report.final),
        "trend": report.trend,
        "missing": list(report.missing),
        "statements": [{"at": s.at, "event": s.event, "brier": _rounded(s.brier)} for s in report.statements],
        "checkpoints": [
            {
                "number": item.number,
                "at": item.at,
                "event": None if item.statement is None else item.statement.event,
                "brier": None if item.statement is None else _rounded(item.statement.brier),
                "expert": _rounded(item.expert_brier),
            }
            for item in report.checkpoints
        ],
    }


def _rounded(value: float | None) -> float | None:
    # Adding 0.0 turns a negative zero into a plain one.
    return None if value is None else round(value, DECIMALS) + 0.0
