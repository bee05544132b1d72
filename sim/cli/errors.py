"""What goes wrong on the command line, said in one line and a hint; never a traceback, which could hold the answer.

Exit codes: 1 for a finding (a broken case, an attempt that cannot go on), 2 for a misuse, 3 for a fault of Scurfy's
own, whose details go to a log file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.words.errors import UserError

if TYPE_CHECKING:
    from sim.case.problems import CaseError

_MISUSES: Final = frozenset({"unknown-case", "unreadable"})


@dataclass(slots=True)
class Outcome:
    """How a command ended."""

    code: int = 0
    unread: bool = False
    """Whether who read the output has left before its end."""


@contextmanager
def explained() -> Iterator[Outcome]:
    """Run a command inside; whatever it raises is said and becomes the outcome's exit code."""
    outcome = Outcome()
    try:
        yield outcome
        sys.stdout.flush()
    except BrokenPipeError:
        outcome.code, outcome.unread = 1, True
    except KeyboardInterrupt:
        outcome.code = 130
    except Exception as error:
        outcome.code = _explain(error)


def _explain(error: Exception) -> int:
    """Say an error on standard error and return the exit code."""
    from sim.case.problems import CaseError

    match error:
        case UserError():
            if not error.told:
                _say(str(error), error.hint)
            return error.code
        case CaseError():
            return _explain_case(error)
    _say(f"something went wrong inside Scurfy ({type(error).__name__})", _recorded(error))
    return 3


def _explain_case(error: CaseError) -> int:
    from sim.case.problems import render

    first = error.problems[0]
    if len(error.problems) == 1 and first.code in _MISUSES:
        _say(first.message if first.code == "unknown-case" else f"{first.file}: {first.message}", first.hint)
        return 2
    for problem in error.problems:
        sys.stderr.write(f"{render(problem)}\n")
    return 1


def _recorded(error: Exception) -> str:
    """Log where the error arose and return what to tell about it."""
    from sim.attempts.crash import record_crash
    from sim.attempts.store import data_folder

    log = record_crash(error, data_folder())
    return "nothing you did is lost" + ("" if log is None else f"; the details are in {shown(log)}")


def shown(path: Path) -> str:
    """Return a path as it is told: with `~` for the user's own folder."""
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except (ValueError, RuntimeError):
        return str(path)


def _say(message: str, hint: str) -> None:
    from sim.words.format import clean

    sys.stderr.write(f"error: {clean(message).rstrip('.')}\n")
    if hint:
        sys.stderr.write(f"  help: {clean(hint)}\n")
