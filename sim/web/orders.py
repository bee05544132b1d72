"""The orders of one kind, or those that fit what was typed: each a form of its own, so that none is placed unmeant."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from sim.case.model.catalogue import Order
from sim.case.quantities import duration
from sim.case.search import search
from sim.web.beds import Bed
from sim.web.frame import button, form, hidden, notice, page, section
from sim.web.happenings import listed
from sim.web.ward import bar, base, fresh, head
from sim.words.dose import dose_for
from sim.words.format import clock
from sim.words.markup import Markup, tag
from sim.words.orders import AT_ONCE, FILTERS, has_choice, minutes_said, named, synonym_of, turnaround_said

MOST: Final = 60
"""How many orders a search shows."""
TITLES: Final = {
    "all": "Everything", "ask": "Ask the family", "examine": "Examine", "test": "Test", "treat": "Treat",
    "people": "Ask for help, or say where to",
}  # fmt: skip


def orders_page(bed: Bed, group: str, query: str = "", told: str = "") -> str:
    """Return the orders of a group (a name of `FILTERS`), or those of it that fit a query, the best first."""
    kinds = dict(FILTERS)[group]
    catalogue = bed.attempt.scenario.catalogue
    if query:
        found = list(search(catalogue, query, limit=MOST, kinds=tuple(kinds)))
        elsewhere = [] if found or group == "all" else search(catalogue, query, limit=MOST)
        nothing = f"Nothing is like “{query}” here."
        offers = [_offers(bed, found, group, query) if found else tag("p", nothing)]
        offers += [section("Elsewhere", _offers(bed, elsewhere, group, query))] if elsewhere else []
    else:
        of_kind = (order for order in catalogue.orders_for_reading if order.kind in kinds)
        grouped = sorted(of_kind, key=lambda order: order.group)
        offers = [_folded(bed, title, list(some), group) for title, some in groupby(grouped, key=lambda o: o.group)]
    title = TITLES[group]
    typed = tag(
        "form",
        tag("label", "Find", tag("input", type="search", name="q", value=query, maxlength=80, autocomplete="off",
                                 enterkeyhint="search", data_live=True)),
        button("Find"), method="get", action=f"{base(bed)}/orders/{group}", class_="line", role="search",
    )  # fmt: skip
    came = fresh(bed) if bed.attempt.count else []
    now = section("Just now", listed(came, "")) if came else None
    chosen = {"ask": "Ask", "examine": "Examine", "test": "Test", "treat": "Treat", "people": "People"}.get(group, "")
    return page(title, head(bed), notice(told), tag("div", now, id="now"), section(title, typed),
                tag("div", offers, id="found"), bar=bar(bed, chosen), count=bed.turn,
                events=f"{base(bed)}/events")  # fmt: skip


def sure_page(bed: Bed, order: Order, dose: str, far: str, back: str) -> str:
    """Return the question before a dose is given that is far from the usual."""
    kg = None if bed.records.weight is None else bed.records.weight.value
    words = f"{named(order.name, dose_for(order, dose, kg))}, is {far}."
    give = form(f"{base(bed)}/order", hidden("order", order.id), hidden("dose", dose), hidden("sure", "yes"),
                hidden("back", back), button("Yes, give it", class_="danger"), seen=bed.turn)  # fmt: skip
    asked = section("Are you sure?", tag("p", words), give, tag("p", tag("a", "No, go back", href=base(bed))))
    return page("Are you sure?", head(bed), asked, bar=bar(bed, ""), count=bed.turn)


def _folded(bed: Bed, title: str, orders: list[Order], group: str) -> Markup:
    wide = group in ("ask", "examine", "people")
    return tag("details", tag("summary", f"{title} ({len(orders)})"), _offers(bed, orders, group, ""), open=wide)


def _offers(bed: Bed, orders: Iterable[Order], group: str, query: str) -> Markup:
    """Return a list of orders: one form for all of them, or one for each where a dose belongs to some."""
    found = list(orders)
    back = hidden("back", f"{group}?q={query}" if query else group)
    act, seen = f"{base(bed)}/order", bed.turn
    if not any(_has_doses(order) for order in found):
        rows = [tag("li", _offer(bed, order, query), class_="offer") for order in found]
        return form(act, back, tag("ul", rows, class_="offers"), seen=seen)
    rows = [tag("li", form(act, back, _offer(bed, order, query), seen=seen, class_="offer")) for order in found]
    return tag("ul", rows, class_="offers")


def _has_doses(order: Order) -> bool:
    return has_choice(order) and order.kind not in AT_ONCE


def _offer(bed: Bed, order: Order, query: str) -> list[Markup | None]:
    """Return an order: its name, what it takes and when it was last placed; its doses; the button that places it."""
    placed = bed.records.placed.get(order.id)
    notes = [f"“{query}” is {alias}" for alias in (synonym_of(order, query),) if alias]
    notes += [note for note in (minutes_said(order), turnaround_said(order)) if note]
    notes += [f"every {duration(order.every)}"] if order.every else []
    notes += [f"last {clock(placed)}"] if placed is not None else []
    verb = {"history": "Ask", "examination": "Examine"}.get(order.kind.value, "Order")
    press = button((verb, tag("span", f" {order.name}", class_="unseen")), class_="small", name="order", value=order.id)
    return [
        tag("span", order.name, tag("span", "; ".join(notes), class_="sub"), class_="name"),
        _doses(bed, order) if _has_doses(order) else None,
        press if bed.snapshot.ended is None else None,
    ]


def _doses(bed: Bed, order: Order) -> Markup:
    kg = None if bed.records.weight is None else bed.records.weight.value
    options = [tag("option", dose_for(order, dose.label, kg), value=dose.label) for dose in order.doses]
    listed_ = tag("select", options, name="dose", aria_label=f"Dose of {order.name}")
    if not order.bounds:
        return listed_
    other = tag("input", name="typed", maxlength=40, placeholder="another", autocomplete="off",
                aria_label=f"Another dose of {order.name}, {order.bounds}", title=order.bounds)  # fmt: skip
    return tag("span", listed_, other, class_="doses")
