"""The debrief as data: what was done, what was missed, what it cost, what was going on, and what that rests on.

`debrief` builds it; `to_text` (from `scoring.prose`) prints it as lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import inf

from scoring.account import (
    Assumption,
    Course,
    Debrief,
    Extra,
    Mistake,
    Opinion,
    Passage,
    Phase,
    Reference,
    StepRow,
)
from scoring.assessment import Assessment
from scoring.diagnosis import CheckpointItem
from scoring.moments import end_of
from scoring.opinions import came, named, named_whole
from scoring.pathway import PathwayItem
from scoring.pitfalls import prices
from scoring.prompts import prompts
from scoring.prose import to_text
from scoring.sentences import diagnosis_sentences, discussion, ended_sentence, gathering_sentences, verdict_sentences
from scoring.worth import decision_row, review_sentences
from sim.case.model import Library, Sourced, Step
from sim.case.quantities import spell
from sim.engine.knowledge import Knowledge
from sim.engine.log import CaseEnded, Log, OrderPlaced, StateEntered, TherapyStopped

__all__ = ["Debrief", "debrief", "to_text"]

GRADES = {
    "P": "published about IPEX",
    "G": "published about children or a related disease",
    "S": "from a teaching document only, not checked against a publication",
    "A": "assumed",
}
"""What a grade of evidence means, spelled out."""


def debrief(library: Library, log: Log, assessment: Assessment) -> Debrief:
    """Return the debrief of an attempt. `assessment` must be that of the same library and log."""
    mistakes = _mistakes(library, log, assessment)
    used = _used(library, assessment)
    end = log[-1] if log and isinstance(log[-1], CaseEnded) else None
    ending = next((e for e in library.case.endings if end is not None and e.id == end.ending), None)
    account = Debrief(
        title=library.case.title,
        band=assessment.band,
        verdict=verdict_sentences(assessment),
        ended_at=end_of(log),
        ended=ended_sentence(library, log),
        ending="" if ending is None else f"{ending.title}. {ending.text}",
        sequelae=_sequelae(library, log) if end is not None else (),
        phases=_phases(library, log, assessment),
        mistakes=mistakes,
        extras=_extras(library, assessment),
        opinions=tuple(_opinion(library, log, item) for item in assessment.diagnosis.checkpoints),
        diagnosis=diagnosis_sentences(library, assessment.diagnosis),
        thoroughness=assessment.thoroughness,
        efficiency=assessment.efficiency,
        blood=assessment.blood,
        gathering=gathering_sentences(assessment),
        course=_course(library, log),
        teaching=library.case.teaching,
        references=_references(library, used),
        assumptions=_assumptions(library, used, mistakes),
        discussion=discussion(library),
        review=() if assessment.review is None else review_sentences(assessment.review),
        decisions=tuple(decision_row(library, judged) for judged in assessment.decisions),
    )
    return replace(account, prompts=prompts(library, log, assessment, account))


def _sequelae(library: Library, log: Log) -> tuple[str, ...]:
    facts = Knowledge(library)
    for event in log:
        facts.take(event)
    at = end_of(log)
    return tuple(s.text for s in library.case.sequelae if facts.holds(s.when, at, truth=True))


# --- pathway ------------------------------------------------------------------------------------------------


def _phases(library: Library, log: Log, assessment: Assessment) -> tuple[Phase, ...]:
    items = {item.step: item for item in assessment.pathway}
    phases: dict[str, list[StepRow]] = {}
    for step in library.case.pathway:
        phases.setdefault(step.phase, []).append(_row(library, log, step, items))
    return tuple(sorted((Phase(name, tuple(rows)) for name, rows in phases.items()), key=_opens))


def _opens(phase: Phase) -> float:
    """When the first step of a phase could be done; a phase of which nothing fell due comes last."""
    return min((row.window[0] for row in phase.rows if row.window is not None), default=inf)


def _row(library: Library, log: Log, step: Step, items: dict[str, PathwayItem]) -> StepRow:
    item = items[step.id]
    window = None if item.due is None else (item.due + step.not_before, item.due + step.within)
    return StepRow(step.id, step.title, step.weight, item.verdict, item.at, item.event, window,
                   _note(library, log, step, items), step.because, step.evidence, step.assumed)  # fmt: skip


def _note(library: Library, log: Log, step: Step, items: dict[str, PathwayItem]) -> str:
    item = items[step.id]
    if item.verdict == "not_needed":
        if item.due is None:
            return "it never fell due"
        if item.until is not None:
            return f"the need had passed by {spell(item.until)}"
        return "the case ended while its window was open"
    if item.verdict == "out_of_order":
        later = [s.title for s in _before(library, step) if (items[s.id].at or -1) > (item.at or 0)]
        return f"done before: {'; '.join(later)}" if later else "done against the order of the other steps"
    if item.verdict == "missed":
        return _attempted(log, step, item)
    return "it had been done before it fell due" if item.at is not None and item.at < (item.due or 0) else ""


def _before(library: Library, step: Step) -> list[Step]:
    """Every step that comes before one, directly or through others, in file order."""
    steps = {s.id: s for s in library.case.pathway}
    found: set[str] = set()
    edge = list(step.after)
    while edge:
        name = edge.pop()
        if name not in found:
            found.add(name)
            edge.extend(steps[name].after)
    return [s for s in library.case.pathway if s.id in found]


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
        return f"first done at {spell(after[0])}, more than twice its window after it fell due, which counts as missed"
    return "done only before it was due, or counted for another step" if times else "never done"


# --- mistakes, extras, opinions -----------------------------------------------------------------------------


def _mistakes(library: Library, log: Log, assessment: Assessment) -> tuple[Mistake, ...]:
    pitfalls = {pitfall.id: pitfall for pitfall in library.case.pitfalls}
    return tuple(
        Mistake(item.id, p.title, item.severity, item.at, item.event, p.because, prices(library, log, p, item),
                p.evidence, p.assumed)
        for item in assessment.pitfalls
        for p in (pitfalls[item.id],)
    )  # fmt: skip


def _extras(library: Library, assessment: Assessment) -> tuple[Extra, ...]:
    """Orders outside the pathway, the harmful first; the same order for the same reason is told once."""
    groups: dict[tuple[str, str, bool, str, int | None], list[tuple[int, int]]] = {}
    for v in assessment.values:
        groups.setdefault((v.order, v.value, v.critical, v.because, v.rule), []).append((v.at, v.event))
    extras = [
        Extra(order, library.catalogue.orders[order].name, value, critical, because, tuple(at for at, _ in told),
              tuple(event for _, event in told), () if rule is None else library.case.values[rule].evidence)
        for (order, value, critical, because, rule), told in groups.items()
    ]  # fmt: skip
    rank = ("harmful", "wasteful", "useful", "neutral")
    return tuple(sorted(extras, key=lambda extra: (not extra.critical, rank.index(extra.value))))


def _opinion(library: Library, log: Log, item: CheckpointItem) -> Opinion:
    stated = item.statement
    return Opinion(
        at=item.at,
        event=None if stated is None else stated.event,
        own=None if stated is None else named_whole(library, stated.probabilities),
        expert=named(library, item.expert),
        brier=None if stated is None else stated.brier,
        expert_brier=item.expert_brier,
        agreement=item.agreement,
        moved=() if stated is None else named(library, stated.moved),
        came=() if stated is None else tuple(text for _, text in came(library, log, stated.between)),
        because=library.case.checkpoints[item.number].because,
    )


# --- what was going on, and what it rests on ----------------------------------------------------------------


def _course(library: Library, log: Log) -> tuple[Course, ...]:
    passages: dict[str, list[Passage]] = {region: [] for region in library.disease.regions}
    for event in log:
        if isinstance(event, StateEntered):
            name = library.disease.regions[event.region].states[event.state].name
            passages[event.region].append(Passage(event.at, name, event.transition))
    regions = library.disease.regions
    return tuple(Course(region, regions[region].name, tuple(told)) for region, told in passages.items() if told)


def _used(library: Library, assessment: Assessment) -> list[tuple[str, Sourced]]:
    """Everything sourced that the debrief speaks of, with what it is called."""
    judged = {item.step for item in assessment.pathway if item.judged}
    fallen = {item.id for item in assessment.pitfalls}
    rules = {v.rule for v in assessment.values}
    used: list[tuple[str, Sourced]] = [(s.title, s) for s in library.case.pathway if s.id in judged]
    used += [(p.title, p) for p in library.case.pitfalls if p.id in fallen]
    used += [(_value_title(library, r.order), r) for n, r in enumerate(library.case.values) if n in rules]
    return used


def _value_title(library: Library, orders: tuple[str, ...]) -> str:
    return ", ".join(library.catalogue.orders[order].name for order in orders)


def _references(library: Library, used: Iterable[tuple[str, Sourced]]) -> tuple[Reference, ...]:
    ids = dict.fromkeys(name for _, part in used for name in part.evidence)
    entries = [library.evidence[name] for name in ids if name in library.evidence]
    return tuple(
        Reference(e.id, e.statement, GRADES[e.grade],
                  tuple(library.sources[s].citation if s in library.sources else s for s in e.sources))
        for e in entries
    )  # fmt: skip


def _assumptions(
    library: Library, used: Iterable[tuple[str, Sourced]], mistakes: Iterable[Mistake]
) -> tuple[Assumption, ...]:
    """What was assumed in the rules that were applied, and in the transitions a mistake set off; each reason once."""
    told: dict[str, dict[str, None]] = {}
    for title, part in used:
        if part.assumed is not None:
            told.setdefault(part.assumed, {})[title] = None
    for mistake in mistakes:
        for price in mistake.prices:
            region, _, name = price.transition.partition(".")
            transition = next(t for t in library.disease.regions[region].transitions if t.id == name)
            if transition.assumed is not None:
                where = f"{library.disease.regions[region].name}, {price.state}"
                told.setdefault(transition.assumed, {})[where] = None
    return tuple(Assumption("; ".join(where), reason) for reason, where in told.items())
