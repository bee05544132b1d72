"""The rooms that are open: each its log, what it is now, its patients, and who watches. Commands are taken here.

A command holds the room's lock, looks whether it fits what the room is now, and is on the disk before anybody sees it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Final

from sim.attempts.finish import conclude
from sim.attempts.session import FaultOfCase, store_branch
from sim.attempts.store import Store, StoreError, make_folder, open_store
from sim.case.moves import Finish, Move
from sim.rooms.events import Asked, Choice, Closed, Ended, Joined, Laid, Played, Revealed, RoomEvent, Voted
from sim.rooms.log import LOG_NAME, RoomLog
from sim.rooms.room import Room, after, folded
from sim.web.beds import Bed, Beds

ROOMS: Final = "rooms"
"""The folder beside the attempts that holds the rooms, a folder each."""
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
_CODE: Final = re.compile(f"[{_LETTERS}]{{6}}")
MOST_CHOICES: Final = 6
MOST_PEOPLE: Final = 300
MOST_BEDS: Final = 4


class Unfit(Exception):
    """A command that does not fit what the room is now; the message is a sentence for whoever gave it."""


class OpenRoom:
    """One room. Whoever reads or changes it holds `lock`."""

    def __init__(self, folder: Path, code: str, beds: Beds) -> None:
        """Open a room in its folder. Raises StoreError."""
        self.code, self.lock = code, RLock()
        self._beds = beds
        self._log = RoomLog(make_folder(folder) / LOG_NAME)
        self.store: Store = open_store(folder)
        self.key = self._log.key() or ""
        """The secret of whoever leads the room."""
        self.room: Room = folded(self._log.events())
        self._open: dict[str, Bed] = {}
        self._watchers: set[Callable[[], None]] = set()

    def leads(self, key: str) -> bool:
        """Return whether somebody has the secret of whoever leads the room."""
        return bool(self.key) and secrets.compare_digest(self.key.encode(), key.encode())

    def begin(self, source: str, seed: int) -> None:
        """Lay the first patient. Raises CaseError or StoreError."""
        self.key = secrets.token_hex(16)
        self._log.keep_key(self.key)
        bed = self._beds.begun(self.store, source, seed, "practice")
        self._open[bed.attempt.id] = bed
        self._take(Laid(bed.attempt.id))

    def beds(self) -> tuple[Bed, ...]:
        """Return the room's patients, the first first. Raises CannotResume or StoreError."""
        return tuple(self.bed(laid.bed) for laid in self.room.beds)

    def bed(self, id: str) -> Bed:
        """Return one of its patients. Raises Unfit for another."""
        if id not in {laid.bed for laid in self.room.beds}:
            raise Unfit("There is no such bed in this room.")
        if id not in self._open:
            self._open[id] = self._beds.made_up(self.store, id)
        return self._open[id]

    def letter(self, id: str) -> str:
        """Return what a bed is called: A, B, ..."""
        return "ABCDEFGH"[[laid.bed for laid in self.room.beds].index(id)]

    # --- commands --------------------------------------------------------------------------------------------

    def join(self, person: str, name: str) -> None:
        """Let somebody in; who is in already stays who they are."""
        if self.room.name_of(person) is None:
            if len(self.room.people) >= MOST_PEOPLE:
                raise Unfit("This room is full.")
            self._take(Joined(person, self.room.free_name(name)))

    def ask(self, bed: str, choices: tuple[Choice, ...]) -> None:
        """Open a ballot."""
        self._need(not self.room.ended, "The session is over.")
        self._need(self.room.round is None, "A ballot is open: close it and reveal it first.")
        self._need(2 <= len(choices) <= MOST_CHOICES, f"A ballot has 2 to {MOST_CHOICES} choices.")
        self._need(not self.bed(bed).attempt.ended, "This patient's case is over.")
        self._take(Asked(bed, choices))

    def vote(self, person: str, round: int, choice: int) -> None:
        """Take a vote; until the ballot is closed another one replaces it."""
        now = self.room.round
        self._need(self.room.name_of(person) is not None, "Join the room first.")
        self._need(now is not None and now.number == round and not now.closed, "This ballot is closed.")
        assert now is not None, "it was just needed"
        self._need(0 <= choice < len(now.choices), "There is no such choice.")
        if dict(now.votes).get(person) != choice:
            self._take(Voted(round, person, choice))

    def close_ballot(self) -> None:
        """Take no more votes."""
        now = self.room.round
        self._need(now is not None and not now.closed, "No ballot is open.")
        assert now is not None, "it was just needed"
        self._take(Closed(now.number))

    def reveal(self) -> None:
        """Let everybody see how it was voted."""
        now = self.room.round
        self._need(now is not None and now.closed, "Close the ballot first.")
        assert now is not None, "it was just needed"
        self._take(Revealed(now.number))

    def play_choice(self, round: int, choice: int, bed: str) -> None:
        """Play a choice of a ballot that was revealed. Raises like `PersistentSession.play`."""
        self.play(self._choice(round, choice).move, bed, round, choice)

    def play(self, move: Move, bed: str, round: int = 0, choice: int = 0) -> None:
        """Play a move of the facilitator's own, or of a ballot. Raises like `PersistentSession.play`."""
        self._need(not self.room.ended, "The session is over.")
        at = self.bed(bed)
        self._need(not at.attempt.ended, "This patient's case is over.")
        try:
            at.play(move)
        except (StoreError, FaultOfCase):
            self._open.pop(bed).attempt.end_review()  # this session cannot go on, the attempt can
            raise
        if at.snapshot.ended is not None:
            conclude(at.attempt)
        self._take(Played(round, bed, choice, at.attempt.count))

    def fork(self, round: int, bed: str, first: int, second: int) -> None:
        """Play two choices of a ballot in two beds with the same patient and the same fate. Raises like `play`."""
        for choice in (first, second):
            self._choice(round, choice)
        self._need(not self.bed(bed).attempt.ended, "This patient's case is over.")
        twin = self.go_back(bed, self.bed(bed).attempt.count)
        self.play_choice(round, first, bed)
        self.play_choice(round, second, twin)

    def go_back(self, bed: str, moves: int) -> str:
        """Lay another bed with the patient as after so many moves of a bed, and return it. Raises StoreError."""
        self._need(not self.room.ended, "The session is over.")
        self._need(self.room.round is None, "A ballot is open: close it and reveal it first.")
        self._need(len(self.room.beds) < MOST_BEDS, f"A room has at most {MOST_BEDS} beds.")
        parent = self.bed(bed).attempt
        self._need(0 <= moves <= parent.count, "There is no such moment.")
        other = self._beds.made_up(self.store, store_branch(parent, moves).id)
        self._open[other.attempt.id] = other
        self._take(Laid(other.attempt.id, bed))
        return other.attempt.id

    def moments(self, bed: str) -> tuple[tuple[int, int], ...]:
        """Return the moments that one can go back to: how many moves came before it, and its minute."""
        return tuple((stored.number - 1, stored.before) for stored in self.store.moves(bed))

    def end(self) -> None:
        """End the session: the team goes on along the pathway in every bed, and the debrief is open to everybody."""
        self._need(not self.room.ended, "The session is over.")
        for bed in self.beds():
            if not bed.attempt.ended:
                self.play(Finish(), bed.attempt.id)
        self._take(Ended())

    def watch(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Have a function called after each event; return what ends that."""
        self._watchers.add(tell)
        return lambda: self._watchers.discard(tell)

    def close(self) -> None:
        """Let go of its patients and its files."""
        for bed in self._open.values():
            bed.attempt.end_review()
        self._log.close()
        self.store.close()

    def _choice(self, round: int, choice: int) -> Choice:
        """Return a choice of a ballot that was revealed. Raises Unfit for another."""
        self._need(1 <= round <= len(self.room.rounds), "There is no such ballot.")
        one = self.room.rounds[round - 1]
        self._need(one.revealed, "Reveal the ballot first.")
        self._need(0 <= choice < len(one.choices), "There is no such choice.")
        return one.choices[choice]

    def _need(self, fits: bool, otherwise: str) -> None:
        if not fits:
            raise Unfit(otherwise)

    def _take(self, event: RoomEvent) -> None:
        self._log.append(self.room.events + 1, event)
        self.room = after(self.room, event)
        for tell in tuple(self._watchers):
            tell()


class OpenRooms:
    """The rooms of a data folder, opened when somebody asks for them."""

    def __init__(self, folder: Path, beds: Beds) -> None:
        self._folder, self._beds = folder / ROOMS, beds
        self._rooms: dict[str, OpenRoom] = {}
        self._lock = RLock()

    def made(self, source: str, seed: int) -> OpenRoom:
        """Make a room with a patient. Raises CaseError or StoreError."""
        with self._lock:
            code = "".join(secrets.choice(_LETTERS) for _ in range(6))
            room = OpenRoom(self._folder / code, code, self._beds)
            room.begin(source, seed)
            self._rooms[code] = room
            return room

    def find(self, code: str) -> OpenRoom | None:
        """Return the room of a code, or None. Raises StoreError where it cannot be opened."""
        code = code.strip().upper()
        with self._lock:
            if code not in self._rooms:
                if not _CODE.fullmatch(code) or not (self._folder / code / LOG_NAME).is_file():
                    return None
                self._rooms[code] = OpenRoom(self._folder / code, code, self._beds)
            return self._rooms[code]

    def close(self) -> None:
        """Close every room."""
        with self._lock:
            for room in self._rooms.values():
                room.close()
            self._rooms.clear()
