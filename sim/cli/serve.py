"""For who plays in a browser, and who lets others: the server."""

from __future__ import annotations

import importlib.util
import secrets
import socket
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sim.cli.command import app
from sim.cli.options import CasesOption, SeedOption
from sim.cli.output import say
from sim.words.errors import UserError

if TYPE_CHECKING:
    from sim.web.open_rooms import OpenRoom

_LOCAL: Final = ("127.0.0.1", "localhost", "::1")
_NEEDED: Final = ("starlette", "uvicorn", "itsdangerous", "segno")


@app.command(epilog="Example: scurfy serve --room drying_out --host 0.0.0.0")
def serve(
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8000,
    room: Annotated[str | None, typer.Option(metavar="CASE", help="Open a room for a session about this case.")] = None,
    seed: SeedOption = None,
    cases: CasesOption = None,
) -> None:
    """Serve the game to browsers, on this machine alone unless told otherwise. Ctrl+C ends it; nothing is lost.

    A room is one patient for many: they vote on their phones, whoever leads plays what was voted.
    """
    _need_extra()
    from sim.attempts.review_process.pool import ReviewPool
    from sim.attempts.store import data_folder, make_folder
    from sim.cli.places import homes, located
    from sim.web.beds import Beds
    from sim.web.server import application, close
    from sim.web.wire import listen

    folder, listening = make_folder(data_folder()), _listening(host, port)
    hosts = (*_LOCAL, "[::1]") if host in _LOCAL else ("*",)
    with ReviewPool() as pool:
        served = application(folder, Beds(pool), homes(cases), hosts)
        at = f"http://{_reachable(host)}:{listening.getsockname()[1]}/"
        say(f"Scurfy is at {at} (Ctrl+C ends it)")
        if room is not None:
            chosen = secrets.randbelow(1_000_000) if seed is None else seed
            _say_room(at, served.state.rooms.made(located(room, cases), chosen))
        listen(served, listening)
        close(served)


def _need_extra() -> None:
    lacking = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if lacking:
        raise UserError(f"{', '.join(lacking)} cannot be found", "install what the server needs: pip install '.[web]'")


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens before anybody is told where: who comes at once waits instead of being refused."""
    try:
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        raise UserError(f"cannot listen on {host}, port {port}: {error.strerror}", "--port takes another") from error
    return listening


def _say_room(at: str, room: OpenRoom) -> None:
    say(f"Room {room.code} is open.")
    say(f"  Everybody joins at       {at}room/{room.code}")
    say(f"  The projector shows      {at}room/{room.code}/screen")
    say(f"  You lead it from here    {at}room/{room.code}/lead/{room.key}")
    say("Who leads sees what is hidden: keep the last address to yourself.")


def _reachable(host: str) -> str:
    """Return by which name a browser reaches what listens at `host`: for all addresses, the one others would see."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104 - only compared
        return f"[{host}]" if ":" in host else host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))  # nothing is sent: it only says which address would be used
        except OSError:
            return "localhost"
        return str(asking.getsockname()[0])
