"""The library: the cases, what was played of each, and the way into them. Painted before anything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from sim.attempts.store import StoreError
from sim.tui import commands
from sim.tui.game import game_of
from sim.tui.screens.command_screen import CommandScreen
from sim.tui.text import plain
from sim.tui.widgets.keybar import KeyBar
from sim.words.errors import UserError
from sim.words.format import TEACHING_ONLY, review_note
from sim.words.modes import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.widgets import OptionList

    from sim.attempts.listing import Listed, Listing
    from sim.attempts.reopen import Reopened
    from sim.attempts.resume import Resumed
    from sim.attempts.store import StoredAttempt
    from sim.case.model.pathway import Step
    from sim.case.model.scenario import Scenario


class LibraryScreen(CommandScreen):
    """The cases to choose from. `case` or `attempt` goes straight on to that one."""

    OFFERS: ClassVar[commands.Commands] = (
        commands.Play,
        commands.Resume,
        commands.Debriefs,
        commands.StillMissed,
        commands.Help,
        commands.Quit,
    )
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings(OFFERS)

    def __init__(
        self, case: str | None = None, seed: int | None = None, mode: str = Mode.PRACTICE, attempt: str | None = None
    ) -> None:
        super().__init__()
        self._case, self._seed, self._mode, self._attempt = case, seed, mode, attempt
        self.listing: Listing | None = None
        """What was read, once it was."""

    def compose(self) -> ComposeResult:
        """Lay out the frame; the cases follow when they are read."""
        yield Static("Scurfy", id="shelf-title", markup=False)
        yield Static(TEACHING_ONLY, id="shelf-warning", markup=False)
        yield Static("Reading the cases ...", id="shelf-state", markup=False)
        yield KeyBar(self.OFFERS)

    def on_mount(self) -> None:
        """Read the cases once the first screen stands."""
        self.call_after_refresh(self._read)

    def on_screen_resume(self) -> None:
        """Bring the attempts up to date after a case was played."""
        if self.listing is not None:
            self._read()

    # --- the list ----------------------------------------------------------------------------------------

    @work(thread=True, exclusive=True, group="listing")
    def _read(self) -> None:
        from sim.attempts.listing import read_listing

        try:
            listing = read_listing(game_of(self).store, game_of(self).root, game_of(self).homes)
        except StoreError as problem:
            listing = read_listing(problem, game_of(self).root, game_of(self).homes)
        self.app.call_from_thread(self.call_later, self._show, listing)

    async def _show(self, listing: Listing) -> None:
        first, self.listing = self.listing is None, listing
        self._say(listing.problem or ("" if listing.cases else "No case was found."))
        if listing.cases:
            await self._fill(listing)
        if first:
            self._go_on()

    async def _fill(self, listing: Listing) -> None:
        from textual.containers import Horizontal, VerticalScroll
        from textual.widgets import OptionList
        from textual.widgets.option_list import Option

        if not self.query("#shelf"):
            parts = Horizontal(OptionList(id="shelf"), VerticalScroll(Static("", id="shelf-about")), id="shelf-room")
            await self.mount(Static("", id="shelf-head"), parts, before=self.query_one(KeyBar))
            self._list.focus()
        here = self._list.highlighted or 0
        width = max(len(case.title) for case in listing.cases)
        self.query_one("#shelf-head", Static).update(plain(_head(width)))
        self._list.set_options([Option(plain(_line(c, width)), id=str(i)) for i, c in enumerate(listing.cases)])
        self._list.highlighted = min(here, len(listing.cases) - 1)

    def _say(self, text: str) -> None:
        state = self.query_one("#shelf-state", Static)
        state.display = bool(text)
        state.update(plain(text))

    @property
    def _list(self) -> OptionList:
        from textual.widgets import OptionList

        return self.query_one("#shelf", OptionList)

    def _chosen(self) -> Listed | None:
        if self.listing is None or not self.listing.cases:
            return None
        return self.listing.cases[self._list.highlighted or 0]

    def on_option_list_option_highlighted(self) -> None:
        """Say more about the case under the cursor."""
        case = self._chosen()
        if case is not None:
            mine = (
                tuple(a for a in self.listing.attempts if a.case_id == case.id and a.parent is None)
                if self.listing
                else ()
            )
            self.query_one("#shelf-about", Static).update(plain(_about(case, mine)))

    def on_option_list_option_selected(self) -> None:
        """Brief the case."""
        self.action_play()

    # --- ways on -----------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Do what the command line asked for: resume an attempt, or brief a case."""
        if self._attempt is not None:
            self._resume(self._attempt)
        elif self._case is not None:
            self._load(self._case)

    def action_play(self) -> None:
        """Brief the chosen case."""
        case = self._chosen()
        if case is not None:
            self._load(case.source)

    @work(thread=True, exclusive=True, group="load")
    def _load(self, case: str) -> None:
        from sim.attempts.session import source_of
        from sim.case.library import CaseError, load

        self.app.call_from_thread(self._say, "Reading the case ...")
        source = source_of(case)
        try:
            scenario = load(source)
        except CaseError as problem:
            self.app.call_from_thread(self._say, str(problem))
            return
        self.app.call_from_thread(self._brief, scenario, source)

    def _brief(self, scenario: Scenario, source: str) -> None:
        self._say("")
        game_of(self).open_briefing(scenario, source, self._seed, self._mode)

    def action_resume(self) -> None:
        """Resume the latest unfinished attempt of the chosen case that can be, or else of any case."""
        if self.listing is None:
            return
        case = self._chosen()
        mine = tuple(a for a in self.listing.unfinished if case is not None and a.case_id == case.id)
        attempts = mine or self.listing.unfinished
        if not attempts:
            self.notify("There is no unfinished attempt.", markup=False)
        elif len(attempts) == 1:
            self._resume(attempts)
        else:
            self._choose_to_resume(attempts)

    def _choose_to_resume(self, attempts: tuple[StoredAttempt, ...]) -> None:
        """Ask which of several attempts to go on with; the first line is the newest that can be."""
        from sim.tui.screens.dialog import Choose

        newest = ("", "The newest that can go on")
        choices = [newest, *((attempt.id, _attempt_text(attempt)) for attempt in attempts)]

        def chosen(id: str | None) -> None:
            if id is not None:
                self._resume(id or attempts)

        self.app.push_screen(Choose("Go on with which attempt? (times are UTC)", choices), chosen)

    @work(thread=True, exclusive=True, group="load")
    def _resume(self, attempts: str | tuple[StoredAttempt, ...]) -> None:
        """Go on with the attempt of that id, or the first of those that can."""
        from sim.attempts.resume import take_up, take_up_newest

        self.app.call_from_thread(self._say, "Playing the attempt up to where you left it ...")
        try:
            store = game_of(self).store
            resumed = take_up(store, attempts) if isinstance(attempts, str) else take_up_newest(store, attempts)
        except UserError as problem:
            self.app.call_from_thread(self._say, problem.whole())
            return
        self.app.call_from_thread(self._resumed, resumed)

    def _resumed(self, resumed: Resumed) -> None:
        self._say("")
        game_of(self).open_ward(resumed.attempt, over=True)
        if resumed.passed_over:
            self.notify(resumed.passed_over, markup=False, timeout=10)

    # --- what was learned --------------------------------------------------------------------------------

    def action_debriefs(self) -> None:
        """List the finished attempts of the chosen case, and open the debrief of one."""
        case = self._chosen()
        if case is None or self.listing is None:
            return
        finished = {attempt.id: attempt for attempt in self.listing.finished(case.id)}
        if not finished:
            self.notify("No attempt at this case is finished yet.", markup=False)
            return
        from sim.tui.screens.dialog import Choose

        def chosen(id: str | None) -> None:
            if id is not None:
                self._reopen(finished[id])

        title = f"Debriefs: {case.title} (times are UTC)"
        self.app.push_screen(Choose(title, [(id, _attempt_text(attempt)) for id, attempt in finished.items()]), chosen)

    @work(thread=True, exclusive=True, group="load")
    def _reopen(self, attempt: StoredAttempt) -> None:
        from sim.attempts.reopen import reopen

        self.app.call_from_thread(self._say, "Playing the attempt again ...")
        try:
            reopened = reopen(game_of(self).store, attempt)
        except UserError as problem:
            self.app.call_from_thread(self._say, problem.whole())
            return
        self.app.call_from_thread(self._reopened, attempt, reopened)

    def _reopened(self, stored: StoredAttempt, reopened: Reopened) -> None:
        self._say("")
        if reopened.attempt is not None:
            game_of(self).open_debrief(reopened.attempt, over=True)
            return
        from sim.tui.screens.page import TextPage, stored_rows

        assert reopened.problem is not None, "it was not lived again"
        assert reopened.rendered is not None, "what is not lived again is stored"
        why = f"As it was stored, without the review and the twin: {'; '.join(reopened.problem.reasons)}."
        self.app.push_screen(TextPage(f"Debrief of attempt {stored.id}", stored_rows(reopened.rendered.debrief, why)))

    def action_still_missed(self) -> None:
        """Show the steps still missed in the chosen case, once an attempt at it is finished."""
        case = self._chosen()
        if case is None or self.listing is None:
            return
        finished = tuple(a for a in self.listing.finished(case.id) if a.parent is None)
        if finished:
            self._miss(case, finished)
        else:
            self.notify("Finish an attempt first: this page shows the pathway.", markup=False)

    @work(thread=True, exclusive=True, group="load")
    def _miss(self, case: Listed, finished: tuple[StoredAttempt, ...]) -> None:
        from sim.attempts.listing import read_missed
        from sim.case.problems import CaseError

        self.app.call_from_thread(self._say, "Reading the attempts ...")
        try:
            missed = read_missed(game_of(self).store, case, finished)
        except (StoreError, CaseError) as problem:
            told = problem.whole() if isinstance(problem, StoreError) else str(problem)
            self.app.call_from_thread(self._say, told)
            return
        self.app.call_from_thread(self._missed, case, missed)

    def _missed(self, case: Listed, missed: tuple[Step, ...]) -> None:
        from sim.tui.screens.page import TextPage, missed_rows

        self._say("")
        self.app.push_screen(TextPage(f"Still missed: {case.title}", missed_rows(missed)))

    def action_quit(self) -> None:
        """Leave."""
        self.app.exit()


def _head(width: int) -> str:
    return f"{'Case':<{width}}   {'Level':<6}   {'Time':>6}   Played"


def _line(case: Listed, width: int) -> str:
    if case.problem:
        return f"{case.title:<{width}}   cannot be played"
    best = f", best: {case.best}" if case.best else ""
    going = f", {case.unfinished} unfinished" if case.unfinished else ""
    played = f"{case.attempts} played{best}{going}" if case.attempts or going else "not played"
    dots = "●" * case.difficulty + "○" * (5 - case.difficulty)
    return f"{case.title:<{width}}   {dots:<6}   {case.minutes:>2} min   {played}"


_LISTED: Final = 6
"""How many attempts the case under the cursor tells of."""


def _about(case: Listed, attempts: Sequence[StoredAttempt]) -> str:
    """The case in full: what it is, for whom, how long, who reviewed it, and what was played of it."""
    if case.problem:
        return case.problem
    head = f"For: {case.level}.\nDifficulty {case.difficulty} of 5. About {case.minutes} minutes."
    parts = [case.blurb, head, review_note(case.reviewed)]
    if attempts:
        told = [_attempt_text(attempt) for attempt in attempts[:_LISTED]]
        more = f"\nand {len(attempts) - _LISTED} more" if len(attempts) > _LISTED else ""
        parts.append("Your attempts, newest first (times are UTC)\n" + "\n".join(told) + more)
    return "\n\n".join(parts)


def _attempt_text(attempt: StoredAttempt) -> str:
    """A finished attempt in a line, a what-if in two."""
    ending = (attempt.ending or "").replace("_", " ")
    state = "unfinished" if attempt.finished is None else attempt.band or ""
    line = f"{attempt.started[:16].replace('T', ' ')}  {attempt.mode:<8}  {state:<10}  {ending}".rstrip()
    if attempt.parent is None:
        return line
    return f"{line}\n    branch of {attempt.parent} after move {attempt.parent_move}"
