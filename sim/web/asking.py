"""A request as the pages take it, the answers that there are, and what is refused before it is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sim.web.acts import UNKNOWN, Fields
from sim.web.frame import POLICY, page
from sim.web.learners import Desk
from sim.words.markup import tag

LONGEST_FORM: Final = 64_000
"""Bytes of the largest form that is read."""
MOST_FIELDS: Final = 60
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip
"""What every answer says of itself."""
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Asking:
    """One request as the pages take it."""

    path: dict[str, str]
    query: str
    fields: Fields
    base: str
    """The address that this server is asked by, with a slash at its end."""
    host: str
    """Where the request comes from."""
    learner: str | None
    """Whom the cookie names, if it was signed here."""
    desk: Desk | None = None
    """The learner's; None for somebody who has not played."""


Answering = Callable[[Asking], Response]


class Refused(Exception):
    """A request that is answered with a status and a sentence."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


async def fields_of(request: Request) -> Fields:
    """Return what a form says. Raises Refused for one that is too long, or none."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_FORM:
                raise Refused(413, "That is too long.")
    except ClientDisconnect:
        raise Refused(400, UNKNOWN) from None
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise Refused(415, UNKNOWN)
    try:
        return parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Refused(400, UNKNOWN) from None


def is_from_here(request: Request) -> bool:
    """Whether a form came from a page of this server: browsers say so, and nobody else need send forms."""
    origin = request.headers.get("origin")
    if origin is not None and origin != "null":
        try:
            return urlsplit(origin).netloc == request.headers.get("host")
        except ValueError:  # it is no address, so no page's
            return False
    return request.headers.get("sec-fetch-site") == "same-origin"


def html(text: str, status: int = 200, policy: str = POLICY) -> Response:
    """Return a page."""
    return HTMLResponse(text, status, headers=HEADERS | {"Content-Security-Policy": policy})


def to(where: str) -> Response:
    """Return the way to the page that shows what an act brought."""
    return RedirectResponse(where, 303, headers=HEADERS)


def said(status: int, *words: str) -> Response:
    """Return a page that says only this, and leads back."""
    told = [tag("p", line) for line in words]
    return html(page(words[0], tag("h1", "Scurfy"), told, tag("p", tag("a", "Back to the cases", href="/"))), status)
