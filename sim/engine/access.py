"""Ways into a vein: which therapies need one, what stops when the last that serves them ends, what goes on again."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sim.case.model.catalogue import Catalogue, Order, Way
from sim.engine.log import Called, Event
from sim.engine.patient import Patient
from sim.engine.therapy import Therapies


class Access:
    """The accesses of one session: they are therapies that run, and serve others."""

    __slots__ = ("_catalogue", "_emit", "_patient", "_serving", "_therapies", "hanging")

    def __init__(
        self, catalogue: Catalogue, patient: Patient, therapies: Therapies, emit: Callable[[Event], None]
    ) -> None:
        self._catalogue, self._patient, self._therapies, self._emit = catalogue, patient, therapies, emit
        self.hanging = tuple(order for order in catalogue.orders.values() if order.via is not None)
        """The therapies that need an access, in the catalogue's order."""
        self._serving = _serving(catalogue)

    def lacks(self, order: Order, in_hand: Iterable[Order] = ()) -> bool:
        """Return whether an order needs an access and none that serves it runs, or is among those in hand."""
        if order.via is None or any(access.id in self._patient.running for access in self._serving[order.via]):
            return False
        return not any(other.serves(order.via) for other in in_hand)

    def serving(self, order: Order) -> tuple[Order, ...]:
        """Return the accesses that would serve an order, those of the least cost first."""
        return () if order.via is None else self._serving[order.via]

    def ended(self, now: int, therapy: str, *, failed: bool = False) -> None:
        """An access ended, if it was one: interrupt what nothing serves any more, and say so."""
        access = self._catalogue.orders[therapy]
        if access.access is None:
            return
        lost = [order for order in self.hanging if order.id in self._patient.running and self.lacks(order)]
        for order in lost:
            if self._patient.ended:
                return
            self._therapies.interrupt(now, order.id)
            self._patient.offer(("stop", order.id))
        if (lost or failed) and not self._patient.ended:
            self._emit(Called(now, self._said(access, lost, failed=failed)))

    def _said(self, access: Order, lost: list[Order], *, failed: bool) -> str:
        what = f"{_inside(access.name)} {'no longer runs' if failed else 'is out'}"
        if lost:
            names = ", ".join(_inside(order.name) for order in lost)
            return f"The nurse calls: the {what}. Interrupted until another is in: {names}."
        return f"The nurse calls: the {what}."

    def began(self, now: int, access: Order) -> None:
        """An access started, if it is one: what was interrupted and is served again goes on."""
        if access.access is None:
            return
        for order in self.hanging:
            waits = order.id in self._therapies.interrupted and access.serves(order.via)
            if waits and not self._patient.ended and self._therapies.resume(now, order):
                self._patient.offer(("start", order.id))

    def missing(self, now: int, order: Order) -> None:
        """Say that an order could not be carried out."""
        self._emit(Called(now, f"The nurse calls: nothing to give the {_inside(order.name)} into. It was not given."))


def _inside(name: str) -> str:
    """A name inside a sentence."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _serving(catalogue: Catalogue) -> dict[Way, tuple[Order, ...]]:
    """Return the accesses that serve each way of giving, those of the least cost first."""
    found = accesses(catalogue)
    ways: tuple[Way, ...] = ("iv", "central")
    return {way: tuple(order for order in found if order.serves(way)) for way in ways}


def accesses(catalogue: Catalogue) -> list[Order]:
    """Return every access, those of the least cost first, else in the catalogue's order: what one tries first."""
    return sorted((order for order in catalogue.orders.values() if order.access), key=lambda order: order.cost)


def missing_said(order: Order, accesses: Iterable[Order]) -> str:
    """Return why an order without an access is refused, and what to order."""
    names = [_inside(access.name) for access in accesses]
    where = "a great vein" if order.via == "central" else "a vein"
    first = " or ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} or {names[-1]}"
    return f"There is no way into {where}." + (f" Order first: {first}." if names else "")
