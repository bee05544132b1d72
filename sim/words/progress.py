"""How far long work is: told to whoever asks, drawn by a face."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""Given what is done and in how many parts, a context whose value is told how many more parts are done."""


@contextmanager
def unseen(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show nothing."""
    yield lambda count: None
