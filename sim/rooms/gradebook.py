"""What a session leaves for the gradebook: a line for each person, as CSV that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from typing import Final

from sim.rooms.room import Room

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def gradebook(room: Room) -> str:
    """Return each person with the number of votes cast, and of those for what was then played, as CSV."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(["name", "rounds", "votes", "votes for what was played"])
    for person, name in room.people:
        cast = [(one, dict(one.votes)[person]) for one in room.rounds if person in dict(one.votes)]
        played = sum(any(done.choice == choice for done in one.played) for one, choice in cast)
        writer.writerow([_safe(name), len(room.rounds), len(cast), played])
    return target.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
