"""Play it again from there: a branch repeats the life it came from, and the twin shows the pathway's beside it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from scoring.debrief.twin import Row, twin_of
from scoring.review.decisions import decisions_of
from sim.attempts.finish import decision_of, twin_from
from sim.attempts.replay import moves_under
from sim.attempts.session import PersistentSession, begin, branch, resume
from sim.attempts.store import Store, data_folder, open_store
from sim.case.model.scenario import Scenario
from sim.case.moves import AskHint, Finish, Move, PlaceOrder, Wait
from sim.cli import main
from sim.engine.log import CaseEnded, Log, OrderPlaced, StateEntered
from sim.engine.policy import following
from sim.engine.session import Session
from sim.report.twin_text import to_text

CASE = str(Path(__file__).parent / "data" / "tiny" / "cases" / "tiny_case.yaml")
MOVES: tuple[Move, ...] = (
    PlaceOrder("ex_perfusion"),
    Wait(300),
    AskHint(),
    PlaceOrder("peripheral_access"),
    PlaceOrder("bolus"),
    Wait(60, "call"),
    Wait(900),
    PlaceOrder("crp"),
    Finish(),
)


def played(store: Store, scenario: Scenario, moves: tuple[Move, ...] = MOVES, seed: int = 3) -> PersistentSession:
    attempt = begin(store, scenario, source=CASE, seed=seed, mode="tutor")
    for move in moves:
        if not attempt.session.ended:
            attempt.play(move)
    return attempt


@pytest.fixture
def parent(store: Store, tiny: Scenario) -> PersistentSession:
    return played(store, tiny)


def test_a_branch_that_repeats_the_orders_lives_the_same_life(store: Store, tiny: Scenario) -> None:
    for seed in range(3, 9):
        parent = played(store, tiny, seed=seed)
        moves = parent.moves()
        for decision in decisions_of(tiny, seed, moves)[0]:
            again = branch(parent, decision.taken)
            assert again.session.now == decision.at
            for move in moves[decision.taken :]:
                again.play(move)
            assert again.session.log == parent.session.log


def test_a_branch_is_an_attempt_of_its_own(store: Store, tiny: Scenario, parent: PersistentSession) -> None:
    again = branch(parent, decision_of(parent, 2).taken)
    again.play(PlaceOrder("blood_culture"))
    assert len(store.moves(parent.id)) == parent.count
    assert (again.stored.parent, again.stored.parent_move, again.stored.mode) == (parent.id, 3, "tutor")
    assert resume(store, tiny, again.stored).session.log == again.session.log


@pytest.mark.parametrize("moves", [-1, len(MOVES) + 1])
def test_a_branch_from_nowhere_is_refused(store: Store, tiny: Scenario, parent: PersistentSession, moves: int) -> None:
    with pytest.raises(ValueError, match=f"expected 0 to {parent.count} moves"):
        branch(parent, moves)


def test_an_attempt_at_a_changed_case_is_not_branched_and_nothing_is_stored(
    tiny: Scenario, capfd: pytest.CaptureFixture[str]
) -> None:
    with open_store(data_folder()) as store:
        id = played(store, tiny.model_copy(update={"digest": "e" * 64})).id
        assert main(["branch", id, "--from", "1", "--plain"]) == 1
        assert "the case has changed" in capfd.readouterr().err
        assert len(store.attempts()) == 1


# --- the twin -----------------------------------------------------------------------------------------------


def entered(log: Log) -> list[tuple[int, str, str]]:
    return [(e.at, e.region, e.state) for e in log if isinstance(e, StateEntered)]


def test_the_twin_of_the_pathway_is_the_same_life(store: Store, tiny: Scenario) -> None:
    under = played(store, tiny, moves_under(tiny, 3, "pathway"))
    for number in range(1, len(decisions_of(tiny, 3, under.moves())[0]) + 1):
        twin = twin_from(under, number)
        assert twin.parted is None
        assert all(row.own == row.twin for row in twin.rows)
        assert twin.own_utility == twin.twin_utility


def test_the_twin_is_the_patient_whom_the_pathway_treats_from_there(tiny: Scenario, parent: PersistentSession) -> None:
    decision = decision_of(parent, 2)
    session = Session(tiny, 3)
    for move in following(first=MOVES[: decision.taken])(session):
        session.apply(move)
    end = session.log[-1]
    assert isinstance(end, CaseEnded)
    twin = twin_of(tiny, parent.session.log, parent.moves(), decision)
    assert (twin.at, twin.twin_utility) == (300 + 1, end.utility)
    treated = [tiny.catalogue.orders[e.order].name for e in session.log if isinstance(e, OrderPlaced) and e.at >= 301]
    told = [text for row in twin.rows for text in row.twin]
    assert all(any(text.startswith(name) for text in told) for name in treated[:3])


def test_two_lives_part_where_the_disease_first_differs(store: Store, tiny: Scenario) -> None:
    parts = set[int | None]()
    for seed in range(1, 12):
        parent = played(store, tiny, (Wait(None),), seed)
        twin = twin_from(parent, 1)
        other = Session(tiny, seed)
        for move in following()(other):
            other.apply(move)
        own, under = entered(parent.session.log), entered(other.log)
        if twin.parted is None:
            assert own == under
        else:
            assert [e for e in own if e[0] < twin.parted] == [e for e in under if e[0] < twin.parted]
            assert [e for e in own if e[0] == twin.parted] != [e for e in under if e[0] == twin.parted]
        parts.add(twin.parted)
    assert len(parts) > 2


def test_once_parted_only_the_courses_are_told(store: Store, tiny: Scenario) -> None:
    parents = (played(store, tiny, (Wait(None),), seed) for seed in range(1, 12))
    twin = next(twin for twin in (twin_from(parent, 1) for parent in parents) if twin.parted is not None)
    assert twin.parted is not None
    later = [text for row in twin.rows if row.at > twin.parted for text in (*row.own, *row.twin)]
    regions = tuple(f"{region.name}: " for region in tiny.disease.regions.values())
    assert all(text.startswith(regions) for text in later)
    text = to_text(twin)
    assert text.count("here the two lives part") == 1
    assert max(map(len, text.splitlines())) <= 80


def test_the_same_minute_in_both_lives_is_told_once() -> None:
    from scoring.debrief.twin import Twin

    twin = Twin(0, 0, None, (Row(0, ("Blood culture",), ("Blood culture",)), Row(5, (), ("Bolus",))), "Well.", "Well.",
                0.9, 0.95)  # fmt: skip
    text = to_text(twin)
    assert re.search(r"Blood culture +the same", text)
    assert "Their disease never differs." in re.sub(r"\s+", " ", text)
    assert "90 of 100 points." in text


# --- the command line ---------------------------------------------------------------------------------------


@pytest.fixture
def stored(tiny: Scenario) -> str:
    with open_store(data_folder()) as store:
        return played(store, tiny).id


def test_the_command_line_shows_the_twin(stored: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["twin", stored, "--from", "2"]) == 0
    assert "The twin from decision 2" in capfd.readouterr().out
    assert main(["twin", stored, "--from", "99"]) == 2
    assert "expected a decision from 1 to" in capfd.readouterr().err


def test_the_command_line_branches(
    stored: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("quit\n"))
    assert main(["branch", stored, "--from", "2", "--plain"]) == 0
    with open_store(data_folder()) as store:
        child = store.attempts(unfinished=True)[0]
    assert (child.parent, child.parent_move) == (stored, 3)
    assert main(["attempts"]) == 0
    assert f"branch of {stored} after move 3" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("command", "lives"), [(("twin", "--from", "2"), 2), (("branch", "--from", "2", "--plain"), 2)]
)
def test_the_attempt_is_played_once_beside_the_life_it_is_compared_with(
    stored: str, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], lives: int
) -> None:
    opened, usual = list[int](), Session._open

    def counted(session: Session) -> None:
        opened.append(session.seed)
        usual(session)

    monkeypatch.setattr(Session, "_open", counted)
    monkeypatch.setattr("sys.stdin", io.StringIO("quit\n"))
    assert main([command[0], stored, *command[1:]]) == 0
    assert len(opened) == lives


def test_an_attempt_that_is_not_over_has_no_twin(tiny: Scenario, capfd: pytest.CaptureFixture[str]) -> None:
    with open_store(data_folder()) as store:
        running = played(store, tiny, MOVES[:2]).id
    assert main(["twin", running, "--from", "1"]) == 2
    assert "is not finished" in capfd.readouterr().err
