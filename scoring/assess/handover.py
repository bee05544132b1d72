"""Handing over: from then on the team acts, and nothing is booked to the learner."""

from __future__ import annotations

from scoring.assess.pathway import due_minutes
from scoring.parameters import HANDOVER_SHARE
from sim.case.model.scenario import Scenario
from sim.engine.log import CheckpointReached, HandedOver, Log
from sim.words.format import at_moment


def own_part(log: Log) -> Log:
    """Return the learner's own part of a log: to where it was handed over, that event included, or all of it."""
    handed = next((index for index, event in enumerate(log) if isinstance(event, HandedOver)), None)
    return log if handed is None else log[: handed + 1]


def handed_over_at(log: Log) -> int | None:
    """Return the minute at which a log was handed over, or None."""
    return next((event.at for event in log if isinstance(event, HandedOver)), None)


def too_early(scenario: Scenario, log: Log) -> str | None:
    """Return why the learner of a log handed over too early to be judged, in a sentence; None if it was not so.

    The log is the whole one: what the team was asked to do after it counts as what was still to come.
    """
    handed = handed_over_at(log)
    if handed is None:
        return None
    said = f"You handed over {at_moment(handed)}, too early to be judged"
    if scenario.case.checkpoints and not any(isinstance(event, CheckpointReached) for event in own_part(log)):
        return f"{said}: no differential had been asked for yet."
    critical = [step.critical for step in scenario.case.pathway]
    whole = [at for at, counts in zip(due_minutes(scenario, log), critical, strict=True) if counts and at is not None]
    own = sum(at <= handed for at in whole)
    if own < HANDOVER_SHARE * len(whole):
        return f"{said}: {own} of {len(whole)} critical steps of this patient had fallen due."
    return None
