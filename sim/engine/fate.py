"""The patient's chance: a counter-based generator, so that a draw belongs to the patient, not to call order.

Philox 4x64-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011), keyed by
the seed and the hash of a stream's name. The same (seed, stream, k) gives the same draw everywhere, always.
"""

from __future__ import annotations

import hashlib
import math
from typing import Final

_MASK: Final = (1 << 64) - 1
_MULTIPLY: Final = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_WEYL: Final = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
_GRID: Final = float(1 << 40)


def stream_key(name: str) -> int:
    """Return the 64-bit key of a stream's name (the first eight bytes of its BLAKE2b hash)."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def philox(key: tuple[int, int], counter: int) -> tuple[int, int, int, int]:
    """Return four 64-bit words: Philox 4x64 with ten rounds, the counter in its first word."""
    a, b, c, d = counter & _MASK, 0, 0, 0
    k0, k1 = key
    for _ in range(10):
        left, right = _MULTIPLY[0] * a, _MULTIPLY[1] * c
        a, b, c, d = (right >> 64) ^ b ^ k0, right & _MASK, (left >> 64) ^ d ^ k1, left & _MASK
        k0, k1 = (k0 + _WEYL[0]) & _MASK, (k1 + _WEYL[1]) & _MASK
    return a, b, c, d


def uniform_of(word: int) -> float:
    """Return the number strictly between 0 and 1 that a 64-bit word encodes (52 bits, mid-cell)."""
    return ((word >> 12) + 0.5) * 2.0**-52


class Fate:
    """Every chance draw of one patient. It holds the seed and nothing else, and is never used up."""

    __slots__ = ("_seed",)

    def __init__(self, seed: int) -> None:
        """Take the patient's seed, any integer; it counts modulo 2^64."""
        self._seed = seed & _MASK

    def uniform(self, stream: int, k: int = 0) -> float:
        """Return the k-th uniform draw of a stream (see `stream_key`), strictly between 0 and 1."""
        return uniform_of(philox((self._seed, stream), k)[0])

    def exponential(self, stream: int, k: int = 0) -> float:
        """Return the k-th unit-exponential draw, rounded down to a grid of 2^-40 and never 0."""
        return max(1.0, math.floor(-math.log(self.uniform(stream, k)) * _GRID)) / _GRID

    def normal(self, stream: int, k: int = 0) -> float:
        """Return the k-th standard normal draw (Box and Muller 1958)."""
        words = philox((self._seed, stream), k)
        return math.sqrt(-2.0 * math.log(uniform_of(words[0]))) * math.cos(2.0 * math.pi * uniform_of(words[1]))

    def whole(self, stream: int, low: int, high: int, k: int = 0) -> int:
        """Return the k-th whole number drawn evenly from low to high, both included."""
        return low + int(self.uniform(stream, k) * (high - low + 1))
