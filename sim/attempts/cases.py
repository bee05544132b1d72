"""The cases of one process: each read, checked and compiled once, and shared by everybody who plays it.

A case is known by its file and by what all of its files say: an author who saves a file plays what it says now. What
was read stays on disk for the next process (`sim.case.cache`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from sim.attempts.store.place import cache_folder
from sim.case.cache import Cache
from sim.case.heads import CaseHead, case_heads

if TYPE_CHECKING:
    from sim.case.composing.shelf import Lookup
    from sim.case.model.scenario import Scenario
    from sim.engine.chart import Chart

HELD: Final = 16
"""How many cases stay in memory (some 20 MB each) when nobody plays them; the one asked for longest ago goes first."""


class _Held:
    """One case file: what was read from it, with the chart that its sessions share."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.scenario: Scenario | None = None
        self.chart: Chart | None = None
        self.content: str | None = None
        """What the files said."""
        self.stamps: str | None = None
        """When they were written, as long as that is known to tell the same."""
        self.lookups: tuple[Lookup, ...] = ()
        """The parts it is made of."""

    def fits(self, path: Path, root: Path | None) -> bool:
        """Whether the files still say what was read. Those that nobody has written to since are not read again."""
        if self.scenario is None or self.content is None:
            return False
        from sim.case.library import content_of, stamps_of

        stamps = stamps_of(path, self.lookups, root)
        if stamps is None or stamps != self.stamps:
            said = content_of(path, self.lookups, root)
            self.stamps = stamps if said == self.content else None
            return said == self.content
        return True


class Cases:
    """Scenarios by id or path: the same one for the same files, whatever thread asks.

    Sessions of one scenario find its chart (`chart_of`) and its search index (`index_of`) made. `folder` names the
    folder of the disk cache when one is needed; without it nothing is kept on disk.
    """

    def __init__(self, folder: Callable[[], Path] | None = None) -> None:
        self._folder = folder
        self._lock = Lock()
        self._held: OrderedDict[tuple[Path, Path | None], _Held] = OrderedDict()

    def load(self, case: str | Path, root: Path | None = None) -> Scenario:
        """Return a case as `sim.case.library.load` does, read again only if a file changed. Raises CaseError for
        what `check` refuses too."""
        from sim.case.library import load_file, path_of  # a list of cases does without all this
        from sim.engine.chart import chart_of
        from sim.engine.graph import problems

        path = path_of(case, root)
        held = self._place(path, root)
        with held.lock:
            if held.scenario is None or not held.fits(path, root):
                held.scenario = None
                loaded = load_file(path, root, self._cache(), problems)
                held.scenario, held.content, held.lookups = loaded.scenario, loaded.content, loaded.lookups
                held.chart = chart_of(loaded.scenario)
                held.fits(path, root)
            return held.scenario

    def heads(self, root: Path | None = None, homes: Iterable[Path] = ()) -> tuple[CaseHead, ...]:
        """Return every case of the library (or of another scenarios folder) and of these own ones, easiest first."""
        return case_heads(root, self._cache(), homes)

    def _cache(self) -> Cache | None:
        return None if self._folder is None else Cache(self._folder())

    def _place(self, path: Path, root: Path | None) -> _Held:
        key = path.resolve(), None if root is None else root.resolve()
        with self._lock:
            held = self._held.setdefault(key, _Held())
            self._held.move_to_end(key)
            while len(self._held) > HELD:
                self._held.popitem(last=False)
            return held


CASES: Final = Cases(cache_folder)
"""The cases of this process, kept on disk in the user's folder."""
