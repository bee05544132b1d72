"""Alignment at unit cost, as in process mining: each event that fits nothing and each step left undone costs one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from scoring.assess.alignment import Match, PartialOrder, align_by_gain


@dataclass(frozen=True, slots=True)
class UnitCost:
    """An alignment of least cost: for each step the position of its event, or None."""

    matched: tuple[int | None, ...]
    cost: int


def align(
    order: PartialOrder, events: Sequence[Sequence[int]], *, ranks: Sequence[int] | None = None,
    optional: Collection[int] = (),
) -> UnitCost:  # fmt: skip
    """Align `events`, each given as the steps it fulfils; without `ranks` none are simultaneous.

    A match saves a move of the log and, unless its step is `optional`, one of the model.
    """
    gains = {(event, step): 1 if step in optional else 2 for event, steps in enumerate(events) for step in steps}
    matches = [Match(event, step, gain) for (event, step), gain in gains.items()]
    found = align_by_gain(order, matches, range(len(events)) if ranks is None else ranks)
    saved = sum(gains[event, step] for step, event in enumerate(found.matched) if event is not None)
    return UnitCost(found.matched, len(events) + order.size - len(set(optional)) - saved)
