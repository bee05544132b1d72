"""For who writes a disease: what the model does against what was published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.command import app
from sim.cli.options import JsonOption
from sim.cli.output import need_places, save, say, write


@app.command(epilog="Example: scurfy calibrate my_disease.yaml --out calibration.md")
def calibrate(
    calibration: Annotated[str, typer.Argument(metavar="CALIBRATION", help="Its id, or the path of its file.")],
    n: Annotated[int, typer.Option("--n", min=1, max=100_000, help="How many patients a whole arm has.")] = 2000,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the table there; else it is printed.")] = None,
    json: JsonOption = False,
) -> None:
    """Play the arms of a calibration and set the model against what was published; 1 for an unexplained row."""

    from sim.authoring.calibrate.arms import Arms
    from sim.authoring.calibrate.table import document, figures, outside, to_plain, unexplained
    from sim.case.library import load_calibration
    from sim.cli.progress import shown
    from sim.report.json import to_json

    need_places(out)
    written, scenario = load_calibration(calibration)
    with shown("patients", Arms(written, scenario, n).total) as told:
        found = figures(Arms(written, scenario, n, told))
    text = document(written, scenario, n, found)
    if out is not None:
        save(out, text)
    if json:
        write(to_json(to_plain(written, scenario, n, found)))
    elif out is None:
        write(text)
    else:
        for line in outside(found):
            say(line)
    if unexplained(found):
        raise typer.Exit(1)
