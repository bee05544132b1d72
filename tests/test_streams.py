"""Input and output that are closed, full or no text end nothing with a traceback, and nothing with a fault of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import TINY_CASE

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="closed by a POSIX shell")]

ROOT = Path(__file__).parents[1]
COMMANDS = ("attempts", "paths", "--version", f"replay {TINY_CASE} --policy none --json", f"check {TINY_CASE}")
CLOSED = ("<&-", ">&-", "2>&-", "<&- >&- 2>&-")


def scurfy(words: str, redirected: str = "", typed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a command by a shell that redirects what it reads and writes."""
    return subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -m sim {words} {redirected}'], cwd=ROOT, input=typed,
        capture_output=True, check=False, timeout=120, env=os.environ | {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": ""},
    )  # fmt: skip


@pytest.mark.parametrize("closed", CLOSED)
def test_a_command_does_its_work_whatever_is_closed(closed: str) -> None:
    for words in COMMANDS:
        done = scurfy(words, closed)
        assert done.returncode == 0, (words, done.stderr)
        assert done.stderr == b""


@pytest.mark.parametrize("closed", CLOSED)
def test_the_screen_is_refused_where_a_stream_of_it_is_closed(closed: str) -> None:
    for words in ("", f"play {TINY_CASE}", "resume"):
        assert scurfy(words, closed).returncode == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full device")  # noqa: PTH110
def test_output_that_is_full_is_said_and_is_no_fault_of_ours() -> None:
    for words in (*COMMANDS, f"play {TINY_CASE} --plain"):
        done = scurfy(words, ">/dev/full", b"do crp\nquit\n")
        assert done.returncode == 1
        assert b"error: the output cannot be written, or the input not read: No space left" in done.stderr
    assert scurfy("play nosuch", "2>/dev/full").returncode == 2


def test_bytes_that_are_no_text_are_a_line_like_any_other() -> None:
    done = scurfy(f"play {TINY_CASE} --plain", typed=b"\xff\xfe\ndo crp\n\x80\xe2\x82\ndo ex_perfusion\nquit\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(b"Ordered:") == 2


def test_no_input_is_the_end_of_the_input() -> None:
    done = scurfy(f"play {TINY_CASE} --plain", "<&-")
    assert done.returncode == 0, done.stderr
    assert b"Kept. To go on" in done.stdout
