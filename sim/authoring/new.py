"""A first file for a new case: the patient, the disease and the parts of a case there is, the story left to write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import Final

from sim.authoring.schema.format import schema_of, to_text
from sim.authoring.schema.ids import known_around
from sim.case.composing.folders import CASE_FILE, yaml_files
from sim.case.composing.shelf import Shelf
from sim.case.composing.trees import child, entries, items, words
from sim.case.library import load
from sim.case.model.scenario import Scenario

KEPT: Final = (
    "disease", "diagnosis", "setting", "patient", "start", "adjust", "given", "past", "nurses", "horizon", "monitor",
    "limits", "differential", "history",
)  # fmt: skip
"""What a new case takes over from the one it begins from, in this order: all that a patient needs to live."""

HEAD: Final = """\
# yaml-language-server: $schema={schema}
# A case that begins from '{like}'. Everything below plays as it stands; change one thing at a time and run
#   scurfy check {file}
# after each. Nothing that a learner sees before the debrief may name the diagnosis: not the id, the title, the
# blurb, the opening, nor a title of a step. docs/writing-a-case.md explains every key.

id: {id}
title: {title}
blurb: What a learner reads in the library before opening the case, in two sentences.
level: Whom it is for
difficulty: 2
minutes: 15
author: Your name
reviewed: not yet reviewed by a clinician
version: "1"
"""

TAIL: Final = """\
opening: >-
  {{name}} is {{age}} old and weighs {{weight}}. Write here what the learner sees, hears and is told first.

# --- the care that others need as well: each protocol brings its steps, pitfalls and calls ---
{use}
# --- what is particular about this patient ---

checkpoints:
  - {{at: 30 min, expert: {{{expert}}}, because: Say what speaks for it at this moment.}}

pathway:
  First hour:
    - id: first_look
      title: Look at the child
      should: ex_general
      within: 10 min
      because: Say why it comes first.
      assumed: Say whose practice this is, or name the evidence instead.

pitfalls: []

endings:
{endings}  - id: went_home
    title: Goes home
    utility: 1
    text: Say what has become of the patient.

objectives: [Say what a learner can do after this case.]
teaching: [Say the one sentence that should stay.]
"""

PLAN: Final = """\
# A way of working that should pass. `scurfy prove` plays every plan beside a case: good_NAME.yaml must pass,
# bad_PITFALL.yaml must fall into that pitfall.
- {then: pathway}
"""

SCHEMA_FILE: Final = "case.schema.json"
"""What an editor reads to complete and to check the case beside it."""

_KEY: Final = re.compile(r"^([a-z_]+):", re.MULTILINE)


def blocks(text: str) -> dict[str, str]:
    """Return the top-level keys of a case file with their lines, comments between two of them left out."""
    starts = [(found.group(1), found.start()) for found in _KEY.finditer(text)]
    ends = [start for _, start in starts[1:]] + [len(text)]
    return {
        key: re.sub(r"(\n#[^\n]*|\n\s*)+\Z", "", text[start:end].rstrip()) + "\n"
        for (key, start), end in zip(starts, ends, strict=True)
    }


_USED: Final = re.compile(r"^  - ([a-z_]+)", re.MULTILINE)


def as_used(text: str) -> dict[str, str]:
    """Return each protocol that a case file uses, with the lines that say how."""
    use = blocks(text).get("use", "")
    starts = [(found.group(1), found.start()) for found in _USED.finditer(use)]
    ends = [start for _, start in starts[1:]] + [len(use)] * bool(starts)
    return {name: use[start:end].rstrip() + "\n" for (name, start), end in zip(starts, ends, strict=True)}


def make_folder(folder: Path, *, like: Path, protocols: Sequence[str]) -> Path:
    """Make the folder of a new case, named after its id; return its case file.

    `like` is the file of the case it begins from, `protocols` the parts it uses, each as that case uses it, if it does.
    Beside it lies what an editor needs to complete what is typed there. What that case keeps beside itself (a
    disease, orders, diagnoses of its own) is copied. Raises CaseError if that case cannot be read, FileExistsError if
    the folder is there already, OSError if nothing can be written.
    """
    model = load(like)
    path = folder / CASE_FILE
    text = _first_file(model, like, path, protocols)
    folder.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    (folder / "plans").mkdir()
    (folder / "plans" / "good_pathway.yaml").write_text(PLAN, encoding="utf-8")
    if like.name == CASE_FILE:
        for part in yaml_files(like.parent):
            if part.name != CASE_FILE:
                (folder / part.name).write_bytes(part.read_bytes())
    (folder / SCHEMA_FILE).write_text(to_text(schema_of("case", known_around(path))), encoding="utf-8")
    return path


def _first_file(model: Scenario, like: Path, path: Path, protocols: Sequence[str]) -> str:
    text = like.read_text(encoding="utf-8")
    kept, used = blocks(text), as_used(text)
    use = "".join(used.get(protocol, f"  - {protocol}\n") for protocol in protocols)
    id = path.parent.name
    return (
        HEAD.format(schema=SCHEMA_FILE, id=id, like=model.case.id, file=path, title=id.replace("_", " ").capitalize())
        + "".join(kept[key] for key in KEPT if key in kept)
        + "\n"
        + TAIL.format(
            use=f"use:\n{use}" if use else "use: []\n",
            expert=f"{model.case.diagnosis}: 60%",
            endings="".join(_endings(model, _told(like, protocols))),
        )
    )


def _endings(model: Scenario, told: Set[tuple[str, str]]) -> Iterator[str]:
    """An ending for the deaths of each region that no protocol tells of."""
    number = 0
    for region, made in model.disease.regions.items():
        left = [name for name, state in made.states.items() if state.outcome and (region, name) not in told]
        if left:
            number += 1
            yield (
                f"  - id: {'died' if number == 1 else f'died_{number}'}\n    title: Dies\n    utility: 0\n"
                f"    when: {{in: {{{region}: [{', '.join(left)}]}}}}\n    text: Say how it came to that.\n"
            )


def _told(like: Path, protocols: Sequence[str]) -> set[tuple[str, str]]:
    """The states, with their regions, whose ending a protocol tells, whatever else is so."""
    shelf, found = Shelf.around(like, None), set()
    for protocol in protocols:
        path = shelf.find("protocols", protocol, like)
        root = None if path is None else shelf.document(path).root
        for ending in items(None if root is None else child(root, "endings")):
            when = child(ending, "when")
            regions = None if when is None or set(when.keys) != {"in"} else child(when, "in")
            if regions is not None and len(regions.keys) == 1:
                ((region, (_, states)),) = entries(regions).items()
                found |= {(region, state) for state in words(states)}
    return found
