"""Does time pass, and does every life come to an end the case knows?"""

from __future__ import annotations

from typing import Final

from sim.authoring.prove.backward_graph import BackwardGraph
from sim.authoring.prove.bench import Bench, Played
from sim.authoring.prove.verdict import PropertyResult, Witness
from sim.engine.graph import problems
from sim.engine.policy import Policy, at_random, following, nothing
from sim.engine.session import Session

PROPERTY: Final = "no_dead_end"


def prove(bench: Bench) -> list[PropertyResult]:
    """Return every zero-time loop, every state of a region with outcomes that leads to none, and a life without end."""
    case, disease, graph = bench.scenario.case, bench.scenario.disease, BackwardGraph(bench.scenario)
    start = {region: dict.fromkeys(graph.begins(region), 1.0) for region in disease.regions}
    failures = [
        PropertyResult(case.id, PROPERTY, Witness(f"{p.region}.{p.name}".strip(".") or "life", f"{p.message}."))
        for p in problems(disease, start)
        if p.code in ("zero-time-loop", "no-outcome")
    ]
    for region, spec in disease.regions.items():
        outcomes = frozenset(name for name, state in spec.states.items() if state.outcome)
        for state in spec.states:
            if outcomes and state not in outcomes and not graph.path(region, state, outcomes):
                what = f"Who is in {region}.{state} stays there: it is no outcome and leads to none."
                failures.append(PropertyResult(case.id, PROPERTY, Witness(f"{region}.{state}", what)))
    failures = failures or _endless(bench)
    return failures or [PropertyResult(case.id, PROPERTY, note=f"{3 * bench.n} lives came to an end")]


def _endless(bench: Bench) -> list[PropertyResult]:
    """Lives that do not come to an end: no time passes in them, or no ending of the case fits."""
    policies: tuple[Policy, ...] = (following(), nothing, at_random)
    for seed in bench.seeds:
        for policy in policies:
            session = Session(bench.scenario, seed, chart=bench.chart)
            try:
                for move in policy(session):
                    session.apply(move)
            except Exception as error:  # whatever the engine could not live through is the finding
                what = f"Patient {seed} cannot live on after minute {session.now}: {error or type(error).__name__}."
                run = Played(seed, session.log).run()
                return [PropertyResult(bench.scenario.case.id, PROPERTY, Witness("session", what, run))]
    return []
