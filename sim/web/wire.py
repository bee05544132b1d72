"""HTTP as it comes in by the wire: what is no request is answered once and hung up on, whatever was under way."""

from __future__ import annotations

from contextlib import suppress

from h11 import LocalProtocolError
from uvicorn.protocols.http.h11_impl import H11Protocol


class Wire(H11Protocol):
    """One connection. Of what cannot be read, nobody who keeps the server is told as of a fault."""

    def send_400_response(self, msg: str) -> None:
        """Say that this is no request, where something can still be said, and hang up."""
        if self.cycle is not None:  # what it was about to answer has nobody to go to
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        with suppress(LocalProtocolError):  # an answer was under way, or has no body
            super().send_400_response(msg)
        self.transport.close()
