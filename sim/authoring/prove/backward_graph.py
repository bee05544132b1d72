"""The transition graph read backwards: how a state is entered, and what reveals, measures or moves a finding."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sim.case.model.disease import Finding, Transition
from sim.case.model.effects import Effect
from sim.case.model.scenario import Scenario
from sim.case.model.terms import AtLeast, ShowsValue, Term

DEEPEST: Final = 8
"""A chain of causes longer than this is not followed."""

Edge = tuple[str, Transition]
"""A region and one of its transitions."""


@dataclass(slots=True)
class BackwardGraph:
    """A case's transitions, followed backwards."""

    scenario: Scenario

    def edges(self, region: str) -> tuple[Transition, ...]:
        """Return a region's transitions."""
        return self.scenario.disease.regions[region].transitions

    def path(
        self, region: str, start: str, wanted: frozenset[str], turn: int = 0, among: Collection[str] | None = None
    ) -> list[Transition]:
        """Return the transitions of a path from a state into a wanted one; empty if there is none.

        Paths differ in their last transition; `turn` chooses among them, the shortest first, and every other turn goes
        by the later of equal transitions before it. `among` restricts all to these names (`region.id`).
        """
        edges = [e for e in self.edges(region) if among is None or f"{region}.{e.id}" in among]
        come: dict[str, Transition | None] = {start: None}
        queue = deque([start])
        while queue:
            state = queue.popleft()
            for edge in edges if turn % 2 == 0 else edges[::-1]:
                if state in edge.source and edge.target not in come:
                    come[edge.target] = edge
                    queue.append(edge.target)
        into = [(e, state) for e in edges if e.target in wanted for state in e.source if state in come]
        paths = sorted(([*_back(come, state), e] for e, state in into), key=len)
        return paths[turn % len(paths)] if paths else []

    def begins(self, region: str) -> tuple[str, ...]:
        """Return the states a region can begin in: in this case, or as the disease has it."""
        start = self.scenario.case.start.get(region, {})
        mixes = (start, self.scenario.disease.regions[region].initial)
        return tuple(dict.fromkeys(state for mix in mixes for state, share in mix.items() if share > 0))

    def revealing(self, code: str) -> list[Edge]:
        """Return the transitions whose call reveals a code."""
        regions = self.scenario.disease.regions
        return [(name, edge) for name in regions for edge in self.edges(name) if edge.reveals == code]

    def findings(self, order: str) -> tuple[Finding, ...]:
        """Return what an order's result can say in this case."""
        return self.scenario.case.results.get(order) or self.scenario.disease.results.get(order) or ()

    def measuring(self, observable: str) -> list[str]:
        """Return the orders that measure an observable, the cheapest first."""
        orders = [o for o in self.scenario.catalogue.orders.values() if observable in o.measures]
        return [order.id for order in sorted(orders, key=lambda o: o.turnaround + o.takes)]

    def movers(self, shows: ShowsValue) -> list[tuple[str, str]]:
        """Return the (region, state) whose effect moves an observable towards a bound, the surest first."""
        up, found = shows.above is not None, []
        for name, region in self.scenario.disease.regions.items():
            for state_id, state in region.states.items():
                effect = state.observables.get(shows.observable)
                if effect is not None and _moves(effect, shows, up):
                    found.append((effect.set is None, name, state_id))
        return [(name, state_id) for _, name, state_id in sorted(found, key=lambda item: item[0])]


def _back(come: dict[str, Transition | None], state: str) -> list[Transition]:
    path: list[Transition] = []
    while (edge := come[state]) is not None:
        path.append(edge)
        state = next(source for source in come if source in edge.source)
    return path[::-1]


def _moves(effect: Effect, shows: ShowsValue, up: bool) -> bool:
    if effect.set is not None:
        beyond = shows.above if up else shows.below
        return beyond is not None and (effect.set > beyond if up else effect.set < beyond)
    if effect.scale is not None:
        return effect.scale > 1 if up else effect.scale < 1
    return effect.shift is not None and (effect.shift > 0 if up else effect.shift < 0)


def alternatives(term: AtLeast, turn: int) -> tuple[Term, ...]:
    """Return the parts of which so many must hold, the one whose turn it is first."""
    cut = turn % len(term.parts) if term.parts else 0
    return (*term.parts[cut:], *term.parts[:cut])
