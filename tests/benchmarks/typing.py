"""How long a key of the ward takes to its last byte on a real terminal, against one update of one label.

    PYTHONPATH=tests python -m benchmarks.run typing

The ward is 120 by 40, with a year of data: the pathway was followed for it. Each key is pressed 200 times; what opens
is closed again, unmeasured. The label is one `Static.update` of an otherwise empty Textual app, in turns with the keys.
POSIX only (it needs a pty).
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

from benchmarks.stopwatch import Section, Target
from sim.attempts.session import begin
from sim.attempts.store import open_store
from sim.case.library import load
from sim.case.quantities import DAY
from sim.engine.follower import Follower

CASE, SEED = "drying_out", 1
PRESSES = 200
QUIET = 0.06
"""Seconds of silence after which nothing more is drawn."""
KEYS: dict[str, tuple[bytes, bytes]] = {
    "1 flow sheet": (b"1", b"2"),
    "2 findings": (b"2", b"1"),
    "3 trends": (b"3", b"1"),
    "4 thinking": (b"4", b"1"),
    "6 timeline": (b"6", b"1"),
    "o order": (b"o", b"\x1b"),
    "h ask": (b"h", b"\x1b"),
    "e examine": (b"e", b"\x1b"),
    "w wait": (b"w", b"\x1b"),
    "d differential": (b"d", b"\x1b"),
    "? help": (b"?", b"\x1b"),
}
"""Key to what is pressed, and what leads back."""
LABEL = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    presses = 0
    def compose(self):
        yield Static("READY")
    def on_key(self):
        self.presses += 1
        self.query_one(Static).update(f"key {self.presses}")
Empty().run()
"""


class Typist:
    """A process on a terminal of its own, whose keys are timed."""

    def __init__(self, *command: str, home: str) -> None:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
            os.environ |= {"SCURFY_HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.execvp(command[0], command)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def settle(self, quiet: float = QUIET, most: float = 30) -> None:
        """Take what is drawn until nothing is for a while."""
        ends = time.perf_counter() + most
        while time.perf_counter() < ends and select.select([self._terminal], [], [], quiet)[0]:
            os.read(self._terminal, 65536)

    def press(self, key: bytes) -> float:
        """Press a key and return the seconds to the last byte that it had drawn."""
        self.settle(0.02)
        began = last = time.perf_counter()
        os.write(self._terminal, key)
        while select.select([self._terminal], [], [], QUIET if last > began else 2)[0]:
            os.read(self._terminal, 65536)
            last = time.perf_counter()
        return last - began

    def peak(self) -> float:
        """The most memory it held so far, MB."""
        text = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(text.partition("VmHWM:")[2].split()[0]) / 1024

    def close(self) -> None:
        """End it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._terminal)


def a_year(home: str) -> str:
    """Follow the pathway for a year, in a data folder; return the attempt's id."""
    with open_store(Path(home)) as store:
        attempt = begin(store, load(CASE), source=CASE, seed=SEED, mode="practice")
        team = Follower(attempt.session)
        while attempt.session.now < 365 * DAY and not attempt.ended:
            attempt.play(team.next_move())
        return attempt.id


def measured(presses: int) -> tuple[dict[str, list[float]], list[float], float, float]:
    """Return the seconds of every key and of the label, and the peak memory, MB, of the ward and of the empty app."""
    with tempfile.TemporaryDirectory() as home:
        empty = Path(home, "label.py")
        empty.write_text(LABEL)
        label = Typist(sys.executable, str(empty), home=home)
        game = Typist(sys.executable, "-m", "sim", "resume", a_year(home), home=home)
        label.settle(1)
        game.settle(4)
        times: dict[str, list[float]] = {name: [] for name in KEYS}
        updates: list[float] = []
        for _ in range(presses):
            updates.append(label.press(b"x"))
            for name, (key, back) in KEYS.items():
                times[name].append(game.press(key))
                game.press(back)
        peaks = game.peak(), label.peak()
        game.close()
        label.close()
    return times, updates, *peaks


def section() -> Section:
    """Time the keys."""
    times, updates, ward, app = measured(int(os.environ.get("BENCH_PRESSES", PRESSES)))
    one = statistics.median(updates)
    every = [second for seconds in times.values() for second in seconds]
    slow, first = _p95(every) / one, max(seconds[0] for seconds in times.values()) / one
    return Section(
        "8. A key in the ward",
        "From a key to the last byte it draws on a real terminal, 120 by 40, with a year of data in the ward.",
        ("key", "presses", "median", "p95", "p95 against Static.update"),
        rows=[_row(name, seconds, one) for name, seconds in {"one Static.update": updates, **times}.items()],
        notes=[f"The first press of each key: at most {first:.1f} times one Static.update."],
        targets=[
            Target("p95 of all keys at most 6 times the median of one Static.update", f"{slow:.1f}", slow <= 6),
            Target("peak memory at most 1.8 times that of an empty Textual app",
                   f"{ward / app:.2f} ({ward:.0f} and {app:.0f} MB)", ward <= 1.8 * app),
        ],
    )  # fmt: skip


def _row(name: str, seconds: list[float], one: float) -> tuple[str, ...]:
    middle, slow = statistics.median(seconds), _p95(seconds)
    return name, str(len(seconds)), f"{1e3 * middle:.1f} ms", f"{1e3 * slow:.1f} ms", f"{slow / one:.1f}"


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]
