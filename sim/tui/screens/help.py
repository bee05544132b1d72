"""The help: every key of the screen underneath, and how the game works in a few sentences."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from sim.tui.commands import Commands
from sim.tui.rows.events import SIGNS
from sim.tui.screens.window import Window
from sim.tui.text import fold
from sim.tui.widgets.lines import Lines, Row
from sim.words.format import TEACHING_ONLY

PLAY = """A child is ill. You ask, examine, order, treat and let the clock run; the disease runs too. At the end the
debrief shows what was done, what was missed, and why it matters; nothing is scored before that."""

TIME = """Time is simulated: asking and examining cost minutes, results come after their turnaround, and a result
shows the patient as at the moment when the sample was taken. Every move is stored as you make it."""

SIGNS_TEXT = """▲H is above the reference range, ▼L below it, an added ! is critical. In the timeline: """ + ", ".join(
    f"{sign} {meaning}" for sign, meaning in SIGNS.items()
)

ABOUT = (PLAY, TIME, SIGNS_TEXT + ".", TEACHING_ONLY)


class HelpText(Lines):
    """The keys and the sentences."""

    def __init__(self, commands: Commands) -> None:
        super().__init__(id="help-text")
        self.commands = commands

    def rows(self, width: int) -> list[Row]:
        """Return the keys, each with its sentence, then how the game works."""
        rows: list[Row] = []
        for command in self.commands:
            keys = "  ".join(k.replace("question_mark", "?").replace("slash", "/") for k in command.key.split(","))
            lines = fold(f"{command.label}. {command.help()}", max(20, width - 16))
            rows.append(((f" {keys:<14} ", "heading"), (lines[0], "")))
            rows.extend(((" " * 16, ""), (line, "")) for line in lines[1:])
        rows.append(((f" {'ctrl+p':<14} ", "heading"), ("The palette: every command by name, and the themes.", "")))
        rows.append(((f" {'ctrl+q':<14} ", "heading"), ("Leave Scurfy from anywhere; what you played is stored.", "")))
        rows.append(((f" {'tab, arrows':<14} ", "heading"), ("Move between the panes and scroll them.", "")))
        for paragraph in ABOUT:
            rows.append((("", ""),))
            rows.extend((((" " + line), ""),) for line in fold(paragraph.replace("\n", " "), max(20, width - 2)))
        return rows


class HelpScreen(Window[None]):
    """A page over the screen; any of Escape, `?`, `q` or Enter closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q,enter", "dismiss(None)", "Close", show=False)
    ]

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        with Vertical(classes="palette"):
            yield Static("Help", classes="dialog-title", markup=False)
            yield HelpText(self._commands)
            yield Static("arrows scroll, Esc closes", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        """Keys scroll the text."""
        self.query_one(HelpText).focus()
