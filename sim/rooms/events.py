"""What happens in a room, as frozen values: all that its log stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.case.moves import Move, from_plain, to_plain


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to vote: the move that it stands for, and how it is said."""

    label: str
    move: Move


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody came, under a name that nobody else in the room has."""

    person: str
    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The facilitator opens a ballot about a bed."""

    bed: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Voted:
    """Somebody's vote in a round; the last one before the round is closed counts."""

    round: int
    person: str
    choice: int


@dataclass(frozen=True, slots=True)
class Closed:
    """No more votes in a round."""

    round: int


@dataclass(frozen=True, slots=True)
class Revealed:
    """Everybody sees how a round was voted."""

    round: int


@dataclass(frozen=True, slots=True)
class Played:
    """A choice of a round was played in a bed, as its move number so many. Round 0: the facilitator's own act."""

    round: int
    bed: str
    choice: int
    number: int


@dataclass(frozen=True, slots=True)
class Laid:
    """A bed of the room: the first, or one forked off another."""

    bed: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over: the debrief is open to everybody, and nothing more is played."""


RoomEvent = Joined | Asked | Voted | Closed | Revealed | Played | Laid | Ended


def to_data(event: RoomEvent) -> dict[str, object]:
    """Return an event as JSON-ready data; `from_data` is its inverse."""
    kind = type(event).__name__.lower()
    match event:
        case Joined(person=person, name=name):
            return {"kind": kind, "person": person, "name": name}
        case Asked(bed=bed, choices=choices):
            said = [{"label": choice.label, "move": to_plain(choice.move)} for choice in choices]
            return {"kind": kind, "bed": bed, "choices": said}
        case Voted(round=number, person=person, choice=chosen):
            return {"kind": kind, "round": number, "person": person, "choice": chosen}
        case Closed(round=number) | Revealed(round=number):
            return {"kind": kind, "round": number}
        case Played(round=number, bed=bed, choice=chosen, number=move):
            return {"kind": kind, "round": number, "bed": bed, "choice": chosen, "number": move}
        case Laid(bed=bed, parent=parent):
            return {"kind": kind, "bed": bed, "parent": parent}
        case Ended():
            return {"kind": kind}


def from_data(data: Mapping[str, object]) -> RoomEvent:
    """Return the event that `to_data` made. Raises ValueError for anything else."""
    match data:
        case {"kind": "joined", "person": str(person), "name": str(name)}:
            return Joined(person, name)
        case {"kind": "asked", "bed": str(bed), "choices": list(said)}:
            return Asked(bed, tuple(_choice(one) for one in said))
        case {"kind": "voted", "round": int(number), "person": str(person), "choice": int(chosen)}:
            return Voted(number, person, chosen)
        case {"kind": "closed", "round": int(number)}:
            return Closed(number)
        case {"kind": "revealed", "round": int(number)}:
            return Revealed(number)
        case {"kind": "played", "round": int(number), "bed": str(bed), "choice": int(chosen), "number": int(move)}:
            return Played(number, bed, chosen, move)
        case {"kind": "laid", "bed": str(bed), "parent": str() | None as parent}:
            return Laid(bed, parent)
        case {"kind": "ended"}:
            return Ended()
    raise ValueError(f"expected an event of a room, found {dict(data)!r}")


def _choice(data: object) -> Choice:
    match data:
        case {"label": str(label), "move": dict(move)}:
            return Choice(label, from_plain(move))
    raise ValueError(f"expected a choice, found {data!r}")
