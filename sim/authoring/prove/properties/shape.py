"""Does time pass, and does every life come to an end the case knows?"""

from __future__ import annotations

from typing import Final

from sim.authoring.prove.backward_graph import Ways
from sim.authoring.prove.bench import Bench, Played
from sim.authoring.prove.verdict import Finding, Witness
from sim.engine.graph import problems
from sim.engine.policy import Policy, at_random, following, nothing
from sim.engine.session import Session

PROPERTY: Final = "no_dead_end"


def prove(bench: Bench) -> list[Finding]:
    """Return every zero-time loop, every state of a region with outcomes that leads to none, and a life without end."""
    case, disease, ways = bench.scenario.case, bench.scenario.disease, Ways(bench.scenario)
    start = {region: dict.fromkeys(ways.begins(region), 1.0) for region in disease.regions}
    failures = [
        Finding(case.id, PROPERTY, Witness(f"{p.region}.{p.name}".strip(".") or "life", f"{p.message}."))
        for p in problems(disease, start)
        if p.code in ("zero-time-loop", "no-outcome")
    ]
    for region, spec in disease.regions.items():
        outcomes = frozenset(name for name, state in spec.states.items() if state.outcome)
        for state in spec.states:
            if outcomes and state not in outcomes and not ways.path(region, state, outcomes):
                what = f"Who is in {region}.{state} stays there: it is no outcome and leads to none."
                failures.append(Finding(case.id, PROPERTY, Witness(f"{region}.{state}", what)))
    failures = failures or _endless(bench)
    return failures or [Finding(case.id, PROPERTY, note=f"{3 * bench.n} lives came to an end")]


def _endless(bench: Bench) -> list[Finding]:
    """Lives that do not come to an end: no time passes in them, or no ending of the case fits."""
    ways: tuple[Policy, ...] = (following(), nothing, at_random)
    for seed in bench.seeds:
        for policy in ways:
            session = Session(bench.scenario, seed, chart=bench.chart)
            try:
                for move in policy(session):
                    session.apply(move)
            except Exception as error:  # whatever the engine could not live through is the finding
                what = f"Patient {seed} cannot live on after minute {session.now}: {error or type(error).__name__}."
                run = Played(seed, session.log).run()
                return [Finding(bench.scenario.case.id, PROPERTY, Witness("session", what, run))]
    return []
