"""The debrief as items to read: one function for each part, from the scoring's data to rows that open."""

from __future__ import annotations

from collections.abc import Sequence

from scoring.debrief.model import Debrief, Extra, Mistake, Opinion, StepRow
from scoring.debrief.sentences import consequences, neutral, no_pitfalls, section_sentences
from sim.case.quantities import duration
from sim.tui.widgets.outline import Item
from sim.words.differential import moved, shares
from sim.words.format import TEACHING_ONLY, as_sentence, capital, clock, listed
from sim.words.verdicts import SEVERITIES, VERDICTS, WORTHS

Detail = tuple[tuple[str, str], ...]

VERDICT_LOOKS = {
    "in_time": ("✓", "good"),
    "late": ("~", "low"),
    "out_of_order": ("≠", "low"),
    "missed": ("✗", "critical"),
    "not_needed": ("·", "muted"),
}
"""Verdict to its sign and its role."""

_BAR = 48
"""Cells of the line on which a step's window and its moment are drawn."""

SEVERITY_ROLES = {"critical": "critical", "major": "high", "minor": "low"}
WORTH_LOOKS = {"harmful": ("✗", "critical"), "wasteful": ("~", "low"), "useful": ("✓", "good")}
"""Worth to its sign and its role; what is neutral is only named."""

DECISIONS = "Decisions"
"""The name of the part that fills when the review is ready."""


Thought = tuple[str, str]
"""The patient in one sentence, and the problem list, as the learner wrote them."""


def pages(
    debrief: Debrief, judged: tuple[Item, ...], thought: Thought = ("", "")
) -> tuple[tuple[str, tuple[Item, ...]], ...]:
    """Return the parts of the debrief that have something to say, each with its short name; `judged`: the decisions,
    `thought`: what the learner wrote."""
    parts = (
        ("Band", band(debrief)),
        (DECISIONS, judged),
        ("Pathway", pathway(debrief)),
        ("Pitfalls", pitfalls(debrief)),
        ("Orders", orders(debrief)),
        ("Diagnosis", (*diagnosis(debrief), *own_words(*thought))),
        ("Course", course(debrief)),
        ("Lessons", (*lessons(debrief), *sources(debrief))),
        ("About", about(debrief)),
    )
    return tuple(part for part in parts if part[1])


def band(debrief: Debrief) -> tuple[Item, ...]:
    """The band and why, how it ended, what stays behind."""
    items = [Item(debrief.band.capitalize(), heading=True)]
    items += [Item(sentence) for sentence in debrief.verdict]
    items.append(Item(debrief.reviewed))
    items += [Item("How it ended", heading=True), Item(debrief.ended)]
    items += [Item(text) for text in (debrief.ending, *debrief.sequelae) if text]
    items += [Item("Gathering data", heading=True), *(Item(s) for s in debrief.gathering)] if debrief.gathering else []
    return tuple(items)


def cited(debrief: Debrief, evidence: Sequence[str], assumed: str | None) -> Detail:
    """Return the evidence with its grade, or what was assumed and why."""
    known = {reference.id: reference for reference in debrief.references}
    lines = []
    for id in evidence:
        if (reference := known.get(id)) is not None:
            lines.append((f"[{id}] {reference.statement} ({reference.grade})", "muted"))
        else:
            lines.append((f"[{id}]", "muted"))
    if not evidence and assumed is not None:
        lines.append((f"Assumed: {assumed}", "muted"))
    return tuple(lines)


def pathway(debrief: Debrief) -> tuple[Item, ...]:
    """Every step by phase, with its verdict, its window and its reason."""
    items: list[Item] = []
    for phase in debrief.phases:
        items.append(Item(phase.name, heading=True))
        items += [_step(debrief, row) for row in phase.rows]
    return tuple(items)


def _step(debrief: Debrief, row: StepRow) -> Item:
    sign, role = VERDICT_LOOKS[row.verdict]
    when = clock(row.at) if row.at is not None else ""
    detail: list[tuple[str, str]] = []
    if row.window is not None:
        detail.append((bar(row.window, row.at), role))
        detail.append((f"Window: {clock(row.window[0])} to {clock(row.window[1])}. {as_sentence(row.note)}", ""))
    elif row.note:
        detail.append((as_sentence(row.note), ""))
    detail.append((row.because, ""))
    mark = f"{f'{sign} {VERDICTS[row.verdict]}':<15} {when:<13} "
    return Item(f"{row.title} ({row.weight})", mark, role, (*detail, *cited(debrief, row.evidence, row.assumed)))


def bar(window: tuple[int, int], at: int | None) -> str:
    """Return a step's window on a line of time and, as a dot, when it was done; the line spans both."""
    moments: tuple[int, ...] = window if at is None else (*window, at)
    first, last = min(moments), max(moments)

    def cell(minute: int) -> int:
        return (minute - first) * (_BAR - 1) // max(1, last - first)

    cells = ["─"] * _BAR
    cells[cell(window[0]) : cell(window[1]) + 1] = ["█"] * (cell(window[1]) - cell(window[0]) + 1)
    if at is not None:
        cells[cell(at)] = "●"
    return "".join(cells)


def pitfalls(debrief: Debrief) -> tuple[Item, ...]:
    """Every pitfall that was fallen into, and what it led to."""
    if not debrief.mistakes:
        return (Item(no_pitfalls(debrief.phases)),)
    return tuple(_mistake(debrief, mistake) for mistake in debrief.mistakes)


def _mistake(debrief: Debrief, mistake: Mistake) -> Item:
    after = [(c.sentence(clock), "high" if c.fired is not None else "") for c in consequences(mistake.prices)]
    detail = ((mistake.because, ""), *after, *cited(debrief, mistake.evidence, mistake.assumed))
    mark = f"{'✗ ' + SEVERITIES[mistake.severity]:<11} {clock(mistake.at):<13} "
    return Item(mistake.title, mark, SEVERITY_ROLES[mistake.severity], detail)


def orders(debrief: Debrief) -> tuple[Item, ...]:
    """Orders outside the pathway: what each was worth in the state it was given in."""
    told = [_extra(debrief, extra) for extra in debrief.extras if extra.value != "neutral"]
    if idle := neutral(debrief.extras):
        told.append(Item(idle))
    return tuple(told)


def _extra(debrief: Debrief, extra: Extra) -> Item:
    sign, role = WORTH_LOOKS[extra.value]
    times = listed(map(clock, extra.times), ", ", 4)
    count = f" x{len(extra.times)}" if len(extra.times) > 1 else ""
    detail = ((f"{times}. {extra.because}", ""), *cited(debrief, extra.evidence, None))
    return Item(f"{extra.name}{count}", f"{f'{sign} {WORTHS[extra.value]}':<11} ", role, detail)


def diagnosis(debrief: Debrief) -> tuple[Item, ...]:
    """The differentials against the expert's, and the sentences about them."""
    items = [Item(sentence) for sentence in debrief.diagnosis]
    items += [_opinion(opinion) for opinion in debrief.opinions]
    return tuple(items)


def own_words(sentence: str, problems: str) -> tuple[Item, ...]:
    """What the learner wrote down: the patient in one sentence, and the problem list."""
    listed_ = [line.strip() for line in problems.splitlines() if line.strip()]
    said = (Item("You in one sentence", heading=True), Item(sentence.strip())) if sentence.strip() else ()
    return (
        *said,
        *((Item("Your problem list", heading=True), *(Item(line, "- ") for line in listed_)) if listed_ else ()),
    )


def _opinion(opinion: Opinion) -> Item:
    own = shares(opinion.own) if opinion.own is not None else "no differential stated"
    score = "" if opinion.brier is None else f"Brier {opinion.brier:.2f}, the expert's {opinion.expert_brier:.2f}"
    detail = [(f"Expert: {shares(opinion.expert)}. {opinion.because}", "")]
    if opinion.moved:
        detail.append((f"{capital(moved(opinion.moved, opinion.came))}.", ""))
    if score:
        detail.append((f"{score} (0 is best, 2 is worst).", "muted"))
    return Item(f"You: {own}", f"{clock(opinion.at):<13} ", "muted", tuple(detail))


def course(debrief: Debrief) -> tuple[Item, ...]:
    """What was truly going on, region by region."""
    items = []
    for part in debrief.course:
        states = " → ".join(passage.state for passage in part.passages)
        detail = tuple((f"{clock(p.at):<13}  {p.state}{_stayed(part.passages, i, debrief.ended_at)}", "")
                       for i, p in enumerate(part.passages))  # fmt: skip
        items.append(Item(states, f"{part.name}: ", "heading", detail if len(part.passages) > 1 else ()))
    return tuple(items)


def _stayed(passages: Sequence[object], i: int, end: int) -> str:
    moments = [*(getattr(p, "at", 0) for p in passages), end]
    return f" ({duration(moments[i + 1] - moments[i])})"


def lessons(debrief: Debrief) -> tuple[Item, ...]:
    """What to take along."""
    return tuple(Item(text, "- ") for text in debrief.teaching)


def about(debrief: Debrief) -> tuple[Item, ...]:
    """What is told about the disease, and where its texts and the literature differ; nothing where nothing is told."""
    items = [Item(debrief.disease, heading=True)] if debrief.about else []
    for section in debrief.about:
        *before, last = section_sentences(section)
        items.append(Item(section.title, heading=True))
        items += [Item(sentence) for sentence in before]
        items.append(Item(last, detail=cited(debrief, section.evidence, section.assumed)))
    return tuple(items)


def sources(debrief: Debrief) -> tuple[Item, ...]:
    """The evidence the debrief leans on, what was assumed, and how sure the disease's numbers are."""
    items: list[Item] = []
    if debrief.references:
        items.append(Item("Evidence", heading=True))
    for reference in debrief.references:
        detail = tuple((citation, "muted") for citation in reference.citations)
        items.append(Item(f"{reference.statement} ({reference.grade})", f"[{reference.id}] ", "muted", detail))
    if debrief.assumptions:
        items.append(Item("Assumed", heading=True))
    items += [Item(f"{a.where}: {a.reason}", "- ") for a in debrief.assumptions]
    items += [Item("What this rests on", heading=True), Item(debrief.discussion)]
    items.append(Item(TEACHING_ONLY))
    return tuple(items)
