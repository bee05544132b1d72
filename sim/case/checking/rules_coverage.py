"""Whether a learner can meet every claim of a coverage where it says, and the doubted ones with the doubt."""

from __future__ import annotations

from collections.abc import Mapping

from sim.case.model.case import Case
from sim.case.model.coverage import Claim, Coverage, Place
from sim.case.model.disease import Disease
from sim.case.problems import Problems, did_you_mean
from sim.case.reading.tree import Node

Texts = Mapping[str, Mapping[str, str]]
"""Kind of place to its ids, each with all that a learner can read there."""


def check_coverage(root: Node, coverage: Coverage, case: Case, disease: Disease, problems: Problems) -> None:
    """Report claims given twice or of no text, places that are not there or do not say it, doubts that nobody tells."""
    texts, seen = texts_of(case, disease), set[str]()
    doubted = {section.id for section in disease.about if section.literature is not None}
    for number, claim in enumerate(coverage.claims):
        place = root.at("claims", number)
        if claim.id in seen:
            problems.error(place.at("id"), "duplicate-id", f"the claim '{claim.id}' is above already")
        seen.add(claim.id)
        if claim.id.partition("-")[0] not in coverage.texts:
            hint = f"the texts are {', '.join(coverage.texts)}"
            problems.error(place.at("id"), "unknown-text", f"the claim '{claim.id}' is of no text given here", hint)
        for at, where in enumerate(claim.where):
            _check_place(place.at("where", at), where, texts, problems)
        if claim.doubt and not any(where.about in doubted for where in claim.where):
            _report_untold(place, claim, problems)


def texts_of(case: Case, disease: Disease) -> Texts:
    """Return everything that a coverage may name, with its text; of what is told in any course, so not of pitfalls."""
    results = {**disease.results, **case.results}
    return {
        "step": {step.id: f"{step.title} {step.because}" for step in case.pathway},
        "result": {order: " ".join(finding.text for finding in found) for order, found in results.items()},
        "question": {question.id: f"{question.ask} {question.answer}" for question in case.questions},
        "about": {s.id: " ".join((s.title, s.text, s.literature or "")) for s in disease.about},
        "teaching": {sentence: sentence for sentence in case.teaching},
    }


def _check_place(node: Node, place: Place, texts: Texts, problems: Problems) -> None:
    known = texts[place.kind]
    if place.kind == "teaching":
        found = " ".join(text for text in known if holds(text, place.name))
        hint = "write words of a sentence under the case's 'teaching'"
    else:
        found = known.get(place.name, "")
        hint = did_you_mean(place.name, known) or "look at the ids of the case and its disease"
    if not found:
        problems.error(node.at(place.kind), "unknown-place", f"there is no {place.kind} '{place.name}'", hint)
    elif place.says is not None and not holds(found, place.says):
        message = f"the {place.kind} '{place.name}' does not say '{place.says}'"
        problems.error(node.at("says"), "unsaid", message, "quote words that are there, or say it there")


def holds(text: str, words: str) -> bool:
    """Return whether a text holds these words, whatever their case and however its lines are broken."""
    return " ".join(words.lower().split()) in " ".join(text.lower().split())


def _report_untold(node: Node, claim: Claim, problems: Problems) -> None:
    hint = "name a section under 'about' of the disease that has 'literature'"
    problems.error(node.at("doubt"), "untold-doubt", f"nothing tells the doubt about '{claim.id}'", hint)
