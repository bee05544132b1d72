"""Is every state reachable and can every transition fire? Guards, times, doses and the ward's own refusals count.

The graph alone over-estimates, so what it rules out is impossible. The rest is tried: ordinary lives first, then for
each transition that never fired a search that plays toward it, knows the true state, and accelerates the disease
(importance sampling; `sim.authoring.prove.acceleration` says why that is fair). What no search reaches is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sim.authoring.prove.acceleration import accelerated, path_to
from sim.authoring.prove.backward_graph import BackwardGraph, Edge
from sim.authoring.prove.bench import Bench
from sim.authoring.prove.goal_policy import SearchSettings, goal_directed
from sim.authoring.prove.planner import Planner
from sim.authoring.prove.verdict import PropertyResult, Run, Witness
from sim.case.checking.rules_conditions import conditions_of
from sim.case.model.conditions import Condition
from sim.case.model.disease import Transition
from sim.case.model.scenario import Scenario
from sim.case.model.terms import In, Since, Told, leaves, parsed
from sim.engine.graph import problems
from sim.engine.kernel import NOTHING, PATHWAY
from sim.engine.log import StateEntered
from sim.engine.policy import at_random, everything, nothing
from sim.engine.session import Session

STATES: Final = "states_reachable"
TRANSITIONS: Final = "transitions_can_fire"

ATTEMPTS: Final = tuple(
    (follows, pace, turn)
    for turn, pace in enumerate((60, 1440, 14400, 240, 4320, 30, 43200, 720))
    for follows in ((False, True) if turn % 2 == 0 else (True, False))
)
"""How to search: with or without the pathway in the background, which median, in minutes, which alternative."""


MANY: Final = 4000
"""In so many lives under the pathway, and untreated, a transition is looked for before it is searched for."""


class Reached:
    """What was seen to happen."""

    def __init__(self, scenario: Scenario) -> None:
        """Begin with the states patients begin in."""
        self.graph = BackwardGraph(scenario)
        regions = scenario.disease.regions
        self.states = {(region, state) for region in regions for state in self.graph.begins(region)}
        self.fired: set[str] = set()
        self.runs = 0

    def see(self, session: Session) -> None:
        """Take what happened in a run."""
        self.runs += 1
        for event in session.log:
            if isinstance(event, StateEntered):
                self.states.add((event.region, event.state))
                if event.transition is not None:
                    self.fired.add(event.transition)


def prove(bench: Bench) -> list[PropertyResult]:
    """Return every state that cannot be reached and every transition that cannot fire.

    What never happens has no run to show for it: the witness is the element, beside one life in which it is absent. A
    case whose disease is shared (`named_only`) answers for what it names.
    """
    scenario = bench.scenario
    reached, ruled_out = Reached(scenario), _ruled_out(scenario)
    wanted = named(scenario) if bench.named_only else _everything(scenario)
    _reach(bench, reached, wanted, ruled_out)
    life = bench.pathway(1).run()
    return _results(scenario.case.id, reached, wanted, ruled_out, life)


def prove_shared(benches: Sequence[Bench]) -> list[PropertyResult]:
    """Return every state and transition of a disease that no patient of any of these cases of it comes to."""
    together, ruled_out = Reached(benches[0].scenario), dict[tuple[str, str, str], str]()
    for bench in benches:
        wanted = _without(_everything(bench.scenario), together)
        ruled_out = _ruled_out(bench.scenario)
        one = Reached(bench.scenario)
        _reach(bench, one, wanted, ruled_out)
        together.states |= one.states
        together.fired |= one.fired
        together.runs += one.runs
    disease = benches[0].scenario.disease
    return _results(disease.id, together, _everything(benches[0].scenario), ruled_out, benches[0].pathway(1).run())


Parts = frozenset[tuple[str, str, str]]
"""Kinds ("state" or "transition"), regions and ids."""


def _everything(scenario: Scenario) -> Parts:
    regions = scenario.disease.regions.items()
    graph = BackwardGraph(scenario)
    states = {("state", region, state) for region, spec in regions for state in spec.states}
    return frozenset(
        states | {("transition", region, edge.id) for region, _ in regions for edge in graph.edges(region)}
    )


def _without(parts: Parts, reached: Reached) -> Parts:
    return frozenset(
        (kind, region, name) for kind, region, name in parts
        if ((region, name) not in reached.states if kind == "state" else f"{region}.{name}" not in reached.fired)
    )  # fmt: skip


def named(scenario: Scenario) -> Parts:
    """Return the states and transitions of the disease that the case speaks of.

    States in its conditions and its start; transitions that its pitfalls name, and those by one of which a code comes
    to be known that a condition of the case asks for.
    """
    case, disease = scenario.case, scenario.disease
    asked = [leaf for _, condition in conditions_of(case) for leaf in leaves(parsed(condition))]
    found = {("state", leaf.region, state) for leaf in asked if isinstance(leaf, In) for state in leaf.states}
    found |= {("state", region, state) for region, mix in case.start.items() for state in mix}
    for pitfall in case.pitfalls:
        for name in pitfall.consequence:
            region, _, way_id = name.partition(".")
            found.add(("transition", region, way_id))
    codes = {code for leaf in asked if isinstance(leaf, Told) for code in leaf.codes}
    codes |= {leaf.occurrence.of for leaf in asked if isinstance(leaf, Since) and leaf.occurrence.kind == "told"}
    for code in codes:
        revealing = [(region, way.id) for region, spec in disease.regions.items() for way in spec.transitions
                     if way.reveals == code]  # fmt: skip
        found |= {("transition", *way) for way in revealing if len(revealing) == 1}
    return frozenset(part for part in found if part in _everything(scenario))


def _ruled_out(scenario: Scenario) -> dict[tuple[str, str, str], str]:
    graph = BackwardGraph(scenario)
    start = {region: dict.fromkeys(graph.begins(region), 1.0) for region in scenario.disease.regions}
    return {(p.code, p.region, p.name): p.message for p in problems(scenario.disease, start)}


def _reach(bench: Bench, reached: Reached, wanted: Parts, ruled_out: dict[tuple[str, str, str], str]) -> None:
    """Live ordinary lives, then search for each transition that is wanted, or leads into a state that is."""
    _ordinary_lives(bench, reached)
    _many_lives(bench, reached, wanted)
    for region in bench.scenario.disease.regions:
        for edge in reached.graph.edges(region):
            missing = _without(wanted, reached)
            into = ("state", region, edge.target) in missing
            if not into and ("transition", region, edge.id) not in missing:
                continue
            if ("dead-transition", region, edge.id) not in ruled_out:
                bench.report_progress(f"toward {region}.{edge.id}")
                _seek(bench, reached, (region, edge))


def _results(
    case: str, reached: Reached, wanted: Parts, ruled_out: dict[tuple[str, str, str], str], life: Run
) -> list[PropertyResult]:
    """What is wanted and was not reached, in the disease's order; what holds otherwise."""
    missing = _without(wanted, reached)
    regions = reached.graph.scenario.disease.regions
    failures = [
        PropertyResult(case, name, Witness(f"{region}.{part}", _why(ruled_out, code, region, part), life))
        for name, code, kind in (
            (STATES, "unreachable-state", "state"),
            (TRANSITIONS, "dead-transition", "transition"),
        )
        for region, spec in regions.items()
        for part in (spec.states if kind == "state" else dict.fromkeys(edge.id for edge in reached.graph.edges(region)))
        if (kind, region, part) in missing
    ]
    note = f"{len(reached.states)} states, {len(reached.fired)} transitions, {reached.runs} runs"
    if len(wanted) < len(_everything(reached.graph.scenario)):
        note += f"; the case answers for the {len(wanted)} that it names"
    held = {STATES, TRANSITIONS} - {result.name for result in failures}
    return failures + [PropertyResult(case, name, note=note) for name in (STATES, TRANSITIONS) if name in held]


def _why(ruled_out: dict[tuple[str, str, str], str], code: str, region: str, name: str) -> str:
    message = ruled_out.get((code, region, name))
    if message is not None:
        return f"The graph rules it out: {message}."
    what = "No patient reaches it" if code == "unreachable-state" else "It never fires"
    return f"{what} in {len(ATTEMPTS)} searches toward it: what it takes does not come about together, or not in time."


def _ordinary_lives(bench: Bench, reached: Reached) -> None:
    for seed in bench.seeds:
        bench.report_progress(f"ordinary lives, patient {seed}")
        for policy in (nothing, at_random, *((everything,) if seed == 1 else ())):
            session = Session(bench.scenario, seed, chart=bench.chart)
            for move in policy(session):
                session.apply(move)
            reached.see(session)
        reached.states |= bench.pathway(seed).states
        reached.fired |= bench.pathway(seed).fired


def _many_lives(bench: Bench, reached: Reached, wanted: Parts) -> None:
    """What fires in some of many lives under the pathway and untreated, where compiled code plays them."""
    missing = _without(wanted, reached)
    if not bench.compiled or not missing:
        return
    edges = {
        f"fired:{region}.{edge.id}": (region, edge)
        for region in bench.scenario.disease.regions
        for edge in reached.graph.edges(region)
        if ("transition", region, edge.id) in missing or ("state", region, edge.target) in missing
    }
    seeds = range(1, max(MANY, bench.cohort) + 1)
    bench.report_progress(f"{len(seeds)} lives under the pathway and untreated")
    for plan in (PATHWAY, NOTHING):
        met = bench.outcomes(plan, seeds, tuple(edges)).met
        for name, (region, edge) in edges.items():
            if any(met[name]):
                reached.fired.add(f"{region}.{edge.id}")
                reached.states.add((region, edge.target))
    reached.runs += 2 * len(seeds)


def _seek(bench: Bench, reached: Reached, goal: Edge) -> None:
    """Play toward a transition until it fires or nothing is left to try. What fires on the way counts as well."""
    region, edge = goal
    learned: dict[tuple[str, str], Transition] = {}
    for seed, (follows, pace, turn) in enumerate(ATTEMPTS, 1):
        settings = SearchSettings(
            helpful=lambda session, planner: planner.toward_edge(session, region, edge),
            reached=lambda session: _has_fired(session, region, edge), follows=follows, turn=turn,
        )  # fmt: skip
        reached.see(search(bench.scenario, reached.graph, goal, settings, seed, pace, learned))
        if f"{region}.{edge.id}" in reached.fired:
            return


def search(
    scenario: Scenario, graph: BackwardGraph, goal: Edge | Condition, settings: SearchSettings, seed: int, pace: int,
    learned: dict[tuple[str, str], Transition],
) -> Session:  # fmt: skip
    """Play toward a goal in the disease accelerated to it; return the session as it was left.

    `learned` are the transitions that earlier searches went by; those of this one are added, so that the next
    accelerates them too.
    """
    edges, begins = path_to(graph, goal, settings.turn)
    planner = Planner(graph, settings.turn, frozenset(f"{region}.{name}" for region, name in edges))
    session = Session(accelerated(scenario, edges | learned, begins, pace), seed)
    for move in goal_directed(scenario, graph, settings, planner)(session):
        session.apply(move)
    learned |= planner.pursued
    return session


def _has_fired(session: Session, region: str, edge: Transition) -> bool:
    return any(isinstance(e, StateEntered) and e.transition == f"{region}.{edge.id}" for e in session.log[-40:])
