"""What of a long debrief is told in few lines: the first and worst in full, the rest by name or by number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from scoring.debrief.model import Passage

Item = TypeVar("Item")

_RANKS = {"critical": 0, "major": 1, "minor": 2}


def split(items: Sequence[Item], most: int) -> tuple[Sequence[Item], Sequence[Item]]:
    """Return the first `most` items and the rest; one more than `most` is told too, for counting it saves nothing."""
    cut = len(items) if len(items) <= most + 1 else most
    return items[:cut], items[cut:]


def worst(items: Sequence[Item], most: int, severity: Callable[[Item], str]) -> tuple[list[Item], list[Item]]:
    """Return the `most` severest items and the rest, both in the order in which they came."""
    ranked = sorted(items, key=lambda item: _RANKS.get(severity(item), len(_RANKS)))
    told, _ = split(ranked, most)
    return [i for i in items if any(i is t for t in told)], [i for i in items if all(i is not t for t in told)]


def numbered(names: Iterable[str], most: int | None = None) -> str:
    """Return names in the order of their first appearance, each once, with its number of times where it is above 1.

    Of more than `most` names (None: all are told) the rest is counted.
    """
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    told, rest = split(list(counts), len(counts) if most is None else most)
    more = [f"{len(rest)} more"] if rest else []
    return "; ".join([*(name + (f" ({counts[name]} times)" if counts[name] > 1 else "") for name in told), *more])


def passages_text(passages: Sequence[Passage], moment: Callable[[int], str], most: int) -> str:
    """Return a region's course in words: if it is longer than `most`, its beginning, how often it changed, its end."""
    told = [f"{passage.state} ({moment(passage.at)})" for passage in passages]
    if len(told) > most + 1:
        start, end = told[: most - 1], told[-1]
        seen = numbered(passage.state for passage in passages[most - 1 : -1])
        told = [*start, f"in turn {seen}", f"at the end {end}"]
    return ", then ".join(told)
