"""How much a debrief shows before it counts the rest. Whoever asks for everything (`full`) is shown everything."""

from __future__ import annotations

from typing import Final

SHOWN_TIMES: Final = 4
"""So many times of a repeated order are told; the rest are counted."""

SHOWN_MISSED: Final = 1
"""Of a phase's problems so many are told with all there is to say; the rest by name or number."""

SHOWN_MISTAKES: Final = 3
"""The same of pitfalls."""

SHOWN_EXTRAS: Final = 4
"""The same of orders outside the pathway."""

SHOWN_EVIDENCE: Final = 4
"""The same of facts."""

SHOWN_PASSAGES: Final = 3
"""The same of a region's states."""

SHOWN_NEUTRAL: Final = 40
"""More neutral orders than this are counted."""

SHOWN_NAMES: Final = 5
"""Of what is told by name alone so many names are told; the rest is counted."""

SHOWN_ASSUMED: Final = 5
"""So many assumptions are told; the rest are counted."""

SHOWN_DIAGNOSES: Final = 8
"""So many diagnoses have a row of their own in a table over time; the rest are added up."""

SHOWN_CAME: Final = 6
"""Of what came in between two differentials so much is named; the rest is counted."""
