"""About the disease: what is told of it whatever the attempt was like, and what of it is in doubt."""

from __future__ import annotations

from scoring.debrief.model import Section
from scoring.debrief.sentences import section_sentences
from sim.report.content import Report
from sim.report.html.links import Sources
from sim.words.markup import Markup, tag, text


def about(report: Report, sources: Sources) -> Markup:
    """Return the disease's name and its sections, each with its evidence."""
    told = [_section(section, sources) for section in report.debrief.about]
    return text([tag("p", tag("strong", report.debrief.disease)), told])


def _section(section: Section, sources: Sources) -> Markup:
    first, *rest = [tag("p", sentence) for sentence in section_sentences(section)]
    cited = tag("p", sources.cited(section.evidence, section.assumed), class_="quiet")
    return text([tag("h3", section.title, id=f"about-{section.id}"), first, rest, cited])
