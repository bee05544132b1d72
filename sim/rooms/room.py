"""A room as it is: the fold of its events. An event that does not fit what came before changes nothing.

So a log that holds a vote twice, or one that came too late, gives the room that everybody saw.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import assert_never

from sim.rooms.events import Asked, Choice, Closed, Ended, Joined, Laid, Played, Revealed, RoomEvent, Voted


@dataclass(frozen=True, slots=True)
class Round:
    """One ballot."""

    number: int
    """From 1."""
    bed: str
    choices: tuple[Choice, ...]
    votes: tuple[tuple[str, int], ...] = ()
    """Who voted for which choice, in the order in which they first voted."""
    closed: bool = False
    revealed: bool = False
    played: tuple[Played, ...] = ()

    @property
    def tally(self) -> tuple[int, ...]:
        """Return how many persons voted for each choice."""
        counted = Counter(choice for _, choice in self.votes)
        return tuple(counted[place] for place in range(len(self.choices)))

    @property
    def ranked(self) -> tuple[int, ...]:
        """Return the choices that somebody voted for, that with the most votes first; of equals the one asked first."""
        return tuple(sorted((c for c, n in enumerate(self.tally) if n), key=lambda c: (-self.tally[c], c)))


@dataclass(frozen=True, slots=True)
class Room:
    """A teaching session as it is now."""

    events: int = 0
    """How many events its log has: what a page knows of."""
    votes_cast: int = 0
    """How many of them are votes, changed ones included."""
    people: tuple[tuple[str, str], ...] = ()
    """Who came, with their names."""
    beds: tuple[Laid, ...] = ()
    rounds: tuple[Round, ...] = ()
    ended: bool = False

    @property
    def round(self) -> Round | None:
        """The round that is not over: open, or closed and not revealed."""
        last = self.rounds[-1] if self.rounds else None
        return last if last is not None and not last.revealed else None

    def name_of(self, person: str) -> str | None:
        """Return the name of somebody who came; None for somebody else."""
        return dict(self.people).get(person)

    def free_name(self, wanted: str) -> str:
        """Return a name as wanted, with a number after it if somebody has it already."""
        taken = {name.casefold() for _, name in self.people}
        names = (wanted if n == 1 else f"{wanted} {n}" for n in range(1, len(taken) + 2))
        return next(name for name in names if name.casefold() not in taken)

    @property
    def seen(self) -> int:
        """A number that changes whenever what learners may see does: a vote before its reveal is not among that."""
        return self.events - self.votes_cast


def folded(events: Iterable[RoomEvent]) -> Room:
    """Return the room that these events lead to."""
    room = Room()
    for event in events:
        room = after(room, event)
    return room


def after(room: Room, event: RoomEvent) -> Room:
    """Return a room after one more event."""
    room = replace(room, events=room.events + 1, votes_cast=room.votes_cast + isinstance(event, Voted))
    match event:
        case Joined(person=person, name=name):
            return room if room.name_of(person) else replace(room, people=(*room.people, (person, name)))
        case Laid():
            return replace(room, beds=(*room.beds, event))
        case Asked(bed=bed, choices=choices):
            fits = room.round is None and choices
            return replace(room, rounds=(*room.rounds, Round(len(room.rounds) + 1, bed, choices))) if fits else room
        case Ended():
            return replace(room, ended=True)
        case Voted() | Closed() | Revealed() | Played():
            return _in_a_round(room, event)
        case _:
            assert_never(event)


def _in_a_round(room: Room, event: Voted | Closed | Revealed | Played) -> Room:
    if not 1 <= event.round <= len(room.rounds):
        return room
    rounds = list(room.rounds)
    rounds[event.round - 1] = _round_after(room, rounds[event.round - 1], event)
    return replace(room, rounds=tuple(rounds))


def _round_after(room: Room, one: Round, event: Voted | Closed | Revealed | Played) -> Round:
    match event:
        case Voted(person=person, choice=choice):
            if one.closed or room.name_of(person) is None or not 0 <= choice < len(one.choices):
                return one
            return replace(one, votes=tuple((dict(one.votes) | {person: choice}).items()))
        case Closed():
            return replace(one, closed=True)
        case Revealed():
            return replace(one, revealed=one.closed)
        case Played():
            return replace(one, played=(*one.played, event))
