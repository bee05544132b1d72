"""How often one address may do what costs something: ask for rooms that are not there, be somebody new."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock
from typing import Final

_ADDRESSES: Final = 4096
"""How many addresses are remembered; the one heard from longest ago is forgotten first."""


class Limit:
    """So many times in so many seconds, for each address. A class behind one address is sixty people: be generous."""

    def __init__(self, times: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._times, self._seconds, self._clock = times, seconds, clock
        self._noted: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def reached(self, address: str) -> bool:
        """Return whether an address has done it too often of late."""
        with self._lock:
            noted = self._noted.get(address)
            return noted is not None and len(noted) == self._times and self._clock() - noted[0] < self._seconds

    def note(self, address: str) -> None:
        """Count once more for an address."""
        with self._lock:
            noted = self._noted.setdefault(address, deque(maxlen=self._times))
            noted.append(self._clock())
            self._noted.move_to_end(address)
            while len(self._noted) > _ADDRESSES:
                self._noted.popitem(last=False)
