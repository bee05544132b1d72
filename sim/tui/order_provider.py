"""Orders in the command palette: what is typed there is looked up in the catalogue as well, while a ward is open."""

from __future__ import annotations

from functools import partial

from textual.command import Hit, Hits, Provider

from sim.tui.screens.ward import Ward
from sim.words.format import clean

MOST = 8
"""Orders shown below the commands."""


class OrderProvider(Provider):
    """Finds orders by what they are called."""

    async def search(self, query: str) -> Hits:
        """Yield the orders that fit, the best first."""
        ward = self.screen
        if not isinstance(ward, Ward) or not query.strip():
            return
        for place, order in enumerate(ward.find(query)[:MOST]):
            act = partial(ward.order_named, order.id)
            yield Hit(0.5 - place / 100, clean(order.name), act, help=f"{order.kind.value}, {order.group}")


__all__ = ["OrderProvider"]
