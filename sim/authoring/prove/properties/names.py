"""Can every order that is scored be found by what people type?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Final

from pydantic import BaseModel

from sim.authoring.prove.bench import Bench
from sim.authoring.prove.verdict import PropertyResult, Run, Witness
from sim.case.model.catalogue import Order
from sim.case.model.pitfalls import Absent, Before, During, Ignored, Longer, Repeated, Total, Without
from sim.case.model.scenario import Scenario
from sim.case.search import search

PROPERTY: Final = "orders_can_be_typed"
MOST_WORDS: Final = 3
"""A name longer than this is not typed out: it needs an alias."""

_PATTERNS: Final = (Absent, Before, During, Ignored, Longer, Repeated, Total, Without)


def prove(bench: Bench) -> list[PropertyResult]:
    """Return every order that the case scores and that cannot be found by its name or by any alias."""
    scenario = bench.scenario
    asked = dict.fromkeys(scored(scenario))
    failures = []
    for name in asked:
        order = scenario.catalogue.orders[name]
        trouble = _trouble(scenario, order)
        if trouble is not None:
            failures.append(
                PropertyResult(scenario.case.id, PROPERTY, Witness(f"order:{order.id}", trouble, _typed(order)))
            )
    return failures or [PropertyResult(scenario.case.id, PROPERTY, note=f"{len(asked)} orders are scored")]


def _typed(order: Order) -> Run:
    """The order as asked for by somebody who types its whole name."""
    return Run(1, f"- order: {json.dumps(order.name, ensure_ascii=False)}\n- finish: true\n")


def scored(scenario: Scenario) -> Iterator[str]:
    """Every order named by a step, by a value or by the pattern of a pitfall."""
    for step in scenario.case.pathway:
        yield from (*step.do, *chain.from_iterable(step.or_all))
    for value in scenario.case.values:
        yield from value.order
    for pitfall in scenario.case.pitfalls:
        yield from _in_pattern(pitfall.pattern)


def _in_pattern(part: object) -> Iterator[str]:
    if isinstance(part, _PATTERNS):
        yield from (
            part.therapy if isinstance(part, Longer) else part.unless if isinstance(part, Ignored) else part.order
        )
        yield from chain.from_iterable(part.or_all) if isinstance(part, Before) else ()
        yield from part.first if isinstance(part, Before) else part.then if isinstance(part, Without) else ()
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _in_pattern(getattr(part, name))
    elif isinstance(part, tuple):
        for inner in part:
            yield from _in_pattern(inner)


def _trouble(scenario: Scenario, order: Order) -> str | None:
    """What is wrong with how an order is called, in a sentence, or None."""
    first = _first(scenario, order.name)
    if first != order.id:
        return f"Who types the name of {order.id}, {order.name!r}, is offered {first or 'nothing'} first."
    if order.aliases and not any(_first(scenario, alias) == order.id for alias in order.aliases):
        return f"Who types any alias of {order.id} ({', '.join(order.aliases)}) is offered something else first."
    if not order.aliases and len(order.name.split()) > MOST_WORDS:
        return f"{order.id} has no alias, and nobody types {order.name!r}: give it the word people use."
    return None


def _first(scenario: Scenario, text: str) -> str | None:
    found = search(scenario.catalogue, text, limit=1)
    return found[0].id if found else None
