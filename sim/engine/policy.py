"""Policies: ways to play a case without a learner. Each yields moves and sees only what has been revealed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from sim.case.moves import Finish, Move, PlaceOrder, StopTherapy, Wait
from sim.case.quantities import DAY
from sim.engine.fate import Fate, stream_key
from sim.engine.follower import Follower
from sim.engine.session import Session

RANDOM_MOVES: Final = 250
"""The random policy makes at most this many moves, then lets time pass."""

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
            yield given or follower.next_move()

    return follow


def possible(session: Session, move: Move) -> bool:
    """Return whether a move, sound in itself, can be made now: what does not run cannot be stopped."""
    if isinstance(move, StopTherapy):
        return session.stoppable(move.therapy)
    return not (isinstance(move, Wait) and move.until == "result") or session.awaits_result


def nothing(session: Session) -> Iterator[Move]:
    """Only let time pass."""
    yield Wait(None, "time")


def handing_over(session: Session) -> Iterator[Move]:
    """Hand over at once."""
    yield Finish()


def everything(session: Session) -> Iterator[Move]:
    """Order all there is at once, then let time pass."""
    for order in session.scenario.catalogue.orders:
        if session.ended:
            return
        yield PlaceOrder(order)
    if not session.ended:
        yield Wait(None, "time")


def repeating(order: str) -> Policy:
    """Return the policy that places one order every day."""

    def repeat(session: Session) -> Iterator[Move]:
        while not session.ended:
            yield PlaceOrder(order)
            if not session.ended:
                yield Wait(DAY, "time")

    return repeat


def at_random(session: Session) -> Iterator[Move]:
    """Place orders, stop therapies and wait at random, keyed to the patient's seed; in the end let time pass."""
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
        yield Wait(None, "time")
