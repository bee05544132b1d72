"""Does the pathway pay? It reaches the top band, no step of it harms, and no treatment is worse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scoring.assess.assessment import Assessment
from scoring.parameters import BANDS, LATE_FACTOR
from sim.authoring.prove.bench import Bench, Played
from sim.authoring.prove.statistics import Difference, mean_of, paired
from sim.authoring.prove.verdict import PropertyResult, Witness
from sim.case.model.pathway import Step
from sim.engine.kernel import NOTHING, PATHWAY, Plan

TOP: Final = "pathway_reaches_top_band"
STEPS: Final = "no_step_harms"
UNTREATED: Final = "untreated_worsens"

MATTERS: Final = 0.005
"""A gain in mean utility smaller than this is called equal: asking a question takes minutes, and minutes cost a
little, which is no reason not to ask."""

LOOKS: Final = (1, 4, 16)
"""A step is called harmful if leaving it helps beyond its error in each of three looks, every one at fresh patients
and so many times the first. One look at hundreds of steps would find a few by luck alone."""

TOO_EARLY: Final = frozenset({"too_little"})
"""What may cap the band of a patient who died before most of what was due could be done."""


# --- the top band -----------------------------------------------------------------------------------------------


def prove_top(bench: Bench) -> list[PropertyResult]:
    """Return whether the pathway reaches the top band in every seed and falls into no pitfall.

    A patient who dies before most of what was due could be done or missed is excused from the band, for then no
    treatment could be seen; from the pitfalls nobody is.
    """
    case, early = bench.scenario.case.id, 0
    for seed in bench.seeds:
        bench.report_progress(f"the pathway, patient {seed}")
        played, assessment = bench.pathway(seed), bench.assessed(seed)
        if assessment.pitfalls:
            named = ", ".join(item.id for item in assessment.pitfalls)
            what = f"The pathway itself falls into a pitfall in patient {seed}: {named}."
            return [PropertyResult(case, TOP, Witness(f"pitfall:{assessment.pitfalls[0].id}", what, played.run()))]
        excused = _died_early(played, assessment)
        early += excused
        if assessment.band != BANDS[-1] and not excused:
            what = f"The pathway is only {assessment.band} in patient {seed}: {assessment.gate or _lost(assessment)}"
            return [PropertyResult(case, TOP, Witness(_broken(assessment), what, played.run()))]
    if early == bench.n:
        what = "No patient tried lives long enough to be treated."
        return [PropertyResult(case, TOP, Witness("pathway", what, bench.pathway(1).run()))]
    return [PropertyResult(case, TOP, note=f"{bench.n} patients, {early} of them dead before they could be treated")]


def _died_early(played: Played, assessment: Assessment) -> bool:
    caps = {cap.rule for cap in assessment.caps}
    return played.end.why == "outcome" and bool(caps) and caps <= TOO_EARLY


def _broken(assessment: Assessment) -> str:
    steps = [item.step for item in assessment.pathway if item.verdict not in ("in_time", "not_needed")]
    return f"step:{steps[0]}" if steps else "pathway"


def _lost(assessment: Assessment) -> str:
    lost = [f"{i.step} ({i.verdict})" for i in assessment.pathway if i.verdict not in ("in_time", "not_needed")]
    return f"credit was lost at {', '.join(lost)}."


# --- no step harms ----------------------------------------------------------------------------------------------


def prove_steps(bench: Bench) -> list[PropertyResult]:
    """Return every step that can be dropped, or delayed to twice its window, to the patients' benefit."""
    case, first = bench.scenario.case, range(1, bench.cohort + 1)
    base = bench.utilities(PATHWAY, first)
    suspects: list[tuple[Step, str, Plan]] = []
    for number, step in enumerate(case.pathway, 1):
        bench.report_progress(f"step {number} of {len(case.pathway)}: without {step.id}")
        for how, plan in _changes(step):
            if _helps(paired(bench.utilities(plan, first), base)):
                suspects.append((step, how, plan))
    failures = [found for suspect in suspects if (found := _convicted(bench, *suspect)) is not None]
    note = f"{2 * len(case.pathway)} changes of {len(case.pathway)} steps, {len(first)} patients each"
    return failures or [PropertyResult(case.id, STEPS, note=note)]


def _changes(step: Step) -> tuple[tuple[str, Plan], ...]:
    later = LATE_FACTOR * step.within
    return (("dropped", Plan(skip=frozenset({step.id}))), ("delayed", Plan(delay={step.id: later})))


def _helps(gain: Difference) -> bool:
    return gain.is_rise and gain.mean >= MATTERS


def _convicted(bench: Bench, step: Step, how: str, plan: Plan) -> PropertyResult | None:
    """Look again at fresh patients, twice; a finding if it helps each time."""
    start = bench.cohort + 1
    gain = Difference(0.0, 0.0, 0)
    for size in LOOKS[1:]:
        seeds = range(start, start + size * bench.cohort)
        start = seeds.stop
        bench.report_progress(f"looking again at {step.id}, {how}: {len(seeds)} patients")
        gain = paired(bench.utilities(plan, seeds), bench.utilities(PATHWAY, seeds))
        if not _helps(gain):
            return None
    seed = _most_helped(bench, plan, seeds)
    run, usual = bench.play(seed, plan.policy()), bench.pathway(seed)
    what = (
        f"Patients do better when {step.id} is {how}: {gain}. Patient {seed} comes out at {run.utility:g} "
        f"instead of {usual.utility:g}."
    )
    return PropertyResult(bench.scenario.case.id, STEPS, Witness(f"step:{step.id}", what, run.run()))


def _most_helped(bench: Bench, plan: Plan, seeds: Sequence[int]) -> int:
    gains = zip(bench.utilities(plan, seeds), bench.utilities(PATHWAY, seeds), seeds, strict=True)
    return max(gains, key=lambda item: (item[0] - item[1], -item[2]))[2]


# --- untreated --------------------------------------------------------------------------------------------------


def prove_untreated(bench: Bench) -> list[PropertyResult]:
    """Return whether patients fare worse without treatment, and nobody recovers untreated.

    An untreated patient recovers if the utility is at least the mean of treated patients.
    """
    case, seeds = bench.scenario.case, range(1, bench.cohort + 1)
    bench.report_progress(f"untreated, {len(seeds)} patients")
    treated, untreated = bench.utilities(PATHWAY, seeds), bench.utilities(NOTHING, seeds)
    usual, gain = mean_of(treated).mean, paired(treated, untreated)
    best = max(range(len(seeds)), key=lambda i: (untreated[i], -i))
    if untreated[best] >= usual:
        what = f"Patient {seeds[best]} recovers untreated: {untreated[best]:g}, where the treated average {usual:.3f}."
    elif not gain.is_rise:
        what = f"Treatment makes no difference beyond chance: {gain}."
    else:
        return [
            PropertyResult(case.id, UNTREATED, note=f"treated patients gain {gain}; best untreated {untreated[best]:g}")
        ]
    run = bench.play(seeds[best], NOTHING.policy()).run()
    return [PropertyResult(case.id, UNTREATED, Witness("policy:none", what, run))]
