"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from sim.words.errors import UserError

MAX_SEED: Final = 2**53 - 1
"""What every JSON reader can hold exactly."""

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="A case's id, or the path of its file.")]
CasesOption = Annotated[
    Path | None, typer.Option("--cases", metavar="FOLDER", help="A folder of your own cases, besides SCURFY_CASES.")
]
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


def need_review(review: bool, fates: int | None) -> None:
    """Raise UserError for a number of fates without the review they are for."""
    if fates is not None and not review:
        raise UserError("--fates needs --review", misuse=True)
