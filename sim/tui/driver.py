"""The terminal as Textual reads and writes it, but for what ends it.

Bytes that are no text are passed over, and a terminal that goes takes the game with it instead of holding it for ever.
"""

from __future__ import annotations

import sys
from queue import Full

from textual.drivers.linux_driver import LinuxDriver


class TerminalDriver(LinuxDriver):
    """Reads keys and draws until the game ends or the terminal goes."""

    def write(self, data: str) -> None:
        """Draw, or leave it where the terminal is gone: nobody empties the queue then, and a full one is waited for."""
        writer = self._writer_thread
        while writer is not None and writer.is_alive():
            try:
                writer._queue.put(data, timeout=0.2)
            except Full:
                continue
            return

    def _sigcont_application(self, *_: object) -> None:
        """Begin again after Ctrl+Z, and only then: a terminal that hangs up says "go on" too."""
        if self._must_signal_resume:
            super()._sigcont_application()

    def close(self) -> None:
        """Let what was drawn reach the terminal, if it is there."""
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().close()

    def _run_input_thread(self) -> None:
        while not self.exit_event.is_set():
            try:
                self.run_input_thread()
            except UnicodeDecodeError:  # what was read with it is lost; the next key is not
                continue
            except OSError:
                self._app.call_later(self._app.exit)
                return
            except Exception as error:
                self._app.call_later(self._app._handle_exception, error)
                return


def is_terminal_there() -> bool:
    """Return whether the terminal that the game began on can still be asked anything."""
    try:
        return sys.__stdin__ is not None and sys.__stdin__.isatty()
    except (OSError, ValueError):
        return False
