"""Long work shared among the cores of this computer: the one door to joblib."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from sim.words.errors import UserError

Given = TypeVar("Given")
Got = TypeVar("Got")


def cores(asked: int | None) -> int:
    """Return how many are asked for; None: all of them where joblib is installed, which shares the work, else one.

    Raises UserError where several are asked for and it is not.
    """
    there = importlib.util.find_spec("joblib") is not None
    if asked is None:
        return (os.cpu_count() or 1) if there else 1
    if asked > 1 and not there:
        raise UserError(f"{asked} workers need joblib", "pip install 'scurfy[solve]', or --workers 1")
    return asked


def shared(
    work: Callable[[Given], Got], items: Iterable[Given], workers: int, *, threads: bool = False, ordered: bool = True
) -> Iterator[Got]:  # fmt: skip
    """Yield what the work gives for each item, in their order, or as it comes where that is not asked for.

    Threads are enough for work that lets go of Python's lock; nothing need travel then. One worker is no sharing.
    """
    if workers <= 1:
        yield from map(work, items)
        return
    import joblib

    several = joblib.Parallel(
        n_jobs=workers, prefer="threads" if threads else "processes",
        return_as="generator" if ordered else "generator_unordered",
    )  # fmt: skip
    yield from several(joblib.delayed(work)(item) for item in items)
