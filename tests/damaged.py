"""Bytes as chance damages them."""

from __future__ import annotations

import random


def mutated(chance: random.Random, raw: bytes, most: int) -> bytes:
    """Bytes with some places cut, doubled, moved or overwritten."""
    found = bytearray(raw)
    for _ in range(chance.randrange(1, most)):
        at = chance.randrange(len(found) + 1)
        end = at + chance.choice([1, 2, 8, 60])
        match chance.randrange(5):
            case 0:
                del found[at:end]
            case 1:
                found[at:at] = found[at:end]
            case 2:
                found[at:end] = bytes(chance.randrange(256) for _ in range(chance.choice([1, 3])))
            case 3:
                found[at:at] = chance.choice([b"\n", b": ", b"- ", b"[", b"{", b"'", b"&a ", b"999999999 y", b"-1"])
            case _:
                other = chance.randrange(len(found) + 1)
                found[at:at] = found[other : other + 40]
    return bytes(found)
