"""The debrief: the band and why, decisions, the pathway, pitfalls, orders, diagnosis, what was going on, lessons."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import ContentSwitcher, Static

from scoring.debrief.build import debrief
from scoring.debrief.model import Debrief as Account
from scoring.debrief.model import DecisionRow
from scoring.debrief.twin import Twin
from scoring.review.review import Review
from sim.attempts.finish import assessed, conclude, decision_of, stored_review, take_review, twin_from
from sim.attempts.notes import read_notes
from sim.attempts.review_process.pool import ReviewState
from sim.attempts.session import CannotResume, PersistentSession, branch
from sim.attempts.store import StoreError
from sim.tui import commands
from sim.tui.game import game_of
from sim.tui.rows.debrief import DECISIONS, Thought, pages
from sim.tui.rows.decisions import decisions
from sim.tui.screens.command_screen import CommandScreen
from sim.tui.screens.dialog import Confirm
from sim.tui.screens.window import ask
from sim.tui.text import plain
from sim.tui.widgets.keybar import KeyBar, PageBar
from sim.tui.widgets.outline import Item, Outline
from sim.words.errors import UserError
from sim.words.format import clock

DECISIONS_AT = 1
"""Which part the decisions are."""
ON_DECISIONS: commands.Commands = (
    commands.NextPart,
    commands.Because,
    commands.PlayOn,
    commands.ShowTwin,
    commands.Recall,
    commands.Help,
    commands.Done,
)
"""What the footer shows there, once there are decisions to choose from."""


class ReviewMoved(Message):
    """The review beside the game has got further."""

    def __init__(self, state: ReviewState) -> None:
        super().__init__()
        self.state = state


class Debrief(CommandScreen):
    """What an attempt has to say at its end. It is stored before it is shown."""

    OFFERS: ClassVar[commands.Commands] = (ON_DECISIONS[0], commands.PreviousPart, *ON_DECISIONS[1:])
    BINDINGS: ClassVar[list[BindingType]] = [
        *commands.bindings(OFFERS),
        *(Binding(str(n + 1), f"show({n})", show=False) for n in range(9)),
    ]

    def __init__(self, attempt: PersistentSession) -> None:
        super().__init__()
        self.attempt = attempt
        self.account: Account | None = None
        """The debrief's data, once it was worked out."""
        self.part = 0
        self._count = 0

    def compose(self) -> ComposeResult:
        """Lay out the frame; the parts follow when they are worked out."""
        case = self.attempt.scenario.case
        yield Static(plain(f"Debrief: {case.title}"), id="shelf-title")
        yield Static("Looking at what you did ...", id="debrief-band", markup=False)
        yield KeyBar(self.OFFERS)

    def on_mount(self) -> None:
        """Work out the debrief beside the screen."""
        self._judge()

    def _thought(self) -> Thought:
        folder, id = self.attempt.store.folder, self.attempt.id
        return read_notes(folder, id, "sentence"), read_notes(folder, id, "problems")

    def on_unmount(self) -> None:
        """A review that is not ready is left; opening the debrief again makes it."""
        self.attempt.end_review()

    @work(thread=True, exclusive=True)
    def _judge(self) -> None:
        attempt, problem, review = self.attempt, "", None
        try:
            if attempt.stored.finished is None:
                conclude(attempt)
            review = stored_review(attempt)
            if review is None and game_of(self).reviews:
                attempt.review_beside(game_of(self).pool, game_of(self).root)
        except StoreError as trouble:
            problem = trouble.whole()
        self.app.call_from_thread(self.call_later, self._show, self._account(review), problem)
        if review is None:
            self._await_review()

    def _account(self, review: Review | None) -> Account:
        return debrief(self.attempt.scenario, self.attempt.log, assessed(self.attempt, review))

    def _await_review(self) -> None:
        """Wait for the review, in a thread, and show it."""
        attempt, job = self.attempt, self.attempt.review
        if job is None:
            return
        job.follow(self._hear)
        state = job.wait()
        if state.record is None or not self.is_attached:
            return
        try:
            account = self._account(take_review(attempt, state.record))
        except (StoreError, ValueError) as trouble:
            self.app.call_from_thread(self._complain, trouble)
            return
        self.app.call_from_thread(self._reviewed, account)

    def _complain(self, trouble: Exception) -> None:
        told = trouble.whole() if isinstance(trouble, UserError) else str(trouble)
        self.notify(told, severity="error", markup=False, timeout=15)

    def _hear(self, state: ReviewState) -> None:
        self.post_message(ReviewMoved(state))

    async def _show(self, account: Account, problem: str) -> None:
        self.account = account
        parts = pages(account, self._decisions(), self._thought())
        self._count = len(parts)
        self.query_one("#debrief-band", Static).update(plain(f"{account.band.capitalize()}. {account.ended}"))
        switcher = ContentSwitcher(*(Outline(items, id=f"part-{i}") for i, (_, items) in enumerate(parts)), id="page")
        bar = PageBar(tuple(name for name, _ in parts), id="pages")
        await self.mount(bar, switcher, before=self.query_one(KeyBar))
        self.action_show(0)
        if problem:
            self.notify(problem, severity="error", markup=False, timeout=15)

    def _decisions(self) -> tuple[Item, ...]:
        assert self.account is not None, "asked for once the debrief is worked out"
        job = self.attempt.review
        return decisions(self.account, None if job is None else job.state, self.attempt.id)

    def _reviewed(self, account: Account) -> None:
        self.account = account
        self._redo_decisions()
        self._show_keys()
        self.query_one("#pages", PageBar).mark(self.part, frozenset({DECISIONS_AT} - {self.part}))

    @on(ReviewMoved)
    def _moved(self) -> None:
        if self.account is not None and not self.account.review:
            self._redo_decisions()

    def _redo_decisions(self) -> None:
        if self._count:
            self.query_one(f"#part-{DECISIONS_AT}", Outline).show(self._decisions())

    # --- play it again -----------------------------------------------------------------------------------

    def _chosen(self) -> DecisionRow | None:
        """The decision under the cursor; says what to do where there is none."""
        item = self.query_one(f"#part-{DECISIONS_AT}", Outline).chosen if self._count else None
        if self.part != DECISIONS_AT or item is None or not item.number:
            self.notify(f"Choose a decision first: page {DECISIONS_AT + 1}, {DECISIONS}.", markup=False)
            return None
        assert self.account is not None, "its decisions are shown"
        return next(row for row in self.account.decisions if row.number == item.number)

    @work(group="dialog")
    async def action_play_on(self) -> None:
        """Play on from the chosen decision, as an attempt of its own, once confirmed."""
        chosen = self._chosen()
        if chosen is None:
            return
        title = f"Play on from decision {chosen.number}, at {clock(chosen.at)}?"
        text = f"Then: {chosen.did}\nThe same patient with the same fate, as an attempt of its own; this one stays."
        if await ask(self, Confirm(title, text)):
            self._branch(chosen.number)

    @work(thread=True, exclusive=True, group="again")
    def _branch(self, number: int) -> None:
        try:
            again = branch(self.attempt, decision_of(self.attempt, number).taken)
        except (StoreError, CannotResume, ValueError) as trouble:
            self.app.call_from_thread(self._complain, trouble)
            return
        self.app.call_from_thread(game_of(self).open_ward, again)

    def action_show_twin(self) -> None:
        """Show the twin from the chosen decision."""
        chosen = self._chosen()
        if chosen is not None:
            self._twin(chosen.number)

    @work(thread=True, exclusive=True, group="again")
    def _twin(self, number: int) -> None:
        try:
            twin = twin_from(self.attempt, number)
        except (StoreError, ValueError) as trouble:
            self.app.call_from_thread(self._complain, trouble)
            return
        self.app.call_from_thread(self._set_beside, twin)

    def _set_beside(self, twin: Twin) -> None:
        from sim.tui.screens.twin import TwinScreen

        self.app.push_screen(TwinScreen(twin))

    def action_recall(self) -> None:
        """Ask what is due of this case, once the debrief is stored."""
        from sim.tui.screens.recall import open_recall

        if self.account is not None:
            open_recall(game_of(self), self.attempt.scenario)

    # --- the parts ---------------------------------------------------------------------------------------

    def action_show(self, part: int) -> None:
        """Show one part."""
        if not 0 <= part < self._count:
            return
        self.part = part
        self.query_one("#page", ContentSwitcher).current = f"part-{part}"
        self.query_one("#pages", PageBar).mark(part, frozenset())
        self._show_keys()
        shown = self.query_one(f"#part-{part}", Outline)
        shown.focus()
        shown.redraw()

    def _show_keys(self) -> None:
        choosing = self.part == DECISIONS_AT and self.account is not None and bool(self.account.decisions)
        self.query_one(KeyBar).show(ON_DECISIONS if choosing else tuple(c for c in self.OFFERS if c.footer))

    def action_next_part(self) -> None:
        """Show the next part."""
        if self._count:
            self.action_show((self.part + 1) % self._count)

    def action_previous_part(self) -> None:
        """Show the previous part."""
        if self._count:
            self.action_show((self.part - 1) % self._count)

    def action_because(self) -> None:
        """Open the chosen row."""
        if self._count:
            self.query_one(f"#part-{self.part}", Outline).action_open()

    @on(PageBar.Chosen)
    def _page_clicked(self, event: PageBar.Chosen) -> None:
        self.action_show(event.page)

    def action_done(self) -> None:
        """Back to the library."""
        self.action_back()
