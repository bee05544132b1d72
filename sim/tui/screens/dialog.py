"""The dialogs over a screen that are small: choose from a list, confirm, choose how long to wait, set limits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from sim.case.limit_typed import EXAMPLE, limit_typed
from sim.case.model.catalogue import Catalogue
from sim.case.moves import NEXT_RESULT, UNATTENDED, SetLimits, Wait
from sim.case.quantities import duration, minutes_of
from sim.tui.screens.window import Window
from sim.tui.text import plain
from sim.words.duration import CALL_SPANS, span_typed
from sim.words.format import capital

CALLS = tuple((str(minutes_of(span)), span) for span in CALL_SPANS)
"""For how long at most a learner may ask to be called: (minutes, text)."""


class Choose(Window[str | None]):
    """Choose one of a list of (id, text); answers with the id, or None on Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel", show=False)]

    def __init__(self, title: str, choices: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._title = title
        self._choices = tuple(choices)

    def compose(self) -> ComposeResult:
        """Lay out the title, the list and what the keys do."""
        with Vertical(classes="dialog"):
            yield Static(plain(self._title), classes="dialog-title")
            yield OptionList(*(Option(plain(text), id=id) for id, text in self._choices))
            yield Static("Enter chooses, Esc goes back", classes="dialog-keys", markup=False)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)


class Confirm(Window[bool]):
    """Ask before something that cannot be taken back; `y` or Enter is yes, `n` or Escape is no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "dismiss(True)", "Yes", show=False),
        Binding("n,escape", "dismiss(False)", "No", show=False),
    ]

    def __init__(self, title: str, text: str, keys: str = "y yes   n no") -> None:
        super().__init__()
        self._title, self._text, self._keys = title, text, keys

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical(classes="dialog"):
            yield Static(plain(self._title), classes="dialog-title")
            yield Static(plain(self._text), classes="dialog-text")
            yield Static(plain(self._keys), classes="dialog-keys")


class Span(NamedTuple):
    """A choice of how long to wait."""

    key: str
    text: str
    minutes: int | None
    until: str


SPANS = (
    Span("n", "to the next result", None, "result"),
    Span("c", "until something happens (at most 12 h)", UNATTENDED, "call"),
    *(
        Span("", text, minutes_of(text), "call")
        for text in ("5 min", "15 min", "1 h", "4 h", "12 h", "1 d", "1 wk", "4 wk", "3 mo")
    ),
)


_USUAL: Final = 4
"""The place of an hour among them."""


class DurationInput(Input):
    """An input for a duration; while it is empty, the letters of the shortcuts act instead of being typed."""

    class Shortcut(Message):
        """A shortcut letter was pressed."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    async def _on_key(self, event: events.Key) -> None:
        if not self.value and event.key in ("n", "c", "a", "r"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Shortcut(event.key))
            return
        await super()._on_key(event)


class WaitDialog(Window[Wait | None]):
    """Choose how long to let the clock run, from a list or as typed (`6 h`); answers with the move, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", show=False),
        Binding("down", "move(1)", "Down", show=False, priority=True),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
    ]

    def __init__(self, pending: bool, rest: int = 0) -> None:
        """Ask; `pending`: a result is awaited; `rest`: so many minutes of the last time were not let pass."""
        super().__init__()
        self._pending = pending
        self._spans = (*((Span("r", f"the rest: {duration(rest)}", rest, "call"),) if rest else ()), *SPANS)
        self._first = 0 if rest else _USUAL
        self._all = False

    def compose(self) -> ComposeResult:
        """Lay out the input and the choices."""
        with Vertical(classes="dialog", id="wait"):
            yield Static("Let the clock run", classes="dialog-title", markup=False)
            yield DurationInput(placeholder="a time such as 6 h or 3 d, or choose below", id="duration")
            yield OptionList(*(Option(plain(self._line(s)), id=str(i)) for i, s in enumerate(self._spans)))
            yield Static("", id="wait-how", classes="dialog-text")
            yield Static("Enter waits, a changes how, Esc goes back", classes="dialog-keys", markup=False)

    @staticmethod
    def _line(span: Span) -> str:
        return f"{span.key or ' '}  {span.text}"

    def on_mount(self) -> None:
        """Start with the rest of the last time chosen, or with an hour."""
        self.query_one(OptionList).highlighted = self._first
        self._say_how()

    def _say_how(self, problem: str = "") -> None:
        how = "It passes in full, whatever happens." if self._all else "It stops for a result, a call or a checkpoint."
        self.query_one("#wait-how", Static).update(plain(problem or how))

    def action_move(self, by: int) -> None:
        """Move in the list, from wherever the focus is."""
        choices = self.query_one(OptionList)
        choices.action_cursor_down() if by > 0 else choices.action_cursor_up()

    @on(DurationInput.Shortcut)
    def _shortcut(self, event: DurationInput.Shortcut) -> None:
        if event.key == "a":
            self._all = not self._all
            self._say_how()
            return
        chosen = next((s for s in self._spans if s.key == event.key), None)
        if chosen is not None:
            self._answer(chosen)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text:
            self.query_one(OptionList).action_select()
            return
        try:
            minutes = minutes_of(span_typed(text))
        except ValueError:
            self._say_how(f"{text!r} is not a time. Write 30 min, 6 h, 4 d, 3 wk or 6 mo.")
            return
        if minutes < 1:
            self._say_how("At least 1 min.")
            return
        self.dismiss(Wait(minutes, "time" if self._all else "call"))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._answer(self._spans[event.option_index])

    def _answer(self, span: Span) -> None:
        if span.until == "result":
            if not self._pending:
                self._say_how("No result is awaited.")
                return
            self.dismiss(NEXT_RESULT)
            return
        self.dismiss(Wait(span.minutes, "time" if self._all and not span.key else "call"))


class LimitsDialog(Window[SetLimits | None]):
    """Ask beyond which values of a standing order the nurses call, as typed; answers with the move, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel", show=False)]

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue

    def compose(self) -> ComposeResult:
        """Lay out the question and the input."""
        with Vertical(classes="dialog"):
            yield Static("Call me beyond", classes="dialog-title", markup=False)
            yield Input(placeholder=f"for example {EXAMPLE}", id="limits")
            yield Static("", id="limits-how", classes="dialog-text")
            yield Static("Enter sets them, Esc goes back", classes="dialog-keys", markup=False)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(limit_typed(self._catalogue, event.value))
        except ValueError as problem:
            self.query_one("#limits-how", Static).update(plain(capital(f"{problem}.")))


__all__ = ["CALLS", "Choose", "Confirm", "DurationInput", "LimitsDialog", "WaitDialog"]
