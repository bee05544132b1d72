"""The command line: the one door to typer. Each command finds what it needs, does it in a line or two, and says it.

Imports are inside the commands, so that `--help` and `--version` answer at once.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sim.opening import need_screen, open_library
from sim.trouble import Trouble, explained

if TYPE_CHECKING:
    from sim.case.library import CaseHead
    from sim.case.model import Library, Step
    from sim.cohort import Way
    from sim.mastery import Record
    from sim.recorded import RecordedSession
    from sim.report.content import Report
    from sim.store import Attempt, Store

app = typer.Typer(
    name="scurfy",
    help="A bedside case game. Teaching only, not for patient care.",
    epilog="Example: scurfy play ipex_classical --mode tutor",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

MAX_SEED: Final = 2**53 - 1
"""What every JSON reader can hold exactly."""


class Mode(StrEnum):
    """How much help a learner gets."""

    TUTOR = "tutor"
    PRACTICE = "practice"
    EXAM = "exam"


class Format(StrEnum):
    """How problems are told."""

    TEXT = "text"
    JSON = "json"


class Picture(StrEnum):
    """How a graph is drawn."""

    SVG = "svg"
    DOT = "dot"
    MERMAID = "mermaid"


CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="A case's id, or the path of its file.")]
SeedOption = Annotated[int | None, typer.Option(min=0, max=MAX_SEED, help="The patient's fate; drawn if not given.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
ReviewOption = Annotated[
    bool, typer.Option("--review", help="Say what each decision cost, apart from luck. Takes seconds with numba.")
]
FatesOption = Annotated[
    int | None, typer.Option("--fates", min=2, max=100_000, metavar="N", help="With --review: futures per decision.")
]
AttemptArgument = Annotated[str, typer.Argument(metavar="ATTEMPT", help="The beginning of an attempt's id.")]
DecisionOption = Annotated[int, typer.Option("--from", min=1, metavar="N", help="The number of a decision.")]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the debrief there, as one page.")
]
MarkdownOption = Annotated[Path | None, typer.Option("--markdown", metavar="FILE", help="Write it there as Markdown.")]
TeacherOption = Annotated[bool, typer.Option("--teacher", help="What to ask in a debriefing; with --json, as data.")]
PlainOption = Annotated[bool, typer.Option("--plain", help="As lines of text: screen readers, pipes, TERM=dumb.")]


@app.callback(invoke_without_command=True)
def scurfy(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print versions.")] = False
) -> None:
    """A bedside case game. Without a command it opens the library. Teaching only, not for patient care."""
    if version:
        from sim.doctor import versions

        _say(", ".join(f"{name} {number}" for name, number in versions()))
    elif context.invoked_subcommand is None:
        open_library()


@app.command(epilog="Example: scurfy play ipex_classical --seed 7 --mode tutor")
def play(
    case: CaseArgument,
    seed: SeedOption = None,
    mode: Annotated[Mode, typer.Option(help="tutor gives hints, exam tells nothing until the end.")] = Mode.PRACTICE,
    plain: PlainOption = False,
) -> None:
    """Play one case."""
    from sim.case.library import path_of

    path = path_of(case)
    if not plain:
        need_screen(f"play {case} --plain")
        from sim.tui.app import run

        run(case=case, seed=seed, mode=mode.value)
        return
    from sim.case.shelf import is_id
    from sim.recorded import begin
    from sim.store import open_store

    library = _load(case)
    source = case if is_id(case) else str(path.absolute())
    with open_store() as store:
        chosen = secrets.randbelow(1_000_000) if seed is None else seed
        _play_lines(begin(store, library, source=source, seed=chosen, mode=mode.value))


@app.command(epilog="Example: scurfy resume")
def resume(
    attempt: Annotated[str | None, typer.Argument(help="The beginning of an attempt's id; else the latest.")] = None,
    plain: PlainOption = False,
) -> None:
    """Go on with an attempt at the same minute with the same patient."""
    from sim import recorded
    from sim.store import open_store

    with open_store() as store:
        found = _unfinished(store, attempt)
        if plain:
            _play_lines(recorded.resume(store, _load(found.source), found))
            return
    need_screen(f"resume {found.id} --plain")
    from sim.tui.app import run

    run(attempt=found.id)


@app.command(epilog="Example: scurfy attempts --json")
def attempts(json: JsonOption = False) -> None:
    """List what was played, the newest first."""
    from dataclasses import asdict

    from sim.replay import to_json
    from sim.store import open_store

    with open_store() as store:
        found = store.attempts()
    if json:
        _write(to_json([asdict(attempt) for attempt in found]))
        return
    for attempt in found:
        state = f"finished: {attempt.band}, {attempt.ending}" if attempt.finished else "not finished"
        branch = "" if attempt.parent is None else f"  branch of {attempt.parent} after move {attempt.parent_move}"
        told = f"{attempt.id}  {attempt.started[:16]}  {attempt.case_id}  seed {attempt.seed}  {attempt.mode}  {state}"
        _say(told + branch)
    if not found:
        _say("No attempts yet. scurfy cases lists what there is to play.")


@app.command(epilog="Example: scurfy debrief 3f2a")
def debrief(
    attempt: Annotated[str, typer.Argument(help="The beginning of an attempt's id.")],
    review: ReviewOption = False,
    fates: FatesOption = None,
    html: HtmlOption = None,
    markdown: MarkdownOption = None,
    teacher: TeacherOption = False,
    json: JsonOption = False,
) -> None:
    """Tell again how an attempt ended and why."""
    from sim.store import open_store

    _need_review(review, fates)
    _need_places(html, markdown)
    with open_store() as store:
        found = store.attempt(attempt)
        if teacher:
            _write(_prompts(store, found, json=json))
            return
        stored = _reviewed(store, found, fates) if review else store.debrief(found.id) or _late_debrief(store, found)
        if html is not None or markdown is not None:
            _save_pages(_reported(store, found, fates), html, markdown)
        told = _whole(store, found, fates, stored[0]) if json else stored[1]
    _write(told)


@app.command(epilog="Example: scurfy review")
def review(json: JsonOption = False) -> None:
    """Ask the questions that are due, from the cases you finished; you grade your own answers."""
    from sim.recall import ready, to_plain
    from sim.recall_lines import ask
    from sim.replay import to_json
    from sim.store import open_store

    with open_store() as store:
        found, following = tuple(ready(store.cards.due(), _load)), store.cards.next()
        if json:
            _write(to_json(to_plain(found, following)))
        else:
            ask(store, found, sys.stdin, sys.stdout)


@app.command(epilog="Example: scurfy branch 3f2a --from 4")
def branch(attempt: AttemptArgument, from_: DecisionOption, plain: PlainOption = False) -> None:
    """Play on from a decision of an attempt that is over: the same patient, the same fate, other orders."""
    from sim import recorded
    from sim.conclusion import decision_of
    from sim.store import open_store

    if not plain:
        need_screen(f"branch {attempt} --from {from_} --plain")
    with open_store() as store:
        played = _finished(store, store.attempt(attempt))
        with _numbered(played):
            taken = decision_of(played, from_).taken
        again = recorded.branch(store, played.session.library, played.attempt, taken)
        if plain:
            _play_lines(again)
            return
    from sim.tui.app import run

    run(attempt=again.attempt.id)


@app.command(epilog="Example: scurfy twin 3f2a --from 4")
def twin(attempt: AttemptArgument, from_: DecisionOption) -> None:
    """Set a patient beside his twin: the same fate, treated by the pathway from a decision on."""
    from scoring.side_by_side import to_text
    from sim.conclusion import twin_from
    from sim.store import open_store

    with open_store() as store:
        played = _finished(store, store.attempt(attempt))
        with _numbered(played):
            found = twin_from(played, from_)
    _write(to_text(found))


@app.command(epilog="Example: scurfy replay ipex_classical --policy pathway --seed 1 --json")
def replay(
    case: CaseArgument,
    moves: Annotated[Path | None, typer.Option(metavar="FILE", help="A YAML file of moves.")] = None,
    policy: Annotated[
        str | None, typer.Option(help="pathway, none, everything, random or repeat:ORDER.", metavar="P")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=MAX_SEED, help="The patient's fate.")] = 1,
    review: ReviewOption = False,
    fates: FatesOption = None,
    html: HtmlOption = None,
    markdown: MarkdownOption = None,
    json: JsonOption = False,
) -> None:
    """Play a case without a screen, then assess it."""
    from sim.case.movefile import read_moves
    from sim.case.search import resolve
    from sim.engine.session import IllegalMove
    from sim.replay import moves_under, replay_moves, replay_policy, report, review_moves, tell, to_json

    _need_review(review, fates)
    _need_places(html, markdown)
    if (moves is None) == (policy is None):
        raise Trouble("expected either --moves FILE or --policy P", "for example: --policy pathway", misuse=True)
    library = _load(case)
    try:
        if moves is not None:
            given = read_moves(moves, library.catalogue, resolve)
            session = replay_moves(library, seed, given)
        else:
            session = replay_policy(library, seed, policy or "")
            given = moves_under(library, seed, policy or "") if review else ()
    except (ValueError, IllegalMove) as error:
        raise Trouble(str(error), misuse=True) from error
    found = review_moves(library, seed, given, fates) if review else None
    if html is not None or markdown is not None:
        from sim.report.content import report_on

        _save_pages(report_on(session, found), html, markdown)
    _write(to_json(report(session, found)) if json else tell(session, found))


@app.command(epilog="Example: scurfy cohort ipex_classical --policy pathway --n 1000")
def cohort(
    case: CaseArgument,
    n: Annotated[int, typer.Option("--n", min=1, max=10_000_000, help="How many patients.")],
    moves: Annotated[Path | None, typer.Option(metavar="FILE", help="A YAML file of moves.")] = None,
    policy: Annotated[
        str | None, typer.Option(help="pathway, none, everything, random or repeat:ORDER.", metavar="P")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=MAX_SEED, help="The first patient's fate.")] = 1,
    each: Annotated[bool, typer.Option("--each", help="Every patient's end as well; with --json.")] = False,
    until: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Follow them so long, such as '4 y'; else the case's own.")
    ] = None,
    json: JsonOption = False,
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the survival curve there.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Cores to use; else as many as pay.")] = None,
    dask: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Play on the Dask cluster there.")] = None,
) -> None:
    """Play many patients of a case: survival, endings, utility. The patients are those that replay plays."""
    from sim.cohort import follow
    from sim.cohort_report import curve_of, report, tell
    from sim.progress import shown
    from sim.replay import to_json
    from sim.survival import to_svg

    if each and not json:
        raise Trouble("--each needs --json", misuse=True)
    if seed + n - 1 > MAX_SEED:
        raise Trouble(f"expected seeds of at most {MAX_SEED}, found {seed + n - 1}", misuse=True)
    how, chosen = _way(case, moves, policy, seed, until)
    with shown("patients", n) as told:
        lives = follow(chosen, range(seed, seed + n), workers=workers, dask=dask, progress=told)
    if svg is not None:
        _save(svg, to_svg(curve_of(lives), f"{chosen.library.case.title}: {n} patients, {how}"))
    _write(to_json(report(chosen, lives, each=each)) if json else tell(chosen, lives, how))


@app.command(epilog="Example: scurfy cases --missed")
def cases(
    missed: Annotated[bool, typer.Option("--missed", help="Name the steps you still miss: this tells a case.")] = False,
    json: JsonOption = False,
) -> None:
    """List the cases that ship with Scurfy, easiest first, and how far you have come with each."""
    from sim.case.library import case_heads
    from sim.mastery import counted
    from sim.replay import to_json

    heads = _mastery(case_heads())
    if json:
        _write(to_json([{"id": h.id, "title": h.title, "blurb": h.blurb, "level": h.level, "difficulty": h.difficulty,
                         "minutes": h.minutes, "attempts": record.attempts, "best": record.best,
                         "still_missed": None if steps is None else [
                             {"step": s.id, "title": s.title, "weight": s.weight} for s in steps]}
                        for h, record, steps in heads]))  # fmt: skip
        return
    for head, record, steps in heads:
        _say(f"{head.id}  {head.title}")
        _say(f"    {head.problem or f'{head.level}; difficulty {head.difficulty} of 5; about {head.minutes} min'}")
        best = "" if record.best is None else f"; best: {record.best}"
        left = "" if steps is None else f"; still missed: {counted(steps)}"
        _say(f"    {record.attempts or 'not'} played{best}{left}")
        for step in steps or () if missed else ():
            _say(f"        {step.weight:<6}  {step.title}")


@app.command(epilog="Example: scurfy orders cbc")
def orders(
    query: Annotated[list[str] | None, typer.Argument(help="What people type; without it, all orders.")] = None,
    json: JsonOption = False,
) -> None:
    """Search the catalogue of orders as the game does, the best match first."""
    from sim.case.library import load_catalogue
    from sim.case.search import search
    from sim.replay import to_json

    catalogue, words = load_catalogue(), " ".join(query or ())
    found = search(catalogue, words) if words else tuple(catalogue.orders.values())
    if json:
        _write(to_json([{"id": o.id, "name": o.name, "kind": o.kind.value, "aliases": o.aliases} for o in found]))
    else:
        for order in found:
            also = f" ({', '.join(order.aliases)})" if order.aliases else ""
            _say(f"{order.id}  {order.kind.value}  {order.name}{also}")
    if not found:
        raise Trouble(f"no order is like {words!r}", told=json)


@app.command(epilog="Example: scurfy check my_case.yaml")
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Case files, or folders of them.")],
    format: Annotated[Format, typer.Option(help="text for people, json for programs.")] = Format.TEXT,
) -> None:
    """Find every mistake in case, disease, catalogue and evidence files."""
    from sim.case.check import check as find_problems
    from sim.case.problems import render, to_plain
    from sim.engine.graph import problems as graph_questions
    from sim.replay import to_json

    missing = next((path for path in paths if not path.exists()), None)
    if missing is not None:
        raise Trouble(f"there is no file or folder {missing}", misuse=True)
    found = find_problems(paths, graph=graph_questions)
    errors = sum(problem.severity == "error" for problem in found)
    if format is Format.JSON:
        _write(to_json([to_plain(problem) for problem in found]))
    else:
        for problem in found:
            _say(render(problem))
        _say(f"{errors} errors, {len(found) - errors} warnings" if found else "No problems found.")
    if errors:
        raise typer.Exit(1)


@app.command(epilog="Example: scurfy prove my_case.yaml --witness witnesses")
def prove(
    cases: Annotated[list[str], typer.Argument(metavar="CASE...", help="Cases: ids, or paths of their files.")],
    n: Annotated[int, typer.Option("--n", min=4, max=100_000, help="How many patients are played.")] = 8,
    json: JsonOption = False,
    witness: Annotated[Path | None, typer.Option(metavar="DIR", help="Write a moves file for each failure.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Cores; all of them if joblib is installed.")] = None,
) -> None:
    """Play a case to see whether it does what it claims; each failure comes with a witness."""
    from sim.progress import doing
    from sim.proof import prove as prove_case
    from sim.proof import to_plain
    from sim.proof.telling import tell, write_witnesses
    from sim.replay import to_json

    libraries = [_load(case) for case in cases]
    asked = {library.case.id: case for library, case in zip(libraries, cases, strict=True)}
    with doing() as told:
        found = [finding for library in libraries for finding in prove_case(library, n, told, workers)]
    try:
        files = {} if witness is None else write_witnesses(found, witness)
    except OSError as error:
        raise Trouble(f"witnesses cannot be written to {witness}: {error.strerror}", misuse=True) from error
    _write(to_json([to_plain(finding) for finding in found]) if json else tell(found, files, asked))
    if not all(finding.holds for finding in found):
        raise typer.Exit(1)


@app.command(epilog="Example: scurfy show ipex_classical")
def show(case: CaseArgument) -> None:
    """Print a case as a simulation table. It gives everything away: for teachers and authors."""
    from sim.casebook import table

    for line in table(_load(case)):
        _say(line)


@app.command(epilog="Example: scurfy graph ipex_classical --format svg > ipex.svg")
def graph(
    case: CaseArgument, format: Annotated[Picture, typer.Option(help="What to draw it as.")] = Picture.SVG
) -> None:
    """Draw the state graph of a case's disease. It gives everything away: for teachers and authors."""
    from sim.engine.drawing import to_dot, to_mermaid, to_svg

    draw = {Picture.SVG: to_svg, Picture.DOT: to_dot, Picture.MERMAID: to_mermaid}[format]
    _write(draw(_load(case).disease))


@app.command(epilog="Example: scurfy doctor")
def doctor() -> None:
    """Look whether everything is in order on this computer."""
    from sim.doctor import examine

    findings = tuple(examine())
    for finding in findings:
        _say(f"{finding.sign:4} {finding.what}: {finding.found}")
    if any(finding.sign == "BAD" for finding in findings):
        raise typer.Exit(1)


@app.command(epilog="Example: scurfy paths")
def paths() -> None:
    """Print where attempts, cases and the log are kept."""
    from sim.doctor import places

    for name, place in places():
        _say(f"{name}: {place}")


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code: 0 well, 1 a finding, 2 a misuse, 3 a fault of Scurfy's own."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    with explained() as outcome:
        try:
            result = app(arguments, prog_name="scurfy", standalone_mode=False)
        except typer.TyperException as error:
            message, _, meant = error.format_message().partition(". Did you mean ")
            hint = f"did you mean {meant}" if meant else "scurfy --help lists the commands, scurfy COMMAND --help one"
            raise Trouble(message[:1].lower() + message[1:], hint, misuse=True) from error
        outcome.code = result if isinstance(result, int) else 0
    return outcome.code


# --- small parts ------------------------------------------------------------------------------------------------


def _load(case: str) -> Library:
    from sim.case.library import load

    return load(case)


def _mastery(heads: Sequence[CaseHead]) -> list[tuple[CaseHead, Record, tuple[Step, ...] | None]]:
    """Each case with what was played of it, and the steps still missed; None before an attempt is finished."""
    from sim.mastery import record_of
    from sim.store import StoreError, open_store

    try:
        with open_store() as store:
            played = store.attempts()
            records = [record_of(attempt for attempt in played if attempt.case_id == head.id) for head in heads]
            told = [[store.debrief(attempt.id) for attempt in record.finished] for record in records]
    except StoreError as trouble:  # the cases are there all the same
        sys.stderr.write(f"scurfy: what was played cannot be read: {trouble}\n")
        return [(head, record_of(()), None) for head in heads]
    return [
        (head, record, _missed(head, [each[0] for each in stored if each is not None]))
        for head, record, stored in zip(heads, records, told, strict=True)
    ]


def _missed(head: CaseHead, assessments: list[str]) -> tuple[Step, ...] | None:
    from sim.case.problems import CaseError
    from sim.mastery import still_missed

    try:
        return still_missed(_load(head.id).case.pathway, assessments) if assessments else None
    except CaseError:
        return None  # the list says that it cannot be read


def _way(case: str, moves: Path | None, policy: str | None, seed: int, until: str | None) -> tuple[str, Way]:
    """How a cohort is played, in words and ready to be played."""
    from sim.case.movefile import read_moves
    from sim.case.quantities import minutes_of
    from sim.case.search import resolve
    from sim.cohort import first_of, way
    from sim.engine.session import IllegalMove

    if (moves is None) == (policy is None):
        raise Trouble("expected either --moves FILE or --policy P", "for example: --policy pathway", misuse=True)
    library = _load(case)
    try:
        end = None if until is None else minutes_of(until)
        if end == 0:
            raise ValueError("expected to follow them for a minute at least")
        if moves is None:
            return f"policy {policy}", way(library, policy or "", until=end)
        given = read_moves(moves, library.catalogue, resolve)
        first_of(library, given, seed, end)
        return f"moves of {moves.name}", way(library, moves=given, until=end)
    except (ValueError, IllegalMove) as error:
        raise Trouble(str(error), misuse=True) from error


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise Trouble(f"{path} cannot be written: {error.strerror}", misuse=True) from error


def _need_places(*paths: Path | None) -> None:
    """Refuse before any work is done what cannot be written to after it."""
    for path in paths:
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            why = "it is a folder" if path.is_dir() else "there is no such folder"
            raise Trouble(f"{path} cannot be written: {why}", misuse=True)


def _save_pages(report: Report, html: Path | None, markdown: Path | None) -> None:
    from sim.report.markdown import to_markdown
    from sim.report.page import to_html

    for path, write in ((html, to_html), (markdown, to_markdown)):
        if path is not None:
            _save(path, write(report))


def _reported(store: Store, attempt: Attempt, fates: int | None) -> Report:
    """The report on an attempt that is over, with the review that is stored, or one over so many fates."""
    from sim.conclusion import reviewed, stored_review
    from sim.report.content import report_on

    played = _finished(store, attempt)
    return report_on(played.session, stored_review(played) if fates is None else reviewed(played, fates))


def _whole(store: Store, attempt: Attempt, fates: int | None, assessed: str) -> str:
    """The stored assessment with the whole debrief beside it; alone where the case has changed since."""
    from json import loads

    from sim.recorded import CannotResume
    from sim.replay import to_json
    from sim.report.content import to_plain

    try:
        return to_json({**loads(assessed), "debrief": to_plain(_reported(store, attempt, fates))})
    except CannotResume:
        return assessed


def _play_lines(recorded: RecordedSession) -> None:
    from sim.plain import play_plain

    recorded.review_beside()
    try:
        play_plain(recorded, sys.stdin, sys.stdout)
    finally:
        recorded.end_review()


def _unfinished(store: Store, id: str | None) -> Attempt:
    if id is None:
        found = next(iter(store.attempts(unfinished=True)), None)
        if found is None:
            raise Trouble("there is no attempt to go on with", "scurfy cases lists what there is to play", misuse=True)
        return found
    attempt = store.attempt(id)
    if attempt.finished is not None:
        raise Trouble(f"attempt {attempt.id} is finished", f"scurfy debrief {attempt.id} tells it again", misuse=True)
    return attempt


def _late_debrief(store: Store, attempt: Attempt) -> tuple[str, str]:
    """The debrief of a case that was over before the program could write it down."""
    from sim.conclusion import conclude

    return conclude(_finished(store, attempt))


@contextmanager
def _numbered(played: RecordedSession) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise Trouble(str(error), f"scurfy debrief {played.attempt.id} --review numbers them", misuse=True) from error


def _need_review(review: bool, fates: int | None) -> None:
    if fates is not None and not review:
        raise Trouble("--fates needs --review", misuse=True)


def _reviewed(store: Store, attempt: Attempt, fates: int | None) -> tuple[str, str]:
    """The debrief of an attempt with the review of its decisions, as JSON and as text."""
    from sim.conclusion import conclude, reviewed, told_of

    played = _finished(store, attempt)
    if played.attempt.finished is None:
        conclude(played)
    return told_of(played, reviewed(played, fates))


def _prompts(store: Store, attempt: Attempt, *, json: bool) -> str:
    """What a teacher may ask about an attempt that is over, with its review where one is stored."""
    from dataclasses import asdict

    from scoring.debrief import debrief as account_of
    from scoring.prompts import tell
    from sim.conclusion import stored_review
    from sim.replay import judge, to_json

    played = _finished(store, attempt)
    session = played.session
    asked = account_of(session.library, session.log, judge(session, stored_review(played))).prompts
    return to_json([asdict(prompt) for prompt in asked]) if json else tell(asked)


def _finished(store: Store, attempt: Attempt) -> RecordedSession:
    from sim import recorded

    played = recorded.resume(store, _load(attempt.source), attempt)
    if not played.session.ended:
        raise Trouble(f"attempt {attempt.id} is not finished", f"scurfy resume {attempt.id} goes on", misuse=True)
    return played


def _say(line: str) -> None:
    from sim.wording import clean

    sys.stdout.write(f"{clean(line)}\n")


def _write(text: str) -> None:
    """Write text as it is: the same bytes on every system, so no translated line ends and no local encoding."""
    sys.stdout.flush()
    target = getattr(sys.stdout, "buffer", None)
    if target is None:
        sys.stdout.write(text)
    else:
        target.write(text.encode())
        target.flush()
