"""Who asks: a learner without an account, known by a signed cookie, with a store of their own.

Each learner has a folder below `learners/` in the data folder. What one may see is what lies in it, so no query can
forget whose attempts it asks for, and no two learners wait for the same file.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Final

from itsdangerous import BadSignature, Signer

from sim.attempts.store import LEARNERS, Store, StoreError, open_store
from sim.web.beds import Bed, Beds

HELD: Final = 200
"""How many learners' files stay open when nobody asks for them; the one asked for longest ago goes first."""
COOKIE: Final = "scurfy"
_KEY: Final = "server.key"
_ID: Final = re.compile(r"[0-9a-f]{32}")


class Desk:
    """One learner's store, and the patients that are at hand."""

    def __init__(self, store: Store, beds: Beds) -> None:
        self.store, self._beds = store, beds
        self._open: OrderedDict[str, Bed] = OrderedDict()
        self._lock = Lock()
        self.used = 0
        """How many requests use it now."""

    def bed(self, attempt: str) -> Bed:
        """Return the bed of an attempt, lived again if it is not at hand.

        Raises StoreError where the learner has no such attempt, CannotResume where it cannot go on.
        """
        with self._lock:
            found = self._open.get(attempt)
            if found is None:
                found = self._open[attempt] = self._beds.made_up(self.store, attempt)
                self._beds.bound(self._open)
            self._open.move_to_end(attempt)
            return found

    def keep(self, bed: Bed) -> None:
        """Have a new bed at hand."""
        with self._lock:
            self._open[bed.attempt.id] = bed
            self._beds.bound(self._open)

    def forget(self, attempt: str) -> None:
        """Live an attempt again when it is next asked for: it moved on elsewhere."""
        with self._lock:
            gone = self._open.pop(attempt, None)
        if gone is not None:
            gone.attempt.end_review()

    def close(self) -> None:
        """Let go of every patient, and of the file."""
        for bed in self._open.values():
            bed.attempt.end_review()
        self.store.close()


class Learners:
    """Everybody who plays here, by the cookie that the browser sends."""

    def __init__(self, folder: Path, beds: Beds) -> None:
        """Take the data folder. Raises StoreError where the key that signs cookies can be neither read nor written."""
        self._folder, self._beds = folder, beds
        self._signer = Signer(_key_in(folder), salt="learner", digest_method=hashlib.sha256)
        self._desks: OrderedDict[str, Desk] = OrderedDict()
        self._lock = Lock()

    def known(self, cookie: str | None) -> str | None:
        """Return the learner whom a cookie names, or None where it was not signed here."""
        if cookie is None:
            return None
        with suppress(BadSignature):
            id = self._signer.unsign(cookie).decode("ascii", "replace")
            return id if _ID.fullmatch(id) else None
        return None

    def made(self) -> str:
        """Return a new learner. Nothing is kept before they play."""
        return secrets.token_hex(16)

    def cookie(self, learner: str) -> str:
        """Return the cookie that names a learner."""
        return self._signer.sign(learner).decode("ascii")

    def has_played(self, learner: str) -> bool:
        """Whether anything of a learner is kept."""
        return (self._folder / LEARNERS / learner).is_dir()

    @contextmanager
    def desk(self, learner: str) -> Iterator[Desk]:
        """Give a learner's desk for the length of a request. Raises StoreError where their file cannot be opened."""
        with self._lock:
            desk = self._desks.get(learner)
            if desk is None:
                desk = self._desks[learner] = Desk(open_store(self._folder / LEARNERS / learner), self._beds)
            self._desks.move_to_end(learner)
            desk.used += 1
            gone = self._superfluous()
        for old in gone:
            old.close()
        try:
            yield desk
        finally:
            with self._lock:
                desk.used -= 1

    def close(self) -> None:
        """Close every file."""
        with self._lock:
            desks, self._desks = tuple(self._desks.values()), OrderedDict()
        for desk in desks:
            desk.close()

    def _superfluous(self) -> list[Desk]:
        idle = [id for id, desk in self._desks.items() if not desk.used]
        return [self._desks.pop(id) for id in idle[: max(0, len(self._desks) - HELD)]]


def _key_in(folder: Path) -> bytes:
    """Return the key that signs cookies, made the first time, for its owner's eyes only. Raises StoreError."""
    path = folder / _KEY
    try:
        with suppress(FileExistsError):
            path.touch(mode=0o600, exist_ok=False)
            path.write_text(secrets.token_hex(32), encoding="ascii")
        key = path.read_bytes().strip()
    except OSError as error:
        raise StoreError(f"{path} cannot be used: {error.strerror}", "SCURFY_HOME names another folder") from error
    if len(key) < 64:
        raise StoreError(f"{path} is damaged", "remove it: everybody begins anew, their attempts stay on the disk")
    return key
