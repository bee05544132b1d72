"""The patient, and everything a person touches: the case, the engine, the store, the ways to play.

Only version numbers live here, so that importing `sim` stays cheap.
"""

__version__ = "0.1.0"
"""Scurfy's own version: what `scurfy --version` prints and the wheel is named after."""

ENGINE_VERSION = "1"
"""Raised whenever the same case, seed and moves would give another log than before."""
