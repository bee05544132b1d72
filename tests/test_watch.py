"""Watching a case that is being written: a save is noticed, mistakes come first, patients are set beside the last."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import hear_ctrl_c
from sim.authoring.compare import alone
from sim.authoring.watch import Look, Watch, files_of
from sim.case.composing.folders import package_root
from tinycase import change

pytestmark = pytest.mark.slow  # a shipped case is checked and played after each save


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "first_steps"
    shutil.copytree(package_root() / "cases" / "first_steps", folder)
    return folder / "case.yaml"


def looked(watch: Watch) -> Look:
    found = watch.look()
    assert found is not None
    return found


def test_the_first_look_tells_how_patients_fare_and_the_next_nothing(path: Path) -> None:
    watch = Watch(path, n=5)
    first = looked(watch)
    assert (first.saved, first.before, first.problems) == ((), None, ())
    assert first.now is not None
    assert any("alive at the end" in line for line in alone(first.now))
    assert watch.look() is None


def test_a_save_is_told_with_the_last_sound_version_beside_it(path: Path) -> None:
    watch = Watch(path, n=5)
    first = looked(watch)
    change(path, "horizon: ", "horizon: soon  # ")
    broken = looked(watch)
    assert broken.saved == ("case.yaml",)
    assert broken.now is None
    assert [problem.severity for problem in broken.problems] == ["error"]
    change(path, "horizon: soon  # ", "horizon: 10 h  # ")
    mended = looked(watch)
    assert mended.before is first.now
    assert mended.now is not first.now
    assert not mended.same


def test_a_change_of_words_plays_nobody_again(path: Path) -> None:
    watch = Watch(path, n=5)
    first = looked(watch)
    change(path, "author: ", "author: Somebody else, and ")
    found = looked(watch)
    assert found.same
    assert found.now is first.now


def test_what_a_case_is_made_of_is_watched_too_and_what_is_laid_beside_it(path: Path) -> None:
    assert path.parent / "disease.yaml" in files_of(path)
    watch = Watch(path, n=5)
    looked(watch)
    (path.parent / "evidence.yaml").write_text("evidence: []\n", encoding="utf-8")
    assert looked(watch).saved == ("evidence.yaml",)


@pytest.mark.skipif(sys.platform == "win32", reason="sends Ctrl+C as a signal")
def test_the_command_waits_until_it_is_interrupted(path: Path) -> None:
    command = [sys.executable, "-m", "sim", "watch", str(path), "--n", "3"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ, preexec_fn=hear_ctrl_c
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if line.startswith("Waiting for a save"):
                break
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=60) == 0
