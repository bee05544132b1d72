"""Optimal alignment of an ordered list of events to a partial order of steps, with alternatives.

An event may be matched to one of the steps it fulfils, a step to one event. A set of matches is consistent when,
for any two matched steps of which one comes before the other in the *transitive closure* of the order, the earlier
step's event is not after the later step's event (equal ranks, such as the same minute, count as before). A step
that is not matched constrains nobody by itself, but what stands before it still comes before what stands after it.

The best consistent set is found exactly: matches are the vertices of a conflict graph, kept as bitsets, and the
heaviest set without a conflict is searched for, component by component, by branch and bound with a cover of
cliques as the bound. With every gain 2 (1 for optional steps) this is the classical unit-cost alignment: each
event left over costs one log move, each required step left over one model move.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


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

    return PartialOrder(tuple(tuple(_bits(close(step))) for step in range(len(after))))


@dataclass(frozen=True, slots=True)
class Match:
    """A possible match: this event, for this step, is worth `gain` (above 0)."""

    event: int
    step: int
    gain: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """The best alignment: for each step the position of its event, or None; and the unit cost where asked for."""

    matched: tuple[int | None, ...]
    cost: int = 0
    """Log moves plus model moves."""


def align(
    order: PartialOrder,
    events: Sequence[Sequence[int]],
    *,
    ranks: Sequence[int] | None = None,
    optional: Collection[int] = (),
) -> Alignment:
    """Return an alignment of least unit cost. `events` lists for each event, in order, the steps it fulfils.

    `ranks` (not decreasing) says which events are simultaneous; without it none are. Skipping a step in
    `optional` costs nothing.
    """
    pairs = [(event, step) for event, steps in enumerate(events) for step in steps]
    gains = [1 if step in optional else 2 for _, step in pairs] if optional else [2] * len(pairs)
    chosen = _heaviest(pairs, _conflicts(order, pairs, ranks), gains)
    matched: list[int | None] = [None] * order.size
    saved = 0
    for index in _bits(chosen):
        matched[pairs[index][1]] = pairs[index][0]
        saved += gains[index]
    return Alignment(tuple(matched), len(events) + order.size - len(set(optional)) - saved)


def align_by_gain(order: PartialOrder, matches: Sequence[Match], ranks: Sequence[int]) -> Alignment:
    """Return a consistent set of matches of the greatest total gain. `ranks` gives each event's rank.

    Among events that gain a step the same, the step gets the earliest that fits the others.
    """
    ordered = sorted(matches, key=lambda m: (ranks[m.event], m.event, m.step))
    pairs = [(m.event, m.step) for m in ordered]
    by_pair = [ranks[event] for event, _ in pairs]
    conflicts = _conflicts(order, pairs, None, by_pair)
    chosen = _heaviest(pairs, conflicts, [m.gain for m in ordered])
    chosen = _earliest(ordered, conflicts, chosen)
    matched: list[int | None] = [None] * order.size
    for index in _bits(chosen):
        matched[ordered[index].step] = ordered[index].event
    return Alignment(tuple(matched))


def _earliest(matches: Sequence[Match], conflicts: Sequence[int], chosen: int) -> int:
    """Move each chosen match to the step's earliest event of equal gain that fits, until none moves."""
    moved = True
    while moved:
        moved = False
        for index in _bits(chosen):
            match, others = matches[index], chosen & ~(1 << index)
            for earlier in range(index):
                same = matches[earlier].step == match.step and matches[earlier].gain == match.gain
                if same and not conflicts[earlier] & others:
                    chosen, moved = others | 1 << earlier, True
                    break
    return chosen


def _bits(mask: int) -> list[int]:
    found: list[int] = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def _conflicts(
    order: PartialOrder,
    pairs: Sequence[tuple[int, int]],
    ranks: Sequence[int] | None,
    by_pair: Sequence[int] | None = None,
) -> list[int]:
    """Return for each pair the pairs it cannot stand with. Pairs come in order of rank, then of event."""
    if by_pair is None and ranks is not None:
        by_pair = [ranks[event] for event, _ in pairs]
    ancestors = order.ancestors
    conflicts = [0] * len(pairs)
    below, own = [0] * order.size, [0] * order.size  # earlier pairs of the step's successors, and of itself
    late: list[tuple[int, int]] = []  # pairs of the rank at hand: not yet earlier than anything
    now, event_now, same_event = -1, -1, 0
    for index, (event, step) in enumerate(pairs):
        rank = event if by_pair is None else by_pair[index]
        if rank != now:
            for bit, was in late:
                for ancestor in ancestors[was]:
                    below[ancestor] |= bit
            late.clear()
            now = rank
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


def _heaviest(pairs: Sequence[tuple[int, int]], conflicts: list[int], gains: list[int]) -> int:
    """Return, as a bitset, the heaviest set of vertices of which no two are in conflict."""
    chosen, free = 0, 0
    for index, against in enumerate(conflicts):
        if against:
            free |= 1 << index
        else:
            chosen |= 1 << index
    while free:
        part = _component(conflicts, free)
        free &= ~part
        chosen |= _best_of(pairs, conflicts, gains, part)
    return chosen


def _component(conflicts: list[int], free: int) -> int:
    part, edge = 0, free & -free
    while edge:
        part |= edge
        reached = 0
        while edge:
            low = edge & -edge
            reached |= conflicts[low.bit_length() - 1]
            edge ^= low
        edge = reached & free & ~part
    return part


def _best_of(pairs: Sequence[tuple[int, int]], conflicts: list[int], gains: list[int], part: int) -> int:
    """Search one component exactly; equals are settled by the order of the search, which is fixed."""
    members = _bits(part)
    if all(conflicts[v] | 1 << v == part for v in members):  # they all exclude one another
        return 1 << max(members, key=lambda v: (gains[v], -v))
    part = _undominated(conflicts, gains, members, part)
    best_set = _greedy(conflicts, gains, part)
    best = sum(gains[v] for v in _bits(best_set))

    def search(free: int, value: int, taken: int) -> None:
        nonlocal best, best_set
        if value > best:
            best, best_set = value, taken
        order, bounds = _cover(conflicts, gains, free)
        if not order or value + bounds[-1] <= best or value + _ceiling(pairs, gains, order) <= best:
            return
        for index in range(len(order) - 1, -1, -1):
            if value + bounds[index] <= best:
                return
            vertex = order[index]
            search(free & ~conflicts[vertex] & ~(1 << vertex), value + gains[vertex], taken | 1 << vertex)
            free &= ~(1 << vertex)

    search(part, 0, 0)
    return best_set


def _greedy(conflicts: list[int], gains: list[int], part: int) -> int:
    """A good start: the heaviest vertex, of equals the one with the fewest conflicts, as long as any is free."""
    taken = 0
    for vertex in sorted(_bits(part), key=lambda v: (-gains[v], (conflicts[v] & part).bit_count())):
        if not conflicts[vertex] & taken:
            taken |= 1 << vertex
    return taken


def _ceiling(pairs: Sequence[tuple[int, int]], gains: list[int], vertices: Sequence[int]) -> int:
    """What the vertices can gain at most, as so many events can serve only so many steps, each at its heaviest.

    It is exact where several steps ask for the same order, which a cover of cliques alone bounds badly.
    """
    events: dict[int, int] = {}
    steps: dict[int, int] = {}
    for vertex in vertices:
        event, step = pairs[vertex]
        gain = gains[vertex]
        if gain > events.get(event, 0):
            events[event] = gain
        if gain > steps.get(step, 0):
            steps[step] = gain
    few = min(len(events), len(steps))
    by_event, by_step = sorted(events.values(), reverse=True), sorted(steps.values(), reverse=True)
    return min(sum(by_event[:few]), sum(by_step[:few]))


def _undominated(conflicts: list[int], gains: list[int], members: list[int], part: int) -> int:
    """Drop each vertex that a conflicting one can always replace: at least its gain, and no conflict more."""
    for vertex in members:
        against = conflicts[vertex] & part
        for other in _bits(against):
            if gains[other] >= gains[vertex] and not (conflicts[other] & part & ~against & ~(1 << vertex)):
                part &= ~(1 << vertex)
                break
    return part


def _cover(conflicts: list[int], gains: list[int], free: int) -> tuple[list[int], list[int]]:
    """Cover `free` with cliques; return its vertices and, for each, what all up to it can gain at most.

    Of a clique only one vertex can be taken, so its heaviest bounds it.
    """
    order: list[int] = []
    bounds: list[int] = []
    full = 0
    while free:
        heaviest, clique = 0, free
        while clique:
            low = clique & -clique
            vertex = low.bit_length() - 1
            free ^= low
            clique = (clique ^ low) & conflicts[vertex]
            if gains[vertex] > heaviest:
                heaviest = gains[vertex]
            order.append(vertex)
            bounds.append(full + heaviest)
        full += heaviest
    return order, bounds
