"""The disease with hazards accelerated towards a goal: importance sampling for reachability, without weights.

What leads to the goal comes soon, what leads away from it comes late.
Only how soon hazards fire and how likely chances are is changed, never whether they can: a rate that is not zero stays
above zero, a chance between 0 and 1 stays between them (or becomes certain where it was possible). So the accelerated
and the original disease can reach the same states. Guards, stays, onsets, doses and ages are unchanged. Nothing is
estimated from these lives, so they need no likelihood ratios.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Final

from sim.authoring.prove.backward_graph import DEEPEST, BackwardGraph, Edge, alternatives
from sim.case.model.conditions import Condition
from sim.case.model.disease import Crossing, Transition
from sim.case.model.scenario import Scenario
from sim.case.model.terms import All, AtLeast, In, Occurrence, ShowsFinding, ShowsValue, Since, Term, Told, parsed

SLOW: Final = 525960 * 50
"""Median of what leads away, minutes: so long that it hardly ever comes in between."""
RARE: Final = 0.02
SPREAD: Final = (0.2, 1.0, 8.0)
"""Shares of the pace at which transitions on the path come."""


def path_to(
    graph: BackwardGraph, goal: Edge | Condition, turn: int
) -> tuple[dict[tuple[str, str], Transition], dict[str, str]]:
    """Return the transitions on a path to a goal, by (region, id), and the state each region should begin in."""
    tracer = _Tracer(graph, turn)
    if isinstance(goal, tuple):
        tracer.edge(goal[0], goal[1], 0)
    else:
        tracer.condition(goal, 0)
    return tracer.edges, tracer.begins


class _Tracer:
    """Follows causes backwards without a patient."""

    def __init__(self, graph: BackwardGraph, turn: int) -> None:
        self._graph, self._turn = graph, turn
        self.edges: dict[tuple[str, str], Transition] = {}
        self.begins: dict[str, str] = {}

    def edge(self, region: str, edge: Transition, depth: int) -> None:
        if (region, edge.id) in self.edges or depth > DEEPEST:
            return
        self.edges[(region, edge.id)] = edge
        self.enter(region, edge.source, depth)
        self.condition(edge.when, depth + 1)
        if edge.on is not None and edge.on.enter is not None:
            ((other, states),) = edge.on.enter.items()
            self.enter(other, states, depth + 1)

    def enter(self, region: str, states: Iterable[str], depth: int) -> None:
        wanted, begins = frozenset(states), self._graph.begins(region)
        direct = [state for state in begins if state in wanted]
        if direct:
            self.begins.setdefault(region, direct[self._turn % len(direct)])
            return
        cut = self._turn % len(begins)
        for start in (self.begins[region],) if region in self.begins else (*begins[cut:], *begins[:cut]):
            path = self._graph.path(region, start, wanted, self._turn)
            if path:
                self.begins.setdefault(region, start)
                for step in path:
                    self.edge(region, step, depth + 1)
                return

    def condition(self, condition: Condition | None, depth: int) -> None:
        if condition is not None:
            self.term(parsed(condition), depth)

    def term(self, term: Term, depth: int) -> None:
        """Follow what brings a term about; what orders and time alone bring about has no transition to accelerate."""
        if depth > DEEPEST:
            return
        match term:
            case All(parts):
                for part in parts:
                    self.term(part, depth + 1)
            case AtLeast(n):
                for part in alternatives(term, self._turn)[:n]:
                    self.term(part, depth + 1)
            case _:
                self.leaf(term, depth)

    def leaf(self, term: Term, depth: int) -> None:
        match term:
            case In(region, states):
                self.enter(region, states, depth)
            case Told(codes):
                self.told(codes, depth)
            case Since(Occurrence("told", code)):
                self.told((code,), depth)
            case ShowsValue():
                movers = self._graph.movers(term)
                if movers:
                    region, state = movers[self._turn % len(movers)]
                    self.enter(region, (state,), depth + 1)
            case ShowsFinding(order, codes):
                said = [f for f in self._graph.findings(order) if f.code in codes]
                if said:
                    self.condition(said[self._turn % len(said)].when, depth + 1)

    def told(self, codes: Iterable[str], depth: int) -> None:
        revealing = [edge for code in codes for edge in self._graph.revealing(code)]
        if revealing:
            self.edge(*revealing[self._turn % len(revealing)], depth + 1)


def accelerated(
    scenario: Scenario, edges: dict[tuple[str, str], Transition], begins: dict[str, str], pace: int
) -> Scenario:  # fmt: skip
    """Return the case with the transitions in `edges` at a median of at most `pace` minutes and what competes with
    them, and every outcome that is not among them, slow."""
    touched = {region for region, _ in edges}
    regions = {
        name: region.model_copy(update={"transitions": tuple(
            _quick(edge, _jittered(pace, name, edge.id)) if (name, edge.id) in edges
            else _slow(edge) if name in touched or region.states[edge.target].outcome else edge
            for edge in region.transitions
        )})
        for name, region in scenario.disease.regions.items()
    }  # fmt: skip
    start = dict(scenario.case.start) | {name: {state: 1.0} for name, state in begins.items()}
    disease = scenario.disease.model_copy(update={"regions": regions})
    return scenario.model_copy(update={"disease": disease, "case": scenario.case.model_copy(update={"start": start})})


def _jittered(pace: int, region: str, name: str) -> int:
    """Some of the path comes sooner than the rest, by its name: what must stay a while is not left at once."""
    return max(10, round(pace * SPREAD[zlib.crc32(f"{region}.{name}:{pace}".encode()) % len(SPREAD)]))


def _quick(edge: Transition, pace: int) -> Transition:
    if edge.on is not None:
        return edge.model_copy(update={"chance": None}) if edge.chance else edge
    if edge.after is not None or isinstance(edge, Crossing):
        return edge
    return edge.model_copy(update={"median": min(pace, _median(edge)), "risk": None})


def _slow(edge: Transition) -> Transition:
    if edge.on is not None:
        rare = edge.chance is not None and RARE < edge.chance < 1
        return edge.model_copy(update={"chance": RARE}) if rare else edge
    if edge.after is not None or isinstance(edge, Crossing):
        return edge
    return edge.model_copy(update={"median": max(SLOW, _median(edge)), "risk": None})


def _median(edge: Transition) -> int:
    """The median of a hazard, whichever way it is written."""
    if edge.median is not None:
        return edge.median
    from sim.engine.chart import LN2, rate_of

    return max(1, round(LN2 / rate_of(edge)))
