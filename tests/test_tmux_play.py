"""A case played whole by its keys in tmux, as somebody types it, at three sizes: the store then holds those moves."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.attempts.store import StoredAttempt, open_store
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.case.moves import Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.case.quantities import DAY
from sim.engine.follower import Follower
from sim.engine.session import Session
from sim.words.differential_parser import typed_again
from sim.words.orders import AT_ONCE, has_choice, stoppable

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux"),
]

ROOT = Path(__file__).parents[1]
CASE, SEED = "off_his_feeds", 3
LONGEST = 4 * 7 * DAY
GRACE = 1.0
"""Seconds after which a window that opened by itself takes keys, and a little."""
PATIENCE = 60
"""Seconds that a slow machine may take over one key."""


class Tmux:
    """The game in a tmux session of its own."""

    def __init__(self, home: Path, size: tuple[int, int]) -> None:
        self._server = ("tmux", "-L", f"scurfy-{home.parent.name}", "-f", "/dev/null")
        self.home = home
        command = (
            "env",
            "-u",
            "COLUMNS",
            "-u",
            "LINES",
            f"SCURFY_HOME={home}",
            sys.executable,
            "-m",
            "sim",
            "play",
            CASE,
            "--seed",
            str(SEED),
        )
        self._do("new-session", "-d", "-s", "w", "-x", str(size[0]), "-y", str(size[1]), "-c", str(ROOT), *command)

    def _do(self, *words: str) -> str:
        return subprocess.run([*self._server, *words], capture_output=True, text=True, check=True, cwd=ROOT).stdout

    def press(self, *keys: str) -> None:
        """Press keys by their tmux names."""
        self._do("send-keys", "-t", "w", *keys)

    def type(self, text: str) -> None:
        """Type text as it stands."""
        self._do("send-keys", "-t", "w", "-l", text)

    @property
    def screen(self) -> str:
        """What is on the screen now, its lines joined by a blank."""
        return " ".join(self._do("capture-pane", "-t", "w", "-p").split())

    def until(self, *wanted: str) -> None:
        """Wait until all of it is on the screen."""
        ends = time.monotonic() + PATIENCE
        while not all(text in self.screen for text in wanted):
            assert time.monotonic() < ends, f"never seen: {wanted}\n{self._do('capture-pane', '-t', 'w', '-p')}"
            time.sleep(0.05)

    def closed(self) -> None:
        """Close the window in which something was asked, if it is still open; a call has closed it."""
        ends = time.monotonic() + PATIENCE
        while "Enter asks at once" in self.screen:
            assert time.monotonic() < ends, "the window never closes"
            self.press("Escape")
            time.sleep(0.3)

    def played(self, count: int) -> None:
        """Wait until so many moves are stored."""
        ends = time.monotonic() + PATIENCE
        while len(self.moves()) < count:
            assert time.monotonic() < ends, f"move {count} never came\n{self._do('capture-pane', '-t', 'w', '-p')}"
            time.sleep(0.05)

    def moves(self) -> list[Move]:
        """The moves on disk."""
        with open_store(self.home) as store:
            return [one.move for one in store.moves(self.attempt().id)]

    def attempt(self) -> StoredAttempt:
        """The attempt on disk."""
        with open_store(self.home) as store:
            return store.attempts()[0]

    def close(self) -> None:
        """End it."""
        self._do("kill-server")


@pytest.fixture(params=[(120, 40), (100, 30), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
def tmux(request: pytest.FixtureRequest, home: Path) -> Iterator[Tmux]:
    game = Tmux(home, request.param)
    yield game
    game.close()


def act(game: Tmux, scenario: Scenario, session: Session, move: Move) -> None:
    """Press what makes a move."""
    orders = scenario.catalogue.orders
    match move:
        case PlaceOrder(order=order, dose=dose):
            found = orders[order]
            game.press({"history": "h", "examination": "e"}.get(found.kind.value, "o"))
            if found.kind in AT_ONCE:
                game.until("Enter asks at once")
            game.type(order)
            game.press("Enter")
            if found.kind in AT_ONCE:
                return
            if has_choice(found):
                game.type(dose or found.doses[0].label)
                game.press("Enter")
            game.until("Basket (1)")
            game.press("C-s")
        case StopTherapy(therapy=therapy):
            game.press("s")
            place = [order.id for order in stoppable(scenario, session.snapshot())].index(therapy)
            game.press(*["Down"] * place, "Enter")
            game.until("ends now")
            game.press("y")
        case Wait(minutes=minutes, until=until):
            game.press("w")
            if until == "time":
                game.press("a")
            game.type(f"{minutes} min")
            game.press("Enter")
        case StateDifferential(probabilities=given):
            game.until("What is it?")
            time.sleep(GRACE)
            game.press("C-u")
            game.type(typed_again(given, scenario.catalogue))
            game.press("Enter")


def test_the_pathway_is_played_by_its_keys(tmux: Tmux) -> None:
    scenario = load(CASE)
    session, made = Session(scenario, SEED), list[Move]()
    team = Follower(session)
    tmux.until("How do you want to play?")
    tmux.press("C-s")
    tmux.until("Order", "Teaching only")
    while not session.ended:
        move = team.next_move()
        if isinstance(move, Wait) and move.minutes is None:  # nobody can type "for ever"
            move = Wait(LONGEST, move.until)
        act(tmux, scenario, session, move)
        session.apply(move)
        made.append(move)
        tmux.played(len(made))
        if isinstance(move, PlaceOrder):
            tmux.closed()
    tmux.until("The case is over")
    tmux.press("Enter")
    tmux.until("Exemplary")
    tmux.press("q")
    tmux.until("Still missed")
    assert tmux.moves() == [_as_stored(scenario, move) for move in made]
    assert tmux.attempt().band == "exemplary"


def _as_stored(scenario: Scenario, move: Move) -> Move:
    """The ward says the usual dose where a move leaves it open."""
    if not isinstance(move, PlaceOrder) or scenario.catalogue.orders[move.order].kind in AT_ONCE:
        return move
    doses = scenario.catalogue.orders[move.order].doses
    return PlaceOrder(move.order, move.dose or (doses[0].label if doses else None))
