"""The game in a pseudo-terminal of its own, as a learner's terminal runs it: typed to, resized, left."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path

from conftest import TINY_CASE

ROOT = Path(__file__).parents[1]
CTRL_P, CTRL_Q, ESC, PAGE_DOWN = b"\x10", b"\x11", b"\x1b", b"\x1b[6~"


class RealTerminal:
    """A process behind a pseudo-terminal. What it draws is kept as bytes; `code` is its exit code once it ended."""

    def __init__(
        self, home: Path, *words: str, size: tuple[int, int] = (120, 40), env: Mapping[str, str] | None = None
    ) -> None:
        self.drawn = bytearray()
        self._master, slave = pty.openpty()
        self._set_size(*size)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sim", *words], cwd=ROOT, stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, preexec_fn=_own_terminal,
            env=os.environ | {"SCURFY_HOME": str(home), "TERM": "xterm-256color"} | dict(env or {}),
        )  # fmt: skip
        os.close(slave)

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs."""
        return self.process.poll()

    def type(self, keys: bytes) -> None:
        """Send keys as a terminal does; those that nobody reads any more are lost."""
        try:
            os.write(self._master, keys)
        except OSError:
            return

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size."""
        self._set_size(columns, rows)
        if self.code is None:
            os.killpg(self.process.pid, signal.SIGWINCH)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read_for(self, seconds: float) -> bytes:
        """Take what is drawn in the next moments, so that the game never waits for its terminal; return it."""
        end, begin = time.monotonic() + seconds, len(self.drawn)
        while (left := end - time.monotonic()) > 0:
            if not self._read(left):
                break
        return bytes(self.drawn[begin:])

    def read_until(self, wanted: bytes, seconds: float = 60) -> None:
        """Take what is drawn until it holds something from now on. Raises AssertionError where it never does."""
        end, begin = time.monotonic() + seconds, len(self.drawn)
        while wanted not in self.drawn[begin:]:
            left = end - time.monotonic()
            assert left > 0 and self._read(left), f"{wanted!r} was not drawn; at last: {bytes(self.drawn[-2000:])!r}"

    def wait(self, seconds: float = 60) -> int | None:
        """Return the exit code once it ended; None where it did not in time."""
        end = time.monotonic() + seconds
        while self.code is None and time.monotonic() < end:
            self._read(0.1)
        self._read(0.05)
        return self.code

    def hang_up(self) -> None:
        """Take the terminal away."""
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        """End it, whatever it is at."""
        if self.code is None:
            self.process.kill()
        self.process.wait()
        if self._master >= 0:
            os.close(self._master)

    def _read(self, seconds: float) -> bool:
        """Take one piece of what is drawn; whether there can be more."""
        if self._master < 0:
            time.sleep(seconds)
            return True
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return True
        try:
            piece = os.read(self._master, 65536)
        except OSError:
            return False
        self.drawn += piece
        return bool(piece)

    def __enter__(self) -> RealTerminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _own_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def ward(home: Path, *, size: tuple[int, int] = (120, 40)) -> RealTerminal:
    """The tiny case on the ward, in a terminal of its own, the first keys not held back any more."""
    terminal = RealTerminal(home, "play", str(TINY_CASE), "--seed", "8", size=size)
    terminal.read_until(b"Which patient", 90)
    terminal.read_for(1)
    terminal.type(b"\x13")
    terminal.read_until(b"Timeline")
    terminal.read_for(1.5)
    return terminal
