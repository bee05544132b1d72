"""The addresses of a room: who may come in, who leads, and what each command answers."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sim.attempts.session import FaultOfCase
from sim.attempts.store import StoreError
from sim.engine.session import IllegalMove
from sim.rooms.gradebook import gradebook
from sim.web import debrief, room_pages
from sim.web.acts import UNKNOWN, one
from sim.web.asking import HEADERS, Asking, Endpoint, Refused, html, said, to
from sim.web.ballot import choice_typed
from sim.web.door import Door, numbers, streaming
from sim.web.limits import Limit
from sim.web.open_rooms import OpenRoom, OpenRooms, Unfit
from sim.words.format import clean

MISSES: Final = 120
"""How many codes that no room has one address may ask for in a minute: a class that mistypes, and no guessing."""
_COLOURS: Final = ("Amber", "Blue", "Copper", "Green", "Grey", "Red", "Silver", "Violet", "White", "Yellow")
_BIRDS: Final = (
    "Crane",
    "Curlew",
    "Dipper",
    "Finch",
    "Heron",
    "Lark",
    "Martin",
    "Plover",
    "Robin",
    "Swift",
    "Tern",
    "Wren",
)
_LONGEST_NAME: Final = 30


Command = Callable[[OpenRoom, Asking], None]


class RoomSite:
    """Every room that is served from one data folder."""

    def __init__(self, door: Door, rooms: OpenRooms) -> None:
        self._door, self.rooms = door, rooms
        self._misses = Limit(MISSES, 60)

    def routes(self) -> list[Route]:
        """Return every address of a room with what answers it."""
        look, act = ["GET"], ["POST"]
        lead = "/room/{code}/lead/{key}"
        commands: dict[str, Command] = {
            "ask": self._ask,
            "close": lambda room, _: room.close_ballot(),
            "reveal": lambda room, _: room.reveal(),
            "play": self._play,
            "fork": self._fork,
            "act": self._act,
            "back": self._back,
            "end": lambda room, _: room.end(),
        }
        return [
            Route("/room", self._door.look(self._coming), methods=look),
            Route("/room/{code}", self._door.look(self._learner), methods=look),
            Route("/room/{code}/join", self._door.act(self._join), methods=act),
            Route("/room/{code}/vote", self._door.act(self._vote), methods=act),
            Route("/room/{code}/screen", self._door.look(self._screen), methods=look),
            Route("/room/{code}/events", self._heard(lambda room: room.room.seen), methods=look),
            Route("/room/{code}/screen/events", self._heard(lambda room: room.room.events), methods=look),
            Route("/room/{code}/debrief", self._door.look(self._debrief), methods=look),
            Route("/room/{code}/debrief/{bed}", self._door.look(self._debrief_of), methods=look),
            Route(lead, self._door.look(self._lead), methods=look),
            Route(f"{lead}/events", self._heard(lambda room: room.room.events), methods=look),
            Route(f"{lead}/gradebook.csv", self._door.look(self._gradebook), methods=look),
            *(Route(f"{lead}/{name}", self._door.act(self._led(command)), methods=act)
              for name, command in commands.items()),
        ]  # fmt: skip

    # --- who takes part --------------------------------------------------------------------------------------

    def _coming(self, asking: Asking) -> Response:
        """Lead somebody who typed a code to its room."""
        return to(f"/room/{self._room(asking.query, asking.host).code}")

    def _learner(self, asking: Asking) -> Response:
        room = self._named(asking)
        with room.lock:
            return html(room_pages.learner_page(room, asking.learner, name=_some_name()))

    def _join(self, asking: Asking) -> Response:
        room, name = self._named(asking), " ".join(clean(one(asking.fields, "name")).split())[:_LONGEST_NAME]
        learner = self._door.learner_of(asking)
        with room.lock:
            try:
                room.join(learner, name or _some_name())
            except Unfit as unfit:
                return html(room_pages.learner_page(room, None, str(unfit), name), 409)
        return self._door.give_cookie(to(f"/room/{room.code}"), learner, asking)

    def _vote(self, asking: Asking) -> Response:
        room = self._named(asking)
        with room.lock:
            try:
                room.vote(asking.learner or "", _number(asking, "round"), _number(asking, "choice"))
            except Unfit as unfit:
                return html(room_pages.learner_page(room, asking.learner, str(unfit), _some_name()), 409)
        return to(f"/room/{room.code}")

    def _screen(self, asking: Asking) -> Response:
        room = self._named(asking)
        with room.lock:
            return html(room_pages.screen_page(room, f"{asking.base}room/{room.code}"))

    def _debrief(self, asking: Asking) -> Response:
        room = self._over(asking)
        with room.lock:
            return html(room_pages.debrief_page(room))

    def _debrief_of(self, asking: Asking) -> Response:
        room = self._over(asking)
        with room.lock:
            try:
                return html(debrief.debrief_page(room.bed(asking.path["bed"])), policy=debrief.POLICY)
            except Unfit as unfit:
                raise Refused(404, str(unfit)) from None

    # --- who leads -------------------------------------------------------------------------------------------

    def _lead(self, asking: Asking) -> Response:
        room = self._leading(asking)
        with room.lock:
            return html(room_pages.lead_page(room))

    def _gradebook(self, asking: Asking) -> Response:
        room = self._leading(asking)
        with room.lock:
            book = gradebook(room.room)
        headers = HEADERS | {"Content-Disposition": f'attachment; filename="room-{room.code}.csv"'}
        return Response(book.encode("utf-8-sig"), media_type="text/csv", headers=headers)

    def _led(self, command: Command) -> Callable[[Asking], Response]:
        """Return what answers a command of the leader: what does not fit is told on the leader's own page."""

        def answering(asking: Asking) -> Response:
            room = self._leading(asking)
            with room.lock:
                try:
                    command(room, asking)
                except (Unfit, IllegalMove, StoreError, FaultOfCase) as problem:
                    typed = tuple(line for line in asking.fields.get("choice", ()) if line.strip())
                    told = self._door.worded(problem)
                    return html(room_pages.lead_page(room, told, typed), 409)
            return to(room_pages.lead_root(room))

        return answering

    def _ask(self, room: OpenRoom, asking: Asking) -> None:
        bed = room.bed(one(asking.fields, "bed"))
        lines = [line.strip()[:80] for line in asking.fields.get("choice", ()) if line.strip()]
        room.ask(bed.attempt.id, tuple(choice_typed(bed.attempt.scenario, line) for line in lines))

    def _play(self, room: OpenRoom, asking: Asking) -> None:
        room.play_choice(_number(asking, "round"), _number(asking, "choice"), one(asking.fields, "bed"))

    def _fork(self, room: OpenRoom, asking: Asking) -> None:
        room.fork(
            _number(asking, "round"), one(asking.fields, "bed"), _number(asking, "first"), _number(asking, "second")
        )

    def _back(self, room: OpenRoom, asking: Asking) -> None:
        bed, _, moves = one(asking.fields, "moment").partition(" ")
        if not (moves.isascii() and moves.isdecimal() and len(moves) < 6):
            raise Unfit(UNKNOWN)
        room.go_back(bed, int(moves))

    def _act(self, room: OpenRoom, asking: Asking) -> None:
        bed = room.bed(one(asking.fields, "bed"))
        room.play(choice_typed(bed.attempt.scenario, one(asking.fields, "typed")).move, bed.attempt.id)

    # --- what is heard ---------------------------------------------------------------------------------------

    def _heard(self, number: Callable[[OpenRoom], int]) -> Endpoint:
        """Return the endpoint of a stream that tells a number of a room; the leader's needs the leader's secret."""

        async def endpoint(request: Request) -> Response:
            host = request.client.host if request.client is not None else ""
            try:
                room = await run_in_threadpool(self._room, request.path_params["code"], host)
            except Refused as refusal:
                return said(refusal.status, str(refusal))
            except StoreError as trouble:
                return said(409, self._door.worded(trouble))
            if not room.leads(request.path_params.get("key", room.key)):
                return said(404, "There is no such room.")
            return streaming(numbers(room.watch, lambda: number(room)))

        return endpoint

    # --- which room ------------------------------------------------------------------------------------------

    def _named(self, asking: Asking) -> OpenRoom:
        return self._room(asking.path["code"], asking.host)

    def _room(self, code: str, host: str) -> OpenRoom:
        """Return a room by its code. Who guesses codes is made to wait."""
        if self._misses.reached(host):
            raise Refused(429, "Too many codes that no room has: wait a minute.")
        room = self.rooms.find(code)
        if room is None:
            self._misses.note(host)
            raise Refused(404, "There is no such room: look at the code on the screen.")
        return room

    def _leading(self, asking: Asking) -> OpenRoom:
        room = self._named(asking)
        if not room.leads(asking.path["key"]):
            raise Refused(404, "There is no such room.")
        return room

    def _over(self, asking: Asking) -> OpenRoom:
        room = self._named(asking)
        if not room.room.ended:
            raise Refused(409, "The debrief opens when the session is over.")
        return room


def _number(asking: Asking, name: str) -> int:
    """Return a number that a form holds. Raises Unfit for what is none."""
    with suppress(ValueError):
        return int(one(asking.fields, name)[:9])
    raise Unfit(UNKNOWN)


def _some_name() -> str:
    return f"{secrets.choice(_COLOURS)} {secrets.choice(_BIRDS)}"
