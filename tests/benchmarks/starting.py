"""Cold start and memory: whole processes, from nothing to their end."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

from benchmarks.peers import here
from benchmarks.stopwatch import Section

ROUNDS = 7
KERNEL = (
    "from sim.case.library import load\n"
    "from sim.engine.kernel import compile_program, run\n"
    "run(compile_program(load('drying_out')), range({lives}), 'pathway')"
)
WAYS: dict[str, list[str]] = {
    "python, nothing": ["-c", "pass"],
    "scurfy --version": ["-m", "sim", "--version"],
    "scurfy cases": ["-m", "sim", "cases"],
    "kernel, first cohort of 10, machine code kept": ["-c", KERNEL.format(lives=10)],
    "kernel, cohort of 1,000, machine code kept": ["-c", KERNEL.format(lives=1000)],
}
FRESH = "kernel, first cohort of 10, nothing kept"
PEERS = {"sismic": "import sismic.interpreter", "transitions": "import transitions", "simpy": "import simpy",
         "quantecon": "import quantecon", "pm4py": "import pm4py"}  # fmt: skip


LAUNCHER = """
import os, sys
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_DUP2, 1, 2)]
_, status, used = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent), 0)
print(status, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
"""A new process counts its parent's memory as its own peak, so a small one starts it."""


def once(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run Python once; return CPU seconds and peak memory in MB. POSIX only."""
    command = [sys.executable, "-S", "-c", LAUNCHER, sys.executable, *arguments]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()
    assert said[0] == "0", f"{arguments} did not end well"
    return float(said[1]), float(said[2]) / (2**20 if sys.platform == "darwin" else 2**10)


def section() -> Section:
    """Run every way in turns, the first time unmeasured, and say what came out."""
    made = Section(
        "5. Cold start and memory",
        "Whole processes: CPU time from start to end, and peak memory. Peers are only imported.",
        ("process", "CPU time, median [range]", "peak memory", "times bare Python"),
    )
    ways = WAYS | {f"{name}, imported": ["-c", code] for name, code in PEERS.items() if here(name)}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in [*ways, FRESH]}
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"SCURFY_HOME": home, "NUMBA_CACHE_DIR": f"{home}/kept", "PYTHONWARNINGS": "ignore"}
        for number in range(ROUNDS + 1):
            for name, arguments in ways.items():
                used = once(arguments, environment)
                if number:
                    taken[name].append(used)
        for number in range(3):
            taken[FRESH].append(once(WAYS["kernel, first cohort of 10, machine code kept"],
                                     environment | {"NUMBA_CACHE_DIR": f"{home}/fresh{number}"}))  # fmt: skip
    bare = statistics.median(seconds for seconds, _ in taken["python, nothing"])
    for name, used in taken.items():
        seconds = [s * 1000 for s, _ in used]
        middle, memory = statistics.median(seconds), statistics.median(m for _, m in used)
        made.rows.append((name, f"{middle:,.0f} ms [{min(seconds):,.0f} to {max(seconds):,.0f}]", f"{memory:.0f} MB",
                          f"{middle / 1000 / bare:.1f}"))  # fmt: skip
    made.notes += [f"{name}: not installed, not measured." for name in PEERS if not here(name)]
    made.notes.append("How soon the first screen is painted, against an empty Textual app: "
                      "`python tests/benchmarks/first_paint.py`.")  # fmt: skip
    return made
