"""Text in lines of at most so many columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.words.fold import fold


class Page:
    """Lines of at most so many columns, under headings."""

    def __init__(self, width: int) -> None:
        """Take the number of columns."""
        self._width, self._lines = width, list[str]()

    def heading(self, title: str) -> None:
        """Add an underlined title, with an empty line before it."""
        if self._lines:
            self._lines.append("")
        wrapped = fold(title, self._width, whole=True)
        self._lines += [*wrapped, "-" * max(map(len, wrapped))]

    def line(self, text: str, *, bullet: str = "", indent: int = 0) -> None:
        """Add a text, folded; what follows the first line is under the text after its bullet."""
        lead = " " * indent
        flat = " ".join(text.split())
        self._lines += fold(flat, self._width, first=lead + bullet, rest=lead + " " * len(bullet), whole=True)

    def paragraphs(self, texts: Iterable[str], *, bullet: str = "") -> None:
        """Add texts one below the other."""
        for text in texts:
            self.line(text, bullet=bullet)

    def section(self, title: str, texts: Sequence[str], *, bullet: str = "") -> None:
        """Add a heading with its texts, or nothing where there are none."""
        if texts:
            self.heading(title)
            self.paragraphs(texts, bullet=bullet)

    def text(self) -> str:
        """Return all lines."""
        return "\n".join(self._lines) + "\n"
