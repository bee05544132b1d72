"""The gate: the rules that cap the band by themselves, whatever else was done well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scoring.assess.order_values import ValuedOrder
from scoring.assess.pathway import PathwayItem
from scoring.assess.pitfalls import PitfallItem
from scoring.parameters import BANDS, EFFICIENCY_FLOOR, JUDGED_SHARE, STEP_WEIGHTS
from sim.case.model.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Cap:
    """A rule that was broken: the best band it leaves, and why, in a sentence."""

    rule: str
    band: str
    ids: tuple[str, ...]
    """What broke it: pitfalls, steps or orders."""
    reason: str


def find_caps(
    scenario: Scenario,
    pathway: Sequence[PathwayItem],
    pitfalls: Sequence[PitfallItem],
    values: Sequence[ValuedOrder],
    efficiency: float | None,
    early: str | None = None,
) -> tuple[Cap, ...]:
    """Return every rule that was broken, the severest first. `early`: why it was handed over too early, if it was."""
    caps = (*_from_pitfalls(scenario, pitfalls), *_from_orders(scenario, values), *_from_steps(scenario, pathway),
            *_from_effort(efficiency), *_from_extent(pathway), *_from_handover(early))  # fmt: skip
    return tuple(sorted(caps, key=lambda cap: BANDS.index(cap.band)))


def _from_pitfalls(scenario: Scenario, pitfalls: Sequence[PitfallItem]) -> Iterable[Cap]:
    titles = {pitfall.id: pitfall.title for pitfall in scenario.case.pitfalls}
    critical = [item.id for item in pitfalls if item.severity == "critical"]
    major = [item.id for item in pitfalls if item.severity == "major"]
    yield from _cap("critical_pitfall", "unsafe", critical, titles, "A critical mistake was made")
    yield from _cap("major_pitfall", "sound", major, titles, "A major mistake was made")


def _from_orders(scenario: Scenario, values: Sequence[ValuedOrder]) -> Iterable[Cap]:
    names = {order.id: order.name for order in scenario.catalogue.orders.values()}
    harmful = [item for item in values if item.value == "harmful"]
    worst = [item.order for item in harmful if item.critical]
    others = [item.order for item in harmful if not item.critical]
    yield from _cap("critical_harm", "unsafe", worst, names, "A critical harm was done")
    yield from _cap("harm", "sound", others, names, "A harmful order was given")


def _from_steps(scenario: Scenario, pathway: Sequence[PathwayItem]) -> Iterable[Cap]:
    steps = {step.id: step for step in scenario.case.pathway}
    titles = {step.id: step.title for step in scenario.case.pathway}
    musts = [item for item in pathway if item.weight == "must"]
    missed = [item.step for item in musts if item.verdict == "missed"]
    critical, others = [s for s in missed if steps[s].critical], [s for s in missed if not steps[s].critical]
    late = [item.step for item in musts if item.verdict == "late"]
    disordered = [item.step for item in musts if item.verdict == "out_of_order"]
    yield from _cap("critical_must_missed", "developing", critical, titles, "A critical step was missed")
    yield from _cap("must_missed", "developing", others, titles, "A must was missed")
    yield from _cap("must_late", "sound", late, titles, "A must was late")
    yield from _cap("must_out_of_order", "sound", disordered, titles, "A must was done out of order")


def _from_effort(efficiency: float | None) -> Iterable[Cap]:
    if efficiency is not None and efficiency < EFFICIENCY_FLOOR:
        reason = (
            f"Most of what was ordered did not bear on this patient: {efficiency:.0%} of the effort did, "
            f"and at least {EFFICIENCY_FLOOR:.0%} is expected."
        )
        yield Cap("scattered", "developing", (), reason)


def _from_extent(pathway: Sequence[PathwayItem]) -> Iterable[Cap]:
    due = sum(STEP_WEIGHTS[item.weight] for item in pathway if item.due is not None)
    judged = sum(STEP_WEIGHTS[item.weight] for item in pathway if item.judged)
    if judged < JUDGED_SHARE * due:
        reason = "The case ended before most of what was due had been done or missed: too little was seen to judge."
        yield Cap("too_little", "developing", (), reason)


def _from_handover(early: str | None) -> Iterable[Cap]:
    if early is not None:
        yield Cap("handed_over_early", "developing", (), early)


def _cap(rule: str, band: str, ids: Sequence[str], titles: dict[str, str], what: str) -> Iterable[Cap]:
    if ids:
        once = tuple(dict.fromkeys(ids))
        yield Cap(rule, band, once, f"{what}: {_listed([titles[i] for i in once])}.")


def _listed(names: Sequence[str]) -> str:
    """The first three names, and how many more."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return "; ".join(names[:3]) + more
