"""What a learner was told at a moment, in the words of a sentence: the result or the call that made something due."""

from __future__ import annotations

from scoring.parameters import CAUSES_NAMED, LONGEST_QUOTE
from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.case.model.terms import leaves, parsed, reads
from sim.engine.knowledge import changes
from sim.engine.log import Called, Log, ResultReturned
from sim.words.format import listed


def cause_of(scenario: Scenario, log: Log, step: Step, at: int) -> str:
    """Return what made a step fall due at a minute, as far as the learner was told; empty if it was time alone."""
    if step.when is None:
        return ""
    asked = frozenset().union(*(reads(leaf) for leaf in leaves(parsed(step.when), negated=False)))
    came = [event for event in log if event.at == at and not asked.isdisjoint(changes(event))]
    calls = [event.text for event in came if isinstance(event, Called)]
    if calls:
        return f"the call {quoted(calls[0])}"
    results = [scenario.catalogue.orders[event.order].name for event in came if isinstance(event, ResultReturned)]
    return f"{'the result of ' if len(set(results)) == 1 else ''}{listed(dict.fromkeys(results), ', ', CAUSES_NAMED)}"


def latest_before(scenario: Scenario, log: Log, event: int | None) -> str:
    """Return the last result or call before an event of the log; empty if there was none."""
    for earlier in reversed(log[: event or 0]):
        if isinstance(earlier, ResultReturned):
            return f"the result of {scenario.catalogue.orders[earlier.order].name}"
        if isinstance(earlier, Called):
            return f"the call {quoted(earlier.text)}"
    return ""


def quoted(text: str) -> str:
    """Return a call as it is quoted: its beginning, cut at a word."""
    flat = " ".join(text.split()).rstrip(".")
    return (
        f'"{flat}"' if len(flat) <= LONGEST_QUOTE else f'"{flat[:LONGEST_QUOTE].rsplit(" ", 1)[0].rstrip(",;:")} ..."'
    )
