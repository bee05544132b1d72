"""One case for many sessions, and a library of many cases: what the second costs, against the first."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import tracemalloc
from collections.abc import Callable
from itertools import count
from pathlib import Path

from benchmarks.starting import once
from benchmarks.stopwatch import Section, Target, Timing, race
from sim.attempts.cases import Cases
from sim.case.cache import Cache
from sim.case.composing.folders import package_root
from sim.case.library import load
from sim.case.search import index_of, search
from sim.engine.session import Session

SHIPPED = "drying_out"
TYPED = "full blood count"
SESSIONS, OWN = 50, 200
ROUNDS = 7
OPEN = """
import asyncio, sys
from pathlib import Path
from sim.attempts.store import data_folder
from sim.tui.app import ScurfyApp

async def main():
    app = ScurfyApp(data_folder())
    app.root = Path(sys.argv[1])
    async with app.run_test(size=(120, 40)) as pilot:
        while not app.screen.query("#shelf"):
            await pilot.pause(0.02)

asyncio.run(main())
"""
"""Opens the library of a folder and leaves when its cases are listed."""


def section() -> Section:
    """Measure sessions, keys and libraries, and say what came out."""
    made = Section(
        "6. One case, many sessions",
        f"`{SHIPPED}` read for one session and shared by {SESSIONS}; libraries of one and of {OWN} cases, opened in "
        "processes of their own, where a cache on disk knows them.",
        ("what", "CPU time, median [range]", "times the first of its kind"),
    )
    with tempfile.TemporaryDirectory() as folder:
        _sessions(made, Path(folder))
        _keys(made)
        _libraries(made, Path(folder))
    return made


def _row(made: Section, name: str, timing: Timing, first: Timing) -> float:
    ratio = timing.median / first.median
    made.rows.append((name, timing.each(), f"{ratio:.2g}"))
    return ratio


def _sessions(made: Section, folder: Path) -> None:
    seeds, shared, cache = count(), Cases(), Cache(folder / "kept")
    load(SHIPPED, cache=cache)

    def opened(read: Callable[[], object]) -> Callable[[], int]:
        def do() -> int:
            read()
            return 1

        return do

    timed = race({
        "a case read from its files, and a session": opened(lambda: Session(load(SHIPPED), next(seeds))),
        "a case known to the disk, and a session": opened(lambda: Session(load(SHIPPED, cache=cache), next(seeds))),
        "a case known to the process, and a session": opened(lambda: Session(shared.load(SHIPPED), next(seeds))),
    })  # fmt: skip
    first, *_, last = timed.values()
    for name, timing in timed.items():
        _row(made, name, timing, first)
    scenario = shared.load(SHIPPED)
    tracemalloc.start()
    sessions = [Session(scenario, seed) for seed in range(SESSIONS)]
    each = tracemalloc.get_traced_memory()[0] / len(sessions) / 2**20
    tracemalloc.stop()
    found = f"{last.each()}, {each:.2f} MB"
    held = last.median <= 0.010 and each <= 1
    made.targets.append(Target("the second session of a case is ready in 10 ms and costs at most 1 MB", found, held))


def _keys(made: Section) -> None:
    shared = Cases()
    catalogues = [shared.load(SHIPPED).catalogue for _ in range(SESSIONS)]

    def typed(sessions: int) -> Callable[[], int]:
        def do() -> int:
            turns = catalogues[:sessions] * (SESSIONS // sessions)
            keys = [(catalogue, TYPED[:n]) for n in range(1, len(TYPED)) for catalogue in turns]
            for catalogue, text in keys:
                search(catalogue, text, limit=60)
            return len(keys)

        return do

    index_of(catalogues[0])
    one, many = race({"one": typed(1), "many": typed(SESSIONS)}).values()
    _row(made, "a key in the order search, one session", one, one)
    ratio = _row(made, f"a key in the order search, {SESSIONS} sessions in turns", many, one)
    promise = f"a key costs the same with one session and with {SESSIONS}"
    made.targets.append(Target(promise, f"{ratio:.2f} times", ratio <= 1.2))


def _libraries(made: Section, folder: Path) -> None:
    places = {n: _own(folder / f"library-{n}", n) for n in (1, OWN)}
    environment = os.environ | {"SCURFY_HOME": str(folder / "home")}
    taken: dict[int, list[float]] = {n: [] for n in places}
    for number in range(ROUNDS + 1):
        for n, place in places.items():
            seconds = once(["-c", OPEN, str(place)], environment)[0]
            if number:  # the first fills the cache
                taken[n].append(seconds)
    one, many = (Timing(tuple(seconds)) for seconds in taken.values())
    _row(made, "the library opened, one case", one, one)
    ratio = _row(made, f"the library opened, {OWN} cases as long as the shipped one", many, one)
    lowest = min(many.seconds) / min(one.seconds)
    promise = f"opening the library with {OWN} cases takes at most 1.3 times what it takes with one, warm"
    made.targets.append(Target(promise, f"{ratio:.2f} times (fastest rounds: {lowest:.2f})", ratio <= 1.3))
    spread = statistics.median(many.seconds) - statistics.median(one.seconds)
    made.notes.append(f"{OWN - 1} more cases in the library cost {spread * 1000:,.0f} ms.")


def _own(root: Path, number: int) -> Path:
    """A scenarios folder with so many copies of the shipped case."""
    shutil.copytree(package_root(), root, ignore=shutil.ignore_patterns("__pycache__"))
    cases = root / "cases"
    text = (cases / SHIPPED / "case.yaml").read_text(encoding="utf-8")
    shutil.rmtree(cases)
    cases.mkdir()
    for n in range(number):
        (cases / f"own_{n}.yaml").write_text(text.replace(f"id: {SHIPPED}", f"id: own_{n}"), encoding="utf-8")
    return root
