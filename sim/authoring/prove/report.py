"""Results rendered as lines for people, and as moves files that anybody can replay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sim.authoring.prove.verdict import PropertyResult


def to_text(results: Iterable[PropertyResult], files: Mapping[PropertyResult, Path], asked: Mapping[str, str]) -> str:
    """Return results as text: one line for what holds, a witness under what does not.

    `files` are the witnesses written down, `asked` what each case was asked for by.
    """
    lines: list[str] = []
    case = ""
    for result in results:
        if result.case != case:
            case = result.case
            lines.append(case)
        lines += _lines(result, files.get(result), asked.get(case, case))
    return "\n".join(lines) + "\n"


def _lines(result: PropertyResult, file: Path | None, asked: str) -> list[str]:
    if result.witness is None:
        return [f"  holds  {result.name}" + (f": {result.note}" if result.note else "")]
    witness = result.witness
    lines = [f"  FAILS  {result.name}: {witness.element}", f"         {witness.what}"]
    if witness.run is not None and file is not None:
        lines.append(f"         scurfy replay {asked} --moves {file} --seed {witness.run.seed}")
    elif witness.run is not None:
        lines.append(f"         seed {witness.run.seed}; --witness DIR writes its moves")
    return lines


def write_witnesses(results: Iterable[PropertyResult], folder: Path) -> dict[PropertyResult, Path]:
    """Write a moves file for every witness that is a run; return where each is. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[PropertyResult, Path] = {}
    for result in results:
        if result.witness is None or result.witness.run is None:
            continue
        run, element = result.witness.run, result.witness.element.replace(":", "-")
        path = folder / f"{result.case}-{len(written) + 1:02}-{result.name}-{element}-seed{run.seed}.yaml"
        about = f"# {result.case}, seed {run.seed}: {result.name} does not hold.\n# {result.witness.what}\n"
        path.write_text(about + run.moves, encoding="utf-8", newline="\n")
        written[result] = path
    return written
