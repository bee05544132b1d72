"""The patient's chance, compiled: draw for draw what `sim.engine.fate` draws."""

from __future__ import annotations

import math

import numpy as np

from sim.engine.kernel.compiling import compiled, high_half, inlined, merged

_ONE = np.uint64(0xD2E7470EE14C6C93)
_TWO = np.uint64(0xCA5A826395121157)
_WEYL_ONE = np.uint64(0x9E3779B97F4A7C15)
_WEYL_TWO = np.uint64(0xBB67AE8584CAA73B)
_CELL = np.uint64(12)
_GRID = float(1 << 40)


@merged
def words(seed: int, stream: int, counter: int) -> tuple[np.uint64, np.uint64]:
    """Return the first two words of Philox 4x64-10; seed and stream are 64 bits, as whole numbers of any sign."""
    a, b, c, d = np.uint64(counter), np.uint64(0), np.uint64(0), np.uint64(0)
    k0, k1 = np.uint64(seed), np.uint64(stream)
    for _ in range(10):
        left, right = high_half(_ONE, a), high_half(_TWO, c)
        a, b, c, d = right ^ b ^ k0, _TWO * c, left ^ d ^ k1, _ONE * a
        k0, k1 = k0 + _WEYL_ONE, k1 + _WEYL_TWO
    return a, b


@merged
def unit(word: np.uint64) -> float:
    """Return the number strictly between 0 and 1 that a word encodes."""
    return (np.float64(np.int64(word >> _CELL)) + 0.5) * 2.0**-52


@merged
def uniform(seed: int, stream: int, k: int) -> float:
    """Return the k-th uniform draw of a stream."""
    return unit(words(seed, stream, k)[0])


@inlined
def exponential(seed: int, stream: int, k: int) -> float:
    """Return the k-th unit-exponential draw, rounded down to a grid of 2^-40 and never 0."""
    return max(1.0, math.floor(-math.log(uniform(seed, stream, k)) * _GRID)) / _GRID


@inlined
def normal(seed: int, stream: int, k: int) -> float:
    """Return the k-th standard normal draw."""
    one, two = words(seed, stream, k)
    return math.sqrt(-2.0 * math.log(unit(one))) * math.cos(2.0 * math.pi * unit(two))


@merged
def whole(seed: int, stream: int, low: int, high: int, k: int) -> int:
    """Return the k-th whole number drawn evenly from low to high, both included."""
    return low + int(uniform(seed, stream, k) * (high - low + 1))


@inlined
def on_grid(value: float) -> float:
    """Return an amount on the grid of 2^-20."""
    return math.floor(value * 1048576.0 + 0.5) / 1048576.0


@compiled
def rounded(value: float, decimals: int) -> float:
    """Return what Python's `round(value, decimals)` returns, for values below 2^52 / 10^decimals.

    The product with the power of ten is taken exactly (Dekker 1971), for halves are decided by what it loses.
    """
    power = 1.0
    for _ in range(decimals):
        power *= 10.0
    product = value * power
    whole_part = math.floor(product)
    if product - whole_part != 0.5:
        return float(np.rint(product)) / power
    lost = _lost(value, power, product)
    if lost == 0.0:
        return float(np.rint(product)) / power
    return (whole_part + (1.0 if lost > 0.0 else 0.0)) / power


@inlined
def _lost(a: float, b: float, product: float) -> float:
    split = 134217729.0
    a_high = split * a - (split * a - a)
    b_high = split * b - (split * b - b)
    a_low, b_low = a - a_high, b - b_high
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
