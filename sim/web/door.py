"""How a request comes in: who asks, which form came along, and what is told of whatever goes wrong on the way.

Every page is written in a thread, for reading a case and playing a move take time.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from sim.attempts.crash import record_crash
from sim.attempts.session import CannotResume, FaultOfCase
from sim.attempts.store import StoreError
from sim.case.problems import CaseError
from sim.web.acts import Fields
from sim.web.asking import HEADERS, Answering, Asking, Endpoint, Refused, fields_of, is_from_here, said
from sim.web.learners import COOKIE, Learners
from sim.web.limits import Limit
from sim.words.format import capital

HEARTBEAT: Final = 15.0
"""Seconds after which a stream says that it is still there."""
PAUSE: Final = 0.25
"""Seconds for which a stream gathers what happens before it tells: sixty votes are not sixty messages to each phone."""
NEW: Final = 600
"""How many people may be new from one address in ten minutes: a lecture hall, and no flood."""
_YEAR: Final = 365 * 24 * 3600


class Door:
    """What all requests come through."""

    def __init__(self, folder: Path, learners: Learners) -> None:
        self._folder, self.learners = folder, learners
        self._new = Limit(NEW, 600)
        self._places = re.compile(rf"{re.escape(str(folder))}\S*", re.IGNORECASE)

    def look(self, answering: Answering) -> Endpoint:
        """Return the endpoint of a page."""

        async def endpoint(request: Request) -> Response:
            return await run_in_threadpool(self._answered, request, answering, {})

        return endpoint

    def act(self, answering: Answering) -> Endpoint:
        """Return the endpoint of a form."""

        async def endpoint(request: Request) -> Response:
            if not is_from_here(request):
                return said(403, "This form did not come from a page of this server.")
            try:
                fields = await fields_of(request)
            except Refused as refusal:
                return said(refusal.status, str(refusal))
            return await run_in_threadpool(self._answered, request, answering, fields)

        return endpoint

    def learner_of(self, asking: Asking) -> str:
        """Return who asks, somebody new if need be. Raises Refused where one address is too many people at once."""
        if asking.learner is not None:
            return asking.learner
        if self._new.reached(asking.host):
            raise Refused(429, "Too many people came from your address at once: wait some minutes.")
        self._new.note(asking.host)
        return self.learners.made()

    def give_cookie(self, response: Response, learner: str, asking: Asking) -> Response:
        """Return an answer that tells the browser who it is from now on."""
        response.set_cookie(COOKIE, self.learners.cookie(learner), max_age=_YEAR, httponly=True, samesite="lax",
                            secure=asking.base.startswith("https:"))  # fmt: skip
        return response

    def worded(self, trouble: Exception) -> str:
        """Return a trouble as a sentence for whoever is at a browser: without the places of files on this machine."""
        return f"{re.sub(self._places, 'the data folder', capital(str(trouble))).rstrip('.')}."

    def _answered(self, request: Request, answering: Answering, fields: Fields) -> Response:
        learner = self.learners.known(request.cookies.get(COOKIE))
        path = {name: str(value) for name, value in request.path_params.items()}
        who = request.client.host if request.client is not None else ""
        asking = Asking(path, request.query_params.get("q", "")[:80], fields, str(request.base_url), who, learner)
        try:
            if learner is None or not self.learners.has_played(learner):
                return answering(asking)
            with self.learners.desk(learner) as desk:
                return answering(replace(asking, desk=desk))
        except Refused as refusal:
            return said(refusal.status, str(refusal))
        except (StoreError, CannotResume, FaultOfCase) as trouble:
            return said(409, self.worded(trouble))
        except CaseError:  # what is wrong with it would tell what is in it
            return said(404, "This case cannot be played: whoever keeps the server sees why with 'scurfy check'.")
        except Exception as fault:  # one page that faults is one page
            record_crash(fault, self._folder)
            return said(500, "Something went wrong inside Scurfy. Nothing you did is lost.")


async def numbers(
    watch: Callable[[Callable[[], None]], Callable[[], None]], number: Callable[[], int]
) -> AsyncIterator[str]:
    """Yield what an event stream says: a number at once, and whenever it may have changed."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()
    stop = watch(lambda: _tell(loop, changed))
    try:
        yield f"retry: 2000\ndata: {number()}\n\n"
        while True:
            try:
                await asyncio.wait_for(changed.wait(), HEARTBEAT)
                await asyncio.sleep(PAUSE)
                changed.clear()
                yield f"data: {number()}\n\n"
            except TimeoutError:
                yield ": still here\n\n"
    finally:
        stop()


def streaming(lines: AsyncIterator[str]) -> Response:
    """Return an event stream."""
    return StreamingResponse(lines, media_type="text/event-stream", headers=HEADERS)


def _tell(loop: asyncio.AbstractEventLoop, changed: asyncio.Event) -> None:
    loop.call_soon_threadsafe(changed.set)
