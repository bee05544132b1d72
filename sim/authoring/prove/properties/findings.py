"""Can what the pathway waits for be found, in time, and can the diagnosis be confirmed at all?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scoring.assess.pathway import due_minutes
from sim.authoring.prove.backward_graph import BackwardGraph
from sim.authoring.prove.bench import Bench
from sim.authoring.prove.goal_policy import SearchSettings
from sim.authoring.prove.planner import HelpfulActions, Planner
from sim.authoring.prove.properties.reach import ATTEMPTS, MANY, search
from sim.authoring.prove.verdict import PropertyResult, Witness
from sim.case.model.catalogue import Kind
from sim.case.model.conditions import Condition
from sim.case.model.disease import Finding, Transition
from sim.case.model.pathway import Step
from sim.case.model.terms import parsed, reads
from sim.engine.kernel import NOT_MET, PATHWAY
from sim.engine.log import ResultReturned
from sim.engine.session import Session

STEPS: Final = "findings_in_time"
DIAGNOSIS: Final = "diagnosis_can_be_confirmed"

_NOTHING: Final = frozenset({"negative", "normal"})
"""Codes that say that nothing was found."""

_FOUND: Final = frozenset({"told", "resulted", "value"})
"""Kinds of facts that come to be known."""

_TESTS: Final = (Kind.INVESTIGATION, Kind.PROCEDURE)


# --- what steps wait for ----------------------------------------------------------------------------------------


def prove_steps(bench: Bench) -> list[PropertyResult]:
    """Return every step that waits for something to be shown, known or called which never comes while it would count.

    What it asks for must come true in some life: by orders whose results return in time, and by calls that are made.
    """
    case, graph = bench.scenario.case, BackwardGraph(bench.scenario)
    due: set[tuple[object, ...]] = set()
    for seed in bench.seeds:
        moments = due_minutes(bench.scenario, bench.pathway(seed).log)
        due |= {_written(step) for step, at in zip(case.pathway, moments, strict=True) if at is not None}
    due |= _done(bench)
    failures = []
    asking = list({_written(step): step for step in reversed(case.pathway) if _asks(step.when)}.values())[::-1]
    for step in asking:
        if _written(step) not in due and step.when is not None:
            bench.report_progress(f"toward what {step.id} waits for")
            if not _comes_true(bench, graph, step.when):
                what = f"The step {step.id} never falls due: what it waits for cannot be found, or not in time."
                failures.append(PropertyResult(case.id, STEPS, Witness(f"step:{step.id}", what)))
    return failures or [PropertyResult(case.id, STEPS, note=f"{len(asking)} steps wait for something to be found")]


def _done(bench: Bench) -> set[tuple[object, ...]]:
    """The steps that are done in some of many lives under the pathway, where compiled code plays them."""
    if not bench.compiled:
        return set()
    names = {f"step:{step.id}": step for step in bench.scenario.case.pathway}
    met = bench.outcomes(PATHWAY, range(1, max(MANY, bench.cohort) + 1), tuple(names)).met
    return {_written(step) for name, step in names.items() if any(minute != NOT_MET for minute in met[name])}


def _written(step: Step) -> tuple[object, ...]:
    """What distinguishes one step from another; a step that falls due again and again was written once."""
    return step.do, step.stop, step.dose, step.because


def _asks(when: Condition | None) -> bool:
    """Whether a condition reads what calls tell or results show."""
    return when is not None and any(kind in _FOUND for kind, _ in reads(parsed(when)))


def _comes_true(bench: Bench, graph: BackwardGraph, when: Condition) -> bool:
    learned: dict[tuple[str, str], Transition] = {}

    def helpful(session: Session, planner: Planner) -> HelpfulActions:
        return planner.toward(session, when)

    def reached(session: Session) -> bool:
        return session.knowledge.holds(when, session.now)

    for seed, (follows, pace, turn) in enumerate(ATTEMPTS, 1):
        settings = SearchSettings(helpful, reached, follows=follows, turn=turn)
        if reached(search(bench.scenario, graph, when, settings, seed, pace, learned)):
            return True
    return False


# --- the diagnosis ----------------------------------------------------------------------------------------------


def prove_diagnosis(bench: Bench) -> list[PropertyResult]:
    """Return whether some test of the pathway comes back positive in time.

    A test is an investigation or a procedure that a must or a should asks for. It confirms with a coded finding that
    is not what it says for want of another; and it does so in some patient treated by the pathway, before the end.
    """
    case = bench.scenario.case
    graph = BackwardGraph(bench.scenario)
    tests = {order: codes for order in _tests(bench) if (codes := _positive(graph.findings(order)))}
    for seed in bench.seeds:
        for event in bench.pathway(seed).log:
            if isinstance(event, ResultReturned) and tests.get(event.order, set()).intersection(event.codes):
                note = f"{event.order} says so on minute {event.at} in patient {seed}"
                return [PropertyResult(case.id, DIAGNOSIS, note=note)]
    what = (
        f"No test confirms {case.diagnosis}: those the pathway asks for that could ({', '.join(tests) or 'none'}) come "
        f"back without it, or too late, in {bench.n} patients."
    )
    return [PropertyResult(case.id, DIAGNOSIS, Witness(f"diagnosis:{case.diagnosis}", what, bench.pathway(1).run()))]


def _tests(bench: Bench) -> Iterator[str]:
    orders = bench.scenario.catalogue.orders
    for step in bench.scenario.case.pathway:
        if _counts(step):
            yield from (order for order in step.do if orders[order].kind in _TESTS)


def _counts(step: Step) -> bool:
    return step.weight in ("must", "should") and not step.stop


def _positive(said: tuple[Finding, ...]) -> set[str]:
    """The codes that say more than that nothing else was found."""
    found = {finding.code for finding in said if finding.code is not None and finding.when is not None}
    if not any(finding.when is not None for finding in said):
        found = {finding.code for finding in said if finding.code is not None}
    return found - _NOTHING
