"""The server, as an ASGI application: every address, and the files that pages load."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sim.report.html.page import palette
from sim.web.asking import HEADERS
from sim.web.beds import Beds
from sim.web.door import Door
from sim.web.learners import Learners
from sim.web.open_rooms import OpenRooms
from sim.web.rooms import RoomSite
from sim.web.site import Site


def application(folder: Path, beds: Beds, homes: tuple[Path, ...] = (), hosts: tuple[str, ...] = ("*",)) -> Starlette:
    """Return the server as an ASGI application. `hosts` are the names it may be asked by. Raises StoreError.

    `state.rooms` are its rooms; `close` lets go of every file.
    """
    learners, rooms = Learners(folder, beds), OpenRooms(folder, beds)
    door = Door(folder, learners)
    loads = [Route("/static/{name}", _static, methods=["GET"]), Route("/favicon.ico", _mark, methods=["GET"])]
    routes = [*loads, *RoomSite(door, rooms).routes(), *Site(door, beds, homes).routes()]
    app = Starlette(routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))])
    app.state.learners, app.state.rooms = learners, rooms
    return app


def close(app: Starlette) -> None:
    """Let go of every patient and every file."""
    app.state.rooms.close()
    app.state.learners.close()


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
    headers = HEADERS | {"Cache-Control": "no-cache"}
    return Response((palette() if name.endswith("css") else "") + text, media_type=kinds[name], headers=headers)
