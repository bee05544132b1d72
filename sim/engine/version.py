"""The version of the engine's semantics, apart from the engine so that it is read without loading it."""

from __future__ import annotations

from typing import Final

ENGINE: Final = 5
"""Version of the engine. It rises whenever the same moves could give another log."""
