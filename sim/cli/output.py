"""What a command says, and what it writes to files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sim.words.errors import UserError

if TYPE_CHECKING:
    from sim.report.content import Report


def say(line: str) -> None:
    """Print a line; control characters in it are shown as what they are."""
    from sim.words.format import clean

    sys.stdout.write(f"{clean(line)}\n")


def write(text: str) -> None:
    """Write text as it is: the same bytes on every system, so no translated line ends and no local encoding."""
    sys.stdout.flush()
    target = getattr(sys.stdout, "buffer", None)
    if target is None:
        sys.stdout.write(text)
    else:
        target.write(text.encode())
        target.flush()


def save(path: Path, text: str) -> None:
    """Write text to a file; raise UserError where that cannot be done."""
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}", misuse=True) from error


def need_places(*paths: Path | None) -> None:
    """Refuse before any work is done what cannot be written to after it."""
    for path in paths:
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            why = "it is a folder" if path.is_dir() else "there is no such folder"
            raise UserError(f"{path} cannot be written: {why}", misuse=True)


def save_pages(report: Report, html: Path | None, markdown: Path | None) -> None:
    """Write the debrief where it was asked for: as one page, as Markdown."""
    from sim.report.html.page import to_html
    from sim.report.markdown import to_markdown

    for path, write in ((html, to_html), (markdown, to_markdown)):
        if path is not None:
            save(path, write(report))
