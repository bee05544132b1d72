"""The debrief as data: what was done, what was missed, what it cost, what was going on, and what that rests on.

`debrief` builds it; `sim.report.text` prints it as lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import inf

from scoring.assess.assessment import Assessment
from scoring.assess.diagnosis import CheckpointItem
from scoring.assess.handover import own_part
from scoring.assess.pathway import PathwayItem
from scoring.assess.pitfalls import prices
from scoring.assess.timeline import end_of
from scoring.debrief.decision_text import decision_row, review_sentences
from scoring.debrief.differential import came, named, named_whole
from scoring.debrief.model import (
    Assumption,
    Course,
    Debrief,
    Extra,
    Mistake,
    Opinion,
    Passage,
    Phase,
    Reference,
    Section,
    StepRow,
)
from scoring.debrief.sentences import (
    diagnosis_sentences,
    discussion,
    ended_sentence,
    gathering_sentences,
    verdict_sentences,
)
from scoring.debrief.teacher_prompts import prompts
from sim.case.model.parts import Sourced
from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.case.quantities import duration
from sim.engine.knowledge import Knowledge
from sim.engine.log import (
    CaseEnded,
    DoneBefore,
    Log,
    OrderPlaced,
    OrderRefused,
    StateEntered,
    TherapyStarted,
    TherapyStopped,
)
from sim.words.format import at_moment, review_note

GRADES = {
    "P": "published about this disease",
    "G": "published about children or a related disease",
    "S": "from a teaching document only, not checked against a publication",
    "A": "assumed",
}
"""What a grade of evidence means, spelled out."""


def debrief(scenario: Scenario, log: Log, assessment: Assessment) -> Debrief:
    """Return the debrief of an attempt. `assessment` must be that of the same scenario and log."""
    own = own_part(log)
    mistakes = _mistakes(scenario, own, assessment)
    used = _used(scenario, assessment)
    told = [*used, *((section.title, section) for section in scenario.disease.about)]
    end = log[-1] if log and isinstance(log[-1], CaseEnded) else None
    ending = next((e for e in scenario.case.endings if end is not None and e.id == end.ending), None)
    account = Debrief(
        title=scenario.case.title,
        reviewed=review_note(scenario.case.reviewed),
        band=assessment.band,
        verdict=verdict_sentences(assessment),
        ended_at=end_of(log),
        ended=ended_sentence(scenario, log),
        ending="" if ending is None else f"{ending.title}. {ending.text}",
        sequelae=_sequelae(scenario, log) if end is not None else (),
        phases=_phases(scenario, own, assessment),
        mistakes=mistakes,
        extras=_extras(scenario, assessment),
        opinions=tuple(_opinion(scenario, own, item) for item in assessment.diagnosis.checkpoints),
        diagnosis=diagnosis_sentences(scenario, assessment.diagnosis),
        thoroughness=assessment.thoroughness,
        efficiency=assessment.efficiency,
        blood=assessment.blood,
        gathering=gathering_sentences(assessment),
        course=_course(scenario, log),
        teaching=scenario.case.teaching,
        references=_references(scenario, told),
        assumptions=_assumptions(scenario, told, mistakes),
        discussion=discussion(scenario),
        review=() if assessment.review is None else review_sentences(assessment.review),
        decisions=tuple(decision_row(scenario, judged, mistakes) for judged in assessment.decisions),
        disease=scenario.disease.name,
        about=tuple(
            Section(s.id, s.title, s.text, s.literature, s.evidence, s.assumed) for s in scenario.disease.about
        ),
    )
    return replace(account, prompts=prompts(scenario, log, assessment, account))


def _sequelae(scenario: Scenario, log: Log) -> tuple[str, ...]:
    facts = Knowledge(scenario)
    for event in log:
        facts.take(event)
    at = end_of(log)
    return tuple(s.text for s in scenario.case.sequelae if facts.holds(s.when, at, truth=True))


# --- pathway ------------------------------------------------------------------------------------------------


def _phases(scenario: Scenario, log: Log, assessment: Assessment) -> tuple[Phase, ...]:
    items = {item.step: item for item in assessment.pathway}
    phases: dict[str, list[StepRow]] = {}
    for step in scenario.case.pathway:
        phases.setdefault(step.phase, []).append(_row(scenario, log, step, items))
    return tuple(sorted((Phase(name, tuple(rows)) for name, rows in phases.items()), key=_opens))


def _opens(phase: Phase) -> float:
    """When the first step of a phase could be done; a phase of which nothing fell due comes last."""
    return min((row.window[0] for row in phase.rows if row.window is not None), default=inf)


def _row(scenario: Scenario, log: Log, step: Step, items: dict[str, PathwayItem]) -> StepRow:
    item = items[step.id]
    window = None if item.due is None else (item.due + step.not_before, item.due + step.within)
    return StepRow(step.id, step.title, step.weight, item.verdict, item.at, item.event, window,
                   _note(scenario, log, step, items), step.because, step.evidence, step.assumed,
                   _refused(log, step, item))  # fmt: skip


def _note(scenario: Scenario, log: Log, step: Step, items: dict[str, PathwayItem]) -> str:
    item = items[step.id]
    if item.verdict == "not_needed":
        if item.due is None and step.may_stand and set(step.do) & _done_before(log):
            return "done before admission, or never due"
        if item.due is None:
            return "it never fell due"
        if item.until is not None:
            return f"the need had passed by {duration(item.until)}"
        return "the case ended while its window was open"
    if item.verdict == "out_of_order":
        later = [s.title for s in _before(scenario, step) if (items[s.id].at or -1) > (item.at or 0)]
        return f"done before: {'; '.join(later)}" if later else "done against the order of the other steps"
    if item.verdict == "missed":
        return _attempted(log, step, item)
    return "it had been done before it fell due" if item.at is not None and item.at < (item.due or 0) else ""


def _done_before(log: Log) -> set[str]:
    """The orders that were carried out, or ran, before the opening."""
    started = {e.therapy for e in log if isinstance(e, TherapyStarted) and e.given}
    return started | {e.order for e in log if isinstance(e, DoneBefore)}


def _before(scenario: Scenario, step: Step) -> list[Step]:
    """Every step that comes before one, directly or through others, in file order."""
    steps = {s.id: s for s in scenario.case.pathway}
    found: set[str] = set()
    edge = list(step.after)
    while edge:
        name = edge.pop()
        if name not in found:
            found.add(name)
            edge.extend(steps[name].after)
    return [s for s in scenario.case.pathway if s.id in found]


def _attempted(log: Log, step: Step, item: PathwayItem) -> str:
    """When a missed step was done all the same, at a time that does not count."""
    times = [
        event.at
        for event in log
        if (isinstance(event, TherapyStopped) and step.stop and event.by == "learner" and event.therapy in step.do)
        or (isinstance(event, OrderPlaced) and not step.stop and event.order in step.do)
    ]
    due = item.due or 0
    after = [at for at in times if at > due + step.within]
    if after:
        told = (
            f"first done at {duration(after[0])}, more than twice its window after it fell due, which counts as missed"
        )
    else:
        told = "done only before it was due, or counted for another step" if times else "never done"
    return f"{told}; {refused}" if (refused := _refused(log, step, item)) else told


def _refused(log: Log, step: Step, item: PathwayItem) -> str:
    """When a missed step was asked for and the ward refused, and why: the first time, and how often more."""
    if item.verdict != "missed" or step.stop:
        return ""
    due = item.due or 0
    asked = [e for e in log if isinstance(e, OrderRefused) and e.order in step.do and e.at >= due]
    if not asked:
        return ""
    more = f" (and {len(asked) - 1} more time{'s' * (len(asked) > 2)})" if len(asked) > 1 else ""
    return f"it was asked for {at_moment(asked[0].at)} and refused{more}: {asked[0].reason.rstrip('.')}"


# --- mistakes, extras, opinions -----------------------------------------------------------------------------


def _mistakes(scenario: Scenario, log: Log, assessment: Assessment) -> tuple[Mistake, ...]:
    pitfalls = {pitfall.id: pitfall for pitfall in scenario.case.pitfalls}
    return tuple(
        Mistake(item.id, p.title, item.severity, item.at, item.event, p.because, prices(scenario, log, p, item),
                p.evidence, p.assumed)
        for item in assessment.pitfalls
        for p in (pitfalls[item.id],)
    )  # fmt: skip


def _extras(scenario: Scenario, assessment: Assessment) -> tuple[Extra, ...]:
    """Orders outside the pathway, the harmful first; the same order for the same reason is told once."""
    groups: dict[tuple[str, str, bool, str, int | None], list[tuple[int, int]]] = {}
    for v in assessment.values:
        groups.setdefault((v.order, v.value, v.critical, v.because, v.rule), []).append((v.at, v.event))
    extras = [
        Extra(order, scenario.catalogue.orders[order].name, value, critical, because, tuple(at for at, _ in times),
              tuple(event for _, event in times), () if rule is None else scenario.case.values[rule].evidence)
        for (order, value, critical, because, rule), times in groups.items()
    ]  # fmt: skip
    rank = ("harmful", "wasteful", "useful", "neutral")
    return tuple(sorted(extras, key=lambda extra: (not extra.critical, rank.index(extra.value))))


def _opinion(scenario: Scenario, log: Log, item: CheckpointItem) -> Opinion:
    stated = item.statement
    return Opinion(
        at=item.at,
        event=None if stated is None else stated.event,
        own=None if stated is None else named_whole(scenario, stated.probabilities),
        expert=named(scenario, item.expert),
        brier=None if stated is None else stated.brier,
        expert_brier=item.expert_brier,
        agreement=item.agreement,
        moved=() if stated is None else named(scenario, stated.moved),
        came=() if stated is None else tuple(text for _, text in came(scenario, log, stated.between)),
        because=scenario.case.checkpoints[item.number].because,
    )


# --- what was going on, and what it rests on ----------------------------------------------------------------


def _course(scenario: Scenario, log: Log) -> tuple[Course, ...]:
    passages: dict[str, list[Passage]] = {region: [] for region in scenario.disease.regions}
    for event in log:
        if isinstance(event, StateEntered):
            name = scenario.disease.regions[event.region].states[event.state].name
            passages[event.region].append(Passage(event.at, name, event.transition))
    regions = scenario.disease.regions
    return tuple(Course(region, regions[region].name, tuple(course)) for region, course in passages.items() if course)


def _used(scenario: Scenario, assessment: Assessment) -> list[tuple[str, Sourced]]:
    """Everything sourced that the debrief speaks of, with what it is called."""
    judged = {item.step for item in assessment.pathway if item.judged}
    fallen = {item.id for item in assessment.pitfalls}
    rules = {v.rule for v in assessment.values}
    used: list[tuple[str, Sourced]] = [(s.title, s) for s in scenario.case.pathway if s.id in judged]
    used += [(p.title, p) for p in scenario.case.pitfalls if p.id in fallen]
    used += [(_value_title(scenario, r.order), r) for n, r in enumerate(scenario.case.values) if n in rules]
    return used


def _value_title(scenario: Scenario, orders: tuple[str, ...]) -> str:
    return ", ".join(scenario.catalogue.orders[order].name for order in orders)


def _references(scenario: Scenario, used: Iterable[tuple[str, Sourced]]) -> tuple[Reference, ...]:
    ids = dict.fromkeys(name for _, part in used for name in part.evidence)
    entries = [scenario.evidence[name] for name in ids if name in scenario.evidence]
    return tuple(
        Reference(e.id, e.statement, GRADES[e.grade],
                  tuple(scenario.sources[s].citation if s in scenario.sources else s for s in e.sources))
        for e in entries
    )  # fmt: skip


def _assumptions(
    scenario: Scenario, used: Iterable[tuple[str, Sourced]], mistakes: Iterable[Mistake]
) -> tuple[Assumption, ...]:
    """What was assumed in the rules that were applied, and in the transitions a mistake set off; each reason once."""
    places: dict[str, dict[str, None]] = {}
    for title, part in used:
        if part.assumed is not None:
            places.setdefault(part.assumed, {})[title] = None
    for mistake in mistakes:
        for price in mistake.prices:
            region, _, name = price.transition.partition(".")
            transition = next(t for t in scenario.disease.regions[region].transitions if t.id == name)
            if transition.assumed is not None:
                where = f"{scenario.disease.regions[region].name}, {price.state}"
                places.setdefault(transition.assumed, {})[where] = None
    return tuple(Assumption("; ".join(where), reason) for reason, where in places.items())
