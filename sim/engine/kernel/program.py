"""Programs and cohorts: the kernel's small public face. It imports neither numpy nor numba until something runs."""

from __future__ import annotations

import importlib.util
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sim.case.model.scenario import Scenario
from sim.case.moves import Move
from sim.engine.chart import Chart, chart_of
from sim.engine.kernel.outcomes import NOT_MET, Outcomes
from sim.engine.kernel.plan import PATHWAY, Plan, check, moves_of, plan_of
from sim.engine.kernel.sessions import played, steps_done
from sim.engine.log import CaseEnded, OrderPlaced, StateEntered
from sim.engine.session import Session

if TYPE_CHECKING:
    from sim.engine.kernel.runner import Runner

_MASK = (1 << 64) - 1


@dataclass(frozen=True)
class Program:
    """A case made ready to be played many times. Make it with `compile_program`; share it between threads."""

    scenario: Scenario
    chart: Chart
    by_sessions: bool = False
    """Whether sessions play it though compiled code could."""

    def __reduce__(self) -> tuple[Callable[..., Program], tuple[Scenario, None, bool]]:
        return compile_program, (self.scenario, None, self.by_sessions)

    @cached_property
    def runner(self) -> Runner | None:
        """The compiled player; None where numba is missing or told not to compile, or the case is beyond its limits."""
        if self.by_sessions or not _compiles():
            return None
        from sim.engine.kernel.coding import TooMuch
        from sim.engine.kernel.runner import Runner

        try:
            return Runner(self.scenario, self.chart)
        except (TooMuch, ValueError):
            return None

    @property
    def compiled(self) -> bool:
        """Whether compiled code plays this case; otherwise sessions do, with the same result."""
        return self.runner is not None


def _compiles() -> bool:
    """Whether numba is there, and NUMBA_DISABLE_JIT does not keep it from compiling."""
    if importlib.util.find_spec("numba") is None:
        return False
    from numba import config

    return not config.DISABLE_JIT


@dataclass(frozen=True, slots=True)
class State:
    """A moment in one patient's life: the seed and the moves that lead there. `moves` of the learner, in order."""

    seed: int
    moves: tuple[Move, ...]
    horizon: int | None = None


def compile_program(scenario: Scenario, chart: Chart | None = None, by_sessions: bool = False) -> Program:
    """Return the program of a case. It costs little; machine code is made or fetched when the first cohort runs.

    `chart` saves compiling one that is at hand; `by_sessions` has sessions play even where numba is installed.
    """
    return Program(scenario, chart or chart_of(scenario), by_sessions)


def state_of(session: Session) -> State:
    """Return the present moment of a session that runs, to start cohorts from."""
    return State(session.seed, moves_of(session.log), session.horizon)


def run(
    program: Program, seeds: Iterable[int], plan: Plan | str = PATHWAY, *, horizon: int | None = None,
    start: State | None = None, fresh: bool = True, first_moves: Sequence[Move] = (), milestones: Sequence[str] = (),
) -> Outcomes:  # fmt: skip
    """Play every seed under one plan (or the name of one, see `plan_of`) and return how each came out.

    `start` begins in the middle of a life. There, with `fresh`, each seed is another future of that one patient:
    what has been drawn for stays, onsets and results on their way is kept, every hazard draws anew, which is exact
    because hazards remember nothing. Without `fresh` the patient's own fate goes on, and the seeds do not matter.
    `first_moves` are made before the plan; one that is not possible when it comes is left out.
    `milestones` are `region.state` (first entered), `order:ID` (first placed, a therapy first started; 0 for what was
    ordered before the opening), `result:ID`
    (first known), `step:ID` (done, by a follower of the pathway); or `fired:region.transition`, which is not a minute
    but how often the transition fired.

    Raises ValueError for a name the case does not have, and where `start` lies beyond the end of the case.
    """
    plan = plan_of(plan, program.scenario) if isinstance(plan, str) else plan
    plan = replace(plan, moves=tuple(first_moves) + plan.moves)
    check(plan, program.scenario)
    begin = None if start is None else (start.seed & _MASK, start.moves)
    if start is not None and horizon is None:
        horizon = start.horizon
    wanted = tuple(milestones)
    _check_milestones(program, wanted)
    numbers = _seeds(seeds)
    outcomes = _empty(program, numbers, wanted)
    runner = _runner(program, plan)
    left: Iterable[int] = range(len(numbers))
    if runner is not None and numbers:
        left = runner.run(outcomes, plan, horizon, begin, fresh)
    for place in left:
        session = played(program.scenario, program.chart, numbers[place], plan, horizon, begin, fresh)
        _enter(outcomes, place, session, plan)
    return outcomes


def _runner(program: Program, plan: Plan) -> Runner | None:
    """The compiled player of a plan. What follows the pathway with changes and then hands over to the whole of it is
    left to sessions."""
    return None if plan.hands_over and (plan.skip or plan.delay) else program.runner


def _seeds(seeds: Iterable[int]) -> array[int]:
    """Seeds as words of 64 bits; a row of small ones, the usual thing, is not looked at one by one."""
    if isinstance(seeds, range) and seeds and min(seeds[0], seeds[-1]) >= 0 and max(seeds[0], seeds[-1]) <= _MASK:
        return array("Q", seeds)
    return array("Q", (seed & _MASK for seed in seeds))


def trajectory(
    program: Program, seed: int, plan: Plan | str = PATHWAY, *, horizon: int | None = None,
    start: State | None = None, fresh: bool = True,
) -> list[tuple[int, str, str]]:  # fmt: skip
    """Return the true course of one seed: (minute, region, state) of every state entered, in order."""
    return [(at, *_parted(what)) for at, kind, what in tape(program, seed, plan, horizon=horizon, start=start,
                                                            fresh=fresh) if kind == "entered"]  # fmt: skip


def tape(
    program: Program, seed: int, plan: Plan | str = PATHWAY, *, horizon: int | None = None,
    start: State | None = None, fresh: bool = True,
) -> list[tuple[int, str, str]]:  # fmt: skip
    """Return what happened to one seed: (minute, 'entered', region.state) and (minute, 'placed', order), in order."""
    plan = plan_of(plan, program.scenario) if isinstance(plan, str) else plan
    check(plan, program.scenario)
    begin = None if start is None else (start.seed & _MASK, start.moves)
    if start is not None and horizon is None:
        horizon = start.horizon
    written = None
    if (runner := _runner(program, plan)) is not None:
        written = runner.tape(seed & _MASK, plan, horizon, begin, fresh)
    if written is None:
        written = written_by(played(program.scenario, program.chart, seed & _MASK, plan, horizon, begin, fresh))
    return written


def written_by(session: Session) -> list[tuple[int, str, str]]:
    """Return the tape of a session."""
    return [
        (e.at, "entered", f"{e.region}.{e.state}") if isinstance(e, StateEntered) else (e.at, "placed", e.order)
        for e in session.log
        if isinstance(e, (StateEntered, OrderPlaced))
    ]


def _parted(name: str) -> tuple[str, str]:
    region, _, state = name.partition(".")
    return region, state


def _check_milestones(program: Program, wanted: Sequence[str]) -> None:
    orders = program.scenario.catalogue.orders
    steps = {step.id for step in program.scenario.case.pathway}
    named = {"order": orders, "result": orders, "step": steps, "fired": _edge_names(program.chart)}
    states = set(_state_names(program.chart))
    for name in wanted:
        kind, _, what = name.partition(":")
        if name not in states and what not in named.get(kind, ()):
            expected = "'region.state', 'order:ID', 'result:ID', 'step:ID' or 'fired:region.transition'"
            raise ValueError(f"no milestone {name!r}: expected {expected}")


def _state_names(chart: Chart) -> tuple[str, ...]:
    return tuple(f"{region}.{state}" for region, states in zip(chart.regions, chart.states, strict=True)
                 for state in states)  # fmt: skip


def _edge_names(chart: Chart) -> set[str]:
    return {edge.id for edge in chart.edges}


def _empty(program: Program, seeds: array[int], wanted: Sequence[str]) -> Outcomes:
    count = len(seeds)
    return Outcomes(
        seeds=seeds,
        end=array("q", bytes(8 * count)),
        ending=array("q", bytes(8 * count)),
        utility=array("d", bytes(8 * count)),
        outcome=array("q", bytes(8 * count)),
        endings=tuple(ending.id for ending in program.scenario.case.endings),
        outcomes=_state_names(program.chart),
        met={name: array("q", bytes(8 * count)) for name in wanted},
    )


def _enter(outcomes: Outcomes, place: int, session: Session, plan: Plan) -> None:
    """Write how one session came out."""
    ended, log, knowledge = session.log[-1], session.log, session.knowledge
    assert isinstance(ended, CaseEnded)
    outcomes.end[place], outcomes.utility[place] = ended.at, ended.utility
    outcomes.ending[place] = outcomes.endings.index(ended.ending)
    entered = [(e.at, f"{e.region}.{e.state}") for e in log if isinstance(e, StateEntered)]
    outcomes.outcome[place] = outcomes.outcomes.index(entered[-1][1]) if ended.why == "outcome" else -1
    named = {"order": knowledge.first_ordered, "result": knowledge.first_resulted}
    if any(name.startswith("step:") for name in outcomes.met):
        named["step"] = steps_done(session.scenario, log, plan) if plan.looks else {}
    for name, minutes in outcomes.met.items():
        kind, _, what = name.partition(":")
        if kind == "fired":
            minutes[place] = sum(isinstance(e, StateEntered) and e.transition == what for e in log)
        elif kind in named:
            minutes[place] = max(named[kind][what], 0) if what in named[kind] else NOT_MET
        else:
            minutes[place] = next((at for at, state in entered if state == name), NOT_MET)
