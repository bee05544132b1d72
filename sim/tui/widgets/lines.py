"""A pane of rows made of (text, role) parts, drawn line by line. It repaints the rows that changed and nothing else."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from sim.words.format import clean

Part = tuple[str, str]
"""Text and its role: a name in `Lines.ROLES`, or nothing."""
Row = tuple[Part, ...]


class Lines(ScrollView):
    """Rows of text. A subclass says what they are in `rows`; `redraw` brings the screen up to date."""

    ROLES: ClassVar[tuple[str, ...]] = (
        "muted",
        "strong",
        "heading",
        "high",
        "low",
        "critical",
        "call",
        "good",
        "curve",
        "band",
        "cursor",
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"lines--{role}" for role in ROLES}
    HEAD: ClassVar[int] = 0
    """How many rows at the top never scroll away."""
    FOLLOWS: ClassVar[bool] = False
    """Whether new rows at the end scroll into view."""

    def __init__(self, *, id: str | None = None, classes: str | None = None, focusable: bool = True) -> None:
        super().__init__(id=id, classes=classes)
        self.can_focus = focusable
        self._rows: list[Row] = []

    def rows(self, width: int) -> list[Row]:
        """Return all rows for a pane `width` cells wide."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """The rows as plain text, for tests and for copying."""
        return "\n".join("".join(text for text, _ in row) for row in self._rows)

    @property
    def visible_width(self) -> int:
        """The cells of a row that can be seen, with or without a scrollbar; 0 while the pane is not shown."""
        return self.scrollable_content_region.width

    def redraw(self) -> None:
        """Ask for the rows again and repaint what differs. Does nothing while the pane is not shown."""
        width = self.visible_width
        if not width or not self.is_attached:
            return
        old, new = self._rows, self.rows(width)
        if old == new:
            return
        self._rows = new
        if len(old) == len(new):
            for y, (before, after) in enumerate(zip(old, new, strict=True)):
                if before != after:
                    self.refresh_line(y + self.scroll_offset.y if y < self.HEAD else y)
            return
        self.set_reactive(Widget.virtual_size, Size(width, len(new)))
        self._scroll_update(self.virtual_size)
        if self.FOLLOWS:
            self.scroll_end(animate=False)
        self.refresh()

    def index_at(self, y: int) -> int:
        """Return which row is painted on line `y` of the pane."""
        return y if y < self.HEAD else y + self.scroll_offset.y

    def on_resize(self) -> None:
        """Fold the rows to the new width."""
        self.redraw()

    def on_show(self) -> None:
        """Draw what was missed while the pane was hidden."""
        self.redraw()

    def render_line(self, y: int) -> Strip:
        """Return one painted line."""
        index = self.index_at(y)
        width = self.visible_width
        base = self.rich_style
        if not 0 <= index < len(self._rows):
            return Strip.blank(self.size.width, base)
        segments = [
            Segment(clean(text), self.get_component_rich_style(f"lines--{role}") if role else base)
            for text, role in self._rows[index]
        ]
        strip = Strip(segments)
        if strip.cell_length > width > 0:  # a cut must be seen: half a number or half a flag reads as another one
            strip = Strip([*strip.crop(0, width - 1), Segment("…", base)])
        return strip.adjust_cell_length(max(width, self.size.width), base)
