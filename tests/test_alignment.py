"""The alignment core: exact, against every possibility where there are few, and quick where there are many."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.assess.alignment import Match, PartialOrder, align_by_gain, partial_order, vertices_of
from scoring.assess.independent_set import bits, heaviest
from unit_cost import align


def chain(size: int) -> PartialOrder:
    return partial_order([[step - 1] if step else [] for step in range(size)])


def consistent(order: PartialOrder, matched: list[int | None], ranks: list[int]) -> bool:
    used = [event for event in matched if event is not None]
    if len(set(used)) < len(used):
        return False
    return all(
        ranks[earlier] <= ranks[later]
        for step, later in enumerate(matched)
        if later is not None
        for ancestor in order.ancestors[step]
        if (earlier := matched[ancestor]) is not None
    )


def by_brute_force(order: PartialOrder, gains: dict[tuple[int, int], int], ranks: list[int]) -> int:
    """The greatest total gain over every assignment of events to steps."""
    choices = [[None, *(e for e, s in gains if s == step)] for step in range(order.size)]
    return max(
        sum(gains[event, step] for step, event in enumerate(matched) if event is not None)
        for matched in product(*choices)
        if consistent(order, list(matched), ranks)
    )


@st.composite
def problems(draw: st.DrawFn) -> tuple[PartialOrder, list[list[int]], list[int]]:
    size = draw(st.integers(1, 5))
    after = [draw(st.lists(st.integers(0, step - 1), max_size=2)) if step else [] for step in range(size)]
    events = draw(st.lists(st.lists(st.integers(0, size - 1), max_size=2, unique=True), max_size=6))
    ranks = sorted(draw(st.lists(st.integers(0, 4), min_size=len(events), max_size=len(events))))
    return partial_order(after), events, ranks


@given(problems(), st.sets(st.integers(0, 4)))
def test_the_cost_is_the_least_there_is(
    problem: tuple[PartialOrder, list[list[int]], list[int]], skippable: set[int]
) -> None:
    order, events, ranks = problem
    optional = skippable & set(range(order.size))
    gains = {(e, s): 1 if s in optional else 2 for e, steps in enumerate(events) for s in steps}
    found = align(order, events, ranks=ranks, optional=optional)
    assert consistent(order, list(found.matched), ranks)
    best = by_brute_force(order, gains, ranks)
    assert found.cost == len(events) + order.size - len(optional) - best


@given(problems(), st.data())
def test_the_gain_is_the_greatest_there_is(
    problem: tuple[PartialOrder, list[list[int]], list[int]], data: st.DataObject
) -> None:
    order, events, ranks = problem
    gains = {(e, s): data.draw(st.integers(1, 5)) for e, steps in enumerate(events) for s in steps}
    found = align_by_gain(order, [Match(e, s, g) for (e, s), g in gains.items()], ranks)
    assert consistent(order, list(found.matched), ranks)
    total = sum(gains[event, step] for step, event in enumerate(found.matched) if event is not None)
    assert total == by_brute_force(order, gains, ranks)


@given(problems(), st.data())
def test_the_sweep_through_time_finds_the_same_as_every_possibility(
    problem: tuple[PartialOrder, list[list[int]], list[int]], data: st.DataObject
) -> None:
    order, events, ranks = problem
    pairs = [(e, s) for e, steps in enumerate(events) for s in steps]
    gains = [data.draw(st.integers(1, 5)) for _ in pairs]
    chosen, proved = heaviest(vertices_of(order, pairs, ranks, gains), branches=0)
    assert proved
    best = by_brute_force(order, dict(zip(pairs, gains, strict=True)), ranks)
    assert sum(gains[index] for index in bits(chosen)) == best


def crowd(size: int) -> tuple[PartialOrder, list[Match], list[int]]:
    """As many steps as orders, all of one kind, with windows that slide: what branch and bound drowns in."""
    matches = [
        Match(event, step, (3 if event <= step + 3 else 1) * (1 + step % 3))
        for event in range(size)
        for step in range(size)
        if step - 2 <= event <= step + 6
    ]
    return partial_order([[step - 4] if step >= 4 else [] for step in range(size)]), matches, list(range(size))


def test_many_steps_that_ask_for_one_order_are_settled() -> None:
    found = align_by_gain(*crowd(24))
    assert found.proved
    assert None not in found.matched


def test_a_search_that_was_cut_short_says_so_and_is_still_consistent() -> None:
    order, matches, ranks = crowd(24)
    vertices = vertices_of(order, [(m.event, m.step) for m in matches], ranks, [5 - m.event % 5 for m in matches])
    best, proved = heaviest(vertices)
    hasty, sure = heaviest(vertices, branches=0, widths=(1,))
    assert proved
    assert not sure
    assert not any(vertices.conflicts[index] & hasty for index in bits(hasty))
    assert sum(vertices.gains[i] for i in bits(hasty)) <= sum(vertices.gains[i] for i in bits(best))


def test_a_log_in_order_costs_nothing() -> None:
    assert align(chain(4), [[0], [1], [2], [3]]).cost == 0


def test_each_omission_and_each_stranger_costs_one() -> None:
    found = align(chain(4), [[0], [], [1], [3]])
    assert found.cost == 2
    assert found.matched == (0, 2, None, 3)


def test_a_swap_costs_one_move_on_each_side() -> None:
    assert align(chain(3), [[1], [0], [2]]).cost == 2


def test_simultaneous_events_are_in_either_order() -> None:
    assert align(chain(2), [[1], [0]], ranks=[5, 5]).cost == 0
    assert align(chain(2), [[1], [0]], ranks=[5, 6]).cost == 2


def test_the_order_reaches_through_a_step_that_was_not_done() -> None:
    assert align(chain(3), [[2], [0]]).matched.count(None) == 2


def test_a_repeated_event_is_matched_once() -> None:
    found = align(chain(2), [[0], [0], [1], [0]])
    assert found.cost == 2
    assert found.matched[0] in (0, 1)


def test_an_alternative_serves_the_step_that_lacks_another() -> None:
    assert align(partial_order([[], []]), [[0, 1], [0]]).matched == (1, 0)


def test_an_optional_step_may_be_skipped_for_nothing() -> None:
    assert align(chain(3), [[0], [2]], optional={1}).cost == 0
    assert align(chain(3), [[0], [1], [2]], optional={1}).cost == 0


def test_of_equal_events_the_earliest_is_taken() -> None:
    matches = [Match(event, 0, 3) for event in range(4)] + [Match(4, 1, 3)]
    assert align_by_gain(chain(2), matches, [0, 10, 20, 30, 40]).matched == (0, 4)


def test_the_heavier_of_two_that_exclude_each_other_is_kept() -> None:
    assert align_by_gain(chain(2), [Match(0, 1, 9), Match(1, 0, 3)], [0, 1]).matched == (None, 0)
    assert align_by_gain(chain(2), [Match(0, 1, 3), Match(1, 0, 9)], [0, 1]).matched == (1, None)


def test_a_circle_is_no_order() -> None:
    with pytest.raises(ValueError, match="circle through step"):
        partial_order([[1], [2], [0]])


def test_the_order_is_closed_over_its_steps() -> None:
    assert partial_order([[], [0], [1], []]).ancestors == ((), (0,), (0, 1), ())


def test_a_long_chain_played_backwards_is_solved() -> None:
    size = 40
    found = align(chain(size), [[step] for step in reversed(range(size))] * 2)
    assert sum(event is not None for event in found.matched) == 2


def test_no_events_leave_every_step_undone() -> None:
    assert align(chain(3), []).cost == 3
    assert align_by_gain(chain(3), [], []).matched == (None, None, None)
