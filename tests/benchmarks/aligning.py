"""Optimal alignment of noisy logs to a partial order with choices and optional steps, against pm4py's exact A*."""

from __future__ import annotations

import os
import random
import statistics
import time
from typing import Any

from benchmarks.peers import here, version
from benchmarks.stopwatch import Section, Target, Timing
from scoring.assess.alignment import PartialOrder, partial_order
from unit_cost import align

LOGS = 2_000
SECONDS = float(os.environ.get("BENCH_PEER_SECONDS", "900"))
"""CPU seconds that pm4py may take; it aligns as many of the logs as it can until then."""

CHAINS, LENGTH = 5, 5
AFTER: list[list[int]] = [[i - 1] if i % LENGTH else [] for i in range(CHAINS * LENGTH)]
for _step, _earlier in ((7, 1), (13, 6), (22, 18)):
    AFTER[_step].append(_earlier)
OPTIONAL = frozenset({3, 9, 11, 17, 24})
CHOICES = {2: 25, 6: 26, 12: 27, 18: 28, 23: 27}
"""Step to a second activity that fulfils it too; activity 27 serves two steps."""
STRANGERS = 6
ACTIVITIES = 29

STEPS_OF: list[list[int]] = [
    [step for step in range(len(AFTER)) if step == activity or CHOICES.get(step) == activity]
    for activity in range(ACTIVITIES)
] + [[] for _ in range(STRANGERS)]


def noisy(chance: random.Random) -> list[int]:
    """A log of activities: a fitting order, then omissions, swaps, repeats and strangers."""
    done, log = set[int](), []
    while len(done) < len(AFTER):
        step = chance.choice([s for s in range(len(AFTER)) if s not in done and done.issuperset(AFTER[s])])
        done.add(step)
        if step in OPTIONAL and chance.random() < 0.5:
            continue
        log.append(CHOICES[step] if step in CHOICES and chance.random() < 0.4 else step)
    for _ in range(chance.randint(0, 3)):
        del log[chance.randrange(len(log))]
    for _ in range(chance.randint(0, 2)):
        i, j = chance.randrange(len(log)), chance.randrange(len(log))
        log[i], log[j] = log[j], log[i]
    for _ in range(chance.randint(0, 5)):
        log.insert(chance.randrange(len(log) + 1), chance.randrange(ACTIVITIES))
    for _ in range(chance.randint(0, 8)):
        log.insert(chance.randrange(len(log) + 1), ACTIVITIES + chance.randrange(STRANGERS))
    return log


def ours(order: PartialOrder, log: list[int]) -> int:
    """Our cost of one log."""
    return align(order, [STEPS_OF[activity] for activity in log], optional=OPTIONAL).cost


class InPm4py:
    """The same partial order as a Petri net, and pm4py's A* with the state equation on it."""

    def __init__(self) -> None:
        from pm4py.objects.petri_net.obj import Marking, PetriNet
        from pm4py.objects.petri_net.utils.petri_utils import add_arc_from_to

        self.net = net = PetriNet("pathway")
        follows = {step: [later for later, before in enumerate(AFTER) if step in before] for step in range(len(AFTER))}

        def place(name: str) -> Any:
            made = PetriNet.Place(name)
            net.places.add(made)
            return made

        def transition(name: str, label: str | None, before: list[Any], after: list[Any]) -> None:
            made = PetriNet.Transition(name, label)
            net.transitions.add(made)
            for p in before:
                add_arc_from_to(p, made, net)
            for p in after:
                add_arc_from_to(made, p, net)

        between = {(a, b): place(f"{a}-{b}") for a in follows for b in follows[a]}
        first = {s: place(f"start-{s}") for s in follows if not AFTER[s]}
        last = {s: place(f"{s}-end") for s in follows if not follows[s]}
        start, end = place("start"), place("end")
        transition("open", None, [start], list(first.values()))
        transition("close", None, list(last.values()), [end])
        for step in follows:
            before = [between[a, step] for a in AFTER[step]] or [first[step]]
            after = [between[step, b] for b in follows[step]] or [last[step]]
            for activity in [step, *([CHOICES[step]] if step in CHOICES else [])]:
                transition(f"{step}:{activity}", str(activity), before, after)
            if step in OPTIONAL:
                transition(f"skip-{step}", None, before, after)
        self.opening, self.closing = Marking({start: 1}), Marking({end: 1})

    def cost(self, log: list[int]) -> int:
        """Its cost of one log, in moves."""
        from pm4py.algo.conformance.alignments.petri_net import algorithm
        from pm4py.objects.log.obj import Event, Trace

        trace = Trace([Event({"concept:name": str(activity)}) for activity in log])
        found = algorithm.apply(trace, self.net, self.opening, self.closing,
                                variant=algorithm.Variants.VERSION_STATE_EQUATION_A_STAR)  # fmt: skip
        return int(found["cost"]) // 10_000  # a move costs 10,000, a silent one 1


def section() -> Section:
    """Align all logs by ours and as many as time allows by pm4py, compare every cost, and say what came out."""
    chance = random.Random(7)
    logs, order = [noisy(chance) for _ in range(LOGS)], partial_order(AFTER)
    made = Section(
        "4. Alignment",
        f"{LOGS:,} random logs of {min(map(len, logs))} to {max(map(len, logs))} events against a partial order of "
        f"{len(AFTER)} steps ({CHAINS} chains with 3 cross links), {len(OPTIONAL)} of them optional and {len(CHOICES)} "
        "with a second activity that fulfils them. Logs have omissions, swaps, repeats and strangers. Unit costs.",
        ("way", "logs", "CPU time per log, mean", "median", "slowest"),
    )
    costs: list[int] = []
    our_times = []
    for log in logs:
        began = time.process_time()
        costs.append(ours(order, log))
        our_times.append(time.process_time() - began)
    made.rows.append(_row("ours, pure Python", our_times))
    if not here("pm4py"):
        made.notes.append("pm4py: not installed, not measured.")
        return made
    their_times, equal = _by_pm4py(logs, costs)
    count = len(their_times)
    made.rows.append(_row(f"pm4py {version('pm4py')}, state equation A*", their_times))
    ratio = statistics.fmean(their_times) / statistics.fmean(our_times[:count])
    made.notes.append(f"Median against median: {statistics.median(their_times) / statistics.median(our_times):,.0f} "
                      f"times. pm4py had {SECONDS:g} s of CPU; set BENCH_PEER_SECONDS to give it more.")  # fmt: skip
    made.targets += [
        Target("optimal alignment at least 500 times as fast as pm4py's best exact method",
               f"{ratio:,.0f} times in the mean over the same {count:,} logs", ratio >= 500),
        Target(f"equal cost on all of {LOGS:,} logs",
               f"equal on {equal:,} of the {count:,} that pm4py finished", equal == LOGS),
    ]  # fmt: skip
    return made


def _by_pm4py(logs: list[list[int]], costs: list[int]) -> tuple[list[float], int]:
    """Return pm4py's time for each log it came to, and how many of its costs are ours."""
    peer, taken, equal = InPm4py(), list[float](), 0
    peer.cost(logs[0])
    for log, cost in zip(logs, costs, strict=True):
        began = time.process_time()
        equal += peer.cost(log) == cost
        taken.append(time.process_time() - began)
        if sum(taken) > SECONDS:
            break
    return taken, equal


def _row(name: str, seconds: list[float]) -> tuple[str, ...]:
    each = [Timing((s,)).each().partition(" [")[0] for s in
            (statistics.fmean(seconds), statistics.median(seconds), max(seconds))]  # fmt: skip
    return name, f"{len(seconds):,}", *each
