"""What a teacher may ask after an attempt: prompts made from what truly happened in it, for a debriefing in a room.

They come in the order in which such talks go well: reactions, description, analysis, summary. Each names a moment of
this attempt, what the pathway would have had, and asks an open question.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scoring.assess.assessment import Assessment
from scoring.assess.handover import own_part
from scoring.debrief.causes import quoted
from scoring.debrief.deviations import Deviation, deviations, well_done
from scoring.debrief.model import Debrief, Prompt
from scoring.parameters import ANALYSIS_PROMPTS, CALLS_NAMED
from sim.case.model.scenario import Scenario
from sim.engine.log import Called, CaseEnded, Log, OrderPlaced, ResultReturned
from sim.words.fold import fold
from sim.words.format import at_moment, capital

STAGES: Final = ("reactions", "description", "analysis", "summary")
"""The order of a debriefing."""


def prompts(scenario: Scenario, log: Log, assessment: Assessment, account: Debrief) -> tuple[Prompt, ...]:
    """Return the prompts of an attempt, at most ten. `account` is its debrief so far."""
    own = own_part(log)
    found = deviations(scenario, own, assessment, account)
    good = well_done(scenario, own, assessment, account)
    chosen = _chosen(found, ANALYSIS_PROMPTS - (good is not None))
    talked = sorted((*chosen, *(() if good is None else (good,))), key=lambda deviation: deviation.at)
    return (
        _reaction(log, account),
        *_description(own, account),
        *(Prompt("analysis", d.happened, d.expected, d.ask, d.at, d.event, d.evidence) for d in talked),
        _summary(chosen, good),
    )


def to_text(asked: Sequence[Prompt]) -> str:
    """Return prompts as text, for whoever leads the talk."""
    lines: list[str] = []
    for stage in STAGES:
        of_stage = [prompt for prompt in asked if prompt.stage == stage]
        lines += ["", capital(stage), "-" * len(stage)] if of_stage else []
        for prompt in of_stage:
            lines += fold(prompt.happened, 80, first="- ", rest="  ")
            marks = "".join(f" [{name}]" for name in prompt.evidence)
            expected = [f"Expected: {prompt.expected}{marks}"] if prompt.expected else []
            for text in (*expected, f"Ask: {prompt.ask}"):
                lines += fold(text, 80, first="  ", rest="  ")
    return "\n".join(lines[1:]) + "\n"


def _chosen(found: Sequence[Deviation], most: int) -> list[Deviation]:
    """The weightiest, the earlier of equals first; the same thing is never talked about twice."""
    chosen: list[Deviation] = []
    for deviation in sorted(found, key=lambda d: (-d.weight, d.at)):
        if len(chosen) < most and not any(_alike(deviation, other) for other in chosen):
            chosen.append(deviation)
    return chosen


def _alike(one: Deviation, other: Deviation) -> bool:
    return bool(one.orders & other.orders) or (one.event is not None and one.event == other.event)


def _reaction(log: Log, account: Debrief) -> Prompt:
    """Nothing about how people feel can be worked out, so this asks about the end."""
    end = log[-1] if log and isinstance(log[-1], CaseEnded) else None
    ending = f" {account.ending}" if account.ending else ""
    if end is not None and end.why == "outcome":
        ask = "Before anything else: how does an end like this leave you, and which moment comes back first?"
    else:
        ask = "Before anything else: what is in your mind now that it is over, and which moment comes back first?"
    return Prompt("reactions", f"{account.ended}{ending}", "", ask, account.ended_at, None, ())


def _description(log: Log, account: Debrief) -> list[Prompt]:
    """Who the patient was at the first checkpoint, and the calls that turned the case."""
    first = account.opinions[0] if account.opinions else None
    at = account.ended_at if first is None else first.at
    orders = sum(isinstance(event, OrderPlaced) and event.at <= at for event in log)
    results = sum(isinstance(event, ResultReturned) and event.at <= at for event in log)
    sentence = f"{capital(at_moment(at))} you had placed {_count(orders, 'order')} and had {_count(results, 'answer')}"
    if first is not None and first.own:
        name, share = max(first.own, key=lambda pair: pair[1])
        sentence += f", and put {name} first, at {share:.0%}"
    ask = "In three sentences, as at a handover: who was this child at that moment, and what worried you most?"
    asked = [Prompt("description", f"{sentence}.", "", ask, at, None if first is None else first.event, ())]
    heard = [(event, index) for index, event in enumerate(log) if isinstance(event, Called)]
    # Not every value that was called through.
    calls = [(call, index) for call, index in heard if call.reveals is not None] or heard
    if calls:
        asked.append(_turning(calls))
    return asked


def _turning(calls: Sequence[tuple[Called, int]]) -> Prompt:
    """The first call of each kind, as many as are named."""
    kinds: dict[str, tuple[Called, int]] = {}
    for call, index in calls:
        kinds.setdefault(call.reveals or call.text, (call, index))
    named = list(kinds.values())[:CALLS_NAMED]
    more = len(calls) - len(named)
    sentence = "; ".join(f"{at_moment(call.at)}, {quoted(call.text)}" for call, _ in named)
    rest = f"; and {_count(more, 'time')} more" if more else ""
    sentence = f"You were called {sentence}{rest}."
    ask = "What had you known shortly before that could have announced it, and what did it make you do first?"
    if len(named) > 1:
        ask = "Which of these turned the case, and what had you known shortly before that could have announced it?"
    call, index = named[0]
    return Prompt("description", sentence, "", ask, call.at, index, ())


def _summary(chosen: Sequence[Deviation], good: Deviation | None) -> Prompt:
    heavy = sorted(chosen, key=lambda deviation: (-deviation.weight, deviation.at))[:2]
    if heavy:
        sentence = f"Talked about most: {' and '.join(deviation.label for deviation in heavy)}."
        ask = (
            "What do they have in common, and which one sign or result will make you act sooner at a real bedside?"
            if len(heavy) > 1
            else "Which one sign or result will make you act sooner at a real bedside?"
        )
    else:
        held = "" if good is None else f", {good.label} among it"
        sentence = f"Nothing of weight was late, missed or harmful{held}."
        ask = "Which of your steps would be the first to go on a busy night, and what on your ward would protect it?"
    return Prompt("summary", sentence, "", ask, None, None, ())


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
