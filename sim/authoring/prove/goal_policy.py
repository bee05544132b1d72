"""A policy that works toward a goal and knows the true state: it tries reachability and pitfalls. Never a learner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sim.authoring.prove.backward_graph import BackwardGraph
from sim.authoring.prove.planner import HelpfulActions, Planner
from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.case.quantities import DAY
from sim.engine.pathway import Progress
from sim.engine.session import Session

HelpOf = Callable[[Session, Planner], HelpfulActions]
"""What would help now."""


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How a policy works toward a goal."""

    helpful: HelpOf
    reached: Callable[[Session], bool] = lambda session: False
    """Whether enough was seen: the policy then leaves."""
    follows: bool = True
    """Whether the pathway is followed in the background, as far as that does not hinder."""
    without: frozenset[str] = frozenset()
    """Orders that are never placed by the background; steps that have no other are left out."""
    keeps: frozenset[str] = frozenset()
    """Therapies that the background does not stop."""
    turn: int = 0
    hasty: bool = True
    """Whether what helps comes before what the pathway would do now, or after it."""


def goal_directed(
    scenario: Scenario, graph: BackwardGraph, settings: SearchSettings, planner: Planner | None = None
) -> Callable[[Session], Iterator[Move]]:  # fmt: skip
    """Return the policy that searches so. Pass the planner to learn by which transitions it went."""

    def play(session: Session) -> Iterator[Move]:
        player = _Player(scenario, planner or Planner(graph, settings.turn), settings)
        while not session.ended and not settings.reached(session):
            yield player.next_move(session)

    return play


class _Player:
    """One run of a search."""

    def __init__(self, scenario: Scenario, planner: Planner, settings: SearchSettings) -> None:
        skipped = [step.id for step in scenario.case.pathway
                   if (set(step.do) <= (settings.keeps if step.stop else settings.without))]  # fmt: skip
        self._progress = Progress(scenario, skipped)
        self._planner, self._settings = planner, settings
        self._seen, self._poll_at = 0, 0
        self._acted: set[str] = set()

    def next_move(self, session: Session) -> Move:
        for event in session.events_since(self._seen):
            self._progress.note(event)
            self._seen += 1
        self._progress.look(session.knowledge, session.now)
        helpful = self._settings.helpful(session, self._planner)
        sources = (self._help, self._usual) if self._settings.hasty else (self._usual, self._help)
        moves = (source(session, helpful) for source in sources)
        return next((move for move in moves if move is not None), None) or self._wait(session, helpful)

    def _help(self, session: Session, helpful: HelpfulActions) -> Move | None:
        """The next act that helps; each once until time is let pass."""
        running = session.knowledge.running
        for name in helpful.stop:
            if name in running and f"stop:{name}" not in self._acted:
                self._acted.add(f"stop:{name}")
                return StopTherapy(name)
        for order, dose in self._accepted(session, helpful):
            if order not in self._acted:
                self._acted.add(order)
                return PlaceOrder(order, dose)
        if helpful.believe and session.knowledge.beliefs != helpful.believe:
            return StateDifferential(tuple(helpful.believe.items()))
        return None

    def _accepted(self, session: Session, helpful: HelpfulActions) -> Iterable[tuple[str, str | None]]:
        for order, dose in helpful.place.items():
            if session.refusal(order) is None:
                yield order, dose
                continue
            access = session.access_for(order)
            if access is not None:
                yield access, None
                continue
            for other, amount in self._planner.accepted(session, order).place.items():
                if session.refusal(other) is None:
                    yield other, amount

    def _usual(self, session: Session, helpful: HelpfulActions) -> Move | None:
        """What the pathway would do now."""
        if not self._settings.follows:
            return None
        number = session.checkpoint
        if number is not None and not helpful.believe:
            return StateDifferential(tuple(session.scenario.case.checkpoints[number].expert.items()))
        for step in self._progress.ready(session.now):
            move = self._step(session, step, helpful)
            if move is not None:
                return move
        return None

    def _step(self, session: Session, step: Step, helpful: HelpfulActions) -> Move | None:
        if step.stop:
            running = session.knowledge.running
            barred = self._settings.keeps | set(helpful.place)
            return next((StopTherapy(name) for name in step.do if name in running and name not in barred), None)
        barred = self._settings.without | helpful.avoid
        order = next((name for name in step.do if name not in barred and session.refusal(name) is None), None)
        if order is None:
            accesses = (session.access_for(name) for name in step.do if name not in barred)
            access = next((name for name in accesses if name is not None), None)
            return None if access is None else PlaceOrder(access)
        option = session.scenario.catalogue.orders[order].dose_meant(step.dose)
        return PlaceOrder(order, None if option is None else option.label)

    def _wait(self, session: Session, helpful: HelpfulActions) -> Move:
        """Look again often at first, later every few days; sooner for what the pathway waits for."""
        if session.now >= self._poll_at:
            self._acted.clear()
            self._poll_at = session.now + max(10, min(DAY, session.now // 6), session.now // 50)
        looks = [self._poll_at] if helpful.watch else []
        if self._settings.follows:
            look = self._progress.next_look(session.now)
            looks += [look] if look is not None and look > session.now else []
            looks += [item.ends for item in session.running if item.ends is not None and item.ends > session.now]
        return Wait(min(looks) - session.now if looks else None, "call")
