"""How a healthy child's weight grows: medians for age, and interpolation between them.

The medians are those of the WHO Child Growth Standards (2006, birth to 24 months) and the WHO Growth Reference
(2007, to 10 years), written down from memory and not checked against WHO's own files: evidence ids `wt-boys-0` to
`wt-boys-72`, grade A (assumed). They shape how a simulated weight moves; no child is to be judged by them.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import Final

from sim.case.model.case import Span
from sim.engine.fate import Fate, stream_key

MONTH: Final = 43830
MONTHS: Final = (*range(25), 36, 48, 60, 72, 84, 96, 108, 120)
MEDIANS: Final = {
    "male": (
        3.3464, 4.4709, 5.5675, 6.3762, 7.0023, 7.5105, 7.934, 8.297, 8.6151, 8.9014, 9.1649, 9.4122, 9.6479, 9.8749,
        10.0953, 10.3108, 10.5228, 10.7319, 10.9385, 11.143, 11.3462, 11.5486, 11.7504, 11.9514, 12.1515,
        14.3, 16.3, 18.3, 20.5, 22.9, 25.4, 28.1, 31.2,
    ),
    "female": (
        3.2322, 4.1873, 5.1282, 5.8458, 6.4237, 6.8985, 7.297, 7.6422, 7.9487, 8.2254, 8.48, 8.7192, 8.9481, 9.1699,
        9.387, 9.6008, 9.8124, 10.0226, 10.2315, 10.4393, 10.6464, 10.8534, 11.0608, 11.2688, 11.4775,
        13.9, 16.1, 18.2, 20.2, 22.4, 25.0, 28.2, 31.9,
    ),
}  # fmt: skip


def median_weight(sex: str, age: int) -> float:
    """Return the median weight (kg) at an age in minutes: log-linear in the table, flat beyond ten years."""
    months, medians = age / MONTH, MEDIANS[sex]
    if months >= MONTHS[-1]:
        return medians[-1]
    i = bisect_right(MONTHS, months) - 1
    share = (months - MONTHS[i]) / (MONTHS[i + 1] - MONTHS[i])
    return math.exp(math.log(medians[i]) * (1 - share) + math.log(medians[i + 1]) * share)


def weight_within(span: Span, seed: int) -> float:
    """Return the weight (kg) of the patient of a seed in a range: as far up in it as in any other of their ranges."""
    return span.low + Fate(seed).uniform(stream_key("patient:weight")) * (span.high - span.low)
