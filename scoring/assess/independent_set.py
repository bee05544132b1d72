"""Maximum-weight independent set by branch and bound: the search behind `scoring.assess.alignment`.

Matches are vertices, and a bitset for each says which others it excludes. What excludes nothing is taken at once;
the rest falls into components. A component is tried by branch and bound first, which settles nearly all of them in
a few steps. Where many steps ask for the same orders that search drowns in equals, and a sweep through time takes
over: it keeps, after each event, the best choice for every set of steps that can still be done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.parameters import SEARCH_BRANCHES, SWEEP_WIDTHS


@dataclass(frozen=True, slots=True)
class Vertices:
    """The possible matches, in order of rank, then of event."""

    steps: Sequence[int]
    events: Sequence[int]
    ranks: Sequence[int]
    gains: Sequence[int]
    conflicts: Sequence[int]
    """Bitset for each: the matches it cannot stand with."""
    ancestors: Sequence[Sequence[int]]
    """For each step, all that must come before it."""


def bits(mask: int) -> list[int]:
    """Return the positions of the set bits, lowest first."""
    found: list[int] = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def heaviest(
    of: Vertices, *, branches: int = SEARCH_BRANCHES, widths: Sequence[int] = SWEEP_WIDTHS
) -> tuple[int, bool]:
    """Return a heaviest set without a conflict, as a bitset, and whether it is proved to be one.

    The proof fails only beyond the last of `widths`, which no case comes near; the set is then the best found.
    """
    chosen, free, proved = 0, 0, True
    for index, against in enumerate(of.conflicts):
        if against:
            free |= 1 << index
        else:
            chosen |= 1 << index
    while free:
        part = _component(of.conflicts, free)
        free &= ~part
        best, sure = _best_of(of, part, branches, widths)
        chosen |= best
        proved &= sure
    return chosen, proved


def _component(conflicts: Sequence[int], free: int) -> int:
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


def _best_of(of: Vertices, part: int, branches: int, widths: Sequence[int]) -> tuple[int, bool]:
    members = bits(part)
    conflicts, gains = of.conflicts, of.gains
    if all(conflicts[v] | 1 << v == part for v in members):  # they all exclude one another
        return 1 << max(members, key=lambda v: (gains[v], -v)), True
    part = _undominated(conflicts, gains, members, part)
    best, finished = _branch(conflicts, gains, part, branches)
    return (best, True) if finished else _sweep_until_sure(of, bits(part), best, widths)


def _undominated(conflicts: Sequence[int], gains: Sequence[int], members: list[int], part: int) -> int:
    """Drop each vertex that one it conflicts with can always replace: at least its gain, and no conflict more."""
    for vertex in members:
        against = conflicts[vertex] & part
        for other in bits(against):
            if gains[other] >= gains[vertex] and not (conflicts[other] & part & ~against & ~(1 << vertex)):
                part &= ~(1 << vertex)
                break
    return part


# --- branch and bound ---------------------------------------------------------------------------------------


def _branch(conflicts: Sequence[int], gains: Sequence[int], part: int, left: int) -> tuple[int, bool]:
    """Search by branch and bound, in `left` branches at most; return the best set and whether it came to its end."""
    best_set = _greedy(conflicts, gains, part)
    best = sum(gains[v] for v in bits(best_set))

    def search(free: int, value: int, taken: int) -> None:
        nonlocal best, best_set, left
        if value > best:
            best, best_set = value, taken
        left -= 1
        order, bounds = _cover(conflicts, gains, free)
        for index in range(len(order) - 1, -1, -1):
            if value + bounds[index] <= best or left < 0:
                return
            vertex = order[index]
            search(free & ~conflicts[vertex] & ~(1 << vertex), value + gains[vertex], taken | 1 << vertex)
            free &= ~(1 << vertex)

    search(part, 0, 0)
    return best_set, left >= 0


def _greedy(conflicts: Sequence[int], gains: Sequence[int], part: int) -> int:
    """A good start: the heaviest vertex, of equals the one with the fewest conflicts, as long as any is free."""
    taken = 0
    for vertex in sorted(bits(part), key=lambda v: (-gains[v], (conflicts[v] & part).bit_count())):
        if not conflicts[vertex] & taken:
            taken |= 1 << vertex
    return taken


def _cover(conflicts: Sequence[int], gains: Sequence[int], free: int) -> tuple[list[int], list[int]]:
    """Cover `free` with cliques; return its vertices and, for each, what all up to it can gain at most.

    Of a clique only one vertex can be taken, so its heaviest bounds it.
    """
    order: list[int] = []
    bounds: list[int] = []
    full = 0
    while free:
        heaviest_of, clique = 0, free
        while clique:
            low = clique & -clique
            vertex = low.bit_length() - 1
            free ^= low
            clique = (clique ^ low) & conflicts[vertex]
            if gains[vertex] > heaviest_of:
                heaviest_of = gains[vertex]
            order.append(vertex)
            bounds.append(full + heaviest_of)
        full += heaviest_of
    return order, bounds


# --- the sweep through time ---------------------------------------------------------------------------------

_Chosen = tuple[int, int]
"""The set chosen so far, and its gain."""


def _sweep_until_sure(of: Vertices, members: list[int], start: int, widths: Sequence[int]) -> tuple[int, bool]:
    """Sweep wider and wider until nothing that could be best is dropped."""
    best = start, sum(of.gains[v] for v in bits(start))
    events = [[v for v in members if of.events[v] == event] for event in dict.fromkeys(of.events[v] for v in members)]
    for width in widths:
        best, sure = _sweep(of, events, width, best)
        if sure:
            return best[0], True
    return best[0], False


def _sweep(of: Vertices, events: list[list[int]], width: int, best: _Chosen) -> tuple[_Chosen, bool]:
    """Take the events one by one. A state is the steps that can still be done, and those that may not once the
    minute is over, because one that comes after them was done; of the sets that lead to a state the best is kept."""
    bounds = _upper_bounds(of, events)
    before = {step: sum(1 << a for a in of.ancestors[step]) for step in {of.steps[v] for e in events for v in e}}
    states: dict[tuple[int, int], _Chosen] = {(sum(1 << step for step in before), 0): (0, 0)}
    sure = True
    for index, event in enumerate(events):
        bound = bounds[index + 1]
        live = sum(bound)  # its keys are distinct bits: the steps with events to come
        over = index + 1 == len(events) or of.ranks[events[index + 1][0]] != of.ranks[event[0]]
        following: dict[tuple[int, int], _Chosen] = {}
        for (able, barred), chosen in states.items():
            _keep(following, able & live, barred, chosen, over)
            for v in event:
                bit = 1 << of.steps[v]
                if able & bit:
                    done = chosen[0] | 1 << v, chosen[1] + of.gains[v]
                    best = max(best, done, key=lambda w: w[1])
                    _keep(following, able & live & ~bit, barred | before[of.steps[v]], done, over)
        ranked = [(chosen[1] + _upper_bound(bound, state[0], len(events) - index - 1), state, chosen)
                  for state, chosen in following.items()]  # fmt: skip
        ranked = sorted((r for r in ranked if r[0] > best[1]), key=lambda r: (-r[0], r[1]))
        sure &= len(ranked) <= width
        states = {state: chosen for _, state, chosen in ranked[:width]}
    return best, sure


def _keep(states: dict[tuple[int, int], _Chosen], able: int, barred: int, chosen: _Chosen, over: bool) -> None:
    state = (able & ~barred, 0) if over else (able, barred & able)
    known = states.get(state)
    if known is None or chosen[1] > known[1]:
        states[state] = chosen


def _upper_bounds(of: Vertices, events: list[list[int]]) -> list[dict[int, int]]:
    """For each position, the bit of every step that an event from there on could do, and the most it could gain."""
    bounds: list[dict[int, int]] = [{}]
    for event in reversed(events):
        bound = dict(bounds[-1])
        for v in event:
            bit = 1 << of.steps[v]
            bound[bit] = max(bound.get(bit, 0), of.gains[v])
        bounds.append(bound)
    return bounds[::-1]


def _upper_bound(bound: dict[int, int], able: int, events: int) -> int:
    """What the steps that can still be done could gain at most, from so many events."""
    gains = [gain for bit, gain in bound.items() if able & bit]
    return sum(gains) if len(gains) <= events else sum(sorted(gains, reverse=True)[:events])
