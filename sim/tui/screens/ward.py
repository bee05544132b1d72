"""The ward: the patient, the monitor, what runs and what is awaited, the chart. The only screen that plays moves."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.notifications import SeverityLevel
from textual.reactive import reactive
from textual.widgets import ContentSwitcher, TextArea

from sim.attempts.notes import read_notes, write_notes
from sim.attempts.session import FaultOfCase, PersistentSession
from sim.attempts.store import StoreError
from sim.case.model.catalogue import Kind
from sim.case.moves import NEXT_RESULT, UNATTENDED, AskHint, Finish, Move, PlaceOrder, StopTherapy, Wait
from sim.case.quantities import duration
from sim.engine.log import Called, CheckpointReached, Event, OrderRefused, Snapshot
from sim.engine.session import IllegalMove
from sim.tui import commands
from sim.tui.chart_data import Records
from sim.tui.game import game_of
from sim.tui.notes import Notes
from sim.tui.screens.command_screen import CommandScreen
from sim.tui.screens.dialog import CALLS, Choose, Confirm, LimitsDialog, WaitDialog
from sim.tui.screens.differential import DifferentialDialog
from sim.tui.screens.orders import Answer, OrderPalette, searcher
from sim.tui.screens.window import ask
from sim.tui.widgets.bedside import Banner, BasketPane, Monitor, Pane, PendingPane, RunningPane
from sim.tui.widgets.chart import Feed, StatedDifferentials, Timeline, Trends
from sim.tui.widgets.keybar import KeyBar, PageBar
from sim.tui.widgets.results import Results
from sim.words.format import clean, clock
from sim.words.modes import NO_HINTS, Mode
from sim.words.orders import named, results_due, stoppable

PAGES = ("Timeline", "Results", "Trends", "Differential", "Notes")
_IDS = ("timeline", "results", "trends", "stated", "notes")
_RESULTS, _TRENDS, _NOTES = 1, 2, 4


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
        commands.ShowTimeline,
        commands.ShowResults,
        commands.ShowTrends,
        commands.ShowDifferential,
        commands.ShowNotes,
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
        self._search = searcher(attempt.scenario.catalogue)

    def compose(self) -> ComposeResult:
        """Lay out the ward."""
        records = self.records
        yield Banner(records, self.attempt.mode, id="banner").data_bind(snapshot=Ward.snapshot)
        yield PageBar(PAGES, id="pages")
        with Horizontal(id="room"):
            with Vertical(id="bedside"):
                yield Monitor(records, id="monitor", focusable=False).data_bind(snapshot=Ward.snapshot)
                yield RunningPane(records, id="running").data_bind(snapshot=Ward.snapshot)
                yield PendingPane(records, id="pending").data_bind(snapshot=Ward.snapshot)
                yield BasketPane(self.attempt.scenario, id="basket").data_bind(basket=Ward.basket)
            with Vertical(id="chart"):
                with ContentSwitcher(initial="timeline", id="page"):
                    yield Timeline(records, id="timeline").data_bind(snapshot=Ward.snapshot)
                    yield Results(records, id="results").data_bind(snapshot=Ward.snapshot)
                    yield Trends(records, id="trends").data_bind(snapshot=Ward.snapshot)
                    yield StatedDifferentials(records, id="stated").data_bind(snapshot=Ward.snapshot)
                    yield Notes(self.attempt.opening(), self._notes(), id="notes")
                yield Feed(self.attempt.scenario, id="feed")
        yield KeyBar(self.OFFERS, (commands.Hint,) if self.attempt.mode == Mode.TUTOR else ())

    def on_mount(self) -> None:
        """Title the panes and show the patient."""
        for id, title in (("#monitor", "Monitor"), ("#feed", "Just now")):
            self.query_one(id).border_title = title
        self.query_one("#monitor").styles.height = len(self.attempt.scenario.case.monitor) + 2
        self._turn_to(0)
        self._refresh(())
        if game_of(self).reviews:
            with suppress(StoreError):  # the debrief says so, and works it out itself
                self.attempt.review_beside(game_of(self).pool, game_of(self).root)

    def on_unmount(self) -> None:
        """Nobody waits for the review of a case that is left."""
        if not self.attempt.ended:
            self.attempt.end_review()

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
            try:
                events = self.attempt.play(move)
            except IllegalMove as problem:
                self._say(str(problem), "warning")
                continue
            except StoreError as problem:
                self._say(problem.whole(), "warning")
                continue
            except FaultOfCase as fault:
                self._say(fault.whole(), "error")
                self.action_back()
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

    def _refresh(self, happened: tuple[Event, ...]) -> None:
        snapshot = self.attempt.snapshot()
        if self.records.take(snapshot) and self.page != _RESULTS:
            self._mark(self._new | {_RESULTS})
        self.snapshot = snapshot
        if happened:
            self.query_one(Feed).events = happened
        self._trend()
        if snapshot.ended is not None:
            self._end(happened)
            return
        self._call_out(happened)
        if snapshot.checkpoint is not None and snapshot.checkpoint != self._asked:
            self._asked = snapshot.checkpoint
            game_of(self).hold_keys()
            self._differential(unasked=True)

    def _call_out(self, happened: tuple[Event, ...]) -> None:
        for event in happened:
            if isinstance(event, Called):
                self._say(event.text, "error", title="You are called")
            elif isinstance(event, OrderRefused):
                self._say(event.reason, "warning", title=self.attempt.scenario.catalogue.orders[event.order].name)
            elif isinstance(event, CheckpointReached):
                self.refresh_bindings()

    def _say(self, text: str, severity: SeverityLevel = "information", title: str = "") -> None:
        self.notify(clean(text), title=clean(title), severity=severity, markup=False, timeout=8)

    @work
    async def _end(self, happened: tuple[Event, ...]) -> None:
        """Say that it is over, with the last call: a notice would lie over what is said."""
        self.app.clear_notifications()
        calls = [f"{clean(event.text)}\n\n" for event in happened if isinstance(event, Called)][-1:]
        text = f"{''.join(calls)}Next: what was going on, and what you did about it."
        await self.app.push_screen_wait(Confirm("The case is over", text, "Enter goes on"))
        game_of(self).open_debrief(self.attempt)

    # --- orders ------------------------------------------------------------------------------------------

    @work(group="dialog")
    async def _order(self, title: str, kinds: tuple[Kind, ...]) -> None:
        weighed = self.records.weight
        palette = OrderPalette(self.attempt.scenario, self._search, self.basket, self.records.placed, kinds, title,
                               None if weighed is None else weighed.value)  # fmt: skip
        self._take(await ask(self, palette))

    def _take(self, answer: Answer | None) -> None:
        if answer is None:
            return
        if answer.confirmed:
            self.basket = ()
            self.act(*answer.basket)
        else:
            self.basket = answer.basket

    def action_order(self) -> None:
        """Open the palette with everything."""
        self._order("Order", tuple(Kind))

    def action_history(self) -> None:
        """Open the palette with the history items."""
        self._order("Ask the family", (Kind.HISTORY,))

    def action_examine(self) -> None:
        """Open the palette with the examination items."""
        self._order("Examine", (Kind.EXAMINATION,))

    def action_confirm(self) -> None:
        """Place what lies in the basket."""
        if not self.basket:
            self._say("The basket is empty.")
            return
        orders, self.basket = self.basket, ()
        self.act(*orders)

    def action_undo(self) -> None:
        """Take the last order out of the basket."""
        self.basket = self.basket[:-1]

    @on(BasketPane.Removed)
    def _taken_out(self, event: BasketPane.Removed) -> None:
        self.basket = (*self.basket[: event.index], *self.basket[event.index + 1 :])

    @work(group="dialog")
    async def action_stop(self) -> None:
        """Choose what runs, or what the nurses have in hand, and stop it, once confirmed."""
        found = stoppable(self.attempt.scenario, self.now)
        if not found:
            self._say("Nothing runs that could be stopped.")
            return
        orders = self.attempt.scenario.catalogue.orders
        doses = {r.therapy: r.dose for r in self.now.running}
        choices = [(order.id, named(order.name, doses.get(order.id))) for order in found]
        chosen = await ask(self, Choose("Stop which therapy?", choices))
        if chosen is None:
            return
        runs = "ends now; its effect wears off in its own time." if chosen in doses else "will not be carried out."
        text = f"{dict(choices)[chosen]} {runs}"
        if await ask(self, Confirm(f"Stop {orders[chosen].name}?", text)):
            self.act(StopTherapy(chosen))

    # --- time --------------------------------------------------------------------------------------------

    @work(group="dialog")
    async def action_wait(self) -> None:
        """Ask how long and let the clock run."""
        move = await ask(self, WaitDialog(bool(results_due(self.attempt.scenario, self.now))))
        if move is not None:
            self.act(move)

    @work(group="dialog")
    async def action_next_result(self) -> None:
        """Let the clock run to the next result; ask first where that leaves the patient alone for long."""
        now = self.now
        waited = results_due(self.attempt.scenario, now)
        if not waited:
            self._say("No result is awaited.")
            return
        due = min(waited)
        if due - now.now > UNATTENDED:
            text = f"The next result is due {clock(due)}, in {duration(due - now.now)}. A call stops the clock before."
            if not await ask(self, Confirm("Let the clock run until then?", text)):
                return
        self.act(NEXT_RESULT)

    @work(group="dialog")
    async def action_call_me(self) -> None:
        """Let the clock run until something happens, for at most as long as is chosen."""
        chosen = await ask(self, Choose("Until something happens, but at most", CALLS))
        if chosen is not None:
            self.act(Wait(int(chosen), "call"))

    @work(group="dialog")
    async def action_set_limits(self) -> None:
        """Ask beyond which values the nurses call."""
        move = await ask(self, LimitsDialog(self.attempt.scenario.catalogue))
        if move is not None:
            self.act(move)

    @work(group="dialog")
    async def action_finish(self) -> None:
        """Hand over, once confirmed."""
        text = (
            "The team goes on along the recommended pathway, to the end of the case. What is due now and not done "
            "counts as missed; nothing after this is booked to you. Then the debrief."
        )
        if await ask(self, Confirm("Finish your part?", text)):
            self.act(Finish())

    # --- thinking ----------------------------------------------------------------------------------------

    def action_differential(self) -> None:
        """Ask for the differential."""
        self._differential()

    @work(group="dialog")
    async def _differential(self, unasked: bool = False) -> None:
        snapshot = self.now
        dialog = DifferentialDialog(self.attempt.scenario, snapshot.differential, snapshot.checkpoint, unasked)
        move = await (self.app.push_screen_wait(dialog) if unasked else ask(self, dialog))
        if move is not None:
            self.act(move)

    def action_hint(self) -> None:
        """Ask the tutor."""
        if self.attempt.mode != Mode.TUTOR:
            self._say(NO_HINTS)
            return
        self.act(AskHint())

    # --- pages -------------------------------------------------------------------------------------------

    def _turn_to(self, page: int) -> None:
        self.page = page
        self.query_one("#page", ContentSwitcher).current = _IDS[page]
        self.set_class(page == 0, "-first-page")
        self._mark(self._new - {page})
        shown = self.query_one(f"#{_IDS[page]}")
        if isinstance(shown, Pane):
            shown.focus()
            shown.redraw()
        else:
            self.set_focus(None)
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
    @work(group="dialog")
    async def _list_trends(self) -> None:
        names = self.attempt.scenario.catalogue.observables
        choices = [(o, names[o].name) for o in self.records.trendable()]
        chosen = await ask(self, Choose("Draw which value?", choices))
        if chosen is not None:
            self.query_one(Trends).chosen = chosen

    def action_show_timeline(self) -> None:
        """Show the timeline."""
        self._turn_to(0)

    def action_show_results(self) -> None:
        """Show the results."""
        self._turn_to(1)

    def action_show_trends(self) -> None:
        """Show the trends."""
        self._turn_to(2)

    def action_show_differential(self) -> None:
        """Show the differentials stated so far."""
        self._turn_to(3)

    def action_show_notes(self) -> None:
        """Show the opening and the notes; once more goes into the notes."""
        if self.page == _NOTES:
            self.query_one(TextArea).focus()
        else:
            self._turn_to(_NOTES)

    @on(PageBar.Chosen)
    def _page_clicked(self, event: PageBar.Chosen) -> None:
        self._turn_to(event.page)

    @on(TextArea.Changed)
    def _noted(self, event: TextArea.Changed) -> None:
        if event.text_area.has_focus:
            write_notes(self.attempt.store.folder, self.attempt.id, event.text_area.text)

    def _notes(self) -> str:
        return read_notes(self.attempt.store.folder, self.attempt.id)

    # --- leaving -----------------------------------------------------------------------------------------

    def action_leave(self) -> None:
        """Go back to the library; the attempt is stored."""
        self.action_back()
