"""How long until the first screen is painted, against an empty Textual app, both in real terminals in one run.

    python tests/benchmarks/first_paint.py [ROUNDS]

Rounds are interleaved, so both see the same machine. Prints medians and their ratio. POSIX only (it needs a pty).
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


def painted(command: list[str], home: str) -> float:
    """Return the seconds from fork until the marker stands in the terminal's output."""
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ |= {"SCURFY_HOME": home, "TERM": "xterm-256color"}
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen = b""
    try:
        while MARKER not in seen and time.perf_counter() - began < 20:
            if select.select([terminal], [], [], 1)[0]:
                seen += os.read(terminal, 65536)
        return time.perf_counter() - began
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def main() -> None:
    """Run the rounds and print what they gave."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as home:
        empty = Path(home, "empty.py")
        empty.write_text(EMPTY)
        commands = {"empty": [sys.executable, str(empty)], "scurfy": [sys.executable, "-m", "sim"]}
        times: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, command in commands.items():
                seconds = painted(command, home)
                if number:  # the first round warms the disk
                    times[name].append(seconds)
    for name, taken in times.items():
        print(f"{name:8}{statistics.median(taken) * 1000:7.0f} ms  [{min(taken) * 1000:.0f}..{max(taken) * 1000:.0f}]")
    print(f"ratio   {statistics.median(times['scurfy']) / statistics.median(times['empty']):7.2f}")


if __name__ == "__main__":
    main()
