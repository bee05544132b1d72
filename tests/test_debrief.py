"""The debrief: every verdict explained, every mistake priced, nothing asserted without its source."""

from __future__ import annotations

from typing import Any

import pytest

from scoring.assess.assessment import assess
from scoring.assess.pitfalls import Price
from scoring.debrief.build import GRADES, debrief
from scoring.debrief.model import Debrief, Passage, StepRow
from sim.case.library import load
from sim.case.model.case import Ending, Sequela
from sim.case.model.conditions import Condition
from sim.case.model.evidence import Evidence, Source
from sim.case.model.pitfalls import Pattern, Repeated
from sim.case.model.scenario import Scenario
from sim.case.search import resolve
from sim.engine.log import (
    Called,
    CaseEnded,
    CheckpointReached,
    DifferentialStated,
    Event,
    HandedOver,
    Log,
    OrderRefused,
    StateEntered,
)
from sim.engine.policy import play, policy
from sim.engine.session import Session
from sim.report.summary import numbered, passages_text, worst
from sim.report.text import to_text
from tinycase import (
    DAY,
    checkpoint,
    ended,
    log,
    opened,
    pitfall,
    placed,
    result,
    scenario,
    started,
    step,
    stopped,
    value,
)

EVIDENCE = {
    "ev-1": Evidence(id="ev-1", statement="Sugar first.", grade="P", sources=("src-1", "src-lost")),
    "ev-2": Evidence(id="ev-2", statement="Drips save lives", grade="G", sources=("src-1",)),
    "ev-3": Evidence(id="ev-3", statement="Scans are dear.", grade="A"),
}
SOURCES = {"src-1": Source(id="src-1", citation="Toy A. Toys. 2020.", read="whole")}
TWICE = Pattern(repeated=Repeated(order="poison", more_than=1))
STEPS = [
    step("sugar", "sugar", evidence=("ev-1",), assumed=None),
    step("drip", "fluids", after="sugar", evidence=("ev-2",), assumed=None),
    step("later", "gene", weight="should", phase="First week", after="drip", within="2 d"),
    step("fits", "insulin", weight="could", phase="First week", when=Condition(told="fits")),
    step("halt", "insulin", stop=True, weight="could", phase="First week", when=Condition(running="insulin")),
]


def built(*events: Event, end: int | None = 10 * DAY, **more: Any) -> Debrief:
    given: dict[str, Any] = {"pathway": STEPS, "evidence": EVIDENCE, "sources": SOURCES} | more
    return told(scenario(**given), log(*events, end=end))


def told(lib: Scenario, played: Log) -> Debrief:
    return debrief(lib, played, assess(lib, played))


def row(found: Debrief, name: str) -> StepRow:
    return next(r for phase in found.phases for r in phase.rows if r.step == name)


GOOD: list[Event] = [placed(0, "sugar"), placed(5, "fluids", 2), started(5, "fluids"), placed(70, "gene", 3)]


# --- the verdict and the end ----------------------------------------------------------------------------------


def test_the_verdict_names_the_band_the_gate_and_the_steps() -> None:
    found = built(placed(5, "fluids"))
    assert found.band == "developing"
    assert found.verdict[0].startswith("Developing")
    assert found.verdict[1] == "A must was missed: Do sugar."
    assert found.verdict[2] == "Steps that counted: 3. In time 1, late 0, out of order 0, missed 2."
    assert "luck" in found.verdict[3]


def test_why_the_case_ended_is_said() -> None:
    lib = scenario(STEPS)
    assert told(lib, log(end=None)).ended == "The case has not ended."
    assert told(lib, ()).ended == "The case has not ended."
    assert told(lib, log(end=DAY)).ended == "The case ran to its end: 1 d of the patient's life."
    over = HandedOver(60), CaseEnded(DAY, "horizon", "home", 1.0, handed_over=True)
    assert "You had handed over at 1 h: from then on the team went on" in told(lib, (opened(), *over)).ended
    died = (opened(), StateEntered(90, "life", "died", "life.dies"), ended(90, "outcome", utility=0.0))
    assert told(lib, died).ended == "The case ended at 1 h 30 min: Died."
    assert told(lib, (opened(), ended(0, "outcome"))).ended == "The case ended at the opening: the disease decided."


def test_the_ending_is_told_with_the_harm_that_lasts() -> None:
    hurt = Sequela(when=Condition(in_={"sugar": "high"}), minus=0.2, text="His sugar stays high.")
    endings = (Ending(id="home", title="Home", text="He went home.", utility=1.0),)
    entered = StateEntered(0, "sugar", "high", None)
    found = built(entered, sequelae=(hurt,), endings=endings)
    assert found.ending == "Home. He went home."
    assert found.sequelae == ("His sugar stays high.",)
    assert built(entered, end=None, sequelae=(hurt,), endings=endings).sequelae == ()
    assert built(entered, end=None, endings=endings).ending == ""


# --- the pathway ----------------------------------------------------------------------------------------------


def test_steps_are_grouped_by_phase_in_file_order() -> None:
    found = built(*GOOD)
    assert [(phase.name, [r.step for r in phase.rows]) for phase in found.phases] == [
        ("First hour", ["sugar", "drip"]),
        ("First week", ["later", "fits", "halt"]),
    ]


def test_phases_come_in_the_order_in_which_they_opened() -> None:
    called = step("called", "insulin", phase="When called", when=Condition(told="fits"))
    silent = step("silent", "scan", phase="Never", when=Condition(told="thunder"))
    found = built(Called(30, "He fits.", "fits"), pathway=[called, silent, step("sugar", "sugar")])
    assert [phase.name for phase in found.phases] == ["First hour", "When called", "Never"]


def test_a_row_has_its_window_its_event_its_reason_and_its_source() -> None:
    sugar = row(built(*GOOD), "sugar")
    assert (sugar.verdict, sugar.at, sugar.event, sugar.window) == ("in_time", 0, 1, (0, 60))
    assert (sugar.because, sugar.evidence, sugar.assumed, sugar.note) == ("sugar matters.", ("ev-1",), None, "")


def test_a_step_that_was_not_needed_says_why() -> None:
    found = built(end=30)
    assert row(found, "fits").note == "it never fell due"
    assert row(found, "fits").window is None
    assert row(found, "sugar").note == "the case ended while its window was open"


def test_a_step_out_of_order_names_what_should_have_come_before() -> None:
    found = built(placed(1, "gene"), placed(5, "sugar", 2), placed(9, "fluids", 3))
    assert row(found, "later").note == "done before: Do sugar; Do drip"


def test_a_step_pushed_out_by_what_follows_it_says_so() -> None:
    steps = [step("a", "sugar", weight="could"), step("b", "fluids", after="a")]
    found = built(placed(5, "fluids"), placed(9, "sugar", 2), pathway=steps)
    assert row(found, "a").note == "done against the order of the other steps"


def test_a_missed_step_tells_what_was_done_all_the_same() -> None:
    assert row(built(), "sugar").note == "never done"
    assert row(built(placed(121, "sugar")), "sugar").note == (
        "first done at 2 h 1 min, more than twice its window after it fell due, which counts as missed"
    )
    early = step("a", "sugar", not_before="30 min")
    note = row(built(placed(5, "sugar"), pathway=[early]), "a").note
    assert note == "done only before it was due, or counted for another step"
    running = [started(0, "insulin"), stopped(200, "insulin")]
    assert row(built(*running), "halt").note.startswith("first done at 3 h 20 min, more than twice")
    assert row(built(*running[:1]), "halt").note == "never done"


def test_a_step_done_before_it_fell_due_says_so() -> None:
    found = built(placed(1, "insulin"), started(1, "insulin"), Called(30, "He fits.", "fits"))
    assert row(found, "fits").note == "it had been done before it fell due"


# --- mistakes and other orders --------------------------------------------------------------------------------


def poisoned(**more: Any) -> Debrief:
    drop = pitfall("drop", "major", TWICE, ("sugar.harmed", "life.dies"))
    events = [StateEntered(0, "sugar", "fine", None), placed(1, "poison"), placed(2, "poison", 2)]
    return built(*events, StateEntered(90, "sugar", "high", "sugar.harmed"), pitfalls=[drop], **more)


def test_a_mistake_is_told_with_what_followed_in_this_patient() -> None:
    (mistake,) = poisoned().mistakes
    assert (mistake.id, mistake.at, mistake.event, mistake.severity) == ("drop", 2, 3, "major")
    assert mistake.prices == (Price("sugar.harmed", "Sugar too high", 90), Price("life.dies", "Died", None))
    text = to_text(poisoned())
    assert "MAJOR, 2 min: Pitfall drop" in text
    assert "It was followed by: Sugar too high (1 h 30 min)." in text
    assert "What it makes likelier did not follow here: Died." in text


def test_a_state_reached_by_another_way_is_not_laid_to_the_mistake() -> None:
    drop = pitfall("drop", "minor", TWICE, ("life.dies", "life.dies"))
    events = [placed(1, "poison"), placed(2, "poison", 2), StateEntered(90, "life", "died", "life.otherwise")]
    found = built(*events, pitfalls=[drop])
    assert found.mistakes[0].prices[0].otherwise == 90
    text = to_text(found)
    assert "It can lead to this, which here had another cause: Died (1 h 30 min)." in text
    assert "did not follow here" not in text


def test_other_orders_are_told_once_with_their_worth_the_harmful_first() -> None:
    values = [
        value("scan", "wasteful", evidence=("ev-3",), assumed=None),
        value("poison", "harmful", critical=True),
        value("ward", "useful"),
    ]
    events = [placed(i, "scan", i + 1) for i in range(6)]
    found = built(*events, placed(7, "ward", 7), placed(8, "poison", 8), placed(9, "look", 9), placed(9, "look", 10),
                  placed(9, "advice", 11), values=values)  # fmt: skip
    assert [(e.order, e.value, len(e.times)) for e in found.extras] == [
        ("poison", "harmful", 1),
        ("scan", "wasteful", 1),
        ("scan", "wasteful", 5),
        ("ward", "useful", 1),
        ("look", "neutral", 2),
        ("advice", "neutral", 1),
    ]
    text = to_text(found)
    assert "Critically harmful: Poison (8 min). harmful here." in text
    assert "Wasteful: Scan (opening). wasteful here. [ev-3]" in text
    assert "1 min, 2 min, 3 min, 4 min and 1 more)" in text
    assert "Neutral: Look x2, Advice." in text
    assert "Useful: Ward (7 min)" in text


# --- diagnosis ------------------------------------------------------------------------------------------------

CHECKPOINTS = [checkpoint("1 h", aa="60%", bb="30%"), checkpoint("2 h", aa="90%"), checkpoint("3 h", aa="100%")]
OPINIONS: list[Event] = [
    CheckpointReached(60, 0),
    DifferentialStated(60, (("bb", 0.6), ("aa", 0.2))),
    result(70, "gene", "found"),
    result(75, "gene", "found"),
    Called(80, "He fits."),
    CheckpointReached(120, 1),
    DifferentialStated(120, (("aa", 0.9),)),
    CheckpointReached(180, 2),
]


def test_each_checkpoint_sets_the_learner_beside_the_expert() -> None:
    first, second, third = built(*OPINIONS, checkpoints=CHECKPOINTS).opinions
    assert first.own == (("BB", 0.6), ("AA", 0.2), ("Something else", 0.2))
    assert first.expert == (("AA", 0.6), ("BB", 0.3))
    assert first.because == "By now the sugar is known."
    assert second.came == ("Gene", "He fits.")
    assert [name for name, _ in second.moved] == ["AA", "BB"]
    assert (third.own, third.brier, third.event, third.moved, third.came) == (None, None, None, (), ())


def test_the_diagnosis_is_told_with_its_trend_and_its_limits() -> None:
    text = to_text(built(*OPINIONS, checkpoints=CHECKPOINTS))
    assert "The diagnosis was AA." in text
    assert "moved towards it" in text
    assert "No differential was stated at 1 of 3 checkpoints." in text
    assert "not a verdict" in text
    assert "You moved AA by +70 points, BB by -60 points after Gene; He fits." in text
    assert "3 h: no differential; the expert's 0.00" in text
    assert "You: BB 60%, AA 20%, Something else 20%" in text


@pytest.mark.parametrize(("last", "words"), [(0.1, "moved away from it"), (0.6, "hardly moved")])
def test_a_differential_that_got_worse_or_stood_still_is_told_so(last: float, words: str) -> None:
    stated = [DifferentialStated(1, (("aa", 0.6),)), DifferentialStated(2, (("aa", last),))]
    assert words in " ".join(built(*stated).diagnosis)


def test_an_opinion_that_moved_on_nothing_says_so_and_silence_is_no_opinion() -> None:
    events = [CheckpointReached(1, 0), DifferentialStated(1, ()), CheckpointReached(2, 1),
              DifferentialStated(2, (("aa", 1.0),))]  # fmt: skip
    text = to_text(built(*events, checkpoints=CHECKPOINTS))
    assert "though nothing new had come" in text
    assert "You: nothing" in text
    assert "You stated no differential" in " ".join(built().diagnosis)


def test_a_diagnosis_unknown_to_the_catalogue_is_spelled_from_its_id() -> None:
    events = [CheckpointReached(1, 0), DifferentialStated(1, (("old_name", 0.5),))]
    assert built(*events, checkpoints=CHECKPOINTS).opinions[0].own == (("old name", 0.5), ("Something else", 0.5))


# --- what was going on, and what it rests on ------------------------------------------------------------------


def test_the_true_course_is_told_by_the_names_of_its_states() -> None:
    found = built(StateEntered(0, "sugar", "high", None), StateEntered(0, "life", "alive", None),
                  StateEntered(240, "sugar", "fine", "sugar.treated"))  # fmt: skip
    sugar, life = found.course
    assert [(p.at, p.state, p.transition) for p in sugar.passages] == [
        (0, "Sugar too high", None),
        (240, "Sugar as it should be", "sugar.treated"),
    ]
    text = to_text(found)
    assert "Sugar: Sugar too high (opening), then Sugar as it should be (4 h)" in text
    assert "Throughout - Life: Alive." in text
    assert life.region == "life"


def test_evidence_is_cited_with_its_grade_spelled_out() -> None:
    found = built(*GOOD)
    assert [(r.id, r.grade, r.citations) for r in found.references] == [
        ("ev-1", GRADES["P"], ("Toy A. Toys. 2020.", "src-lost")),
        ("ev-2", GRADES["G"], ("Toy A. Toys. 2020.",)),
    ]
    assert GRADES["A"] == "assumed"


def test_text_lists_the_evidence_of_what_went_wrong_and_counts_the_rest() -> None:
    text = to_text(built(placed(61, "fluids"), placed(0, "sugar", 2), placed(70, "gene", 3)))
    assert "[ev-2] Drips save lives. Grade: published about children or a related" in text
    assert "[ev-1] Sugar first." not in text
    assert "1 more: 1 published about this disease." in text
    everything = to_text(built(*GOOD), full=True)
    assert "[ev-1] Sugar first. Grade: published about this disease. Toy A. Toys. 2020. src-lost." in " ".join(
        everything.split()
    )


def test_what_was_assumed_is_discussed_each_reason_once() -> None:
    found = poisoned()
    wheres = {a.reason: a.where for a in found.assumptions}
    assert wheres == {"a toy for tests": "Do later; Pitfall drop; Sugar, Sugar too high; Life, Died"}
    assert found.discussion.startswith("Of 3 rates, stays and modifiers that drive this disease, 0 rest on evidence")


def test_a_transition_that_rests_on_evidence_is_not_listed_as_assumed() -> None:
    lib = scenario(STEPS, [pitfall("drop", "minor", TWICE)])
    sugar = lib.disease.regions["sugar"]
    sure = tuple(t.model_copy(update={"assumed": None, "evidence": ("ev-1",)}) for t in sugar.transitions)
    regions = lib.disease.regions | {"sugar": sugar.model_copy(update={"transitions": sure})}
    lib = lib.model_copy(update={"disease": lib.disease.model_copy(update={"regions": regions}), "evidence": EVIDENCE})
    found = told(lib, log(placed(1, "poison"), placed(2, "poison", 2)))
    assert [a.where for a in found.assumptions] == ["Do later; Pitfall drop"]
    assert "2 rest on evidence and 1 are assumed" in found.discussion


def test_evidence_that_is_itself_assumed_counts_as_assumed() -> None:
    lib = scenario(STEPS, [pitfall("drop", "minor", TWICE)])
    sugar = lib.disease.regions["sugar"]
    rests = tuple(t.model_copy(update={"assumed": None, "evidence": ("ev-1",)}) for t in sugar.transitions)
    regions = lib.disease.regions | {"sugar": sugar.model_copy(update={"transitions": rests})}
    evidence = EVIDENCE | {"ev-1": EVIDENCE["ev-1"].model_copy(update={"grade": "A"})}
    disease = lib.disease.model_copy(update={"regions": regions})
    lib = lib.model_copy(update={"disease": disease, "evidence": evidence})
    found = told(lib, log(placed(1, "poison"), placed(2, "poison", 2)))
    assert "0 rest on evidence and 3 are assumed" in found.discussion


# --- the text -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 40, 60, 80, 120])
def test_no_line_is_wider_than_the_page(width: int) -> None:
    text = to_text(poisoned(checkpoints=CHECKPOINTS), width, full=True)
    assert max(map(len, text.splitlines())) <= max(width, 40)


def test_what_went_wrong_has_its_reason_and_what_went_right_a_line() -> None:
    text = to_text(built(*GOOD[:3]))
    assert "sugar matters." not in text
    assert "- In time: Do sugar" in text
    assert "- MISSED, of less weight: Do later." in text
    assert "Window opening to 2 d. Never done. later matters. [assumed]" in to_text(built(*GOOD[:3]), full=True)
    assert "Not needed: 2 of 3 steps." in text
    assert "sugar matters." in to_text(built(*GOOD[:3]), full=True)
    assert "Not needed:" not in to_text(built(*GOOD[:3]), full=True)


def test_what_was_missed_time_and_again_is_told_once() -> None:
    again = [
        step("a", "sugar"),
        *(step(f"a_{k}", "sugar", title=f"Do a ({n} time)") for k, n in ((2, "second"), (3, "third"))),
    ]
    found = built(placed(5, "sugar"), pathway=again)
    assert "- MISSED 2 of 3 times: Do a (must)" in to_text(found)
    assert to_text(found).count("a matters.") == 0
    assert to_text(found, full=True).count("MISSED") == 2


def test_gathering_is_told_as_numbers_that_are_not_added() -> None:
    text = to_text(built(*GOOD))
    assert "Thoroughness: you obtained 100%" in text
    assert "Efficiency: 100%" in text
    assert "Blood drawn: 1.2 mL/kg in all" in text
    assert "Gathering data" not in to_text(built(pathway=[]))


def test_the_text_is_the_same_every_time_and_says_what_it_is_for() -> None:
    assert to_text(poisoned()) == to_text(poisoned())
    assert "Teaching only, not for patient care." in to_text(poisoned())


def test_who_did_nothing_is_not_praised_for_having_fallen_into_no_pitfall() -> None:
    assert "You fell into none of this case's pitfalls." in to_text(built(*GOOD))
    nothing = " ".join(to_text(built()).split())
    assert "none of this case's pitfalls, but 2 musts were missed: what is not done is no pitfall." in nothing


def test_what_repeats_is_told_by_its_number_and_what_is_long_by_its_ends() -> None:
    assert numbered(["a", "b", "a"]) == "a (2 times); b"
    assert numbered("abcdef", 3) == "a; b; c; 3 more"
    assert numbered("abcd", 3) == "a; b; c; d", "counting one saves nothing"
    passages = [Passage(at, state, None) for at, state in enumerate(["ill", "low", "high", "low", "high", "well"])]
    assert passages_text(passages, str, 3) == (
        "ill (0), then low (1), then in turn high (2 times); low, then at the end well (5)"
    )
    assert passages_text(passages, str, 6).count("then") == 5
    assert worst([("a", "minor"), ("b", "minor"), ("c", "critical")], 1, lambda item: item[1]) == (
        [("c", "critical")],
        [("a", "minor"), ("b", "minor")],
    )


@pytest.mark.slow
def test_even_whoever_orders_everything_reads_a_debrief_of_a_few_pages() -> None:
    scenario = load("drying_out")
    session = Session(scenario, 1)
    play(session, policy("everything", lambda words: resolve(scenario.catalogue, words)))
    told = debrief(scenario, session.log, assess(scenario, session.log))
    own, _, about = to_text(told).partition("About this disease")
    page, _, rest = about.partition("Evidence\n")
    assert len(own.splitlines()) + len(rest.splitlines()) <= 400
    assert 0 < len(page.splitlines()) <= 150, "the same page for everybody"
    assert len(to_text(told, full=True).splitlines()) > 1000


def test_a_step_that_was_refused_is_told_as_refused_with_the_reason() -> None:
    refusals = [OrderRefused(190, "fluids", "There is no line to replace."), OrderRefused(200, "fluids", "Not yet.")]
    found = built(placed(0, "sugar"), *refusals)
    assert row(found, "drip").note == (
        "never done; it was asked for at 3 h 10 min and refused (and 1 more time): There is no line to replace"
    )
    assert row(found, "later").note == "never done"
    text = " ".join(to_text(found).split())
    assert "MISSED: Do drip (must)" in text
    assert "asked for at 3 h 10 min and refused" in text


def test_a_refused_step_is_told_as_refused_in_a_list_too() -> None:
    steps = [step("sugar", "sugar"), step("drip", "fluids"), step("far", "gene", weight="should", within="2 d")]
    found = built(OrderRefused(9, "gene", "Ask first."), pathway=steps)
    text = " ".join(to_text(found).split())
    assert "MISSED, of less weight: Do far (it was asked for at 9 min and refused: Ask first)" in text
