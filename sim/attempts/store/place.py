"""Where attempts are kept, and what saves work. The command line asks once which folder that is, and hands it down."""

from __future__ import annotations

import os
from pathlib import Path

from sim.attempts.store.attempts import Store
from sim.attempts.store.file import FILE_NAME, StoreError


def data_folder() -> Path:
    """Return the folder that holds the attempts: `SCURFY_HOME`, or the user's data folder. It may not exist yet."""
    chosen = os.environ.get("SCURFY_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_dir

    return Path(user_data_dir("scurfy", appauthor=False))


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
    """Open the store in a data folder, creating both where needed. Raises StoreError."""
    return Store(make_folder(folder) / FILE_NAME)
