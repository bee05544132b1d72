"""One arm of a cohort: a case and how its patients are treated, and the lives that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, Wait
from sim.case.quantities import DAY
from sim.case.search import resolve
from sim.engine.kernel import NOT_MET, PATHWAY, Plan, Program, compile_program, plan_of, run
from sim.engine.log import StateEntered
from sim.engine.policy import play, policy
from sim.engine.session import Session
from sim.engine.version import ENGINE


@dataclass(frozen=True, slots=True)
class Life:
    """How one patient's case went. `dead`: an outcome ended it whose ending is worth nothing."""

    seed: int
    at: int
    """Minute of the end."""
    outcome: str
    """The ending's id."""
    utility: float
    dead: bool
    met: dict[str, int]
    """Milestone to its first minute, for those that came."""


@dataclass(slots=True)
class Arm:
    """A case and how its patients are played; what a worker needs to know besides seeds.

    Make it with `arm`. It can travel: what was compiled stays behind and is made again where it is needed.
    """

    scenario: Scenario
    plan: Plan | None
    """None: the policy `named`, played by sessions."""
    named: str = "pathway"
    until: int | None = None
    milestones: tuple[str, ...] = ()
    _program: Program | None = field(default=None, repr=False)

    @property
    def program(self) -> Program:
        """The case, compiled."""
        if self._program is None:
            self._program = compile_program(self.scenario)
        return self._program

    @property
    def horizon(self) -> int:
        """The minute at which patients are followed no longer."""
        return self.scenario.case.horizon if self.until is None else self.until

    def __getstate__(self) -> tuple[object, ...]:
        return (self.scenario, self.plan, self.named, self.until, self.milestones)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.scenario, self.plan, self.named, self.until, self.milestones = state
        self._program = None

    def lives(self, seeds: Sequence[int]) -> tuple[Life, ...]:
        """Return the life of every seed, in their order. Raises ValueError for a milestone that is none."""
        if self.plan is None:
            return tuple(self._in_session(seed) for seed in seeds)
        played = run(self.program, seeds, self.plan, horizon=self.until, milestones=self.milestones)
        lost = {e.id for e in self.scenario.case.endings if e.utility == 0}
        return tuple(
            Life(
                seed=seed,
                at=played.end[i],
                outcome=played.endings[played.ending[i]],
                utility=played.utility[i],
                dead=played.outcome[i] >= 0 and played.endings[played.ending[i]] in lost,
                met={name: minutes[i] for name, minutes in played.met.items() if minutes[i] != NOT_MET},
            )
            for i, seed in enumerate(seeds)
        )

    def _in_session(self, seed: int) -> Life:
        session = Session(self.scenario, seed, horizon=self.until, chart=self.program.chart)
        play(session, policy(self.named, lambda order: resolve(self.scenario.catalogue, order)))
        return life_of(session, self.milestones)


def life_of(session: Session, milestones: Sequence[str] = ()) -> Life:
    """Return the life that a session has played to its end."""
    ended = session.snapshot().ended
    assert ended is not None, "only a case that is over is a life"
    lost = {e.id for e in session.scenario.case.endings if e.utility == 0}
    met: dict[str, int] = {}
    for event in session.log:
        if isinstance(event, StateEntered):
            met.setdefault(f"{event.region}.{event.state}", event.at)
    for kind, first in (("order", session.knowledge.first_ordered), ("result", session.knowledge.first_resulted)):
        met |= {f"{kind}:{order}": max(at, 0) for order, at in first.items()}
    return Life(
        seed=session.seed,
        at=ended.at,
        outcome=ended.ending,
        utility=ended.utility,
        dead=ended.why == "outcome" and ended.ending in lost,
        met={name: met[name] for name in milestones if name in met},
    )


def arm(
    scenario: Scenario, policy: str = "pathway", *, moves: Sequence[Move] | None = None, skip: Sequence[str] = (),
    until: int | None = None, milestones: Sequence[str] | None = None,
) -> Arm:  # fmt: skip
    """Return an arm: its patients are treated by `moves`, if any, else under a policy, without the steps `skip`.

    `until` (minutes) takes the place of the case's horizon; without `milestones` they are `milestones_of` the case.
    Raises ValueError for an unknown policy, order or step.
    """
    wanted = milestones_of(scenario) if milestones is None else tuple(milestones)
    if moves is not None:
        plan: Plan | None = Plan(follows=False, moves=tuple(moves))
    elif policy == "pathway":
        plan = replace(PATHWAY, skip=frozenset(skip))
    elif policy == "random":
        plan = None
    elif policy.startswith("repeat:"):
        plan = _repeating(scenario, policy.removeprefix("repeat:"), until)
    else:
        plan = plan_of(policy, scenario)
    return Arm(scenario, plan, policy, until, wanted)


def _repeating(scenario: Scenario, words: str, until: int | None) -> Plan:
    order = resolve(scenario.catalogue, words)
    if order is None:
        raise ValueError(f"no order is called {words!r}")
    days = (scenario.case.horizon if until is None else until) // DAY + 1
    return Plan(follows=False, moves=(PlaceOrder(order), Wait(DAY)) * days)


def milestones_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the states of a case whose entry is worth a date: outcomes, and those that somebody calls about."""
    return tuple(
        f"{region_id}.{state_id}"
        for region_id, region in scenario.disease.regions.items()
        for state_id, state in region.states.items()
        if state.outcome or any(t.call is not None and t.target == state_id for t in region.transitions)
    )


def played_by(chosen: Arm, seeds: Sequence[int]) -> tuple[int, tuple[Life, ...]]:
    """Return the engine's version with the lives of a batch: what a worker elsewhere is asked for."""
    return ENGINE, chosen.lives(seeds)
