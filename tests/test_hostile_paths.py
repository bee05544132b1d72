"""What is no plain file, and what has more mistakes than anybody reads, is said and never waited for."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import TINY, TINY_CASE
from sim.case.checking.check import check
from sim.case.problems import Problems
from sim.case.reading.document import read, read_bytes
from sim.cli import main
from sim.engine.chart import compile_chart
from smalldisease import go, library_of, region

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


@needs_pipes
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "case.yaml")
    problems = Problems()
    assert read(tmp_path / "case.yaml", problems).root is None
    assert "a pipe or a device" in problems.all[0].message


@needs_pipes
def test_check_does_not_wait_for_a_pipe_among_the_evidence(tmp_path: Path) -> None:
    tiny_folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    os.mkfifo(tiny_folder / "evidence" / "more.yaml")
    assert any("a pipe or a device" in problem.message for problem in check([tiny_folder], root=tiny_folder))


def test_a_device_is_refused(tmp_path: Path) -> None:
    problems = Problems()
    assert read(Path(os.devnull), problems).root is None
    assert [problem.code for problem in problems.all] == ["unreadable"]


def test_a_link_to_itself_and_a_name_too_long_are_said(tmp_path: Path) -> None:
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    for path in (loop, tmp_path, Path("x" * 5000)):
        assert [problem.code for problem in check([path])] == ["unreadable"]


def test_of_many_problems_in_one_line_the_first_are_kept_and_the_rest_counted_out() -> None:
    problems = Problems()
    read_bytes(b"x: [" + b"~," * 4_000 + b"]\n", "many.yaml", problems)
    assert len(problems.all) == 201
    assert problems.all[-1].code == "too-many"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["x" * 5000, "./" + "x" * 300 + "/case.yaml"])
def test_a_name_that_no_file_can_have_is_one_line_of_every_command(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    for words in (
        ["check", name], ["show", name], ["play", name, "--plain"], ["replay", name, "--policy", "none"],
        ["prove", name],
        ["cases", "--cases", name], ["replay", "drying_out", "--moves", name], ["calibrate", name], ["coverage", name],
        ["replay", "drying_out", "--policy", "none", "--html", name], ["new", "abc", "--like", name],
    ):  # fmt: skip
        assert main(words) == 2, words
        assert capfd.readouterr().err.startswith("error: ")


@pytest.mark.skipif(os.name == "nt", reason="a folder in use is not removed there")
def test_a_command_works_in_a_folder_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(["check", str(TINY_CASE)]) == 0
    monkeypatch.setenv("SCURFY_HOME", "here")
    assert main(["attempts"]) == 1
    assert "the current folder is gone" in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    "written",
    [
        lambda n: b"{" + b"a: 1, " * (n // 6) + b"}\n",
        lambda n: b"x: [" + b"!a b," * (n // 5) + b"]\n",
        lambda n: b"x:\n" + b"- abc def\n" * (n // 10) + b"\n: : ]\n",
        lambda n: b"opening: x\n" + b"".join(b"k%06d: 1\n" % i for i in range(n // 12)),
        lambda n: b"orders:\n" + b"".join(b"  - {id: o%d, name: n, kind: zzz}\n" % i for i in range(n // 40)),
    ],
    ids=["keys twice", "tags", "a syntax error at the end", "unknown keys", "unknown kinds"],
)
def test_no_file_of_two_megabytes_takes_long(written: Callable[[int], bytes], tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(written(1_900_000))
    began = time.process_time()
    assert check([tmp_path / "x.yaml"])
    assert time.process_time() - began < 20  # the limit is 5 s on a machine that does nothing else; it was minutes


@pytest.mark.slow
def test_a_chain_of_thousands_of_states_is_made_ready_in_seconds() -> None:
    names = [f"s{number}" for number in range(6000)]
    steps = [go(f"t{n}", names[n], names[n + 1], after="1 min") for n in range(len(names) - 1)]
    scenario = library_of(chain=region(" ".join(names), *steps))
    began = time.process_time()
    chart = compile_chart(scenario)
    assert time.process_time() - began < 3
    assert chart.timed[0][:3] == ((0,), (1,), (2,))
    assert chart.timed[0][-1] == ()
