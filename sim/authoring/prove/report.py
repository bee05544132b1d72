"""Findings rendered as lines for people, and as moves files that anybody can replay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sim.authoring.prove.verdict import Finding


def tell(findings: Iterable[Finding], files: Mapping[Finding, Path], asked: Mapping[str, str]) -> str:
    """Return findings as text: one line for what holds, a witness under what does not.

    `files` are the witnesses written down, `asked` what each case was asked for by.
    """
    lines: list[str] = []
    case = ""
    for finding in findings:
        if finding.case != case:
            case = finding.case
            lines.append(case)
        lines += _lines(finding, files.get(finding), asked.get(case, case))
    return "\n".join(lines) + "\n"


def _lines(finding: Finding, file: Path | None, asked: str) -> list[str]:
    if finding.witness is None:
        return [f"  holds  {finding.name}" + (f": {finding.note}" if finding.note else "")]
    witness = finding.witness
    lines = [f"  FAILS  {finding.name}: {witness.element}", f"         {witness.what}"]
    if witness.run is not None and file is not None:
        lines.append(f"         scurfy replay {asked} --moves {file} --seed {witness.run.seed}")
    elif witness.run is not None:
        lines.append(f"         seed {witness.run.seed}; --witness DIR writes its moves")
    return lines


def write_witnesses(findings: Iterable[Finding], folder: Path) -> dict[Finding, Path]:
    """Write a moves file for every witness that is a run; return where each is. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[Finding, Path] = {}
    for finding in findings:
        if finding.witness is None or finding.witness.run is None:
            continue
        run, element = finding.witness.run, finding.witness.element.replace(":", "-")
        path = folder / f"{finding.case}-{len(written) + 1:02}-{finding.name}-{element}-seed{run.seed}.yaml"
        about = f"# {finding.case}, seed {run.seed}: {finding.name} does not hold.\n# {finding.witness.what}\n"
        path.write_text(about + run.moves, encoding="utf-8", newline="\n")
        written[finding] = path
    return written
