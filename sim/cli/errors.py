"""What goes wrong on the command line, said in one line and a hint; never a traceback, which could hold the answer.

Exit codes: 1 for a finding (a broken case, an attempt that cannot go on), 2 for a misuse, 3 for a fault of Scurfy's
own, whose details go to a log file.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sim.words.errors import UserError

LOG_NAME: Final = "scurfy.log"
_MISUSES: Final = frozenset({"unknown-case", "unreadable"})


@dataclass(slots=True)
class Outcome:
    """How a command ended."""

    code: int = 0


@contextmanager
def explained() -> Iterator[Outcome]:
    """Run a command inside; whatever it raises is said and becomes the outcome's exit code."""
    outcome = Outcome()
    try:
        yield outcome
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has left; Python must not try to flush it again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        outcome.code = 1
    except KeyboardInterrupt:
        outcome.code = 130
    except Exception as error:
        outcome.code = _explain(error)


def _explain(error: Exception) -> int:
    """Say an error on standard error and return the exit code."""
    from sim.attempts.session import CannotResume
    from sim.attempts.store import StoreError
    from sim.case.problems import CaseError

    match error:
        case UserError():
            if not error.told:
                _say(str(error), error.hint)
            return error.code
        case CaseError():
            return _explain_case(error)
        case StoreError() | CannotResume():
            message, _, hint = str(error).rpartition("; ")
            _say(message or hint, hint if message else "")
            return 1
    _say(f"something went wrong inside Scurfy ({type(error).__name__})", _record(error))
    return 3


def _explain_case(error: Exception) -> int:
    from sim.case.problems import CaseError, render

    assert isinstance(error, CaseError)
    first = error.problems[0]
    if len(error.problems) == 1 and first.code in _MISUSES:
        _say(first.message if first.code == "unknown-case" else f"{first.file}: {first.message}", first.hint)
        return 2
    for problem in error.problems:
        sys.stderr.write(f"{render(problem)}\n")
    return 1


def _record(error: Exception) -> str:
    """Append where the error arose to the log and return what to tell about it.

    Neither values nor the error's own message are written: they could give a case's answer away.
    """
    from sim.attempts.store import StoreError, make_data_folder

    try:
        path = make_data_folder() / LOG_NAME
        with path.open("a", encoding="utf-8") as log:
            log.write("".join([f"{type(error).__name__}\n", *traceback.format_tb(error.__traceback__), "\n"]))
    except (OSError, StoreError):
        return "nothing you did is lost"
    return f"nothing you did is lost; the details are in {shown(path)}"


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
