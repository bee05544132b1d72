"""For who plays: cases played, gone on with, told again, and played on from a decision."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.command import app
from sim.cli.launch import need_screen
from sim.cli.options import (
    AttemptArgument,
    CaseArgument,
    CasesOption,
    DecisionOption,
    FatesOption,
    HtmlOption,
    JsonOption,
    MarkdownOption,
    PlainOption,
    ReviewOption,
    SeedOption,
    TeacherOption,
    need_review,
)
from sim.cli.output import need_places, save_pages, say, write
from sim.words.errors import UserError
from sim.words.modes import Mode

if TYPE_CHECKING:
    from sim.attempts.session import PersistentSession


_MODES = "; ".join(f"{mode}: {mode.description}" for mode in Mode) + "."


@app.command(epilog="Example: scurfy play drying_out --seed 7 --mode tutor")
def play(
    case: CaseArgument,
    seed: SeedOption = None,
    mode: Annotated[Mode, typer.Option(help=_MODES)] = Mode.PRACTICE,
    cases: CasesOption = None,
    plain: PlainOption = False,
) -> None:
    """Play one case."""
    from sim.attempts.cases import CASES
    from sim.attempts.store import data_folder, open_store
    from sim.cli.places import homes, located

    source = located(case, cases)
    folder = data_folder()
    if not plain:
        need_screen(f"play {case} --plain")
        from sim.tui.app import run

        run(folder, case=source, seed=seed, mode=mode.value, homes=homes(cases))
        return
    from sim.attempts.session import begin, source_of

    scenario = CASES.load(source)
    with open_store(folder) as store:
        chosen = secrets.randbelow(1_000_000) if seed is None else seed
        _play_lines(begin(store, scenario, source=source_of(source), seed=chosen, mode=mode.value))


@app.command(epilog="Example: scurfy resume")
def resume(
    attempt: Annotated[str | None, typer.Argument(help="The beginning of an attempt's id; else the latest.")] = None,
    plain: PlainOption = False,
) -> None:
    """Go on with an attempt at the same minute with the same patient; without an id, the newest that can go on."""
    from sim.attempts.resume import NEWEST, take_up, to_go_on
    from sim.attempts.store import data_folder, open_store

    folder = data_folder()
    with open_store(folder) as store:
        found = to_go_on(store, attempt or NEWEST)
        if plain:
            resumed = take_up(store, attempt or NEWEST)
            if resumed.passed_over:
                say(resumed.passed_over)
            _play_lines(resumed.attempt)
            return
    id = NEWEST if attempt is None else found[0].id
    need_screen("resume --plain" if attempt is None else f"resume {id} --plain")
    from sim.cli.places import homes
    from sim.tui.app import run

    run(folder, attempt=id, homes=homes())


@app.command(epilog="Example: scurfy attempts --json")
def attempts(json: JsonOption = False) -> None:
    """List what was played, the newest first."""
    from dataclasses import asdict

    from sim.attempts.store import data_folder, open_store
    from sim.report.json import to_json

    with open_store(data_folder()) as store:
        found = store.attempts()
    if json:
        write(to_json([asdict(attempt) for attempt in found]))
        return
    for attempt in found:
        state = f"finished: {attempt.band}, {attempt.ending}" if attempt.finished else "not finished"
        branch = "" if attempt.parent is None else f"  branch of {attempt.parent} after move {attempt.parent_move}"
        told = f"{attempt.id}  {attempt.started[:16]}  {attempt.case_id}  seed {attempt.seed}  {attempt.mode}  {state}"
        say(told + branch)
    if not found:
        say("No attempts yet. scurfy cases lists what there is to play.")


@app.command(epilog="Example: scurfy debrief 3f2a --html debrief.html")
def debrief(
    attempt: AttemptArgument,
    review: ReviewOption = False,
    fates: FatesOption = None,
    html: HtmlOption = None,
    markdown: MarkdownOption = None,
    teacher: TeacherOption = False,
    json: JsonOption = False,
) -> None:
    """Tell again how an attempt ended and why."""
    from sim.attempts.reopen import prompts, render_again
    from sim.attempts.store import data_folder, open_store
    from sim.cli.progress import shown

    need_review(review, fates)
    need_places(html, markdown)
    pages = html is not None or markdown is not None
    if teacher and pages:
        raise UserError("--teacher is told as text or data: expected it without --html and --markdown", misuse=True)
    with open_store(data_folder()) as store:
        found = store.attempt(attempt)
        if teacher:
            write(prompts(store, found, review=review, fates=fates, data=json, progress=shown))
            return
        rendering = render_again(store, found, review=review, fates=fates, report=json, pages=pages, progress=shown)
    if rendering.report is not None:
        save_pages(rendering.report, html, markdown)
    write(rendering.whole() if json else rendering.rendered.debrief)


@app.command(epilog="Example: scurfy review")
def review(json: JsonOption = False) -> None:
    """Ask the questions that are due, from the cases you finished; you grade your own answers."""
    from sim.attempts.cases import CASES
    from sim.attempts.recall import ready, to_plain
    from sim.attempts.store import data_folder, open_store
    from sim.plain.recall import ask
    from sim.report.json import to_json

    with open_store(data_folder()) as store:
        found, following = tuple(ready(store.cards.due(), CASES.load)), store.cards.next()
        if json:
            write(to_json(to_plain(found, following)))
        else:
            ask(store, found, sys.stdin, sys.stdout)


@app.command(epilog="Example: scurfy branch 3f2a --from 4")
def branch(attempt: AttemptArgument, from_: DecisionOption, plain: PlainOption = False) -> None:
    """Play on from a decision of an attempt that is over: the same patient, the same fate, other orders."""
    from sim.attempts.finish import decision_of
    from sim.attempts.reopen import lived
    from sim.attempts.session import branch as play_on
    from sim.attempts.session import store_branch
    from sim.attempts.store import data_folder, open_store

    if not plain:
        need_screen(f"branch {attempt} --from {from_} --plain")
    folder = data_folder()
    with open_store(folder) as store:
        parent = lived(store, store.attempt(attempt))
        with _numbered(parent):
            taken = decision_of(parent, from_).taken
        if plain:
            _play_lines(play_on(parent, taken))
            return
        again = store_branch(parent, taken)  # the screen plays it
    from sim.cli.places import homes
    from sim.tui.app import run

    run(folder, attempt=again.id, homes=homes())


@app.command(epilog="Example: scurfy twin 3f2a --from 4")
def twin(attempt: AttemptArgument, from_: DecisionOption) -> None:
    """Set a patient beside the twin: the same fate, treated by the pathway from a decision on."""
    from sim.attempts.finish import twin_from
    from sim.attempts.reopen import lived
    from sim.attempts.store import data_folder, open_store
    from sim.report.twin_text import to_text

    with open_store(data_folder()) as store:
        over = lived(store, store.attempt(attempt))
        with _numbered(over):
            found = twin_from(over, from_)
    write(to_text(found))


def _play_lines(attempt: PersistentSession) -> None:
    from sim.attempts.review_process.pool import ReviewPool
    from sim.cli.progress import shown
    from sim.plain.play import play_plain

    with ReviewPool(workers=1) as pool:
        attempt.review_beside(pool)
        play_plain(attempt, sys.stdin, sys.stdout, progress=shown)


@contextmanager
def _numbered(attempt: PersistentSession) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise UserError(str(error), f"scurfy debrief {attempt.id} --review numbers them", misuse=True) from error
