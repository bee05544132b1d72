"""What goes wrong on the command line, said in one line and a hint; never a traceback, which could hold the answer.

Exit codes: 1 for a finding (a broken case, an attempt that cannot go on), 2 for a misuse, 3 for a fault of Scurfy's
own, whose details go to a log file.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim.words.errors import UserError

if TYPE_CHECKING:
    from sim.case.problems import CaseError

_STREAM_FAILS: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.ENXIO})
_OURS: Final = frozenset({"sim", "scoring"})
LACKING: Final = 69
"""The exit code where a needed package is gone: `start.py` installs it anew then."""
_OF_A_PATH: Final = frozenset({errno.ENAMETOOLONG, errno.ELOOP, errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM})
"""Errors of a path that somebody named, or of the folder that the command was called in."""
_MISUSES: Final = frozenset({"unknown-case", "unreadable"})


@dataclass(slots=True)
class Outcome:
    """How a command ended."""

    code: int = 0
    unread: bool = False
    """Whether the output cannot be written to its end: who read it has left, or its disk is full."""


@contextmanager
def explained() -> Iterator[Outcome]:
    """Run a command inside; whatever it raises is said and becomes the outcome's exit code."""
    outcome = Outcome()
    _steady_streams()
    try:
        yield outcome
        sys.stdout.flush()
    except BrokenPipeError:
        outcome.code, outcome.unread = 1, True
    except KeyboardInterrupt:
        outcome.code = 130
    except Exception as error:
        outcome.unread = isinstance(error, OSError) and _is_of_a_stream(error)
        outcome.code = _explain_output(error) if outcome.unread else _explain(error)


def _steady_streams() -> None:
    """Open what the caller closed, as nowhere; and let bytes that are no text, or no text here, end nothing."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        stream = getattr(sys, name)
        if stream is None:
            with suppress(OSError):
                os.fstat(number)  # open after all: Python is run without streams
                continue
            while (opened := os.open(os.devnull, os.O_RDWR)) < number:  # the lowest free number is given
                continue
            stream = open(opened, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 (open to the end)
            setattr(sys, name, stream)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _is_of_a_stream(error: OSError) -> bool:
    """Whether an error is of what is read or written here, and of no file: that of a file names it."""
    return error.filename is None and error.errno in _STREAM_FAILS


def _explain_output(error: Exception) -> int:
    why = getattr(error, "strerror", None) or error
    _say(f"the output cannot be written, or the input not read: {why}", "nothing you did is lost")
    return 1


def _explain(error: Exception) -> int:
    """Say an error on standard error and return the exit code."""
    from sim.case.problems import CaseError
    from sim.engine.patient import CaseFault

    match error:
        case UserError():
            if not error.told:
                _say(str(error), error.hint)
            return error.code
        case CaseError():
            return _explain_case(error)
        case OSError() if error.strerror and error.errno in _OF_A_PATH:
            place = "the current folder" if error.filename is None else str(error.filename)[:200]
            _say(f"{place} cannot be used: {error.strerror}", "name a file or a folder that is there")
            return 2
        case CaseFault():
            _say(f"the case has a fault: {error}", "scurfy check names it")
            return 1
        case ImportError(name=str(name)) if name.partition(".")[0] not in _OURS:
            _say(f"{name} cannot be found", "install Scurfy anew; start.py does it by itself")
            return LACKING
    _say(f"something went wrong inside Scurfy ({type(error).__name__})", _recorded(error))
    return 3


def _explain_case(error: CaseError) -> int:
    from sim.case.problems import render

    first = error.problems[0]
    if len(error.problems) == 1 and first.code in _MISUSES:
        _say(first.message if first.code == "unknown-case" else f"{first.file}: {first.message}", first.hint)
        return 2
    with suppress(OSError):
        for problem in error.problems:
            sys.stderr.write(f"{render(problem)}\n")
    return 1


def _recorded(error: Exception) -> str:
    """Log where the error arose and return what to tell about it."""
    from sim.attempts.crash import record_crash
    from sim.attempts.store import StoreError, data_folder

    try:
        log = record_crash(error, data_folder())
    except StoreError:
        log = None
    return "nothing you did is lost" + ("" if log is None else f"; the details are in {shown(log)}")


def shown(path: Path) -> str:
    """Return a path as it is told: with `~` for the user's own folder."""
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except (ValueError, RuntimeError):
        return str(path)


def _say(message: str, hint: str) -> None:
    from sim.words.format import clean

    with suppress(OSError):  # where nobody can be told, the exit code tells
        sys.stderr.write(f"error: {clean(message).rstrip('.')}\n")
        if hint:
            sys.stderr.write(f"  help: {clean(hint)}\n")
