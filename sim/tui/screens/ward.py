"""The ward: the patient, the monitor, what runs and what is awaited, the chart. The only screen that plays moves."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.color import Color
from textual.containers import Horizontal, Vertical
from textual.notifications import SeverityLevel
from textual.reactive import reactive
from textual.widgets import ContentSwitcher, Input, TextArea

from sim.attempts.notes import About, read_notes, write_notes
from sim.attempts.session import FaultOfCase, PersistentSession
from sim.attempts.store import StoreError
from sim.case.model.catalogue import Kind, Order
from sim.case.moves import NEXT_RESULT, UNATTENDED, AskHint, Finish, Move, PlaceOrder, StopTherapy, Wait
from sim.case.quantities import duration
from sim.engine.log import Called, CheckpointReached, Event, Log, OrderRefused, Snapshot
from sim.engine.session import IllegalMove
from sim.tui import commands
from sim.tui.game import WIDE, game_of
from sim.tui.notes import Notes, Thinking
from sim.tui.screens.command_screen import CommandScreen
from sim.tui.screens.dialog import CALLS, Choose, Confirm, LimitsDialog, WaitDialog
from sim.tui.screens.differential import DifferentialDialog
from sim.tui.screens.in_full import InFull
from sim.tui.screens.orders import Answer, Offer, OrderPalette, searcher
from sim.tui.widgets.agenda import ClockPane
from sim.tui.widgets.bedside import Banner, BasketPane, CoachStrip, Look, Monitor, RunningPane, VitalsStrip
from sim.tui.widgets.chart import Timeline, Trends
from sim.tui.widgets.choosable import Choosable
from sim.tui.widgets.feed import JustNow
from sim.tui.widgets.findings import Findings
from sim.tui.widgets.keybar import KeyBar, PageBar
from sim.tui.widgets.lines import Lines
from sim.tui.widgets.sheet import FlowSheet
from sim.words.format import clean, clock, review_note
from sim.words.modes import NO_HINTS, Mode
from sim.words.orders import AT_ONCE, NOTHING_TO_UNDO, act_said, has_choice, named, results_due, stoppable, usual_dose
from sim.words.records import Records

PAGES = ("Sheet", "Findings", "Trends", "Thinking", "Notes", "Timeline", "Running")
_IDS = ("sheet", "findings", "trends", "thinking", "notes", "timeline", "running")
_SHEET, _FINDINGS, _TRENDS, _THINKING, _NOTES, _TIMELINE, _RUNNING = range(len(PAGES))


_LAST_CALL: Final = 60
"""Minutes before the end: an older call is not what the case ended with."""


class Ward(CommandScreen):
    """A patient in the learner's care."""

    OFFERS: ClassVar[commands.Commands] = (
        commands.Order,
        commands.History,
        commands.Examine,
        commands.Wait,
        commands.CallMe,
        commands.Help,
        commands.NextResult,
        commands.Stop,
        commands.Confirm,
        commands.Undo,
        commands.Differential,
        commands.Hint,
        commands.ShowSheet,
        commands.ShowFindings,
        commands.ShowTrends,
        commands.ShowThinking,
        commands.ShowNotes,
        commands.ShowTimeline,
        commands.ShowRunning,
        commands.SetLimits,
        commands.Finish,
        commands.Leave,
    )
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings(OFFERS)

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)
    basket: reactive[tuple[PlaceOrder, ...]] = reactive((), repaint=False)

    def __init__(self, attempt: PersistentSession) -> None:
        super().__init__()
        self.attempt = attempt
        self.records = Records(attempt.scenario)
        self.page = 0
        self._new: frozenset[int] = frozenset()
        self._asked: int | None = None
        """The checkpoint the learner was already asked about."""
        self._broken = False
        """Whether the case has a fault and cannot go on."""
        self._left_over: Log = ()
        """What happened under a window that is still open."""
        self._rest = 0
        """How many minutes of the time that was asked for last did not pass."""
        self._search = searcher(attempt.scenario.catalogue)

    def compose(self) -> ComposeResult:
        """Lay out the ward: the monitor over the page that is turned to, and beside it the patient and what happens."""
        records = self.records
        told = f"{self.attempt.opening()}\n\n{review_note(self.attempt.scenario.case.reviewed)}"
        yield Banner(records, self.attempt.mode, id="banner").data_bind(snapshot=Ward.snapshot)
        keys = {act: command.key_shown() for act, command in commands.COACHED_BY.items()}
        yield CoachStrip(records, keys, id="coach").data_bind(snapshot=Ward.snapshot)
        yield PageBar(PAGES, id="pages")
        with Horizontal(id="room"):
            with Vertical(id="chart"):
                yield VitalsStrip(records, id="strip", focusable=False).data_bind(snapshot=Ward.snapshot)
                yield Monitor(records, id="monitor", focusable=False).data_bind(snapshot=Ward.snapshot)
                with ContentSwitcher(initial="sheet", id="page"):
                    yield FlowSheet(records, told, id="sheet").data_bind(snapshot=Ward.snapshot)
                    yield Findings(records, id="findings").data_bind(snapshot=Ward.snapshot)
                    yield Trends(records, id="trends").data_bind(snapshot=Ward.snapshot)
                    yield Thinking(records, self._notes("sentence"), self._notes("problems"),
                                   id="thinking").data_bind(snapshot=Ward.snapshot)  # fmt: skip
                    yield Notes(told, self._notes(), id="notes")
                    yield Timeline(records, id="timeline").data_bind(snapshot=Ward.snapshot)
            with Vertical(id="beside"):
                yield Look(records, id="look", focusable=False).data_bind(snapshot=Ward.snapshot)
                yield JustNow(records, id="feed")
                with Vertical(id="orders"):
                    yield RunningPane(records, id="running").data_bind(snapshot=Ward.snapshot)
                    yield ClockPane(records, id="pending").data_bind(snapshot=Ward.snapshot)
                    yield BasketPane(self.attempt.scenario, id="basket").data_bind(basket=Ward.basket)
        tutor = self.attempt.mode == Mode.TUTOR
        yield KeyBar(self.OFFERS, (commands.Hint,) if tutor else (), () if tutor else (commands.Hint,))

    def on_mount(self) -> None:
        """Title the panes and show the patient."""
        for id, title in (("#monitor", "Monitor, last day"), ("#look", "At the bedside")):
            self.query_one(id).border_title = title
        self.query_one("#monitor").styles.height = len(self.attempt.scenario.case.monitor) + 2
        self._turn_to(_SHEET)
        self._refresh(())
        self._review_beside()

    def on_unmount(self) -> None:
        """Nobody waits for the review of a case that is left."""
        if not self.attempt.ended:
            self.attempt.end_review()

    @on(events.DescendantFocus)
    @on(events.Resize)
    def _outline_page(self) -> None:
        """Frame the page in the colour of what has the focus; a rule would style all its panes anew each time."""
        page = self.query_one("#page", ContentSwitcher)
        if self.app.size.width < WIDE:
            page.styles.border = None  # as the style sheet has it
            return
        inside = self.focused is not None and page in self.focused.ancestors
        colour = Color.parse(self.app.theme_variables["primary" if inside else "border-quiet"])
        if page.styles.border_top != ("round", colour):
            page.styles.border = ("round", colour)

    @property
    def now(self) -> Snapshot:
        """The snapshot that is shown."""
        assert self.snapshot is not None, "the ward is mounted"
        return self.snapshot

    # --- moves -------------------------------------------------------------------------------------------

    def act(self, *moves: Move) -> None:
        """Play moves one after the other and show what came of them.

        A call from the bedside stops a series: what was not placed yet stays in the basket.
        """
        happened: list[Event] = []
        for i, move in enumerate(moves):
            events = self._play(move)
            if self._broken:
                return
            happened.extend(events)
            rest = tuple(m for m in moves[i + 1 :] if isinstance(m, PlaceOrder))
            if self.attempt.ended:
                break
            if rest and any(isinstance(e, Called) for e in events):
                self.basket = rest
                self._say(f"You were called: {len(rest)} of your orders wait in the basket.", "warning")
                break
        self._refresh(tuple(happened))

    def _play(self, move: Move) -> Log:
        """Play one move and return what the learner may see of it; what cannot be done is said."""
        try:
            return self.attempt.play(move)
        except IllegalMove as problem:
            self._say(str(problem), "warning")
        except StoreError as problem:
            self._say(problem.whole(), "warning")
        except FaultOfCase as fault:
            self._say(fault.whole(), "error")
            self._leave_broken()
        return ()

    def _leave_broken(self) -> None:
        """Go back to the library from a case that cannot go on, whatever is open over it."""
        self._broken = True
        while self.app.screen is not self:
            self.app.pop_screen()
        self.action_back()

    def ask(self, order: PlaceOrder) -> Log:
        """Carry out an order at once, under the window that asked for it, and return what came of it.

        What interrupts it (a call, the end, a checkpoint) is shown when that window closes.
        """
        happened = self._play(order)
        if self._broken:
            return ()
        self._show()
        self._left_over = (*self._left_over, *happened)
        return happened

    def _refresh(self, happened: tuple[Event, ...]) -> None:
        self._show()
        self._follow(happened)

    def _show(self) -> None:
        """Bring every pane up to the minute."""
        snapshot = self.attempt.snapshot()
        reports, seen = len(self.records.reports), self.records.seen
        self.records.take(snapshot)
        if len(self.records.reports) > reports and self.page != _FINDINGS:
            self._mark(self._new | {_FINDINGS})
        self.snapshot = snapshot
        if self.records.seen > seen:
            self.query_one(JustNow).take(seen, snapshot)
        self._trend()

    def _follow(self, happened: tuple[Event, ...]) -> None:
        """Open what opens by itself: the end, or the differential that is due."""
        snapshot = self.now
        if snapshot.ended is not None:
            self._end(happened)
            return
        if any(isinstance(event, CheckpointReached) for event in happened):
            self.refresh_bindings()
        if not self.query_one(JustNow).size.height:
            self._call_out(happened)
        if snapshot.checkpoint is not None and snapshot.checkpoint != self._asked:
            self._asked = snapshot.checkpoint
            game_of(self).hold_keys()
            self._differential(unasked=True)

    def _call_out(self, happened: tuple[Event, ...]) -> None:
        """Say in a notice what cannot wait, where the pane that would say it is not shown."""
        for event in happened:
            if isinstance(event, Called):
                self._say(event.text, "error", title="You are called")
            elif isinstance(event, OrderRefused):
                self._say(event.reason, "warning", title=self.attempt.scenario.catalogue.orders[event.order].name)

    def _say(self, text: str, severity: SeverityLevel = "information", title: str = "") -> None:
        self.notify(clean(text), title=clean(title), severity=severity, markup=False, timeout=8)

    def _end(self, happened: tuple[Event, ...]) -> None:
        """Say that it is over, with the last call: a notice would lie over what is said."""
        self.app.clear_notifications()
        over = self.now.ended.at if self.now.ended is not None else 0
        calls = [f"{clean(e.text)}\n\n" for e in happened if isinstance(e, Called) and over - e.at <= _LAST_CALL][-1:]
        text = f"{''.join(calls)}Next: what was going on, and what you did about it."
        window = Confirm("The case is over", text, "Enter goes on")
        self.app.push_screen(window, lambda _: game_of(self).open_debrief(self.attempt))

    # --- orders ------------------------------------------------------------------------------------------

    def _order(self, title: str, kinds: tuple[Kind, ...], dosing: str | None = None) -> None:
        weighed = self.records.weight
        offer = Offer(self.attempt.scenario, self._search, self.records.placed, self.ask,
                      None if weighed is None else weighed.value)  # fmt: skip
        self.app.push_screen(OrderPalette(offer, self.basket, kinds, title, dosing), self._take)

    def _take(self, answer: Answer | None) -> None:
        left_over, self._left_over = self._left_over, ()
        if answer is None:
            return
        self.basket = () if answer.confirmed else answer.basket
        if answer.confirmed:
            self.act(*answer.basket)
        elif answer.first is not None:
            self.act(answer.first)
        else:
            self._follow(left_over)

    def find(self, query: str) -> Sequence[Order]:
        """Return the orders that fit what is typed, the best first."""
        return self._search(query)

    def order_named(self, order: str) -> None:
        """Order one thing: at once where it is asked or examined, else its dose or the basket first."""
        found = self.attempt.scenario.catalogue.orders[order]
        if found.kind in AT_ONCE:
            self.act(PlaceOrder(order))
        elif has_choice(found):
            self._order("Order", tuple(Kind), order)
        else:
            self.basket = (*self.basket, PlaceOrder(order, usual_dose(found)))
            self._say(f"{found.name} lies in the basket: Ctrl+S places it.")

    def action_order(self) -> None:
        """Open the palette with everything."""
        self._order("Order", tuple(Kind))

    def action_history(self) -> None:
        """Open the palette with the history items."""
        self._order("Ask the family", (Kind.HISTORY,))

    def action_examine(self) -> None:
        """Open the palette with the examination items."""
        self._order("Examine", (Kind.EXAMINATION,))

    def watch_basket(self) -> None:
        """Show the basket only while something lies in it, and mark its page where that is not in sight."""
        self.set_class(bool(self.basket), "-filled")
        if self.is_mounted:
            hidden = bool(self.basket) and self.page != _RUNNING and self.app.size.width < WIDE
            self._mark(self._new | {_RUNNING} if hidden else self._new - {_RUNNING})

    def action_confirm(self) -> None:
        """Place what lies in the basket."""
        if not self.basket:
            self._say("The basket is empty.")
            return
        orders, self.basket = self.basket, ()
        self.act(*orders)

    def action_undo(self) -> None:
        """Take the last order out of the basket, or back what was placed last while that is harmless."""
        if self.basket:
            self.basket = self.basket[:-1]
        elif self.attempt.undoable is None:
            self._say(NOTHING_TO_UNDO)
        else:
            self._take_back()

    def _take_back(self) -> None:
        try:
            move = self.attempt.undo()
        except StoreError as problem:
            self._say(problem.whole(), "warning")
            return
        self.records.begin()
        self._refresh(())
        self.query_one(JustNow).take(self.records.seen, self.now)
        self._say(f"Taken back: {act_said(move, self.attempt.scenario)}.")
        self._review_beside()

    def _review_beside(self) -> None:
        if game_of(self).reviews:
            with suppress(StoreError):  # the debrief says so, and works it out itself
                self.attempt.review_beside(game_of(self).pool, game_of(self).root)

    @on(BasketPane.Removed)
    def _taken_out(self, event: BasketPane.Removed) -> None:
        self.basket = (*self.basket[: event.index], *self.basket[event.index + 1 :])

    def action_stop(self) -> None:
        """Stop what the cursor is on among what runs, else choose of what runs and what the nurses have in hand."""
        found = stoppable(self.attempt.scenario, self.now)
        if not found:
            self._say("Nothing runs that could be stopped.")
            return
        running = self.query_one(RunningPane)
        if running.has_focus and running.chosen in {order.id for order in found}:
            self._stop(running.chosen)
            return
        doses = self._doses()
        choices = [(order.id, named(order.name, doses.get(order.id))) for order in found]
        self.app.push_screen(Choose("Stop which therapy?", choices), self._stop)

    def _doses(self) -> dict[str, str | None]:
        return {run.therapy: run.dose for run in self.now.running}

    def _stop(self, chosen: str | None) -> None:
        """Stop a therapy, once confirmed."""
        if chosen is None:
            return
        name, doses = self.attempt.scenario.catalogue.orders[chosen].name, self._doses()
        runs = "ends now; its effect wears off in its own time." if chosen in doses else "will not be carried out."
        text = f"{named(name, doses.get(chosen))} {runs}"

        def confirmed(yes: bool | None) -> None:
            if yes:
                self.act(StopTherapy(chosen))

        self.app.push_screen(Confirm(f"Stop {name}?", text), confirmed)

    @on(Choosable.Chosen)
    def _line_chosen(self, event: Choosable.Chosen) -> None:
        """Open what a line is about: a value over time, an event in full, a therapy to change or to stop."""
        if event.pane.id in ("sheet", "monitor"):
            self._turn_to(_TRENDS)
            self.query_one(Trends).show(event.about)
        elif event.pane.id == "feed":
            self.app.push_screen(InFull(self.now.visible[int(event.about)], self.attempt.scenario))
        elif event.pane.id == "running":
            self._change(event.about)

    def _change(self, therapy: str) -> None:
        """Ask what to do with a therapy that runs."""
        order = self.attempt.scenario.catalogue.orders[therapy]
        if not has_choice(order) or therapy not in self._doses():
            self._stop(therapy)
            return

        def chosen(what: str | None) -> None:
            if what == "stop":
                self._stop(therapy)
            elif what == "dose":
                self._order("Order", tuple(Kind), therapy)

        self.app.push_screen(Choose(order.name, (("dose", "Change the dose"), ("stop", "Stop it"))), chosen)

    # --- time --------------------------------------------------------------------------------------------

    def _move(self, move: Move | None) -> None:
        """Play the move that a window answered with."""
        if move is not None:
            self.act(move)

    def action_wait(self) -> None:
        """Ask how long and let the clock run."""
        due = bool(results_due(self.attempt.scenario, self.now))
        self.app.push_screen(WaitDialog(due, self._rest), self._let_pass)

    def _let_pass(self, move: Wait | None) -> None:
        """Let time pass, and keep how much of it was cut short."""
        if move is None:
            return
        before = self.now.now
        self.act(move)
        self._rest = max(0, (move.minutes or 0) - (self.now.now - before))

    def action_next_result(self) -> None:
        """Let the clock run to the next result; ask first where that leaves the patient alone for long."""
        now = self.now
        waited = results_due(self.attempt.scenario, now)
        if not waited:
            self._say("No result is awaited.")
            return
        due = min(waited)
        if due - now.now <= UNATTENDED:
            self.act(NEXT_RESULT)
            return
        text = f"The next result is due {clock(due)}, in {duration(due - now.now)}. A call stops the clock before."
        self.app.push_screen(
            Confirm("Let the clock run until then?", text), lambda yes: self._move(NEXT_RESULT if yes else None)
        )

    def action_call_me(self) -> None:
        """Let the clock run until something happens, for at most as long as is chosen."""
        asked = Choose("Until something happens, but at most", CALLS)
        self.app.push_screen(asked, lambda span: self._move(None if span is None else Wait(int(span), "call")))

    def action_set_limits(self) -> None:
        """Ask beyond which values the nurses call."""
        self.app.push_screen(LimitsDialog(self.attempt.scenario.catalogue), self._move)

    def action_finish(self) -> None:
        """Hand over, once confirmed."""
        text = (
            "The team goes on along the recommended pathway, to the end of the case. What is due now and not done "
            "counts as missed; nothing after this is booked to you. Then the debrief."
        )
        self.app.push_screen(Confirm("Finish your part?", text), lambda yes: self._move(Finish() if yes else None))

    # --- thinking ----------------------------------------------------------------------------------------

    def action_differential(self) -> None:
        """Ask for the differential."""
        self._differential()

    def _differential(self, unasked: bool = False) -> None:
        snapshot = self.now
        dialog = DifferentialDialog(self.attempt.scenario, snapshot.differential, snapshot.checkpoint, unasked)
        self.app.push_screen(dialog, self._move)

    def action_hint(self) -> None:
        """Ask the tutor."""
        if self.attempt.mode != Mode.TUTOR:
            self._say(NO_HINTS)
            return
        self.act(AskHint())

    # --- pages -------------------------------------------------------------------------------------------

    def _turn_to(self, page: int) -> None:
        self.page = page
        self.set_class(page == _RUNNING, "-orders")
        if page != _RUNNING:
            self.query_one("#page", ContentSwitcher).current = _IDS[page]
        self._mark(self._new - {page})
        shown = self.query_one(f"#{_IDS[page]}")
        if isinstance(shown, Lines):
            shown.focus()
            shown.redraw()
        else:
            self.set_focus(None)
            self._outline_page()
        self._trend()

    def _mark(self, new: frozenset[int]) -> None:
        self._new = new
        self.query_one("#pages", PageBar).mark(self.page, new)

    def _trend(self) -> None:
        """Give the trend page the monitored values it shows, while it is the one shown."""
        if self.page != _TRENDS or self.snapshot is None:
            return
        trends = self.query_one(Trends)
        span = trends.minutes_shown or max(self.now.now, 1)
        trends.monitored = self.attempt.trend(trends.name_shown, span, 80)
        trends.redraw()

    @on(Trends.Changed)
    def _trend_changed(self) -> None:
        self._trend()

    @on(Trends.ListWanted)
    def _list_trends(self) -> None:
        names = self.attempt.scenario.catalogue.observables
        choices = [(o, names[o].name) for o in self.records.trendable()]
        self.app.push_screen(Choose("Draw which value?", choices), self._draw)

    def _draw(self, observable: str | None) -> None:
        if observable is not None:
            self.query_one(Trends).show(observable)

    def action_show_sheet(self) -> None:
        """Show the flow sheet."""
        self._turn_to(_SHEET)

    def action_show_findings(self) -> None:
        """Show what was found in words."""
        self._turn_to(_FINDINGS)

    def action_show_trends(self) -> None:
        """Show the trends."""
        self._turn_to(_TRENDS)

    def action_show_thinking(self) -> None:
        """Show the sentence, the problem list and the differentials; once more goes into the sentence."""
        if self.page == _THINKING:
            self.query_one("#sentence", Input).focus()
        else:
            self._turn_to(_THINKING)

    def action_show_timeline(self) -> None:
        """Show the timeline."""
        self._turn_to(_TIMELINE)

    def action_show_running(self) -> None:
        """Go to what runs."""
        self._turn_to(_RUNNING)

    def action_show_notes(self) -> None:
        """Show the opening and the notes; once more goes into the notes."""
        if self.page == _NOTES:
            self.query_one("#pad", TextArea).focus()
        else:
            self._turn_to(_NOTES)

    @on(PageBar.Chosen)
    def _page_clicked(self, event: PageBar.Chosen) -> None:
        self._turn_to(event.page)

    @on(TextArea.Changed)
    def _noted(self, event: TextArea.Changed) -> None:
        if event.text_area.has_focus:
            self._write(event.text_area.text, "notes" if event.text_area.id == "pad" else "problems")

    @on(Input.Changed, "#sentence")
    def _summed_up(self, event: Input.Changed) -> None:
        if event.input.has_focus:
            self._write(event.value, "sentence")

    def _notes(self, about: About = "notes") -> str:
        return read_notes(self.attempt.store.folder, self.attempt.id, about)

    def _write(self, text: str, about: About) -> None:
        write_notes(self.attempt.store.folder, self.attempt.id, text, about)

    # --- leaving -----------------------------------------------------------------------------------------

    def action_leave(self) -> None:
        """Go back to the library; the attempt is stored."""
        self.action_back()
