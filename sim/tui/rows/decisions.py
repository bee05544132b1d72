"""The decisions as items to read: what they cost, a curve of what could be expected, and each with its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final

from scoring.debrief.decision_text import points_of
from scoring.debrief.model import Debrief, DecisionRow
from scoring.parameters import POINT
from sim.attempts.review_process.pool import ReviewState
from sim.tui.widgets.braille import curve
from sim.tui.widgets.outline import Item
from sim.words.format import clock, command
from sim.words.verdicts import size_said

SIZE_LOOKS = {
    "better": ("↑", "good"),
    "as_good": ("=", "muted"),
    "inaccuracy": ("~", "low"),
    "mistake": ("✗", "high"),
    "blunder": ("✗✗", "critical"),
}
"""Size to its sign and its role."""

_WIDTH, _HEIGHT = 66, 6
"""Cells of the curve: they fit the smallest screen."""


def decisions(debrief: Debrief, state: ReviewState | None, attempt: str) -> tuple[Item, ...]:
    """Return what the review found, or how far it is (`state`); None: nothing is at work on it."""
    if not debrief.review:
        return (Item(progress(state, attempt)),)
    items = [Item(sentence) for sentence in debrief.review]
    items += [Item("What could be expected, in points of 100, before and after each decision", heading=True)]
    items += [Item("", line, role) for line, role in _curve(debrief.decisions)]
    costly = costliest(debrief.decisions)
    if costly:
        items += [Item("What cost most, and the pitfalls: Enter why, b play on from there, t the twin", heading=True)]
        items += [_item(row) for row in costly]
    items += [Item("The other decisions" if costly else "Decision by decision", heading=True)]
    items += [_item(row) for row in debrief.decisions if row not in costly]
    return tuple(items)


_MOST: Final = 3
"""How many decisions are told first."""


def costliest(rows: Sequence[DecisionRow]) -> list[DecisionRow]:
    """Return the decisions that cost most (none that lost less than noise could), dearest first, and the pitfalls."""
    lost = [row for row in rows if row.loss > 0 and row.size not in ("as_good", "better")]
    dearest = sorted(lost, key=lambda row: -row.loss)[:_MOST]
    return dearest + [row for row in rows if row.fell and row not in dearest]


def progress(state: ReviewState | None, attempt: str) -> str:
    """Return how far the review is, in a sentence."""
    if state is not None and not state.over:
        of = f" {state.weighed} of {state.closed} are done." if state.closed else ""
        return f"Each decision is being played again over many fates, to part its cost from luck.{of} It goes on here."
    why = "" if state is None or state.failed is None else f" ({state.failed})"
    return f"The decisions were not reviewed{why}. '{command()} debrief {attempt} --review' does it."


def _curve(rows: tuple[DecisionRow, ...]) -> list[tuple[str, str]]:
    """v and q of each decision from left to right, and below it the signs of those that cost or gained something."""
    if not rows:
        return []
    points = [(2 * i + k, value / POINT) for i, row in enumerate(rows) for k, value in enumerate((row.v, row.q))]
    values = [value for _, value in points]
    low, high = max(0.0, min(values) - 1), min(100.0, max(values) + 1)
    last = max(1, 2 * len(rows) - 1)
    drawn = curve(points, _WIDTH, _HEIGHT, (0, last), (low, high))
    labels = [f"{high:5.0f} ", *[" " * 6] * (_HEIGHT - 2), f"{low:5.0f} "]
    signs = [" "] * (_WIDTH + 2)
    for i, row in enumerate(rows):
        if row.size != "as_good":
            signs[round((2 * i + 0.5) / last * (_WIDTH - 1))] = SIZE_LOOKS[row.size][0][0]
    told = [(label + line, "curve") for label, line in zip(labels, drawn, strict=True)]
    return list(chain(told, [(" " * 6 + "".join(signs).rstrip(), "high")]))


def _look(row: DecisionRow) -> tuple[str, str]:
    """Return the sign and the role of a decision: a pitfall is one whatever the model expects after it."""
    if row.fell and row.size in ("as_good", "better"):
        return "!", "critical"
    return ("·", "muted") if row.waited and row.size == "as_good" else SIZE_LOOKS[row.size]


def _item(row: DecisionRow) -> Item:
    sign, role = _look(row)
    worth = f"Before it {row.v / POINT:.1f} could be expected, after it {row.q / POINT:.1f}: {points_of(row)}"
    luck = f"luck then {'gave' if row.luck >= 0 else 'took'} {abs(row.luck) / POINT:.1f}"
    detail = ((f"{worth}; {luck}. In points of 100, in this model; standard error in brackets.", "muted"),
              *((sentence, "") for sentence in row.better))  # fmt: skip
    size = "pitfall" if row.fell and row.size == "as_good" else size_said(row.size, row.waited)
    return Item(
        " ".join((row.did, *row.fell)),
        f"{row.number:>3} {f'{sign} {size}':<13} {clock(row.at):<13} ",
        role,
        detail,
        number=row.number,
    )
