"""The patient, and everything a person touches: the case, the engine, the store, the ways to play.

Only the version lives here, so that importing `sim` stays cheap.
"""

__version__ = "0.1.0"
"""Scurfy's own version: what `scurfy --version` prints and the wheel is named after."""
