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


async def alone(url: str, learners: int, seconds: float, found: Found) -> None:
    """So many learners, each with a patient."""
    await asyncio.gather(*(learner(url, number, seconds, found) for number in range(learners)))


async def together(url: str, lead: str, learners: int, seconds: float, found: Found) -> None:
    """So many learners in a room: a ballot every ten seconds, to which each answers within four."""
    room = lead.partition("/lead/")[0]
    people = [httpx2.AsyncClient(headers={"Origin": url}, follow_redirects=True, timeout=60) for _ in range(learners)]
    leader = httpx2.AsyncClient(headers={"Origin": url}, follow_redirects=True, timeout=60)
    bed = re.findall(r'name="bed" value="(\w+)"', (await leader.get(lead)).text)[0]
    await asyncio.gather(*(one.post(f"{room}/join", data={"name": f"P{n}"}) for n, one in enumerate(people)))
    listening = [asyncio.create_task(_listen(one, f"{room}/events")) for one in people]
    ends, number = time.monotonic() + seconds, 0

    async def vote(n: int, one: httpx2.AsyncClient) -> None:
        await asyncio.sleep(4 * n / learners)
        began = time.monotonic()
        page = await one.post(f"{room}/vote", data={"round": str(number), "choice": str(n % 2)})
        found.acts.append(time.monotonic() - began)
        found.played += page.status_code == 200

    while time.monotonic() < ends:
        number += 1
        await leader.post(f"{lead}/ask", data={"bed": bed, "choice": ["blood gas", "wait 10 min"]})
        await asyncio.gather(*(vote(n, one) for n, one in enumerate(people)))
        for command in ("close", "reveal"):
            await leader.post(f"{lead}/{command}", data={"sent": "yes"})
        page = await people[0].get(room)
        counts = re.findall(r'class="number">(\d+)</td><td><meter', page.text)
        found.moves += sum(map(int, counts))
        await leader.post(f"{lead}/play", data={"round": str(number), "choice": "1", "bed": bed})
        await asyncio.gather(*(one.get(room) for one in people))
    for task in listening:
        task.cancel()
    for one in (*people, leader):
        await one.aclose()


def measured(learners: int, seconds: float, room: bool) -> tuple[Found, float, float]:
    """Serve so many for so long; return what was found, the server's CPU seconds, and its memory in MB."""
    found = Found()
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"SCURFY_HOME": home, "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "sim", "serve", "--port", "0", *(("--room", CASE) if room else ())]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            said = [server.stdout.readline() for _ in range(5 if room else 1)]
            url = re.findall(r"http://[\d.:]+", said[0])[0]
            httpx2.post(f"{url}/case/{CASE}", data={"mode": "practice"}, headers={"Origin": url})  # the case is read
            before = cpu_of(server.pid)
            lead = re.findall(r"http\S+", said[-1])[0]
            asyncio.run(together(url, lead, learners, seconds, found) if room else alone(url, learners, seconds, found))
            used, memory = cpu_of(server.pid) - before, memory_of(server.pid)
            server.terminate()
    return found, used, memory


def section(learners: int = LEARNERS, seconds: float = SECONDS) -> Section:
    """Measure and say what came out."""
    made = Section(
        "7. In a browser, and in a room",
        f"{learners} learners at one process, `{CASE}`, {seconds:g} s. Alone: each acts every {EVERY:g} s. In a room: "
        "a ballot every ten seconds or so, to which each answers within four, and everybody looks at what came of it. "
        "An act is a form with the whole page that it leads to; every learner listens to an event stream besides. "
        "The load is made on the same machine, and every attempt is reviewed beside it.",
        ("who", "acts", "from a form to its page: median, 95% within, longest", "CPU an act", "memory"),
    )
    for name, room in (("alone", False), ("in a room", True)):
        found, used, memory = measured(learners, seconds, room)
        slow = statistics.quantiles(found.acts, n=20)[18]
        each = used / len(found.acts) * 1000
        times = ", ".join(f"{t * 1000:.0f} ms" for t in (statistics.median(found.acts), slow, max(found.acts)))
        made.rows.append((name, f"{len(found.acts):,}", times, f"{each:.1f} ms", f"{memory:.0f} MB"))
        who = f"{learners} learners {name}, one process"
        made.targets += [
            Target(f"{who}: 95% of acts have their view within 150 ms", f"{slow * 1000:.0f} ms", slow <= 0.150),
            Target(f"{who}: no act is lost", f"{found.played - found.moves} of {found.played}",
                   found.played == found.moves),
            Target(f"{who}: an act costs the server at most 10 ms of CPU", f"{each:.1f} ms", each <= 10),
        ]  # fmt: skip
    return made


if __name__ == "__main__":
    given = [float(word) for word in sys.argv[1:]]
    print(section(int(given[0]) if given else LEARNERS, given[1] if given[1:] else SECONDS).text())
