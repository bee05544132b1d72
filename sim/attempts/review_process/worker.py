"""The game's end of a review: one process beside the game, told each move, asked how far it is.

Nothing here waits for it unless asked to: writing, reading and starting it are done by threads of its own, and it is
another process, so that a key press never shares an interpreter with the futures being played.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

import sim
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, to_plain

COMMAND: Final = (sys.executable, "-P", "-m", "sim.attempts.review_process")
"""What is started. -P: nothing is imported from the folder the game happens to be opened in."""

_GRACE: Final = 2.0
"""Seconds it is given to end when it is told to."""


@dataclass(frozen=True, slots=True)
class ReviewState:
    """How far a review is. Exactly one of `record` and `failed` is set when nothing more will come."""

    closed: int = 0
    """Decisions made, as far as the process knows."""
    weighed: int = 0
    record: dict[str, Any] | None = None
    """The review as `scoring.review.record` writes it."""
    failed: str | None = None
    """Why there will be none."""

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.record is not None or self.failed is not None


class ReviewWorker:
    """One attempt's review in the making. `take` its moves in order, then `wait` or be `told`; `cancel` at any time."""

    def __init__(self, scenario: Scenario, *, source: str, seed: int, root: Path | None = None) -> None:
        """Start reviewing an attempt at the patient of `seed`; `source` and `root` are what `library` was loaded by."""
        self._changed = threading.Condition()
        self._state = ReviewState()
        self._listeners = list[Callable[[ReviewState], None]]()
        self._process: subprocess.Popen[str] | None = None
        self._cancelled = False
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._put({"source": source, "root": None if root is None else str(root), "digest": scenario.digest,
                   "seed": seed})  # fmt: skip
        threading.Thread(target=self._write, name="review", daemon=True).start()

    @property
    def state(self) -> ReviewState:
        """How far it is."""
        with self._changed:
            return self._state

    def take(self, moves: Iterable[Move]) -> None:
        """Tell of moves that were played. Returns at once."""
        for move in moves:
            self._put(to_plain(move))

    def tell(self, listener: Callable[[ReviewState], None]) -> None:
        """Have a function called at every change from now on, in a thread of the worker's, and once at once."""
        with self._changed:
            self._listeners.append(listener)
        listener(self.state)

    def wait(self, seconds: float | None = None) -> ReviewState:
        """Return the state when nothing more will come, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._state.over, seconds)
            return self._state

    def cancel(self) -> None:
        """End the process, if it runs. Returns when it has ended."""
        with self._changed:
            self._cancelled = True
            process = self._process
            self._listeners.clear()
        self._lines.put(None)
        if process is not None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)

    def _put(self, data: object) -> None:
        self._lines.put(json.dumps(data) + "\n")

    def _write(self) -> None:
        """Start the process and write to it whatever comes: in a thread, for a pipe may be full."""
        try:
            with self._changed:
                if self._cancelled:
                    return
                self._process = process = _started()
        except OSError as error:
            self._update(failed=f"it could not be started: {error.strerror}")
            return
        threading.Thread(target=self._read, args=(process,), name="review", daemon=True).start()
        assert process.stdin is not None
        with suppress(OSError, ValueError), process.stdin:
            while (line := self._lines.get()) is not None:
                process.stdin.write(line)
                process.stdin.flush()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with suppress(OSError, ValueError), process.stdout:
            for line in process.stdout:
                told = json.loads(line)
                if "closed" in told:
                    self._update(closed=int(told["closed"]), weighed=int(told["weighed"]))
                else:
                    self._update(record=told.get("review"), failed=told.get("failed"))
        self._lines.put(None)
        process.wait()
        if not self.state.over:
            self._update(failed="it stopped")

    def _update(self, **changes: Any) -> None:
        with self._changed:
            self._state = state = replace(self._state, **changes)
            listeners = tuple(self._listeners)
            self._changed.notify_all()
        for listener in listeners:
            listener(state)


def _started() -> subprocess.Popen[str]:
    home = str(Path(sim.__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))
    flags = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
    return subprocess.Popen(  # noqa: S603 (our own interpreter, no shell)
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        encoding="utf-8", env={**os.environ, "PYTHONPATH": path}, creationflags=flags,
        start_new_session=os.name == "posix",
    )  # fmt: skip
