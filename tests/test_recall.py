"""What is asked after the debrief, when it is asked again, and what is kept of the answers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scoring.assess.assessment import Assessment
from sim.attempts.finish import assessed, conclude
from sim.attempts.recall import FEWEST, GRADED, LONGEST, Asked, Grade, answer, choose, missed_in, ready, schedule
from sim.attempts.session import begin
from sim.attempts.store import FILE_NAME, MIGRATIONS, Card, Store, data_folder, open_store
from sim.case.library import load
from sim.case.model.case import Case, Question
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Wait
from sim.cli import main
from sim.plain.recall import ask

TINY_CASE = Path(__file__).parent / "data" / "tiny" / "cases" / "tiny_case.yaml"
TINY = str(TINY_CASE)
START = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


class Calendar:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def kept(tmp_path: Path, calendar: Calendar) -> Iterator[Store]:
    """A store with that clock."""
    with Store(tmp_path / FILE_NAME, clock=calendar) as opened:
        yield opened


def question(id: str, *about: str, ask: str = "What now?", answer: str = "Look again.") -> Question:
    return Question(id=id, ask=ask, answer=answer, about=about, assumed="a toy for tests")


def asking(scenario: Scenario, *questions: Question) -> Scenario:
    return scenario.model_copy(update={"case": scenario.case.model_copy(update={"questions": questions})})


def chosen(case: Case, *missed: str) -> list[str]:
    return [found.id for found in choose(case, frozenset(missed))]


def play(store: Store, scenario: Scenario) -> Assessment:
    """Let time pass to the end: nearly everything is missed. Returns how it was judged."""
    attempt = begin(store, scenario, source=TINY, seed=3, mode="practice")
    attempt.play(Wait(None))
    conclude(attempt)
    return assessed(attempt)


def typing(store: Store, scenario: Scenario, text: str) -> str:
    """What is shown to somebody who types the text."""
    target = io.StringIO()
    ask(store, tuple(ready(store.cards.due(), lambda _: scenario)), io.StringIO(text), target)
    return target.getvalue()


# --- which questions -----------------------------------------------------------------------------------------------


def test_what_was_missed_is_asked_first_and_then_the_files_order(tiny: Scenario) -> None:
    case = asking(tiny, question("q_a"), question("q_b", "drowned"), question("q_c"), question("q_d", "bolus")).case
    assert chosen(case, "bolus", "drowned") == ["q_b", "q_d", "q_a"]


def test_three_are_asked_of_those_who_missed_nothing(tiny: Scenario) -> None:
    case = asking(tiny, *(question(f"q_{n}", "bolus") for n in range(7))).case
    assert chosen(case) == ["q_0", "q_1", "q_2"]


def test_five_are_asked_at_most(tiny: Scenario) -> None:
    case = asking(tiny, *(question(f"q_{n}", "bolus") for n in range(7))).case
    assert chosen(case, "bolus") == ["q_0", "q_1", "q_2", "q_3", "q_4"]


def test_four_that_were_missed_get_no_fifth_beside_them(tiny: Scenario) -> None:
    case = asking(tiny, question("q_x"), *(question(f"q_{n}", "bolus") for n in range(4))).case
    assert chosen(case, "bolus") == ["q_0", "q_1", "q_2", "q_3"]


def test_a_case_with_one_question_asks_that_one(tiny: Scenario) -> None:
    assert chosen(tiny.case) == ["q_feet"]


def test_a_step_missed_the_second_time_counts_as_the_step_its_author_wrote(tiny: Scenario) -> None:
    steps = tiny.case.pathway
    first = steps[0]
    again = first.model_copy(update={"id": f"{first.id}_2"})
    alone = first.model_copy(update={"id": "phase_2"})
    scenario = tiny.model_copy(update={"case": tiny.case.model_copy(update={"pathway": (*steps, again, alone)})})
    with open_store(data_folder()) as store:
        found = missed_in(scenario.case, play(store, scenario))
    assert {f"{first.id}_2", first.id, "phase_2"} <= found
    assert "phase" not in found


@pytest.mark.slow
def test_every_question_of_the_shipped_case_can_come_first() -> None:
    case = load("drying_out").case
    assert all(one.id in chosen(case, *one.about) for one in case.questions if one.about)
    assert len(case.questions) >= FEWEST


# --- when they are asked -------------------------------------------------------------------------------------------


def test_new_questions_are_due_at_once_and_only_after_the_case_is_over(kept: Store, tiny: Scenario) -> None:
    attempt = begin(kept, tiny, source=TINY, seed=3, mode="practice")
    assert kept.cards.all() == ()
    attempt.play(Finish())
    assert kept.cards.all() == ()
    conclude(attempt)
    assert [(card.question, card.due, card.source) for card in kept.cards.due()] == [("q_feet", START, TINY)]


def test_better_known_is_asked_later_and_all_of_it_on_another_day() -> None:
    due = [schedule(None, grade, START)[1] - START for grade in GRADED]
    assert due == sorted(due)
    assert timedelta(days=1) <= due[0] < due[2] < due[3]


def test_the_same_answers_at_the_same_times_give_the_same_dates() -> None:
    def dates() -> list[datetime]:
        memory, at, found = None, START, []
        for grade in ("good", "good", "again", "hard", "easy"):
            memory, at = schedule(memory, grade, at)
            found.append(at)
        return found

    assert dates() == dates()
    assert dates() == sorted(dates())


def test_dates_stay_with_the_version_of_fsrs_they_were_worked_out_with() -> None:
    days = [(schedule(None, grade, START)[1] - START).days for grade in GRADED]
    assert days == [1, 1, 2, 8]


def test_nothing_is_put_off_for_longer_than_a_year() -> None:
    memory, at = None, START
    for _ in range(12):
        before = at
        memory, at = schedule(memory, "easy", at)
    assert at - before == timedelta(days=LONGEST)


@pytest.mark.parametrize("memory", ["", "{}", "[1]", "null", '{"card_id": "x"}'])
def test_a_memory_that_cannot_be_read_begins_anew(memory: str) -> None:
    assert schedule(memory, "good", START) == schedule(None, "good", START)


def test_a_question_answered_is_due_again_when_its_time_has_come(
    kept: Store, tiny: Scenario, calendar: Calendar
) -> None:
    play(kept, tiny)
    due = answer(kept, kept.cards.due()[0], "cold", "good")
    assert (kept.cards.due(), kept.cards.next()) == ((), due)
    calendar.now = due - timedelta(days=1)
    assert kept.cards.due() == ()
    calendar.now = due
    assert [card.question for card in kept.cards.due()] == ["q_feet"]
    assert kept.cards.next() is None


def known(store: Store, scenario: Scenario, calendar: Calendar) -> Card:
    """A card answered well a day ago."""
    play(store, scenario)
    answer(store, store.cards.due()[0], "", "easy")
    calendar.now += timedelta(days=1)
    return store.cards.all()[0]


def test_what_is_known_and_missed_again_is_brought_forward(kept: Store, tiny: Scenario, calendar: Calendar) -> None:
    scenario = asking(tiny, question("q_ab", "no_antibiotic"))
    before = known(kept, scenario, calendar)
    play(kept, scenario)
    (after,) = kept.cards.due()
    assert after.due == calendar.now < before.due
    assert after.memory == before.memory
    calendar.now += timedelta(days=1)
    play(kept, scenario)
    assert kept.cards.all() == (after,), "what is due already is not put off"


def test_what_is_known_and_was_not_missed_keeps_its_date(kept: Store, tiny: Scenario, calendar: Calendar) -> None:
    before = known(kept, tiny, calendar)
    play(kept, tiny)
    assert kept.cards.all() == (before,)


def test_concluding_the_same_attempt_twice_asks_nothing_anew(kept: Store, tiny: Scenario, calendar: Calendar) -> None:
    scenario = asking(tiny, question("q_ab", "no_antibiotic"))
    attempt = begin(kept, scenario, source=TINY, seed=3, mode="practice")
    attempt.play(Finish())
    conclude(attempt)
    answer(kept, kept.cards.due()[0], "", "easy")
    calendar.now += timedelta(hours=1)
    conclude(attempt)
    assert kept.cards.due() == ()


def test_a_store_from_before_recall_takes_questions(tmp_path: Path) -> None:
    Store(tmp_path / "old.sqlite3", MIGRATIONS[:2]).close()
    with Store(tmp_path / "old.sqlite3") as now:
        now.cards.add("tiny", "tiny", ["q"], [])
        assert [card.question for card in now.cards.due()] == ["q"]
        assert now.problems() == ()


# --- line by line --------------------------------------------------------------------------------------------------


def test_a_question_is_asked_answered_compared_and_graded(kept: Store, tiny: Scenario) -> None:
    play(kept, tiny)
    shown = typing(kept, tiny, "poor perfusion\ngood\n")
    order = ["What do cold feet mean?", "Your answer", "Model answer: Poor perfusion.", "[tiny-1]", "Grade: ", "Stored"]
    assert [shown.index(part) for part in order] == sorted(shown.index(part) for part in order)
    (card,) = kept.cards.all()
    assert [(r.at, r.grade, r.answer) for r in kept.cards.recalls(card)] == [(START, "good", "poor perfusion")]
    assert "The next question is due on" in shown


@pytest.mark.parametrize(
    ("typed", "grade"), [("1", "again"), ("H", "hard"), ("good", "good"), ("EASY", "easy"), ("5\n\nx\n4", "easy")]
)
def test_a_grade_is_a_number_a_letter_or_a_word(kept: Store, tiny: Scenario, typed: str, grade: Grade) -> None:
    play(kept, tiny)
    typing(kept, tiny, f"\n{typed}\n")
    assert [recall.grade for recall in kept.cards.recalls(kept.cards.all()[0])] == [grade]


def test_an_answer_is_on_disk_before_the_next_line_is_shown(kept: Store, tiny: Scenario) -> None:
    seen: list[int] = []

    class Watched(io.StringIO):
        def write(self, text: str) -> int:
            if "Stored" in text:
                with Store(kept.path) as other:
                    seen.append(len(other.cards.recalls(other.cards.all()[0])))
            return super().write(text)

    play(kept, tiny)
    ask(kept, tuple(ready(kept.cards.due(), lambda _: tiny)), io.StringIO("x\n3\n"), Watched())
    assert seen == [1]


@pytest.mark.parametrize("typed", ["", "quit\n", "an answer\n", "an answer\nquit\n"])
def test_leaving_before_the_grade_keeps_the_question_due(kept: Store, tiny: Scenario, typed: str) -> None:
    play(kept, tiny)
    shown = typing(kept, tiny, typed)
    assert "0 graded and stored, 1 left. To go on: scurfy review" in shown
    assert ("has no grade, so it is not stored: that question stays due" in shown) == typed.startswith("an answer")
    assert [card.memory for card in kept.cards.due()] == [None]


def test_leaving_after_the_first_keeps_the_first(kept: Store, tiny: Scenario) -> None:
    scenario = asking(tiny, question("q_a"), question("q_b"))
    play(kept, scenario)
    assert "1 graded and stored, 1 left" in typing(kept, scenario, "x\n3\n")
    assert [card.question for card in kept.cards.due()] == ["q_b"]


HOSTILE = "\x1b[2J'; DROP TABLE cards; -- \x00\x07 \u202e[bold] {name} %s \U0001f4a9" + "a" * 10_000


def test_hostile_text_is_an_answer_like_any_other(kept: Store, tiny: Scenario) -> None:
    play(kept, tiny)
    shown = typing(kept, tiny, f"{HOSTILE}\n3\n")
    (recall,) = kept.cards.recalls(kept.cards.all()[0])
    assert "'; DROP TABLE cards; --" in recall.answer
    assert recall.answer.isprintable()
    assert len(recall.answer) <= 2000
    assert shown.isascii()
    assert shown.replace("\n", "").isprintable()
    assert kept.problems() == ()


def test_a_question_that_is_gone_is_said_and_the_others_are_asked(kept: Store, tiny: Scenario) -> None:
    play(kept, asking(tiny, question("q_gone"), *tiny.case.questions))
    shown = typing(kept, tiny, "x\n3\n")
    assert shown.startswith("1 question cannot be asked")
    assert "Question 1 of 1" in shown


def test_a_case_that_is_gone_leaves_the_card_alone(kept: Store) -> None:
    kept.cards.add("c", "/nowhere/case.yaml", ["q"], [])
    (found,) = ready(kept.cards.due(), load)
    assert not isinstance(found, Asked)


def test_with_nothing_due_review_says_so_and_when(
    tiny: Scenario, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["review"]) == 0
    assert "Nothing is due. Questions come from the cases you finish" in capfd.readouterr().out
    with open_store(data_folder()) as store:
        play(store, tiny)
    assert json.loads(_said(capfd, "review", "--json"))["due"][0]["ask"] == "What do cold feet mean?"
    monkeypatch.setattr("sys.stdin", io.StringIO("I know\n4\n"))
    assert "Poor perfusion." in _said(capfd, "review")
    assert "Nothing is due. The next question is due on 20" in _said(capfd, "review")
    left = json.loads(_said(capfd, "review", "--json"))
    assert left["due"] == []
    assert datetime.fromisoformat(left["next"]) > datetime.now(UTC)


def test_programs_are_not_told_the_answers(tiny: Scenario, capfd: pytest.CaptureFixture[str]) -> None:
    with open_store(data_folder()) as store:
        play(store, tiny)
    assert "perfusion" not in _said(capfd, "review", "--json")


def _said(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capfd.readouterr().out
