"""How to make each mistake: a pitfall's pattern turned into ways of playing, with the pathway around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary, WeakSet

from sim.case.model import Absent, Before, Condition, During, Longer, Pattern, Repeated, Without
from sim.engine.log import OrderPlaced
from sim.engine.session import Session
from sim.proof.wishing import Planner, Wish

Act = Callable[[Session, Planner, int], Wish]
"""What to wish for now; the last argument chooses among alternatives."""


def _done() -> Wish:
    """Nothing more is wished for."""
    return Wish(watch=False)


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to make a mistake."""

    acts: tuple[Act, ...] = ()
    without: frozenset[str] = frozenset()
    """Orders that the pathway around it leaves out."""
    keeps: frozenset[str] = frozenset()
    """Therapies that the pathway around it does not stop."""
    hasty: bool = False
    """Whether the mistake comes before whatever the pathway would do now, and not after it."""

    def wish(self, session: Session, planner: Planner, turn: int) -> Wish:
        """Return what to do now toward the mistake."""
        whole = Wish(watch=False)
        for act in self.acts:
            part = act(session, planner, turn)
            whole.place |= part.place
            whole.stop += part.stop
            whole.avoid |= part.avoid
            whole.believe |= part.believe
            whole.watch |= part.watch
        return whole


def recipes(pattern: Pattern) -> Iterator[Recipe]:
    """Yield the ways to make a pattern come true, the plainest first."""
    if pattern.absent is not None:
        yield Recipe(without=frozenset(pattern.absent.order))
        if pattern.absent.since is not None:
            yield Recipe((_until_held(pattern.absent.since),), frozenset(pattern.absent.order))
    elif pattern.before is not None:
        yield Recipe((_first_of(pattern.before),), hasty=True)
        yield Recipe((_first_of(pattern.before),), frozenset(pattern.before.first), hasty=True)
    elif pattern.without is not None:
        yield Recipe(without=frozenset(pattern.without.then))
        yield Recipe((_once(pattern.without),), frozenset(pattern.without.then))
    elif pattern.longer is not None:
        yield Recipe(keeps=frozenset(pattern.longer.therapy))
        yield Recipe((_kept_up(pattern.longer),), keeps=frozenset(pattern.longer.therapy))
    elif pattern.during is not None:
        yield Recipe((_while(pattern.during, eager=False),))
        yield Recipe((_while(pattern.during, eager=True),))
    elif pattern.repeated is not None:
        yield Recipe((_again(pattern.repeated),))
    elif pattern.first_true is not None:
        yield Recipe((_until_held(pattern.first_true),))
    elif pattern.any_ is not None:
        for part in pattern.any_:
            yield from recipes(part)
    elif pattern.all_ is not None:
        yield from _together([list(recipes(part)) for part in pattern.all_])
    else:
        yield Recipe()


def conditions_of(pattern: Pattern) -> Iterator[Condition]:
    """Yield the conditions of a pattern and of the patterns within it, but for what must not come true."""
    for part in (pattern.absent, pattern.before, pattern.without, pattern.longer, pattern.during):
        condition = None if part is None else part.since if isinstance(part, Absent) else part.when
        if condition is not None:
            yield condition
    if pattern.first_true is not None:
        yield pattern.first_true
    for inner in (*(pattern.all_ or ()), *(pattern.any_ or ())):
        yield from conditions_of(inner)


def _together(parts: list[list[Recipe]]) -> Iterator[Recipe]:
    for number in range(max(len(part) for part in parts)):
        chosen = [part[min(number, len(part) - 1)] for part in parts]
        yield Recipe(
            tuple(act for recipe in chosen for act in recipe.acts),
            frozenset().union(*(recipe.without for recipe in chosen)),
            frozenset().union(*(recipe.keeps for recipe in chosen)),
            any(recipe.hasty for recipe in chosen),
        )


def _placed(session: Session, orders: tuple[str, ...]) -> int:
    return sum(isinstance(event, OrderPlaced) and event.order in orders for event in session.log)


def _holds(session: Session, condition: Condition | None) -> bool:
    return condition is None or session.knowledge.holds(condition, session.now, truth=True)


def _pick(orders: tuple[str, ...], turn: int) -> str:
    return orders[turn % len(orders)]


def _until_held(condition: Condition) -> Act:
    """Work toward a condition until it has held once."""
    held: WeakSet[Session] = WeakSet()

    def act(session: Session, planner: Planner, turn: int) -> Wish:
        if session in held:
            return _done()
        if _holds(session, condition):
            held.add(session)
            return _done()
        return planner.toward(session, condition)

    return act


def _first_of(before: Before) -> Act:
    """Place the one before the other; the other waits until then."""

    def act(session: Session, planner: Planner, turn: int) -> Wish:
        if session.knowledge.placed.intersection(before.order):
            return _done()
        wish = planner.toward(session, before.when) if before.when is not None else Wish()
        wish.avoid.update(before.first)
        if _holds(session, before.when):
            wish.place[_pick(before.order, turn)] = None
        return wish

    return act


def _once(without: Without) -> Act:
    def act(session: Session, planner: Planner, turn: int) -> Wish:
        if session.knowledge.placed.intersection(without.order):
            return _done()
        if _holds(session, without.when):
            return Wish(place={_pick(without.order, turn): None})
        return planner.toward(session, without.when) if without.when is not None else Wish()

    return act


def _kept_up(longer: Longer) -> Act:
    def act(session: Session, planner: Planner, turn: int) -> Wish:
        running = session.knowledge.running
        return _done() if any(name in running for name in longer.therapy) else Wish(
            place={_pick(longer.therapy, turn): None}
        )  # fmt: skip

    return act


def _while(during: During, *, eager: bool) -> Act:
    """Act while the condition holds, and not before. Eager: work toward it as well, instead of waiting for it."""

    def act(session: Session, planner: Planner, turn: int) -> Wish:
        if session in made:
            return Wish(avoid=made[session], watch=False)
        wish = planner.toward(session, during.when)
        wish = wish if eager else Wish(avoid=wish.avoid)
        return (stopping if during.stop else placing)(session, wish, turn)

    def placing(session: Session, wish: Wish, turn: int) -> Wish:
        count = _placed(session, during.order)
        if wanted.get(session) is not None and count > wanted[session]:
            made[session] = set()
            return _done()
        wanted.pop(session, None)
        if _holds(session, during.when):
            wanted[session] = count
            wish.place[_pick(during.order, turn)] = None
        else:
            wish.avoid.update(during.order)
        return wish

    def stopping(session: Session, wish: Wish, turn: int) -> Wish:
        running = [name for name in during.order if name in session.knowledge.running]
        if wanted.get(session) is not None and not running:
            made[session] = wish.avoid | set(during.order)
            return Wish(avoid=made[session], watch=False)
        if running and _holds(session, during.when):
            wanted[session] = 1
            wish.stop += running
        elif not running and eager:
            wish.place[_pick(during.order, turn)] = None
        return wish

    wanted: WeakKeyDictionary[Session, int] = WeakKeyDictionary()
    made: WeakKeyDictionary[Session, set[str]] = WeakKeyDictionary()
    return act


def _again(repeated: Repeated) -> Act:
    def act(session: Session, planner: Planner, turn: int) -> Wish:
        count = _placed(session, repeated.order)
        return Wish(place={_pick(repeated.order, count): None}) if count <= repeated.more_than else _done()

    return act
