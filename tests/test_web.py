"""The game in a browser, asked as a browser asks: what a page shows, what a form does, and what is refused."""

from __future__ import annotations

import html
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from sim.attempts.cases import CASES
from sim.attempts.store import FILE_NAME, LEARNERS, Store
from sim.attempts.store.place import back_up
from sim.case.moves import Finish, Move, PlaceOrder, StateDifferential, StopTherapy, Wait
from sim.engine.log import CaseOpened, Log, to_plain
from sim.engine.session import IllegalMove, Session
from sim.web.beds import Beds
from sim.web.limits import Limit
from sim.web.server import application, close
from sim.words.events import event_text

pytestmark = pytest.mark.slow

HERE = "http://testserver"
CASE = "first_steps"


class Browser:
    """Somebody at a browser: keeps cookies, sends forms as pages of this server do, follows where an act leads."""

    def __init__(self, app: Any) -> None:
        self.client = TestClient(app, base_url=HERE)
        self.page: httpx2.Response = self.client.get("/")
        self.said: list[str] = [self.page.text]

    def go(self, where: str) -> httpx2.Response:
        self.page = self.client.get(where)
        self.said.append(self.page.text)
        return self.page

    def send(self, where: str, **fields: str | list[str]) -> httpx2.Response:
        sent = fields or {"sent": "yes"}  # a browser says of an empty form as well what it is
        self.page = self.client.post(where, data=sent, headers={"Origin": HERE})
        self.said.append(self.page.text)
        return self.page

    def begin(self, case: str = CASE, seed: int = 7, mode: str = "practice") -> str:
        """Meet a patient; return where the pages of the attempt begin."""
        page = self.send(f"/case/{case}", seed=str(seed), mode=mode)
        assert page.status_code == 200, page.text
        return page.url.path

    def act(self, root: str, act: str, **fields: str | list[str]) -> httpx2.Response:
        """Send a form with what the page that is shown says it knows of."""
        return self.send(f"{root}/{act}", seen=str(self.count), **fields)

    @property
    def count(self) -> int:
        found = re.search(r'data-count="(\d+)"', self.page.text)
        assert found is not None, self.page.text[:300]
        return int(found[1])

    @property
    def text(self) -> str:
        """What the page says, without its markup."""
        return html.unescape(re.sub(r"<[^>]+>", " ", self.page.text))


@pytest.fixture
def browser(app: Any) -> Browser:
    return Browser(app)


def learners(home: Path) -> list[Path]:
    return sorted((home / LEARNERS).glob("*")) if (home / LEARNERS).exists() else []


def log_of(home: Path) -> Log:
    """What happened to the one patient that somebody met, lived again from what is on the disk."""
    (learner,) = learners(home)
    with Store(learner / FILE_NAME) as store:
        (stored,) = store.attempts()
        session = Session(CASES.load(stored.source), stored.seed)
        for one in store.moves(stored.id):
            session.apply(one.move)
    return session.log


# --- pages ------------------------------------------------------------------------------------------------------


def test_the_library_is_shown_to_whoever_looks_and_keeps_nothing_of_them(browser: Browser, home: Path) -> None:
    assert "Three weeks old and drying out" in browser.text
    assert "Not yet reviewed by a clinician." in browser.text
    assert browser.client.cookies == {}
    assert learners(home) == []


def test_who_meets_a_patient_gets_a_cookie_that_no_script_reads_and_a_place_of_their_own(
    browser: Browser, home: Path
) -> None:
    answer = browser.client.post(
        f"/case/{CASE}", data={"mode": "tutor"}, headers={"Origin": HERE}, follow_redirects=False
    )
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert len(learners(home)) == 1


def test_the_ward_shows_who_it_is_what_is_seen_the_monitor_and_the_opening(browser: Browser) -> None:
    browser.begin()
    met = next(e for e in Session(CASES.load(CASE), 7).log if isinstance(e, CaseOpened))
    for words in (met.name, "At the bedside", "Monitor, last day", "Day 1 00:00", "Teaching only"):
        assert words in browser.text


def test_a_question_is_answered_on_the_page_that_it_was_chosen_from(browser: Browser) -> None:
    root = browser.begin()
    browser.go(f"{root}/orders/ask")
    page = browser.act(root, "order", order="hx_presenting", back="ask")
    assert page.url.path == f"{root}/orders/ask"
    assert "Just now" in browser.text
    browser.go(f"{root}/record")
    assert "Everything so far" in browser.text
    assert "History (1)" in browser.text


def test_an_order_that_a_nurse_carries_out_later_is_said_at_once(browser: Browser) -> None:
    root = browser.begin("drying_out")
    browser.go(f"{root}/orders/treat")
    browser.act(root, "order", order="bolus_isotonic", dose="10 mL/kg over 20 min", back="treat")
    assert "Ordered: Isotonic fluid bolus" in re.sub(r"\s+", " ", browser.text)
    browser.act(root, "wait", span="10 min")
    assert "Started: Isotonic fluid bolus" in re.sub(r"\s+", " ", browser.text)


def test_a_search_finds_by_another_name_and_says_so_and_looks_elsewhere_too(browser: Browser) -> None:
    root = browser.begin()
    browser.go(f"{root}/orders/test?q=fbc")
    assert "Full blood count" in browser.text
    assert "“fbc” is FBC" in browser.text
    browser.go(f"{root}/orders/ask?q=fbc")
    assert "Elsewhere" in browser.text


def test_what_was_measured_is_drawn_and_what_was_not_is_not_there(browser: Browser) -> None:
    root = browser.begin()
    browser.act(root, "order", order="ex_weight")
    browser.act(root, "wait", span="10 min")
    assert "<svg" in browser.go(f"{root}/trend/weight").text
    assert "<svg" in browser.go(f"{root}/trend/heart_rate").text
    assert browser.go(f"{root}/trend/sodium").status_code == 404
    assert browser.go(f"{root}/trend/nothing").status_code == 404


def test_what_a_learner_writes_is_kept_and_shown_as_what_it_is(browser: Browser) -> None:
    root = browser.begin()
    browser.send(f"{root}/notes", sentence="<script>alert(1)</script>", problems="one\r\ntwo", notes="")
    assert "<script>alert" not in browser.page.text
    assert "<script>alert(1)</script>" in html.unescape(browser.page.text)
    assert "one\ntwo" in browser.go(f"{root}/think").text


# --- acts -------------------------------------------------------------------------------------------------------


def test_a_form_sent_twice_acts_once_and_the_second_says_that_the_page_was_old(browser: Browser, home: Path) -> None:
    root = browser.begin()
    browser.send(f"{root}/wait", span="1 h", seen="0")
    again = browser.send(f"{root}/wait", span="1 h", seen="0")
    assert again.status_code == 409
    assert "This page was old" in browser.text
    assert [e.at for e in log_of(home)][-1] <= 60


@pytest.mark.parametrize(
    ("act", "fields", "words"),
    [
        ("order", {"order": "no_such_order"}, "That cannot be read"),
        ("order", {"order": "../../etc"}, "That cannot be read"),
        ("order", {"order": "bolus_isotonic", "dose": "a lot"}, "has no dose"),
        ("order", {"order": "bolus_isotonic", "typed": "900 mL/kg"}, "can be given"),
        ("stop", {"therapy": "bolus_isotonic"}, "That cannot be done"),
        ("wait", {"span": "a while"}, "Wait how long?"),
        ("wait", {"span": "-3 h"}, "Wait how long?"),
        ("next", {}, "No result is on its way"),
        ("hint", {}, "Hints are for tutor mode"),
        ("differential", {"name": ["Nothing known"], "share": ["50"]}, "No one diagnosis is called"),
        ("differential", {"name": [""], "share": [""]}, "Name at least one"),
        ("limits", {"observable": "sodium", "below": "1"}, "That cannot be read"),
        ("limits", {"observable": "glucose", "below": "x"}, "Expected"),
        ("fly", {}, "That cannot be read"),
    ],
)
def test_what_is_no_move_or_no_possible_one_is_said_and_nothing_is_done(
    browser: Browser, home: Path, act: str, fields: dict[str, Any], words: str
) -> None:
    root = browser.begin()
    page = browser.act(root, act, **fields)
    assert page.status_code == 422
    assert words in browser.text
    (learner,) = learners(home)
    with Store(learner / FILE_NAME) as store:
        assert store.moves(store.attempts()[0].id) == ()


def test_a_dose_far_from_the_usual_is_asked_about_before_it_is_given(browser: Browser) -> None:
    root = browser.begin("drying_out")
    browser.act(root, "order", order="peripheral_access", back="treat")
    browser.act(root, "order", order="insulin_infusion", typed="0.5")
    assert "Are you sure?" in browser.text
    assert "10 times the usual" in browser.text
    before = browser.count
    browser.act(root, "order", order="insulin_infusion", dose="0.5 U/kg/h", sure="yes")
    assert browser.count == before + 1


def test_a_hint_is_for_the_tutor_mode(browser: Browser) -> None:
    root = browser.begin(mode="tutor")
    browser.act(root, "hint")
    assert "Hint:" in browser.text


def test_limits_are_set_where_a_standing_order_could_measure(browser: Browser) -> None:
    root = browser.begin("drying_out")
    browser.act(root, "order", order="blood_gas", back="test")
    browser.act(root, "next")
    browser.go(f"{root}/trend/glucose")
    assert "Call me" in browser.text
    browser.act(root, "limits", observable="glucose", below="6", above="15")
    assert "at 6.0 mmol/L or below, or at 15.0 mmol/L or above" in browser.text


def as_form(move: Move) -> tuple[str, dict[str, Any]]:
    """A move as the form that makes it."""
    match move:
        case PlaceOrder(order=order, dose=dose):
            return "order", {"order": order, "sure": "yes", **({"dose": dose} if dose else {})}
        case StopTherapy(therapy=therapy):
            return "stop", {"therapy": therapy}
        case StateDifferential(probabilities=shares):
            return "differential", {"name": [id for id, _ in shares],
                                    "share": [f"{100 * share:g}" for _, share in shares]}  # fmt: skip
        case Wait(minutes=minutes, until="call") if minutes is not None:
            return "wait", {"span": f"{minutes} min"}
        case Wait():
            return "next", {}
        case Finish():
            return "finish", {}
    raise AssertionError(move)


def test_the_same_moves_and_seed_give_the_same_log_as_in_a_terminal(browser: Browser, home: Path) -> None:
    moves: list[Move] = [
        PlaceOrder("ex_general"), PlaceOrder("peripheral_access"), PlaceOrder("blood_gas"), Wait(None, "call"),
        PlaceOrder("bolus_isotonic", "10 mL/kg over 20 min"), Wait(30, "call"),
        StateDifferential((("type1_diabetes", 0.4), ("sepsis", 0.3))), Wait(600, "call"),
        StopTherapy("peripheral_access"),
    ]  # fmt: skip
    session = Session(CASES.load("drying_out"), 7)
    root = browser.begin("drying_out")
    for move in moves:
        session.apply(move)
        act, fields = as_form(move)
        assert browser.act(root, act, **fields).status_code == 200, (move, browser.text)
    assert [to_plain(event) for event in log_of(home)] == [to_plain(event) for event in session.log]


# --- what is hidden ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [CASE, "off_his_feeds", "drying_out"])
def test_nothing_hidden_is_in_any_byte_before_the_debrief(browser: Browser, case: str) -> None:
    scenario = CASES.load(case)
    session = Session(scenario, 5)
    root = browser.begin(case, seed=5)
    tried: list[Move] = [PlaceOrder(name) for name in list(scenario.catalogue.orders)[::9]]
    for move in [*tried, *[Wait(60, "call")] * 6]:
        if browser.go(root) and "The case is over" in browser.text:
            break
        act, fields = as_form(move)
        browser.act(root, act, **fields)
        session_takes(session, move)
        for place in ("think", "orders/test?q=b", "trend/heart_rate"):
            browser.go(f"{root}/{place}")
    browser.go(f"{root}/orders/all")
    hidden = {event_text(scenario, event).text for event in session.log if event.hidden}
    hidden |= {f"{region}.{state}" for region, one in scenario.disease.regions.items() for state in one.states}
    hidden |= {scenario.disease.id, f"data-{scenario.disease.id}"}
    said = html.unescape("\n".join(browser.said))
    assert len(said) > 100_000
    names = {diagnosis.name for diagnosis in scenario.catalogue.diagnoses.values()}
    assert [words for words in hidden if re.search(rf"\b{re.escape(words)}\b", said) and words not in names] == []


def session_takes(session: Session, move: Move) -> None:
    with suppress(IllegalMove):
        if not session.ended:
            session.apply(move)


def test_there_is_no_debrief_before_the_end(browser: Browser) -> None:
    root = browser.begin()
    assert browser.go(f"{root}/debrief").url.path == root


# --- the end ----------------------------------------------------------------------------------------------------


def test_handed_over_is_asked_first_then_told_and_the_library_has_it(browser: Browser, home: Path) -> None:
    root = browser.begin()
    browser.go(f"{root}/hand-over")
    assert "counts as missed" in browser.text
    browser.act(root, "finish")
    assert "The case is over" in browser.text
    report = browser.go(f"{root}/debrief")
    assert "What you did, against the pathway" in report.text
    assert "style-src 'unsafe-inline'" in report.headers["content-security-policy"]
    assert "Debrief of" in html.unescape(browser.go("/").text)
    (learner,) = learners(home)
    with Store(learner / FILE_NAME) as store:
        assert store.attempts()[0].finished is not None


def test_after_a_case_its_questions_are_asked_answered_and_graded(browser: Browser) -> None:
    root = browser.begin("off_his_feeds")
    browser.act(root, "finish")
    assert "can be answered again" in html.unescape(browser.go("/").text)
    page = browser.go("/recall").text
    fields = dict(re.findall(r'name="(case|question)" value="([^"]+)"', page))
    asked = re.findall(r"(\d+) to answer", page)[0]
    browser.send("/recall", answer="<b>fluids</b>", **fields)
    assert "Model answer" in browser.text
    assert "<b>fluids" not in browser.page.text
    browser.send("/recall", answer="fluids", grade="good", **fields)
    assert re.findall(r"(\d+) to answer", browser.page.text) in ([], [str(int(asked) - 1)])


# --- who asks ---------------------------------------------------------------------------------------------------


def test_nobody_sees_or_moves_another_learners_patient(app: Any, browser: Browser) -> None:
    root = browser.begin()
    other = Browser(app)
    assert other.go(root).status_code == 404
    other.begin()
    assert other.go(root).status_code == 404
    assert other.send(f"{root}/wait", span="1 h", seen="0").status_code == 404
    assert other.go(f"{root}/events").status_code == 404
    assert root not in other.go("/").text


@pytest.mark.parametrize("forged", ["", "x", "0" * 32, "0" * 32 + ".sig", "../../home", "a" * 5000])
def test_a_cookie_that_was_not_signed_here_names_nobody(app: Any, home: Path, forged: str) -> None:
    stranger = TestClient(app, base_url=HERE, cookies={"scurfy": forged})
    assert stranger.get("/").status_code == 200
    assert stranger.get("/attempt/000000000000").status_code == 404
    assert learners(home) == []


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://elsewhere.example"}, {"Origin": "null"},
                                     {"Origin": "http://["}, {"Sec-Fetch-Site": "cross-site"}])  # fmt: skip
def test_a_form_of_another_site_is_refused(browser: Browser, home: Path, headers: dict[str, str]) -> None:
    answer = browser.client.post(f"/case/{CASE}", data={"mode": "practice"}, headers=headers)
    assert answer.status_code == 403
    assert learners(home) == []


def test_one_address_may_be_a_lecture_hall_and_no_flood() -> None:
    now = [0.0]
    limit = Limit(3, 60, clock=lambda: now[0])
    for _ in range(3):
        assert not limit.reached("here")
        limit.note("here")
    assert limit.reached("here")
    assert not limit.reached("there")
    now[0] = 61
    assert not limit.reached("here")


def test_a_name_that_is_not_this_servers_is_refused(home: Path) -> None:
    home.mkdir(exist_ok=True)
    local = TestClient(application(home, Beds(None), hosts=("localhost",)), base_url="http://rebound.example")
    assert local.get("/").status_code == 400


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("mode=" + "x" * 70_000, "application/x-www-form-urlencoded", 413),
        ('{"mode": "practice"}', "application/json", 415),
        ("&".join(f"f{i}=1" for i in range(200)), "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe=\xff", "application/x-www-form-urlencoded", 400),
        ("mode=cheat", "application/x-www-form-urlencoded", 422),
        ("seed=-1", "application/x-www-form-urlencoded", 422),
        ("seed=%D9%A3", "application/x-www-form-urlencoded", 422),
    ],
)
def test_a_form_that_no_page_sends_is_refused_at_the_door(
    browser: Browser, home: Path, body: str | bytes, kind: str, status: int
) -> None:
    headers = {"Origin": HERE, "Content-Type": kind}
    assert browser.client.post(f"/case/{CASE}", content=body, headers=headers).status_code == status
    assert learners(home) == []


@pytest.mark.parametrize("where", ["/case/nothing", "/case/..%2f..", "/attempt/x", "/attempt/ABCDEF012345/think",
                                   "/static/server.py", "/static/..%2fserver.py", "/nowhere"])  # fmt: skip
def test_what_is_not_there_is_not_there(browser: Browser, where: str) -> None:
    assert browser.go(where).status_code == 404


def test_every_page_may_load_from_this_server_alone_and_is_kept_nowhere(browser: Browser) -> None:
    root = browser.begin()
    for where in ("/", f"/case/{CASE}", root, f"{root}/think", "/recall", "/case/nothing"):
        headers = browser.go(where).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


# --- what lasts -------------------------------------------------------------------------------------------------


def test_a_server_that_was_ended_goes_on_where_it_was(app: Any, browser: Browser, home: Path) -> None:
    root = browser.begin()
    browser.act(root, "wait", span="20 min")
    shown = browser.text
    again = Browser(application(home, Beds(None)))
    again.client.cookies = browser.client.cookies
    assert again.go(root).status_code == 200
    assert re.findall(r"Day 1 \d\d:\d\d", again.text)[0] == re.findall(r"Day 1 \d\d:\d\d", shown)[0]
    assert again.act(root, "wait", span="20 min").status_code == 200


def test_an_attempt_that_moved_on_elsewhere_is_shown_as_it_is_now(browser: Browser, home: Path) -> None:
    root = browser.begin()
    (learner,) = learners(home)
    with Store(learner / FILE_NAME) as store:
        store.append(store.attempts()[0].id, 1, Wait(5, "call"), before=0)
    assert browser.act(root, "wait", span="20 min").status_code == 409
    assert "another window" in browser.text
    browser.go(root)
    assert browser.count == 1


def test_no_place_of_this_machine_is_told_to_a_browser(browser: Browser, home: Path) -> None:
    root = browser.begin()
    (learner,) = learners(home)
    (learner / FILE_NAME).rename(learner / "gone")
    page = browser.act(root, "wait", span="20 min")
    assert page.status_code == 409
    assert "was deleted or moved" in browser.text
    assert str(home) not in page.text


def test_what_is_wrong_with_a_case_is_not_told_to_a_browser(home: Path, tmp_path: Path) -> None:
    home.mkdir(exist_ok=True)
    own = tmp_path / "own"
    own.mkdir()
    head = "id: broken\ntitle: Broken\nblurb: x\nlevel: all\ndifficulty: 1\nminutes: 1\nreviewed: not yet\n"
    (own / "broken.yaml").write_text(f"{head}disease: a_telling_name\n", encoding="utf-8")
    made = application(home, Beds(None), (own,))
    page = TestClient(made, base_url=HERE).get("/case/broken")
    close(made)
    assert page.status_code == 404
    assert "cannot be played" in page.text
    assert "telling" not in page.text


def test_a_backup_holds_those_who_play_in_a_browser(browser: Browser, home: Path, tmp_path: Path) -> None:
    root = browser.begin()
    browser.act(root, "wait", span="20 min")
    back_up(home, tmp_path / "copy")
    (learner,) = learners(tmp_path / "copy")
    with Store(learner / FILE_NAME) as store:
        assert len(store.moves(store.attempts()[0].id)) == 1


def test_the_key_that_signs_is_for_its_owner_alone(browser: Browser, home: Path) -> None:
    assert (home / "server.key").stat().st_mode & 0o077 == 0


def test_who_does_what_the_coach_says_is_told_so_and_ends_exemplary(browser: Browser) -> None:
    root = browser.begin(seed=3)
    assert "Ask" in browser.text
    for order in ("hx_presenting", "ex_general", "ex_hydration", "ex_weight", "bedside_glucose", "oral_rehydration"):
        browser.act(root, "order", order=order)
    browser.act(root, "wait", span="2 h")
    browser.act(root, "differential", name=["gastroenteritis"], share=["80"])
    browser.act(root, "wait", span="1 h")
    browser.act(root, "order", order="ex_hydration")
    browser.act(root, "order", order="discharge_home")
    browser.act(root, "finish")
    assert "Exemplary" in browser.go(f"{root}/debrief").text
