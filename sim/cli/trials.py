"""For who asks what a case does: patients played without a screen, one, many, or to prove what the case claims."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.command import app
from sim.cli.exam import need_no_exam
from sim.cli.options import (
    MAX_SEED,
    CaseArgument,
    CasesOption,
    FatesOption,
    HtmlOption,
    JsonOption,
    MarkdownOption,
    ReviewOption,
    need_review,
)
from sim.cli.output import need_places, save, save_pages, write
from sim.words.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.case.model.scenario import Scenario
    from sim.case.moves import Move
    from sim.cohorts.arm import Arm
    from sim.engine.session import Session


@app.command(epilog="Example: scurfy replay drying_out --policy pathway --seed 1 --json")
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
    cases: CasesOption = None,
    json: JsonOption = False,
) -> None:
    """Play a case without a screen, then assess it."""
    from scoring.assess.assessment import assess
    from scoring.debrief.build import debrief
    from sim.attempts.cases import CASES
    from sim.attempts.replay import review_moves
    from sim.cli.places import located
    from sim.cli.progress import shown
    from sim.report.content import report_of
    from sim.report.json import report, to_json
    from sim.report.text import to_text

    need_review(review, fates)
    need_places(html, markdown)
    if (moves is None) == (policy is None):
        raise UserError("expected either --moves FILE or --policy P", "for example: --policy pathway", misuse=True)
    source = located(case, cases)
    need_no_exam(source)
    scenario = CASES.load(source)
    session, given = played(scenario, seed, moves, policy or "", wanted=review)
    found = review_moves(scenario, seed, given, fates, progress=shown) if review else None
    assessment = assess(scenario, session.log, found)
    if html is not None or markdown is not None:
        save_pages(report_of(scenario, seed, session.log, assessment), html, markdown)
    write(to_json(report(session, assessment)) if json else to_text(debrief(scenario, session.log, assessment)))


def played(
    scenario: Scenario, seed: int, moves: Path | None, policy: str, *, wanted: bool
) -> tuple[Session, Sequence[Move]]:
    """Play by a file of moves or under a policy; return the session, and its moves where they are `wanted`.

    Raises UserError for a policy that there is not, and for a move that cannot be made.
    """
    from sim.attempts.replay import moves_under, replay_plan, replay_policy
    from sim.case.reading.movefile import read_plan
    from sim.case.search import resolve
    from sim.engine.session import IllegalMove

    try:
        if moves is not None:
            given = read_plan(moves, scenario.catalogue, resolve)
            return replay_plan(scenario, seed, given), given.moves
        session = replay_policy(scenario, seed, policy)
        return session, moves_under(scenario, seed, policy) if wanted else ()
    except (ValueError, IllegalMove) as error:
        raise UserError(str(error), misuse=True) from error


@app.command(epilog="Example: scurfy cohort drying_out --policy pathway --n 1000")
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
    cases: CasesOption = None,
    json: JsonOption = False,
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the survival curve there.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Cores to use; else as many as pay.")] = None,
    dask: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Play on the Dask cluster there.")] = None,
) -> None:
    """Play many patients of a case: survival, endings, utility. The patients are those that replay plays."""
    from sim.cli.places import located
    from sim.cli.progress import shown
    from sim.cohorts.cohort import follow
    from sim.cohorts.plots import to_svg
    from sim.cohorts.report import curve_of, report, to_text
    from sim.report.json import to_json

    if each and not json:
        raise UserError("--each needs --json", misuse=True)
    if seed + n - 1 > MAX_SEED:
        raise UserError(f"expected seeds of at most {MAX_SEED}, found {seed + n - 1}", misuse=True)
    how, chosen = _way(located(case, cases), moves, policy, seed, until)
    with shown("patients", n) as advance:
        lives = follow(chosen, range(seed, seed + n), workers=workers, dask=dask, progress=advance)
    if svg is not None:
        save(svg, to_svg(curve_of(lives), f"{chosen.scenario.case.title}: {n} patients, {how}"))
    write(to_json(report(chosen, lives, each=each)) if json else to_text(chosen, lives, how))


@app.command(epilog="Example: scurfy prove my_case.yaml --witness witnesses")
def prove(
    asked: Annotated[list[str], typer.Argument(metavar="CASE...", help="Cases: ids, or paths of their files.")],
    cases: CasesOption = None,
    n: Annotated[int, typer.Option("--n", min=4, max=100_000, help="How many patients are played.")] = 8,
    json: JsonOption = False,
    witness: Annotated[Path | None, typer.Option(metavar="DIR", help="Write a moves file for each failure.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Cores; all of them if joblib is installed.")] = None,
) -> None:
    """Play a case to see whether it does what it claims; each failure comes with a witness."""
    from sim.attempts.cases import CASES
    from sim.authoring.prove import prove_all, to_plain
    from sim.authoring.prove.report import to_text, write_witnesses
    from sim.case.library import path_of
    from sim.cli.places import located
    from sim.cli.progress import doing
    from sim.report.json import to_json

    files_of = [path_of(located(case, cases)) for case in asked]
    scenarios = [CASES.load(path) for path in files_of]
    names = {scenario.case.id: case for scenario, case in zip(scenarios, asked, strict=True)}
    with doing() as report_progress:
        found = prove_all(list(zip(scenarios, files_of, strict=True)), n, report_progress, workers)
    try:
        files = {} if witness is None else write_witnesses(found, witness)
    except OSError as error:
        raise UserError(f"witnesses cannot be written to {witness}: {error.strerror}", misuse=True) from error
    write(to_json([to_plain(finding) for finding in found]) if json else to_text(found, files, names))
    if not all(finding.holds for finding in found):
        raise typer.Exit(1)


def _way(case: str, moves: Path | None, policy: str | None, seed: int, until: str | None) -> tuple[str, Arm]:
    """How a cohort is played, in words and ready to be played."""
    from sim.attempts.cases import CASES
    from sim.attempts.replay import apply_moves
    from sim.case.quantities import minutes_of
    from sim.case.reading.movefile import read_moves
    from sim.case.search import resolve
    from sim.cohorts.arm import arm
    from sim.engine.session import IllegalMove, Session

    if (moves is None) == (policy is None):
        raise UserError("expected either --moves FILE or --policy P", "for example: --policy pathway", misuse=True)
    scenario = CASES.load(case)
    try:
        end = None if until is None else minutes_of(until)
        if end == 0:
            raise ValueError("expected to follow them for a minute at least")
        if moves is None:
            return f"policy {policy}", arm(scenario, policy or "", until=end)
        given = read_moves(moves, scenario.catalogue, resolve)
        # A cohort leaves out what is not possible for some patient; for the first one it is a mistake.
        apply_moves(Session(scenario, seed, horizon=end), given)
        return f"moves of {moves.name}", arm(scenario, moves=given, until=end)
    except (ValueError, IllegalMove) as error:
        raise UserError(str(error), misuse=True) from error
