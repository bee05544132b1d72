"""The server: which page answers which address, who may ask, and what is refused before it is read.

Every page is written in a thread, for reading a case and playing a move take time; the attempt's lock is held while it
is. An act answers with the way to the page that shows what came of it, so that a reload never acts again.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from sim.attempts.cases import CASES
from sim.attempts.crash import record_crash
from sim.attempts.finish import conclude
from sim.attempts.listing import Listed, Listing, read_listing
from sim.attempts.notes import write_notes
from sim.attempts.recall import GRADED, Asked, answer, day, ready
from sim.attempts.session import CannotResume, FaultOfCase
from sim.attempts.store import StoreError
from sim.case.problems import CaseError
from sim.engine.session import IllegalMove
from sim.report.html.page import palette
from sim.web import debrief, orders, recall, think, ward
from sim.web.acts import UNKNOWN, Far, Fields, Unmeant, move_of, one, typed_differential
from sim.web.beds import Bed, Beds
from sim.web.frame import POLICY, page
from sim.web.learners import COOKIE, Desk, Learners
from sim.web.library import briefing_page, library_page
from sim.words.errors import UserError
from sim.words.format import capital
from sim.words.markup import tag
from sim.words.modes import Mode
from sim.words.orders import FILTERS

LONGEST_FORM: Final = 64_000
"""Bytes of the largest form that is read."""
MOST_FIELDS: Final = 60
SEEDS: Final = 1_000_000_000
HEARTBEAT: Final = 15.0
"""Seconds after which a stream says that it is still there."""
YEAR: Final = 365 * 24 * 3600
OLD: Final = "This page was old, so nothing was done. It is up to date now."

_BACK: Final = re.compile(rf"(?P<group>{'|'.join(name for name, _ in FILTERS)})(?:\?q=(?P<query>.{{0,80}}))?")
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asking:
    """One request as the pages take it."""

    path: dict[str, str]
    query: str
    fields: Fields
    secure: bool
    learner: str | None
    """Whom the cookie names, if it was signed here."""
    desk: Desk | None = None
    """The learner's; None for somebody who has not played."""


Answering = Callable[[Asking], Response]


Endpoint = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """A request that is answered with a status and a sentence."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Site:
    """Everything that is served from one data folder."""

    def __init__(self, folder: Path, beds: Beds, homes: tuple[Path, ...] = ()) -> None:
        """Take the data folder, how attempts begin, and the folders of one's own cases. Raises StoreError."""
        self.folder, self._beds, self._homes = folder, beds, homes
        self.learners = Learners(folder, beds)

    def routes(self) -> list[Route]:
        """Return every address with what answers it."""
        look, act = ["GET"], ["POST"]
        return [
            Route("/", self._page(self._library), methods=look),
            Route("/case/{case}", self._page(self._briefing), methods=look),
            Route("/case/{case}", self._act(self._begin), methods=act),
            Route("/recall", self._page(self._question), methods=look),
            Route("/recall", self._act(self._answer), methods=act),
            Route("/attempt/{id}", self._page(self._ward), methods=look),
            Route("/attempt/{id}/orders/{group}", self._page(self._orders), methods=look),
            Route("/attempt/{id}/trend/{observable}", self._page(self._trend), methods=look),
            Route("/attempt/{id}/record", self._page(self._record), methods=look),
            Route("/attempt/{id}/think", self._page(self._think), methods=look),
            Route("/attempt/{id}/hand-over", self._page(self._hand_over), methods=look),
            Route("/attempt/{id}/debrief", self._page(self._debrief), methods=look),
            Route("/attempt/{id}/events", self._events, methods=look),
            Route("/attempt/{id}/notes", self._act(self._note), methods=act),
            Route("/attempt/{id}/{act}", self._act(self._play), methods=act),
            Route("/static/{name}", _static, methods=look),
            Route("/favicon.ico", _mark, methods=look),
        ]

    # --- how a request is taken ------------------------------------------------------------------------------

    def _page(self, answering: Answering) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return await self._answered(request, answering, {})

        return endpoint

    def _act(self, answering: Answering) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            if not _from_here(request):
                return _said(403, "This form did not come from a page of this server.")
            try:
                fields = await _fields(request)
            except Refused as refusal:
                return _said(refusal.status, str(refusal))
            return await self._answered(request, answering, fields)

        return endpoint

    async def _answered(self, request: Request, answering: Answering, fields: Fields) -> Response:
        """Have a page written in a thread, with the learner's desk."""
        return await run_in_threadpool(self._written, request, answering, fields)

    def _written(self, request: Request, answering: Answering, fields: Fields) -> Response:
        learner = self.learners.known(request.cookies.get(COOKIE))
        path = {name: str(value) for name, value in request.path_params.items()}
        asking = Asking(path, request.query_params.get("q", "")[:80], fields, request.url.scheme == "https", learner)
        try:
            if learner is None or not self.learners.has_played(learner):
                return answering(asking)
            with self.learners.desk(learner) as desk:
                return answering(replace(asking, desk=desk))
        except Refused as refusal:
            return _said(refusal.status, str(refusal))
        except (StoreError, CannotResume, FaultOfCase) as trouble:
            return _said(409, capital(trouble.whole()))
        except CaseError as problem:
            return _said(404, "This case cannot be played.", str(problem).splitlines()[0])
        except Exception as fault:  # one page that faults is one page
            record_crash(fault, self.folder)
            return _said(500, "Something went wrong inside Scurfy. Nothing you did is lost.")

    # --- before a case -----------------------------------------------------------------------------------------

    def _listing(self, asking: Asking) -> Listing:
        return read_listing(None if asking.desk is None else asking.desk.store, self._beds.root, self._homes)

    def _library(self, asking: Asking) -> Response:
        due = 0 if asking.desk is None else len(self._due(asking.desk))
        return _html(library_page(self._listing(asking), due))

    def _listed(self, asking: Asking) -> Listed:
        found = (case for case in self._listing(asking).cases if case.id == asking.path["case"] and not case.problem)
        listed = next(found, None)
        if listed is None:
            raise Refused(404, "There is no such case.")
        return listed

    def _briefing(self, asking: Asking) -> Response:
        listed = self._listed(asking)
        return _html(briefing_page(listed, CASES.load(listed.source, self._beds.root).case))

    def _begin(self, asking: Asking) -> Response:
        listed, typed = self._listed(asking), one(asking.fields, "seed")
        mode = one(asking.fields, "mode") or Mode.PRACTICE
        if (typed and not (typed.isascii() and typed.isdecimal() and len(typed) < 10)) or mode not in set(Mode):
            raise Refused(422, "The patient is a number of at most nine figures.")
        seed = int(typed) if typed else secrets.randbelow(SEEDS)
        learner = asking.learner or self.learners.made()
        with self.learners.desk(learner) as desk:
            bed = self._beds.begun(desk.store, listed.source, seed, mode)
            desk.keep(bed)
        response = _to(ward.base(bed))
        response.set_cookie(COOKIE, self.learners.cookie(learner), max_age=YEAR, httponly=True, samesite="lax",
                            secure=asking.secure)  # fmt: skip
        return response

    # --- the ward ------------------------------------------------------------------------------------------------

    def _ward(self, asking: Asking) -> Response:
        bed = _named(asking)
        with bed.lock:
            return _html(ward.ward(bed))

    def _orders(self, asking: Asking) -> Response:
        bed, group = _named(asking), asking.path["group"]
        if group not in dict(FILTERS):
            raise Refused(404, "There is no such page.")
        with bed.lock:
            return _html(orders.orders_page(bed, group, asking.query))

    def _trend(self, asking: Asking) -> Response:
        bed = _named(asking)
        with bed.lock:
            try:
                return _html(ward.trend_page(bed, asking.path["observable"]))
            except KeyError:
                raise Refused(404, "Nothing was measured of that.") from None

    def _record(self, asking: Asking) -> Response:
        bed = _named(asking)
        with bed.lock:
            return _html(ward.record_page(bed))

    def _think(self, asking: Asking) -> Response:
        bed = _named(asking)
        with bed.lock:
            return _html(think.think_page(bed, _desk(asking).store))

    def _hand_over(self, asking: Asking) -> Response:
        bed = _named(asking)
        with bed.lock:
            return _html(ward.hand_over_page(bed)) if not bed.attempt.ended else _to(ward.base(bed))

    def _debrief(self, asking: Asking) -> Response:
        bed = _named(asking)
        with bed.lock:
            if not bed.attempt.ended:
                return _to(ward.base(bed))
            return _html(debrief.debrief_page(bed), policy=debrief.POLICY)

    def _note(self, asking: Asking) -> Response:
        bed, store = _named(asking), _desk(asking).store
        for about in think.ABOUT:
            if about in asking.fields:
                write_notes(store.folder, bed.attempt.id, one(asking.fields, about).replace("\r\n", "\n"), about)
        return _to(f"{ward.base(bed)}/think")

    def _play(self, asking: Asking) -> Response:
        """Play what a form means. A page that did not know of the last move does not act: it is shown anew."""
        bed = _named(asking)
        with bed.lock:
            if one(asking.fields, "seen") != str(bed.attempt.count) or bed.attempt.ended:
                return self._shown(asking, bed, OLD, 409)
            try:
                bed.play(
                    move_of(asking.path["act"], asking.fields, bed.attempt.scenario, bed.snapshot, bed.attempt.mode)
                )
            except Far as far:
                return _html(orders.sure_page(bed, far.order, far.dose, far.how, one(asking.fields, "back")))
            except Unmeant as unmeant:
                return self._shown(asking, bed, str(unmeant), 422)
            except IllegalMove as refusal:
                return self._shown(asking, bed, f"That cannot be done: {refusal}.", 422)
            except StoreError as trouble:
                _desk(asking).forget(bed.attempt.id)  # it may have moved on in another window
                return self._shown(asking, bed, capital(trouble.whole()), 409)
            if bed.snapshot.ended is not None:
                conclude(bed.attempt)
            return _to(_back(asking, bed))

    def _shown(self, asking: Asking, bed: Bed, told: str, status: int) -> Response:
        """Return the page that a form came from, with what is to be known above all."""
        if asking.path["act"] == "differential":
            typed = typed_differential(asking.fields)
            return _html(think.think_page(bed, _desk(asking).store, told, typed), status)
        came = _BACK.fullmatch(one(asking.fields, "back"))
        if came is not None and not bed.attempt.ended:
            return _html(orders.orders_page(bed, came["group"], came["query"] or "", told), status)
        return _html(ward.ward(bed, told), status)

    # --- what is heard -------------------------------------------------------------------------------------------

    async def _events(self, request: Request) -> Response:
        """Tell a page how many moves were played, at once and after each: what is new it then asks for."""
        learner = self.learners.known(request.cookies.get(COOKIE))
        if learner is None or not self.learners.has_played(learner):
            return _said(404, "There is no such patient.")
        try:
            bed = await run_in_threadpool(self._watched, learner, request.path_params["id"])
        except (Refused, UserError):
            return _said(404, "There is no such patient.")
        return StreamingResponse(self._heard(learner, bed), media_type="text/event-stream", headers=_HEADERS)

    def _watched(self, learner: str, id: str) -> Bed:
        with self.learners.desk(learner) as desk:
            return _bed(desk, id)

    async def _heard(self, learner: str, bed: Bed) -> AsyncIterator[str]:
        loop, moves = asyncio.get_running_loop(), asyncio.Queue[int]()

        def tell(count: int) -> None:
            loop.call_soon_threadsafe(moves.put_nowait, count)

        with self.learners.desk(learner):  # held, so that nobody else's bed takes the place of this one
            stop = bed.watch(tell)
            try:
                yield f"retry: 2000\ndata: {bed.attempt.count}\n\n"
                while True:
                    try:
                        yield f"data: {await asyncio.wait_for(moves.get(), HEARTBEAT)}\n\n"
                    except TimeoutError:
                        yield ": still here\n\n"
            finally:
                stop()

    # --- questions ------------------------------------------------------------------------------------------------

    def _due(self, desk: Desk) -> list[Asked]:
        cards = ready(desk.store.cards.due(), lambda source: CASES.load(source, self._beds.root))
        return [one for one in cards if isinstance(one, Asked)]

    def _question(self, asking: Asking) -> Response:
        due = [] if asking.desk is None else self._due(asking.desk)
        if due:
            return _html(recall.question_page(due[0], len(due)))
        following = None if asking.desk is None else asking.desk.store.cards.next()
        return _html(recall.nothing_page("" if following is None else day(following)))

    def _answer(self, asking: Asking) -> Response:
        desk, wanted = _desk(asking), (one(asking.fields, "case"), one(asking.fields, "question"))
        due = self._due(desk)
        asked = next((a for a in due if (a.card.case_id, a.card.question) == wanted), None)
        if asked is None:
            return _to("/recall")
        given, grade = one(asking.fields, "answer")[:4000], one(asking.fields, "grade")
        chosen = next((known for known in GRADED if known == grade), None)
        if chosen is None:
            return _html(recall.answer_page(asked, given, len(due)))
        answer(desk.store, asked.card, given, chosen)
        return _to("/recall")


def application(folder: Path, beds: Beds, homes: tuple[Path, ...] = (), hosts: tuple[str, ...] = ("*",)) -> Starlette:
    """Return the server as an ASGI application. `hosts` are the names it may be asked by. Raises StoreError."""
    site = Site(folder, beds, homes)
    app = Starlette(routes=site.routes(), middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))])
    app.state.site = site
    return app


def _desk(asking: Asking) -> Desk:
    if asking.desk is None:
        raise Refused(404, "There is no such patient.")
    return asking.desk


def _named(asking: Asking) -> Bed:
    """Return the bed that an address names, if it is the learner's own. Raises Refused, CannotResume or StoreError."""
    return _bed(_desk(asking), asking.path["id"])


def _bed(desk: Desk, id: str) -> Bed:
    if not re.fullmatch(r"[0-9a-f]{12}", id):
        raise Refused(404, "There is no such patient.")
    try:
        return desk.bed(id)
    except StoreError:
        if id in {attempt.id for attempt in desk.store.attempts()}:
            raise
        raise Refused(404, "There is no such patient.") from None


def _back(asking: Asking, bed: Bed) -> str:
    """Return where an act leads: the list it was chosen from for a question or an order, else the ward."""
    came = _BACK.fullmatch(one(asking.fields, "back"))
    if came is None or bed.attempt.ended or bed.snapshot.checkpoint is not None:
        return ward.base(bed)
    query = f"?q={quote(came['query'])}" if came["query"] else ""
    return f"{ward.base(bed)}/orders/{came['group']}{query}"


async def _fields(request: Request) -> Fields:
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


def _from_here(request: Request) -> bool:
    """Whether a form came from a page of this server: browsers say so, and nobody else need send forms."""
    origin = request.headers.get("origin")
    if origin is not None and origin != "null":
        return urlsplit(origin).netloc == request.headers.get("host")
    return request.headers.get("sec-fetch-site") == "same-origin"


def _html(text: str, status: int = 200, policy: str = POLICY) -> Response:
    return HTMLResponse(text, status, headers=_HEADERS | {"Content-Security-Policy": policy})


def _to(where: str) -> Response:
    return RedirectResponse(where, 303, headers=_HEADERS)


def _said(status: int, *words: str) -> Response:
    """Return a page that says only this, and leads back."""
    told = [tag("p", line) for line in words]
    return _html(page(words[0], tag("h1", "Scurfy"), told, tag("p", tag("a", "Back to the cases", href="/"))), status)


def _static(request: Request) -> Response:
    """Return the style, the script or the mark."""
    return _file(request.path_params["name"])


def _mark(request: Request) -> Response:
    """Return the mark to a browser that asks for it by the old name, as the debrief's page has it do."""
    return _file("scurfy.svg")


def _file(name: str) -> Response:
    kinds = {"scurfy.css": "text/css", "scurfy.js": "text/javascript", "scurfy.svg": "image/svg+xml"}
    if name not in kinds:
        return PlainTextResponse("There is no such file.", 404)
    text = (files("sim.web") / "static" / name).read_text(encoding="utf-8")
    headers = _HEADERS | {"Cache-Control": "no-cache"}
    return Response((palette() if name.endswith("css") else "") + text, media_type=kinds[name], headers=headers)
