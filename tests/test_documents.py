"""What the documents name exists: files, folders, modules and what is in them, and every stream of chance."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TOPS = ("sim", "scoring", "scenarios", "tests", "docs", ".ci")


def named(text: str) -> Iterator[str]:
    """The paths that a document names: in backticks or as the target of a link."""
    yield from re.findall(r"\]\(([^)#:]+)\)", text)
    for quoted in re.findall(r"`([^`\n]+)`", text):
        if re.fullmatch(r"[\w./*-]+", quoted) and (
            (quoted.startswith(TOPS) and "/" in quoted) or quoted.endswith(".md")
        ):
            yield quoted


def dotted(text: str) -> Iterator[str]:
    """The modules, and what is in them, that a document names or imports."""
    yield from re.findall(r"(?<![\w./-])((?:sim|scoring)(?:\.(?!md\b)\w+)+)", text)
    for module, names in re.findall(r"^from ((?:sim|scoring)[\w.]*) import (.+)$", text, flags=re.MULTILINE):
        yield from (f"{module}.{name.strip()}" for name in names.split(","))


def is_there(name: str, beside: Path) -> bool:
    return any(any(folder.glob(name.rstrip("/"))) for folder in (ROOT, beside.parent))


def is_known(name: str) -> bool:
    """Whether a dotted name is a module, or something in a module or in a class there."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        module = ".".join(parts[:length])
        if importlib.util.find_spec(module.partition(".")[0]) and _found(module):
            thing: object = importlib.import_module(module) if length < len(parts) else None
            for part in parts[length:]:
                if not hasattr(thing, part) and part not in getattr(thing, "__annotations__", {}):
                    return False
                thing = getattr(thing, part, None)
            return True
    return False


def _found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert [name for name in named(text) if not is_there(name, document)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_module_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert [name for name in dotted(text) if not is_known(name)] == []


def test_a_name_that_does_not_exist_is_found_out() -> None:
    text = "See `docs/nowhere.md` and `sim/engine/`, [this](docs/gone.md), `sim.engine.nothing` and `sim.engine.log`."
    assert [name for name in named(text) if not is_there(name, DOCUMENTS[0])] == ["docs/gone.md", "docs/nowhere.md"]
    assert [name for name in dotted(text) if not is_known(name)] == ["sim.engine.nothing"]


def test_every_stream_of_chance_is_in_the_processing_model() -> None:
    listed = set(
        re.findall(r"^\| `(\w+)", (ROOT / "docs/processing-model.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    sources = [path.read_text(encoding="utf-8") for top in ("sim", "scoring") for path in (ROOT / top).rglob("*.py")]
    drawn = {name for source in sources for name in re.findall(r'(?:stream_key\(f?|STREAM = )"(\w+)', source)}
    assert drawn >= {"initial", "noise", "review", "policy"}
    assert drawn <= listed
