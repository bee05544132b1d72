"""The game's end of the reviews: one pool of processes for all attempts, told each move, asked how far each review is.

Nothing here waits for a process unless asked to: starting, writing to and reading from it are done by threads, and
it is another process, so that a key press never shares an interpreter with the futures being played.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Final, Self

import sim
from sim.case.moves import Move, to_plain

COMMAND: Final = (sys.executable, "-P", "-m", "sim.attempts.review_process")
"""What is started. -P: nothing is imported from the folder the game happens to be opened in."""

LOSSES: Final = 3
"""How many processes may end while they work on an attempt before its review is given up."""

_GRACE: Final = 2.0
"""Seconds a process is given to end when it is told to."""


def usual_workers() -> int:
    """Return how many processes a pool has: one core stays with the game, and there is one process at least."""
    known = getattr(os, "sched_getaffinity", None)
    cores = len(known(0)) if known is not None else os.cpu_count() or 1
    return max(1, cores - 1)


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


Listener = Callable[[ReviewState], None]


class ReviewJob:
    """One attempt's review in the making. `take` its moves in order, `follow` it or `wait`; `cancel` at any time."""

    def __init__(self, pool: ReviewPool, id: int) -> None:
        """Made by `ReviewPool.submit`."""
        self.id = id
        self.losses = 0
        """How many processes ended while they worked on it."""
        self._pool = pool
        self._state = ReviewState()
        self._listeners = list[Listener]()

    @property
    def state(self) -> ReviewState:
        """How far it is."""
        with self._pool.changed:
            return self._state

    def take(self, moves: Iterable[Move]) -> None:
        """Tell of moves that were played. Returns at once."""
        for move in moves:
            self._pool.send(self, move=to_plain(move))

    def follow(self, listener: Listener) -> None:
        """Have a function called at every change from now on, in a thread of the pool's, and once at once."""
        with self._pool.changed:
            self._listeners.append(listener)
            state = self._state
        listener(state)

    def wait(self, seconds: float | None = None) -> ReviewState:
        """Return the state when nothing more will come, or after so many seconds."""
        with self._pool.changed:
            self._pool.changed.wait_for(lambda: self._state.over, seconds)
            return self._state

    def cancel(self) -> None:
        """Give the review up; whoever waits for it is told, its listeners are not. Returns at once."""
        with self._pool.changed:
            self._listeners.clear()
        self._pool.cancel(self)

    def move_on(self, **changes: Any) -> None:
        """Note how far it is now, and tell its listeners. Counts never go back, though work is done again."""
        with self._pool.changed:
            if self._state.over:
                return
            state = replace(self._state, **changes)
            done = max(state.weighed, self._state.weighed)
            self._state = state = replace(state, weighed=done, closed=max(state.closed, self._state.closed))
            listeners = tuple(self._listeners)
            self._pool.changed.notify_all()
        for listener in listeners:
            listener(state)


class ReviewPool:
    """Reviews any number of attempts in a few processes, started when first needed and kept until `close`."""

    def __init__(self, workers: int | None = None, *, command: Sequence[str] = COMMAND) -> None:
        """Have at most so many processes, else `usual_workers`; `command` starts one."""
        self.changed = threading.Condition()
        """Held by whoever reads or changes what the pool knows; notified when a review moves on."""
        self._size = usual_workers() if workers is None else workers
        self._command = tuple(command)
        self._workers = list[_Worker]()
        self._desks: dict[int, _Worker] = {}
        """The process that reviews each attempt, while it does."""
        self._told: dict[int, list[str]] = {}
        """All that was told of each attempt under review, to be told again if its process ends."""
        self._ids = count(1)
        self._closed = False

    @property
    def processes(self) -> tuple[int, ...]:
        """The ids of the processes that run."""
        with self.changed:
            return tuple(w.process.pid for w in self._workers if w.process is not None)

    def submit(self, *, source: str, digest: str, seed: int, root: Path | None = None) -> ReviewJob:
        """Begin to review an attempt at the patient of `seed`, in a case that `source` and `root` load."""
        job = ReviewJob(self, next(self._ids))
        with self.changed:
            if self._closed:
                job.move_on(failed="it was given up")
                return job
            self._told[job.id] = []
            self._assign(job)
        self.send(job, open={
            "source": source, "root": None if root is None else str(root), "digest": digest, "seed": seed
        })  # fmt: skip
        return job

    def send(self, job: ReviewJob, **what: object) -> None:
        """Tell the process that reviews an attempt something about it. Returns at once."""
        line = json.dumps({"id": job.id, **what}) + "\n"
        with self.changed:
            if job.id in self._told:
                self._told[job.id].append(line)
                self._desks[job.id].lines.put(line)

    def cancel(self, job: ReviewJob) -> None:
        """Give a review up."""
        self.send(job, cancel=True)
        self._settle(job, failed="it was given up")

    def close(self) -> None:
        """Give up all that is not ready and end the processes. Returns when they have ended."""
        with self.changed:
            self._closed = True
            workers, self._workers = tuple(self._workers), []
            jobs = [job for worker in workers for job in worker.jobs.values()]
        for job in jobs:
            job.cancel()
        for worker in workers:
            worker.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # --- what the threads of a process tell ------------------------------------------------------------------

    def start(self, worker: _Worker) -> subprocess.Popen[str] | None:
        """Start the process of a worker; None if that is no longer wanted, or cannot be, which is told."""
        if self._closed:
            return None
        try:
            process = _started(self._command)
        except OSError as error:
            with self.changed:
                if worker in self._workers:
                    self._workers.remove(worker)
                jobs = tuple(worker.jobs.values())
            for job in jobs:
                self._settle(job, failed=f"it could not be started: {error.strerror}")
            return None
        with self.changed:
            worker.process = process
            wanted = not self._closed
        if wanted:
            return process
        with process:  # the pool was closed while it started
            process.terminate()
        return None

    def heard(self, worker: _Worker, told: dict[str, Any]) -> None:
        """Take what a process wrote."""
        with self.changed:
            worker.at = told.get("at", worker.at)
            job = worker.jobs.get(told.get("id", 0))
        if job is None:
            return
        if "closed" in told:
            job.move_on(closed=int(told["closed"]), weighed=int(told["weighed"]))
        else:
            self._settle(job, record=told.get("review"), failed=told.get("failed"))

    def lost(self, worker: _Worker) -> None:
        """Have the work of a process that ended done by another; given up is what too many have ended with."""
        given_up = list[ReviewJob]()
        with self.changed:
            if worker not in self._workers:
                return
            self._workers.remove(worker)
            for job in worker.jobs.values():
                job.losses += worker.at in (None, job.id)
                if job.losses >= LOSSES:
                    given_up.append(job)
                else:
                    self._assign(job)
        for job in given_up:
            self._settle(job, failed="it stopped")

    def _assign(self, job: ReviewJob) -> None:
        """Give an attempt to the process with the fewest, a new one while there may be more and none is idle."""
        if len(self._workers) < self._size and all(worker.jobs for worker in self._workers):
            self._workers.append(_Worker(self))
        worker = min(self._workers, key=lambda worker: len(worker.jobs))
        worker.jobs[job.id] = job
        self._desks[job.id] = worker
        for line in self._told[job.id]:
            worker.lines.put(line)

    def _settle(self, job: ReviewJob, **outcome: Any) -> None:
        """Note that nothing more will come of a job, and forget what was told of it."""
        with self.changed:
            worker = self._desks.pop(job.id, None)
            if worker is not None:
                del worker.jobs[job.id], self._told[job.id]
        job.move_on(**outcome)


class _Worker:
    """One process of a pool: what it was given, and the threads that write to it and read from it."""

    def __init__(self, pool: ReviewPool) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.jobs: dict[int, ReviewJob] = {}
        self.at: int | None = None
        """The attempt it works on or worked on last; None before it said so."""
        self.lines: SimpleQueue[str | None] = SimpleQueue()
        self._pool = pool
        threading.Thread(target=self._write, name="review", daemon=True).start()

    def end(self) -> None:
        """End the process, whatever it is at. Returns when it has ended, or after a grace."""
        self.lines.put(None)
        if self.process is not None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_GRACE)

    def _write(self) -> None:
        """Start the process and write to it whatever comes: in a thread, for a pipe may be full."""
        process = self._pool.start(self)
        if process is None:
            return
        threading.Thread(target=self._read, args=(process,), name="review", daemon=True).start()
        assert process.stdin is not None
        with suppress(OSError, ValueError), process.stdin:
            while (line := self.lines.get()) is not None:
                process.stdin.write(line)
                process.stdin.flush()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with suppress(OSError, ValueError), process.stdout:
            for line in process.stdout:
                self._pool.heard(self, json.loads(line))
        self.lines.put(None)
        process.wait()
        self._pool.lost(self)


def _started(command: tuple[str, ...]) -> subprocess.Popen[str]:
    home = str(Path(sim.__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))
    flags = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
    return subprocess.Popen(  # noqa: S603 (our own interpreter, no shell)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        encoding="utf-8", env={**os.environ, "PYTHONPATH": path}, creationflags=flags,
        start_new_session=os.name == "posix",
    )  # fmt: skip
