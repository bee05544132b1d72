"""The same bytes wherever it runs: the environment of a process changes nothing that is computed.

Nothing is compiled here, which would take minutes where there is no place to keep it; `test_review` holds that compiled
code gives what sessions give.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from conftest import TINY, TINY_CASE

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="as POSIX has them")]

ROOT = Path(__file__).parents[1]
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("replay", str(TINY_CASE), "--policy", "random", "--seed", "7", "--json"),
    ("replay", str(TINY_CASE), "--policy", "pathway", "--seed", "7", "--json", "--review", "--fates", "4"),
    ("cohort", str(TINY_CASE), "--policy", "pathway", "--n", "20", "--json"),
    ("check", str(TINY), "--format", "json"),
)  # fmt: skip
ENVIRONMENTS: dict[str, dict[str, str | None]] = {
    "another order of hashes": {"PYTHONHASHSEED": "12345"},
    "a language with other letters": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "LANGUAGE": "tr"},
    "no language": {"LC_ALL": "C", "LANG": None, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "another zone": {"TZ": "Pacific/Kiritimati"},
    "a zone that there is not": {"TZ": "Nowhere/Land"},
    "a terminal of Latin letters": {"PYTHONIOENCODING": "latin-1", "TERM": "dumb", "NO_COLOR": "1"},
    "a narrow terminal": {"COLUMNS": "20", "LINES": "4", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"},
    "somebody else": {"USER": "nobody", "LOGNAME": "nobody", "USERNAME": "nobody"},
    "no home": {"HOME": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent/cache", "XDG_DATA_HOME": "/nonexistent/data"},
}


def told(
    words: Sequence[str], folder: Path = ROOT, flags: Sequence[str] = (), prepare: Callable[[], object] | None = None,
    **variables: str | None,
) -> tuple[int, bytes]:  # fmt: skip
    """Return the exit code and the bytes that a command prints, with variables of the environment set or taken away."""
    given = {name: value for name, value in (os.environ | variables).items() if value is not None}
    done = subprocess.run(
        [sys.executable, *flags, "-m", "sim", *words], cwd=folder, capture_output=True, check=False, timeout=600,
        env=given | {"PYTHONPATH": str(ROOT), "NUMBA_DISABLE_JIT": "1"}, preexec_fn=prepare,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr, done.stderr.decode(errors="replace")
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, bytes]]:
    home = str(tmp_path_factory.mktemp("home"))
    found = [told(words, SCURFY_HOME=home) for words in COMMANDS]
    assert [code for code, _ in found] == [0] * len(COMMANDS)
    assert all(out for _, out in found)
    return found


@pytest.mark.parametrize("where", ENVIRONMENTS)
def test_the_environment_changes_no_byte(usual: list[tuple[int, bytes]], where: str) -> None:
    for words, expected in zip(COMMANDS, usual, strict=True):
        assert told(words, **ENVIRONMENTS[where]) == expected, words


@pytest.mark.parametrize("flags", [("-O",), ("-OO",), ("-X", "utf8=0")])
def test_how_python_is_started_changes_no_byte(usual: list[tuple[int, bytes]], flags: tuple[str, ...]) -> None:
    for words, expected in zip(COMMANDS, usual, strict=True):
        assert told(words, flags=flags) == expected, words


def test_neither_the_folder_nor_the_mask_of_new_files_changes_a_byte(
    usual: list[tuple[int, bytes]], tmp_path: Path
) -> None:
    for words, expected in zip(COMMANDS, usual, strict=True):
        assert told(words, folder=tmp_path) == expected, words
        assert told(words, folder=Path("/"), prepare=lambda: os.umask(0o077)) == expected, words
