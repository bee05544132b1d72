"""A step of the recommended pathway."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from sim.case.model.conditions import Condition
from sim.case.model.parts import Bundles, DoseText, Id, IdList, Ids, Line, Minutes, Sourced, Text
from sim.case.model.terms import Dose, Running, leaves, parsed, reads


class Step(Sourced):
    """One recommended step. The pathway is a partial order of steps with windows."""

    id: Id
    title: Line
    weight: Literal["must", "should", "could"]
    do: Ids
    """Orders that fulfil it: any one of them. The policy uses the first that is accepted."""
    or_all: Bundles = ()
    """Bundles that fulfil it as well: done when every order of one bundle has been placed. The policy uses `do`."""
    stop: bool = False
    """Fulfilled by stopping one of the therapies in `do` instead of starting one."""
    dose: DoseText | None = None
    """The dose the policy chooses; a learner's dose is not compared."""
    after: IdList = ()
    """Steps that should come before (same minute counts as before). Not-needed steps do not block."""
    when: Condition | None = None
    """Over what the learner can know. The step is due while it holds, and always without it."""
    within: Minutes
    """The window: in time up to this long after it is due; late up to twice as long; missed afterwards."""
    not_before: Minutes = 0
    """Too early before this long after it is due (the order is 'not needed yet')."""
    critical: bool = False
    """A must whose absence alone caps the band (the gate)."""
    because: Text
    phase: Line
    each: Id | None = None
    """A code that calls reveal: the step falls due at each such call, as often as `times` says. A `since: {told: …}`
    of that code in `when` is then measured from the call in question. Unless that says how long (`below`), or the step
    is a stop, it lapses when two of its windows have passed."""
    every: Minutes | None = None
    """The step falls due anew so long after the last time: every `elapsed` and `since` in `when` moves by it."""
    times: int = Field(default=1, ge=1, le=12)
    """How often it falls due at most; more than once only with `each` or `every`."""

    @property
    def changes_what_runs(self) -> bool:
        """Whether it asks for a therapy that its own `when` finds running: then running is not yet doing it."""
        asked = () if self.when is None else leaves(parsed(self.when), negated=False)
        named = {name for leaf in asked if isinstance(leaf, (Running, Dose)) for _, name in reads(leaf)}
        return not named.isdisjoint(self.do)

    @property
    def may_stand(self) -> bool:
        """Whether what was ordered before the step fell due may do it, while it stands."""
        return not (self.stop or self.not_before or self.changes_what_runs)

    @model_validator(mode="after")
    def _repeats_somehow(self) -> Self:
        if self.each is not None and self.every is not None:
            raise ValueError("expected 'each' or 'every', not both")
        if self.times > 1 and self.each is None and self.every is None:
            raise ValueError("'times' repeats a step: expected it with 'each' or 'every'")
        if self.or_all and self.stop:
            raise ValueError("'or_all' lists orders that are placed together: expected it without 'stop'")
        if self.every is not None and (self.when is None or self.times == 1):
            raise ValueError("'every' moves the times in 'when': expected it with 'when' and 'times'")
        return self
