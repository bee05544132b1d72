"""The debrief as a page: it stands alone, tells everything, escapes everything, and reads in a real browser."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from scoring.assess.assessment import assess
from scoring.review.review import Review
from sim.attempts.replay import replay_moves, replay_policy, review_moves
from sim.case.library import load
from sim.case.model.pitfalls import Pattern, Repeated
from sim.case.model.scenario import Scenario
from sim.case.reading.movefile import read_moves
from sim.case.search import resolve
from sim.cli import main
from sim.engine.log import DifferentialStated, Log, StateEntered, TherapyStarted
from sim.engine.session import Session
from sim.report.content import Report, report_of, to_plain
from sim.report.html.page import to_html
from sim.report.html.scale import scale
from sim.report.json import to_json
from sim.report.markdown import escaped, to_markdown
from sim.words.markup import tag, text
from tinycase import DAY, HOUR, checkpoint, log, pitfall, placed, result, scenario, step, stopped, value

pytestmark = pytest.mark.slow

SECTIONS = ("verdict", "pathway", "therapies", "expected", "decisions", "pitfalls", "outside", "differential",
            "gathering", "course", "teaching", "teacher", "about", "reasons", "evidence", "assumed",
            "events")  # fmt: skip
DAY_ONE = Path(__file__).parent / "data" / "playthroughs" / "drying_out_first_day.yaml"
MEGABYTE = 1_000_000


class Outline(HTMLParser):
    """What a page is made of: ids, links inside it, elements, and whatever would load something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.elements: set[str] = set()
        self.loads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        for name, found in attrs:
            if name == "id" and found is not None:
                self.ids.append(found)
            if name == "href" and found is not None:
                self.links.append(found)
            if name in ("src", "srcset", "action", "data") or name.startswith("on"):
                self.loads.append(f"{tag} {name}")


def toy_log() -> Log:
    return log(
        StateEntered(0, "sugar", "high", None),
        placed(1, "sugar", 1),
        result(11, "sugar", number=1, glucose=22.0),
        placed(30, "insulin", 2, "low"),
        TherapyStarted(30, 2, "insulin", "low"),
        StateEntered(2 * HOUR, "sugar", "fine", "sugar.treated"),
        DifferentialStated(HOUR * 3, (("aa", 0.6), ("bb", 0.3))),
        placed(DAY, "poison", 3),
        placed(DAY + 1, "poison", 4),
        stopped(2 * DAY, "insulin"),
        StateEntered(3 * DAY, "sugar", "high", "sugar.harmed"),
    )


def toy(**more: Any) -> Scenario:
    return scenario(
        pathway=[step("glucose", "sugar"), step("treat", "insulin", within="20 min"), step("genes", "gene")],
        pitfalls=[pitfall("poisoned", "critical", Pattern(repeated=Repeated(order="poison", more_than=1)))],
        values=[value("poison", "harmful")],
        checkpoints=[checkpoint("2 h", aa="80%")],
        **more,
    )


def report(of: Scenario | None = None, events: Log | None = None) -> Report:
    of, events = of or toy(), events or toy_log()
    return report_of(of, 1, events, assess(of, events))


@pytest.fixture(scope="module")
def classical() -> Scenario:
    return load("drying_out")


def report_on(session: Session, review: Review | None = None) -> Report:
    assessment = assess(session.scenario, session.log, review)
    return report_of(session.scenario, session.seed, session.log, assessment)


@pytest.fixture(scope="module")
def first_day(classical: Scenario) -> Report:
    """A resident's first day, with the review of its decisions over few fates."""
    moves = read_moves(DAY_ONE, classical.catalogue, resolve)
    return report_on(replay_moves(classical, 6, moves), review_moves(classical, 6, moves, fates=10))


def test_every_section_is_there_in_order_and_in_the_contents(first_day: Report) -> None:
    outline = Outline(to_html(first_day))
    assert tuple(id for id in outline.ids if id in SECTIONS) == SECTIONS
    assert {f"#{id}" for id in SECTIONS} <= set(outline.links)


@pytest.mark.parametrize("attempt", ["toy", "first_day"])
def test_every_link_leads_somewhere_on_the_page_and_no_anchor_stands_twice(
    attempt: str, request: pytest.FixtureRequest
) -> None:
    outline = Outline(to_html(report() if attempt == "toy" else request.getfixturevalue("first_day")))
    assert len(outline.ids) == len(set(outline.ids))
    assert {link[0] for link in outline.links} == {"#"}
    assert {link[1:] for link in outline.links} <= set(outline.ids)


def test_the_page_holds_no_script_and_loads_nothing(first_day: Report) -> None:
    page = to_html(first_day)
    outline = Outline(page)
    assert outline.elements & {"script", "link", "img", "iframe", "object", "form", "base"} == set()
    assert outline.loads == []
    assert "default-src &#x27;none&#x27;; style-src" in page
    assert re.search(r"url\((?!#)|@import", page) is None


def test_a_step_leads_to_its_event_the_event_to_its_reason_the_reason_to_its_source(first_day: Report) -> None:
    page = to_html(first_day)
    cited = {fact.id: fact for fact in first_day.debrief.references if fact.citations}
    rows = [row for phase in first_day.debrief.phases for row in phase.rows if row.event is not None]
    row, reference = next((row, cited[id]) for row in rows for id in row.evidence if id in cited)

    def part(id: str) -> str:
        found = re.search(rf'<(\w+)[^>]* id="{re.escape(id)}".*?</\1>', page, re.DOTALL)
        assert found is not None, id
        return found[0]

    assert f'href="#event-{row.event}"' in part(f"step-{row.step}")
    assert f'href="#why-{row.step}"' in part(f"event-{row.event}")
    assert f'href="#evidence-{reference.id}"' in part(f"why-{row.step}")
    assert 'href="#source-' in part(f"evidence-{reference.id}")


def test_text_from_a_case_is_never_markup() -> None:
    evil = "<script>alert(1)</script><b>&\"'"
    of = toy()
    of = of.model_copy(update={"case": of.case.model_copy(update={"title": evil, "teaching": (evil,)})})
    page = to_html(report(of))
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;&amp;&quot;&#x27;") == 3
    markdown = to_markdown(report(of))
    assert "<script" not in markdown.replace("\\<", "")


def test_what_is_not_markup_is_escaped_in_content_and_attributes() -> None:
    assert tag("p", "a < b", class_='"x"') == '<p class="&quot;x&quot;">a &lt; b</p>'
    assert text(["<", tag("br"), None, 3]) == "&lt;<br>3"


def test_the_same_attempt_gives_the_same_bytes(classical: Scenario) -> None:
    pages = {to_html(report_on(replay_policy(classical, 3, "random"))) for _ in range(2)}
    assert len(pages) == 1


def test_a_long_attempt_stays_under_a_megabyte(classical: Scenario) -> None:
    session = replay_policy(classical, 1, "pathway")
    assert len(session.log) > 200
    assert len(to_html(report_on(session)).encode()) < MEGABYTE


def test_verdicts_and_losses_are_told_by_words_and_shapes_not_by_colour_alone() -> None:
    page = to_html(report())
    assert "#shape-cross" in page
    assert "missed</span>" in page
    assert "#shape-triangle" in page
    assert "late</span>" in page


def test_an_attempt_without_a_review_says_how_to_get_one() -> None:
    assert "--review" in to_html(report())


def test_the_curve_adds_up_and_marks_its_losses(first_day: Report) -> None:
    curve = first_day.charts.curve
    assert curve is not None
    assert curve.start - curve.loss + curve.luck == pytest.approx(curve.utility, abs=1e-5)
    page = to_html(first_day)
    named = [n for n, point in enumerate(curve.points, 1) if point.size != "as_good"]
    assert all(f'id="decision-{n}"' in page for n in range(1, len(curve.points) + 1))
    assert page.count('class="loss"') + page.count('class="gain"') == len(named)


def test_bars_run_from_the_order_to_its_result_or_the_therapy_s_end() -> None:
    charts = report().charts
    bars = {track.step: [(bar.at, bar.until) for bar in track.bars] for track in charts.tracks}
    assert bars == {"glucose": [(1, 11)], "treat": [(30, 2 * DAY)], "genes": []}
    assert [(lane.order, lane.worth) for lane in charts.lanes] == [("insulin", "step"), ("poison", "harmful")]
    assert charts.lanes[0].bars[0].doses == ("low",)


def test_what_was_asked_is_set_against_what_mattered() -> None:
    charts = report().charts
    assert [(asked.order, asked.worth, asked.steps) for asked in charts.asked] == [("sugar", "step", ("glucose",))]
    assert charts.unasked == ("genes",)


def test_the_path_tells_each_stay_and_where_the_states_stand() -> None:
    (path,) = report().charts.paths
    assert [(stay.state, stay.at, stay.until) for stay in path.stays] == [
        ("high", 0, 2 * HOUR), ("fine", 2 * HOUR, 3 * DAY), ("high", 3 * DAY, 10 * DAY)
    ]  # fmt: skip
    assert {(spot.state, spot.column) for spot in path.spots} == {("high", 0), ("fine", 1)}


def test_the_differential_tells_what_came_before_it() -> None:
    (stance,) = report().charts.stances
    assert stance.own == (("AA", 0.6), ("BB", 0.3), ("Something else", 0.1))
    assert stance.came == ((3, "Sugar"),)


def test_the_teacher_s_prompts_stand_on_the_page_and_in_markdown(first_day: Report) -> None:
    asks = [prompt.ask for prompt in first_day.debrief.prompts]
    assert asks
    page, notes = unescape(to_html(first_day)), to_markdown(first_day)
    assert all(ask in page for ask in asks)
    assert all(escaped(ask) in notes for ask in asks)


def test_a_pitfall_s_consequence_is_linked_to_the_moment_it_fired() -> None:
    page = to_html(report())
    assert re.search(r'It was followed by: Sugar too high \(<a href="#event-11">3 d</a>', page)


def test_the_axis_gives_the_first_hour_as_much_room_as_the_last_months() -> None:
    axis = scale(0, 600 * DAY)
    assert axis.part(0) == 0.0
    assert axis.part(600 * DAY) == 1.0
    assert axis.part(HOUR) == pytest.approx(1 / axis.panels)
    moments = [0, 1, 59, 60, 61, DAY, 8 * DAY, 100 * DAY, 599 * DAY]
    parts = [axis.part(moment) for moment in moments]
    assert parts == sorted(set(parts))


def test_an_axis_over_a_later_stretch_runs_evenly() -> None:
    axis = scale(70 * DAY, 120 * DAY)
    assert axis.even
    assert axis.knots[0] <= 70 * DAY < 120 * DAY <= axis.knots[-1]


def test_markdown_shows_text_as_it_is() -> None:
    assert escaped("1. a_b*c* [x](y) <i>\n# z | `q`") == r"1\. a\_b\*c\* \[x\](y) \<i\> \# z \| \`q\`"
    assert "| Do treat (must) | late | 30 min |" in to_markdown(report())


def test_the_whole_debrief_is_data(first_day: Report) -> None:
    data = json.loads(to_json(to_plain(first_day)))
    assert data["debrief"]["band"] == first_day.debrief.band
    assert len(data["happenings"]) == len(first_day.happenings)
    assert data["charts"]["curve"]["points"]


def test_the_command_writes_the_pages_and_refuses_what_it_cannot_write(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    html, markdown = tmp_path / "debrief.html", tmp_path / "debrief.md"
    replay = ["replay", "drying_out", "--policy", "none"]
    assert main([*replay, "--html", str(html), "--markdown", str(markdown)]) == 0
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert markdown.read_text(encoding="utf-8").startswith("# Debrief: ")
    capfd.readouterr()
    for place in (tmp_path, tmp_path / "nowhere" / "debrief.html"):
        assert main([*replay, "--html", str(place)]) == 2
        assert re.fullmatch(r"error: [^\n]+ cannot be written: [^\n]+\n", capfd.readouterr().err)


# --- in a browser -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "light"), (1280, "dark")])
def test_in_chromium_every_section_shows_nothing_is_fetched_and_axe_finds_nothing(
    chromium: Any, first_day: Report, tmp_path: Path, width: int, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    file = tmp_path / "debrief.html"
    file.write_text(to_html(first_day), encoding="utf-8")
    # The page's own policy would keep axe out; everything else is as a reader's browser has it.
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert all(page.locator(f"section#{id}").is_visible() for id in SECTIONS)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
    assert asked == [file.as_uri()]
    context.close()


@pytest.mark.slow
def test_in_chromium_the_page_breaks_no_rule_of_its_own_policy(chromium: Any, tmp_path: Path) -> None:
    file = tmp_path / "debrief.html"
    file.write_text(to_html(report()), encoding="utf-8")
    page = chromium.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(file.as_uri())
    assert said == []
    assert page.locator("#verdict h2").evaluate("e => getComputedStyle(e).fontWeight") == "700"
    page.close()
