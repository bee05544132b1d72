"""What is drawn in place of the game while the terminal is too small for it."""

from __future__ import annotations

from typing import Final

from rich.segment import Segment, Segments
from textual.geometry import Size

NEEDED: Final = Size(80, 24)
"""No screen is ever laid out smaller."""
NOTICE: Final = (
    f"Scurfy needs {NEEDED.width} columns and {NEEDED.height} lines.",
    "Make the window larger, or the font smaller.",
    "On a line of any length: scurfy play CASE --plain",
    "Ctrl+Q quits.",
)


def is_small(size: Size) -> bool:
    """Return whether the game does not fit a terminal."""
    return size.width < NEEDED.width or size.height < NEEDED.height


def at_least(size: Size) -> Size:
    """Return the size that screens are laid out for on a terminal: never smaller than what they need."""
    return Size(max(size.width, NEEDED.width), max(size.height, NEEDED.height))


def notice(size: Size) -> Segments:
    """Return what to draw on a terminal that is too small: as much of the sentences as it holds, and nothing else."""
    lines = [part for line in NOTICE for part in _cut(line, max(1, size.width))][: max(1, size.height)]
    return Segments([Segment("\x1b[0m\x1b[2J\x1b[H" + "\r\n".join(lines))])


def _cut(line: str, width: int) -> list[str]:
    """Fold a line at spaces; a word that is wider than the terminal goes on in the next line."""
    from sim.tui.text import fold

    return [piece[at : at + width] for piece in fold(line, width) for at in range(0, max(1, len(piece)), width)]
