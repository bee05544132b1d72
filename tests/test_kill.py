"""Killed at any moment, the game loses no action it has acknowledged and doubles none."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from pathlib import Path
from queue import Queue

import pytest

from sim.attempts.session import resume
from sim.attempts.store import FILE_NAME, Store
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StateDifferential, Wait
from sim.engine.session import Session

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
TINY_CASE = ROOT / "tests" / "data" / "tiny" / "cases" / "tiny_case.yaml"
SEED = 11

SCRIPT: tuple[tuple[str, Move], ...] = (
    ("do ex_perfusion", PlaceOrder("ex_perfusion")),
    ("do peripheral_access", PlaceOrder("peripheral_access")),
    ("do bolus", PlaceOrder("bolus")),
    ("do blood_culture", PlaceOrder("blood_culture")),
    ("do gentamicin", PlaceOrder("gentamicin")),
    ("dd meadow_fever 50", StateDifferential((("meadow_fever", 0.5),))),
    ("wait 1 h", Wait(60, "call")),
    ("do crp", PlaceOrder("crp")),
    ("wait 30 min", Wait(30, "call")),
    ("do electrolytes", PlaceOrder("electrolytes")),
    ("wait 10 min", Wait(10, "call")),
    ("do ex_weight", PlaceOrder("ex_weight")),
)
"""What is typed, and the move it makes."""


class Player:
    """A game in plain mode behind a pipe."""

    def __init__(self, home: Path) -> None:
        command = [sys.executable, "-u", "-m", "sim", "play", str(TINY_CASE), "--plain", "--seed", str(SEED)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"SCURFY_HOME": str(home)},
        )
        self._prompts: Queue[bool] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        while byte := self.process.stdout.read(1):
            if byte == b">" and self.process.stdout.read(1) == b" ":
                self._prompts.put(True)
        self._prompts.put(False)

    def answered(self) -> bool:
        """Wait for the next prompt: everything typed before it has been acknowledged. False if the game is gone."""
        return self._prompts.get(timeout=60)

    def type(self, line: str) -> None:
        """Type a line without waiting for the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def kill(self) -> None:
        """End it at once, as `kill -9` does, and wait until it is gone."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()


def expected_log(scenario: Scenario, count: int) -> Session:
    session = Session(scenario, SEED)
    for _, move in SCRIPT[:count]:
        session.apply(move)
    return session


@pytest.mark.parametrize("moment", range(20))
def test_no_action_is_lost_and_none_is_doubled(moment: int, tmp_path: Path, tiny: Scenario) -> None:
    chance = random.Random(moment)
    acknowledged = chance.randrange(len(SCRIPT) - 1)
    player = Player(tmp_path)
    assert player.answered()
    for line, _ in SCRIPT[:acknowledged]:
        player.type(line)
        assert player.answered()
    player.type(SCRIPT[acknowledged][0])  # this one may or may not get through
    threading.Event().wait(chance.choice([0.0, 0.0, 0.001, 0.002, 0.004]))
    player.kill()

    with Store(tmp_path / FILE_NAME) as store:
        assert store.problems() == ()
        (attempt,) = store.attempts()
        stored = store.moves(attempt.id)
        assert [move.number for move in stored] == list(range(1, len(stored) + 1))
        assert acknowledged <= len(stored) <= acknowledged + 1
        assert [one.move for one in stored] == [move for _, move in SCRIPT[: len(stored)]]
        again = resume(store, tiny, attempt)
        expected = expected_log(tiny, len(stored))
        assert again.session.now == expected.now
        assert again.session.log == expected.log
        move = SCRIPT[len(stored)][1]
        again.play(move)
        expected.apply(move)
        assert again.session.log == expected.log
