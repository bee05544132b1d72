"""One scenario for all who play it: read once, kept on disk for the next process, and never other than its files."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

import sim
from sim.attempts.cases import HELD, Cases
from sim.attempts.store.place import cache_folder
from sim.case.cache import Cache, maker
from sim.case.composing.folders import package_root, yaml_files
from sim.case.heads import case_heads
from sim.case.library import CaseError, load
from sim.case.model.scenario import Scenario
from sim.case.search import index_of
from sim.engine.chart import chart_of
from sim.engine.session import Session

pytestmark = pytest.mark.slow

DATA = Path(__file__).parent / "data"
TINY = DATA / "tiny"
ROOTS = (package_root(), *sorted(path.parent for path in (*DATA.glob("*/cases"), *DATA.glob("planted/*/cases"))))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def said(scenario: Scenario) -> str:
    """All of a scenario, with what the author left out told from what was written like the default."""
    return scenario.model_dump_json(exclude_unset=True)


def entries(folder: Path, kind: str) -> list[Path]:
    return sorted(folder.glob(f"{kind}-*"))


def forge(entry: Path, body: bytes) -> None:
    """Write an entry whose seal is right, whatever it holds."""
    entry.write_bytes(sha256(body).hexdigest().encode() + body)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the cache is; it does not exist yet."""
    return tmp_path / "deep" / "cache"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A copy of the tiny scenarios folder, to change."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


@pytest.fixture
def cases() -> Cases:
    """The cases of a process that keeps nothing on disk."""
    return Cases()


# --- in one process ---------------------------------------------------------------------------------------


def test_a_case_is_read_once_whether_named_by_id_or_by_path(cases: Cases, tiny: Path) -> None:
    first = cases.load("tiny_case", tiny)
    assert cases.load("tiny_case", tiny) is first
    assert cases.load(tiny / "cases" / ".." / "cases" / "tiny_case.yaml", tiny) is first


def test_threads_that_ask_at_once_get_the_same_scenario(cases: Cases, tiny: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: cases.load("tiny_case", tiny), range(16)))
    assert len(set(map(id, found))) == 1


def test_all_sessions_of_a_scenario_share_its_chart_and_its_index(cases: Cases, tiny: Path) -> None:
    sessions = [Session(cases.load("tiny_case", tiny), seed) for seed in range(5)]
    assert len({id(session.chart) for session in sessions}) == 1
    assert len({id(index_of(session.scenario.catalogue)) for session in sessions}) == 1


def test_a_chart_is_the_one_in_use_and_goes_with_the_last_who_uses_it(tiny: Path) -> None:
    scenario = load("tiny_case", tiny)
    session = Session(scenario, 1)
    assert chart_of(scenario) is session.chart
    gone = weakref.ref(session.chart)
    del session
    gc.collect()
    assert gone() is None


def test_a_changed_copy_of_a_scenario_has_a_chart_of_its_own(tiny: Path) -> None:
    scenario = load("tiny_case", tiny)
    session, copy = Session(scenario, 1), scenario.model_copy()
    assert Session(copy, 1).chart is not session.chart
    assert Session(copy, 1).chart.scenario is copy


def test_an_index_lives_as_long_as_its_catalogue_however_many_others_are_searched(tiny: Path) -> None:
    catalogues = [load("tiny_case", tiny).catalogue for _ in range(8)]
    first = [index_of(catalogue) for catalogue in catalogues]
    assert [index_of(catalogue) for catalogue in catalogues] == first
    gone = weakref.ref(first[0]._order_index)
    del catalogues, first
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("cases/tiny_case.yaml", "horizon: 5 d", "horizon: 6 d"),
        ("diseases/meadow_fever.yaml", "median: 12 h", "median: 13 h"),
        ("catalogue/orders_tiny.yaml", "onset: 2 h..6 h", "onset: 2 h..7 h"),
        ("evidence/facts.yaml", "grade: A", "grade: S"),
    ],
)
@pytest.mark.parametrize("kept", [False, True])
def test_a_changed_file_is_read_again(tiny: Path, folder: Path, file: str, old: str, new: str, kept: bool) -> None:
    cases = Cases((lambda: folder) if kept else None)
    before = cases.load("tiny_case", tiny)
    change(tiny / file, old, new)
    after = cases.load("tiny_case", tiny)
    assert said(after) != said(before)
    assert said(after) == said(load("tiny_case", tiny))
    change(tiny / file, new, old)
    assert said(cases.load("tiny_case", tiny)) == said(before)


def test_a_new_list_file_and_a_disease_nearer_by_are_noticed(tiny: Path, folder: Path) -> None:
    cases = Cases(lambda: folder)
    assert "mine-1" not in cases.load("tiny_case", tiny).evidence
    fact = "evidence:\n  - {id: mine-1, statement: It is so., grade: A}\n"
    (tiny / "evidence" / "more.yaml").write_text(fact, encoding="utf-8")
    assert "mine-1" in cases.load("tiny_case", tiny).evidence
    alone = Path(shutil.copy(tiny / "cases" / "tiny_case.yaml", folder.parent.parent / "alone.yaml"))
    assert cases.load(alone, tiny).disease.name == "Meadow fever"
    shutil.copy(tiny / "diseases" / "meadow_fever.yaml", alone.parent)
    change(alone.parent / "meadow_fever.yaml", "name: Meadow fever", "name: Another fever")
    assert cases.load(alone, tiny).disease.name == "Another fever"


def test_a_file_that_was_only_touched_is_no_other_case(cases: Cases, tiny: Path) -> None:
    first = cases.load("tiny_case", tiny)
    os.utime(tiny / "cases" / "tiny_case.yaml", (1, 1))
    assert cases.load("tiny_case", tiny) is first


def test_the_case_asked_for_longest_ago_is_let_go(cases: Cases, tiny: Path) -> None:
    text = (tiny / "cases" / "tiny_case.yaml").read_text(encoding="utf-8")
    first = cases.load("tiny_case", tiny)
    for n in range(HELD):
        path = tiny / "cases" / f"case_{n}.yaml"
        path.write_text(text.replace("id: tiny_case", f"id: case_{n}"), encoding="utf-8")
        cases.load(path, tiny)
    assert cases.load("tiny_case", tiny) is not first


# --- on disk ----------------------------------------------------------------------------------------------


def everything() -> Iterator[tuple[Path, Path]]:
    for root in ROOTS:
        whole = root if (root / "catalogue").is_dir() else package_root()
        yield from ((path, whole) for path in yaml_files(root / "cases"))


@pytest.mark.parametrize(
    ("path", "root"), list(everything()), ids=lambda path: f"{path.parent.parent.name}-{path.stem}"
)
def test_a_kept_case_is_the_case_that_was_read(path: Path, root: Path, folder: Path) -> None:
    read = load(path, root, Cache(folder))
    assert entries(folder, "case"), "nothing was kept"
    kept = load(path, root, Cache(folder))
    assert kept is not read
    assert kept == read
    assert said(kept) == said(read)
    assert repr(kept) == repr(read)
    assert kept.digest == load(path, root).digest


def test_what_was_kept_is_only_for_its_owner(tiny: Path, folder: Path) -> None:
    load("tiny_case", tiny, Cache(folder))
    if sys.platform != "win32":
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.parent.stat().st_mode & 0o777 == 0o700
        assert entries(folder, "case")[0].stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir() if path.suffix] == [], "a file that was not finished"


def test_an_entry_that_is_cut_short_or_has_one_byte_flipped_is_no_entry(folder: Path) -> None:
    cache = Cache(folder)
    cache.write("entry", b'{"a": 1}')
    path = folder / "entry"
    whole = path.read_bytes()
    assert cache.read("entry") == b'{"a": 1}'
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert cache.read("entry") is None
    for place in range(len(whole)):
        for bit in range(8):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
            assert cache.read("entry") is None
    path.write_bytes(whole + b"x")
    assert cache.read("entry") is None


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.01, 0.3, 0.7, 0.999])
def test_a_damaged_entry_is_replaced_without_a_word(tiny: Path, folder: Path, share: float) -> None:
    sound = load("tiny_case", tiny, Cache(folder))
    entry = entries(folder, "case")[0]
    whole = entry.read_bytes()
    place = int(share * len(whole))
    for damaged in (whole[:place], whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]):
        entry.write_bytes(damaged)
        assert load("tiny_case", tiny, Cache(folder)) == sound
        assert entry.read_bytes() == whole


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"{", b"["),
        (b'"difficulty":1', b'"difficulty":9'),
        (b'"horizon":7200', b'"horizon":"5 d"'),
        (b'"title":', b'"tilte":'),
        (b'"content":"', b'"content":"0'),
        (b'"disease":"meadow_fever"', b'"disease":"another_one"'),
    ],
)
def test_an_entry_with_a_right_seal_is_still_checked(tiny: Path, folder: Path, old: bytes, new: bytes) -> None:
    sound = load("tiny_case", tiny, Cache(folder))
    entry = entries(folder, "case")[0]
    body = entry.read_bytes()[64:]
    assert old in body
    forge(entry, body.replace(old, new, 1))
    assert load("tiny_case", tiny, Cache(folder)) == sound
    assert entry.read_bytes()[64:] == body


def test_another_version_reads_for_itself(tiny: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = load("tiny_case", tiny, Cache(folder))
    with monkeypatch.context() as another:
        another.setattr(sim, "__version__", "0.0.0")
        maker.cache_clear()
        assert load("tiny_case", tiny, Cache(folder)) == ours
    maker.cache_clear()
    assert len(entries(folder, "case")) == 2


def test_problems_are_found_anew_each_time(tiny: Path, folder: Path) -> None:
    cases = Cases(lambda: folder)
    sound = cases.load("tiny_case", tiny)
    change(tiny / "cases" / "tiny_case.yaml", "do: ex_perfusion", "do: ex_perfussion")
    for _ in range(2):
        with pytest.raises(CaseError, match="did you mean 'ex_perfusion'"):
            cases.load("tiny_case", tiny)
    assert len(entries(folder, "case")) == 1
    change(tiny / "cases" / "tiny_case.yaml", "do: ex_perfussion", "do: ex_perfusion")
    assert cases.load("tiny_case", tiny) == sound


def test_a_folder_that_cannot_be_written_costs_only_time(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    cases = Cases(lambda: tmp_path / "file" / "cache")
    assert cases.load("tiny_case", tiny).case.id == "tiny_case"
    assert [head.id for head in cases.heads(tiny)] == ["tiny_case"]


@pytest.mark.skipif(sys.platform == "win32", reason="has other permissions")
def test_a_folder_that_others_may_write_to_is_not_trusted(tiny: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    load("tiny_case", tiny, Cache(folder))
    assert list(folder.iterdir()) == []


def test_the_folder_stays_small_and_the_oldest_goes_first(folder: Path) -> None:
    cache = Cache(folder, limit=1000)
    for n in range(10):
        cache.write(f"entry-{n}", b"x" * 200)
        os.utime(folder / f"entry-{n}", (n, n))
    assert [path.name for path in entries(folder, "entry")] == ["entry-7", "entry-8", "entry-9"]


def test_the_cache_lies_in_the_home_that_was_chosen(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder() == home / "cache"
    monkeypatch.delenv("SCURFY_HOME")
    assert "scurfy" in cache_folder().parts


# --- heads ------------------------------------------------------------------------------------------------


def test_kept_heads_are_those_that_were_read(tiny: Path, folder: Path) -> None:
    (tiny / "cases" / "broken.yaml").write_text("title: [", encoding="utf-8")
    read = case_heads(tiny)
    assert case_heads(tiny, Cache(folder)) == read
    written = entries(folder, "heads")[0].stat().st_mtime_ns
    assert case_heads(tiny, Cache(folder)) == read
    assert entries(folder, "heads")[0].stat().st_mtime_ns == written, "nothing was new"


def test_a_changed_head_is_read_again_and_a_broken_one_is_never_kept(tiny: Path, folder: Path) -> None:
    case_heads(tiny, Cache(folder))
    change(tiny / "cases" / "tiny_case.yaml", "difficulty: 1", "difficulty: 4")
    assert [head.difficulty for head in case_heads(tiny, Cache(folder))] == [4]
    change(tiny / "cases" / "tiny_case.yaml", "difficulty: 4", "difficulty: many")
    assert "scurfy check" in case_heads(tiny, Cache(folder))[0].problem
    assert b"many" not in entries(folder, "heads")[0].read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_among_the_cases_is_listed_and_not_waited_for(tiny: Path, folder: Path) -> None:
    os.mkfifo(tiny / "cases" / "pipe.yaml")
    assert "scurfy check" in {head.id: head for head in case_heads(tiny, Cache(folder))}["pipe"].problem


def test_a_file_that_moved_is_known_by_what_it_says(tiny: Path, folder: Path) -> None:
    case_heads(tiny, Cache(folder))
    entry = entries(folder, "heads")[0]
    forge(entry, entry.read_bytes()[64:].replace(b"A hot infant", b"A cold infant"))
    moved = tiny.rename(tiny.with_name("moved"))
    assert case_heads(moved, Cache(folder))[0].title == "A cold infant from the farm", "it was parsed again"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"%s": 1}', b'{"%s": {"title": 1}}', b"\xff"])
def test_heads_that_make_no_sense_are_read_again(tiny: Path, folder: Path, body: bytes) -> None:
    read = case_heads(tiny, Cache(folder))
    content = sha256((tiny / "cases" / "tiny_case.yaml").read_bytes()).hexdigest().encode()
    forge(entries(folder, "heads")[0], body.replace(b"%s", content))
    assert case_heads(tiny, Cache(folder)) == read
