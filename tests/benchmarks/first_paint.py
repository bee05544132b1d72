"""How long until the first screen is painted, against an empty Textual app, both in real terminals in one run.

    python tests/benchmarks/first_paint.py [ROUNDS] [SCENARIOS]

With a scenarios folder its library is opened, else the one that ships. Rounds are interleaved, so both see the same
machine. Prints medians of wall and of CPU time, and their ratios. POSIX only (it needs a pty).
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

MARKER = b"not for patient care"
EMPTY = f"""
from textual.app import App
from textual.widgets import Label
class Empty(App):
    def compose(self):
        yield Label({MARKER.decode()!r})
Empty().run()
"""
OWN = """
import sys
from pathlib import Path
from sim.attempts.store import data_folder
from sim.tui.app import ScurfyApp
app = ScurfyApp(data_folder())
app.root = Path(sys.argv[1])
app.run()
"""


def painted(command: list[str], home: str) -> tuple[float, float]:
    """Return the seconds, of the wall and of the CPU, from fork until the marker is in the terminal's output."""
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed game is compiled, as Textual beside it is
        os.environ |= {"SCURFY_HOME": home, "TERM": "xterm-256color"}
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen = b""
    try:
        while MARKER not in seen and time.perf_counter() - began < 20:
            if select.select([terminal], [], [], 1)[0]:
                seen += os.read(terminal, 65536)
        seconds = time.perf_counter() - began
    finally:
        os.kill(pid, signal.SIGKILL)
        _, _, used = os.wait4(pid, 0)
        os.close(terminal)
    return seconds, used.ru_utime + used.ru_stime


def main() -> None:
    """Run the rounds and print what they gave."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as home:
        empty = Path(home, "empty.py")
        empty.write_text(EMPTY)
        scurfy = ["-c", OWN, sys.argv[2]] if len(sys.argv) > 2 else ["-m", "sim"]
        commands = {"empty": [sys.executable, str(empty)], "scurfy": [sys.executable, *scurfy]}
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, command in commands.items():
                seconds = painted(command, home)
                if number:  # the first round warms the disk
                    times[name].append(seconds)
    for kind, which in (("wall", 0), ("CPU", 1)):
        medians = []
        for name, taken in times.items():
            each = [used[which] * 1000 for used in taken]
            medians.append(statistics.median(each))
            print(f"{kind:5}{name:8}{medians[-1]:7.0f} ms  [{min(each):.0f}..{max(each):.0f}]")
        print(f"{kind:5}ratio   {medians[1] / medians[0]:7.2f}")


if __name__ == "__main__":
    main()
