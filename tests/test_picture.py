"""The picture in the README is of the game as it is now."""

from __future__ import annotations

import pytest

from picture import PICTURE, animated, frames, words

pytestmark = pytest.mark.slow


async def test_the_picture_is_what_is_painted_today() -> None:
    today = animated(await frames())
    kept = PICTURE.read_text(encoding="utf-8")
    assert words(kept) == words(today), "draw it anew: make picture"


def test_who_asked_for_less_motion_sees_one_still_frame() -> None:
    kept = PICTURE.read_text(encoding="utf-8")
    assert "prefers-reduced-motion: reduce" in kept
    assert "http" not in kept.replace("http://www.w3.org/", ""), "it fetches nothing"
