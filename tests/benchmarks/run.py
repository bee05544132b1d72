"""All benchmarks: prints what they give and writes docs/benchmarks.md. `make bench` runs it; no test does.

    PYTHONPATH=tests python -m benchmarks.run [SECTION ...]

With section names (stepping, rollouts, solving, aligning, starting, sharing, serving, typing) it only prints those.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import warnings
from pathlib import Path

from benchmarks import aligning, rollouts, serving, sharing, solving, starting, stepping, typing
from benchmarks.stopwatch import Section

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
SECTIONS = {
    "stepping": stepping.section, "rollouts": rollouts.section, "solving": solving.section,
    "aligning": aligning.section, "starting": starting.section, "sharing": sharing.section,
    "serving": serving.section, "typing": typing.section,
}  # fmt: skip

TOP = """\
# Benchmarks

Written by `make bench`; the numbers are as it measured them. Read the ratios: absolute figures belong to one machine
({cores} cores, Python {python}). Measured: {commit}.

Times are CPU time of one thread; what is compared runs in turns within one process, after a first round that is not
counted, and does the same work, checked before it is timed. Peers come with the extra `bench`; one that is not
installed is left out and named.
"""


def measured() -> str:
    """What is measured: the commit and its day, and whether files differ from it."""
    git = ("git", "-C", str(PAGE.parent))
    try:
        commit = subprocess.run(
            [*git, "log", "-1", "--format=commit %h of %cs"], capture_output=True, text=True, check=True
        )
        changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "a copy without its history"
    return commit.stdout.strip() + (", with changes" if changed.stdout.strip() else "")


def page(sections: list[Section]) -> str:
    """The whole page, what was promised first."""
    lines = ["## What was promised", ""]
    lines += [f"- {'Holds' if t.holds else '**Does not hold**'}: {t.promise}; measured {t.found}."
              for section in sections for t in section.targets]  # fmt: skip
    top = TOP.format(cores=os.cpu_count(), python=platform.python_version(), commit=measured())
    return "\n".join([top, *lines, "", "\n\n".join(section.text() for section in sections), ""])


def main() -> None:
    """Run what was asked for, or everything."""
    warnings.simplefilter("ignore")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    wanted = sys.argv[1:]
    made = []
    for name in wanted or SECTIONS:
        made.append(SECTIONS[name]())
        print(made[-1].text(), end="\n\n", flush=True)
        if not wanted:
            PAGE.write_text(page(made), encoding="utf-8")


if __name__ == "__main__":
    main()
