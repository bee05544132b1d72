"""A disk that fails: some calls on the data folder, by `strace`, or what would make a file too large, by a limit."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from sim.attempts.crash import LOG_NAME
from sim.attempts.store import FILE_NAME

ROOT: Final = Path(__file__).parents[1]
PATIENCE: Final = 900.0
"""Seconds after which a command hangs: a review steps back behind whatever else the computer does."""
STRACE: Final = shutil.which("strace")
WRITES: Final = "write,pwrite64,fsync,fdatasync,ftruncate"
CALLS: Final = (
    WRITES,
    f"{WRITES},openat",
    "openat",
    "fdatasync",
    "pwrite64",
    "pread64",
    f"{WRITES},openat,pread64,read",
)
"""Which calls fail."""


def failing(chance: random.Random, home: Path) -> list[str]:
    """Return the words before a command on whose data folder some calls fail; none where there is no `strace`."""
    if STRACE is None:
        return []
    first = chance.choice([chance.randrange(1, 60), chance.randrange(1, 200)])
    when = chance.choice([f"{first}", f"{first}+", f"{first}+{chance.randrange(2, 30)}", f"{first}..{first + 3}"])
    calls, error = chance.choice(CALLS), chance.choice(["EIO", "ENOSPC", "EIO", "EDQUOT", "EROFS", "EACCES"])
    file = home / FILE_NAME
    # the files need not be there yet: calls are told by the names that they are given, or that their files have
    watched = (home, file, *(Path(f"{file}{tail}") for tail in ("-wal", "-shm", "-journal")), home / "notes")
    places = [word for path in watched for word in ("-P", str(path))]
    return [STRACE, "-f", "--seccomp-bpf", "-qq", "-o", os.devnull, *places, "-e", f"trace={calls}",
            "-e", f"inject={calls}:error={error}:when={when}"]  # fmt: skip


def limited(most: int) -> Callable[[], None]:
    """Return what lets a process write no file larger than so many bytes."""
    import resource  # there is none on Windows

    return partial(resource.setrlimit, resource.RLIMIT_FSIZE, (most, most))


def scurfy(
    home: Path, words: Sequence[str], typed: str = "", *, before: Sequence[str] = (), most: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, with words `before` it, or a limit on what files may hold."""
    return subprocess.run(
        [*before, sys.executable, "-u", "-m", "sim", *words], cwd=ROOT, env=os.environ | {"SCURFY_HOME": str(home)},
        input=typed, capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE, check=False,
        preexec_fn=None if most is None else limited(most),
    )  # fmt: skip


def assert_said(done: subprocess.CompletedProcess[str], home: Path) -> None:
    """What failed was said in a line, with a line of help at most, and is no fault of ours."""
    told = done.stderr.strip().splitlines()
    assert done.returncode in (0, 1, 2), (done.args, done.returncode, done.stderr)
    assert "Traceback" not in done.stderr, (done.args, done.stderr)
    assert "went wrong inside" not in done.stderr, (done.args, done.stderr)
    assert not (home / LOG_NAME).exists(), (home / LOG_NAME).read_text(encoding="utf-8")
    if done.returncode == 1 and told:
        assert told[0].startswith(("error: ", "note: ")), (done.args, done.stderr)
