"""Cohorts: the patients of many seeds, played the same way, on one core, on all or on a Dask cluster.

A life depends on its seed and nothing else, so it does not matter who plays it: every way gives the same numbers, and
they are those of `scurfy replay`. `sim.engine.kernel` plays; what it has no plan for (the random policy) is played by
sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sim.case.model.scenario import Scenario
from sim.case.moves import Move
from sim.cohorts.arm import Arm, Life
from sim.cohorts.local import cores, shared
from sim.engine.session import IllegalMove, Session

LEAST_BATCH: Final = 25
"""Fewer lives are not worth sending anywhere."""
MOST_BATCHES: Final = 64

Progress = Callable[[int], None]
"""Told how many more lives are over."""


def follow(
    chosen: Arm, seeds: Sequence[int], *, workers: int | None = None, dask: str | None = None,
    progress: Progress | None = None,
) -> tuple[Life, ...]:  # fmt: skip
    """Return the lives of all seeds, in their order.

    `workers` cores share them (None: as many as pay), or the cluster at the address `dask`. Raises UserError where that
    needs something which is not installed or cannot be reached, and for another engine on the cluster.
    """
    told = progress or (lambda count: None)
    batches = _batches(seeds)
    if dask is not None:
        from sim.cohorts.dask import played_on

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
    chosen: Arm, batches: Sequence[Sequence[int]], workers: int, told: Progress
) -> Iterator[tuple[Life, ...]]:
    compiled = workers > 1 and chosen.plan is not None and chosen.program.compiled
    for batch in shared(chosen.lives, batches, workers, threads=compiled):
        told(len(batch))
        yield batch


def first_of(scenario: Scenario, moves: Sequence[Move], seed: int, until: int | None = None) -> None:
    """Play one patient by moves as `replay` does. Raises IllegalMove, saying which, for one that cannot be made.

    A cohort leaves out what is not possible for some patient; what is not possible for the first is a mistake.
    """
    session = Session(scenario, seed, horizon=until)
    for number, move in enumerate(moves, 1):
        if session.ended:
            return
        try:
            session.apply(move)
        except IllegalMove as refusal:
            raise IllegalMove(f"move {number} cannot be made at minute {session.now}: {refusal}") from refusal
