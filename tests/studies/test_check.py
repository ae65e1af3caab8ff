"""What `odograph.studies.check` asks of the claims of a study."""

from dataclasses import replace
from pathlib import Path

import pytest

from odograph.studies import check
from odograph.studies.claim import Claim
from odograph.studies.questions.difference import difference
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis, Answer
from odograph.studies.soundness import of_claim
from odograph.studies.study import Study

ROTATION = Quantity("rotation", "rotation", "degrees")


def asking(**changes: object) -> Study:
    """A study of one difference, whose claim lacks what it is held against."""

    def section(analysis: Analysis) -> Answer:
        answer = difference(ROTATION)(analysis)
        return replace(answer, claims=[replace(claim, **changes) for claim in answer.claims])

    return Study("turns", "Does a target turn otherwise?", (section,))


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"without": None}, "tested, and not again without each unit (`without`, `units`)"),
        ({"units": ()}, "tested, and not again without each unit (`without`, `units`)"),
        ({"twins": None, "seeds": None}, "tested, and not held against untrained twins (`twins`)"),
    ],
    ids=["no test without each unit", "no names of units", "no twins"],
)
def test_a_tested_claim_that_is_held_against_nothing_is_said(
    changes: dict[str, object], missing: str
) -> None:
    assert any(problem.startswith(f"{missing}: '") for problem in check(asking(**changes)))


def test_a_claim_that_is_held_against_all_is_sound() -> None:
    assert check(asking()) == []


def test_what_is_not_tested_is_held_against_nothing(tmp_path: Path) -> None:
    from odograph.folder.drawn_run import drawn_run

    with drawn_run(tmp_path / "run", 1.0, 0) as run:
        analysis = Analysis("turns", run)
        finding = analysis.defaults_over(24).finding("It is 3 (n = 24 passages).", "It is 3.", 3.0)
        assert list(of_claim(Claim(finding))) == []
