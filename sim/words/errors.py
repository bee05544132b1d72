"""What goes wrong for a user, told in one line and a hint."""

from __future__ import annotations


class UserError(Exception):
    """An error that is told in one line, with a hint. `told` where nothing more need be said."""

    def __init__(self, message: str, hint: str = "", *, misuse: bool = False, told: bool = False) -> None:
        super().__init__(message)
        self.hint = hint
        self.code = 2 if misuse else 1
        self.told = told

    def whole(self) -> str:
        """Return the message with its hint, for a face that has one line for both."""
        return f"{self}; {self.hint}" if self.hint else str(self)
