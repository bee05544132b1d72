"""The recommended pathway as something that can be followed: which steps are due, on what has been revealed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.case.model import Library, Step
from sim.engine.knowledge import Knowledge
from sim.engine.log import Event, OrderPlaced, TherapyStopped


class Progress:
    """How far an attempt is along its pathway. It reads the log only, never the patient's true state."""

    def __init__(self, library: Library, skip: Iterable[str] = ()) -> None:
        """Start at the opening; steps whose ids are in `skip` are left out."""
        skipped = frozenset(skip)
        self._steps = tuple(step for step in library.case.pathway if step.id not in skipped)
        self._due: dict[str, int] = {}
        self._done: dict[str, int] = {}

    @property
    def done(self) -> dict[str, int]:
        """The steps that were done, and when."""
        return dict(self._done)

    def note(self, event: Event) -> None:
        """Take one event: an order placed, or a therapy stopped by the learner, may do a step that is due."""
        if isinstance(event, OrderPlaced):
            self._do(event.order, event.at, stop=False)
        elif isinstance(event, TherapyStopped) and event.by == "learner":
            self._do(event.therapy, event.at, stop=True)

    def _do(self, order: str, at: int, *, stop: bool) -> None:
        for step in self._steps:
            if step.stop == stop and order in step.do and step.id not in self._done and self._open(step, at):
                self._done[step.id] = at
                return

    def look(self, knowledge: Knowledge, at: int) -> None:
        """Note which steps are due at minute `at`: one whose `when` no longer holds has lapsed, and may return."""
        for step in self._steps:
            if step.id in self._done:
                continue
            if step.when is None or knowledge.holds(step.when, at):
                self._due.setdefault(step.id, at)
            else:
                self._due.pop(step.id, None)

    def ready(self, at: int) -> tuple[Step, ...]:
        """Return the steps to do now, in file order: due, not done, and no predecessor that is due is undone."""
        return tuple(
            step
            for step in self._steps
            if step.id not in self._done
            and self._open(step, at)
            and not any(other in self._due and other not in self._done for other in step.after)
        )

    def _open(self, step: Step, at: int) -> bool:
        due = self._due.get(step.id)
        return due is not None and at >= due + step.not_before

    def next_look(self, knowledge: Knowledge, at: int) -> int | None:
        """Return the next minute after `at` at which time alone could make a step ready or let it lapse, or None."""
        moments: list[int] = []
        for step in self._steps:
            if step.id in self._done:
                continue
            due = self._due.get(step.id)
            if due is not None and due + step.not_before > at:
                moments.append(due + step.not_before)
            moment = None if step.when is None else knowledge.boundaries(step.when, at)
            if moment is not None:
                moments.append(moment)
        return min(moments, default=None)


def next_step(library: Library, log: Sequence[Event], at: int) -> str | None:
    """Return the id of the first step of the pathway that is due and not done at minute `at`, or None."""
    knowledge, progress = Knowledge(library), Progress(library)
    for event in log:
        knowledge.take(event)
        progress.look(knowledge, event.at)
        progress.note(event)
    progress.look(knowledge, at)
    ready = progress.ready(at)
    return ready[0].id if ready else None
