"""The debrief as Markdown, for notes and course pages. All text is data: what could be markup is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from scoring.debrief.model import Phase, StepRow
from scoring.debrief.sentences import consequences, no_pitfalls, section_sentences
from sim.report.content import Report
from sim.report.html.links import points
from sim.report.html.path import lanes_in_words
from sim.report.html.verdict import decided, lucky
from sim.words.differential import shares
from sim.words.format import TEACHING_ONLY, as_sentence, clean, listed, moment
from sim.words.verdicts import SEVERITIES, VERDICTS, WORTHS, size_in_full

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!])")
_STARTS = re.compile(r"^(\d*)([-+.)])(?=\s)")


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    flat = " ".join(clean(text).split())
    return _STARTS.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", flat))


def to_markdown(report: Report) -> str:
    """Return the report as Markdown with tables. The same report gives the same bytes."""
    debrief = report.debrief
    which = f"*{TEACHING_ONLY} {escaped(debrief.reviewed)}* Case {escaped(report.case)}, seed {report.seed}."
    lines = [f"# Debrief: {escaped(debrief.title)}", "", which, ""]
    for title, content in _parts(report):
        told = list(content)
        lines += [f"## {title}", "", *told, ""] if told else []
    return "\n".join([*lines, TEACHING_ONLY]) + "\n"


def _parts(report: Report) -> Iterator[tuple[str, Iterable[str]]]:
    debrief, curve = report.debrief, report.charts.curve
    verdict = (*debrief.verdict, debrief.ended, debrief.ending, *debrief.sequelae)
    yield "Verdict", _listed((f"Band: {debrief.band}", *(told for told in verdict if told),
                              f"Decisions: {decided(curve)}", f"Luck: {lucky(curve)}"))  # fmt: skip
    yield "What you did, against the pathway", [line for phase in debrief.phases for line in _phase(phase)]
    yield "Decisions, in this model", _decisions(report)
    yield "Pitfalls", _pitfalls(report)
    yield (
        "Orders outside the pathway",
        _listed(
            f"{WORTHS[extra.value]}: {extra.name} ({listed(map(moment, extra.times), ', ', 4)}). {extra.because}"
            for extra in debrief.extras
            if extra.value != "neutral"
        ),
    )
    yield "The differential over time", _differential(report)
    yield "What was asked, what mattered", _listed(debrief.gathering)
    moved = [path for path in report.charts.paths if path.moved]
    yield "What was truly going on", _listed(f"{region}: {way}" for region, way in lanes_in_words(moved))
    yield "To take with you", _listed(debrief.teaching)
    yield (
        "For the teacher: what to ask",
        _listed(
            " ".join((f"{prompt.stage.capitalize()}:", prompt.happened, prompt.expected, prompt.ask))
            for prompt in debrief.prompts
        ),
    )
    yield f"About this disease: {escaped(debrief.disease)}", _about(report)
    yield (
        "Evidence",
        _listed(
            f"[{fact.id}] {fact.statement} Grade: {fact.grade}. {' '.join(fact.citations)}"
            for fact in debrief.references
        ),
    )
    yield "Assumed", [*_listed(f"{a.where}: {a.reason}" for a in debrief.assumptions), "", escaped(debrief.discussion)]


def _listed(texts: Iterable[str]) -> list[str]:
    return [f"- {escaped(text)}" for text in texts]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    told = [f"| {' | '.join(escaped(cell) for cell in row)} |" for row in rows]
    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *told] if told else []


def _phase(phase: Phase) -> list[str]:
    rows = [row for row in phase.rows if row.verdict != "not_needed"]
    if not rows:
        return []
    return [
        f"### {escaped(phase.name)}",
        "",
        *_table(("Step", "Verdict", "When", "Window", "Why"), map(_step, rows)),
        "",
    ]


def _step(row: StepRow) -> tuple[str, str, str, str, str]:
    window = "" if row.window is None else f"{moment(row.window[0])} to {moment(row.window[1])}"
    cited = "".join(f" [{id}]" for id in row.evidence) or (" [assumed]" if row.assumed else "")
    note = f"{as_sentence(row.note)} " if row.note else ""
    when = "" if row.at is None else moment(row.at)
    return f"{row.title} ({row.weight})", VERDICTS[row.verdict], when, window, f"{note}{row.because}{cited}"


def _decisions(report: Report) -> list[str]:
    rows = [
        (str(number), moment(row.at), " ".join((row.did, *row.fell, *row.better)), size_in_full(row.size),
         f"{points(row.loss)} ({points(row.se)})", points(row.luck), f"{points(row.v)} to {points(row.q)}")
        for number, row in enumerate(report.debrief.decisions, 1)
        if row.stands_out
    ]  # fmt: skip
    heads = ("No", "When", "What, and what would have been better", "Called", "Loss", "Luck", "Expected")
    return [*_listed(report.debrief.review), "", *_table(heads, rows)] if report.debrief.decisions else []


def _pitfalls(report: Report) -> list[str]:
    if not report.debrief.mistakes:
        return [no_pitfalls(report.debrief.phases)]
    told = []
    for mistake in report.debrief.mistakes:
        after = " ".join(consequence.sentence(moment) for consequence in consequences(mistake.prices))
        severity = SEVERITIES[mistake.severity]
        told.append(f"{severity}, {moment(mistake.at)}: {mistake.title}. {mistake.because} {after}")
    return _listed(told)


def _about(report: Report) -> list[str]:
    told = []
    for section in report.debrief.about:
        cited = "".join(f" [{id}]" for id in section.evidence) or " [assumed]"
        told.append(f"{section.title}. {' '.join(section_sentences(section))}{cited}")
    return _listed(told)


def _differential(report: Report) -> list[str]:
    rows = []
    for stance in report.charts.stances:
        own = "none stated" if stance.own is None else shares(stance.own)
        moved = ", ".join(f"{name} {100 * change:+.0f}" for name, change in stance.moved)
        scores = ["" if score is None else f"{score:.2f}" for score in (stance.brier, stance.expert_brier)]
        rows.append((moment(stance.at), own, *scores, moved))
    told = _listed(report.debrief.diagnosis)
    return [*told, "", *_table(("When", "You thought", "Brier", "The expert's", "What moved"), rows)]
