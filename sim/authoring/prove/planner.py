"""What to do so that something comes about: a planner that knows the true state and works backwards from a goal.

It is no learner and scores nothing. It asks, from a condition or a transition, which orders, stops and beliefs would
bring it nearer in the patient as they are; what it must not do; and by which transitions of other regions it would come
there. `turn` chooses among alternatives, so that another turn tries another way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sim.authoring.prove.backward_graph import DEEPEST, Ways, alternatives
from sim.case.model.conditions import Condition, Dose, Level, Shows
from sim.case.model.disease import Transition
from sim.engine.session import Session


@dataclass(slots=True)
class Wish:
    """What would help now."""

    place: dict[str, str | None] = field(default_factory=dict)
    """Orders to place, with a dose label."""
    stop: list[str] = field(default_factory=list)
    avoid: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)
    """Therapies that something on the way rests on: they are neither avoided nor stopped before it came about."""
    believe: dict[str, float] = field(default_factory=dict)
    watch: bool = True
    """Whether to look again soon; else only when something happens."""


class Planner:
    """Says what to wish for in a session. It knows the truth."""

    def __init__(self, ways: Ways, turn: int = 0, chosen: frozenset[str] = frozenset()) -> None:
        """Take the case's ways, which alternative to try first, and the transitions to go by where they lead on."""
        self._ways, self._turn, self._chosen = ways, turn, chosen
        self.pursued: dict[tuple[str, str], Transition] = {}
        """Every transition it went by, by (region, id)."""
        self._wish = Wish()
        self._on_the_way: set[tuple[str, str]] = set()

    def toward_edge(self, session: Session, region: str, edge: Transition) -> Wish:
        """Return what would help a transition to fire."""
        self._begin(session)
        self._pursue(region, edge)
        return self._wish

    def toward(self, session: Session, *conditions: Condition) -> Wish:
        """Return what would help conditions to hold, all together."""
        self._begin(session)
        for condition in conditions:
            self._satisfy(condition)
        return self._wish

    def accepted(self, session: Session, order: str) -> Wish:
        """Return what would help an order to be accepted by the ward."""
        self._begin(session)
        for need in session.scenario.catalogue.orders[order].needs:
            self._satisfy(need.when)
        return self._wish

    def _begin(self, session: Session) -> None:
        self._wish, self._on_the_way = Wish(), set()
        self._session, self._facts = session, session.knowledge

    def _holds(self, condition: Condition | None) -> bool:
        return condition is None or self._facts.holds(condition, self._session.now, truth=True)

    # --- transitions --------------------------------------------------------------------------------------

    def _pursue(self, region: str, edge: Transition) -> None:
        if (region, edge.id) in self._on_the_way or len(self._on_the_way) >= DEEPEST:
            return
        self._on_the_way.add((region, edge.id))
        self.pursued[(region, edge.id)] = edge
        state = self._facts.states[region]
        if state not in edge.source:
            self._enter(region, edge.source)
            return
        self._satisfy(edge.when)
        self._trigger(edge)

    def _enter(self, region: str, states: Iterable[str]) -> None:
        state, wanted = self._facts.states[region], frozenset(states)
        path = self._ways.path(region, state, wanted, 0, self._chosen) or self._ways.path(region, state, wanted)
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
                self._wish.stop += acting
            elif not running:
                self._place(on.effect)
        if on.stop is not None:
            running = [name for name in on.stop if name in self._facts.running]
            if running:
                self._wish.stop += running
            else:
                self._place(on.stop)

    def _leave(self, region: str, states: Iterable[str]) -> None:
        kept = set(states)
        out = [e for e in self._ways.edges(region)
               if self._facts.states[region] in e.source and e.target not in kept]  # fmt: skip
        out = [e for e in out if not self._ways.scenario.disease.regions[region].states[e.target].outcome] or out
        if out:
            self._pursue(region, out[self._turn % len(out)])

    # --- conditions ---------------------------------------------------------------------------------------

    def _satisfy(self, condition: Condition | None) -> None:
        if condition is None:
            return
        for part in sorted(condition.all_ or (), key=lambda part: part.not_ is not None):
            self._satisfy(part)
        if condition.any_ is not None or condition.at_least is not None:
            self._satisfy_some(condition)
        if not self._holds(condition):
            self._satisfy_plain(condition)
        self._wish.needs.update(condition.effect or (), condition.running or ())
        if condition.not_ is not None:
            self._refute(condition.not_)

    def _satisfy_plain(self, condition: Condition) -> None:
        for region, states in (condition.in_ or {}).items():
            if self._facts.states[region] not in states:
                self._enter(region, states)
        self._satisfy_orders(condition)
        self._satisfy_told(condition)
        for drug in (condition.level, condition.dose):
            if drug is not None:
                self._dose(drug)
        if condition.shows is not None:
            self._show(condition.shows)
        if condition.believes is not None:
            belief = condition.believes
            self._wish.believe[belief.diagnosis] = 0.95 if belief.above is not None else 0.0

    def _satisfy_orders(self, condition: Condition) -> None:
        facts = self._facts
        for ids, held in (
            (condition.effect, facts.effects), (condition.running, facts.running),
            (condition.ordered, facts.placed), (condition.resulted, facts.last_resulted),
        ):  # fmt: skip
            if ids is not None and not any(name in held for name in ids):
                self._place_unless_running(ids)

    def _satisfy_some(self, condition: Condition) -> None:
        parts = alternatives(condition, self._turn)
        left = condition.at_least.n if condition.at_least is not None else 1
        left -= sum(self._holds(part) for part in parts)
        for part in parts:
            if left > 0 and not self._holds(part):
                self._satisfy(part)
                left -= 1

    def _satisfy_told(self, condition: Condition) -> None:
        codes = [*(condition.told or ())]
        since = condition.since
        if since is not None:
            codes += [since.told] if since.told is not None else []
            for order in (since.ordered, since.resulted):
                if order is not None and order not in self._facts.placed:
                    self._place((order,))
            if since.stopped is not None and since.stopped not in self._facts.last_stopped:
                if since.stopped in self._facts.running:
                    self._wish.stop.append(since.stopped)
                else:
                    self._place((since.stopped,))
        edges = [edge for code in codes for edge in self._ways.revealing(code)]
        if edges:
            self._pursue(*edges[self._turn % len(edges)])

    def _show(self, shows: Shows) -> None:
        if shows.order is not None and shows.finding is not None:
            said = [f for f in self._ways.findings(shows.order) if f.code in shows.finding]
            if said and not any(self._holds(f.when) for f in said):
                self._satisfy(said[self._turn % len(said)].when)
            self._place((shows.order,))
            return
        assert shows.observable is not None
        orders, movers = self._ways.measuring(shows.observable), self._ways.movers(shows)
        if orders:
            self._place(orders)
        if movers:
            region, state = movers[self._turn % len(movers)]
            if self._facts.states[region] != state:
                self._enter(region, (state,))

    def _refute(self, condition: Condition) -> None:
        """Make a condition fail; what is ordered must not be."""
        for ids in (condition.effect, condition.running):
            if ids is not None:
                unneeded = [name for name in ids if name not in self._wish.needs]
                self._wish.avoid.update(unneeded)
                self._wish.stop += [name for name in unneeded if name in self._facts.running]
        for ids in (condition.ordered, condition.resulted):
            self._wish.avoid.update(ids or ())
        for part in condition.any_ or ():
            self._refute(part)
        if condition.not_ is not None:
            self._satisfy(condition.not_)
        if not self._holds(condition):
            return
        for region, states in (condition.in_ or {}).items():
            if self._facts.states[region] in states:
                self._leave(region, states)
                return
        for part in condition.all_ or ():
            self._refute(part)
            return

    # --- orders -------------------------------------------------------------------------------------------

    def _place(self, orders: Sequence[str]) -> None:
        self._wish.place.setdefault(orders[self._turn % len(orders)], None)

    def _place_unless_running(self, orders: Sequence[str]) -> None:
        """One that was given and has still to begin only needs time."""
        if not any(name in self._facts.running for name in orders):
            self._place(orders)

    def _dose(self, drug: Level | Dose) -> None:
        order = self._session.scenario.catalogue.orders[drug.therapy]
        if not order.doses:
            self._place((drug.therapy,))
            return
        options = sorted(order.doses, key=lambda option: option.amount, reverse=drug.below is None)
        chosen = options[self._turn // 2 % len(options) if len(options) > 1 else 0]
        self._wish.place[drug.therapy] = chosen.label
