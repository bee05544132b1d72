"""A Postgres of a test's own: a cluster made for it in a folder of its own, reached by a socket there, then removed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"
"""Who the server runs as where the tests run as root, as it refuses to be root."""


def programs() -> Path | None:
    """The folder of Postgres's programs: the newest that Debian's packages made, or else the one on the path."""
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    folders = sorted(packaged, key=lambda folder: int(folder.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    return next((f for f in folders if all((f / name).exists() for name in ("initdb", "pg_ctl", "psql"))), None)


@contextmanager
def cluster(programs: Path) -> Iterator[Callable[[str], str]]:
    """Start a cluster and give a function that runs SQL in it; stop the cluster and remove its folder at the end."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    prefix = ["runuser", "--user", USER, "--"] if root else []
    folder = Path(tempfile.mkdtemp(prefix="scurfy-postgres-"))
    data = str(folder / "data")

    def run(program: str, *arguments: str) -> str:
        # Output goes to a file: the server would keep a pipe open for as long as it lives.
        with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
            done = subprocess.run(
                [*prefix, str(programs / program), *arguments], stdout=told, stderr=told, cwd=folder, timeout=120
            )
            told.seek(0)
            text = told.read()
        assert done.returncode == 0, f"{program}: {text}"
        return text

    try:
        if root:
            shutil.chown(folder, USER)
        run("initdb", "--pgdata", data, "--username", USER, "--auth", "trust", "--encoding", "UTF8", "--no-sync")
        run("pg_ctl", "start", "--pgdata", data, "--wait", "--options", f"-c listen_addresses='' -F -k {folder}")
        try:
            yield lambda sql: run(
                "psql", "--host", str(folder), "--username", USER, "--no-psqlrc", "-qtA", "-v", "ON_ERROR_STOP=1",
                "--command", sql,
            ).strip()  # fmt: skip
        finally:
            run("pg_ctl", "stop", "--pgdata", data, "--mode", "immediate", "--wait")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
