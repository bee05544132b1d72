"""A policy that works toward a goal and knows the true state: it tries reachability and pitfalls. Never a learner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sim.authoring.prove.backward_graph import Ways
from sim.authoring.prove.planner import Planner, Wish
from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.case.quantities import DAY
from sim.engine.pathway import Progress
from sim.engine.session import Session

WishOf = Callable[[Session, Planner], Wish]
"""What to wish for now."""


@dataclass(frozen=True, slots=True)
class Quest:
    """How to play toward something."""

    wish: WishOf
    reached: Callable[[Session], bool] = lambda session: False
    """Whether enough was seen: the policy then leaves."""
    follows: bool = True
    """Whether the pathway is followed in the background, as far as the wish allows."""
    without: frozenset[str] = frozenset()
    """Orders that are never placed by the background; steps that have no other are left out."""
    keeps: frozenset[str] = frozenset()
    """Therapies that the background does not stop."""
    turn: int = 0
    hasty: bool = True
    """Whether what is wished for comes before what the pathway would do now, or after it."""


def seeking(
    scenario: Scenario, ways: Ways, quest: Quest, planner: Planner | None = None
) -> Callable[[Session], Iterator[Move]]:  # fmt: skip
    """Return the policy of a quest. Pass the planner to learn by which transitions it went."""

    def seek(session: Session) -> Iterator[Move]:
        player = _Player(scenario, planner or Planner(ways, quest.turn), quest)
        while not session.ended and not quest.reached(session):
            yield player.next_move(session)

    return seek


class _Player:
    """One run of a quest."""

    def __init__(self, scenario: Scenario, planner: Planner, quest: Quest) -> None:
        skipped = [step.id for step in scenario.case.pathway
                   if (set(step.do) <= (quest.keeps if step.stop else quest.without))]  # fmt: skip
        self._progress = Progress(scenario, skipped)
        self._planner, self._quest = planner, quest
        self._seen, self._poll_at = 0, 0
        self._acted: set[str] = set()

    def next_move(self, session: Session) -> Move:
        for event in session.events_since(self._seen):
            self._progress.note(event)
            self._seen += 1
        self._progress.look(session.knowledge, session.now)
        wish = self._quest.wish(session, self._planner)
        ways = (self._wished, self._usual) if self._quest.hasty else (self._usual, self._wished)
        moves = (way(session, wish) for way in ways)
        return next((move for move in moves if move is not None), None) or self._wait(session, wish)

    def _wished(self, session: Session, wish: Wish) -> Move | None:
        """The next wished act; each once until time is let pass."""
        running = session.knowledge.running
        for name in wish.stop:
            if name in running and f"stop:{name}" not in self._acted:
                self._acted.add(f"stop:{name}")
                return StopTherapy(name)
        for order, dose in self._accepted(session, wish):
            if order not in self._acted:
                self._acted.add(order)
                return PlaceOrder(order, dose)
        if wish.believe and session.knowledge.beliefs != wish.believe:
            return StateDifferential(tuple(wish.believe.items()))
        return None

    def _accepted(self, session: Session, wish: Wish) -> Iterable[tuple[str, str | None]]:
        for order, dose in wish.place.items():
            if session.refusal(order) is None:
                yield order, dose
                continue
            for other, amount in self._planner.accepted(session, order).place.items():
                if session.refusal(other) is None:
                    yield other, amount

    def _usual(self, session: Session, wish: Wish) -> Move | None:
        """What the pathway would do now."""
        if not self._quest.follows:
            return None
        number = session.checkpoint
        if number is not None and not wish.believe:
            return StateDifferential(tuple(session.scenario.case.checkpoints[number].expert.items()))
        for step in self._progress.ready(session.now):
            move = self._step(session, step, wish)
            if move is not None:
                return move
        return None

    def _step(self, session: Session, step: Step, wish: Wish) -> Move | None:
        if step.stop:
            running = session.knowledge.running
            barred = self._quest.keeps | set(wish.place)
            return next((StopTherapy(name) for name in step.do if name in running and name not in barred), None)
        barred = self._quest.without | wish.avoid
        order = next((name for name in step.do if name not in barred and session.refusal(name) is None), None)
        if order is None:
            return None
        option = session.scenario.catalogue.orders[order].dose_meant(step.dose)
        return PlaceOrder(order, None if option is None else option.label)

    def _wait(self, session: Session, wish: Wish) -> Move:
        """Look again often at first, later every few days; sooner for what the pathway waits for."""
        if session.now >= self._poll_at:
            self._acted.clear()
            self._poll_at = session.now + max(10, min(DAY, session.now // 6), session.now // 50)
        moments = [self._poll_at] if wish.watch else []
        if self._quest.follows:
            look = self._progress.next_look(session.knowledge, session.now)
            moments += [look] if look is not None and look > session.now else []
            moments += [item.ends for item in session.running if item.ends is not None and item.ends > session.now]
        return Wait(min(moments) - session.now if moments else None, "call")
