"""The looks: dark, light and high contrast. A colour never carries a meaning that a sign does not carry too."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

DARK: Final = Theme(
    name="scurfy-dark",
    primary="#6fb3d2",
    secondary="#9aa7b8",
    accent="#e0b15e",
    warning="#f0a35b",
    error="#ff7b72",
    success="#7fc98f",
    foreground="#d8dee6",
    background="#11161c",
    surface="#171e26",
    panel="#202a35",
    dark=True,
    variables={"border-quiet": "#3a4a5a"},
)

LIGHT: Final = Theme(
    name="scurfy-light",
    primary="#135e82",
    secondary="#4a5a6a",
    accent="#7a5200",
    warning="#8a4700",
    error="#a8141c",
    success="#1c6b32",
    foreground="#1a222b",
    background="#f7f8f9",
    surface="#eef1f4",
    panel="#dfe5ea",
    dark=False,
    variables={"border-quiet": "#a9b4bf"},
)

CONTRAST: Final = Theme(
    name="scurfy-contrast",
    primary="#00ffff",
    secondary="#ffffff",
    accent="#ffff00",
    warning="#ffff00",
    error="#ff8080",
    success="#80ff80",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    dark=True,
    text_alpha=1.0,
    variables={"border-quiet": "#ffffff"},
)

THEMES: Final = (DARK, LIGHT, CONTRAST)
