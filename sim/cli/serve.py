"""For who plays in a browser, and who lets others: the server."""

from __future__ import annotations

import importlib.util
from typing import Annotated, Final

import typer

from sim.cli.command import app
from sim.cli.options import CasesOption
from sim.cli.output import say
from sim.words.errors import UserError

_LOCAL: Final = ("127.0.0.1", "localhost", "::1")
_NEEDED: Final = ("starlette", "uvicorn", "itsdangerous")


@app.command(epilog="Example: scurfy serve --port 8000")
def serve(
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8000,
    cases: CasesOption = None,
) -> None:
    """Serve the game to browsers, on this machine alone unless told otherwise. Ctrl+C ends it; nothing is lost."""
    lacking = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if lacking:
        raise UserError(f"{', '.join(lacking)} cannot be found", "install what the server needs: pip install '.[web]'")
    import socket

    import uvicorn

    from sim.attempts.review_process.pool import ReviewPool
    from sim.attempts.store import data_folder, make_folder
    from sim.cli.places import homes
    from sim.web.beds import Beds
    from sim.web.server import application

    folder = make_folder(data_folder())
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.socket(family)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)  # before it is said where: who comes at once waits instead of being refused
    except OSError as error:
        raise UserError(f"cannot listen on {host}, port {port}: {error.strerror}", "--port takes another") from error
    hosts = (*_LOCAL, "[::1]") if host in _LOCAL else ("*",)
    with ReviewPool() as pool:
        served = application(folder, Beds(pool), homes(cases), hosts)
        at = f"[{host}]" if ":" in host else host
        say(f"Scurfy is at http://{at}:{listening.getsockname()[1]}/ (Ctrl+C ends it)")
        config = uvicorn.Config(served, log_level="warning", access_log=False, server_header=False,
                                timeout_graceful_shutdown=2)  # fmt: skip
        uvicorn.Server(config).run(sockets=[listening])
        served.state.site.learners.close()
