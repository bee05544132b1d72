"""The house keeps its shape: who may import whom, one door for each library, and nothing that would surprise.

Each file is parsed once; `FLOORS` is the floor plan, and what it leaves out fails.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import networkx as nx
import pytest

import sim
from sim.case.library import load_catalogue

ROOT = Path(__file__).parents[1]
PACKAGES = ("sim", "scoring", "scenarios")

FLOORS: Final = (
    ("sim.case",),
    ("sim.engine",),
    ("sim.words",),
    ("scoring.parameters",),
    ("scoring.review",),
    ("scoring.assess",),
    ("scoring.debrief",),
    ("sim.report",),
    ("sim.attempts", "sim.cohorts"),
    ("sim.authoring", "sim.rooms"),
    ("sim.plain", "sim.tui", "sim.web"),
    ("sim.cli",),
)
"""The floor plan, lowest first. A room may import from the floors below it and from itself, never from a neighbour."""

ROOMS_OF_THE_CASE: Final = ("model", "reading", "composing", "checking")
"""The rooms inside `sim.case`, lowest first; its loose modules may be used by all of them."""

ENTRANCES: Final = frozenset({"sim", "sim.__main__", "scoring", "scenarios"})
"""Modules on no floor: the tops of the packages, and what starts the command."""

DOORS: Final = {
    "yaml": ("sim.case.reading.document",),
    "rapidfuzz": ("sim.case.search",),
    "networkx": ("sim.engine.graph",),
    "sqlite3": ("sim.attempts.store",),
    "platformdirs": ("sim.attempts.store",),
    "datetime": ("sim.attempts.store",),
    "fsrs": ("sim.attempts.recall",),
    "textual": ("sim.tui",),
    "rich": ("sim.tui", "sim.cli.progress"),
    "dask": ("sim.cohorts.dask",),
    "distributed": ("sim.cohorts.dask",),
    "joblib": ("sim.cohorts.local",),
    "scipy": ("sim.engine.exact",),
    "numba": ("sim.engine.kernel",),
    "typer": ("sim.cli",),
    "starlette": ("sim.web",),
    "segno": ("sim.web.qr",),
    "itsdangerous": ("sim.web.learners",),
    "uvicorn": ("sim.web.wire",),
    "h11": ("sim.web.wire",),
}
"""Library to the one module or package that may know it."""

PURE: Final = ("sim.case", "sim.engine", "sim.words", "scoring", "sim.report")
"""What must read no clock, chance or network."""

SURPRISES: Final = frozenset(
    {"time", "datetime", "random", "secrets", "uuid", "socket", "urllib", "http", "subprocess", "threading"}
)
"""What a reading of a case or a log must not depend on."""

CODE_FROM_DATA: Final = frozenset({"pickle", "marshal", "shelve", "dill", "cloudpickle"})


@dataclass(frozen=True)
class Module:
    """One source file, parsed."""

    name: str
    tree: ast.Module
    imports: tuple[str, ...]
    """Every module or member it imports, wherever in it."""


@cache
def modules() -> dict[str, Module]:
    """Every module of the project by name, each file parsed once."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found[name] = Module(name, tree, tuple(imports_of(tree)))
    return found


def imports_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def room_of(module: str) -> str | None:
    """The room of the floor plan that a module (or a member of one) is in."""
    return next((room for floor in FLOORS for room in floor if within(module, room)), None)


def height(room: str) -> int:
    return next(number for number, floor in enumerate(FLOORS) if room in floor)


def imported(module: Module) -> Iterator[str]:
    """The modules of ours that a module imports; a member counts as the module that holds it."""
    for name in module.imports:
        target = name if name in modules() else name.rpartition(".")[0]
        if target in modules() and target != module.name:
            yield target


def test_every_module_is_on_a_floor() -> None:
    assert [name for name in modules() if room_of(name) is None and name not in ENTRANCES] == []


def test_there_is_no_loose_module_above_the_rooms() -> None:
    loose = {path.name for package in ("sim", "scoring") for path in (ROOT / package).glob("*.py")}
    assert loose == {"__init__.py", "__main__.py", "parameters.py"}


def test_the_floor_plan_is_printed_where_a_newcomer_looks_first() -> None:
    plan = sim.__doc__ or ""
    places = [plan.find(f"  {room.replace('.', '/')}") for floor in FLOORS for room in floor]
    assert -1 not in places, "a room is missing from the docstring of sim"
    assert places == sorted(places), "the docstring of sim names the rooms in another order"


def test_imports_run_downwards_only() -> None:
    wrong = []
    for module in modules().values():
        here = room_of(module.name)
        for target in imported(module) if here is not None else ():
            there = room_of(target)
            if there is not None and there != here and height(there) >= height(here or ""):
                wrong.append(f"{module.name} imports {target}")
    assert wrong == []


def test_the_rooms_of_the_case_are_stacked_too() -> None:
    def level(name: str) -> int | None:
        parts = name.split(".")
        inside = len(parts) > 2 and parts[:2] == ["sim", "case"]
        return ROOMS_OF_THE_CASE.index(parts[2]) if inside and parts[2] in ROOMS_OF_THE_CASE else None

    wrong = [
        f"{module.name} imports {target}"
        for module in modules().values()
        for target in imported(module)
        if (here := level(module.name)) is not None and (there := level(target)) is not None and there > here
    ]
    assert wrong == []


def test_no_module_imports_itself_through_others() -> None:
    graph = nx.DiGraph((module.name, target) for module in modules().values() for target in imported(module))
    assert [sorted(circle) for circle in nx.strongly_connected_components(graph) if len(circle) > 1] == []


def test_each_library_has_one_door() -> None:
    assert [
        f"{module.name} imports {name}"
        for module in modules().values()
        for name in module.imports
        for library, doors in DOORS.items()
        if within(name, library) and not any(within(module.name, door) for door in doors)
    ] == []


def test_every_door_is_used() -> None:
    unused = {
        library
        for library, doors in DOORS.items()
        if not any(within(n, library) for m in modules().values() for n in m.imports if room_of(m.name) and doors)
    }
    assert unused <= {"dask"}  # its scheduler comes with `distributed`


def test_nobody_imports_the_scenarios() -> None:
    assert [m.name for m in modules().values() if any(within(name, "scenarios") for name in m.imports)] == []


FACES: Final = ("sim.plain", "sim.tui", "sim.cli")


def attributes(room: str) -> Iterator[tuple[str, str]]:
    """Every attribute that a room reads, with the module that does."""
    for module in modules().values():
        if within(module.name, room):
            yield from ((module.name, node.attr) for node in ast.walk(module.tree) if isinstance(node, ast.Attribute))


def test_a_face_reaches_a_session_through_an_attempt_only() -> None:
    assert [name for face in FACES for name, attribute in attributes(face) if attribute == "session"] == []


def test_only_the_command_line_asks_where_the_data_folder_is() -> None:
    asking = [m.name for m in modules().values() if any(name.endswith(".data_folder") for name in m.imports)]
    assert [name for name in asking if not within(name, "sim.cli") and not within(name, "sim.attempts.store")] == []


def test_only_the_command_itself_closes_its_output() -> None:
    assert {name for name, attribute in attributes("sim") if attribute == "dup2"} == {"sim.cli.command"}


def test_what_reads_a_case_or_a_log_depends_on_no_clock_chance_or_network() -> None:
    assert [
        f"{module.name} imports {name}"
        for module in modules().values()
        if any(within(module.name, room) for room in PURE)
        for name in module.imports
        if name.partition(".")[0] in SURPRISES
    ] == []


def test_data_never_becomes_code() -> None:
    for module in modules().values():
        assert {name.partition(".")[0] for name in module.imports} & CODE_FROM_DATA == set(), module.name
        calls = [node.func for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
        named = {func.id for func in calls if isinstance(func, ast.Name)}
        assert named & {"eval", "exec", "__import__"} == set(), module.name


def test_a_module_is_named_for_what_it_holds() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
    assert [name for name in modules() if name.rpartition(".")[2] in vague] == []


@pytest.mark.parametrize("names", ["sim, scoring", "sim.cli"])
def test_importing_it_is_cheap(names: str) -> None:
    heavy = {"textual", "rich", "networkx", "yaml", "sqlite3", "pydantic", "rapidfuzz", "numpy", "numba", "asyncio"}
    command = f"import sys, {names}; print(*sorted({heavy!r} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.split() == []


def test_the_library_opens_without_what_only_a_case_or_a_command_needs() -> None:
    idle = {"typer", "yaml", "pydantic", "networkx", "rapidfuzz", "numpy", "numba"}
    roots = "sim.cli.launch, sim.tui.app, sim.attempts.listing"
    command = f"import sys, {roots}; print(*sorted({idle!r} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.split() == []


def test_every_package_is_in_the_wheel_and_no_other() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert tuple(settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES
    folders = {path.parent for name in ("sim", "scoring") for path in (ROOT / name).rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_the_tests_are_flat() -> None:
    # A folder tests/sim with an __init__.py would hide the real package.
    assert list((ROOT / "tests").rglob("__init__.py")) == []


NO_THRESHOLDS: Final = frozenset({("scoring.review.record", "FORM"), ("scoring.review.rollouts", "_MASK")})
"""Numbers that no author could set otherwise: the version of a stored form, the width of a seed."""


def constants(module: Module) -> Iterator[tuple[str, ast.expr]]:
    """Every upper-case name that a module gives a value, with that value."""
    for node in module.tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            for name in ast.walk(target):
                if isinstance(name, ast.Name) and name.id.isupper() and isinstance(node, (ast.Assign, ast.AnnAssign)):
                    yield name.id, node.value or ast.Constant(None)


def test_every_threshold_of_scoring_is_in_its_parameters() -> None:
    wrong = [
        f"{module.name}.{name}"
        for module in modules().values()
        if within(module.name, "scoring") and module.name != "scoring.parameters"
        for name, value in constants(module)
        if (module.name, name) not in NO_THRESHOLDS
        for part in ast.walk(value)
        if isinstance(part, ast.Constant) and type(part.value) in (int, float)
    ]
    assert wrong == []


COMMON_WORDS: Final = frozenset({"scurfy", "was", "cf"})
"""Aliases of diagnoses that are words of this program or of English."""


def test_no_code_names_a_disease() -> None:
    names = {
        word
        for diagnosis in load_catalogue().diagnoses.values()
        for word in (diagnosis.id, diagnosis.name.partition(" (")[0], *diagnosis.aliases)
        if word.lower() not in COMMON_WORDS
    }
    named = re.compile(rf"\b({'|'.join(map(re.escape, sorted(names)))})\b", re.IGNORECASE)
    found = {
        f"{path.relative_to(ROOT)}: {word}"
        for package in ("sim", "scoring")
        for path in (ROOT / package).rglob("*.py")
        for word in named.findall(path.read_text(encoding="utf-8"))
    }
    assert found == set()
