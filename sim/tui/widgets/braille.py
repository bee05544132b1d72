"""Curves drawn in braille dots: two dots wide and four high in every cell. Pure functions over numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

_DOTS: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


class Canvas:
    """A field of dots, `width` x `height` cells; the origin of the dots is top left."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._cells = [bytearray(width) for _ in range(height)]

    def dot(self, x: int, y: int) -> None:
        """Set one dot; dots outside the field are ignored."""
        if 0 <= x < self.width * 2 and 0 <= y < self.height * 4:
            self._cells[y >> 2][x >> 1] |= _DOTS[x & 1][y & 3]

    def line(self, x0: int, y0: int, x1: int, y1: int) -> None:
        """Join two dots by a straight line."""
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for i in range(steps + 1):
            self.dot(round(x0 + (x1 - x0) * i / steps), round(y0 + (y1 - y0) * i / steps))

    def rows(self) -> list[str]:
        """Return the field as text; a cell without a dot is a space."""
        return ["".join(chr(0x2800 + cell) if cell else " " for cell in row) for row in self._cells]


def sparkline(values: Sequence[float], width: int, scale: tuple[float, float] | None = None) -> str:
    """Return evenly spaced values as one row of braille in a fixed scale, or in their own range (flat: the middle).

    What lies outside the scale is at its edge. Fewer than two values give an empty string; the newest value is at the
    right edge.
    """
    if len(values) < 2 or width < 1:
        return ""
    low, high = scale or (min(values), max(values))
    values = [min(max(value, low), high) for value in values]
    span = high - low
    canvas = Canvas(width, 1)
    last = len(values) - 1
    points = [
        (round(i * (width * 2 - 1) / last), round((1 - (v - low) / span) * 3) if span else 2)
        for i, v in enumerate(values)
    ]
    for (x0, y0), (x1, y1) in pairwise(points):
        canvas.line(x0, y0, x1, y1)
    return canvas.rows()[0]


def curve(
    points: Sequence[tuple[float, float]],
    width: int,
    height: int,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
) -> list[str]:
    """Return (x, y) points in order as a curve of `width` x `height` cells over the given ranges."""
    canvas = Canvas(width, height)
    (x0, x1), (y0, y1) = x_range, y_range
    across, down = width * 2 - 1, height * 4 - 1
    dots = [
        (
            round((x - x0) / ((x1 - x0) or 1) * across),
            round((1 - (y - y0) / ((y1 - y0) or 1)) * down),
        )
        for x, y in points
    ]
    for start, end in pairwise(dots):
        canvas.line(*start, *end)
    for x, y in dots:
        canvas.dot(x, y)
        canvas.dot(x + 1, y)
        canvas.dot(x, y + 1)
    return canvas.rows()
