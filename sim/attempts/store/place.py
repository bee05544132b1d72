"""Where attempts are kept, and what saves work. The command line asks once which folder that is, and hands it down."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from sim.attempts.store.attempts import Store
from sim.attempts.store.file import FILE_NAME
from sim.attempts.store.schema import LEARNERS, NOTES
from sim.attempts.store.trouble import StoreError


def data_folder() -> Path:
    """Return the folder that holds the attempts: `SCURFY_HOME`, or the user's data folder. It may not exist yet.

    Raises StoreError where it cannot be said which that is.
    """
    chosen = os.environ.get("SCURFY_HOME")
    if chosen:
        return _absolute(chosen)
    from platformdirs import user_data_dir

    return Path(user_data_dir("scurfy", appauthor=False))


def _absolute(chosen: str) -> Path:
    """Return a folder as it was named, `~` for whose it is. Raises StoreError where there is no such user or place."""
    try:
        return Path(chosen).expanduser().absolute()
    except (RuntimeError, OSError) as error:
        why = "there is no such user" if isinstance(error, RuntimeError) else "the current folder is gone"
        raise StoreError(f"SCURFY_HOME is {chosen!r}: {why}", "set it to a folder of yours") from error


def cache_folder() -> Path:
    """Return the folder for what saves work and may be removed at any time. It may not exist yet."""
    if os.environ.get("SCURFY_HOME"):
        return data_folder() / "cache"
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("scurfy", appauthor=False))


def make_folder(folder: Path) -> Path:
    """Create a data folder, for its owner only where the system knows that, and return it. Raises StoreError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot create {folder}: {error.strerror}", "set SCURFY_HOME to a folder of yours") from error
    return folder


def open_store(folder: Path) -> Store:
    """Open the store in a data folder, creating both where needed. Raises StoreError.

    One that cannot be written to is read all the same, from a copy elsewhere; what would change it is refused.
    """
    path = make_folder(folder) / FILE_NAME
    try:
        return Store(path)
    except StoreError as refusal:
        if not refusal.unwritable or not path.is_file():
            raise
        return _opened_copy(path, refusal)


def back_up(folder: Path, target: Path) -> None:
    """Copy what a data folder keeps, the attempts and the notes, to a new folder, also while they are written to.

    Those who play in a browser are copied as well, each with a store of their own.

    Raises StoreError where that cannot be, or the folder holds something already.
    """
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(target.iterdir()):
            raise StoreError(f"{target} holds something already", "name a folder that is not there yet")
        with open_store(folder) as store:
            store.copy_to(target / FILE_NAME)
        if (folder / NOTES).is_dir():
            shutil.copytree(folder / NOTES, target / NOTES)
        for learner in sorted((folder / LEARNERS).glob("*/")):
            back_up(learner, target / LEARNERS / learner.name)
    except (OSError, shutil.Error) as error:
        raise StoreError(f"cannot copy to {target}: {getattr(error, 'strerror', None) or error}") from error


def _opened_copy(path: Path, refusal: StoreError) -> Store:
    """Open a copy of a file, with the log beside it, that says why it is one. Raises StoreError."""
    place = tempfile.mkdtemp(prefix="scurfy-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    try:
        for part in (path, path.with_name(f"{path.name}-wal")):
            if part.exists():
                shutil.copyfile(part, Path(place) / part.name)
    except OSError:
        raise refusal from None
    return Store(Path(place) / path.name, copy_of=path, refusal=refusal)
