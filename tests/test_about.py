"""What is told about the disease: at the end of the debrief, on every face, with its doubts, and never before."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from pathlib import Path

import pytest

from scoring.assess.assessment import assess
from scoring.debrief.sentences import section_sentences
from sim.attempts.replay import replay_policy
from sim.authoring.show import table
from sim.case.checking.check import check
from sim.case.library import load
from sim.case.model.disease import AboutSection
from sim.case.model.evidence import Evidence, Source
from sim.case.model.scenario import Scenario
from sim.plain.lines import briefing, event_lines
from sim.report.content import Report, report_of, to_plain
from sim.report.html.page import to_html
from sim.report.markdown import to_markdown
from sim.report.text import to_text
from sim.tui.rows.debrief import pages
from sim.words.format import review_note
from tinycase import log, placed, scenario, step

pytestmark = pytest.mark.slow  # the shipped case, read or played

ROOT = Path(__file__).parents[1]
CONFLICTS = {
    "pw-f1-treg", "pw-f2-hsct-early", "pw-f3-hsct-all", "pw-f4-ric", "pw-f5-siro", "pw-f6-males", "pw-f7-19v17",
    "pw-f8-mutation", "pw-f9-birthweight",
}  # fmt: skip
NAMED = {"0522a55e2d5f0993", "b239574819123f00"}
"""Hashes of the name of a child whom one of the teaching texts names, so that this file does not."""
SECTIONS = (
    AboutSection(id="plain", title="Plain", text="Toys break.", evidence=("ev-1",)),
    AboutSection(id="doubted", title="Doubted", text="All do <b>.", literature="Half do.", assumed="Counted by eye."),
)


@pytest.fixture(scope="module")
def classical() -> Scenario:
    return load("drying_out")


def toy(about: tuple[AboutSection, ...] = SECTIONS) -> Report:
    lib = scenario(
        [step("sugar", "sugar")],
        evidence={"ev-1": Evidence(id="ev-1", statement="They do.", grade="P", sources=("src-1",))},
        sources={"src-1": Source(id="src-1", citation="Toy A. Toys. 2020.", read="whole")},
    )
    lib = lib.model_copy(update={"disease": lib.disease.model_copy(update={"about": about})})
    events = log(placed(0, "sugar"))
    return report_of(lib, 1, events, assess(lib, events))


def test_a_doubted_text_is_told_with_what_the_literature_says() -> None:
    first, second = toy().debrief.about
    assert section_sentences(first) == ("Toys break.",)
    assert section_sentences(second) == ("The text says: All do <b>.", "The literature says: Half do.")


def test_it_comes_last_in_the_text_before_what_it_rests_on() -> None:
    told = to_text(toy().debrief, full=True)
    heads = re.findall(r"^(.+)\n-+$", told, re.M)
    assert heads.index("About this disease: Toy disease") < heads.index("Evidence")
    assert "- Plain. Toys break. [ev-1]" in told
    assert "  The literature says: Half do. [assumed]" in told
    assert "They do. Grade: published about this disease. Toy A. Toys. 2020." in told
    assert "Doubted: Counted by eye." in told


def test_every_face_tells_it() -> None:
    report = toy()
    html, markdown, data = to_html(report), to_markdown(report), to_plain(report)
    assert "The text says: All do &lt;b&gt;." in html
    assert '<a href="#evidence-ev-1">[ev-1]</a>' in html
    assert "## About this disease: Toy disease" in markdown
    assert "The literature says: Half do." in markdown
    assert [section["id"] for section in data["debrief"]["about"]] == ["plain", "doubted"]  # type: ignore[index]
    name, items = pages(report.debrief, ())[-1]
    assert name == "About"
    assert [item.text for item in items][:3] == ["Toy disease", "Plain", "Toys break."]
    assert items[-1].detail == (("Assumed: Counted by eye.", "muted"),)


def test_a_disease_that_tells_nothing_has_no_such_page() -> None:
    report = toy(())
    assert "About this disease" not in to_html(report) + to_markdown(report) + to_text(report.debrief, full=True)
    assert "About" not in [name for name, _ in pages(report.debrief, ())]


def test_an_author_sees_it_in_the_table(classical: Scenario) -> None:
    assert any("First described in 1982" in line for line in table(classical))


def test_each_conflict_of_the_texts_with_the_literature_is_told_as_one(classical: Scenario) -> None:
    told = {id for section in classical.disease.about if section.literature is not None for id in section.evidence}
    assert told >= CONFLICTS


def test_nothing_of_it_is_read_before_the_debrief(classical: Scenario) -> None:
    session = replay_policy(classical, 1, "none")
    seen = [*briefing(classical, session.snapshot(), 1, "tutor"), *event_lines(classical, session.log)]
    before = " ".join(" ".join(seen).split())
    assert len(before) > 500
    for section in classical.disease.about:
        for sentence in re.split(r"(?<=\.) ", " ".join(filter(None, (section.text, section.literature)))):
            assert sentence not in before
    assert "FOXP3" not in " ".join(briefing(classical, session.snapshot(), 1, "tutor"))


def test_only_the_debrief_and_the_author_s_tools_read_it() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("sim", "scoring")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"disease\.about\b", path.read_text(encoding="utf-8"))
    }
    assert readers == {
        "scoring/debrief/build.py", "sim/authoring/show.py", "sim/case/checking/rules_coverage.py",
        "sim/case/checking/rules_disease.py",
    }  # fmt: skip


def test_no_file_names_the_child_whom_a_teaching_text_names() -> None:
    for folder in ("scenarios", "docs"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".yaml", ".md"):
                words = re.findall(r"[a-z]+", path.read_text(encoding="utf-8").lower())
                pairs = [f"{a} {b}" for a, b in pairwise(words)]
                found = {hashlib.sha256(word.encode()).hexdigest()[:16] for word in {*words, *pairs}}
                assert not found & NAMED, path


def test_a_section_has_an_id_of_its_own_and_a_source(tmp_path: Path) -> None:
    disease = tmp_path / "diseases" / "two.yaml"
    disease.parent.mkdir()
    disease.write_text(TWO, encoding="utf-8")
    assert [(p.line, p.code) for p in check([disease])] == [(12, "duplicate-id")]
    disease.write_text(TWO.replace("One., assumed: So.}", "One.}"), encoding="utf-8")
    assert any("expected 'evidence'" in p.message and p.line == 11 for p in check([disease]))


TWO = """\
id: two
name: Two
summary: Two.
regions:
  life:
    name: Life
    initial: alive
    assumed: So.
    states: {alive: {name: Alive}, died: {name: Died, outcome: true}}
    transitions: [{id: dies, from: alive, to: died, median: 3 d, assumed: So.}]
about: [{id: a, title: A, text: One., assumed: So.},
        {id: a, title: B, text: Two., assumed: So.}]
"""


# --- who reviewed the case --------------------------------------------------------------------------------------------


def test_who_reviewed_a_case_is_said_in_a_sentence() -> None:
    assert review_note("not yet reviewed by a clinician") == "Not yet reviewed by a clinician."
    assert review_note("A. Doctor, 3 May 2026") == "Reviewed: A. Doctor, 3 May 2026."


def test_every_debrief_says_whether_a_clinician_has_reviewed_the_case(classical: Scenario) -> None:
    session = replay_policy(classical, 1, "none")
    report = report_of(classical, 1, session.log, assess(classical, session.log))
    note = "Not yet reviewed by a clinician."
    assert note in to_text(report.debrief)
    assert note in to_html(report)
    assert note in to_markdown(report)
    assert note in [item.text for item in pages(report.debrief, ())[0][1]]


def test_the_briefing_says_so_too(classical: Scenario) -> None:
    session = replay_policy(classical, 1, "none")
    assert any(
        "Not yet reviewed by a clinician." in line for line in briefing(classical, session.snapshot(), 1, "exam")
    )
