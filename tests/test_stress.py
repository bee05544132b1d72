"""A short run of each attack of `make stress`, always with the same seeds."""

from __future__ import annotations

import sys

import pytest

from stress import ATTACKS, attempt

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")]

SLOW = {"kills": 1, "monkey": 1, "http": 2, "disk": 2}
"""How often those are tried that take seconds."""


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_finds_nothing(attack: str) -> None:
    for seed in range(SLOW.get(attack, 10)):
        attempt(attack, seed)
