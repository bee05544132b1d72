"""What a learner was told at a moment, in the words of a sentence: the result or the call that made something due."""

from __future__ import annotations

from collections.abc import Iterator

from scoring.parameters import CAUSES_NAMED, LONGEST_QUOTE
from sim.case.model.conditions import Condition
from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.engine.log import Called, Event, Log, ResultReturned
from sim.words.format import listed


def occasion(scenario: Scenario, log: Log, step: Step, at: int) -> str:
    """Return what made a step fall due at a minute, as far as the learner was told; empty if it was time alone."""
    if step.when is None:
        return ""
    asked = list(_leaves(step.when))
    came = [event for event in log if event.at == at and any(_answers(scenario, event, leaf) for leaf in asked)]
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


def _answers(scenario: Scenario, event: Event, leaf: Condition) -> bool:
    """Whether an event brought what a condition asks about."""
    since = leaf.since
    if isinstance(event, Called):
        return event.reveals is not None and event.reveals in (*(leaf.told or ()), since.told if since else None)
    if not isinstance(event, ResultReturned):
        return False
    if event.order in (*(leaf.resulted or ()), since.resulted if since else None):
        return True
    shows = leaf.shows
    return shows is not None and (
        shows.order == event.order or shows.observable in scenario.catalogue.orders[event.order].measures
    )


def _leaves(condition: Condition) -> Iterator[Condition]:
    yield condition
    of = () if condition.at_least is None else condition.at_least.of
    for inner in (*(condition.all_ or ()), *(condition.any_ or ()), *of):
        yield from _leaves(inner)
