"""Cohorts: the patients of many seeds, played the same way, on one core, on all or on a Dask cluster.

A life depends on its seed and nothing else, so every way of playing it gives the same numbers, and they are those of
`scurfy replay`. Arms that play the same seeds are compared with common random numbers. `sim.engine.kernel`
plays; what it has no plan for (the random policy) is played by sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sim.cohorts.arm import Arm, Life
from sim.cohorts.local import cores, shared

LEAST_BATCH: Final = 25
"""Fewer lives are not worth sending anywhere."""
MOST_BATCHES: Final = 64

Progress = Callable[[int], None]
"""Called with how many more lives are over."""


def follow(
    chosen: Arm, seeds: Sequence[int], *, workers: int | None = None, dask: str | None = None,
    progress: Progress | None = None,
) -> tuple[Life, ...]:  # fmt: skip
    """Return the lives of all seeds, in their order.

    `workers` cores share them (None: as many as pay), or the cluster at the address `dask`. Raises UserError where that
    needs something which is not installed or cannot be reached, and for another engine on the cluster.
    """
    advance = progress or (lambda count: None)
    batches = _batches(seeds)
    if dask is not None:
        from sim.cohorts.dask import played_on

        played: Iterator[tuple[Life, ...]] = played_on(dask, chosen, batches, advance)
    else:
        played = _played_here(chosen, batches, _workers(workers, len(batches)), advance)
    return tuple(life for batch in played for life in batch)


def _batches(seeds: Sequence[int]) -> tuple[Sequence[int], ...]:
    size = max(LEAST_BATCH, -(-len(seeds) // MOST_BATCHES))
    return tuple(seeds[first : first + size] for first in range(0, len(seeds), size))


def _workers(asked: int | None, batches: int) -> int:
    if asked is None:
        return min(cores(None), batches) if batches >= MOST_BATCHES else 1
    return cores(asked)


def _played_here(
    chosen: Arm, batches: Sequence[Sequence[int]], workers: int, progress: Progress
) -> Iterator[tuple[Life, ...]]:
    compiled = workers > 1 and chosen.plan is not None and chosen.program.compiled
    for batch in shared(chosen.lives, batches, workers, threads=compiled):
        progress(len(batch))
        yield batch
