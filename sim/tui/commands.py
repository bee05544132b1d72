"""What a learner can do on each screen: one class gives the key, the footer, the palette and the help.

A class's docstring is its help text. Its action is its name in snake case (`NextResult` is `next_result`), and the
screen that lists it in `OFFERS` has the method `action_next_result`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType


class Command:
    """Something a learner can do with a key."""

    key: ClassVar[str]
    """Key or keys, separated by commas; the first is the one shown."""
    label: ClassVar[str]
    """A word or two, in the footer and the palette."""
    footer: ClassVar[bool] = False
    """Whether the footer shows it. At most six on a screen, besides those of one page or mode."""
    tutor: ClassVar[bool] = False
    """Whether it exists in tutor mode only."""
    group: ClassVar[str] = ""
    """What it is for, where a wide terminal shows every key: commands of one group stand together."""

    @classmethod
    def action(cls) -> str:
        """Return the name of the action, without `action_`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def help(cls) -> str:
        """Return what it does, in a sentence or two."""
        return " ".join((cls.__doc__ or "").split())

    @classmethod
    def key_shown(cls) -> str:
        """Return the key as people write it."""
        first = cls.key.split(",")[0]
        named = {"question_mark": "?", "slash": "/", "escape": "Esc", "enter": "Enter", "ctrl+s": "Ctrl+S"}
        return named.get(first, first)


Commands = tuple[type[Command], ...]


def bindings(commands: Commands) -> list[BindingType]:
    """Return the key bindings of the commands."""
    return [Binding(c.key, c.action(), c.label, show=c.footer, tooltip=c.help()) for c in commands]


class Help(Command):
    """Show every key of this screen, and how the game works."""

    key, label, footer, group = "question_mark,f1", "Help", True, "help"


class Quit(Command):
    """Leave Scurfy. What was played is already stored."""

    key, label, footer = "q", "Quit", True


class Play(Command):
    """Read the briefing of the chosen case."""

    key, label, footer = "enter", "Play", True


class Resume(Command):
    """Go on with the latest attempt that was not finished, at the same minute with the same patient."""

    key, label, footer = "r", "Resume", True


class Debriefs(Command):
    """List the finished attempts of the chosen case, the newest first; Enter opens the debrief of one."""

    key, label, footer = "d", "Debriefs", True


class StillMissed(Command):
    """Show which steps you still miss in the chosen case: its pathway, so only once an attempt is finished."""

    key, label, footer = "m", "Still missed", True


class Start(Command):
    """Begin the case with the mode and the seed chosen here."""

    key, label, footer = "ctrl+s,f5", "Start", True


class Back(Command):
    """Go back to where you came from."""

    key, label, footer = "escape", "Back", True


class Order(Command):
    """Order anything: type a few letters of a name or an abbreviation, collect several, then confirm."""

    key, label, footer, group = "o,slash", "Order", True, "act"


class History(Command):
    """Ask the family: the history items, by theme. Each costs minutes; what is not asked stays hidden."""

    key, label, footer, group = "h", "Ask", True, "act"


class Examine(Command):
    """Examine the patient: the examination items, by body system."""

    key, label, footer, group = "e", "Examine", True, "act"


class Wait(Command):
    """Let the clock run for a time you choose. It stops earlier for results, calls and checkpoints."""

    key, label, footer, group = "w", "Wait", True, "time"


class NextResult(Command):
    """Let the clock run to the next result."""

    key, label, group = "n", "Next", "time"


class CallMe(Command):
    """Let the clock run until something happens: you choose for how long at most, 12 hours, a day or a week."""

    key, label, footer, group = "t", "Call me", True, "time"


class Stop(Command):
    """Stop a therapy that is running."""

    key, label, group = "s", "Stop", "act"


class Confirm(Command):
    """Place the orders that lie in the basket; the same key as in the order window."""

    key, label = "ctrl+s,c", "Place the basket"


class Undo(Command):
    """Take the last order out of the basket (Tab, arrows and Delete: any of them), or back what you placed last.

    What was placed, stopped or limited can be taken back until time passes or it has told something.
    """

    key, label = "u,ctrl+z", "Take back"


class Differential(Command):
    """State your differential: a probability for each diagnosis. Also answers a checkpoint."""

    key, label, group = "d", "Differential", "think"


class Hint(Command):
    """Ask the tutor what the recommended pathway would do next (tutor mode only)."""

    key, label, tutor, group = "i", "Hint", True, "think"


class SetLimits(Command):
    """Say beyond which values the nurses call you: of what a standing order measures, such as hourly glucose."""

    key, label = "l", "Set limits"


class Finish(Command):
    """Hand over and end your part: the team goes on along the pathway, and the debrief follows."""

    key, label, group = "f", "Hand over", "end"


class Leave(Command):
    """Leave the ward. The attempt is stored and can be resumed from the library."""

    key, label = "q", "Leave the ward"


class ShowSheet(Command):
    """Show the flow sheet: every value that was measured, over time. Arrows choose a line, Enter draws it."""

    key, label = "1", "Flow sheet"


class ShowFindings(Command):
    """Show the findings: what reports, examination and history said in words."""

    key, label = "2", "Findings"


class ShowTrends(Command):
    """Draw one value over time. Left and right choose which."""

    key, label = "3", "Trends"


class ShowThinking(Command):
    """Show the patient in one sentence and your problem list, which you write, and the differentials stated so far.

    Once more goes into the sentence, Tab on to the list, Escape out of them.
    """

    key, label = "4", "Thinking"


class ShowNotes(Command):
    """Show the opening text and your own notes. Once more goes into the notes, Escape out of them."""

    key, label = "5", "Notes"


class ShowTimeline(Command):
    """Show the timeline: all that happened, in order and in full."""

    key, label = "6", "Timeline"


class ShowRunning(Command):
    """Go to what runs: arrows choose a therapy, Enter changes its dose or stops it."""

    key, label = "7", "Running"


class NextPart(Command):
    """Show the next part of the debrief."""

    key, label, footer = "n,right", "Next part", True


class PreviousPart(Command):
    """Show the previous part of the debrief."""

    key, label, footer = "p,left", "Previous part", True


class PlayOn(Command):
    """Play on from the chosen decision: the same patient, the same fate, other orders; an attempt of its own."""

    key, label = "b", "Play on"


class ShowTwin(Command):
    """Show the twin from the chosen decision: the same patient and fate, treated by the pathway from there."""

    key, label = "t", "Twin"


class Recall(Command):
    """Answer the questions that this case asks afterwards, and again when they are due; you grade yourself."""

    key, label, footer = "r", "Recall", True


class Done(Command):
    """Back to the library. The debrief is stored: `scurfy debrief` tells it again."""

    key, label, footer = "q,escape", "Library", True


class Because(Command):
    """Open or close the reason and the evidence of the chosen row."""

    key, label, footer = "enter", "Why", True


COACHED_BY: Mapping[str, type[Command]] = {
    "ask": History,
    "examine": Examine,
    "order": Order,
    "place": Confirm,
    "close": Back,
    "next": NextResult,
    "wait": Wait,
    "call": CallMe,
    "differential": Differential,
    "trends": ShowTrends,
    "notes": ShowNotes,
    "hand_over": Finish,
    "help": Help,
}
"""The act that a coach names to the command that does it."""
