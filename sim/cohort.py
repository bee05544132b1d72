"""Cohorts: the patients of many seeds, played the same way, on one core, on all or on a Dask cluster.

A life depends on its seed and nothing else, so it does not matter who plays it: every way gives the same numbers, and
they are those of `scurfy replay`. `sim.engine.kernel` plays; what it has no plan for (the random policy) is played by
sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sim.case.model import Library
from sim.case.moves import Finish, Move, PlaceOrder, Wait
from sim.case.search import resolve
from sim.cores import cores, shared
from sim.engine.kernel import NOT_MET, PATHWAY, Plan, Program, compile_program, plan_of, run
from sim.engine.log import StateEntered
from sim.engine.policy import DAY, play, policy
from sim.engine.session import IllegalMove, Session
from sim.engine.version import ENGINE

LEAST_BATCH: Final = 25
"""Fewer lives are not worth sending anywhere."""
MOST_BATCHES: Final = 64

Progress = Callable[[int], None]
"""Told how many more lives are over."""


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
class Way:
    """A case and how its patients are played; what a worker needs to know besides seeds.

    Make it with `way`. It can travel: what was compiled stays behind and is made again where it is needed.
    """

    library: Library
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
            self._program = compile_program(self.library)
        return self._program

    @property
    def horizon(self) -> int:
        """The minute at which patients are followed no longer."""
        return self.library.case.horizon if self.until is None else self.until

    def __getstate__(self) -> tuple[object, ...]:
        return (self.library, self.plan, self.named, self.until, self.milestones)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.library, self.plan, self.named, self.until, self.milestones = state
        self._program = None

    def lives(self, seeds: Sequence[int]) -> tuple[Life, ...]:
        """Return the life of every seed, in their order. Raises ValueError for a milestone that is none."""
        if self.plan is None:
            return tuple(self._in_session(seed) for seed in seeds)
        played = run(self.program, seeds, self.plan, horizon=self.until, milestones=self.milestones)
        lost = {e.id for e in self.library.case.endings if e.utility == 0}
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
        session = Session(self.library, seed, horizon=self.until, chart=self.program.chart)
        play(session, policy(self.named, lambda order: resolve(self.library.catalogue, order)))
        return life_of(session, self.milestones)


def life_of(session: Session, milestones: Sequence[str] = ()) -> Life:
    """Return the life that a session has played to its end."""
    ended = session.snapshot().ended
    assert ended is not None, "only a case that is over is a life"
    lost = {e.id for e in session.library.case.endings if e.utility == 0}
    met: dict[str, int] = {}
    for event in session.log:
        if isinstance(event, StateEntered):
            met.setdefault(f"{event.region}.{event.state}", event.at)
    for kind, first in (("order", session.knowledge.first_ordered), ("result", session.knowledge.first_resulted)):
        met |= {f"{kind}:{order}": at for order, at in first.items()}
    return Life(
        seed=session.seed,
        at=ended.at,
        outcome=ended.ending,
        utility=ended.utility,
        dead=ended.why == "outcome" and ended.ending in lost,
        met={name: met[name] for name in milestones if name in met},
    )


def way(
    library: Library, policy: str = "pathway", *, moves: Sequence[Move] | None = None, skip: Sequence[str] = (),
    until: int | None = None, milestones: Sequence[str] | None = None,
) -> Way:  # fmt: skip
    """Return a way to play: by `moves` if there are any, else under a policy, its pathway without the steps `skip`.

    `until` (minutes) takes the place of the case's horizon; without `milestones` they are `milestones_of` the case.
    Raises ValueError for an unknown policy, order or step.
    """
    wanted = milestones_of(library) if milestones is None else tuple(milestones)
    if moves is not None:
        plan: Plan | None = Plan(follows=False, moves=(*moves, Finish()))
    elif policy == "pathway":
        plan = replace(PATHWAY, skip=frozenset(skip))
    elif policy == "random":
        plan = None
    elif policy.startswith("repeat:"):
        plan = _repeating(library, policy.removeprefix("repeat:"), until)
    else:
        plan = plan_of(policy, library)
    return Way(library, plan, policy, until, wanted)


def _repeating(library: Library, words: str, until: int | None) -> Plan:
    order = resolve(library.catalogue, words)
    if order is None:
        raise ValueError(f"no order is called {words!r}")
    days = (library.case.horizon if until is None else until) // DAY + 1
    return Plan(follows=False, moves=(PlaceOrder(order), Wait(DAY)) * days)


def milestones_of(library: Library) -> tuple[str, ...]:
    """Return the states of a case whose entry is worth a date: outcomes, and those that somebody calls about."""
    return tuple(
        f"{region_id}.{state_id}"
        for region_id, region in library.disease.regions.items()
        for state_id, state in region.states.items()
        if state.outcome or any(t.call is not None and t.target == state_id for t in region.transitions)
    )


def follow(
    chosen: Way, seeds: Sequence[int], *, workers: int | None = None, dask: str | None = None,
    progress: Progress | None = None,
) -> tuple[Life, ...]:  # fmt: skip
    """Return the lives of all seeds, in their order.

    `workers` cores share them (None: as many as pay), or the cluster at the address `dask`. Raises Trouble where that
    needs something which is not installed or cannot be reached, and for another engine on the cluster.
    """
    told = progress or (lambda count: None)
    batches = _batches(seeds)
    if dask is not None:
        from sim.cluster import played_on

        played: Iterator[tuple[Life, ...]] = played_on(dask, chosen, batches, told)
    else:
        played = _played_here(chosen, batches, _workers(workers, len(batches)), told)
    return tuple(life for batch in played for life in batch)


def _batches(seeds: Sequence[int]) -> tuple[Sequence[int], ...]:
    size = max(LEAST_BATCH, -(-len(seeds) // MOST_BATCHES))
    return tuple(seeds[first : first + size] for first in range(0, len(seeds), size))


def _workers(asked: int | None, batches: int) -> int:
    if asked is None:
        return min(cores(None), batches) if batches >= MOST_BATCHES else 1
    return cores(asked)


def _played_here(
    chosen: Way, batches: Sequence[Sequence[int]], workers: int, told: Progress
) -> Iterator[tuple[Life, ...]]:
    compiled = workers > 1 and chosen.plan is not None and chosen.program.compiled
    for batch in shared(chosen.lives, batches, workers, threads=compiled):
        told(len(batch))
        yield batch


def first_of(library: Library, moves: Sequence[Move], seed: int, until: int | None = None) -> None:
    """Play one patient by moves as `replay` does. Raises IllegalMove, saying which, for one that cannot be made.

    A cohort leaves out what is not possible for some patient; what is not possible for the first is a mistake.
    """
    session = Session(library, seed, horizon=until)
    for number, move in enumerate(moves, 1):
        if session.ended:
            return
        try:
            session.apply(move)
        except IllegalMove as refusal:
            raise IllegalMove(f"move {number} cannot be made at minute {session.now}: {refusal}") from refusal


def played_by(chosen: Way, seeds: Sequence[int]) -> tuple[int, tuple[Life, ...]]:
    """Return the engine's version with the lives of a batch: what a worker elsewhere is asked for."""
    return ENGINE, chosen.lives(seeds)
