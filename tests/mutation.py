"""Mutants of `scoring` and `sim/engine`, the kernel left out: `make mutation`, `PYTHONPATH=tests python -m mutation`.

A mutant is one change of the code: another comparison, another sum, `and` for `or`, another number, a statement left
out, nothing returned. Whatever test fails on it kills it; what no test kills, no test holds. Only tests that run the
changed line are asked, the quickest first, by a map that is made once (`--map` makes it anew) and kept outside the
tree. Each mutant lives in a process that is forked with all tests imported, its functions' code exchanged there; what
survives that, or is no part of a function, is tried once more in a process that imports everything anew.
"""

from __future__ import annotations

import argparse
import ast
import functools
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
KEPT: Final = Path(tempfile.gettempdir()) / "scurfy-mutation"
"""Where the map is kept."""
CHOICE: Final = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not slow", "-W",
                 "ignore::pytest.PytestAssertRewriteWarning", "--hypothesis-seed=0")  # fmt: skip
SLOW: Final = tuple(word if word != "not slow" else "slow" for word in CHOICE)
FACES: Final = ("sim.tui", "sim.web", "realterminal", "from terminal")
"""Tests that name one of these drive a face: they run most of the engine, and look at little of it."""
BUDGET: Final = 5.0
"""Seconds that the tests of one mutant took together without it: the quickest are asked until that is spent."""
MOST: Final = 60
"""Seconds of work after which a mutant counts as one that never ends, and as killed."""

SWAPS: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Mutant:
    """One change: in which file, at which node of its tree (in the order of a walk), and what is done there."""

    file: str
    line: int
    node: int
    change: str
    part: int = 0

    @property
    def name(self) -> str:
        return f"{self.file}:{self.line} {self.change}"


# --- the changes ---------------------------------------------------------------------------------------------------


def mutants(file: str) -> Iterator[Mutant]:
    """Yield every change of a file."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    left_out = set(map(id, _left_out(tree)))
    for place, node in enumerate(ast.walk(tree)):
        if id(node) not in left_out:
            for change, part in _changes(node):
                at = node.ifs[part] if isinstance(node, ast.comprehension) else node
                yield Mutant(file, at.lineno, place, change, part)  # type: ignore[attr-defined]


def _left_out(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what changes nothing that a test could see: annotations, decorators, assertions, what is only for types."""
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                parts += node.decorator_list
                if isinstance(node, ast.FunctionDef):
                    parts += [node.returns, *(one.annotation for one in [*node.args.args, *node.args.kwonlyargs])]
            case ast.AnnAssign():
                parts.append(node.annotation)
            case ast.Assert():
                parts.append(node)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                parts.append(node)
            case ast.keyword(arg="strict"):
                parts.append(node)
            case ast.Raise():  # what is raised is looked at, its words need not be
                parts.append(node.exc)
            case ast.Expr(value=ast.Call(func=ast.Name(id="assert_never"))):
                parts.append(node)
        for part in parts:
            yield from ast.walk(part) if part is not None else ()


def _changes(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield what may be done to a node, and to which part of it."""
    match node:
        case ast.Compare():
            yield from (
                (f"{type(op).__name__} -> {SWAPS[type(op)].__name__}", part) for part, op in enumerate(node.ops)
            )
        case ast.comprehension():
            yield from (("other filter", part) for part in range(len(node.ifs)))
        case ast.BoolOp() | ast.BinOp() | ast.AugAssign() if type(node.op) in SWAPS and not _joins(node):
            yield f"{type(node.op).__name__} -> {SWAPS[type(node.op)].__name__}", 0
    yield from ((change, 0) for kind, change in ALONE if kind(node))


def _joins(node: ast.AST) -> bool:
    """Whether a sum joins texts or lists, which nothing else than a sum does."""
    sides = (node.left, node.right) if isinstance(node, ast.BinOp) else ()
    return any(isinstance(one, (ast.JoinedStr, ast.List, ast.Tuple)) or _holds(one, str) for one in sides)


def _holds(node: ast.AST | None, *kinds: type) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in kinds


def _is_dropped(node: ast.AST) -> bool:
    """Whether a statement may be left out: a call, a jump, a change of what there is already. Without the first value
    of a name nothing would run, so any test would do."""
    match node:
        case ast.Raise() | ast.Continue() | ast.Break() | ast.AugAssign():
            return True
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()):
            return True
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            return True
    return False


def _returns(node: ast.AST) -> bool:
    said = node.value if isinstance(node, ast.Return) else None
    return said is not None and not (isinstance(said, ast.Constant) and not said.value)


ALONE: Final[tuple[tuple[Callable[[ast.AST], bool], str], ...]] = (
    (lambda node: isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not), "not left out"),
    (lambda node: isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub), "minus left out"),
    (lambda node: _holds(node, bool), "other truth"),
    (lambda node: _holds(node, int, float), "one more"),
    (lambda node: isinstance(node, (ast.If, ast.IfExp, ast.While)), "other way"),
    (_returns, "nothing returned"),
    (_is_dropped, "left out"),
)
"""What may be done to a node as a whole."""


def changed(mutant: Mutant) -> ast.Module:
    """Return the tree of a file with a change made; every line stays where it was."""
    tree = ast.parse((ROOT / mutant.file).read_text(encoding="utf-8"))
    node = next(one for place, one in enumerate(ast.walk(tree)) if place == mutant.node)
    match node:
        case ast.Compare():
            node.ops[mutant.part] = SWAPS[type(node.ops[mutant.part])]()  # type: ignore[call-overload]
        case ast.BoolOp() | ast.BinOp():
            node.op = SWAPS[type(node.op)]()  # type: ignore[assignment]
        case ast.AugAssign() if mutant.change != "left out":
            node.op = SWAPS[type(node.op)]()  # type: ignore[assignment]
        case ast.UnaryOp():
            _replace(tree, node, node.operand)
        case ast.Constant(value=bool(was)):
            node.value = not was
        case ast.Constant():
            node.value += 1  # type: ignore[operator]
        case ast.If() | ast.IfExp() | ast.While():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.comprehension():
            node.ifs[mutant.part] = ast.UnaryOp(ast.Not(), node.ifs[mutant.part])
        case ast.Return():
            node.value = ast.Constant(None)
        case _:
            _replace(tree, node, ast.copy_location(ast.Pass(), node))
    return ast.fix_missing_locations(tree)


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(one is old for one in value):
                value[:] = [new if one is old else one for one in value]


def difference(mutant: Mutant) -> str:
    """Return the changed statement, before and after."""

    def told(tree: ast.AST) -> list[str]:
        found = [one for one in ast.walk(tree) if isinstance(one, ast.stmt) and one.lineno <= mutant.line]
        last = max(found, key=lambda one: (one.lineno, -(one.end_lineno or 0)))
        return ast.unparse(last).splitlines()

    before = told(ast.parse((ROOT / mutant.file).read_text(encoding="utf-8")))
    after = told(changed(mutant))
    places = [i for i in range(max(len(before), len(after))) if before[i : i + 1] != after[i : i + 1]]
    lines = [f"    - {before[i].strip()}" for i in places[:1] if i < len(before)]
    return "\n".join([*lines, *(f"    + {after[i].strip()}" for i in places[:1] if i < len(after))])


# --- which tests run a line ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Map:
    """Which tests run each line of each file, and how long each takes."""

    lines: dict[str, dict[int, list[str]]]
    seconds: dict[str, float]

    def tests(self, mutant: Mutant) -> list[str]:
        """Return the tests to ask, the quickest first: those that run the line, and then, for what is worked out only
        once in a process, those that run something of the same file."""
        lines = self.lines.get(mutant.file, {})
        exact = set(lines.get(mutant.line, []))
        near = {test for tests in lines.values() for test in tests} - exact
        spent, chosen = 0.0, list[str]()
        for tests, most in ((exact, BUDGET), (set[str]() if len(exact) > 9 else near, BUDGET)):
            spent = 0.0
            for test in sorted(tests, key=lambda one: (self.seconds.get(one, 1.0), one)):
                spent += self.seconds.get(test, 1.0)
                if spent > most and chosen:
                    break
                chosen.append(test)
        return chosen


def read_map(anew: bool) -> Map:
    """Return the map, made if there is none yet."""
    KEPT.mkdir(exist_ok=True)
    path = KEPT / "map.json"
    if anew or not path.exists():
        path.write_text(json.dumps(_made_map()), encoding="utf-8")
    found = json.loads(path.read_text(encoding="utf-8"))
    lines = {file: {int(line): tests for line, tests in of.items()} for file, of in found["lines"].items()}
    return Map(lines, found["seconds"])


def _made_map() -> dict[str, object]:
    """Run the tests once and note which lines each of them runs."""
    import coverage

    say("making the map: some minutes")
    faces = [file for file in sorted((ROOT / "tests").glob("test_*.py"))
             if any(word in file.read_text(encoding="utf-8") for word in FACES)]  # fmt: skip
    data, seconds = KEPT / "coverage", KEPT / "seconds.json"
    subprocess.run(
        [sys.executable, "-m", "pytest", *CHOICE, "-p", "mutation", "-o", "faulthandler_timeout=0", "--cov=scoring",
         "--cov=sim/engine", "--cov-context=test", "--cov-report=", *(f"--ignore={file}" for file in faces)],
        cwd=ROOT, check=False, env=os.environ | {"COVERAGE_FILE": str(data), "MUTATION_SECONDS": str(seconds)},
    )  # fmt: skip
    found = coverage.CoverageData(str(data))
    found.read()
    lines = dict[str, dict[int, list[str]]]()
    for file in sorted(found.measured_files()):
        by_line = {line: sorted({context.partition("|")[0] for context in contexts if context})
                   for line, contexts in found.contexts_by_lineno(file).items()}  # fmt: skip
        lines[str(Path(file).relative_to(ROOT))] = by_line
    return {"lines": lines, "seconds": json.loads(seconds.read_text(encoding="utf-8"))}


_SECONDS: Final = dict[str, float]()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """As a plugin: note how long each test took."""
    if "MUTATION_SECONDS" in os.environ:
        _SECONDS[report.nodeid] = _SECONDS.get(report.nodeid, 0) + report.duration


def pytest_sessionfinish() -> None:
    """As a plugin: write that down."""
    if "MUTATION_SECONDS" in os.environ:
        Path(os.environ["MUTATION_SECONDS"]).write_text(json.dumps(_SECONDS), encoding="utf-8")


# --- how a mutant lives -----------------------------------------------------------------------------------------------


class _Killer:
    """A plugin that notes which test failed."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            (KEPT / "killer").write_text(report.nodeid, encoding="utf-8")


def _in_a_fork(tests: Sequence[str], prepare: object, mutant: Mutant, more: Sequence[str] = CHOICE) -> str:
    """Fork, make the change, run the tests with these options; return "killed", "survived", "endless", or "other" for
    what needs to be imported anew."""
    (KEPT / "killer").write_text("", encoding="utf-8")
    child = os.fork()
    if child == 0:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        resource.setrlimit(resource.RLIMIT_CPU, (MOST, MOST + 5))
        sys.dont_write_bytecode = True
        code = 77
        with suppress(BaseException):
            if prepare(mutant):  # type: ignore[operator]
                code = 1
                code = int(pytest.main([*more, "-x", "-p", "no:cov", *tests], plugins=[_Killer()]))
        os._exit(code)
    end = time.monotonic() + 15 * MOST
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            code = os.waitstatus_to_exitcode(status)
            break
        time.sleep(0.02)
    else:
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        code = -signal.SIGXCPU
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what a test started
    return {0: "survived", 77: "other", 5: "survived", -signal.SIGXCPU: "endless", -signal.SIGKILL: "endless"}.get(
        code, "killed"
    )


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inside in code.co_consts:
        if isinstance(inside, CodeType):
            yield from _codes(inside)


def exchange(mutant: Mutant) -> bool:
    """Give the functions of a file that is imported the code of the mutant; False where that is not enough."""
    path = str(ROOT / mutant.file)
    old = compile((ROOT / mutant.file).read_text(encoding="utf-8"), path, "exec", dont_inherit=True)
    new = compile(changed(mutant), path, "exec", dont_inherit=True)

    def key(code: CodeType) -> tuple[str, int]:
        return code.co_qualname, code.co_firstlineno

    before = {key(code): code for code in _codes(old)}
    other = {key(code): code for code in _codes(new) if before.get(key(code)) != code}
    done = set[tuple[str, int]]()
    for function in gc.get_objects():
        if isinstance(function, FunctionType) and function.__code__.co_filename == path:
            found = key(function.__code__)
            if found in other:
                if len(other[found].co_freevars) != len(function.__code__.co_freevars):
                    return False
                function.__code__ = other[found]
                done.add(found)
        elif isinstance(function, functools._lru_cache_wrapper):
            function.cache_clear()
    inner = {one for one in other if one not in done and any(one[0].startswith(f"{outer[0]}.") for outer in done)}
    return bool(done) and set(other) - done - inner <= {key(new)}


def slow_ones(mutant: Mutant) -> list[str]:
    """Return the test files that import the changed module and hold tests that the quick loop leaves out."""
    module = mutant.file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    files = {file: file.read_text(encoding="utf-8") for file in sorted((ROOT / "tests").glob("test_*.py"))}
    return [
        str(file.relative_to(ROOT)) for file, text in files.items()
        if "mark.slow" in text and f"from {module} import" in text and not any(face in text for face in FACES)
    ]  # fmt: skip


class _Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module as a mutant has it."""

    def __init__(self, mutant: Mutant) -> None:
        self._path = ROOT / mutant.file
        self._name = mutant.file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        self._mutant = mutant

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:  # noqa: ARG002
        if name != self._name:
            return None
        return importlib.util.spec_from_file_location(
            name, self._path, loader=self,
            submodule_search_locations=[str(self._path.parent)] if self._path.name == "__init__.py" else None,
        )  # fmt: skip

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(changed(self._mutant), str(self._path), "exec", dont_inherit=True), module.__dict__)  # noqa: S102


def import_instead(mutant: Mutant) -> bool:
    """Have the mutant imported in place of its file."""
    sys.meta_path.insert(0, _Instead(mutant))
    return True


def warmed(files: Sequence[str]) -> None:
    """Import every test file as pytest does, so that forks need not."""
    silent = os.open(os.devnull, os.O_WRONLY)
    kept = os.dup(1)
    os.dup2(silent, 1)
    try:
        pytest.main([*CHOICE, "-p", "no:cov", "--collect-only", *files])
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)


class Warm:
    """A process in which every test is imported: it forks for each mutant that it is told of."""

    def __init__(self, files: Sequence[str]) -> None:
        asked, answers = os.pipe(), os.pipe()
        self._child = os.fork()
        if self._child == 0:
            with suppress(BaseException):
                warmed(files)
                with os.fdopen(asked[0], encoding="utf-8") as told, os.fdopen(answers[1], "w", encoding="utf-8") as out:
                    os.close(asked[1])
                    for line in told:
                        mutant, tests = json.loads(line)
                        out.write(_in_a_fork(tests, exchange, Mutant(**mutant)) + "\n")
                        out.flush()
            os._exit(0)
        os.close(asked[0])
        os.close(answers[1])
        self._to, self._from = os.fdopen(asked[1], "w", encoding="utf-8"), os.fdopen(answers[0], encoding="utf-8")

    def try_(self, mutant: Mutant, tests: Sequence[str]) -> str:
        self._to.write(json.dumps((mutant.__dict__, list(tests))) + "\n")
        self._to.flush()
        return self._from.readline().strip() or "other"

    def close(self) -> None:
        self._to.close()
        os.waitpid(self._child, 0)


# --- the command ---------------------------------------------------------------------------------------------------


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def sampled(number: int, seed: int) -> list[Mutant]:
    """Return so many of all mutants, in an order of chance; all where there are fewer."""
    files = [*(ROOT / "scoring").rglob("*.py"), *(ROOT / "sim" / "engine").glob("*.py")]
    found = sorted(one for file in sorted(files) for one in mutants(str(file.relative_to(ROOT))))
    say(f"{len(found)} mutants of {len(files)} files")
    return random.Random(seed).sample(found, min(number, len(found)))


def command() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--map", action="store_true", help="make the map of lines to tests anew")
    parser.add_argument("--skip", type=int, default=0, help="leave out the first so many of the sample")
    parser.add_argument(
        "--thorough", action="store_true", help="ask slow tests too, and import anew, before one survives"
    )
    parser.add_argument("--only", default="", help="mutants whose file:line begins so")
    parser.add_argument(
        "--again", type=Path, help="try those again that a file with the output of a run calls survivors"
    )
    given = parser.parse_args()
    os.chdir(ROOT)
    os.environ["NUMBA_DISABLE_JIT"] = "1"  # compiling takes longer than any mutant may, and sessions do the same
    chosen = [one for one in sampled(given.sample, given.seed) if one.name.startswith(given.only)]
    if given.again:
        survived = {
            line.partition(" ")[2] for line in given.again.read_text().splitlines() if line.startswith("SURVIVES")
        }
        chosen = [one for one in chosen if one.name in survived]
    return judge(chosen[given.skip :], read_map(given.map), given.thorough)


def judge(chosen: Sequence[Mutant], known: Map, thorough: bool) -> int:
    """Try mutants one after the other; return 0 where 85 of 100 are killed, else 1.

    `thorough` asks slow tests too where no other kills one, and imports everything anew.
    """
    import hypothesis  # noqa: F401 - what every fork would import
    import networkx  # noqa: F401
    import numpy as np  # noqa: F401
    import pydantic  # noqa: F401

    warm = Warm(
        sorted({test.partition("::")[0] for of in known.lines.values() for tests in of.values() for test in tests})
    )
    killed, began, number, again = 0, time.monotonic(), 0, list(reversed(chosen))
    sound, unsound = set[str](), set[str]()
    while again:
        mutant = again.pop()
        tests = [test for test in known.tests(mutant) if test not in unsound]
        end = warm.try_(mutant, tests) if tests else "survived"
        if tests and (end == "other" or (thorough and end == "survived")):
            end = _in_a_fork(tests, import_instead, mutant)
        slow = slow_ones(mutant) if thorough and end == "survived" else []
        if slow:  # what takes too long tells nothing
            end = _in_a_fork([*slow, *(f"--deselect={test}" for test in unsound)], import_instead, mutant, SLOW)
            end = "survived" if end == "endless" else end
        killer = (KEPT / "killer").read_text(encoding="utf-8")
        if end == "killed" and killer and killer not in sound:  # a test that fails anyhow kills nothing
            if _in_a_fork([killer], lambda _: True, mutant, SLOW if slow else CHOICE) != "survived":
                say(f"fails without any mutant, so it is left out: {killer}")
                unsound.add(killer)
                again.append(mutant)
                continue
            sound.add(killer)
        killed += end in ("killed", "endless")
        if end == "survived":
            say(f"SURVIVES {mutant.name}\n{difference(mutant)}\n    asked {len(tests)} tests")
        number += 1
        if number % 20 == 0:
            say(f"{number} tried, {killed} killed, {(time.monotonic() - began) / number:.1f} s each")
    warm.close()
    say(f"{len(chosen)} tried, {killed} killed: {100 * killed / max(len(chosen), 1):.1f} in 100")
    return int(killed < 0.85 * len(chosen))


if __name__ == "__main__":
    raise SystemExit(command())
