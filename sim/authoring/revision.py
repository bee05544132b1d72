"""A case as it was at a revision of git, with all that it was made of then: the one door to git."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.case.composing.folders import CASE_FILE, FOLDERS, package_root
from sim.case.library import load
from sim.case.model.scenario import Scenario
from sim.words.errors import UserError


def is_revision(case: Path, revision: str) -> bool:
    """Return whether the folder of a case is kept in git, which knows the revision."""
    return _commit(case, revision) is not None


@contextmanager
def loaded_at(case: Path, revision: str) -> Iterator[Scenario]:
    """Yield the case of a file as it was at a revision: its folder, and for one that ships the whole library, of then.

    Raises UserError where git does not know the revision or the case was not there, CaseError where it was broken.
    """
    commit = _commit(case, revision)
    if commit is None:
        raise UserError(f"git knows no revision {revision!r} of {case}", "git log lists them", misuse=True)
    tree, shipped = _tree_of(case)
    top = Path(_git(case, "rev-parse", "--show-toplevel").decode().strip()).resolve()
    with tempfile.TemporaryDirectory() as folder:
        below = tree.resolve().relative_to(top).as_posix()
        packed = _git(top / case.name, "archive", "--format=tar", f"{commit}:{'' if below == '.' else below}")
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        then = Path(folder) / case.resolve().relative_to(tree.resolve())
        if not then.is_file():
            raise UserError(f"{case} was not there at {revision}", misuse=True)
        yield load(then, Path(folder) if shipped else None)


def _tree_of(case: Path) -> tuple[Path, bool]:
    """The folder that holds all a case is made of, besides what ships; whether that is the library itself."""
    if case.resolve().is_relative_to(package_root().resolve()):
        return package_root(), True
    folder = case.parent.parent if case.name == CASE_FILE else case.parent
    if folder.name in FOLDERS:
        return folder.parent, False
    return case.parent, False


def _commit(case: Path, revision: str) -> str | None:
    try:
        found = _git(case, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except UserError:
        return None
    return found.decode().strip()


def _git(beside: Path, *arguments: str) -> bytes:
    """What git says in the folder of a file. Raises UserError where there is no git or it refuses."""
    git = shutil.which("git")
    if git is None:
        raise UserError("git cannot be found", "compare with another case by its path")
    command = [git, "-C", str(beside.parent), *arguments]
    answer = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 (the words are ours, but a revision)
    if answer.returncode:
        raise UserError(f"git refuses: {answer.stderr.decode(errors='replace').strip()[:200]}")
    return answer.stdout
