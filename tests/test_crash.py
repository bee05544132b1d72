"""A crash leaves where it arose and nothing else: no message and no value, for either could be the diagnosis."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.attempts.crash import LOG_NAME, record_crash
from sim.cli import main
from sim.tui.app import ScurfyApp
from terminal import WIDE, settle

TRUTH = "glucose.severe_hypoglycaemia"


def looks_it_up() -> None:
    raise KeyError(TRUTH)


def fails_over_it() -> None:
    try:
        looks_it_up()
    except KeyError as error:
        raise RuntimeError(f"no {TRUTH}") from error


def written(home: Path) -> bytes:
    """All that the data folder holds."""
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_the_log_names_every_place_and_no_message(home: Path) -> None:
    with pytest.raises(RuntimeError) as crash:
        fails_over_it()
    log = record_crash(crash.value, home)
    assert log == home / LOG_NAME
    text = log.read_text(encoding="utf-8")
    for what in ("RuntimeError\n", "in fails_over_it", "after KeyError\n", "in looks_it_up"):
        assert what in text
    assert TRUTH not in text


def test_a_crash_on_the_command_line_leaves_the_secret_in_no_file(
    home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.cli.doctor.places", fails_over_it)
    assert main(["paths"]) == 3
    assert TRUTH not in "".join(capfd.readouterr())
    assert b"in looks_it_up" in written(home)
    assert TRUTH.encode() not in written(home)


async def test_a_crash_on_the_screen_leaves_the_secret_in_no_file(home: Path) -> None:
    app = ScurfyApp(home)

    async def crash() -> None:
        async with app.run_test(size=WIDE) as pilot:
            await settle(pilot)
            app.call_later(fails_over_it)
            await pilot.pause()

    with pytest.raises(RuntimeError):
        await crash()
    assert app.failure is not None
    assert "\n" not in app.failure
    assert "scurfy resume" in app.failure
    assert TRUTH not in app.failure
    assert b"in looks_it_up" in written(home)
    assert TRUTH.encode() not in written(home)


def test_a_folder_that_cannot_be_written_to_costs_only_the_log(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert record_crash(ValueError(TRUTH), tmp_path / "file" / "home") is None
