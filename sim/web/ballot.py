"""What may be voted on, as somebody types it for the room: an order, perhaps with its dose, a stop, a time to wait."""

from __future__ import annotations

from sim.case.model.scenario import Scenario
from sim.case.moves import PlaceOrder, StopTherapy, Wait
from sim.case.quantities import duration, minutes_of
from sim.case.search import resolve, resolve_with_dose, search
from sim.rooms.events import Choice
from sim.web.open_rooms import Unfit
from sim.words.duration import span_typed
from sim.words.format import capital
from sim.words.orders import named


def choice_typed(scenario: Scenario, text: str) -> Choice:
    """Return what a line means: `bolus 20`, `blood gas`, `stop insulin`, `wait 2 h`. Raises Unfit, saying what is not
    understood."""
    word, _, rest = text.strip().partition(" ")
    if word.lower() == "wait":
        return _waiting(rest)
    if word.lower() == "stop":
        order = scenario.catalogue.orders[_order(scenario, rest)]
        return Choice(f"Stop: {order.name}", StopTherapy(order.id))
    dosed = resolve_with_dose(scenario.catalogue, text)
    if dosed is None:
        order = scenario.catalogue.orders[_order(scenario, text)]
        return Choice(order.name, PlaceOrder(order.id))
    order, typed = dosed
    try:
        option = order.find_dose(typed)
    except ValueError as problem:
        raise Unfit(f"{capital(str(problem))}.") from problem
    label = None if option is None else option.label
    return Choice(named(order.name, label), PlaceOrder(order.id, label))


def _order(scenario: Scenario, text: str) -> str:
    """Return the one order that a text means. Raises Unfit, naming what is like it."""
    meant = resolve(scenario.catalogue, text)
    if meant is not None:
        return meant
    like = [order.name for order in search(scenario.catalogue, text, limit=3)]
    more = f" Did you mean {', or '.join(like)}?" if like else ""
    raise Unfit(f"“{text.strip()}” is no order that is known.{more}")


def _waiting(span: str) -> Choice:
    try:
        minutes = minutes_of(span_typed(span))
    except ValueError as problem:
        raise Unfit("Wait how long? For example: wait 30 min, wait 6 h.") from problem
    return Choice(f"Wait {duration(minutes)}, unless something happens", Wait(minutes, "call"))
