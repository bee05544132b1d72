"""The questions of a case that are due, over the debrief: answer, compare, grade yourself; stored at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from sim.attempts.recall import GRADED, Asked, answer, day, grounds, ready
from sim.attempts.store import Store, StoreError
from sim.case.model.scenario import Scenario
from sim.tui.screens.window import Window
from sim.tui.text import fold, plain
from sim.tui.widgets.lines import Lines, Row
from sim.words.format import clean

if TYPE_CHECKING:
    from sim.tui.game import Game

TYPING = "Enter shows the model answer (also if you do not know), Esc closes"
GRADING = "How well did you know it?  " + "  ".join(f"{n} {grade}" for n, grade in enumerate(GRADED, 1))


class RecallText(Lines):
    """The question; once it is answered, the model answer and what it rests on."""

    def __init__(self) -> None:
        super().__init__(id="recall-told")
        self.parts: tuple[tuple[str, str], ...] = ()
        """Paragraphs as (text, role)."""

    def rows(self, width: int) -> list[Row]:
        """Return the paragraphs, folded, with an empty line between them."""
        rows: list[Row] = []
        for text, role in self.parts:
            rows += [((line, role),) for line in fold(text, max(20, width - 1))] + [(("", ""),)]
        return rows


class RecallScreen(Window[None]):
    """One question after the other; Escape closes it, and what was not graded stays due."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", show=False),
        *(Binding(str(number), f"grade({number})", show=False) for number in range(1, len(GRADED) + 1)),
    ]

    def __init__(self, store: Store, asked: Sequence[Asked]) -> None:
        super().__init__()
        self._store, self._asked = store, tuple(asked)
        self.at = 0
        """Which question is asked, from 0."""
        self.given: str | None = None
        """The answer as it was typed; None while it is being typed."""

    def compose(self) -> ComposeResult:
        """Lay out the question, the line to answer in, and what the keys do."""
        with Vertical(classes="palette"):
            yield Static("", classes="dialog-title", id="recall-title", markup=False)
            yield RecallText()
            yield Input(placeholder="Your answer", max_length=2000, id="recall-answer")
            yield Static(TYPING, classes="dialog-keys", id="recall-keys", markup=False)

    def on_mount(self) -> None:
        """Ask the first question."""
        self._ask()

    def _ask(self) -> None:
        self.given = None
        self.query_one("#recall-title", Static).update(plain(f"Recall: question {self.at + 1} of {len(self._asked)}"))
        line = self.query_one(Input)
        line.value, line.disabled = "", False
        line.focus()
        self._display((self._asked[self.at].question.ask, "strong"), keys=TYPING)

    def _display(self, *parts: tuple[str, str], keys: str) -> None:
        told = self.query_one(RecallText)
        told.parts = parts
        told.redraw()
        self.query_one("#recall-keys", Static).update(plain(keys))

    @on(Input.Submitted)
    def _answered(self, event: Input.Submitted) -> None:
        """Show the model answer beside the learner's own."""
        event.stop()
        self.given = clean(event.value).strip()
        asked = self._asked[self.at]
        event.input.disabled = True
        facts = [(ground, "muted") for ground in grounds(asked)]
        own = (f"You: {self.given or '(no answer)'}", "")
        model = (f"Model answer: {asked.question.answer}", "good")
        self._display((asked.question.ask, "strong"), own, model, *facts, keys=GRADING)
        self.query_one(RecallText).focus()

    def action_grade(self, number: int) -> None:
        """Store the answer with its grade, then ask the next question or close."""
        if self.given is None:
            return
        try:
            due = answer(self._store, self._asked[self.at].card, self.given, GRADED[number - 1])
        except StoreError as trouble:
            self.notify(trouble.whole(), severity="error", markup=False, timeout=15)
            return
        self.notify(f"Stored. Asked again on {day(due)}.", markup=False)
        self.at += 1
        if self.at < len(self._asked):
            self._ask()
        else:
            self.dismiss(None)


def open_recall(app: Game, scenario: Scenario) -> None:
    """Ask what is due of a case, over whatever is shown; say so where nothing is."""
    try:
        due = [card for card in app.store.cards.due() if card.case_id == scenario.case.id]
        asked = [one for one in ready(due, lambda _: scenario) if isinstance(one, Asked)]
        later = [card.due for card in app.store.cards.all() if card.case_id == scenario.case.id and card not in due]
    except StoreError as trouble:
        app.notify(trouble.whole(), severity="error", markup=False, timeout=15)
        return
    if asked:
        app.push_screen(RecallScreen(app.store, asked))
    else:
        when = f" The next question is due on {day(later[0])}." if later else ""
        app.notify(f"Nothing of this case is due.{when}", markup=False)
