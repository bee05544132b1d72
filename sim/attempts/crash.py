"""The log of Scurfy's own faults, in the data folder: where each arose, and no value that could give a case away."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sim.attempts.store import StoreError, make_folder

LOG_NAME: Final = "scurfy.log"


def record_crash(error: BaseException, folder: Path) -> Path | None:
    """Append where an error and its causes arose to the log in a data folder; return the log, None if that fails.

    Neither values nor messages are written: the message of a KeyError can be a diagnosis.
    """
    try:
        path = make_folder(folder) / LOG_NAME
        with path.open("a", encoding="utf-8") as log:
            log.write("".join(_lines(error)) + "\n")
    except (OSError, StoreError):
        return None
    return path


def _lines(error: BaseException) -> Iterator[str]:
    """Yield the lines of a traceback without messages, the error itself first, then what it was raised from."""
    seen, cause = set[int](), _cause(error)
    yield f"{type(error).__name__}\n"
    yield from traceback.format_tb(error.__traceback__)
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield f"after {type(cause).__name__}\n"
        yield from traceback.format_tb(cause.__traceback__)
        cause = _cause(cause)


def _cause(error: BaseException) -> BaseException | None:
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)
