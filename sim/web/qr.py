"""The code that a phone reads from the projector: the one door to segno."""

from __future__ import annotations

import segno

from sim.words.markup import Markup, raw


def code_of(address: str) -> Markup:
    """Return an address as a code, drawn as SVG."""
    drawn = segno.make(address, error="m")
    told = "The address of this room"
    return raw(drawn.svg_inline(border=2, omitsize=True, dark="#000000", light="#ffffff", title=told))
