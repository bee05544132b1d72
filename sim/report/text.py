"""The debrief as lines of text, for plain mode and `scurfy debrief`. It reads at 80 columns and without colour.

What went wrong is told with its reason and its evidence; what went right in a line; what was never needed is
counted. `full` tells everything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from scoring.debrief.decision_text import points_of
from scoring.debrief.model import Course, Debrief, DecisionRow, Extra, Mistake, Opinion, Phase, Reference, StepRow
from scoring.debrief.sentences import consequences, neutral, no_pitfalls, section_sentences
from sim.case.quantities import duration
from sim.report.limits import (
    SHOWN_ASSUMED,
    SHOWN_EVIDENCE,
    SHOWN_EXTRAS,
    SHOWN_MISSED,
    SHOWN_MISTAKES,
    SHOWN_NAMES,
    SHOWN_NEUTRAL,
    SHOWN_PASSAGES,
    SHOWN_TIMES,
)
from sim.report.summary import numbered, passages_text, split, worst
from sim.report.text_page import Page
from sim.words.differential import moved, shares
from sim.words.format import TEACHING_ONLY, as_sentence, capital, listed, moment
from sim.words.verdicts import PROBLEMS, SEVERITIES, SIZES, VERDICTS, WORTHS, size_in_full

NARROWEST = 40
"""Fewer columns than this are treated as this many."""


def to_text(debrief: Debrief, width: int = 80, *, full: bool = False) -> str:
    """Return the debrief as text, no line longer than `width` columns unless a single word is.

    `full` gives the reason for what was done in time too, names what was not needed, and lists all evidence.
    """
    page = Page(max(width, NARROWEST))
    page.heading(f"Debrief: {debrief.title}")
    page.line(debrief.reviewed)
    page.paragraphs(debrief.verdict)
    _end(page, debrief)
    _decisions(page, debrief, full)
    _pathway(page, debrief.phases, full)
    _mistakes(page, debrief.mistakes, debrief.phases, full)
    _extras(page, debrief.extras, full)
    _diagnosis(page, debrief.opinions, debrief.diagnosis)
    page.section("Gathering data", debrief.gathering)
    _course(page, debrief.course, full)
    page.section("To take with you", debrief.teaching, bullet="- ")
    _about(page, debrief, full)
    _references(page, debrief, full)
    return page.text()


def _verdict(verdict: str) -> str:
    """The word of a verdict, a problem in capitals."""
    return VERDICTS[verdict].upper() if verdict in PROBLEMS else VERDICTS[verdict]


def _size(row: DecisionRow) -> str:
    """The size of a decision, in capitals where it cost or gained something."""
    size = row.size
    if size == "as_good":
        return size_in_full(size, row.waited)
    told = size_in_full(size).replace(SIZES[size], SIZES[size].upper(), 1)
    return f"{told}, in this model" if size == "better" else told


def _cited(evidence: Sequence[str], assumed: str | None) -> str:
    marks = [f"[{name}]" for name in evidence] or (["[assumed]"] if assumed is not None else [])
    return "".join(f" {mark}" for mark in marks)


def _end(page: Page, debrief: Debrief) -> None:
    page.heading("How it ended")
    page.line(debrief.ended)
    if debrief.ending:
        page.line(debrief.ending)
    page.paragraphs(debrief.sequelae, bullet="- ")


def _decisions(page: Page, debrief: Debrief, full: bool) -> None:
    page.section("Decisions", debrief.review)
    for row in debrief.decisions:
        if full or row.stands_out:
            page.line(f"{_size(row)}, {moment(row.at)}, {points_of(row)}: {row.did}", bullet=f"{row.number}. ")
            for sentence in (*row.fell, *row.better):
                page.line(sentence, indent=4)


def _pathway(page: Page, phases: Sequence[Phase], full: bool) -> None:
    for phase in phases:
        page.heading(f"Pathway: {phase.name}")
        folded = [rows for rows in _folded(phase.rows, full) if full or len(rows) > 1 or _is_in_full(rows[0])]
        told, rest = (folded, []) if full else split(folded, SHOWN_MISSED)
        for rows in told:
            if len(rows) > 1:
                _repeated(page, rows, sum(_once(other.title) == _once(rows[0].title) for other in phase.rows))
            else:
                _step(page, rows[0])
        for verdict in PROBLEMS:
            names = numbered(_named(row) for rows in rest for row in rows if row.verdict == verdict)
            if names:
                page.line(f"{_verdict(verdict)} too, each a must: {names}.", bullet="- ")
        if not full:
            _in_brief(page, phase)


def _is_in_full(row: StepRow) -> bool:
    """Whether a step is told with its reason where not everything is."""
    return row.verdict in PROBLEMS and row.weight == "must"


def _folded(rows: Sequence[StepRow], full: bool) -> list[list[StepRow]]:
    """The steps one by one; what was missed time and again together, where not everything is told."""
    groups: dict[str, list[StepRow]] = {}
    for row in rows:
        alone = full or row.verdict != "missed" or row.weight != "must"
        groups.setdefault(row.step if alone else _once(row.title), []).append(row)
    return list(groups.values())


def _once(title: str) -> str:
    """The title of a repeating step without the number of the time."""
    return re.sub(r" \(\w+ time\)$", "", title)


def _named(row: StepRow) -> str:
    """The title of a step that is told in brief, with what the ward said if it refused it."""
    return f"{_once(row.title)} ({row.refused})" if row.refused else _once(row.title)


def _in_brief(page: Page, phase: Phase) -> None:
    """What is not told one by one: problems of less weight, what was done in time, what was not needed."""
    for verdict in PROBLEMS:
        names = numbered((_named(r) for r in phase.rows if r.verdict == verdict and r.weight != "must"), SHOWN_NAMES)
        if names:
            page.line(f"{_verdict(verdict)}, of less weight: {names}.", bullet="- ")
    done = [row for row in phase.rows if row.verdict == "in_time"]
    if done:
        page.line(f"In time: {numbered(dict.fromkeys(_once(row.title) for row in done), SHOWN_NAMES)}.", bullet="- ")
    spared = sum(row.verdict == "not_needed" for row in phase.rows)
    if spared:
        page.line(f"Not needed: {spared} of {len(phase.rows)} steps.", bullet="- ")


def _repeated(page: Page, rows: Sequence[StepRow], times: int) -> None:
    """What was missed several times: once, with the moments at which it fell due."""
    row = rows[0]
    due = ", ".join(moment(r.window[0]) for r in rows if r.window is not None)
    title = f"{_verdict(row.verdict)} {len(rows)} of {times} times: {_once(row.title)} ({row.weight})"
    page.line(title, bullet="- ")
    refused = next((f"{as_sentence(r.refused)} " for r in rows if r.refused), "")
    page.line(f"Due {due}. {refused}{row.because}{_cited(row.evidence, row.assumed)}", indent=4)


def _step(page: Page, row: StepRow) -> None:
    when = "" if row.at is None else f", {moment(row.at)}"
    page.line(f"{_verdict(row.verdict)}{when}: {row.title} ({row.weight})", bullet="- ")
    note = as_sentence(row.note)
    page.line(f"{_window(row)}{note}{' ' if note else ''}{row.because}{_cited(row.evidence, row.assumed)}", indent=4)


def _window(row: StepRow) -> str:
    if row.window is None:
        return ""
    first, last = row.window
    if moment(first) == moment(last):  # rounded to days, a window of hours has no length
        return f"Window from {moment(first)}, {duration(last - first)} long. "
    return f"Window {moment(first)} to {moment(last)}. "


def _mistakes(page: Page, mistakes: Sequence[Mistake], phases: Sequence[Phase], full: bool) -> None:
    page.heading("Pitfalls")
    if not mistakes:
        page.line(no_pitfalls(phases))
    told, rest = worst(mistakes, len(mistakes) if full else SHOWN_MISTAKES, lambda mistake: mistake.severity)
    for mistake in told:
        page.line(f"{SEVERITIES[mistake.severity].upper()}, {moment(mistake.at)}: {mistake.title}", bullet="- ")
        page.line(f"{mistake.because}{_cited(mistake.evidence, mistake.assumed)}", indent=4)
        for consequence in consequences(mistake.prices):
            page.line(consequence.sentence(moment), indent=4)
    if rest:
        page.line(f"{len(rest)} more: {numbered(mistake.title for mistake in rest)}.", bullet="- ")


def _extras(page: Page, extras: Sequence[Extra], full: bool) -> None:
    valued = [extra for extra in extras if extra.value != "neutral"]
    unweighed = len(extras) - len(valued)
    if not extras:
        return
    page.heading("Orders outside the pathway")
    most = len(valued) if full else SHOWN_EXTRAS
    told, rest = worst(valued, most, lambda extra: "critical" if extra.critical else "minor")
    for extra in told:
        times = listed(map(moment, extra.times), ", ", SHOWN_TIMES)
        worth = f"critically {WORTHS[extra.value]}" if extra.critical else WORTHS[extra.value]
        page.line(f"{capital(worth)}: {extra.name} ({times}). {extra.because}{_cited(extra.evidence, None)}",
                  bullet="- ")  # fmt: skip
    for value in dict.fromkeys(extra.value for extra in rest):
        names = numbered((extra.name for extra in rest if extra.value == value), SHOWN_NAMES)
        page.line(f"{capital(WORTHS[value])} too: {names}.", bullet="- ")
    if unweighed > SHOWN_NEUTRAL and not full:
        page.line(f"Neutral: {unweighed} more.", bullet="- ")
    elif unweighed:
        page.line(neutral(extras), bullet="- ")


def _diagnosis(page: Page, opinions: Sequence[Opinion], sentences: Sequence[str]) -> None:
    page.section("Diagnosis", sentences)
    for opinion in opinions:
        score = "no differential" if opinion.brier is None else f"Brier {opinion.brier:.2f}"
        page.line(f"{capital(moment(opinion.at))}: {score}; the expert's {opinion.expert_brier:.2f}", bullet="- ")
        if opinion.own is not None:
            page.line(f"You: {shares(opinion.own)}", indent=4)
        page.line(f"Expert: {shares(opinion.expert)}. {opinion.because}", indent=4)
        if opinion.moved:
            page.line(f"{capital(moved(opinion.moved, opinion.came))}.", indent=4)


def _course(page: Page, courses: Sequence[Course], full: bool) -> None:
    page.heading("What was going on")
    for course in courses:
        if len(course.passages) > 1:
            most = len(course.passages) if full else SHOWN_PASSAGES
            told = passages_text(course.passages, moment, most)
            page.line(f"{course.name}: {told}", bullet="- ")
    still = [f"{course.name}: {course.passages[0].state}" for course in courses if len(course.passages) == 1]
    if still:
        page.line(f"Throughout - {'; '.join(still)}.")


def _about(page: Page, debrief: Debrief, full: bool) -> None:
    if debrief.about:
        page.heading(f"About this disease: {debrief.disease}")
    for section in debrief.about:
        first, *rest = section_sentences(section)
        cited = _cited(section.evidence, section.assumed) if full else ""
        page.line(f"{section.title}. {first}{'' if rest else cited}", bullet="- ")
        for sentence in rest:
            page.line(f"{sentence}{cited}", indent=2)


def _references(page: Page, debrief: Debrief, full: bool) -> None:
    explained = _explained(debrief)
    listed = [reference for reference in debrief.references if full or reference.id in explained]
    listed = listed if full else list(split(listed, SHOWN_EVIDENCE)[0])
    page.section("Evidence", [_reference(reference) for reference in listed], bullet="- ")
    grades = Counter(reference.grade for reference in debrief.references if reference not in listed)
    if grades:
        counts = "; ".join(f"{count} {grade}" for grade, count in sorted(grades.items(), key=lambda g: (-g[1], g[0])))
        page.section("Evidence behind the rest", [f"{len(debrief.references) - len(listed)} more: {counts}."])
    assumed = [f"{a.where}: {a.reason}" for a in debrief.assumptions]
    more = [] if full or len(assumed) <= SHOWN_ASSUMED else [f"{len(assumed) - SHOWN_ASSUMED} more."]
    page.section("Assumed", [*(assumed[:SHOWN_ASSUMED] if more else assumed), *more], bullet="- ")
    page.section("What this rests on", [debrief.discussion, TEACHING_ONLY])


def _explained(debrief: Debrief) -> set[str]:
    """The evidence of everything that is told with its reason."""
    rows = (r for phase in debrief.phases for r in phase.rows if r.verdict in PROBLEMS and r.weight == "must")
    extras = (extra for extra in debrief.extras if extra.value != "neutral")
    parts: tuple[StepRow | Mistake | Extra, ...] = (*rows, *debrief.mistakes, *extras)
    return {name for part in parts for name in part.evidence}


def _reference(reference: Reference) -> str:
    sources = "".join(f" {_closed(citation)}" for citation in reference.citations)
    return f"[{reference.id}] {_closed(reference.statement)} Grade: {reference.grade}.{sources}"


def _closed(text: str) -> str:
    """The text with one full stop at its end, unless it ends with a mark of its own."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
