"""The game in a real terminal that is narrowed, typed at with bytes that are no text, and taken away."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")]

if sys.platform != "win32":
    from realterminal import CTRL_P, CTRL_Q, PAGE_DOWN, RealTerminal, ward


def leaves(terminal: RealTerminal) -> bool:
    """Whether it is still there, and leaves on one Ctrl+Q."""
    there = terminal.code is None
    terminal.resize(120, 40)
    terminal.read_for(0.5)
    terminal.type(CTRL_Q)
    return there and terminal.wait(20) == 0


def test_it_may_be_narrowed_and_typed_at_in_any_window(home: Path) -> None:
    with ward(home) as terminal:
        for before, size, after in (
            (CTRL_P, (70, 20), CTRL_P),
            (b"w", (5, 24), b"\r"),
            (b"o", (1, 1), b"\x1b"),
            (b"", (3, 50), b"wt\r\r"),
        ):
            terminal.type(before)
            terminal.read_for(0.7)
            terminal.resize(*size)
            terminal.read_for(0.7)
            terminal.type(after)
            terminal.read_for(0.3)
            terminal.resize(100, 30)
            terminal.read_for(0.3)
            terminal.type(b"\x1b")
            terminal.read_for(0.3)
        assert leaves(terminal)


def test_what_is_typed_in_bursts_throws_nobody_out(home: Path) -> None:
    with ward(home) as terminal:
        for burst in (CTRL_P + PAGE_DOWN, b"\x1b\x1b", b"wt\r\r\r", b"o" + PAGE_DOWN + b"\x1b", b"f" + b"n" * 5):
            terminal.type(burst)
            terminal.read_for(0.7)
        assert leaves(terminal)


def test_bytes_that_are_no_text_are_passed_over(home: Path) -> None:
    with ward(home) as terminal:
        terminal.type(b"\xff\xfe\x80")
        terminal.read_for(1)
        terminal.type(b"w")
        terminal.read_until(b"Let the clock run")
        assert leaves(terminal)


def test_it_ends_with_its_terminal_even_where_no_hang_up_is_heard(home: Path) -> None:
    heard = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        terminal = ward(home)
    finally:
        signal.signal(signal.SIGHUP, heard)
    with terminal:
        terminal.hang_up()
        assert terminal.wait(20) is not None


def test_it_goes_on_after_ctrl_z(home: Path) -> None:
    with ward(home) as terminal:
        os.kill(terminal.process.pid, signal.SIGTSTP)
        terminal.read_for(0.5)
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.read_for(1)
        terminal.type(b"w")
        terminal.read_until(b"Let the clock run")
        assert leaves(terminal)
