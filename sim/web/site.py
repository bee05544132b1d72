"""The addresses of somebody who plays alone: which page answers, and what each act leads to.

Every page is written in a thread, for reading a case and playing a move take time; the attempt's lock is held while it
is. An act answers with the way to the page that shows what came of it, so that a reload never acts again.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sim.attempts.cases import CASES
from sim.attempts.finish import conclude
from sim.attempts.listing import Listed, Listing, read_listing
from sim.attempts.notes import write_notes
from sim.attempts.recall import GRADED, Asked, answer, day, ready
from sim.attempts.session import FaultOfCase
from sim.attempts.store import StoreError
from sim.engine.session import IllegalMove
from sim.web import debrief, orders, recall, think, ward
from sim.web.acts import Far, Unmeant, move_of, one, typed_differential
from sim.web.asking import Asking, Refused, html, said, to
from sim.web.beds import Bed, Beds
from sim.web.door import Door, numbers, streaming
from sim.web.learners import COOKIE, Desk
from sim.web.library import briefing_page, library_page
from sim.words.errors import UserError
from sim.words.modes import Mode
from sim.words.orders import FILTERS, NOTHING_TO_UNDO

SEEDS: Final = 1_000_000_000
OLD: Final = "This page was old, so nothing was done. It is up to date now."

_BACK: Final = re.compile(rf"(?P<group>{'|'.join(name for name, _ in FILTERS)})(?:\?q=(?P<query>.{{0,80}}))?")


class Site:
    """Everything that is served from one data folder."""

    def __init__(self, door: Door, beds: Beds, homes: tuple[Path, ...] = ()) -> None:
        """Take the door that requests come through, how attempts begin, and the folders of one's own cases."""
        self._door, self._beds, self._homes = door, beds, homes

    def routes(self) -> list[Route]:
        """Return every address with what answers it."""
        look, act = ["GET"], ["POST"]
        return [
            Route("/", self._door.look(self._library), methods=look),
            Route("/case/{case}", self._door.look(self._briefing), methods=look),
            Route("/case/{case}", self._door.act(self._begin), methods=act),
            Route("/recall", self._door.look(self._question), methods=look),
            Route("/recall", self._door.act(self._answer), methods=act),
            Route("/attempt/{id}", self._door.look(self._ward), methods=look),
            Route("/attempt/{id}/orders/{group}", self._door.look(self._orders), methods=look),
            Route("/attempt/{id}/trend/{observable}", self._door.look(self._trend), methods=look),
            Route("/attempt/{id}/record", self._door.look(self._record), methods=look),
            Route("/attempt/{id}/think", self._door.look(self._think), methods=look),
            Route("/attempt/{id}/hand-over", self._door.look(self._hand_over), methods=look),
            Route("/attempt/{id}/debrief", self._door.look(self._debrief), methods=look),
            Route("/attempt/{id}/events", self._events, methods=look),
            Route("/attempt/{id}/notes", self._door.act(self._note), methods=act),
            Route("/attempt/{id}/{act}", self._door.act(self._play), methods=act),
        ]

    # --- before a case -----------------------------------------------------------------------------------------

    def _listing(self, asking: Asking) -> Listing:
        return read_listing(None if asking.desk is None else asking.desk.store, self._beds.root, self._homes)

    def _library(self, asking: Asking) -> Response:
        due = 0 if asking.desk is None else len(self._due(asking.desk))
        return html(library_page(self._listing(asking), due))

    def _listed(self, asking: Asking) -> Listed:
        found = (case for case in self._listing(asking).cases if case.id == asking.path["case"] and not case.problem)
        listed = next(found, None)
        if listed is None:
            raise Refused(404, "There is no such case.")
        return listed

    def _briefing(self, asking: Asking) -> Response:
        listed = self._listed(asking)
        return html(briefing_page(listed, CASES.load(listed.source, self._beds.root).case))

    def _begin(self, asking: Asking) -> Response:
        listed, typed = self._listed(asking), one(asking.fields, "seed")
        mode = one(asking.fields, "mode") or Mode.PRACTICE
        if (typed and not (typed.isascii() and typed.isdecimal() and len(typed) < 10)) or mode not in set(Mode):
            raise Refused(422, "The patient is a number of at most nine figures.")
        seed = int(typed) if typed else secrets.randbelow(SEEDS)
        learner = self._door.learner_of(asking)
        with self._door.learners.desk(learner) as desk:
            bed = self._beds.begun(desk.store, listed.source, seed, mode)
            desk.keep(bed)
        return self._door.give_cookie(to(ward.base(bed)), learner, asking)

    # --- the ward ------------------------------------------------------------------------------------------------

    def _ward(self, asking: Asking) -> Response:
        bed = _named(asking)
        with bed.lock:
            return html(ward.ward(bed))

    def _orders(self, asking: Asking) -> Response:
        bed, group = _named(asking), asking.path["group"]
        if group not in dict(FILTERS):
            raise Refused(404, "There is no such page.")
        with bed.lock:
            return html(orders.orders_page(bed, group, asking.query))

    def _trend(self, asking: Asking) -> Response:
        bed = _named(asking)
        with bed.lock:
            try:
                return html(ward.trend_page(bed, asking.path["observable"]))
            except KeyError:
                raise Refused(404, "Nothing was measured of that.") from None

    def _record(self, asking: Asking) -> Response:
        bed = _named(asking)
        with bed.lock:
            return html(ward.record_page(bed))

    def _think(self, asking: Asking) -> Response:
        bed = _named(asking)
        with bed.lock:
            return html(think.think_page(bed, _desk(asking).store))

    def _hand_over(self, asking: Asking) -> Response:
        bed = _named(asking)
        with bed.lock:
            return html(ward.hand_over_page(bed)) if not bed.attempt.ended else to(ward.base(bed))

    def _debrief(self, asking: Asking) -> Response:
        bed = _named(asking)
        with bed.lock:
            if not bed.attempt.ended:
                return to(ward.base(bed))
            return html(debrief.debrief_page(bed), policy=debrief.POLICY)

    def _note(self, asking: Asking) -> Response:
        bed, store = _named(asking), _desk(asking).store
        for about in think.ABOUT:
            if about in asking.fields:
                write_notes(store.folder, bed.attempt.id, one(asking.fields, about).replace("\r\n", "\n"), about)
        return to(f"{ward.base(bed)}/think")

    def _play(self, asking: Asking) -> Response:
        """Play what a form means. A page that did not know of the last move does not act: it is shown anew."""
        bed = _named(asking)
        with bed.lock:
            if one(asking.fields, "seen") != str(bed.turn) or bed.attempt.ended:
                return self._shown(asking, bed, OLD, 409)
            try:
                self._act(asking, bed)
            except Far as far:
                return html(orders.sure_page(bed, far.order, far.dose, far.how, one(asking.fields, "back")))
            except Unmeant as unmeant:
                return self._shown(asking, bed, str(unmeant), 422)
            except IllegalMove as refusal:
                return self._shown(asking, bed, f"That cannot be done: {refusal}.", 422)
            except FaultOfCase:
                _desk(asking).forget(bed.attempt.id)  # this session cannot go on, the attempt can
                raise
            except StoreError as trouble:
                _desk(asking).forget(bed.attempt.id)  # it may have moved on in another window
                return self._shown(asking, bed, self._door.worded(trouble), 409)
            if bed.snapshot.ended is not None:
                conclude(bed.attempt)
            return to(_back(asking, bed))

    def _act(self, asking: Asking, bed: Bed) -> None:
        act = asking.path["act"]
        if act != "undo":
            bed.play(move_of(act, asking.fields, bed.attempt.scenario, bed.snapshot, bed.attempt.mode))
        elif bed.attempt.undoable is None:
            raise Unmeant(NOTHING_TO_UNDO)
        else:
            self._beds.undo(bed)

    def _shown(self, asking: Asking, bed: Bed, told: str, status: int) -> Response:
        """Return the page that a form came from, with what is to be known above all."""
        if asking.path["act"] == "differential":
            typed = typed_differential(asking.fields)
            return html(think.think_page(bed, _desk(asking).store, told, typed), status)
        came = _BACK.fullmatch(one(asking.fields, "back"))
        if came is not None and not bed.attempt.ended:
            return html(orders.orders_page(bed, came["group"], came["query"] or "", told), status)
        return html(ward.ward(bed, told), status)

    # --- what is heard -------------------------------------------------------------------------------------------

    async def _events(self, request: Request) -> Response:
        """Tell a page how many moves were played, at once and after each: what is new it then asks for."""
        learner = self._door.learners.known(request.cookies.get(COOKIE))
        if learner is None or not self._door.learners.has_played(learner):
            return said(404, "There is no such patient.")
        try:
            bed = await run_in_threadpool(self._watched, learner, request.path_params["id"])
        except (Refused, UserError):
            return said(404, "There is no such patient.")
        return streaming(self._heard(learner, bed))

    def _watched(self, learner: str, id: str) -> Bed:
        with self._door.learners.desk(learner) as desk:
            return _bed(desk, id)

    async def _heard(self, learner: str, bed: Bed) -> AsyncIterator[str]:
        with self._door.learners.desk(learner):  # held, so that nobody else's bed takes the place of this one
            async for line in numbers(bed.watch, lambda: bed.turn):
                yield line

    # --- questions ------------------------------------------------------------------------------------------------

    def _due(self, desk: Desk) -> list[Asked]:
        cards = ready(desk.store.cards.due(), lambda source: CASES.load(source, self._beds.root))
        return [one for one in cards if isinstance(one, Asked)]

    def _question(self, asking: Asking) -> Response:
        due = [] if asking.desk is None else self._due(asking.desk)
        if due:
            return html(recall.question_page(due[0], len(due)))
        following = None if asking.desk is None else asking.desk.store.cards.next()
        return html(recall.nothing_page("" if following is None else day(following)))

    def _answer(self, asking: Asking) -> Response:
        desk, wanted = _desk(asking), (one(asking.fields, "case"), one(asking.fields, "question"))
        due = self._due(desk)
        asked = next((a for a in due if (a.card.case_id, a.card.question) == wanted), None)
        if asked is None:
            return to("/recall")
        given, grade = one(asking.fields, "answer")[:4000], one(asking.fields, "grade")
        chosen = next((known for known in GRADED if known == grade), None)
        if chosen is None:
            return html(recall.answer_page(asked, given, len(due)))
        answer(desk.store, asked.card, given, chosen)
        return to("/recall")


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
