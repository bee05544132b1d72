"""Is everything in order on this computer? Answers for `scurfy doctor`, `scurfy paths` and `scurfy --version`."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sim import __version__
from sim.attempts.crash import LOG_NAME
from sim.attempts.store import FILE_NAME, StoreError, data_folder, make_folder, open_store
from sim.case.problems import CaseError
from sim.cli.errors import shown

SMALLEST = (80, 24)


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer. `sign` is 'ok', 'note' (works, but could be better) or 'BAD'."""

    sign: str
    what: str
    found: str


def versions() -> tuple[tuple[str, str], ...]:
    """Return the versions that a report of a fault should name."""
    from sim.engine.version import ENGINE

    return (
        ("scurfy", __version__),
        ("engine", str(ENGINE)),
        ("Python", platform.python_version()),
        ("Textual", _version("textual")),
    )


def places() -> tuple[tuple[str, Path], ...]:
    """Return what is kept where."""
    from sim.case.composing.folders import package_root

    folder = data_folder()
    return (
        ("attempts", folder / FILE_NAME),
        ("log", folder / LOG_NAME),
        ("cases", package_root() / "cases"),
        ("programme", Path(__file__).parent),
    )


def examine() -> Iterator[Finding]:
    """Yield one finding for each thing that could be wrong."""
    yield Finding("ok" if sys.version_info >= (3, 11) else "BAD", "Python", f"{platform.python_version()}")
    for name in ("textual", "pyyaml", "networkx", "pydantic", "typer", "rapidfuzz", "fsrs", "platformdirs"):
        number = _version(name)
        yield Finding("BAD" if number == "missing" else "ok", name, number)
    yield from _terminal()
    try:
        folder = data_folder()
    except StoreError as error:
        yield Finding("BAD", "data folder", error.whole())
        return
    yield _folder(folder)
    yield from _database(folder)
    yield from _cases()


def _terminal() -> Iterator[Finding]:
    term = os.environ.get("TERM", "not set")
    drawable = sys.stdin.isatty() and sys.stdout.isatty() and term != "dumb"
    use_plain = "; play with --plain"
    yield Finding(
        "ok" if drawable else "note", "terminal", f"TERM {term}" + ("" if drawable else f", cannot draw{use_plain}")
    )
    columns, rows = shutil.get_terminal_size()
    enough = columns >= SMALLEST[0] and rows >= SMALLEST[1]
    yield Finding(
        "ok" if enough else "note", "size", f"{columns}x{rows}" + ("" if enough else f"; 80x24 is needed{use_plain}")
    )
    colours = os.environ.get("COLORTERM", "")
    many = colours in ("truecolor", "24bit") or "256" in term or os.name == "nt"
    yield Finding("ok" if many else "note", "colours", colours or ("256" if many else "16, perhaps fewer"))
    encoding = (sys.stdout.encoding or "unknown").lower()
    unicode = encoding.replace("-", "") == "utf8"
    yield Finding(
        "ok" if unicode else "note", "characters", encoding + ("" if unicode else "; set PYTHONUTF8=1 or use --plain")
    )


def _folder(folder: Path) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=make_folder(folder)) as file:
            file.write(b"x")
    except StoreError as error:
        return Finding("BAD", "data folder", error.whole())
    except OSError as error:
        return Finding("BAD", "data folder", f"{shown(folder)} cannot be written to: {error.strerror}")
    return Finding("ok", "data folder", shown(folder))


def _database(folder: Path) -> Iterator[Finding]:
    try:
        with open_store(folder) as store:
            problems, aside, refusal = store.problems(), store.aside(), store.refusal
            count = len(store.attempts())
    except StoreError as error:
        yield Finding("BAD", "attempts", error.whole())
        return
    yield from (Finding("BAD", "attempts", problem) for problem in problems)
    if refusal is not None:
        yield Finding("note", "attempts", f"they can be read and not added to: {refusal.whole()}")
    if aside:
        yield Finding("note", "put aside", ", ".join(aside))
    yield Finding("BAD" if problems else "ok", "attempts", f"{count} stored, {'damaged' if problems else 'sound'}")


def _cases() -> Iterator[Finding]:
    from sim.case.composing.folders import package_root
    from sim.case.heads import case_heads
    from sim.case.library import load

    heads = case_heads()
    if not heads:
        yield Finding("BAD", "cases", f"none found in {package_root() / 'cases'}")
    for head in heads:
        try:
            scenario = load(head.path)
        except CaseError as error:
            command = f"scurfy check {head.path}"
            yield Finding("BAD", f"case {head.id}", f"{len(error.problems)} problems; {command}")
        else:
            yield Finding("ok", f"case {head.id}", f"version {scenario.case.version}, digest {scenario.digest[:12]}")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
