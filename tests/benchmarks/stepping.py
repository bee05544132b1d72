"""One small chart, stepped by our engine and by general ones, through the same script to the same configurations.

Four concurrent regions of six states. In each state a region moves on by itself after a time while its drug runs,
and falls back after a longer time while it does not; four shocks and the starts of four drugs move regions at once.
The script has 12 kinds of named events and a tick of one hour, which is 70% of it.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import tinycase
from benchmarks.stopwatch import Section, Target, race
from sim.case.model.catalogue import Catalogue, Kind, Order
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StopTherapy, Wait
from sim.engine.chart import compile_chart
from sim.engine.fate import Fate
from sim.engine.kernel import Plan, compile_program, run, tape
from sim.engine.patient import Patient
from sim.engine.session import Session
from smalldisease import go, library_of, region

REGIONS, STATES = 4, 6
EVENTS = 20_000
CHECKED = 6_000
Script = list[str]
Configuration = tuple[int, ...]


def better(r: int, state: int) -> int:
    """Hours until a treated region moves on."""
    return 2 + (3 * state + 2 * r) % 7


def worse(r: int, state: int) -> int:
    """Hours until an untreated one falls back."""
    return 9 + (5 * state + r) % 11


def shocked(j: int) -> tuple[tuple[int, tuple[int, ...], int], ...]:
    """What shock j does: (region, from, to) for two regions."""
    return ((j, (0, 1, 2), 5), ((j + 1) % REGIONS, (1, 2, 3), 4))


RESCUED = ((5,), 3)
"""The start of a region's drug: from, to."""


def script() -> Script:
    """The events: `tick`, `start0`.., `stop0`.., `shock0`.., the same for every engine."""
    r, on, made = random.Random(7), set[int](), []
    for _ in range(EVENTS):
        if r.random() < 0.7:
            made.append("tick")
            continue
        what, which = r.choice(("start", "stop", "shock")), r.randrange(REGIONS)
        if what == "stop" and which not in on:
            what = "start"
        if what == "start":
            on.add(which)
        elif what == "stop":
            on.discard(which)
        made.append(f"{what}{which}")
    return made


# --- ours -------------------------------------------------------------------------------------------------------


@cache
def chart_of_ours() -> Scenario:
    """The chart as a case."""
    regions = {}
    for r in range(REGIONS):
        moves = [go(f"up{i}", f"s{i}", f"s{(i + 1) % STATES}", after=f"{better(r, i)} h", when={"running": f"drug{r}"})
                 for i in range(STATES)]  # fmt: skip
        moves += [go(f"down{i}", f"s{i}", f"s{(i - 1) % STATES}", after=f"{worse(r, i)} h",
                     when={"not": {"running": f"drug{r}"}}) for i in range(STATES)]  # fmt: skip
        moves += [go(f"shock{j}_{i}", f"s{i}", f"s{target}", on={"start": f"shock{j}"})
                  for j in range(REGIONS) for which, sources, target in shocked(j) if which == r
                  for i in sources]  # fmt: skip
        moves += [go(f"rescue{i}", f"s{i}", f"s{RESCUED[1]}", on={"start": f"drug{r}"}) for i in RESCUED[0]]
        regions[f"r{r}"] = region(" ".join(f"s{i}" for i in range(STATES)), *moves)
    scenario = library_of(**regions)
    orders = [Order(id=f"drug{r}", name=f"Drug {r}", kind=Kind.THERAPY, group="Toys", takes="0 min")
              for r in range(REGIONS)]  # fmt: skip
    orders += [Order(id=f"shock{r}", name=f"Shock {r}", kind=Kind.CONSULT, group="Toys", takes="0 min")
               for r in range(REGIONS)]  # fmt: skip
    catalogue = Catalogue(orders={o.id: o for o in orders}, observables=tinycase.catalogue().observables,
                          diagnoses=tinycase.catalogue().diagnoses)  # fmt: skip
    case = scenario.case.model_copy(update={"horizon": 60 * 2 * EVENTS})
    return scenario.model_copy(update={"catalogue": catalogue, "case": case})


def moves(events: Script) -> list[Move]:
    """The script as moves."""
    made: dict[str, Callable[[str], Move]] = {
        "start": lambda n: PlaceOrder(f"drug{n}"), "stop": lambda n: StopTherapy(f"drug{n}"),
        "shock": lambda n: PlaceOrder(f"shock{n}"), "tick": lambda n: Wait(60),
    }  # fmt: skip
    return [made[event.rstrip("0123")](event[-1]) for event in events]


def by_session(events: Script) -> Iterator[Configuration]:
    """A whole session: rules, knowledge, log and readout with it."""
    scenario = chart_of_ours()
    session = Session(scenario, 1)
    patient = session._patient
    for move in moves(events):
        session.apply(move)
        yield tuple(patient.states[:REGIONS])


def by_patient(events: Script) -> Iterator[Configuration]:
    """The chart alone: what the other engines do too."""
    scenario = chart_of_ours()
    patient = Patient(compile_chart(scenario), Fate(1), 0, lambda event: None)
    patient.open()
    now = 0
    names = {event: (event[:-1], f"drug{event[-1]}", f"shock{event[-1]}") for event in set(events)}
    for event in events:
        what, drug, shock = names[event]
        if event == "tick":
            target = now + 60
            while (due := patient.next_due()) <= target:
                patient.reach(due, 0)
                patient.run_due()
            now = target
            patient.reach(now, 0)
        elif what == "shock":
            patient.offer(("start", shock))
        elif what == "start":
            patient.running[drug] = 1.0
            patient.changed(("running", drug))
            patient.offer(("start", drug))
            patient.run_due()
        else:
            del patient.running[drug]
            patient.changed(("running", drug))
            patient.run_due()
        yield tuple(patient.states[:REGIONS])


# --- peers ------------------------------------------------------------------------------------------------------


def sismic_yaml() -> str:
    """The chart for sismic, with its own clock and `after`."""
    out = ["statechart:", "  name: bench", f"  preamble: on = [False] * {REGIONS}", "  root state:", "    name: root",
           "    parallel states:"]  # fmt: skip
    for r in range(REGIONS):
        out += [f"    - name: drug{r}", f"      initial: off{r}", "      states:"]
        for here, there, event, value in (("off", "on", "start", True), ("on", "off", "stop", False)):
            out += [f"      - name: {here}{r}", "        transitions:", f"        - target: {there}{r}",
                    f"          event: {event}{r}", f"          action: on[{r}] = {value}"]  # fmt: skip
        out += [f"    - name: r{r}", f"      initial: r{r}s0", "      states:"]
        for i in range(STATES):
            out += [f"      - name: r{r}s{i}", "        transitions:"]
            out += [f"        - target: r{r}s{(i + 1) % STATES}", f"          guard: on[{r}] and after({better(r, i)})"]
            out += [f"        - target: r{r}s{(i - 1) % STATES}",
                    f"          guard: not on[{r}] and after({worse(r, i)})"]  # fmt: skip
            for event, target in _told(r, i):
                out += [f"        - target: r{r}s{target}", f"          event: {event}"]
    return "\n".join(out)


def _told(r: int, state: int) -> list[tuple[str, int]]:
    """The events that move a region out of a state, and where to."""
    found = [(f"shock{j}", target) for j in range(REGIONS) for which, sources, target in shocked(j)
             if which == r and state in sources]  # fmt: skip
    return found + ([(f"start{r}", RESCUED[1])] if state in RESCUED[0] else [])


def by_sismic(events: Script) -> Iterator[Configuration]:
    """sismic's interpreter."""
    from sismic.interpreter import Interpreter
    from sismic.io import import_from_yaml

    machine = Interpreter(import_from_yaml(sismic_yaml()))
    machine.execute()
    place = {f"r{r}s{i}": (r, i) for r in range(REGIONS) for i in range(STATES)}
    for event in events:
        if event == "tick":
            machine.clock.time += 1
        else:
            machine.queue(event)
        machine.execute()
        yield tuple(i for _, i in sorted(place[name] for name in machine.configuration if name in place))


class _Region:
    """What a machine of `transitions` moves."""

    def __init__(self, r: int) -> None:
        self.r, self.since, self.now, self.on = r, 0, 0, False
        self.state: str

    def ready_up(self) -> bool:
        return self.on and self.now - self.since >= better(self.r, int(self.state[1:]))

    def ready_down(self) -> bool:
        return not self.on and self.now - self.since >= worse(self.r, int(self.state[1:]))

    def entered(self) -> None:
        self.since = self.now


def by_transitions(events: Script) -> Iterator[Configuration]:
    """Four flat machines of `transitions`; it has no clock, so time comes with the tick. Only listeners are told."""
    from transitions import Machine

    models = [_Region(r) for r in range(REGIONS)]
    listeners: dict[str, list[_Region]] = {}
    for r, model in enumerate(models):
        machine = Machine(model, states=[f"s{i}" for i in range(STATES)], initial="s0", auto_transitions=False,
                          ignore_invalid_triggers=True, after_state_change="entered")  # fmt: skip
        for i in range(STATES):
            machine.add_transition("tick", f"s{i}", f"s{(i + 1) % STATES}", conditions="ready_up")
            machine.add_transition("tick", f"s{i}", f"s{(i - 1) % STATES}", conditions="ready_down")
            for event, target in _told(r, i):
                machine.add_transition(event, f"s{i}", f"s{target}")
                if model not in listeners.setdefault(event, []):
                    listeners[event].append(model)
    for event in events:
        what, number = event[:-1], event[-1]
        if event == "tick":
            for model in models:
                model.now += 1
                model.trigger("tick")  # type: ignore[attr-defined]
        elif what == "shock":
            for model in listeners[event]:
                model.trigger(event)  # type: ignore[attr-defined]
        else:
            model = models[int(number)]
            model.on = what == "start"
            if what == "start":
                model.trigger(event)  # type: ignore[attr-defined]
            model.trigger("tick")  # type: ignore[attr-defined]
        yield tuple(int(model.state[1:]) for model in models)


def by_simpy(events: Script) -> Iterator[Configuration]:
    """A process of simpy for each region, interrupted by what concerns it, with simpy's own timeouts."""
    import simpy

    environment = simpy.Environment()
    states, on = [0] * REGIONS, [False] * REGIONS
    told = {(r, i): dict(_told(r, i)) for r in range(REGIONS) for i in range(STATES)}

    def live(r: int) -> Iterator[Any]:
        entered = 0
        while True:
            state, now = states[r], environment.now
            due = entered + (better(r, state) if on[r] else worse(r, state))
            try:
                yield environment.timeout(max(0, due - now))
                states[r] = (state + (1 if on[r] else -1)) % STATES
            except simpy.Interrupt as interrupt:
                target = told[r, state].get(interrupt.cause)
                if target is None:
                    continue
                states[r] = target
            entered = environment.now

    processes = [environment.process(live(r)) for r in range(REGIONS)]
    concerned = {event: [r for r in range(REGIONS) if (event[-1] == str(r) and not event.startswith("shock"))
                         or any(event in told[r, i] for i in range(STATES))] for event in set(events)}  # fmt: skip
    environment.run(until=environment.timeout(0))
    for event in events:
        if event == "tick":
            environment.run(until=environment.timeout(1))
        else:
            if not event.startswith("shock"):
                on[int(event[-1])] = event.startswith("start")
            for r in concerned[event]:
                processes[r].interrupt(event)
        while environment.peek() <= environment.now:
            environment.step()
        yield tuple(states)


# --- the section ------------------------------------------------------------------------------------------------

PEERS = {"sismic": by_sismic, "transitions": by_transitions, "simpy": by_simpy}


def section() -> Section:
    """Check that all agree, race them, and say what came out."""
    from benchmarks.peers import here, version

    events = script()
    peers = {name: step for name, step in PEERS.items() if here(name)}
    expected = list(itertools.islice(by_patient(events), CHECKED))
    for name, step in {"session": by_session, **peers}.items():
        assert list(itertools.islice(step(events), CHECKED)) == expected, f"{name} is in another configuration"
    program, plan = compile_program(chart_of_ours()), Plan(follows=False, moves=tuple(moves(events)))
    _check_kernel(events)

    def all_of(step: Callable[[Script], Iterator[Configuration]], count: int) -> Callable[[], int]:
        return lambda: sum(1 for _ in step(events[:count]))

    work: dict[str, Callable[[], int]] = {
        "ours, compiled kernel": lambda: len(run(program, [1], plan)) * EVENTS,
        "ours, chart alone": all_of(by_patient, EVENTS),
        "ours, whole session": all_of(by_session, EVENTS),
        **{f"{name} {version(name)}": all_of(step, 4_000 if name == "sismic" else EVENTS)
           for name, step in peers.items()},
    }  # fmt: skip
    taken = race(work)
    ours = taken["ours, chart alone"].median
    made = Section(
        "1. Stepping a small chart",
        f"4 concurrent regions of 6 states, 12 named events and a tick, a script of {EVENTS:,} events; every engine "
        f"is in the same configuration after each of the first {CHECKED:,} ({len(set(expected))} distinct ones). "
        "*Chart alone* does what the others do; *whole session* adds rules, the learner's knowledge, the log and the "
        "readout; the kernel plays the script from its list of moves.",
        ("engine", "events a second, median [range]", "chart alone is so many times as fast"),
    )
    made.rows = [(name, timing.rate(), f"{timing.median / ours:.3g}") for name, timing in taken.items()]
    for name, timing in taken.items():
        if name.startswith("sismic"):
            session, kernel = taken["ours, whole session"].median, taken["ours, compiled kernel"].median
            ratios = [timing.median / seconds for seconds in (ours, session, kernel)]
            made.targets.append(Target("our engine steps the chart at least 30 times as fast as sismic",
                                       f"{ratios[0]:.0f} times for the chart alone", ratios[0] >= 30))  # fmt: skip
            made.notes.append(f"A whole session does {ratios[1]:.1f} times, the kernel {ratios[2]:,.0f} times as many "
                              "events a second as sismic.")  # fmt: skip
    made.notes += [f"{name}: not installed, not measured." for name in PEERS if name not in peers]
    return made


def _check_kernel(events: Script) -> None:
    """The kernel enters the same states in the same minutes as a session."""
    short = events[:2_000]
    scenario = chart_of_ours()
    session = Session(scenario, 1)
    for move in moves(short):
        session.apply(move)
    plan = Plan(follows=False, moves=tuple(moves(short)))
    from sim.engine.kernel.program import written_by

    session.apply(Wait(None))
    assert tape(compile_program(scenario), 1, plan) == written_by(session)
