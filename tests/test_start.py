"""`start.py` heals what it finds and runs nothing that lies in the current folder."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from sim.cli import main

ROOT = Path(__file__).parents[1]


def started(folder: Path, *words: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the copy of start.py in a folder."""
    return subprocess.run(
        [sys.executable, folder / "start.py", *words], capture_output=True, text=True, cwd=cwd, check=False,
        env=os.environ | more,
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """start.py beside an environment that counts as set up: this one, by links."""
    folder = tmp_path / "scurfy"
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / "start.py").write_bytes((ROOT / "start.py").read_bytes())
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    python = folder / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    code = "import start, sys; open(start.STAMP, 'w').write(start.stamp('game') + chr(10))"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
    return folder


pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="the environment is faked by a shell script"),
    pytest.mark.slow,
]


def test_nothing_of_the_current_folder_is_run(copy: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil"
    (evil / "sim").mkdir(parents=True)
    for name in ("sim/__init__.py", "yaml.py", "typer.py"):
        (evil / name).write_text("raise SystemExit('evil')", encoding="utf-8")
    done = started(copy, "--version", cwd=evil)
    assert done.returncode == 0, done.stderr
    assert "evil" not in done.stdout + done.stderr


def test_it_may_be_called_through_a_link(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "start.py").symlink_to(copy / "start.py")
    done = started(tmp_path / "bin", "--version", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_an_environment_whose_making_was_cut_short_is_seen(tmp_path: Path) -> None:
    venv.EnvBuilder(with_pip=False).create(tmp_path / ".venv")
    (tmp_path / "start.py").write_bytes((ROOT / "start.py").read_bytes())
    code = (
        "import start; pip = lambda: start.quiet([start.python(), '-m', 'pip', '--version'])\n"
        "print(pip(), start.make_environment(), pip())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False None True"


def test_a_package_that_is_gone_is_said_and_asks_to_be_installed_anew(tmp_path: Path) -> None:
    code = (
        "import importlib.util as u, sys; find = u.find_spec;"
        "u.find_spec = lambda name, *a: None if name == 'typer' else find(name, *a);"
        "sys.argv = ['scurfy', '--version']; import sim.__main__ as m; sys.exit(m.main())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 69
    assert done.stderr.startswith("error: typer cannot be found")


@pytest.mark.parametrize("what", ["folder", "bytes", "missing"])
def test_a_stamp_that_cannot_be_read_is_none(copy: Path, what: str) -> None:
    stamp = copy / ".venv" / "scurfy-setup.txt"
    stamp.unlink()
    if what == "folder":
        stamp.mkdir()
    elif what == "bytes":
        stamp.write_bytes(b"\xff\xfe")
    code = "import start; print(start.ready())"
    done = subprocess.run([sys.executable, "-c", code], cwd=copy, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("leads", [".venv", "nowhere"])
def test_an_environment_that_is_a_link_to_nothing_is_made_anew(tmp_path: Path, leads: str) -> None:
    (tmp_path / ".venv").symlink_to(leads)
    (tmp_path / "start.py").write_bytes((ROOT / "start.py").read_bytes())
    code = "import start; print(start.make_environment())"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "None"
    assert (tmp_path / ".venv" / "bin" / "python").exists()


def test_pip_is_asked_where_nothing_of_the_current_folder_is_run(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "pip.py").write_text("open('run', 'w'); raise SystemExit('evil')", encoding="utf-8")
    code = (
        f"import sys; sys.path.insert(0, {str(copy)!r}); import start; start.quiet([start.python(), '-P', '-m', 'pip'])"
    )
    subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, check=True)
    assert not (tmp_path / "run").exists()


def test_a_package_that_another_needs_is_said_to_be_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def needs_it() -> None:
        raise ModuleNotFoundError("No module named 'rich.segment'", name="rich.segment")

    monkeypatch.setattr("sim.cli.doctor.places", needs_it)
    assert main(["paths"]) == 69


@pytest.mark.parametrize(
    ("installed", "wanted", "is_there"),
    [("game", "game", True), ("game", "web", False), ("web", "game", True), ("web", "web", True),
     ("web", "test", False), ("test", "web", True), ("test", "game", True)],
)  # fmt: skip
def test_what_is_installed_for_more_is_enough_for_less(copy: Path, installed: str, wanted: str, is_there: bool) -> None:
    asked = (
        f"import start; open(start.STAMP, 'w').write(start.stamp({installed!r}) + chr(10)); "
        f"print(start.stamp({wanted!r}) in start.ready())"
    )
    answer = subprocess.run([sys.executable, "-c", asked], cwd=copy, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == str(is_there)
