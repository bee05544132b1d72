"""The chart: a disease's graph compiled for stepping. Built once for a case, read-only, shared by all its patients."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from sim.case.model.disease import Crossing, Transition
from sim.case.model.scenario import Scenario
from sim.case.model.terms import Fact
from sim.engine import graph
from sim.engine.conditions import Compiler, Guard
from sim.engine.fate import stream_key
from sim.engine.pool import ModelChart, PoolChart, compile_models, compile_pools

LN2 = math.log(2.0)


@dataclass(frozen=True, slots=True)
class Edge:
    """One compiled transition."""

    number: int
    """Its place in the author's order over the whole disease."""
    region: int
    id: str
    """`region.transition`."""
    sources: frozenset[int]
    target: int
    rate: float
    """Per minute, before modifiers; 0 for stays and events."""
    stay: tuple[int, int] | None
    chance: float | None
    guard: Guard | None
    modifiers: tuple[tuple[float, Guard | None], ...]
    stream: int
    """Stream key of its hazard, stay or chance draws."""
    call: str | None
    reveals: str | None
    pool: int = -1
    """The pool whose crossing it is; -1 for a transition of a region."""

    @property
    def timed(self) -> bool:
        """Whether it is a hazard or a stay (and not an event)."""
        return self.rate > 0 or self.stay is not None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Chart:
    """The compiled state graph of one case."""

    scenario: Scenario
    regions: tuple[str, ...]
    states: tuple[tuple[str, ...], ...]
    """State names of each region."""
    outcomes: tuple[frozenset[int], ...]
    """Outcome states of each region."""
    edges: tuple[Edge, ...]
    timed: tuple[tuple[tuple[int, ...], ...], ...]
    """timed[region][state]: numbers of the hazards and stays that leave it, in order."""
    waiting: Mapping[Fact, tuple[int, ...]]
    """Event to the numbers of the transitions that wait for it, in order."""
    readers: Mapping[Fact, tuple[int, ...]]
    """Fact to the numbers of the timed transitions whose guard or rate reads it, in order."""
    mixes: tuple[tuple[tuple[int, float], ...], ...]
    """Initial states and shares of each region."""
    streams: tuple[int, ...]
    """Stream keys of the regions' initial draws."""
    age_marks: tuple[int, ...]
    """Ages (minutes) at which some guard may change, ascending."""
    levels: Mapping[str, object]
    compiler: Compiler
    pools: tuple[PoolChart, ...] = ()
    pool_readers: Mapping[Fact, tuple[int, ...]] = field(default_factory=dict)
    """Fact to the numbers of the pools whose flows read it, in order."""
    models: Mapping[str, ModelChart] = field(default_factory=dict)
    """Observables that follow from pools and from one another; each after those it reads."""

    @property
    def numbering(self) -> dict[str, tuple[int, dict[str, int]]]:
        """Each region's number and its states' numbers."""
        return _numbering(self.regions, self.states)


def _numbering(regions: tuple[str, ...], states: tuple[tuple[str, ...], ...]) -> dict[str, tuple[int, dict[str, int]]]:
    return {name: (i, {state: j for j, state in enumerate(states[i])}) for i, name in enumerate(regions)}


_SHARED: WeakValueDictionary[int, Chart] = WeakValueDictionary()
"""The charts in use by the identity of their scenario, which each of them keeps alive."""


def chart_of(scenario: Scenario) -> Chart:
    """Return the chart of a case, the one that others play at this moment if there is one.

    It is compiled anew when nobody holds it any more. Raises ValueError like `compile_chart`.
    """
    found = _SHARED.get(id(scenario))
    if found is not None and found.scenario is scenario:
        return found
    return _SHARED.setdefault(id(scenario), compile_chart(scenario))


def compile_chart(scenario: Scenario) -> Chart:
    """Return the chart of a case. Raises ValueError where the disease contradicts itself (see `graph.build`)."""
    disease = scenario.disease
    nodes = graph.build(disease)
    regions = tuple(disease.regions)
    states = tuple(tuple(state for region, state in nodes if region == name) for name in regions)
    numbering = _numbering(regions, states)
    compiler = Compiler(numbering, disease.levels)
    places = {name: number for number, name in enumerate(disease.pools)}
    edges: list[Edge] = []
    waiting: dict[Fact, list[int]] = {}
    readers: dict[Fact, list[int]] = {}
    for region, transition in graph.transitions_of(nodes):
        edge, reads = _compile_edge(len(edges), region, transition, numbering, compiler, places)
        edges.append(edge)
        for event in _events(transition):
            waiting.setdefault(event, []).append(edge.number)
        if edge.timed:
            for fact in sorted(reads):
                readers.setdefault(fact, []).append(edge.number)
    mixes = _mixes(scenario, numbering)
    numbers = {name: i for i, name in enumerate(regions)}
    pools, pool_readers = compile_pools(disease, numbers, {edge.id: edge.number for edge in edges}, compiler)
    return Chart(
        scenario=scenario,
        regions=regions,
        states=states,
        outcomes=tuple(
            frozenset(j for j, state in enumerate(names) if disease.regions[region].states[state].outcome)
            for region, names in zip(regions, states, strict=True)
        ),
        edges=tuple(edges),
        timed=_timed(edges, states),
        waiting={event: tuple(numbers) for event, numbers in waiting.items()},
        readers={fact: tuple(numbers) for fact, numbers in readers.items()},
        mixes=mixes,
        streams=tuple(stream_key(f"initial:{region}") for region in regions),
        age_marks=tuple(sorted(compiler.age_marks)),
        levels={level.therapy: level for level in disease.levels},
        compiler=compiler,
        pools=pools,
        pool_readers=pool_readers,
        models=compile_models(disease, pools, {name: o.unit for name, o in scenario.catalogue.observables.items()}),
    )


def _timed(edges: Sequence[Edge], states: Sequence[Sequence[str]]) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """The hazards and stays that leave each state of each region."""
    leaving = [[list[int]() for _ in names] for names in states]
    for edge in edges:
        for state in edge.sources if edge.timed else ():
            leaving[edge.region][state].append(edge.number)
    return tuple(tuple(tuple(numbers) for numbers in region) for region in leaving)


def _compile_edge(
    number: int, region: str, transition: Transition,
    numbering: dict[str, tuple[int, dict[str, int]]], compiler: Compiler, pools: Mapping[str, int],
) -> tuple[Edge, frozenset[Fact]]:  # fmt: skip
    index, names = numbering[region]
    guard, reads = compiler.guard(transition.when)
    modifiers = []
    for modifier in transition.modifiers:
        holds, more = compiler.guard(modifier.when)
        modifiers.append((modifier.x, holds))
        reads |= more
    kind = "chance" if transition.on is not None else "stay" if transition.after is not None else "hazard"
    edge = Edge(
        number=number,
        region=index,
        id=f"{region}.{transition.id}",
        sources=frozenset(names[source] for source in transition.source),
        target=names[transition.target],
        rate=rate_of(transition),
        stay=transition.after,
        chance=transition.chance,
        guard=guard,
        modifiers=tuple(modifiers),
        stream=stream_key(f"{kind}:{region}.{transition.id}"),
        call=transition.call,
        reveals=transition.reveals,
        pool=pools.get(region, -1) if isinstance(transition, Crossing) else -1,
    )
    return edge, reads


def rate_of(transition: Transition) -> float:
    """Return the unmodified rate per minute: ln 2 / median, or -ln(1 - p) / t; 0 for stays and events."""
    if transition.median is not None:
        return LN2 / transition.median
    if transition.risk is not None:
        share, by = transition.risk
        return -math.log1p(-share) / by
    return 0.0


def _events(transition: Transition) -> list[Fact]:
    on = transition.on
    if on is None:
        return []
    if on.enter is not None:
        ((region, states),) = on.enter.items()
        return [("enter", f"{region}.{state}") for state in states]
    named = {"start": on.start, "stop": on.stop, "effect": on.effect, "result": on.result}
    return [(what, name) for what, names in named.items() for name in names or ()]


def _mixes(
    scenario: Scenario, numbering: dict[str, tuple[int, dict[str, int]]]
) -> tuple[tuple[tuple[int, float], ...], ...]:
    mixes = []
    for region, (_, names) in numbering.items():
        mix = scenario.case.start.get(region, scenario.disease.regions[region].initial)
        mixes.append(tuple((names[state], share) for state, share in mix.items()))
    return tuple(mixes)
