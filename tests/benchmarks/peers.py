"""Which peers are installed, and in which version."""

from __future__ import annotations

import importlib.metadata
import importlib.util


def here(name: str) -> bool:
    """Whether a peer can be imported."""
    return importlib.util.find_spec(name) is not None


def version(name: str) -> str:
    """The version of an installed peer."""
    return importlib.metadata.version(name)
