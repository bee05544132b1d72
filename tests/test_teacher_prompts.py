"""What a teacher may ask: prompts that name this attempt's own moments, in the order of a debriefing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from conftest import TINY_CASE
from scoring.assess.assessment import assess
from scoring.debrief.build import debrief
from scoring.debrief.model import Prompt
from scoring.debrief.teacher_prompts import STAGES, to_text
from sim.attempts.session import begin
from sim.attempts.store import data_folder, open_store
from sim.case.model.conditions import Condition
from sim.case.model.pitfalls import Pattern, Repeated
from sim.case.model.scenario import Scenario
from sim.case.moves import Finish, Wait
from sim.cli import main
from sim.engine.log import Called, Event
from tinycase import DAY, log, pitfall, placed, result, scenario, step

pytestmark = pytest.mark.slow

STEPS = [
    step("sugar", "sugar"),
    step("drip", "fluids", when=Condition(resulted="sugar")),
    step("cover", "gene", when=Condition(told="fits"), within="2 h"),
]


def asked(*events: Event, **more: Any) -> tuple[Prompt, ...]:
    lib = scenario(**({"pathway": STEPS} | more))
    played = log(*events, end=10 * DAY)
    return debrief(lib, played, assess(lib, played)).prompts


def analysis(prompts: tuple[Prompt, ...]) -> str:
    return " ".join(f"{p.happened} {p.ask}" for p in prompts if p.stage == "analysis")


def test_prompts_come_in_the_order_of_a_debriefing_and_are_at_most_ten() -> None:
    found = asked(placed(0, "sugar"), result(10, "sugar"), Called(60, "He fits.", "fits"))
    stages = [STAGES.index(prompt.stage) for prompt in found]
    assert stages == sorted(stages)
    assert set(stages) == {0, 1, 2, 3}
    assert len(found) <= 10


def test_every_prompt_asks_openly_and_blames_nobody() -> None:
    for prompt in asked(placed(5, "bolus")):
        assert prompt.ask.endswith("?")
        assert not any(word in prompt.ask.lower() for word in ("why didn", "should have", "failed", "mistake"))


def test_a_missed_step_is_named_with_what_made_it_due() -> None:
    told = analysis(asked(placed(0, "sugar"), Called(60, "He fits.", "fits")))
    assert '"Do cover" fell due at 1 h, with the call "He fits"' in told
    assert 'What did the call "He fits" tell you' in told


def test_a_late_step_says_how_late_it_was() -> None:
    told = analysis(asked(placed(90, "sugar")))
    assert '"Do sugar" fell due at the opening; it was done at 1 h 30 min, 30 min after its window had closed.' in told


def test_a_pitfall_is_asked_about_by_its_own_kind() -> None:
    twice = Pattern(repeated=Repeated(order="poison", more_than=1))
    trap = pitfall("trap", "critical", twice)
    found = asked(placed(0, "sugar"), placed(5, "poison", 2), placed(9, "poison", 3), pitfalls=[trap])
    assert "After each Poison, what did you look for to decide on the next?" in analysis(found)


def test_a_clean_attempt_is_asked_what_went_well() -> None:
    found = asked(placed(0, "sugar"), pathway=STEPS[:1])
    assert "What put you on to it" in analysis(found)
    assert found[-1].happened.startswith("Nothing of weight was late")


def test_the_text_names_every_stage_and_is_no_wider_than_a_terminal() -> None:
    text = to_text(asked(placed(5, "bolus")))
    assert all(stage.capitalize() in text for stage in STAGES)
    assert max(map(len, text.splitlines())) <= 80


def test_the_command_line_tells_a_teacher_what_to_ask(tiny: Scenario, capfd: pytest.CaptureFixture[str]) -> None:
    with open_store(data_folder()) as store:
        played = begin(store, tiny, source=str(TINY_CASE), seed=3, mode="practice")
        played.play(Finish())
    assert main(["debrief", played.id, "--teacher"]) == 0
    assert "Ask: " in capfd.readouterr().out
    assert main(["debrief", played.id, "--teacher", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)[0]["stage"] == "reactions"


def test_a_teacher_is_told_what_decisions_cost_where_a_review_is_asked_for(
    tiny: Scenario, capfd: pytest.CaptureFixture[str]
) -> None:
    with open_store(data_folder()) as store:
        played = begin(store, tiny, source=str(TINY_CASE), seed=3, mode="practice")
        played.play(Wait(None))
    told = []
    for more in ([], ["--review", "--fates", "400"]):
        assert main(["debrief", played.id, "--teacher", *more]) == 0
        told.append(" ".join(capfd.readouterr().out.split()))
    assert "apart from luck" not in told[0]
    assert re.search(
        r"In this model the decision taken at the opening \(ordered nothing; [^)]* went by\) cost \d+", told[1]
    )


def test_a_teacher_s_prompts_are_no_page(tiny: Scenario, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["debrief", "any", "--teacher", "--html", str(tmp_path / "page.html")]) == 2
    assert "without --html and --markdown" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []
