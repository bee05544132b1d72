"""For who plays: cases played, gone on with, told again, and played on from a decision."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.command import app
from sim.cli.launch import need_screen
from sim.cli.options import (
    AttemptArgument,
    CaseArgument,
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

if TYPE_CHECKING:
    from sim.attempts.session import PersistentSession
    from sim.attempts.store import Attempt


class Mode(StrEnum):
    """How much help a learner gets."""

    TUTOR = "tutor"
    PRACTICE = "practice"
    EXAM = "exam"


@app.command(epilog="Example: scurfy play ipex_classical --seed 7 --mode tutor")
def play(
    case: CaseArgument,
    seed: SeedOption = None,
    mode: Annotated[Mode, typer.Option(help="tutor gives hints, exam tells nothing until the end.")] = Mode.PRACTICE,
    plain: PlainOption = False,
) -> None:
    """Play one case."""
    from sim.attempts.cases import CASES
    from sim.case.library import path_of

    path = path_of(case)
    if not plain:
        need_screen(f"play {case} --plain")
        from sim.tui.app import run

        run(case=case, seed=seed, mode=mode.value)
        return
    from sim.attempts.session import begin
    from sim.attempts.store import open_store
    from sim.case.composing.folders import is_id

    scenario = CASES.load(case)
    source = case if is_id(case) else str(path.absolute())
    with open_store() as store:
        chosen = secrets.randbelow(1_000_000) if seed is None else seed
        _play_lines(begin(store, scenario, source=source, seed=chosen, mode=mode.value))


@app.command(epilog="Example: scurfy resume")
def resume(
    attempt: Annotated[str | None, typer.Argument(help="The beginning of an attempt's id; else the latest.")] = None,
    plain: PlainOption = False,
) -> None:
    """Go on with an attempt at the same minute with the same patient; without an id, the newest that can go on."""
    from sim.attempts import session as recorded
    from sim.attempts.cases import CASES
    from sim.attempts.resume import NEWEST, take_up
    from sim.attempts.store import open_store

    with open_store() as store:
        found = None if attempt is None else _unfinished(store.attempt(attempt))
        if found is None and not store.attempts(unfinished=True):
            raise UserError(
                "there is no attempt to go on with", "scurfy cases lists what there is to play", misuse=True
            )
        if plain and found is not None:
            _play_lines(recorded.resume(store, CASES.load(found.source), found))
            return
        if plain:
            taken, told = take_up(store, NEWEST)
            if taken is None:
                raise UserError(told, misuse=True)
            if told:
                say(told)
            _play_lines(taken)
            return
    need_screen("resume --plain" if found is None else f"resume {found.id} --plain")
    from sim.tui.app import run

    run(attempt=NEWEST if found is None else found.id)


@app.command(epilog="Example: scurfy attempts --json")
def attempts(json: JsonOption = False) -> None:
    """List what was played, the newest first."""
    from dataclasses import asdict

    from sim.attempts.replay import to_json
    from sim.attempts.store import open_store

    with open_store() as store:
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
    from sim.attempts.reopen import prompts, retell
    from sim.attempts.store import open_store
    from sim.cli.progress import shown

    need_review(review, fates)
    need_places(html, markdown)
    pages = html is not None or markdown is not None
    if teacher and pages:
        raise UserError("--teacher is told as text or data: expected it without --html and --markdown", misuse=True)
    with open_store() as store:
        found = store.attempt(attempt)
        if teacher:
            write(prompts(store, found, review=review, fates=fates, data=json, progress=shown))
            return
        told = retell(store, found, review=review, fates=fates, report=json, pages=pages, progress=shown)
    if told.report is not None:
        save_pages(told.report, html, markdown)
    write(told.whole() if json else told.text)


@app.command(epilog="Example: scurfy review")
def review(json: JsonOption = False) -> None:
    """Ask the questions that are due, from the cases you finished; you grade your own answers."""
    from sim.attempts.cases import CASES
    from sim.attempts.recall import ready, to_plain
    from sim.attempts.replay import to_json
    from sim.attempts.store import open_store
    from sim.plain.recall import ask

    with open_store() as store:
        found, following = tuple(ready(store.cards.due(), CASES.load)), store.cards.next()
        if json:
            write(to_json(to_plain(found, following)))
        else:
            ask(store, found, sys.stdin, sys.stdout)


@app.command(epilog="Example: scurfy branch 3f2a --from 4")
def branch(attempt: AttemptArgument, from_: DecisionOption, plain: PlainOption = False) -> None:
    """Play on from a decision of an attempt that is over: the same patient, the same fate, other orders."""
    from sim.attempts import session as recorded
    from sim.attempts.finish import decision_of
    from sim.attempts.reopen import finished
    from sim.attempts.store import open_store

    if not plain:
        need_screen(f"branch {attempt} --from {from_} --plain")
    with open_store() as store:
        played = finished(store, store.attempt(attempt))
        with _numbered(played):
            taken = decision_of(played, from_).taken
        again = recorded.branch(store, played.session.scenario, played.attempt, taken)
        if plain:
            _play_lines(again)
            return
    from sim.tui.app import run

    run(attempt=again.attempt.id)


@app.command(epilog="Example: scurfy twin 3f2a --from 4")
def twin(attempt: AttemptArgument, from_: DecisionOption) -> None:
    """Set a patient beside his twin: the same fate, treated by the pathway from a decision on."""
    from sim.attempts.finish import twin_from
    from sim.attempts.reopen import finished
    from sim.attempts.store import open_store
    from sim.report.twin_text import to_text

    with open_store() as store:
        played = finished(store, store.attempt(attempt))
        with _numbered(played):
            found = twin_from(played, from_)
    write(to_text(found))


def _play_lines(recorded: PersistentSession) -> None:
    from sim.cli.progress import shown
    from sim.plain.play import play_plain

    recorded.review_beside()
    try:
        play_plain(recorded, sys.stdin, sys.stdout, progress=shown)
    finally:
        recorded.end_review()


def _unfinished(attempt: Attempt) -> Attempt:
    if attempt.finished is not None:
        raise UserError(f"attempt {attempt.id} is finished", f"scurfy debrief {attempt.id} tells it again", misuse=True)
    return attempt


@contextmanager
def _numbered(played: PersistentSession) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise UserError(str(error), f"scurfy debrief {played.attempt.id} --review numbers them", misuse=True) from error
