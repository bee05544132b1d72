"""Chance belongs to the patient: the generator, and what is drawn from it."""

import math
import statistics

from hypothesis import given
from hypothesis import strategies as st

from sim.engine.fate import Fate, philox, stream_key, uniform_of

WORD = st.integers(0, 2**64 - 1)

# Known answers from Random123's own test vectors (kat_vectors, philox4x64-10).
ZEROS = (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B)


def test_it_gives_the_published_known_answer() -> None:
    assert philox((0, 0), 0) == ZEROS


def test_a_draw_depends_on_its_name_and_number_and_on_nothing_drawn_before() -> None:
    fate, other = Fate(7), Fate(7)
    stream = stream_key("hazard:gut.relapse")
    for k in range(5):
        other.normal(stream_key("noise:fbc:hb"), k)
    assert [fate.exponential(stream, k) for k in range(5)] == [other.exponential(stream, k) for k in range(5)]


def test_two_patients_and_two_streams_draw_differently() -> None:
    stream = stream_key("a")
    assert Fate(1).uniform(stream) != Fate(2).uniform(stream)
    assert Fate(1).uniform(stream) != Fate(1).uniform(stream_key("b"))
    assert Fate(1).uniform(stream, 0) != Fate(1).uniform(stream, 1)


@given(WORD)
def test_a_uniform_draw_is_never_nought_and_never_one(word: int) -> None:
    assert 0 < uniform_of(word) < 1


@given(WORD, WORD, st.integers(-5, 5), st.integers(0, 5))
def test_a_whole_number_stays_in_its_range(seed: int, stream: int, low: int, width: int) -> None:
    assert low <= Fate(seed).whole(stream, low, low + width) <= low + width


def test_exponential_draws_average_one_and_normal_draws_nought() -> None:
    stream, n = stream_key("moments"), 4000
    waits = [Fate(seed).exponential(stream) for seed in range(n)]
    errors = [Fate(seed).normal(stream) for seed in range(n)]
    assert abs(statistics.fmean(waits) - 1) < 4 / math.sqrt(n)
    assert abs(statistics.fmean(errors)) < 4 / math.sqrt(n)
    assert abs(statistics.pstdev(errors) - 1) < 4 / math.sqrt(2 * n)


def test_exponential_draws_lie_on_a_grid_that_no_platform_can_move() -> None:
    for seed in range(100):
        assert (Fate(seed).exponential(1) * 2**40).is_integer()


def test_seeds_wrap_at_sixty_four_bits() -> None:
    assert Fate(2**64 + 3).uniform(5) == Fate(3).uniform(5)
