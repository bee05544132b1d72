"""Scenarios kept in a cache: found by what their files say, and validated once more on the way in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pydantic

from sim.case.cache import Cache, maker, stamp
from sim.case.composing.bands import with_bands
from sim.case.composing.folders import CASE_FILE, FOLDERS, yaml_files
from sim.case.composing.shelf import Shelf
from sim.case.model.parts import DUMPED, Part
from sim.case.model.scenario import Scenario
from sim.case.reading.text import MAX_BYTES, bytes_of


class Kept(Part):
    """A scenario that was read, checked and found sound, and the digest of what its files said."""

    content: str
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
    return kept if kept.content == content_now(shelf, path, kept.scenario.case.disease) else None


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
    """An entry's name says all but the disease, whose file only the entry itself can name."""
    content, made_by = _content(shelf, path, None, _file_digest), maker()
    if content is None or made_by is None:
        return None
    return f"case-{_digest(made_by, pydantic.VERSION, content)}"


def content_now(shelf: Shelf, path: Path, disease: str) -> str | None:
    """Return a digest of what the files of a case say now; None if one of them cannot be read."""
    return _content(shelf, path, disease, _file_digest)


def stamps_now(shelf: Shelf, path: Path, disease: str) -> str | None:
    """Return a digest of when and how long those files were written; None if one of them is not there."""
    return _content(shelf, path, disease, stamp)


def content_read(shelf: Shelf, path: Path, scenario: Scenario) -> str | None:
    """Return the same digest of what the shelf read; None where it would read another file now."""
    return _content(shelf, path, scenario.case.disease, lambda file: shelf.digest(file) or _file_digest(file))


def _content(shelf: Shelf, path: Path, disease: str | None, digest: Callable[[Path], str | None]) -> str | None:
    files = _files(shelf, path)
    if disease is not None:
        found = shelf.find("diseases", disease, path)
        if found is not None and found not in files:
            files.append(found)
    folders = {folder: str(n) for n, folder in enumerate(dict.fromkeys(file.parent for file in files))}
    parts = list[str]()
    for file in files:
        said = digest(file)
        if said is None:
            return None
        parts += [folders[file.parent], file.name, said]
    return _digest(*parts)


def _files(shelf: Shelf, path: Path) -> list[Path]:
    """Every file that a case may be read from: all of the shelf but other cases, what lies beside it, and itself.

    A file that appears where a part is looked for changes the list, and with it the digest.
    """
    parts = [folder for folder in FOLDERS if folder != "cases"]
    homes = [*shelf.roots, path.parent, path.parent.parent]
    places = [home / folder for home in homes for folder in parts]
    beside = yaml_files(path.parent) if path.name == CASE_FILE else ()
    found = [file for place in places for file in yaml_files(place)]
    return list(dict.fromkeys([*found, *shelf.beside, *beside, path]))


def _file_digest(path: Path) -> str | None:
    """None for what is not read twice: a pipe, a folder, a file that is too large for a case."""
    try:
        raw = bytes_of(path)
    except (OSError, ValueError):
        return None
    return sha256(raw).hexdigest() if len(raw) <= MAX_BYTES else None


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
