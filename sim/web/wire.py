"""HTTP as it comes in by the wire: what is no request is answered once and hung up on, whatever was under way."""

from __future__ import annotations

import socket
from contextlib import suppress

import uvicorn
from h11 import LocalProtocolError
from starlette.applications import Starlette
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


def listen(app: Starlette, listening: socket.socket) -> None:
    """Answer whoever comes to a socket, until Ctrl+C."""
    config = uvicorn.Config(app, http=Wire, ws="none", log_level="error", access_log=False, server_header=False,
                            timeout_graceful_shutdown=2)  # fmt: skip
    uvicorn.Server(config).run(sockets=[listening])
