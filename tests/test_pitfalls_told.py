"""A pitfall is told with the decision that fell into it, whatever the model expects after that decision."""

from __future__ import annotations

from scoring.assess.assessment import assess
from scoring.debrief.build import debrief
from scoring.debrief.decision_text import decision_row
from scoring.review.decisions import decisions_of
from scoring.review.review import Judged
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Move, PlaceOrder, Wait
from sim.engine.log import OrderPlaced
from sim.tui.rows.decisions import costliest

MOVES: tuple[Move, ...] = (
    PlaceOrder("peripheral_access"),
    Wait(30),
    PlaceOrder("gentamicin"),
    Wait(30),
    PlaceOrder("crp"),
    Wait(30),
    Finish(),
)


def test_an_antibiotic_before_the_culture_is_told_in_its_own_decision(tiny: Scenario) -> None:
    decisions, session = decisions_of(tiny, 3, MOVES)
    account = debrief(tiny, session.log, assess(tiny, session.log))
    assert "blind" in {mistake.id for mistake in account.mistakes}
    judged = [Judged(d, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 100, "as_good", (), None) for d in decisions]
    rows = [decision_row(tiny, one, account.mistakes) for one in judged]
    fallen = [row for row in rows if "Antibiotic before the culture" in " ".join(row.fell)]
    assert len(fallen) == 1
    first, behind = fallen[0].events
    given = [e.order for e in session.log[first:behind] if isinstance(e, OrderPlaced)]
    assert "gentamicin" in given
    assert fallen[0].stands_out
    assert fallen[0] in costliest(rows)
    assert [row.stands_out for row in rows] == [bool(row.fell) for row in rows]
