"""The game in a real browser: by touch on a phone, by keys on a laptop, without a script, in two windows, cut off."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import hear_ctrl_c

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LAPTOP = {"viewport": {"width": 1280, "height": 800}}


class Served:
    """A server in a process of its own, which may be killed and started again at the same port."""

    def __init__(self, home: Path, *how: str) -> None:
        self._home, self._port = home, 0
        self.start(*how)

    def start(self, *how: str) -> None:
        command = [sys.executable, "-m", "sim", "serve", "--port", str(self._port), *how]
        environment = os.environ | {"SCURFY_HOME": str(self._home), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c
        )
        assert self.process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", self.process.stdout.readline())
        assert found is not None
        self._port = int(found[1])
        self.said = [self.process.stdout.readline() for _ in range(4)] if how else []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=20)
        return self.process.returncode


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    server = Served(tmp_path / "served")
    yield server
    server.kill()


class Window:
    """A window of a browser, with what its console said."""

    def __init__(self, chromium: Any, served: Served, **how: Any) -> None:
        self.context = chromium.new_context(base_url=served.url, **how)
        self.page = self.opened()

    def opened(self) -> Any:
        page = self.context.new_page()
        page.set_default_timeout(20_000)
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        return page

    def meet(self, title: str, seed: int = 7) -> None:
        """Open a case and meet a patient, by touch or click."""
        self.page.goto("/")
        self.page.get_by_role("link", name=title).click()
        self.page.get_by_label("Which patient?").fill(str(seed))
        self.page.get_by_role("button", name="Meet the patient").click()
        self.page.get_by_role("heading", name="Monitor").wait_for()

    def clock(self) -> str:
        return str(self.page.locator(".who time").inner_text())

    def moves(self) -> int:
        return int(self.page.evaluate("document.body.dataset.count"))


def checked(window: Window, where: str) -> None:
    """No page is wider than its window, and axe finds nothing on it."""
    from axe_playwright_python.sync_playwright import Axe

    page = window.page
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], where
    found = Axe().run(page).response["violations"]
    assert [(where, v["id"], v["nodes"][0]["html"]) for v in found] == []


def test_a_whole_case_is_played_on_a_phone_by_touch_alone(chromium: Any, served: Served) -> None:
    window = Window(chromium, served, bypass_csp=True, **PHONE)  # the pages' own policy would keep axe out
    page = window.page

    def place(where: str, typed: str, order: str) -> None:
        before = window.moves()
        page.locator("#bar").get_by_role("link", name=where).tap()
        page.get_by_role("searchbox").fill(typed)
        page.locator("#found:not(:has(details))").get_by_role("button", name=order).first.tap()
        page.locator(f"body[data-count='{before + 1}']").wait_for()

    page.goto("/")
    checked(window, "library")
    window.meet("Your first patient", 3)
    checked(window, "ward")
    place("Ask", "presenting", "What brought you here")
    place("Examine", "general", "General appearance")
    checked(window, "examine")
    place("Examine", "hydration", "Hydration")
    place("Examine", "weight", "Weigh the child")
    place("Test", "bedside glucose", "Bedside glucose")
    place("Treat", "oral rehydration", "Oral rehydration")
    page.locator("#bar").get_by_role("link", name="Patient").tap()
    page.get_by_role("button", name="1 h").tap()
    page.get_by_role("button", name="1 h").first.wait_for()
    page.locator("#bar").get_by_role("link", name="Think").tap()
    page.get_by_label("Diagnosis 1").wait_for()
    checked(window, "think")
    page.get_by_label("Diagnosis 1").fill("gastroenteritis")
    page.get_by_label("Per cent").first.fill("80")
    page.get_by_role("button", name="State it").tap()
    page.get_by_role("heading", name="Monitor").wait_for()
    page.get_by_role("link", name="HR").first.tap()
    page.locator("svg.trend").wait_for()
    checked(window, "trend")
    page.locator("#bar").get_by_role("link", name="Patient").tap()
    page.get_by_role("link", name="Hand over").tap()
    page.get_by_role("button", name="Yes, hand over").tap()
    page.get_by_role("link", name="Read the debrief").tap()
    page.get_by_role("heading", name="What you did, against the pathway").wait_for()
    page.get_by_role("link", name="Back to the cases").tap()
    page.get_by_role("link", name="Debrief of").wait_for()
    checked(window, "library after a case")
    assert window.said == []


def test_a_laptop_plays_by_keys_alone(chromium: Any, served: Served) -> None:
    window = Window(chromium, served, **LAPTOP)
    page = window.page
    window.meet("Your first patient", 3)
    page.keyboard.press("h")
    page.get_by_role("searchbox").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("presenting")
    page.locator("#found").get_by_role("button").first.wait_for()
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")  # in the field it searches
    page.locator("#found").get_by_role("button").first.wait_for()
    page.locator("#found").get_by_role("button").first.focus()
    page.keyboard.press("Enter")
    page.locator("body[data-count='1']").wait_for()
    page.keyboard.press("p")
    page.get_by_role("heading", name="Monitor").wait_for()
    page.get_by_label("Another time").focus()
    page.keyboard.type("20 min")
    page.keyboard.press("Enter")
    page.locator("body[data-count='2']").wait_for()
    page.keyboard.press("d")
    page.get_by_label("Diagnosis 1").wait_for()
    assert window.said == []


def test_every_act_works_without_a_script(chromium: Any, served: Served) -> None:
    window = Window(chromium, served, java_script_enabled=False, **PHONE)
    page = window.page
    window.meet("Three weeks old and drying out")
    page.locator("#bar").get_by_role("link", name="Treat").click()
    page.get_by_role("searchbox").fill("peripheral")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Order Peripheral").first.click()
    assert "Peripheral" in page.locator("#now").inner_text()
    page.locator("#bar").get_by_role("link", name="Patient").click()
    page.get_by_role("button", name="15 min").click()
    assert window.clock() > "Day 1 00:15"
    page.get_by_role("button", name="Stop").first.click()
    page.locator("#bar").get_by_role("link", name="Think").click()
    page.get_by_label("Diagnosis 1").fill("sepsis")
    page.get_by_label("Per cent").first.fill("60")
    page.get_by_role("button", name="State it").click()
    assert "sepsis 60%" in page.locator("#now").inner_text()


def test_a_double_tap_acts_once(chromium: Any, served: Served) -> None:
    window = Window(chromium, served, **PHONE)
    window.meet("Your first patient")
    window.page.get_by_role("button", name="15 min").dblclick()
    window.page.locator("body[data-count='1']").wait_for()
    window.page.wait_for_timeout(500)
    assert window.moves() == 1


def test_what_one_window_does_the_other_shows(chromium: Any, served: Served) -> None:
    window = Window(chromium, served, **LAPTOP)
    window.meet("Your first patient")
    first, second = window.page, window.opened()
    second.goto(first.url)
    first.get_by_role("button", name="15 min").click()
    second.locator("body[data-count='1']").wait_for()
    assert second.locator(".who time").inner_text() == window.clock()


def test_who_loses_the_network_is_told_loses_nothing_and_goes_on(chromium: Any, served: Served) -> None:
    window = Window(chromium, served, **PHONE)
    page = window.page
    window.meet("Your first patient")
    window.context.set_offline(True)
    page.get_by_role("button", name="15 min").tap()
    page.locator("#lost").wait_for()
    window.context.set_offline(False)
    page.get_by_role("button", name="15 min").tap()
    page.locator("body[data-count='1']").wait_for()
    assert not page.locator("#lost").is_visible()


def test_a_server_that_is_killed_goes_on_with_every_act(chromium: Any, served: Served) -> None:
    window = Window(chromium, served, **PHONE)
    page = window.page
    window.meet("Three weeks old and drying out")
    page.get_by_role("button", name="15 min").tap()
    page.locator("body[data-count='1']").wait_for()
    before = window.clock()
    served.kill()
    page.get_by_role("button", name="15 min").tap()
    page.locator("#lost").wait_for()
    served.start()
    page.reload()
    assert (window.clock(), window.moves()) == (before, 1)
    page.get_by_role("button", name="15 min").tap()
    page.locator("body[data-count='2']").wait_for()


def test_the_server_ends_when_it_is_told_to(served: Served) -> None:
    assert served.end() in (0, 130)


def test_a_session_of_a_leader_a_projector_and_three_phones(chromium: Any, tmp_path: Path) -> None:
    served = Served(tmp_path / "served", "--room", "drying_out", "--seed", "7")
    join, screen_at, lead_at = (re.findall(r"http\S+", line)[0] for line in served.said[1:])
    leader = Window(chromium, served, bypass_csp=True, **LAPTOP)
    screen = Window(chromium, served, bypass_csp=True, **LAPTOP)
    phones = [Window(chromium, served, bypass_csp=True, **PHONE) for _ in range(3)]
    leader.page.goto(lead_at)
    screen.page.goto(screen_at)
    for phone in phones:
        phone.page.goto(join)
        phone.page.get_by_label("Your name").fill("Kim")
        phone.page.get_by_role("button", name="Join").tap()
        phone.page.get_by_role("heading", name="Monitor").wait_for()
    screen.page.get_by_text("3 in the room").wait_for()
    leader.page.get_by_label("Choice 1").fill("isotonic bolus 10")
    leader.page.get_by_label("Choice 2").fill("isotonic bolus 20")
    leader.page.get_by_role("button", name="Open the ballot").click()
    for number, phone in enumerate(phones):
        phone.page.get_by_role("button", name="Isotonic").nth(number % 2).tap()
        phone.page.locator("button.vote[aria-pressed=true]").wait_for()
    screen.page.get_by_text("3 of 3 have voted").wait_for()
    checked(phones[0], "phone")
    checked(screen, "projector")
    phones[1].page.reload()
    assert phones[1].page.locator("button.vote[aria-pressed=true]").count() == 1
    leader.page.get_by_role("button", name="Close the ballot").click()
    leader.page.get_by_role("button", name="Reveal").click()
    phones[2].page.get_by_role("heading", name="How we voted").wait_for()
    leader.page.get_by_role("button", name="Fork").click()
    screen.page.get_by_role("heading", name="Bed B").wait_for()
    checked(leader, "leader")
    checked(screen, "projector with two beds")
    leader.page.get_by_text("End the session").click()
    leader.page.get_by_role("button", name="End it").click()
    phones[0].page.get_by_role("link", name="The debrief of the room").tap()
    phones[0].page.get_by_text("played in bed B").wait_for()
    checked(phones[0], "debrief")
    with leader.page.expect_download() as book:
        leader.page.get_by_role("link", name="The gradebook").click()
    assert Path(book.value.path()).read_text(encoding="utf-8-sig").splitlines()[1] == "Kim,1,1,1"
    assert [window.said for window in (leader, screen, *phones)] == [[]] * 5
    served.kill()
