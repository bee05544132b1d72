"""A process that reviews attempts while they are played. It ends with its input: nobody has to stop it."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from scoring.review.reviewer import Reviewer
    from sim.engine.kernel import Program

NICENESS: Final = 10
"""How far it steps back behind the game on a computer that is busy."""

COMPILED: Final = 4
"""How many cases it keeps compiled."""

Lines = SimpleQueue[str | None]


class CaseChanged(Exception):
    """The case is no longer the one that is played."""


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
    """Review the attempts that `lines` tell of, until None says that nobody listens any more.

    Writes `{"at": id}` before any work on an attempt, `{"id": id, "closed": n, "weighed": m}` after each decision and
    `{"id": id, "review": ...}` at the end; `{"id": id, "failed": why}` where there will be no review.
    """
    desk = Desk(out)
    while True:
        while not (lines.empty() and desk.busy):
            line = lines.get()
            if line is None:
                return
            desk.hear(json.loads(line))
        desk.weigh()


class Desk:
    """The attempts under review. `hear` what is told of them, then `weigh` one decision after the other."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._reviewers: dict[int, Reviewer] = {}
        """By the attempt's number, the one that waited longest first."""

    @property
    def busy(self) -> bool:
        """Whether a decision, or a review, can be worked out now."""
        return any(map(_waits, self._reviewers.values()))

    def hear(self, told: Mapping[str, Any]) -> None:
        """Take an attempt's opening, its next move, or that it is cancelled."""
        id = told["id"]
        if "cancel" in told:
            self._reviewers.pop(id, None)
            return
        self._say(at=id)
        try:
            if "open" in told:
                self._reviewers[id] = _opened(told["open"])
            elif id in self._reviewers:
                from sim.case.moves import from_plain

                self._reviewers[id].take(from_plain(told["move"]))
        except Exception as problem:  # one attempt's trouble is not the others'
            self._fail(id, problem)

    def weigh(self) -> None:
        """Weigh the next decision of an attempt, or finish its review; where a learner waits for it first."""
        waiting = [id for id, reviewer in self._reviewers.items() if _waits(reviewer)]
        id = next((id for id in waiting if self._reviewers[id].over), waiting[0])
        self._say(at=id)
        reviewer = self._reviewers.pop(id)
        try:
            if reviewer.weigh():
                self._say(id=id, closed=reviewer.closed, weighed=reviewer.weighed)
                self._reviewers[id] = reviewer
            else:
                from scoring.review.record import to_record

                self._say(id=id, review=to_record(reviewer.review()))
        except BrokenPipeError:
            raise
        except Exception as problem:  # one attempt's trouble is not the others'
            self._fail(id, problem)

    def _fail(self, id: int, problem: Exception) -> None:
        """Say that there will be no review; not the problem's own message, which could give the case away."""
        self._reviewers.pop(id, None)
        self._say(id=id, failed=str(problem) if isinstance(problem, CaseChanged) else "it stopped")

    def _say(self, **what: Any) -> None:
        self._out.write(json.dumps(what) + "\n")
        self._out.flush()


def _waits(reviewer: Reviewer) -> bool:
    return reviewer.over or reviewer.weighed < reviewer.closed


def _opened(told: Mapping[str, Any]) -> Reviewer:
    from scoring.review.reviewer import Reviewer

    return Reviewer(_program(told["source"], told["root"], told["digest"]), told["seed"])


@lru_cache(maxsize=COMPILED)
def _program(source: str, root: str | None, digest: str) -> Program:
    """Return a case compiled, once for all who play it. Raises CaseChanged, or CaseError."""
    from sim.attempts.cases import CASES
    from sim.engine.kernel import compile_program

    scenario = CASES.load(source, root=None if root is None else Path(root))
    if scenario.digest != digest:
        raise CaseChanged("the case has changed since it was opened")
    return compile_program(scenario)


if __name__ == "__main__":
    raise SystemExit(main())
