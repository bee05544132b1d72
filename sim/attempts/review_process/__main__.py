"""The process that reviews one attempt while it is played. It ends with its input: nobody has to stop it."""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TextIO

NICENESS = 10
"""How far it steps back behind the game on a computer that is busy."""

Lines = SimpleQueue[str | None]


def main() -> int:
    """Serve on the standard streams."""
    with suppress(AttributeError, OSError):  # there is none on Windows, where the game starts it so
        os.nice(NICENESS)
    lines: Lines = SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin, lines), daemon=True).start()
    with suppress(BrokenPipeError):
        serve(lines, sys.stdout)
    return 0


def _read(source: TextIO, lines: Lines) -> None:
    for line in source:
        lines.put(line)
    lines.put(None)


def serve(lines: Lines, out: TextIO) -> None:
    """Review the attempt that `lines` tell of until it is over, or until None says that nobody listens any more.

    Writes `{"closed": n, "weighed": m}` after each decision and `{"review": ...}` at the end; `{"failed": why}` where
    the case is no longer the one that is played.
    """
    opening = lines.get()
    if opening is None:
        return
    told = json.loads(opening)
    from scoring.review.record import to_record
    from scoring.review.reviewer import Reviewer
    from sim.attempts.cases import CASES
    from sim.case.moves import from_plain
    from sim.engine.kernel import compile_program

    scenario = CASES.load(told["source"], root=None if told["root"] is None else Path(told["root"]))
    if scenario.digest != told["digest"]:
        _say(out, failed="the case has changed since it was opened")
        return
    reviewer = Reviewer(compile_program(scenario), told["seed"])
    while not reviewer.over:
        line = lines.get()
        if line is None:
            return
        reviewer.take(from_plain(json.loads(line)))
        while lines.empty() and reviewer.weigh():
            _say(out, closed=reviewer.closed, weighed=reviewer.weighed)
    while reviewer.weigh():
        _say(out, closed=reviewer.closed, weighed=reviewer.weighed)
    _say(out, review=to_record(reviewer.review()))


def _say(out: TextIO, **what: Any) -> None:
    out.write(json.dumps(what) + "\n")
    out.flush()


if __name__ == "__main__":
    raise SystemExit(main())
