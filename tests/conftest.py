"""What every test gets: a data folder of its own, and the tiny library to play with.

With `SCURFY_SKIP_NOTHING` set, a test that would be skipped fails: so a machine that must have a browser says that it
has none.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.attempts.store import FILE_NAME, Store
from sim.case.library import load
from sim.case.model.scenario import Scenario

TINY = Path(__file__).parent / "data" / "tiny"
TINY_CASE = TINY / "cases" / "tiny_case.yaml"


def hear_ctrl_c() -> None:
    """In a new process: hear Ctrl+C, which a shell that starts the tests in the background has its children ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn what is skipped into a failure where nothing may be."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("SCURFY_SKIP_NOTHING"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"nothing may be skipped here: {reason}"
    return report


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder, away from the learner's own; it does not exist yet."""
    folder = tmp_path / "home"
    monkeypatch.setenv("SCURFY_HOME", str(folder))
    monkeypatch.delenv("SCURFY_COMMAND", raising=False)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store of its own."""
    with Store(tmp_path / FILE_NAME) as opened:
        yield opened


@pytest.fixture(scope="session")
def tiny() -> Scenario:
    """The tiny case with all it needs: frozen, so that every test may share it."""
    return load(TINY_CASE)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Chromium, where there is one and the package that drives it."""
    driver = pytest.importorskip("playwright.sync_api", reason="needs playwright, of the dev extra")
    pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python, of the dev extra")
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
    )
    if not found:
        pytest.skip("needs Chromium: none is installed on this machine")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run"]  # fmt: skip
    with driver.sync_playwright() as playing:
        opened = playing.chromium.launch(executable_path=found, args=quiet)
        yield opened
        opened.close()


@pytest.fixture
def app(home: Path) -> Iterator[Any]:
    """The server of an empty data folder, as an application; nothing is reviewed beside it."""
    from sim.web.beds import Beds
    from sim.web.server import application, close

    home.mkdir()
    made = application(home, Beds(None))
    yield made
    close(made)
