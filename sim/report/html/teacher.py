"""For the teacher: what to ask about this attempt, in the order of a debriefing."""

from __future__ import annotations

from itertools import groupby

from scoring.debrief.model import Prompt
from sim.report.content import Report
from sim.report.html.links import Sources, event_link
from sim.words.markup import Markup, tag, text


def teacher(report: Report, sources: Sources) -> Markup:
    """Return the prompts by stage: what happened, what was expected, an open question."""
    stages = groupby(report.debrief.prompts, key=lambda prompt: prompt.stage)
    return text([[tag("h3", stage.capitalize()), tag("ul", [_prompt(p, sources) for p in of])] for stage, of in stages])


def _prompt(prompt: Prompt, sources: Sources) -> Markup:
    when: Markup | str = "" if prompt.at is None else text([" (", event_link(prompt.at, prompt.event), ")"])
    expected = tag("p", "Expected: ", prompt.expected, sources.cited(prompt.evidence)) if prompt.expected else ""
    return tag("li", tag("p", prompt.happened, when), expected, tag("p", tag("strong", prompt.ask)))
