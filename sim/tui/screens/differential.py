"""The dialog in which the learner states a differential: a probability for each diagnosis on offer."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from scoring.debrief.differential import ELSE
from sim.case.model.scenario import Scenario
from sim.case.moves import StateDifferential
from sim.tui.game import game_of
from sim.tui.text import plain, shorten
from sim.tui.widgets.lines import Lines, Row
from sim.words.differential import offered


class Probabilities(Lines):
    """A row for each diagnosis; up and down choose, left and right change by 5, digits set the number."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("left,minus", "change(-5)", "Less", show=False),
        Binding("right,plus,equals_sign", "change(5)", "More", show=False),
        Binding("shift+left", "change(-1)", "A little less", show=False),
        Binding("shift+right", "change(1)", "A little more", show=False),
    ]

    def __init__(self, names: dict[str, str], given: dict[str, float]) -> None:
        super().__init__(id="probabilities")
        self.names = names
        self.percent = {id: round(given.get(id, 0) * 100) for id in names}
        self.cursor = 0
        self._typing = False

    @property
    def left(self) -> int:
        """What is left of 100 for something else."""
        return 100 - sum(self.percent.values())

    def rows(self, width: int) -> list[Row]:
        """Return a row for each diagnosis and one for the rest."""
        room = max(10, width - 20)
        rows = [
            self._row(name, self.percent[id], room, i == self.cursor) for i, (id, name) in enumerate(self.names.items())
        ]
        return [*rows, self._row(ELSE, self.left, room, False)]

    def _row(self, name: str, percent: int, room: int, here: bool) -> Row:
        bar = "█" * (percent // 10) + ("▌" if percent % 10 >= 5 else "")
        mark = "> " if here else "  "
        text = f"{mark}{shorten(name, room - 2):<{room - 2}} {percent:>4}% "
        return ((text, "cursor" if here else ""), (f"{bar:<11}", "curve"))

    def _chosen(self) -> str:
        return list(self.names)[self.cursor]

    def action_move(self, by: int) -> None:
        """Choose another diagnosis."""
        self.cursor = (self.cursor + by) % len(self.names)
        self._typing = False
        self.redraw()
        self.scroll_to_region_of(self.cursor)

    def scroll_to_region_of(self, row: int) -> None:
        """Bring a row into view."""
        height = self.scrollable_content_region.height
        if row < self.scroll_offset.y or row >= self.scroll_offset.y + height:
            self.scroll_to(y=max(0, row - height // 2), animate=False)

    def action_change(self, by: int) -> None:
        """Make the chosen diagnosis more or less likely, within what is left."""
        self._set(self.percent[self._chosen()] + by)
        self._typing = False

    def _set(self, percent: int) -> None:
        here = self._chosen()
        most = self.left + self.percent[here]
        self.percent[here] = max(0, min(percent, most))
        self.redraw()

    def on_key(self, event: events.Key) -> None:
        """Take digits as the probability of the chosen diagnosis; backspace takes one back."""
        here = self.percent[self._chosen()]
        if event.character is not None and event.character.isascii() and event.character.isdigit():
            digit = int(event.character)
            self._set(here * 10 + digit if self._typing and here < 11 else digit)
            self._typing = True
            event.stop()
        elif event.key == "backspace":
            self._set(here // 10)
            event.stop()

    def stated(self) -> StateDifferential:
        """Return the differential as a move; diagnoses at nothing are left out."""
        return StateDifferential(tuple((id, percent / 100) for id, percent in self.percent.items() if percent))


class DifferentialDialog(ModalScreen[StateDifferential | None]):
    """Ask for the differential. Escape puts it off, without a reason and without a penalty here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Later", show=False),
        Binding("enter", "state", "State it", show=False),
    ]

    def __init__(
        self,
        scenario: Scenario,
        given: tuple[tuple[str, float], ...],
        checkpoint: int | None,
        unasked: bool = False,
    ) -> None:
        super().__init__()
        self._unasked = unasked
        """Whether it opens by itself: what is typed in its first moments was meant for something else."""
        self._names = {diagnosis.id: diagnosis.name for diagnosis in offered(scenario)}
        self._given = dict(given)
        self._checkpoint = checkpoint

    def compose(self) -> ComposeResult:
        """Lay out the rows and what the keys do."""
        title = "What is it?" if self._checkpoint is None else "What is it? Time to commit yourself"
        with Vertical(classes="dialog", id="differential"):
            yield Static(plain(title), classes="dialog-title")
            yield Probabilities(self._names, self._given)
            keys = "up, down choose; left, right or digits change; Enter states it; Esc later"
            yield Static(plain(keys), classes="dialog-keys")

    def on_mount(self) -> None:
        """Keys go to the rows, once the learner can have seen them."""
        if self._unasked:
            game_of(self).hold_keys()
        rows = self.query_one(Probabilities)
        rows.styles.height = len(self._names) + 1
        rows.focus()

    def action_state(self) -> None:
        """Answer with what the rows say."""
        self.dismiss(self.query_one(Probabilities).stated())
