"""Scenarios kept in a cache: found by what their files say, and validated once more on the way in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pydantic

from sim.case.cache import Cache, maker, stamp
from sim.case.composing.bands import with_bands
from sim.case.composing.shelf import Lookup, Shelf
from sim.case.model.parts import DUMPED, Part
from sim.case.model.scenario import Scenario
from sim.case.reading.text import MAX_BYTES, bytes_of

Lookups = Iterable[tuple[str, str, int]]


class Kept(Part):
    """A scenario that was read, checked and found sound, and the digest of what its files said."""

    content: str
    lookups: tuple[tuple[str, str, int], ...]
    """The parts it is made of, as `Lookup`s."""
    scenario: Scenario


def read_kept(cache: Cache, shelf: Shelf, path: Path) -> Kept | None:
    """Return the scenario of a case file if it was kept and every file still says what it said; else None."""
    name = _name(shelf, path)
    raw = None if name is None else cache.read(name)
    if raw is None:
        return None
    try:
        kept = _revived(raw)
    except pydantic.ValidationError:
        return None
    named = ("diseases", kept.scenario.case.disease, 0) in kept.lookups
    return kept if named and kept.content == content_now(shelf, path, kept.lookups) else None


def keep(cache: Cache, shelf: Shelf, path: Path, kept: Kept) -> None:
    """Keep a scenario that was just read from a case file, unless it would come back as another."""
    name = _name(shelf, path)
    if name is None:
        return
    raw = _dumped(kept)
    with suppress(pydantic.ValidationError):
        again = _revived(raw)
        if again == kept and _dumped(again) == raw:
            cache.write(name, raw)


def _dumped(kept: Kept) -> bytes:
    """As JSON, without the regions that `with_bands` makes from pools."""
    disease = kept.scenario.disease
    regions = {name: region for name, region in disease.regions.items() if name not in disease.pools}
    scenario = kept.scenario.model_copy(update={"disease": disease.model_copy(update={"regions": regions})})
    plain = kept.model_copy(update={"scenario": scenario})
    return plain.model_dump_json(by_alias=True, exclude_unset=True).encode("utf-8")


def _revived(raw: bytes) -> Kept:
    """Raises ValidationError."""
    kept = Kept.model_validate_json(raw, context=DUMPED, by_alias=True, by_name=False)
    disease = with_bands(kept.scenario.disease)
    return kept.model_copy(update={"scenario": kept.scenario.model_copy(update={"disease": disease})})


def _name(shelf: Shelf, path: Path) -> str | None:
    """An entry's name says all but the parts, whose files only the entry itself can name."""
    content, made_by = _content(shelf, path, None, _file_digest), maker()
    if content is None or made_by is None:
        return None
    return f"case-{_digest(made_by, pydantic.VERSION, content)}"


def content_now(shelf: Shelf, path: Path, lookups: Lookups) -> str | None:
    """Return a digest of what the files of a case say now; None if one of them cannot be read."""
    return _content(shelf, path, lookups, _file_digest)


def stamps_now(shelf: Shelf, path: Path, lookups: Lookups) -> str | None:
    """Return a digest of when and how long those files were written; None if one of them is not there."""
    return _content(shelf, path, lookups, stamp)


def content_read(shelf: Shelf, path: Path, lookups: Lookups) -> str | None:
    """Return the same digest of what the shelf read; None where it would read another file now."""
    return _content(shelf, path, lookups, shelf.digest)


def _content(shelf: Shelf, path: Path, lookups: Lookups | None, digest: Callable[[Path], str | None]) -> str | None:
    files = [*shelf.list_files("catalogue"), *shelf.list_files("evidence"), *shelf.beside, path]
    if lookups is not None:
        found = shelf.looked_up(path, (Lookup(*one) for one in lookups))
        if found is None:
            return None
        files += found
    folders = {folder: str(n) for n, folder in enumerate(dict.fromkeys(file.parent for file in files))}
    parts = list[str]()
    for file in files:
        said = digest(file)
        if said is None:
            return None
        parts += [folders[file.parent], file.name, said]
    return _digest(*parts)


def _file_digest(path: Path) -> str | None:
    """None for what is not read twice: a pipe, a folder, a file that is too large for a case."""
    try:
        raw = bytes_of(path)
    except (OSError, ValueError):
        return None
    return sha256(raw).hexdigest() if len(raw) <= MAX_BYTES else None


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
