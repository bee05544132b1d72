"""Attacks with chance, for as long as is wanted: `make stress`, or `PYTHONPATH=tests python -m stress --minutes 1`.

Each trial is made from a seed, which is printed where it fails: `--only ATTACK --seed SEED --times 1` makes it again.
What an attack found once belongs into a test of its own; `docs/reliability.md` counts what was tried.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from threading import Event
from typing import Final

from conftest import TINY, TINY_CASE
from damaged import mutated
from faultydisk import assert_said, failing, scurfy
from hostileweb import besiege
from sim.attempts.finish import conclude
from sim.attempts.session import CannotResume, PersistentSession, begin, resume
from sim.attempts.store import FILE_NAME, StoreError, open_store
from sim.case.checking.check import check
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.moves import AskHint, Finish, Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.cli import main
from sim.engine.session import IllegalMove
from sim.plain.play import PlainGame

NOT_OURS: Final = (0, 1, 2)
"""Exit codes that are no fault of the programme's own."""


@cache
def tiny() -> Scenario:
    return load(TINY_CASE)


def a_move(chance: random.Random) -> Move:
    """Any move, possible or not."""
    orders = list(tiny().catalogue.orders)
    return chance.choice(
        [
            PlaceOrder(chance.choice(orders), chance.choice([None, None, "0.1", "no such dose"])),
            Wait(chance.choice([1, 7, 60, 600]), chance.choice(["call", "time"])),  # type: ignore[arg-type]
            StopTherapy(chance.choice(orders)),
            StateDifferential((("meadow_fever", chance.random()),)),
            AskHint(),
        ]
    )


# --- the attacks -----------------------------------------------------------------------------------------------


def kills(chance: random.Random, place: Path) -> None:
    """The game in lines is killed at a random moment; no acknowledged move is lost and none is doubled."""
    from test_kill import SCRIPT, Player, expected_log

    acknowledged = chance.randrange(len(SCRIPT) - 1)
    player = Player(place)
    try:
        assert player.answered()
        for line, _ in SCRIPT[:acknowledged]:
            player.type(line)
            assert player.answered()
        player.type(SCRIPT[acknowledged][0])
        Event().wait(chance.random() * 0.03)
    finally:
        player.kill()
    with open_store(place) as store:
        assert store.problems() == ()
        (stored,) = store.attempts()
        moves = store.moves(stored.id)
        assert acknowledged <= len(moves) <= acknowledged + 1
        assert [one.move for one in moves] == [move for _, move in SCRIPT[: len(moves)]]
        assert resume(store, tiny(), stored).log == expected_log(tiny(), len(moves)).log


def windows(chance: random.Random, place: Path) -> None:
    """Two or three windows play one attempt in any order: each move that was acknowledged is there, once."""
    with open_store(place) as first, open_store(place) as second:
        began = begin(first, tiny(), source=str(TINY_CASE), seed=chance.randrange(1000), mode="tutor")
        games: list[PersistentSession] = [began]
        told: dict[int, Move] = {}
        for _ in range(chance.randrange(5, 40)):
            if chance.random() < 0.2:
                games = games[-2:]
                games.append(resume(chance.choice([first, second]), tiny(), first.attempt(began.id)))
            game, move = chance.choice(games), a_move(chance)
            if game.ended:
                continue
            try:
                game.play(move)
            except (IllegalMove, StoreError):
                continue
            assert game.count not in told, "two windows were told the same number"
            told[game.count] = move
        assert first.problems() == ()
        assert {one.number: one.move for one in first.moves(began.id)} == told
        resume(second, tiny(), first.attempt(began.id))


def monkey(chance: random.Random, place: Path) -> None:
    """Anything is typed in a real terminal of any size; the game stays, and leaves on one Ctrl+Q."""
    from realterminal import CTRL_P, CTRL_Q, ESC, PAGE_DOWN, ward

    keys = [*(bytes([c]) for c in b"otwxefdlsnmhiapcuy12345?\r\t q"), CTRL_P, ESC, PAGE_DOWN, b"\x1b[A", b"\x1b[B",
            b"\x13", b"\x1a", b"\x7f", b"\x1b[Z", b"\xff", "ü".encode(), b"\x1b[<0;20;10M\x1b[<0;20;10m"]  # fmt: skip
    with ward(place) as terminal:
        for _ in range(chance.randrange(20, 80)):
            if chance.random() < 0.15:
                terminal.resize(chance.choice([1, 5, 20, 79, 80, 120, 200]), chance.choice([1, 3, 23, 24, 40, 70]))
            terminal.type(b"".join(chance.choice(keys) for _ in range(chance.choice([1, 1, 1, 2, 5]))))
            terminal.read_for(chance.choice([0.0, 0.02, 0.1]))
            if terminal.code is not None:
                break
        assert terminal.code in (None, 0), bytes(terminal.drawn[-400:])
        if terminal.code is None:
            terminal.resize(120, 40)
            terminal.read_for(0.5)
            terminal.type(CTRL_Q)
            assert terminal.wait(30) == 0, bytes(terminal.drawn[-400:])
    with open_store(place) as store:
        assert store.problems() == ()


def yaml(chance: random.Random, place: Path) -> None:
    """A file of a library is damaged: `check` says so or plays it, and never faults."""
    library = Path(shutil.copytree(TINY, place / "tiny"))
    file = chance.choice(sorted(library.rglob("*.yaml")))
    file.write_bytes(mutated(chance, file.read_bytes(), 5))
    found = check([library], root=library)
    case = library / "cases" / "tiny_case.yaml"
    if not any(problem.severity == "error" for problem in found):
        assert run("replay", str(case), "--policy", "random", "--json") in NOT_OURS
    assert run("show", str(case)) in NOT_OURS


def moves(chance: random.Random, place: Path) -> None:
    """A file of moves is damaged: it is refused or played, and never faults."""
    text = "- order: crp\n- wait: 30 min\n- order: bolus\n- differential: {meadow_fever: 50%}\n- stop: bolus\n"
    file = place / "moves.yaml"
    file.write_bytes(mutated(chance, text.encode(), 6))
    assert run("replay", str(TINY_CASE), "--moves", str(file), "--json") in NOT_OURS


def lines(chance: random.Random, place: Path) -> None:
    """Anything is typed in plain mode: each line is answered, and what is stored plays again to the same log."""
    words = ["do", "crp", "wait", "1 h", "6", "9" * 300, "next", "call", "stop", "dd", "meadow_fever", "50", "limit",
             "glucose", "exam", "history", "y", "1", "2", "-1", "0.5", "nan", "help", "results", "hint", "finish", "²",
             "\x1b[A", "insulin infusion", "bolus", "20 mL/kg", "%", "٣", "e", "vitals", "running", "?"]  # fmt: skip
    lengths = [chance.randrange(5) for _ in range(chance.randrange(5, 40))]
    typed = "".join(" ".join(chance.choice(words) for _ in range(length)) + "\n" for length in lengths)
    with open_store(place) as store:
        mode = chance.choice(["tutor", "practice", "exam"])
        game = begin(store, tiny(), source=str(TINY_CASE), seed=chance.randrange(1000), mode=mode)
        PlainGame(game, io.StringIO(typed), io.StringIO()).run()
        assert resume(store, tiny(), store.attempt(game.id)).log == game.log
        if game.ended:
            conclude(game)


def store_bytes(chance: random.Random, place: Path) -> None:
    """Bytes of the store are damaged: every command says so or does its work, and none faults."""
    with open_store(place) as store:
        for over in (True, False):
            game = begin(store, tiny(), source=str(TINY_CASE), seed=3, mode="practice")
            game.play(PlaceOrder("ex_perfusion"))
            if over:
                game.play(Finish())
                conclude(game)
        ids = [stored.id for stored in store.attempts()]
    raw = bytearray((place / FILE_NAME).read_bytes())
    for _ in range(chance.choice([1, 1, 3, 20])):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    (place / FILE_NAME).write_bytes(raw[: chance.randrange(len(raw))] if chance.random() < 0.1 else raw)
    told = [["debrief", id, "--json"] for id in ids]
    for words in (["attempts"], ["review", "--json"], *told, ["resume", "--plain"]):
        assert run(*words, home=place) in NOT_OURS, words
    try:
        with open_store(place) as store:
            store.problems()
            for id in ids:
                resume(store, tiny(), store.attempt(id))
    except (StoreError, CannotResume):
        return


def http(chance: random.Random, place: Path) -> None:
    """Anything is sent to a server by people who play and vote, whoever leads, and strangers: nothing faults, nothing
    that was acknowledged is lost, nothing hidden is told."""
    besiege(chance, place)


def disk(chance: random.Random, place: Path) -> None:
    """The disk fails now and then, or takes no more: what is acknowledged is there afterwards, what fails is said."""
    from test_kill import SCRIPT, SEED, expected_log

    before, most = failing(chance, place), None
    if not before or chance.random() < 0.3:
        before, most = [], chance.randrange(200_000)
    lines = SCRIPT[: chance.randrange(1, len(SCRIPT) + 1)]
    ending = chance.choice(["", "", "quit\n", "finish\ny\n"])
    typed = "".join(f"{line}\n" for line, _ in lines) + ending
    words = ["play", str(TINY_CASE), "--plain", "--seed", str(SEED)]
    done = scurfy(place, words, typed, before=before, most=most)
    assert_said(done, place)
    acknowledged = min(done.stdout.count("\n> "), len(lines) + 1) - 1
    whole = done.returncode == 0
    with open_store(place) as store:
        assert store.problems() == ()
        stored = next(iter(store.attempts()), None)
        assert stored is not None or acknowledged < 0, "the attempt is lost"
        if stored is not None:
            moves = [one.move for one in store.moves(stored.id)][: len(lines)]
            assert (len(lines) if whole else acknowledged) <= len(moves) <= acknowledged + 1
            assert moves == [move for _, move in lines[: len(moves)]]
            if stored.finished is None:
                assert resume(store, tiny(), stored).log == expected_log(tiny(), len(moves)).log
            assert not (whole and ending.startswith("finish")) or store.debrief(stored.id) is not None
            words = ["debrief", stored.id, "--json"]
    for asked in (words, ["attempts"], ["doctor"], ["review", "--json"], ["resume", "--plain"], ["cases"]):
        if chance.random() < 0.3:
            before = failing(chance, place) if most is None else []
            assert_said(scurfy(place, asked, "quit\n", before=before, most=most), place)
    with open_store(place) as store:
        assert store.problems() == ()
        assert stored is None or len(store.moves(stored.id)) >= len(moves)


def run(*words: str, home: Path | None = None) -> int:
    """Run a command in this process, its words thrown away; return its exit code."""
    if home is not None:
        os.environ["SCURFY_HOME"] = str(home)
    typed, sys.stdin = sys.stdin, io.StringIO("")
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            return main(list(words))
    finally:
        sys.stdin = typed


ATTACKS: Final[dict[str, Callable[[random.Random, Path], None]]] = {
    "kills": kills, "windows": windows, "monkey": monkey, "yaml": yaml, "moves": moves, "lines": lines,
    "bytes": store_bytes, "http": http, "disk": disk,
}  # fmt: skip


def attempt(attack: str, seed: int) -> None:
    """Make one trial of an attack, in a home of its own. Raises what it found."""
    place = Path(tempfile.mkdtemp(prefix="scurfy-stress-"))
    before = os.environ.get("SCURFY_HOME")
    os.environ["SCURFY_HOME"] = str(place)
    try:
        ATTACKS[attack](random.Random(f"{attack} {seed}"), place)
    finally:
        os.environ["SCURFY_HOME"] = before or ""
        shutil.rmtree(place, ignore_errors=True)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def stress(names: list[str], minutes: float, seed: int, times: int | None) -> int:
    """Make trials of each attack in turn until the time is over; return how many failed."""
    end = time.monotonic() + minutes * 60
    tried, failed, spent = dict.fromkeys(names, 0), dict.fromkeys(names, 0), dict.fromkeys(names, 0.0)
    while time.monotonic() < end and (times is None or min(tried.values()) < times):
        name = min(names, key=lambda one: (spent[one], tried[one]))  # each gets as much time, not as many trials
        began = time.monotonic()
        try:
            attempt(name, seed + tried[name])
        except Exception:
            failed[name] += 1
            say(f"FAILED: {name} with seed {seed + tried[name]}\n{traceback.format_exc()}")
        tried[name] += 1
        spent[name] += time.monotonic() - began
    for name in names:
        say(f"{name:8} {tried[name]:6} tried {failed[name]:4} failed {spent[name]:6.0f} s")
    return sum(failed.values())


def command() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None, help="of the first trial; else drawn")
    parser.add_argument("--times", type=int, default=None, help="so many trials of each at least")
    parser.add_argument("--only", choices=tuple(ATTACKS), action="append")
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    say(f"seed {seed}")
    return int(stress(given.only or list(ATTACKS), given.minutes, seed, given.times) > 0)


if __name__ == "__main__":
    raise SystemExit(command())
