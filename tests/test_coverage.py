"""Every claim of the two teaching texts reaches a learner, the doubted with the doubt; docs/coverage.md says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.authoring.coverage import document
from sim.case.checking.check import check
from sim.case.library import CaseError, load_coverage
from sim.case.model.coverage import Coverage
from sim.cli import main

pytestmark = pytest.mark.slow  # the shipped case, read or played

ROOT = Path(__file__).parents[1]
FILE = ROOT / "scenarios" / "coverage" / "ipex.yaml"
NOT_BORNE_OUT = {f"S1-{n:02}" for n in (1, 2, 5, 6, 7, 14, 15, 18, 19, 20, 24, 25, 27, 28, 36, 38, 41)} | {
    f"S2-{n:02}" for n in (5, 9, 11, 15, 16, 18, 22, 23, 24, 26, 27, 28, 29, 31, 32)
}
"""Claims that the literature read bears out in part only, or of which nothing was found."""


@pytest.fixture(scope="module")
def coverage() -> Coverage:
    return load_coverage("ipex")


def test_all_78_claims_are_carried(coverage: Coverage) -> None:
    first, second = [f"S1-{n:02}" for n in range(1, 47)], [f"S2-{n:02}" for n in range(1, 33)]
    assert [claim.id for claim in coverage.claims] == first + second
    assert len(coverage.claims) == 78


def test_what_the_literature_does_not_bear_out_is_told_with_the_doubt(coverage: Coverage) -> None:
    assert {claim.id for claim in coverage.claims if claim.doubt} == NOT_BORNE_OUT


def test_the_kept_table_is_what_the_command_writes(tmp_path: Path) -> None:
    out = tmp_path / "coverage.md"
    assert main(["coverage", "ipex", "--out", str(out)]) == 0
    kept = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    assert out.read_text(encoding="utf-8") == kept, "run: scurfy coverage ipex --out docs/coverage.md"
    assert "**78 of 78 claims are carried" in kept


def test_the_table_escapes_what_would_end_a_cell(coverage: Coverage) -> None:
    claim = coverage.claims[0].model_copy(update={"claim": "This | that."})
    assert "This \\| that." in document(coverage.model_copy(update={"claims": (claim,)}))


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("{about: name, says: polyendocrinopathy}", "{about: nmae}", "unknown-place", "there is no about 'nmae'"),
        ("says: polyendocrinopathy", "says: polyneuropathy", "unsaid", "does not say 'polyneuropathy'"),
        ("{about: conditioning, says: reduced-intensity}", "{about: name}", "untold-doubt", "the doubt about 'S1-15'"),
        ("{teaching: is a bridge}", "{teaching: is a ferry}", "unknown-place", "no teaching 'is a ferry'"),
        ("{id: S1-04,", "{id: S1-03,", "duplicate-id", "'S1-03' is above already"),
        ("{id: S1-04,", "{id: S9-04,", "unknown-text", "'S9-04' is of no text given here"),
        ("case: drying_out", "case: drying_up", "unknown-case", "unknown case 'drying_up'"),
        (
            "{about: name, says: polyendocrinopathy}",
            "{about: name, step: weigh}",
            "wrong-value",
            "expected exactly one of",
        ),
    ],
)
def test_a_claim_that_is_not_where_it_is_said_to_be_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, code: str, message: str
) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file = tmp_path / "ipex.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    (problem,) = check([file])
    assert message in problem.message
    assert problem.code == code
    changed = text[: text.index(old)].count("\n") + 1
    assert problem.line in (changed - 1, changed), "a doubt is on the line above its places"
    with pytest.raises(CaseError):
        load_coverage(file)


def test_an_unknown_coverage_is_told_with_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage", "ipx"]) != 0
    assert "ipex" in capsys.readouterr().err
