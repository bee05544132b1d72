"""What every test gets: a data folder of its own, and the tiny library to play with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.attempts.store import FILE_NAME, Store
from sim.case.library import load
from sim.case.model.scenario import Scenario

TINY = Path(__file__).parent / "data" / "tiny"
TINY_CASE = TINY / "cases" / "tiny_case.yaml"


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
