"""The same game as lines of text: for screen readers, pipes and terminals that can do no more.

One command a line in, plain ASCII lines out; no colour, no cursor movement. The end of the input keeps the attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final, TextIO

from sim.attempts.finish import assessed, await_review, conclude, render
from sim.attempts.session import PersistentSession
from sim.case.limit_typed import limit_typed
from sim.case.model.catalogue import Kind, Order
from sim.case.model.scenario import Scenario
from sim.case.moves import (
    NEXT_RESULT,
    UNATTENDED,
    AskHint,
    Finish,
    Move,
    PlaceOrder,
    StateDifferential,
    StopTherapy,
    Wait,
)
from sim.case.quantities import duration, minutes_of
from sim.case.search import resolve, resolve_with_dose, search
from sim.case.unit import dose_typed
from sim.engine.log import HandedOver, ResultReturned, Snapshot
from sim.engine.session import IllegalMove
from sim.plain import lines
from sim.plain.prompt import typed_line
from sim.words.coach import coached
from sim.words.differential import stated as in_words
from sim.words.differential_parser import Unread, read_differential
from sim.words.dose import by_weight, dose_for, far_from_usual, known_weight
from sim.words.duration import CALL_SPANS, span_typed
from sim.words.fold import fold
from sim.words.format import capital, command, to_ascii
from sim.words.modes import NO_HINTS, Mode
from sim.words.orders import NOTHING_TO_UNDO, act_said, order_line, results_due, stoppable
from sim.words.progress import Progress, unseen

PROMPT: Final = "> "
_LONGEST_LINE: Final = 500
_CANDIDATES: Final = 9

Say = Callable[[Iterable[str]], None]


@dataclass(frozen=True, slots=True)
class _Choice:
    """A numbered line, and what happens when its number is typed."""

    line: str
    choose: Callable[[], None]


class PlainGame:
    """One attempt played line by line. `run()` returns when the case is over or the learner leaves."""

    def __init__(self, attempt: PersistentSession, source: TextIO, target: TextIO) -> None:
        self._attempt = attempt
        self._source = source
        self._target = target
        self._choices: tuple[_Choice, ...] = ()
        self._dosing: Order | None = None
        """The order whose dose is asked for."""
        self._leaving = False
        self._commands: dict[str, Callable[[str], None]] = {
            "help": self._help,
            "order": self._order,
            "do": self._do,
            "history": lambda query: self._browse(Kind.HISTORY, query),
            "exam": lambda query: self._browse(Kind.EXAMINATION, query),
            "examine": lambda query: self._browse(Kind.EXAMINATION, query),
            "ask": lambda query: self._browse(Kind.HISTORY, query),
            "?": self._help,
            "wait": self._wait,
            "next": lambda _: self._next(),
            "call": self._call,
            "results": self._results,
            "vitals": lambda _: self._say(lines.vitals(self._scenario, self._snapshot())),
            "running": lambda _: self._say(lines.running(self._scenario, self._snapshot())),
            "stop": self._stop,
            "undo": lambda _: self._undo(),
            "limit": self._limit,
            "dd": self._differential,
            "timeline": lambda _: self._say(lines.event_lines(self._scenario, self._snapshot().visible)),
            "finish": self._finish,
            "quit": self._quit,
        }
        if attempt.mode == Mode.TUTOR:
            self._commands["hint"] = lambda _: self._play(AskHint())

    @property
    def _scenario(self) -> Scenario:
        return self._attempt.scenario

    def _snapshot(self) -> Snapshot:
        return self._attempt.snapshot()

    def run(self) -> bool:
        """Play until the case is over (True) or the learner leaves or the input ends (False)."""
        attempt = self._attempt
        self._say(lines.briefing(self._scenario, self._snapshot(), attempt.stored.seed, attempt.mode))
        if self._attempt.count:
            self._say(["", f"You go on after {self._attempt.count} moves; 'timeline' tells them again."])
        self._say(["", lines.situation(self._snapshot()), *self._coach(), "Type 'help' for what you can do."])
        while not self._attempt.ended and not self._leaving:
            line = self._read()
            if line is None:
                self._quit("")
            elif line:
                self._answer(line)
        return self._attempt.ended

    # --- one line in ---------------------------------------------------------------------------------------

    def _read(self) -> str | None:
        line = typed_line(self._source, self._target, PROMPT, _LONGEST_LINE)
        if line is None:
            self._say([""])
        return line

    def _answer(self, line: str) -> None:
        choices, self._choices = self._choices, ()
        dosing, self._dosing = self._dosing, None
        if (line.isascii() and line.isdecimal()) or line.lower() in ("y", "yes"):
            number = int(line) if line.isdecimal() else 1
            if 1 <= number <= len(choices):
                choices[number - 1].choose()
            else:
                self._choices, self._dosing = choices, dosing
                self._say([f"There is no {line} to choose." if choices else "There is nothing to choose from now."])
            return
        if dosing is not None and dose_typed(line):
            self._dose(dosing, line)
            return
        word, _, rest = line.partition(" ")
        command = self._commands.get(word.lower())
        if command is None and word.lower() == "hint":
            self._say([NO_HINTS])
        elif command is None:
            self._order(line)
        else:
            command(rest.strip())

    def _offer(self, heading: str, choices: Iterable[_Choice]) -> None:
        self._choices = tuple(choices)
        self._say([heading, *(f"  {n}. {choice.line}" for n, choice in enumerate(self._choices, 1))])
        self._say(["Type a number to choose, or anything else to leave it."])

    # --- moves ---------------------------------------------------------------------------------------------

    def _play(self, move: Move, first: Iterable[str] = ()) -> None:
        """Play a move and tell what came of it; `first` is said before that, once the move is accepted."""
        try:
            events = self._attempt.play(move)
        except IllegalMove as refusal:
            self._say([f"That cannot be done: {refusal}."])
            return
        self._say(first)
        handed = next((place for place, event in enumerate(events, 1) if isinstance(event, HandedOver)), None)
        shown = events if handed is None else (*events[:handed], events[-1])  # the debrief tells the team's part
        self._say(lines.event_lines(self._scenario, shown))
        if not self._attempt.ended:
            self._say([lines.situation(self._snapshot()), *self._coach()])

    def _next(self) -> None:
        """Let the clock run to the next result, or to whatever calls before it."""
        now = self._snapshot()
        due = results_due(self._scenario, now)
        if not due:
            self._say(["That cannot be done: no result is on its way."])
            return
        away = min(due) - now.now
        if away > UNATTENDED:
            self._offer(f"The next result is due in {duration(away)}. A call stops the clock before.",
                        [_Choice("Yes, let the clock run until then", lambda: self._play(NEXT_RESULT))])  # fmt: skip
        else:
            self._play(NEXT_RESULT)

    def _call(self, text: str) -> None:
        """Let the clock run until something happens, for at most what was said; nothing said asks."""
        if text:
            self._wait(text)
            return
        self._offer("Until something happens, but at most how long?",
                    [_Choice(span, partial(self._wait, span)) for span in CALL_SPANS])  # fmt: skip

    def _order(self, query: str) -> None:
        dosed = resolve_with_dose(self._scenario.catalogue, query)
        if dosed is not None:
            self._dose(*dosed)
            return
        found = self._find(query)
        if not found:
            self._say([f"No order is like {query!r}. Try another word, or 'help'."])
            return
        self._offer("Order which?", (self._candidate(order) for order in found))

    def _do(self, query: str) -> None:
        meant = resolve(self._scenario.catalogue, query) if query else None
        dosed = None if meant is not None else resolve_with_dose(self._scenario.catalogue, query)
        if meant is not None:
            self._play(PlaceOrder(meant))
        elif dosed is not None:
            self._dose(*dosed)
        else:
            self._order(query)

    def _find(self, query: str) -> tuple[Order, ...]:
        return search(self._scenario.catalogue, query, limit=_CANDIDATES) if query else ()

    def _candidate(self, order: Order, what: str | None = None) -> _Choice:
        def choose() -> None:
            if len(order.doses) > 1 or order.bounds:
                self._offer_doses(order)
            else:
                self._placing(order, None)()

        return _Choice(order_line(order, what or order.kind.value), choose)

    def _offer_doses(self, order: Order) -> None:
        kg = known_weight(self._snapshot().visible)
        other = f" Or type another {order.bounds}, with its unit." if order.bounds else ""
        self._offer(f"{order.name}: which dose?{other}", (
            _Choice(dose_for(order, option.label, kg) or "", self._placing(order, option.label))
            for option in order.doses
        ))  # fmt: skip
        self._dosing = order

    def _dose(self, order: Order, typed: str) -> None:
        """Place an order at a dose as it was typed; one far from the usual is asked about first."""
        typed = by_weight(order, typed, known_weight(self._snapshot().visible))
        option = order.dose_meant(typed)
        far = "" if option is None else far_from_usual(order, option)
        if option is None or not far:
            self._placing(order, typed if option is None else option.label)()
            return
        dose = dose_for(order, option.label, known_weight(self._snapshot().visible))
        self._offer(f"{order.name}, {dose}, is {far}.",
                    [_Choice("Yes, give it", self._placing(order, option.label))])  # fmt: skip

    def _placing(self, order: Order, dose: str | None) -> Callable[[], None]:
        return lambda: self._play(PlaceOrder(order.id, dose))

    def _browse(self, kind: Kind, query: str) -> None:
        orders = [order for order in self._scenario.catalogue.orders.values() if order.kind is kind]
        orders.sort(key=lambda order: order.group)
        if query:  # what fits best goes first: its number is the one typed without reading on
            found = search(self._scenario.catalogue, query, limit=_CANDIDATES, kinds=(kind,))
            orders = [*found, *(o for o in orders if query.lower() in o.group.lower() and o not in found)]
        if not orders:
            self._say([f"Nothing in the {kind.value} is like {query!r}."])
            return
        self._offer(f"{kind.value.capitalize()}:", (self._candidate(order, order.group) for order in orders))

    def _wait(self, text: str) -> None:
        try:
            minutes = minutes_of(span_typed(text))
        except ValueError:
            self._say(["Wait how long? For example: wait 30 min, wait 6 h, wait 2 d, wait 3 wk, wait 2 mo."])
            return
        self._play(Wait(minutes, "call"))

    def _stop(self, query: str) -> None:
        orders = stoppable(self._scenario, self._snapshot())
        fitting = [order for order in orders if any(query.lower() in name for name in _names(order))]
        if not orders:
            self._say(["Nothing is running."])
        elif query and len(fitting) == 1:
            self._play(StopTherapy(fitting[0].id))
        else:
            self._offer("Stop which?", (_Choice(o.name, self._stopping(o.id)) for o in fitting or orders))

    def _undo(self) -> None:
        """Take back what was placed, stopped or limited last, while no time has passed."""
        if self._attempt.undoable is None:
            self._say([NOTHING_TO_UNDO])
            return
        move = self._attempt.undo()
        self._say([f"Taken back: {act_said(move, self._scenario)}.", lines.situation(self._snapshot())])

    def _stopping(self, therapy: str) -> Callable[[], None]:
        return lambda: self._play(StopTherapy(therapy))

    def _differential(self, text: str) -> None:
        if not text:
            self._say(["Say what you think it is, by name and in per cent: dd NAME 60 NAME 20"])
            return
        try:
            given = read_differential(text, self._scenario.catalogue)
        except Unread as problem:
            self._say([str(problem)])
            return
        before = self._snapshot().differential
        replaced = f"This replaces all you stated before: {in_words(self._scenario, before)}."
        self._play(StateDifferential(given), [replaced] if before else [])

    def _limit(self, text: str) -> None:
        """Set beyond which values of what a standing order measures the nurses call."""
        try:
            move = limit_typed(self._scenario.catalogue, text)
        except ValueError as problem:
            self._say([f"{capital(str(problem))}."])
            return
        self._play(move)

    def _finish(self, _: str) -> None:
        self._offer("Hand over? The team goes on along the pathway. What is due now and not done counts as missed.",
                    [_Choice("Yes, hand over", lambda: self._play(Finish()))])  # fmt: skip

    def _quit(self, _: str) -> None:
        self._leaving = True
        self._say([f"Kept. To go on: {command()} resume {self._attempt.id} --plain"])

    # --- looking -------------------------------------------------------------------------------------------

    def _results(self, query: str) -> None:
        snapshot = self._snapshot()
        returned = [event for event in snapshot.visible if isinstance(event, ResultReturned)]
        if query:
            wanted = {order.id for order in self._find(query)}
            returned = [event for event in returned if event.order in wanted]
        for event in returned:
            self._say(lines.result(self._scenario, event))
        self._say(lines.pending(self._scenario, snapshot))
        if not returned and not snapshot.pending:
            self._say(["No results yet."])

    def _coach(self) -> list[str]:
        """What a case that teaches the game says to try next."""
        told = self._snapshot().coach
        return fold(coached(told, COACHED_BY), first="> ", rest="  ") if told else []

    def _help(self, _: str) -> None:
        self._say(HELP)
        if "hint" in self._commands:
            self._say(["  hint              ask the tutor what is due"])

    def _say(self, text: Iterable[str]) -> None:
        for line in text:
            self._target.write(f"{to_ascii(line)}\n")
        self._target.flush()


COACHED_BY: Final = {
    "ask": "'history'",
    "examine": "'exam'",
    "order": "'order'",
    "place": "its number",
    "close": "an empty line",
    "next": "'next'",
    "wait": "'wait'",
    "call": "'call'",
    "differential": "'dd'",
    "trends": "'results'",
    "notes": "'timeline'",
    "hand_over": "'finish'",
    "help": "'help'",
}
"""The act that a coach names to the command that does it."""
HELP: Final = (
    "Type an order by its name or abbreviation (fbc, insulin, chest x-ray), then choose from the list. Or:",
    "  history [WORD]    ask for an item of the history",
    "  exam [WORD]       examine (or 'examine')",
    "  do NAME [DOSE]    place an order at once, at its usual dose or another (do insulin infusion 0.07 U/kg/h)",
    "  stop [NAME]       stop something that is running",
    "  undo              take back what you placed or stopped last, until time passes",
    "  limit glucose 6 15   be called when a standing order finds it at 6 or below, or at 15 or above",
    "  wait 6 h          let time pass; it stops early when something happens",
    "  next              wait for the next result",
    "  call [6 h]        wait until something happens, for so long at most",
    "  results [NAME]    what has come back, and what is to come",
    "  vitals            the monitor",
    "  running           what is running",
    "  timeline          all that happened",
    "  dd NAME PERCENT   state your differential in per cent (all in one line)",
    "  finish            hand over and see how it ends",
    "  quit              leave; the attempt is kept",
)


def _names(order: Order) -> tuple[str, ...]:
    return tuple(name.lower() for name in (order.id, order.name, *order.aliases))


def play_plain(attempt: PersistentSession, source: TextIO, target: TextIO, *, progress: Progress = unseen) -> bool:
    """Play the attempt line by line, then tell how it ended and why. Returns whether the case is over.

    `progress` shows how far the review is.

    Raises StoreError.
    """
    over = PlainGame(attempt, source, target).run()
    if over:
        told = conclude(attempt)
        review = await_review(attempt, progress=progress)
        if review is not None:
            told = render(attempt, assessed(attempt, review))
        target.write(f"\n{to_ascii(told.debrief)}\nTo read this again: {command()} debrief {attempt.id}\n")
        target.flush()
    return over
