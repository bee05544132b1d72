"""Learners alone at browsers, all served by one process: how long an act takes until its view is there, and its CPU.

    PYTHONPATH=tests python -m benchmarks.serving [LEARNERS] [SECONDS]

Each learner meets a patient, then acts every two seconds as a page would: a form, the page that it leads to, and an
event stream that stays open. The load is made on the same machine. Linux only (it reads /proc).
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from benchmarks.stopwatch import Section, Target

LEARNERS, SECONDS, EVERY = 60, 60, 2.0
CASE = "drying_out"
ACTS = (
    ("order", {"order": "ex_general", "back": "examine"}), ("order", {"order": "peripheral_access"}),
    ("order", {"order": "blood_gas", "back": "test"}), ("wait", {"span": "15 min"}),
    ("order", {"order": "bolus_isotonic", "dose": "10 mL/kg over 20 min"}), ("wait", {"span": "15 min"}),
    ("order", {"order": "hx_presenting", "back": "ask"}), ("wait", {"span": "1 h"}),
)  # fmt: skip


@dataclass(slots=True)
class Found:
    """What was measured."""

    acts: list[float] = field(default_factory=list)
    """Seconds from a form to the whole page that it led to."""
    played: int = 0
    """Acts that were possible, as the server said."""
    moves: int = 0
    """Moves that the pages counted at the end."""


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far."""
    words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int) -> float:
    """MB that a process holds now."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", text)[0]) / 1024


async def learner(url: str, number: int, seconds: float, found: Found) -> None:
    """One learner, from the first form to the last."""
    async with httpx2.AsyncClient(base_url=url, headers={"Origin": url}, follow_redirects=True, timeout=60) as client:
        await asyncio.sleep(EVERY * number / LEARNERS)
        page = await client.post(f"/case/{CASE}", data={"seed": str(number), "mode": "practice"})
        root = page.url.path
        listening = asyncio.create_task(_listen(client, f"{root}/events"))
        ends, turn = time.monotonic() + seconds, 0
        while time.monotonic() < ends:
            began = time.monotonic()
            act, fields = ACTS[turn % len(ACTS)]
            seen = re.findall(r'data-count="(\d+)"', page.text)[0]
            page = await client.post(f"{root}/{act}", data={**fields, "seen": seen})
            taken = time.monotonic() - began
            found.acts.append(taken)
            found.played += page.status_code == 200
            turn += 1
            await asyncio.sleep(max(0.0, EVERY - taken))
        found.moves += int(re.findall(r'data-count="(\d+)"', page.text)[0])
        listening.cancel()


async def _listen(client: httpx2.AsyncClient, where: str) -> None:
    async with client.stream("GET", where) as stream:
        async for _ in stream.aiter_text():
            pass


def measured(learners: int, seconds: float) -> tuple[Found, float, float]:
    """Serve so many for so long; return what was found, the server's CPU seconds, and its memory in MB."""
    found = Found()
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"SCURFY_HOME": home, "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "sim", "serve", "--port", "0"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            url = re.findall(r"http://[\d.:]+", server.stdout.readline())[0]
            httpx2.post(f"{url}/case/{CASE}", data={"mode": "practice"}, headers={"Origin": url})  # the case is read
            before = cpu_of(server.pid)

            async def everybody() -> None:
                await asyncio.gather(*(learner(url, number, seconds, found) for number in range(learners)))

            asyncio.run(everybody())
            used, memory = cpu_of(server.pid) - before, memory_of(server.pid)
            server.terminate()
    return found, used, memory


def section(learners: int = LEARNERS, seconds: float = SECONDS) -> Section:
    """Measure and say what came out."""
    made = Section(
        "7. In a browser",
        f"{learners} learners alone at `{CASE}`, each acting every {EVERY:g} s for {seconds:g} s and listening to an "
        "event stream, on one process; the load is made on the same machine, each attempt is reviewed beside it.",
        ("what", "found"),
    )
    found, used, memory = measured(learners, seconds)
    slow = statistics.quantiles(found.acts, n=20)[18]
    times = (
        f"median {statistics.median(found.acts) * 1000:.0f} ms, 95% within {slow * 1000:.0f} ms, "
        f"longest {max(found.acts) * 1000:.0f} ms"
    )
    each = used / len(found.acts) * 1000
    made.rows += [
        ("acts", f"{len(found.acts):,}"),
        ("from a form to the page it leads to", times),
        ("CPU of the server an act, its page and its stream included", f"{each:.1f} ms"),
        ("memory of the server", f"{memory:.0f} MB"),
    ]  # fmt: skip
    promise = f"{learners} learners on one process: 95% of acts have their view within 150 ms"
    made.targets.append(Target(promise, f"{slow * 1000:.0f} ms", slow <= 0.150))
    made.targets.append(Target("no act is lost", f"{found.played - found.moves} of {found.played}",
                               found.played == found.moves))  # fmt: skip
    made.targets.append(Target("an act costs the server at most 10 ms of CPU", f"{each:.1f} ms", each <= 10))
    return made


if __name__ == "__main__":
    given = [float(word) for word in sys.argv[1:]]
    print(section(int(given[0]) if given else LEARNERS, given[1] if given[1:] else SECONDS).text())
