"""Who follows the pathway in a session: a policy, a review of decisions, or the team that a learner handed over to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from sim.case.model.pathway import Step
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.engine.knowledge import Knowledge
from sim.engine.log import InHand, Log, Running
from sim.engine.pathway import progress_along


class Followed(Protocol):
    """What a follower sees of a session: what a learner may know, and nothing else."""

    @property
    def scenario(self) -> Scenario: ...  # noqa: D102

    @property
    def now(self) -> int: ...  # noqa: D102

    @property
    def knowledge(self) -> Knowledge: ...  # noqa: D102

    @property
    def running(self) -> tuple[Running, ...]: ...  # noqa: D102

    @property
    def checkpoint(self) -> int | None: ...  # noqa: D102

    def events_since(self, count: int) -> Log: ...  # noqa: D102

    @property
    def in_hand(self) -> tuple[InHand, ...]: ...  # noqa: D102

    @property
    def access_wanted(self) -> str | None: ...  # noqa: D102

    def refusal(self, order: str) -> str | None: ...  # noqa: D102

    def access_for(self, order: str) -> str | None: ...  # noqa: D102


class Follower:
    """Follows a session and says what the pathway would do there now. Call `look` before asking."""

    def __init__(self, session: Followed, skip: Iterable[str] = (), delay: Mapping[str, int] | None = None) -> None:
        """Take a session as far as it has come. For `skip` and `delay` see `sim.engine.policy.following`."""
        past = session.events_since(0)
        self._session, self._seen = session, len(past)
        self._progress = progress_along(session.scenario, past, skip)
        self._delays, self._held = dict(delay or {}), dict[str, int]()

    def look(self) -> None:
        """Take what has happened since, and note what has become due."""
        for event in self._session.events_since(self._seen):
            self._progress.note(event)
            self._seen += 1
        self._progress.look(self._session.knowledge, self._session.now)

    def answer(self) -> Move | None:
        """Return the expert's differential where a checkpoint waits for one."""
        number = self._session.checkpoint
        if number is None:
            return None
        return StateDifferential(tuple(self._session.scenario.case.checkpoints[number].expert.items()))

    def next_move(self) -> Move:
        """Return what the pathway does next: a differential that is asked for, an order or a stop, or letting time
        pass.
        """
        self.look()
        return self.answer() or self.act() or self.wait()

    def ready(self) -> tuple[Step, ...]:
        """Return the steps that are to be done now, in file order, those that the ward refuses included."""
        return self._progress.ready(self._session.now)

    def act(self) -> Move | None:
        """Return the first order or stop that is to be made now; before all else an access for what was interrupted."""
        access = self._session.access_wanted
        if access is not None:
            return PlaceOrder(access)
        ready, now = self.ready(), self._session.now
        for step in ready:
            if step.id in self._delays:
                self._held.setdefault(step.id, now + self._delays[step.id])
        for step in ready:
            move = _move_for(self._session, step) if self._held.get(step.id, 0) <= now else None
            if move is not None:
                return move
        return None

    def wait(self) -> Wait:
        """Return how time passes when there is nothing to do."""
        session = self._session
        moments = [*self._held.values(), *(item.ends for item in session.running if item.ends is not None),
                   *(item.ends for item in session.in_hand)]  # fmt: skip
        look = self._progress.next_look(session.now)
        if look is not None:
            moments.append(look)
        later = [moment for moment in moments if moment > session.now]
        return Wait(min(later) - session.now if later else None, "call")


def _move_for(session: Followed, step: Step) -> Move | None:
    if step.stop:
        running = {item.therapy for item in session.running}
        return next((StopTherapy(order) for order in step.do if order in running), None)
    order = next((order for order in step.do if session.refusal(order) is None), None)
    if order is None:
        access = next((access for order in step.do if (access := session.access_for(order)) is not None), None)
        return None if access is None else PlaceOrder(access)
    option = session.scenario.catalogue.orders[order].dose_meant(step.dose)
    return PlaceOrder(order, None if option is None else option.label)
