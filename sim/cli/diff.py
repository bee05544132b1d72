"""For who edits a case: what the edit does to patients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.command import app
from sim.cli.exam import need_no_exam
from sim.cli.options import MAX_SEED, CaseArgument, CasesOption, JsonOption
from sim.cli.output import say, write
from sim.words.errors import UserError

if TYPE_CHECKING:
    from sim.case.model.scenario import Scenario


@app.command(epilog="Example: scurfy diff ./my_case HEAD")
def diff(
    case: CaseArgument,
    other: Annotated[
        str,
        typer.Argument(metavar="OTHER", help="What it was before: another case, or a revision in git, such as HEAD."),
    ],
    n: Annotated[int, typer.Option("--n", min=1, max=100_000, help="How many patients of each are played.")] = 300,
    plans: Annotated[int, typer.Option(min=0, max=1000, help="In how many patients each plan beside it is tried.")] = 4,
    seed: Annotated[int, typer.Option(min=0, max=MAX_SEED - 100_000, help="The first patient's fate.")] = 1,
    cases: CasesOption = None,
    json: JsonOption = False,
) -> None:
    """Set a case beside what it was: survival, endings and the verdicts of its plans, in patients of the same fates."""
    from sim.attempts.cases import CASES
    from sim.authoring.compare import POLICIES, alone, fared, lines, plain
    from sim.authoring.prove.properties.plans import plans_beside
    from sim.case.library import path_of
    from sim.cli.places import homes, located
    from sim.cli.progress import shown
    from sim.report.json import to_json
    from sim.words.fold import fold

    source = located(case, cases)
    need_no_exam(source)
    path = path_of(case, homes=homes(cases))
    now, found = CASES.load(source), plans_beside(path) if plans else ()
    seeds, tried = range(seed, seed + n), range(seed, seed + plans)
    with _before(path, other, cases) as before:
        total = 2 * (len(POLICIES) * n + len(found) * plans)
        with shown("lives", total) as advance:
            same = before.digest == now.digest
            new = fared(now, seeds, plans=() if same else found, plan_seeds=tried, told=advance)
            old = new if same else fared(before, seeds, plans=found, plan_seeds=tried, told=advance)
    if json:
        write(to_json({"case": now.case.id, "other": other, "same": same} | plain(old, new)))
        return
    head = f"{now.case.id} before ({other}) and now: {n} patients of the same fates"
    for line in fold(head + f", {plans} for each plan" * bool(found), 80):
        say(line)
    if same:
        say("Nothing that a patient or a verdict depends on was changed.")
    say("")
    for line in alone(new) if same else lines(old, new):
        say(line)


@contextmanager
def _before(path: Path, other: str, cases: Path | None) -> Iterator[Scenario]:
    """The other case, or the case of a file at a revision: a case that is called so goes first."""
    from sim.attempts.cases import CASES
    from sim.authoring.revision import is_revision, loaded_at
    from sim.case.problems import CaseError
    from sim.cli.places import located

    try:
        source = located(other, cases)
    except CaseError:  # no case is called so
        source = ""
    if source and (source == other or Path(source).is_file()):
        need_no_exam(source)
        yield CASES.load(source)
    elif is_revision(path, other):
        with loaded_at(path, other) as before:
            yield before
    else:
        hint = "scurfy cases lists cases, git log revisions"
        raise UserError(f"there is neither a case nor a revision {other!r}", hint, misuse=True)
