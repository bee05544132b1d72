"""The debrief's own sentences: the verdict, the end, the diagnosis, the gathering of data, what is assumed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scoring.assess.assessment import Assessment
from scoring.assess.diagnosis import DiagnosisReport
from scoring.assess.handover import handed_over_at
from scoring.assess.pitfalls import NO_PRICE, Price
from scoring.debrief.model import Extra, Phase, Section
from scoring.parameters import BRIER_WORST
from sim.case.model.parts import Sourced
from sim.case.model.scenario import Scenario
from sim.case.quantities import duration
from sim.engine.log import CaseEnded, Log, StateEntered
from sim.words.format import at_moment

BAND_SENTENCES = {
    "exemplary": "Exemplary: what this patient needed came in time, in order, and without harm.",
    "sound": "Sound: the patient was in safe hands, and some of what was needed came late, out of order or not at all.",
    "developing": "Developing: something that mattered was not done, or not enough was shown.",
    "unsafe": "Unsafe: a mistake was made that nothing else outweighs.",
}
LUCK = "How the patient fared did not move this band: part of that is luck. One case says little about a person."


def verdict_sentences(assessment: Assessment) -> tuple[str, ...]:
    """Return the band, what capped it, how the steps went, and what must not be read into it."""
    counts = Counter(item.verdict for item in assessment.pathway)
    judged = sum(item.judged for item in assessment.pathway)
    steps = (
        f"Steps that counted: {judged}. In time {counts['in_time']}, late {counts['late']}, "
        f"out of order {counts['out_of_order']}, missed {counts['missed']}."
    )
    gate = () if assessment.gate is None else (assessment.gate,)
    return (BAND_SENTENCES[assessment.band], *gate, steps, LUCK)


def no_pitfalls(phases: Iterable[Phase]) -> str:
    """Return that no pitfall was fallen into, and that what was left undone is no pitfall where a must was missed."""
    missed = sum(row.verdict == "missed" and row.weight == "must" for phase in phases for row in phase.rows)
    none = "You fell into none of this case's pitfalls"
    if not missed:
        return f"{none}."
    return f"{none}, but {missed} {'must was' if missed == 1 else 'musts were'} missed: what is not done is no pitfall."


def section_sentences(section: Section) -> tuple[str, ...]:
    """Return what a section tells: the text, or what a text says and then what the literature says of it."""
    if section.literature is None:
        return (section.text,)
    return (f"The text says: {section.text}", f"The literature says: {section.literature}")


def ended_sentence(scenario: Scenario, log: Log) -> str:
    """Return why the case ended, and under whom."""
    end = log[-1] if log else None
    if not isinstance(end, CaseEnded):
        return "The case has not ended."
    handed = handed_over_at(log)
    if handed is None:
        return _ended(scenario, log, end)
    team = (
        f"You had handed over {at_moment(handed)}: from then on the team went on along the pathway. How it ended is "
        "what that gave, and nothing of it is booked to you."
    )
    return f"{_ended(scenario, log, end)} {team}"


def _ended(scenario: Scenario, log: Log, end: CaseEnded) -> str:
    if end.why == "horizon":
        return f"The case ran to its end: {duration(end.at)} of the patient's life."
    states = (
        scenario.disease.regions[event.region].states[event.state]
        for event in reversed(log)
        if isinstance(event, StateEntered)
    )
    state = next((state for state in states if state.outcome), None)
    why = "the disease decided" if state is None else state.name
    return f"The case ended {at_moment(end.at)}: {why}."


def diagnosis_sentences(scenario: Scenario, report: DiagnosisReport) -> tuple[str, ...]:
    """Return what the differentials show, and what they cannot."""
    name = scenario.catalogue.diagnoses[scenario.case.diagnosis].name
    sentences = [f"The diagnosis was {name}."]
    if scenario.case.representation is not None:
        sentences.append(f"In one sentence an expert would have said: {scenario.case.representation}")
    if report.final is None:
        return (*sentences, "You stated no differential, so there is nothing to compare.")
    sentences.append(
        f"The Brier score of your last differential was {report.final:.2f} (0 is certainty in the right diagnosis, "
        f"{BRIER_WORST:.0f} certainty in a wrong one)."
    )
    if report.trend is not None:
        sentences.append({
            "improving": "Over the case your differential moved towards it.",
            "worsening": "Over the case your differential moved away from it.",
            "steady": "Over the case your differential hardly moved.",
        }[report.trend])  # fmt: skip
    if report.missing:
        sentences.append(
            f"No differential was stated at {len(report.missing)} of {len(report.checkpoints)} checkpoints."
        )
    return (*sentences, "From one case this is feedback, not a verdict.")


def gathering_sentences(assessment: Assessment) -> tuple[str, ...]:
    """Return thoroughness, efficiency and blood drawn, one sentence each; they are never added up."""
    sentences: list[str] = []
    if assessment.thoroughness is not None:
        sentences.append(
            f"Thoroughness: you obtained {assessment.thoroughness:.0%} of the questions, examinations and tests "
            "the pathway asks for, by weight."
        )
    if assessment.efficiency is not None:
        sentences.append(f"Efficiency: {assessment.efficiency:.0%} of what you ordered, by cost, bore on this patient.")
    if assessment.blood.total > 0:
        whose = "an adult" if assessment.blood.grown else "a young child"
        sentences.append(
            f"Blood drawn: {assessment.blood.total:.1f} mL/kg in all, {assessment.blood.worst:.1f} mL/kg in the worst "
            f"four weeks, of about {assessment.blood.volume:.0f} mL/kg that {whose} has."
        )
    return tuple(sentences)


def discussion(scenario: Scenario) -> str:
    """Return how much of what drives the disease is published and how much is assumed."""
    parts = list(_driving(scenario))
    assumed = sum(not _rests_on_evidence(scenario, part) for part in parts)
    return (
        f"Of {len(parts)} rates, stays and modifiers that drive this disease, {len(parts) - assumed} rest on evidence "
        f"and {assumed} are assumed. Times and sizes that were assumed hold in this model, not at the bedside."
    )


def _rests_on_evidence(scenario: Scenario, part: Sourced) -> bool:
    """Whether anything but an assumption stands behind a part: evidence of grade A is one."""
    found = (scenario.evidence.get(name) for name in part.evidence)
    return any(fact is not None and fact.grade != "A" for fact in found)


def _driving(scenario: Scenario) -> Iterable[Sourced]:
    for region in scenario.disease.regions.values():
        for transition in region.transitions:
            yield transition
            yield from transition.modifiers


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a pitfall led to in this patient, or did not, in words without the full stop."""

    text: str
    at: int | None = None
    """The minute it came, None if it did not."""
    fired: str | None = None
    """The transition that fired, where it followed from the pitfall."""

    def sentence(self, moment: Callable[[int], str]) -> str:
        """Return it as a sentence, its minute in the words of `moment`."""
        return f"{self.text}." if self.at is None else f"{self.text} ({moment(self.at)})."


def consequences(prices: Iterable[Price]) -> tuple[Consequence, ...]:
    """Return what a pitfall led to: each state that came, then what did not come, together."""
    found = tuple(prices)
    if not found:
        return (Consequence(NO_PRICE.rstrip(".")),)
    by_state: dict[tuple[str, bool], Consequence] = {}
    for price in filter(_has_come, found):
        by_state.setdefault((price.state, price.at is None), _came(price))
    spared = dict.fromkeys(price.state for price in found if not _has_come(price))
    missed = (Consequence(f"What it makes likelier did not follow here: {'; '.join(spared)}"),) if spared else ()
    return (*by_state.values(), *missed)


def _has_come(price: Price) -> bool:
    return price.at is not None or price.otherwise is not None


def _came(price: Price) -> Consequence:
    if price.at is not None:
        return Consequence(f"It was followed by: {price.state}", price.at, price.transition)
    return Consequence(f"It can lead to this, which here had another cause: {price.state}", price.otherwise)


def neutral(extras: Iterable[Extra]) -> str:
    """Return the neutral orders in a sentence, each with its number of times; empty if there are none."""
    names = [e.name + (f" x{len(e.times)}" if len(e.times) > 1 else "") for e in extras if e.value == "neutral"]
    return f"Neutral: {', '.join(names)}." if names else ""
