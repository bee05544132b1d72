"""Policies: ways to play a case without a learner. Each yields moves and sees only what has been revealed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from sim.case.model.pathway import Step
from sim.case.moves import Finish, Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.case.quantities import DAY
from sim.engine.fate import Fate, stream_key
from sim.engine.pathway import Progress
from sim.engine.session import Session

RANDOM_MOVES: Final = 250
"""The random policy makes at most this many moves, then hands over."""

Policy = Callable[[Session], Iterator[Move]]
"""Yields the next move; whoever drives it applies each before asking for another."""


def policy(name: str, resolve: Callable[[str], str | None]) -> Policy:
    """Return the policy of a name: `pathway`, `none`, `everything`, `random` or `repeat:ORDER`.

    `resolve` turns an order's name or alias into its id. Raises ValueError for anything else.
    """
    if name.startswith("repeat:"):
        order = resolve(name.removeprefix("repeat:"))
        if order is None:
            raise ValueError(f"no order is called {name.removeprefix('repeat:')!r}")
        return repeating(order)
    named: dict[str, Policy] = {
        "pathway": following(), "none": nothing, "everything": everything, "random": at_random,
    }  # fmt: skip
    if name not in named:
        raise ValueError(f"there is no policy {name!r}; there are: {', '.join(named)}, repeat:ORDER")
    return named[name]


def play(session: Session, chosen: Policy) -> None:
    """Play a session to its end under a policy."""
    for move in chosen(session):
        session.apply(move)


def following(skip: Iterable[str] = (), delay: Mapping[str, int] | None = None, first: Iterable[Move] = ()) -> Policy:
    """Return the policy that makes the moves in `first` and then follows the case's pathway.

    Steps in `skip` are left out. A step in `delay` is done so many minutes after the first moment at which it is
    ready. A move in `first` that is not possible when it comes is left out.
    """
    skipped, delays, opening = tuple(skip), dict(delay or {}), tuple(first)

    def follow(session: Session) -> Iterator[Move]:
        follower, to_come = Follower(session, skipped, delays), iter(opening)
        while not session.ended:
            follower.look()
            given = next((move for move in to_come if possible(session, move)), None)
            yield given or follower.answer() or follower.act() or follower.wait()

    return follow


class Follower:
    """Follows a session and says what the pathway would do there now. Call `look` before asking."""

    def __init__(self, session: Session, skip: Iterable[str] = (), delay: Mapping[str, int] | None = None) -> None:
        """Start with a session that has just opened. For `skip` and `delay` see `following`."""
        self._session, self._seen = session, 0
        self._progress = Progress(session.scenario, skip)
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
        look = self._progress.next_look(session.knowledge, session.now)
        if look is not None:
            moments.append(look)
        later = [moment for moment in moments if moment > session.now]
        return Wait(min(later) - session.now if later else None, "call")


def possible(session: Session, move: Move) -> bool:
    """Return whether a move, sound in itself, can be made now: what does not run cannot be stopped."""
    if isinstance(move, StopTherapy):
        return session.stoppable(move.therapy)
    return not (isinstance(move, Wait) and move.until == "result") or session.awaits_result


def _move_for(session: Session, step: Step) -> Move | None:
    if step.stop:
        running = {item.therapy for item in session.running}
        return next((StopTherapy(order) for order in step.do if order in running), None)
    order = next((order for order in step.do if session.refusal(order) is None), None)
    if order is None:
        access = next((access for order in step.do if (access := session.access_for(order)) is not None), None)
        return None if access is None else PlaceOrder(access)
    option = session.scenario.catalogue.orders[order].dose_meant(step.dose)
    return PlaceOrder(order, None if option is None else option.label)


def nothing(session: Session) -> Iterator[Move]:
    """Only let time pass."""
    yield Wait(None, "time")


def everything(session: Session) -> Iterator[Move]:
    """Order all there is at once, then let time pass."""
    for order in session.scenario.catalogue.orders:
        if session.ended:
            return
        yield PlaceOrder(order)
    if not session.ended:
        yield Finish()


def repeating(order: str) -> Policy:
    """Return the policy that places one order every day."""

    def repeat(session: Session) -> Iterator[Move]:
        while not session.ended:
            yield PlaceOrder(order)
            if not session.ended:
                yield Wait(DAY, "time")

    return repeat


def at_random(session: Session) -> Iterator[Move]:
    """Place orders, stop therapies and wait at random, keyed to the patient's seed; hand over in the end."""
    fate, stream = Fate(session.seed), stream_key("policy:random")
    orders = tuple(session.scenario.catalogue.orders)
    for k in range(RANDOM_MOVES):
        if session.ended:
            return
        what, which = fate.uniform(stream, 2 * k), fate.uniform(stream, 2 * k + 1)
        running = session.running
        if what < 0.6:
            yield PlaceOrder(orders[int(which * len(orders))])
        elif what < 0.7 and running:
            yield StopTherapy(running[int(which * len(running))].therapy)
        else:
            yield Wait(max(1, int(10 ** (which * 4.3))), "time")
    if not session.ended:
        yield Finish()
