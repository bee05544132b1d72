"""Keys one at a time: none acts before what the key before it did is done, and the window that opened is there.

Textual hands a key to the widget that has the focus and takes the next one at once. What is typed fast would then act
on the screen underneath a window that is still opening. Here each key waits for the one before it.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from textual import events
from textual.message import Message
from textual.message_pump import MessagePump

PATIENCE: Final = 5.0
"""Seconds after which a key no longer waits for the one before it: what handled that one has gone."""


class KeyHandled(Message):
    """All that a key does has been done by the widget that had the focus, and by all around it.

    It is posted behind the key and bubbles the same way, so it arrives after it; and once more, behind what the widget
    said of the key (`Input.Submitted`) when it took it.
    """

    def __init__(self, number: int, target: MessagePump | None = None, last: bool = False) -> None:
        super().__init__()
        self.number = number
        self.target = target
        """What had the focus."""
        self.last = last

    def once_more(self) -> KeyHandled:
        """Return what is posted behind what the widget said of the key."""
        return KeyHandled(self.number, self.target, last=True)


class TypeAhead:
    """The keys that were typed and have not acted yet, oldest first."""

    def __init__(self) -> None:
        self._waiting: deque[events.Key] = deque()
        self.current = KeyHandled(0)
        """What says that the latest key has been handled."""
        self.busy = False
        """Whether a key is being handled."""

    def add(self, key: events.Key) -> None:
        """Take a key that has to wait."""
        self._waiting.append(key)

    def begin(self, target: MessagePump) -> KeyHandled:
        """Say that a key is handled from now on, by `target`. Returns what to post behind it."""
        self.busy = True
        self.current = KeyHandled(self.current.number + 1, target)
        return self.current

    def is_current(self, handled: KeyHandled) -> bool:
        """Whether this is the key that is being handled; one that was given up may come late."""
        return self.busy and handled.number == self.current.number

    def end(self) -> None:
        """Say that the key has been handled."""
        self.busy = False

    def next(self, after: float) -> events.Key | None:
        """Return the next key that was typed later than `after`, on the clock of the keys; those before it are lost."""
        while self._waiting:
            key = self._waiting.popleft()
            if key.time > after:
                return key
        return None


__all__ = ["PATIENCE", "KeyHandled", "TypeAhead"]
