"""The debrief: the band and why, the pathway, pitfalls, orders, diagnosis, what was going on, lessons, sources."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Static

from scoring.account import Debrief as Account
from scoring.debrief import debrief
from sim.conclusion import conclude
from sim.recorded import RecordedSession
from sim.replay import judge
from sim.store import StoreError
from sim.tui import commands
from sim.tui.screens.help import HelpScreen
from sim.tui.telling_debrief import pages
from sim.tui.widgets.keybar import KeyBar, PageBar
from sim.tui.widgets.outline import Outline
from sim.tui.wording import plain


class Debrief(Screen[None]):
    """What an attempt has to say at its end. It is stored before it is shown."""

    OFFERS: ClassVar[commands.Commands] = (
        commands.NextPart,
        commands.PreviousPart,
        commands.Because,
        commands.Help,
        commands.Done,
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *commands.bindings(OFFERS),
        *(Binding(str(n + 1), f"show({n})", show=False) for n in range(9)),
    ]

    def __init__(self, recorded: RecordedSession) -> None:
        super().__init__()
        self._recorded = recorded
        self.account: Account | None = None
        """The debrief's data, once it was worked out."""
        self.part = 0
        self._count = 0

    def compose(self) -> ComposeResult:
        """Lay out the frame; the parts follow when they are worked out."""
        case = self._recorded.session.library.case
        yield Static(plain(f"Debrief: {case.title}"), id="shelf-title")
        yield Static("Looking at what you did ...", id="debrief-band", markup=False)
        yield KeyBar(self.OFFERS)

    def on_mount(self) -> None:
        """Work out the debrief beside the screen."""
        self._judge()

    @work(thread=True, exclusive=True)
    def _judge(self) -> None:
        session = self._recorded.session
        account = debrief(session.library, session.log, judge(session))
        problem = ""
        if self._recorded.attempt.finished is None:
            try:
                conclude(self._recorded)
            except StoreError as trouble:
                problem = str(trouble)
        self.app.call_from_thread(self.call_later, self._show, account, problem)

    async def _show(self, account: Account, problem: str) -> None:
        self.account = account
        parts = pages(account)
        self._count = len(parts)
        self.query_one("#debrief-band", Static).update(plain(f"{account.band.capitalize()}. {account.ended}"))
        switcher = ContentSwitcher(*(Outline(items, id=f"part-{i}") for i, (_, items) in enumerate(parts)), id="page")
        bar = PageBar(tuple(name for name, _ in parts), id="pages")
        await self.mount(bar, switcher, before=self.query_one(KeyBar))
        self.action_show(0)
        if problem:
            self.notify(problem, severity="error", markup=False, timeout=15)

    def action_show(self, part: int) -> None:
        """Show one part."""
        if not 0 <= part < self._count:
            return
        self.part = part
        self.query_one("#page", ContentSwitcher).current = f"part-{part}"
        self.query_one("#pages", PageBar).mark(part, frozenset())
        shown = self.query_one(f"#part-{part}", Outline)
        shown.focus()
        shown.redraw()

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

    @on(KeyBar.Pressed)
    async def _key_clicked(self, event: KeyBar.Pressed) -> None:
        await self.run_action(event.action)

    def action_help(self) -> None:
        """Show the help."""
        self.app.push_screen(HelpScreen(self.OFFERS))

    def action_done(self) -> None:
        """Back to the library."""
        self.app.pop_screen()
