"""What little data allows: no p below six passages, and what one text shows is called that."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_runs import made_run
from scipy.stats import norm

from odograph.corpus.passages import Passage, Word
from odograph.errors import StudyError
from odograph.folder.samples.neighbours import NEEDED
from odograph.folder.selection import Pairs
from odograph.sentences.numbers import p_value
from odograph.sentences.record import Finding
from odograph.statistics.designs.paired import paired_profile
from odograph.statistics.permutation import mean_p
from odograph.studies import find
from odograph.studies.claim import examined
from odograph.studies.defaults import FindingDefaults
from odograph.studies.groups import Groups
from odograph.studies.parts import MEASURES
from odograph.studies.questions.difference import difference_of_totals
from odograph.studies.registry import BUILT_IN
from odograph.studies.result import StudyResult

SIZES = (1, 2, 5, 6)
_ADJECTIVES = ("old", "young", "tall", "small", "kind", "cold")
_END = "woman put her hat on the table and left the room in which the others sat and read."


def passage(number: int) -> Passage:
    """One sentence whose every word has a tag."""
    text, start, words = f"The {_ADJECTIVES[number]} {_END}", 0, []
    for word in text.rstrip(".").split():
        start = text.index(word, start)
        tag = "ADJ" if word in _ADJECTIVES else "NOUN" if word in ("woman", "hat") else "X"
        words.append(Word(word, start, start + len(word), tag, word.lower()))
        start += len(word)
    return Passage(f"text:{number + 1}", text, "here", tuple(words))


@pytest.fixture(scope="module", params=SIZES)
def few(request: Any, gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A run of so many passages that serves as many studies as can be; and their number."""
    import odograph

    run = odograph.measure(
        gpt2_folder,
        [passage(number) for number in range(request.param)],
        out=tmp_path_factory.mktemp("few") / "run",
        targets=["her"],
        tags="conllu",
        logits="full",
        untrained=1,
        shuffled=1,
        skip_blocks=True,
        undo="all",
        lens=True,
        parts=60,
        measures=["straightness", "block_distance", *NEEDED, *MEASURES],
        pairs=40,
    )
    return run, request.param


@pytest.fixture(scope="module")
def two_words(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """For trajectories: two words in one passage."""
    import odograph

    return odograph.measure(
        gpt2_folder,
        [passage(0).text],
        out=tmp_path_factory.mktemp("few") / "two",
        targets=["her", "his"],
        variants=True,
        vectors=10,
    )


def result_of(name: str, run: Any) -> StudyResult:
    try:
        return find(name).analyse(run)
    except StudyError as refused:
        if not refused.remedy:
            raise
        pytest.skip(f"this run does not serve {name}: {refused}")


def assert_modest(result: StudyResult, passages: int) -> None:
    """No p below six passages; one text is called one wherever it gives a number."""
    for finding in result.findings:
        if finding.unit_of_inference != "passage":
            continue
        assert finding.n <= passages
        if finding.n < 6:
            assert finding.p is finding.p_adjusted is None, finding.statement
            assert finding.test.startswith(("none", "descriptive")), finding.test
            assert "p =" not in finding.statement.replace("no p =", ""), finding.statement
        assert not re.search("no interval, (?!no test)", finding.statement), finding.statement
        if finding.n == 1 and (finding.estimate is not None or finding.interval is not None):
            assert "one text" in finding.statement, finding.statement
    if passages >= 6:
        return
    assert not any("p < .05" in plot.caption for plot in result.plots if "difference" in plot.name)
    for table in result.tables:
        for name, values in table.columns.items():
            if name == "p" or name.startswith("p_"):
                filled = np.ma.filled(np.ma.asarray(values, float), np.nan)
                assert np.isnan(filled).all(), (table.name, name)


@pytest.mark.parametrize("name", BUILT_IN)
def test_below_six_passages_nothing_is_tested_and_one_is_called_one_text(
    name: str, few: Any
) -> None:
    run, passages = few
    assert_modest(result_of(name, run), passages)


def test_trajectories_of_one_passage_are_those_of_one_text(two_words: Any) -> None:
    assert_modest(result_of("trajectories", two_words), 1)


def lead(folder: Path) -> str:
    """The finding on the mean difference of targets and the tokens before them."""
    import odograph

    with odograph.open(folder) as run:
        found = find("rotation").analyse(run).findings
    return next(f.statement for f in found if "rotation summed over all blocks" in f.statement)


def test_an_effect_that_one_passage_makes_says_so() -> None:
    """One passage far out halves the p of the others: no flip of it gives as large a sum."""
    values = norm.ppf((np.arange(16) + 0.5) / 16) + 0.51
    values = np.insert(values, 4, 60.0)
    alone = mean_p(np.delete(values, 4), seed=0)
    assert alone is not None
    assert 0.05 < alone < 0.065
    told = finding_of(values)
    assert told.p is not None
    assert told.p < 0.05
    said = told.statement.partition(" It hinges on one passage: without 'text:5' ")[2]
    near = [p_value(alone + step) for step in np.arange(-0.01, 0.01, 0.001)]
    assert said.startswith(tuple(near)), said
    assert "hinges" not in finding_of(np.delete(values, 4)).statement  # p > .05: nothing hinges
    assert "hinges" not in finding_of(values + 2).statement


def finding_of(values: np.ndarray) -> Finding:
    """What is said of one difference a passage."""
    table = np.column_stack([values, values])
    names = tuple(f"text:{i + 1}" for i in range(len(values)))
    found = Pairs(np.arange(len(values)), np.array([1, 2]), table, 0 * table, 0, names)
    profile = paired_profile(table, 0 * table, [1, 2], seed=0, permutations=9)
    groups = Groups("rotation", "'her'", "the token before it", found, profile, 0)
    defaults = FindingDefaults("rotation", n=len(values), null="none", unit="degrees")
    return examined(difference_of_totals(defaults, groups, values, "mean rotation"))


def test_an_effect_in_all_passages_does_not(tmp_path: Path) -> None:
    run = made_run(tmp_path / "made", 5, passages=24, effect=2.5)
    for finding in find("rotation").analyse(run).findings:
        assert "hinges" not in finding.statement


def test_six_passages_hinge_on_each(tmp_path: Path) -> None:
    run = made_run(tmp_path / "made", 3, passages=6, effect=12.0)
    assert "With 6 passages it hinges on each of them" in lead(run.folder)
