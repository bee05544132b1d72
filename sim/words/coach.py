"""A coach's words, in which each face says by which key or command something is done."""

from __future__ import annotations

from collections.abc import Mapping


def coached(text: str, by: Mapping[str, str]) -> str:
    """Return a coach's words with the acts in braces as a face does them (`by`: act to key or command)."""
    for act, how in by.items():
        text = text.replace(f"{{{act}}}", how)
    return text
