"""Optimal alignment of an ordered list of events to a partial order of steps, with alternatives.

An event may be matched to one of the steps it fulfils, a step to one event. A set of matches is consistent when,
for any two matched steps of which one comes before the other in the *transitive closure* of the order, the earlier
step's event is not after the later step's event (equal ranks, such as the same minute, count as before). A step
that is not matched constrains nobody by itself, but what stands before it still comes before what stands after it.

The best consistent set is a maximum-weight independent set, found exactly by `scoring.assess.independent_set`. With
every gain 2 (1 for optional steps) it is the classical unit-cost alignment: each event left over costs one log move,
each required step left over one model move.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from scoring.assess.independent_set import Vertices, bits, heaviest


@dataclass(frozen=True, slots=True)
class PartialOrder:
    """Steps 0 to n-1 and, for each, every step that must come before it, directly or through others."""

    ancestors: tuple[tuple[int, ...], ...]

    @property
    def size(self) -> int:
        """How many steps there are."""
        return len(self.ancestors)


def partial_order(after: Sequence[Collection[int]]) -> PartialOrder:
    """Return the transitive closure of `after`, which lists for each step the steps directly before it.

    Raises ValueError when the steps run in a circle.
    """
    masks = [0] * len(after)
    done, busy = 0, 0

    def close(step: int) -> int:
        nonlocal done, busy
        bit = 1 << step
        if busy & bit:
            raise ValueError(f"expected a partial order, found a circle through step {step}")
        if not done & bit:
            busy |= bit
            for earlier in after[step]:
                masks[step] |= close(earlier) | 1 << earlier
            busy ^= bit
            done |= bit
        return masks[step]

    return PartialOrder(tuple(tuple(bits(close(step))) for step in range(len(after))))


@dataclass(frozen=True, slots=True)
class Match:
    """A possible match: this event, for this step, is worth `gain` (above 0)."""

    event: int
    step: int
    gain: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """The best alignment: for each step the position of its event, or None."""

    matched: tuple[int | None, ...]
    proved: bool = True
    """Whether the search came to its end, so that nothing better exists."""


def align_by_gain(order: PartialOrder, matches: Sequence[Match], ranks: Sequence[int]) -> Alignment:
    """Return a consistent set of matches of the greatest total gain. `ranks` gives each event's rank.

    Of equals, the step that comes first in the order is kept, with its earliest event.
    """
    ordered = sorted(matches, key=lambda m: (ranks[m.event], m.event, m.step))
    vertices = vertices_of(order, [(m.event, m.step) for m in ordered], ranks, [m.gain for m in ordered])
    chosen, proved = heaviest(vertices)
    return Alignment(_matched(order, vertices, _settled(vertices, chosen)), proved)


def vertices_of(
    order: PartialOrder, pairs: Sequence[tuple[int, int]], ranks: Sequence[int], gains: Sequence[int]
) -> Vertices:
    """Return the possible matches (event, step), which come in order of rank, as vertices of the conflict graph."""
    events, steps = [event for event, _ in pairs], [step for _, step in pairs]
    by_pair = [ranks[event] for event in events]
    return Vertices(steps, events, by_pair, gains, _conflicts(order, pairs, by_pair), order.ancestors)


def _matched(order: PartialOrder, vertices: Vertices, chosen: int) -> tuple[int | None, ...]:
    """Each step's event."""
    matched: list[int | None] = [None] * order.size
    for index in bits(chosen):
        matched[vertices.steps[index]] = vertices.events[index]
    return tuple(matched)


def _settled(of: Vertices, chosen: int) -> int:
    """Settle equals: let a match of an earlier step, or of an earlier event, take the place of an equal one."""

    def place(index: int) -> tuple[int, int, int]:
        return len(of.ancestors[of.steps[index]]), of.steps[index], of.events[index]

    ranked = sorted(range(len(of.steps)), key=place)
    moved = True
    while moved:  # it ends: every exchange moves one match forward
        moved = False
        for index in ranked:
            against = of.conflicts[index] & chosen
            other = against.bit_length() - 1
            alone = against != 0 and against == 1 << other
            if alone and of.gains[index] == of.gains[other] and place(index) < place(other):
                chosen, moved = chosen & ~against | 1 << index, True
    return chosen


def _conflicts(order: PartialOrder, pairs: Sequence[tuple[int, int]], ranks: Sequence[int]) -> list[int]:
    """Return for each pair the pairs it cannot stand with. Pairs come in order of rank, then of event."""
    ancestors = order.ancestors
    conflicts = [0] * len(pairs)
    below, own = [0] * order.size, [0] * order.size  # earlier pairs of the step's successors, and of itself
    late: list[tuple[int, int]] = []  # pairs of the rank at hand: not yet earlier than anything
    now, event_now, same_event = -1, -1, 0
    for index, (event, step) in enumerate(pairs):
        if ranks[index] != now:
            for bit, was in late:
                for ancestor in ancestors[was]:
                    below[ancestor] |= bit
            late.clear()
            now = ranks[index]
        if event != event_now:
            event_now, same_event = event, 0
        bit = 1 << index
        early = below[step] | own[step] | same_event
        if early:
            conflicts[index] = early
            while early:
                low = early & -early
                conflicts[low.bit_length() - 1] |= bit
                early ^= low
        own[step] |= bit
        same_event |= bit
        late.append((bit, step))
    return conflicts
