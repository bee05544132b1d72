"""Whole lives: the kernel against a C program of the same case, and against simpy."""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Callable
from functools import partial

import tinycase
from benchmarks import chronic, in_c, in_c_pathway, in_simpy, in_simpy_pathway
from benchmarks.peers import here, version
from benchmarks.stopwatch import Section, Target, Timing, race
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.engine.kernel import NOTHING, PATHWAY, Outcomes, Program, compile_program, run, tape

SHIPPED = "drying_out"
FATES = 10_000
FEW, CHECKED = 12, 150
"""Lives of simpy under the pathway: in a round, and to see that they come out as ours do."""
LIMIT = 2.0
"""CPU seconds that 10,000 fates of the shipped case may take under the pathway."""


def cases() -> dict[str, tuple[Scenario, int, int]]:
    """The cases that are lived untreated: library, lives a round, lives of simpy a round."""
    return {
        "chronic": (chronic.scenario(), 1_000, 20),
        "tiny": (tinycase.scenario(), 100_000, 1_000),
        SHIPPED: (load(SHIPPED), 10_000, 400),
    }


def section() -> Section:
    """Check that all agree, race them, and say what came out."""
    made = Section(
        "2. Rollouts",
        f"The shipped case `{SHIPPED}` under its pathway: by the kernel; by the kernel's own loop translated function "
        "by function to C and compiled by the machine's C compiler (`tests/benchmarks/in_c_pathway.py`: the same "
        "arrays; end minute, ending and utility are the same for every seed that is timed), which says what numba "
        "costs, not what another program could do; and by simpy "
        "(`tests/benchmarks/in_simpy_pathway.py`: processes for regions, "
        "therapies, results and the pathway, the risks and lengths drawn anew, the pathway's decisions, the learner's "
        "knowledge and what is measured by the engine's own Python; checked on the mean of end and utility). "
        "Then three cases left alone, by the kernel, "
        "by C programs made for each case (`tests/benchmarks/in_c.py`: the same draws and the same events; end minute "
        "and ending are the same for every seed that is timed; one has all conditions compiled, the other reads them "
        "from tables, as an engine must that takes cases as they come) and by simpy with a process for each region "
        "(the same risks, checked on the mean; where all transitions are hazards it is spared the guards, for what "
        "leads out of each configuration is worked out once). *Chronic* is four regions that "
        "worsen each other for five years; *tiny* is the case the tests play with. Left alone, neither C "
        "nor simpy knows of orders, results, observables or endings' utilities. All single-threaded; a ratio is the "
        "median of the ratios of single rounds.",
        ("case and way", "time per life, median [range]", "moves per life", "lives a second"),
    )
    _under_the_pathway(made)
    for name, (scenario, lives, few) in cases().items():
        _left_alone(made, name, scenario, lives, few)
    if not here("simpy"):
        made.notes.append("simpy: not installed, not measured.")
    return made


def _row(name: str, timing: Timing, events: float) -> tuple[str, ...]:
    return name, timing.each(), f"{events:,.1f}", f"{1 / timing.median:,.0f}"


def _under_the_pathway(made: Section) -> None:
    scenario = load(SHIPPED)
    program, seeds = compile_program(scenario), range(FATES)
    work: dict[str, Callable[[], int]] = {"kernel": lambda: len(run(program, seeds, PATHWAY))}
    share, live_all = 0.0, in_c_pathway.compiled()
    if live_all is None:
        made.notes.append("No C compiler here: C under the pathway was not measured.")
    else:
        cohort = in_c_pathway.Cohort(scenario, PATHWAY, seeds, live_all)
        _check_c(run(program, seeds, PATHWAY), cohort)
        work["C, the same loop"] = cohort.live
    if here("simpy"):
        peer, chance = in_simpy_pathway.TreatedLives(scenario), random.Random(1)
        found, share = _check_treated(run(program, seeds, PATHWAY), peer)
        made.notes.append(found)
        work[f"simpy {version('simpy')}"] = lambda: len([peer.live(chance) for _ in range(FEW)])
    taken = race(work)
    entries = statistics.fmean(len(tape(program, seed, PATHWAY)) for seed in range(100))
    made.rows += [_row(f"{SHIPPED}, pathway: {way}", timing, entries) for way, timing in taken.items()]
    seconds = taken["kernel"].median * FATES
    made.targets.append(Target(f"{FATES:,} fates of {SHIPPED} under the pathway in at most {LIMIT:g} s of CPU",
                               f"{seconds:.2f} s", seconds <= LIMIT))  # fmt: skip
    _promised(made, f"{SHIPPED}, pathway", taken)
    for way, timing in taken.items():
        if way.startswith("simpy"):
            bare = (1 - share) * timing.median / taken["kernel"].median
            made.notes.append(
                f"Were deciding free for simpy alone, the kernel would still be {bare:,.0f} times as fast."
            )


def _check_c(ours: Outcomes, cohort: in_c_pathway.Cohort) -> None:
    """Every seed ends in the same minute, in the same way and at the same utility."""
    cohort.live()
    status, end, how, utility = cohort.results()
    assert not any(status), "C gave up on a life"
    assert (list(ours.end), list(ours.ending), list(ours.utility)) == (end, how, utility), "C lives other lives"


def _check_treated(ours: Outcomes, peer: in_simpy_pathway.TreatedLives) -> tuple[str, float]:
    """Mean end and utility are the same within four standard errors; return that in words, and deciding's share."""
    chance, began = random.Random(2), time.process_time()
    theirs = [peer.live(chance) for _ in range(CHECKED)]
    share = peer.deciding / (time.process_time() - began)
    said = []
    for what, own, other, digits in (("end (days)", [minute / 1440 for minute in ours.end],
                                      [minute / 1440 for minute, _, _ in theirs], 0),
                                     ("utility", ours.utility, [worth for _, _, worth in theirs], 3)):  # fmt: skip
        (mine, error), (yours, wide) = in_simpy_pathway.mean(own), in_simpy_pathway.mean(other)
        assert abs(mine - yours) <= 4 * math.hypot(error, wide), f"simpy's mean {what}: {yours}, ours: {mine}"
        said.append(f"{what} {yours:.{digits}f} ± {wide:.{digits}f} against our {mine:.{digits}f} ± {error:.{digits}f}")
    text = (f"simpy under the pathway, {CHECKED} lives against our {len(ours.end):,}: {'; '.join(said)}. Of its time "
            f"{share:.0%} is the engine's Python deciding what to do next (`Follower`); the rest is simpy, the "
            "transitions and the measuring.")  # fmt: skip
    return text, share


def _left_alone(made: Section, name: str, scenario: Scenario, lives: int, few: int) -> None:
    program, seeds = compile_program(scenario), range(lives)
    written, reading = in_c.compiled(scenario), in_c.compiled(scenario, reading=True)
    in_our_c = {} if written is None or reading is None else {"C, written out": written, "C, reading tables": reading}
    work: dict[str, Callable[[], int]] = {"kernel": lambda: len(run(program, seeds, NOTHING))}
    for way, theirs in in_our_c.items():
        outcomes, (end, how) = run(program, seeds, NOTHING), theirs(seeds)
        assert (outcomes.end, outcomes.ending) == (end, how), f"{name}: C lives other lives"
        work[way] = partial(_count, theirs, seeds)
    if here("simpy"):
        peer = in_simpy.AnyLives(scenario) if name == SHIPPED else in_simpy.Lives(scenario)
        chance = random.Random(1)
        _check_simpy(program, peer, 20 * few if name == "chronic" else 2 * few)
        work[f"simpy {version('simpy')}"] = lambda: len([peer.live(chance) for _ in range(few)])
    taken = race(work)
    events = statistics.fmean(len(tape(program, seed, NOTHING)) for seed in range(100))
    made.rows += [_row(f"{name}, left alone: {way}", timing, events) for way, timing in taken.items()]
    if not in_our_c:
        made.notes.append("No C compiler here: C was not measured.")
    _promised(made, name, taken)


def _promised(made: Section, name: str, taken: dict[str, Timing]) -> None:
    """Hold C and simpy against what was promised."""
    for way, timing in taken.items():
        pairs = zip(timing.seconds, taken["kernel"].seconds, strict=True)
        ratio = statistics.median(theirs / ours for theirs, ours in pairs)
        if way.startswith("C, "):
            made.targets.append(Target(f"the kernel at least half as fast as {way} ({name})",
                                       f"{ratio:.2f} of its speed", ratio >= 0.5))  # fmt: skip
        elif way != "kernel":
            made.targets.append(Target(f"the kernel at least 100 times as fast as simpy ({name})",
                                       f"{ratio:,.0f} times", ratio >= 100))  # fmt: skip


def _count(lives: in_c.Lives, seeds: range) -> int:
    return len(lives(seeds)[0])


def _check_simpy(program: Program, peer: in_simpy.Lives, count: int) -> None:
    """The mean length of life is the same within four standard errors."""
    chance = random.Random(2)
    theirs = [peer.live(chance)[0] for _ in range(count)]
    ours = list(run(program, range(count), NOTHING).end)
    error = math.sqrt((statistics.variance(theirs) + statistics.variance(ours)) / count)
    apart = abs(statistics.fmean(theirs) - statistics.fmean(ours))
    assert apart <= 4 * error + 1, f"simpy lives {apart:.0f} minutes longer or shorter, error {error:.0f}"
