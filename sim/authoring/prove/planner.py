"""A backward-chaining planner: which orders, stops and beliefs bring a goal nearer, given the true state.

It is no learner and scores nothing. From a condition or a transition it also says what must not be done, and which
transitions of other regions lead there. `turn` chooses among alternatives, so that another turn tries another way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from sim.authoring.prove.backward_graph import DEEPEST, BackwardGraph, alternatives
from sim.authoring.prove.pool_moves import PoolMove, pool_moves
from sim.case.model.conditions import Condition
from sim.case.model.disease import Crossing, Transition
from sim.case.model.terms import (
    Age,
    All,
    AtLeast,
    Believes,
    Dose,
    Effect,
    Elapsed,
    In,
    Leaf,
    Level,
    Not,
    Occurrence,
    Ordered,
    Resulted,
    Running,
    ShowsFinding,
    ShowsValue,
    Since,
    Term,
    Told,
    parsed,
)
from sim.engine.session import Session


@dataclass(slots=True)
class HelpfulActions:
    """The planner's helpful actions: what would bring the goal nearer now."""

    place: dict[str, str | None] = field(default_factory=dict)
    """Orders to place, with a dose label."""
    stop: list[str] = field(default_factory=list)
    avoid: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)
    """Therapies that something on the path rests on: they are neither avoided nor stopped before it came about."""
    believe: dict[str, float] = field(default_factory=dict)
    watch: bool = True
    """Whether to look again soon; else only when something happens."""


class Planner:
    """Says which actions help in a session. It knows the truth."""

    def __init__(self, graph: BackwardGraph, turn: int = 0, chosen: frozenset[str] = frozenset()) -> None:
        """Take the case's graph, which alternative to try first, and the transitions to go by where they lead on."""
        self._graph, self._turn, self._chosen = graph, turn, chosen
        self.pursued: dict[tuple[str, str], Transition] = {}
        """Every transition it went by, by (region, id)."""
        self._helpful = HelpfulActions()
        self._on_path: set[tuple[str, str]] = set()

    def toward_edge(self, session: Session, region: str, edge: Transition) -> HelpfulActions:
        """Return what would help a transition to fire."""
        self._begin(session)
        self._pursue(region, edge)
        return self._helpful

    def toward(self, session: Session, *conditions: Condition) -> HelpfulActions:
        """Return what would help conditions to hold, all together."""
        self._begin(session)
        for condition in conditions:
            self._satisfy(condition)
        return self._helpful

    def accepted(self, session: Session, order: str) -> HelpfulActions:
        """Return what would help an order to be accepted by the ward."""
        self._begin(session)
        for need in session.scenario.catalogue.orders[order].needs:
            self._satisfy(need.when)
        return self._helpful

    def _begin(self, session: Session) -> None:
        self._helpful, self._on_path = HelpfulActions(), set()
        self._session, self._facts = session, session.knowledge

    def _holds(self, condition: Condition | Term | None) -> bool:
        return condition is None or self._facts.holds(condition, self._session.now, truth=True)

    # --- transitions --------------------------------------------------------------------------------------

    def _pursue(self, region: str, edge: Transition) -> None:
        if (region, edge.id) in self._on_path or len(self._on_path) >= DEEPEST:
            return
        self._on_path.add((region, edge.id))
        self.pursued[(region, edge.id)] = edge
        state = self._facts.states[region]
        if state not in edge.source:
            self._enter(region, edge.source)
            return
        if isinstance(edge, Crossing):
            self._move_pool(region, edge)
            return
        self._satisfy(edge.when)
        self._trigger(edge)

    def _move_pool(self, pool_id: str, edge: Crossing) -> None:
        """Give what moves the amount toward the band, at the dose that moves it most, and leave off what moves it
        back. Every other turn also brings about one of the states in which the amount moves by itself."""
        scenario = self._graph.scenario
        pool, band = scenario.disease.pools[pool_id], self._facts.states[pool_id]
        moves = list(pool_moves(pool, band, edge.into, scenario.catalogue.orders))
        by_itself = [move for move in moves if move.toward and move.therapy is None and move.when is not None]
        for move in moves:
            if not move.toward:
                self._leave_off(move)
            elif move.therapy is not None:
                if self._session.knowledge.running.get(move.therapy, "") != move.dose:
                    self._helpful.place.setdefault(move.therapy, move.dose)
                self._helpful.needs.add(move.therapy)
        if by_itself and self._turn % 2:
            self._satisfy(by_itself[self._turn // 2 % len(by_itself)].when)

    def _leave_off(self, move: PoolMove) -> None:
        if move.therapy is not None:
            self._refute(Running((move.therapy,)))
        elif move.when is not None and self._turn % 2:
            self._refute(parsed(move.when))

    def _enter(self, region: str, states: Iterable[str]) -> None:
        state, wanted = self._facts.states[region], frozenset(states)
        path = self._graph.path(region, state, wanted, 0, self._chosen) or self._graph.path(region, state, wanted)
        if path:
            self._pursue(region, path[0])

    def _trigger(self, edge: Transition) -> None:
        on = edge.on
        if on is None:
            return
        if on.enter is not None:
            ((region, states),) = on.enter.items()
            if self._facts.states[region] in states:
                self._leave(region, states)
            else:
                self._enter(region, states)
        if on.start is not None and self._holds(edge.when):
            self._place(on.start)
        if on.result is not None:
            self._place(on.result)
        if on.effect is not None:
            running = [name for name in on.effect if name in self._facts.running]
            acting = [name for name in running if name in self._facts.effects]
            if acting and self._holds(edge.when):
                self._helpful.stop += acting
            elif not running:
                self._place(on.effect)
        if on.stop is not None:
            running = [name for name in on.stop if name in self._facts.running]
            if running:
                self._helpful.stop += running
            else:
                self._place(on.stop)

    def _leave(self, region: str, states: Iterable[str]) -> None:
        kept = set(states)
        out = [e for e in self._graph.edges(region)
               if self._facts.states[region] in e.source and e.target not in kept]  # fmt: skip
        out = [e for e in out if not self._graph.scenario.disease.regions[region].states[e.target].outcome] or out
        if out:
            self._pursue(region, out[self._turn % len(out)])

    # --- conditions ---------------------------------------------------------------------------------------

    def _satisfy(self, condition: Condition | None) -> None:
        if condition is not None:
            self._bring_about(parsed(condition))

    def _bring_about(self, term: Term) -> None:
        match term:
            case All(parts):
                for part in sorted(parts, key=lambda part: isinstance(part, Not)):  # by then it is known what is needed
                    self._bring_about(part)
            case AtLeast():
                self._bring_about_some(term)
            case Not(part):
                self._refute(part)
            case _:
                if not self._holds(term):
                    self._bring_about_leaf(term)
                self._helpful.needs.update(term.therapies if isinstance(term, (Effect, Running)) else ())

    def _bring_about_some(self, term: AtLeast) -> None:
        parts = alternatives(term, self._turn)
        left = term.n - sum(self._holds(part) for part in parts)
        for part in parts:
            if left > 0 and not self._holds(part):
                self._bring_about(part)
                left -= 1

    def _bring_about_leaf(self, leaf: Leaf) -> None:
        match leaf:
            case In(region, states):
                self._enter(region, states)
            case Effect(orders) | Running(orders) | Ordered(orders) | Resulted(orders):
                self._place_unless_running(orders)
            case Told(codes):
                self._reveal(codes)
            case ShowsFinding(order, codes):
                self._find(order, codes)
            case ShowsValue():
                self._measure(leaf)
            case Age() | Elapsed():
                return  # only time brings it
            case Since(occurrence):
                self._reach_event(occurrence)
            case Level() | Dose():
                self._dose(leaf)
            case Believes(diagnosis, above):
                self._helpful.believe[diagnosis] = 0.95 if above is not None else 0.0
            case _:
                assert_never(leaf)

    def _reveal(self, codes: Iterable[str]) -> None:
        edges = [edge for code in codes for edge in self._graph.revealing(code)]
        if edges:
            self._pursue(*edges[self._turn % len(edges)])

    def _reach_event(self, occurrence: Occurrence) -> None:
        """Bring about an occurrence that time is measured from, where it has not come yet."""
        match occurrence.kind:
            case "told":
                self._reveal((occurrence.of,))
            case "ordered" | "resulted":
                if occurrence.of not in self._facts.placed:
                    self._place((occurrence.of,))
            case "stopped":
                if occurrence.of not in self._facts.last_stopped:
                    self._stop_or_place(occurrence.of)
            case _:
                assert_never(occurrence.kind)

    def _stop_or_place(self, therapy: str) -> None:
        if therapy in self._facts.running:
            self._helpful.stop.append(therapy)
        else:
            self._place((therapy,))

    def _find(self, order: str, codes: Sequence[str]) -> None:
        said = [f for f in self._graph.findings(order) if f.code in codes]
        if said and not any(self._holds(f.when) for f in said):
            self._satisfy(said[self._turn % len(said)].when)
        self._place((order,))

    def _measure(self, shows: ShowsValue) -> None:
        orders, movers = self._graph.measuring(shows.observable), self._graph.movers(shows)
        if orders:
            self._place(orders)
        if movers:
            region, state = movers[self._turn % len(movers)]
            if self._facts.states[region] != state:
                self._enter(region, (state,))

    def _refute(self, term: Term) -> None:
        """Make a term fail; what is ordered must not be. A conjunction fails with what can be made to fail in it."""
        match term:
            case Effect(therapies) | Running(therapies):
                unneeded = [name for name in therapies if name not in self._helpful.needs]
                self._helpful.avoid.update(unneeded)
                self._helpful.stop += [name for name in unneeded if name in self._facts.running]
            case Ordered(orders) | Resulted(orders):
                self._helpful.avoid.update(orders)
            case In(region, states):
                if self._facts.states[region] in states:
                    self._leave(region, states)
            case AtLeast(_, parts):
                for part in parts:
                    self._refute(part)
            case Not(part):
                self._bring_about(part)
            case All(parts):
                self._refute_one(parts)
            case Told() | ShowsFinding() | ShowsValue() | Age() | Elapsed() | Since() | Level() | Dose() | Believes():
                return  # what is known stays known, and time passes by itself
            case _:
                assert_never(term)

    def _refute_one(self, parts: Sequence[Term]) -> None:
        """Avoid what the parts ask for; leave a region for one of them only, and only where all of them hold."""
        held = all(map(self._holds, parts))
        left = False
        for part in parts:
            if not isinstance(part, In):
                self._refute(part)
            elif held and not left:
                left = True
                self._refute(part)

    # --- orders -------------------------------------------------------------------------------------------

    def _place(self, orders: Sequence[str]) -> None:
        self._helpful.place.setdefault(orders[self._turn % len(orders)], None)

    def _place_unless_running(self, orders: Sequence[str]) -> None:
        """One that was given and has still to begin only needs time."""
        if not any(name in self._facts.running for name in orders):
            self._place(orders)

    def _dose(self, drug: Level | Dose) -> None:
        order = self._session.scenario.catalogue.orders[drug.therapy]
        if not order.doses:
            self._place((drug.therapy,))
            return
        options = [
            option
            for doses in (order.doses, order.extremes)
            for option in sorted(doses, key=lambda option: option.amount, reverse=drug.below is None)
        ]
        chosen = options[self._turn // 2 % len(options) if len(options) > 1 else 0]
        self._helpful.place[drug.therapy] = chosen.label
