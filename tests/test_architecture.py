"""The house keeps its shape: who may import whom, one door for each library, and nothing that would surprise."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("sim", "scoring", "scenarios")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

LAYERS = ("sim.case", "sim.engine", "scoring")
"""Lowest first; everything else in `sim` is a front end and stands above them."""

DOORS = {
    "yaml": ("sim.case.document",),
    "rapidfuzz": ("sim.case.search",),
    "networkx": ("sim.engine.graph",),
    "sqlite3": ("sim.store",),
    "platformdirs": ("sim.store",),
    "datetime": ("sim.store",),
    "fsrs": ("sim.recall",),
    "textual": ("sim.tui",),
    "rich": ("sim.tui", "sim.progress"),
    "dask": ("sim.cluster",),
    "distributed": ("sim.cluster",),
    "joblib": ("sim.cores",),
    "scipy": ("sim.engine.exact",),
    "numba": ("sim.engine.kernel",),
    "typer": ("sim.cli",),
}
"""Library to the one module or package that may know it."""

SURPRISES = {"time", "datetime", "random", "secrets", "uuid", "socket", "urllib", "http", "subprocess", "threading"}
"""What a reading of a case or a log must not depend on."""

CODE_FROM_DATA = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def layer(module: str) -> int | None:
    """The height of a module of ours; None for what is not ours or stands outside the layers."""
    for height, name in enumerate(LAYERS):
        if within(module, name):
            return height
    return len(LAYERS) if module.startswith("sim.") and module != "sim.__version__" else None


by_module = pytest.mark.parametrize("path", SOURCES, ids=module_of)


@by_module
def test_imports_run_downwards_only(path: Path) -> None:
    here = layer(module_of(path))
    if here is not None:
        above = [name for name in imports_of(path) if (there := layer(name)) is not None and there > here]
        assert above == []


@by_module
def test_each_library_has_one_door(path: Path) -> None:
    module = module_of(path)
    strangers = [
        name
        for name in imports_of(path)
        for library, doors in DOORS.items()
        if within(name, library) and not any(within(module, door) for door in doors)
    ]
    assert strangers == []


@by_module
def test_the_screen_is_known_to_the_command_line_only(path: Path) -> None:
    module = module_of(path)
    if not any(within(module, shown) for shown in ("sim.tui", "sim.cli", "sim.opening")):
        assert not any(within(name, "sim.tui") for name in imports_of(path))


@by_module
def test_nobody_imports_the_scenarios(path: Path) -> None:
    assert not any(within(name, "scenarios") for name in imports_of(path))


@by_module
def test_below_the_front_ends_nothing_depends_on_clock_chance_or_network(path: Path) -> None:
    if any(within(module_of(path), name) for name in LAYERS):
        assert {name.partition(".")[0] for name in imports_of(path)} & SURPRISES == set()


@by_module
def test_data_never_becomes_code(path: Path) -> None:
    assert {name.partition(".")[0] for name in imports_of(path)} & CODE_FROM_DATA == set()
    calls = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert {func.id for func in calls if isinstance(func, ast.Name)} & {"eval", "exec", "__import__"} == set()


@by_module
def test_a_module_is_named_for_what_it_holds(path: Path) -> None:
    assert path.stem not in {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}


@pytest.mark.parametrize("modules", ["sim, scoring", "sim.cli"])
def test_importing_it_is_cheap(modules: str) -> None:
    heavy = {"textual", "rich", "networkx", "yaml", "sqlite3", "pydantic", "rapidfuzz", "numpy", "numba", "asyncio"}
    command = f"import sys, {modules}; print(*sorted({heavy!r} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.split() == []


def test_every_package_is_in_the_wheel_and_no_other() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert tuple(settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES
    assert all((ROOT / package / "__init__.py").is_file() for package in PACKAGES)


def test_the_tests_are_flat() -> None:
    # A folder tests/sim with an __init__.py would stand in the place of the real package.
    assert list((ROOT / "tests").rglob("__init__.py")) == []
