"""The state graph: the one door to networkx.

A disease is a `MultiDiGraph` with a node per (region, state) and an edge per transition and source. Node and edge
attributes carry the model's own objects, and every edge the author's order, which `out_edges` does not keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx

from sim.case.model.disease import Disease, Transition
from sim.case.model.terms import All, AtLeast, In, Term, parsed

Node = tuple[str, str]
"""(region, state)."""


@dataclass(frozen=True, slots=True)
class GraphProblem:
    """What a question to the graph found wrong, at a region's state or transition."""

    code: str
    region: str
    name: str
    message: str


def build(disease: Disease) -> nx.MultiDiGraph[Node]:
    """Return the state graph. Nodes: `state`, `initial` (share); edges keyed by transition id: `transition`, `order`.

    Raises ValueError where a transition or an initial mix names a state that does not exist.
    """
    graph: nx.MultiDiGraph[Node] = nx.MultiDiGraph(name=disease.id)
    order = 0
    for region_id, region in disease.regions.items():
        for state_id, state in region.states.items():
            graph.add_node((region_id, state_id), state=state, initial=region.initial.get(state_id, 0.0))
        for transition in region.transitions:
            for source in transition.source:
                graph.add_edge(
                    (region_id, source), (region_id, transition.target),
                    key=transition.id, transition=transition, order=order,
                )  # fmt: skip
            order += 1
        strangers = {*region.initial, *_ends(region.transitions)} - set(region.states)
        if strangers:
            raise ValueError(f"region {region_id!r} names unknown states: {', '.join(sorted(strangers))}")
    return graph


def _ends(transitions: tuple[Transition, ...]) -> set[str]:
    return {name for transition in transitions for name in (*transition.source, transition.target)}


def transitions_of(graph: nx.MultiDiGraph[Node]) -> tuple[tuple[str, Transition], ...]:
    """Return (region, transition) once each, in the author's order."""
    found = {data["order"]: (source[0], data["transition"]) for source, _, data in graph.edges(data=True)}
    return tuple(found[order] for order in sorted(found))


def reachable(disease: Disease, start: Mapping[str, Mapping[str, float]] | None = None) -> set[Node]:
    """Return every (region, state) that some patient can be in, guards on other regions' states included.

    `start` holds a case's own initial mixes. A guard counts as open unless it demands a state that nothing reaches:
    a safe over-estimate for time and therapies, exact for states.
    """
    mixes: dict[str, Mapping[str, float]] = {name: region.initial for name, region in disease.regions.items()}
    mixes |= start or {}
    reached: set[Node] = {(region, state) for region, mix in mixes.items() for state, share in mix.items() if share > 0}
    edges = [(r, t) for r, region in disease.regions.items() for t in region.transitions]
    grown = True
    while grown:
        grown = False
        for region, transition in edges:
            target = (region, transition.target)
            if target in reached or not any((region, s) in reached for s in transition.source):
                continue
            if _can_open(transition, reached):
                reached.add(target)
                grown = True
    return reached


def _can_open(transition: Transition, reached: set[Node]) -> bool:
    if transition.on is not None and transition.on.enter is not None:
        ((region, states),) = transition.on.enter.items()
        if not any((region, state) in reached for state in states):
            return False
    return transition.when is None or _possible(parsed(transition.when), reached)


def _possible(term: Term, reached: set[Node]) -> bool:
    match term:
        case In(region, states):
            return any((region, state) in reached for state in states)
        case All(parts):
            return all(_possible(part, reached) for part in parts)
        case AtLeast(n, parts):
            return sum(_possible(part, reached) for part in parts) >= n
    return True


def problems(disease: Disease, start: Mapping[str, Mapping[str, float]] | None = None) -> tuple[GraphProblem, ...]:
    """Return what is wrong with the shape of the graph: unreachable states, transitions that can never fire,
    zero-time loops, and a disease from which no outcome can be reached. In file order."""
    graph, reached = build(disease), reachable(disease, start)
    found = [
        GraphProblem("unreachable-state", region, state, f"no patient can ever enter the state {region}.{state}")
        for region, state in graph
        if (region, state) not in reached
    ]
    for region, transition in transitions_of(graph):
        if not (any((region, s) in reached for s in transition.source) and _can_open(transition, reached)):
            found.append(
                GraphProblem("dead-transition", region, transition.id, f"{region}.{transition.id} can never fire")
            )
    found += [
        GraphProblem("zero-time-loop", loop[0][0], loop[0][1], "these states follow one another without time passing: "
                     + " -> ".join(f"{r}.{s}" for r, s in loop))
        for loop in _instant_loops(disease)
    ]  # fmt: skip
    outcomes = {node for node, data in graph.nodes(data=True) if data["state"].outcome}
    if not outcomes & reached:
        found.append(GraphProblem("no-outcome", "", "", "no outcome state can be reached: the disease cannot end"))
    return tuple(found)


def _instant_loops(disease: Disease) -> list[list[Node]]:
    """Cycles of transitions that set one another off, or have a stay of no time, in the same minute."""
    instant: nx.DiGraph[Node] = nx.DiGraph()
    for region_id, region in disease.regions.items():
        for transition in region.transitions:
            target = (region_id, transition.target)
            if transition.on is not None and transition.on.enter is not None and transition.chance is None:
                ((other, states),) = transition.on.enter.items()
                instant.add_edges_from(((other, state), target) for state in states)
            elif transition.after is not None and transition.after[0] == 0:
                instant.add_edges_from(((region_id, source), target) for source in transition.source)
    return [list(loop) for loop in nx.simple_cycles(instant)]


def layers(disease: Disease, region: str) -> tuple[tuple[str, ...], ...]:
    """Return a region's states in columns for a drawing: where patients begin first, then by fewest transitions."""
    graph = build(disease)
    own = graph.subgraph([node for node in graph if node[0] == region])
    begins = [(region, state) for state, share in disease.regions[region].initial.items() if share > 0]
    columns = [[state for _, state in column] for column in nx.bfs_layers(own, begins)]
    seen = {state for column in columns for state in column}
    rest = [state for _, state in own if state not in seen]
    order = {state: place for place, state in enumerate(disease.regions[region].states)}
    return tuple(tuple(sorted(column, key=order.__getitem__)) for column in [*columns, rest] if column)
