"""Forms read as moves: what a browser sends is text from anywhere, and is refused here in words or is a move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sim.case.limit_typed import limit_typed
from sim.case.model.catalogue import Order
from sim.case.model.scenario import Scenario
from sim.case.moves import (
    NEXT_RESULT,
    AskHint,
    Finish,
    Move,
    PlaceOrder,
    SetLimits,
    StateDifferential,
    StopTherapy,
    Wait,
)
from sim.case.quantities import minutes_of
from sim.engine.log import Snapshot
from sim.words.differential_parser import Unread, read_differential
from sim.words.dose import by_weight, far_from_usual, known_weight
from sim.words.duration import span_typed
from sim.words.format import capital
from sim.words.modes import NO_HINTS, Mode
from sim.words.orders import results_due

Fields = Mapping[str, Sequence[str]]
"""What a form said: name to the values given, in order."""

UNKNOWN: Final = "That cannot be read: go back and try again."


class Unmeant(Exception):
    """A form that is no move; the message is a sentence for the learner."""


class Far(Exception):
    """A dose far from the usual, which is asked about first."""

    def __init__(self, order: Order, dose: str, how: str) -> None:
        super().__init__(how)
        self.order, self.dose, self.how = order, dose, how


def one(fields: Fields, name: str) -> str:
    """Return the first value of a field, without blanks at its ends; empty if it is not there."""
    return next(iter(fields.get(name, ())), "").strip()


def move_of(act: str, fields: Fields, scenario: Scenario, snapshot: Snapshot, mode: str) -> Move:
    """Return the move that a form means. Raises Unmeant, saying why it is none, or Far for a dose to ask about."""
    if act == "next" and not results_due(scenario, snapshot):
        raise Unmeant("No result is on its way.")
    if act == "hint" and mode != Mode.TUTOR:
        raise Unmeant(NO_HINTS)
    match act:
        case "order":
            return _order(fields, scenario, snapshot)
        case "stop":
            return StopTherapy(_known(one(fields, "therapy"), scenario))
        case "wait":
            return _wait(one(fields, "span"))
        case "next":
            return NEXT_RESULT
        case "differential":
            return _differential(fields, scenario)
        case "limits":
            return _limits(fields, scenario)
        case "hint":
            return AskHint()
        case "finish":
            return Finish()
    raise Unmeant(UNKNOWN)


def _known(order: str, scenario: Scenario) -> str:
    if order not in scenario.catalogue.orders:
        raise Unmeant(UNKNOWN)
    return order


def _order(fields: Fields, scenario: Scenario, snapshot: Snapshot) -> PlaceOrder:
    order = scenario.catalogue.orders[_known(one(fields, "order"), scenario)]
    asked = one(fields, "typed") or one(fields, "dose")
    if not asked:
        return PlaceOrder(order.id)
    try:
        option = order.find_dose(by_weight(order, asked, known_weight(snapshot.visible)))
    except ValueError as problem:
        raise Unmeant(f"{capital(str(problem))}.") from problem
    if option is None:
        return PlaceOrder(order.id)
    far = "" if one(fields, "sure") else far_from_usual(order, option)
    if far:
        raise Far(order, option.label, far)
    return PlaceOrder(order.id, option.label)


def _wait(span: str) -> Wait:
    try:
        minutes = minutes_of(span_typed(span))
    except ValueError as problem:
        raise Unmeant("Wait how long? For example: 30 min, 6 h, 2 d, 3 wk, 2 mo.") from problem
    return Wait(minutes, "call")


def _differential(fields: Fields, scenario: Scenario) -> StateDifferential:
    pairs = typed_differential(fields)
    if not pairs:
        raise Unmeant("Name at least one diagnosis, and how likely it is in per cent.")
    try:
        given = read_differential(", ".join(f"{name} {share}" for name, share in pairs), scenario.catalogue)
    except Unread as problem:
        raise Unmeant(str(problem)) from problem
    return StateDifferential(given)


def typed_differential(fields: Fields) -> tuple[tuple[str, str], ...]:
    """Return the lines of a differential in which something was written: (name, per cent)."""
    names, given = fields.get("name", ()), fields.get("share", ())
    pairs = ((name.strip(), share.strip()) for name, share in zip(names, given, strict=False))
    return tuple((name, share) for name, share in pairs if name or share)


def _limits(fields: Fields, scenario: Scenario) -> SetLimits:
    observable = one(fields, "observable")
    if observable not in scenario.catalogue.charted:
        raise Unmeant(UNKNOWN)
    sides = [one(fields, side) for side in ("below", "above")]
    bounds = " ".join(side or "-" for side in sides) if any(sides) else "off"
    try:
        return limit_typed(scenario.catalogue, f"{observable} {bounds}")
    except ValueError as problem:
        raise Unmeant(f"{capital(str(problem))}.") from problem
