"""Tables of all studies name alike what they have in common, and docs/tables.md lists them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_neighbours import made_neighbours, one_hump
from made_runs import made_run
from made_sentences import told_apart
from numpy.random import default_rng
from tables_page import PAGE, collapsed, page_with
from test_minimum_data import passage, result_of
from tiny import build_outlier_gpt2, saved

import odograph
from odograph.corpus.bundled import bundled_path
from odograph.folder.samples.neighbours import NEEDED
from odograph.folder.series import Series
from odograph.studies import compare as compared
from odograph.studies import find
from odograph.studies.parts import MEASURES
from odograph.studies.registry import BUILT_IN, OF_DIFFERENCES
from odograph.studies.result import StudyResult, Table
from odograph.studies.tidy import COMMON

#: Of a table of estimates each is there in every row.
ALWAYS = ("n", "excluded", "unit_of_inference", "unit", "test", "family")
#: What an estimate is called where its bounds are just `low` and `high`.
ESTIMATES = {"mean", "difference", "r", "distance", "slope"}
#: Rows of these are words, tokens, dimensions or groups, no estimates.
LISTS = (
    "rotation_pairs",
    "neighbours_pairs",
    "parts_of_speech",
    "parts_of_speech_unmatched",
    "nouns_adjectives_lemmas",
    "nouns_adjectives_balance",
    "nouns_adjectives_paths",
    "trajectories_paths",
    "trajectories_axes",
    *(f"{study.replace('-', '_')}_curves" for study in (*BUILT_IN, *OF_DIFFERENCES)),
)
GROUPED = ("nouns-adjectives", "parts-of-speech")


@pytest.fixture(scope="module")
def results(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """All tables: of a run that serves most studies, of drawn words, outliers, comparisons."""
    import matplotlib.pyplot

    folder = tmp_path_factory.mktemp("tidy")
    run = odograph.measure(
        gpt2_folder,
        [passage(number) for number in range(6)],
        out=folder / "run",
        targets=["her", "his"],
        variants=True,
        vectors=10,
        tags="none",
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
    words = odograph.measure(
        gpt2_folder,
        [bundled_path("tagged")],
        out=folder / "words",
        whole=True,
        tags="conllu",
        groups=("NOUN", "ADJ"),
        words=12,
        context=8,
        select="targets",
        vectors=20,
        untrained=1,
    )
    found = [result_of(name, words if name in GROUPED else run) for name in BUILT_IN]
    outlying = odograph.measure(
        saved(build_outlier_gpt2(), folder / "outlier", begins=False),
        told_apart(14),
        out=folder / "outlying",
        targets=["her"],
        measures=["block_distance", *NEEDED],
        untrained=1,
    )
    found += [find(name).analyse(outlying) for name in ("rotation", "neighbours", "pruning")]
    made = [made_run(folder / f"made-{seed}", seed) for seed in (1, 2)]
    angles = [one_hump(default_rng(seed)) for seed in (1, 2)]
    near = [made_neighbours(folder / f"near-{k}", 5, a) for k, a in enumerate(angles)]
    for name in BUILT_IN:
        compare = find(name).compare
        if compare is not None:
            found.append(compare(near if name == "neighbours" else made))
    found += in_series(folder)
    apart = [made_run(folder / f"apart-{effect}", 1, effect=effect) for effect in (0.0, 2.0)]
    difference = compared(apart, folder / "difference", names=["minus"])
    found.append(find("minus").analyse(difference))
    matplotlib.pyplot.close("all")
    yield found
    for each in (run, words, outlying, *made, *near, *apart, difference):
        each.close()


def in_series(folder: Path) -> list[StudyResult]:
    """The tables of series: every study that compares has the same."""
    runs = [made_run(folder / f"step{step}", step, passages=6) for step in range(5)]
    series = Series("training step", tuple(range(5)), tuple(runs))
    compare = find("rotation").compare_in(series)
    assert compare is not None
    return [compare(runs)]


def is_p(name: str) -> bool:
    return name == "p" or name.startswith("p_") or "_p_" in name


def assert_tidy(table: Table) -> None:
    """Bounds come in pairs with their estimate and n; a p with its test and family."""
    names = set(table.columns)
    for low in (name for name in names if name == "low" or name.endswith("_low")):
        estimate = low.removesuffix("low")
        assert f"{estimate}high" in names, (table.name, low)
        own = {estimate.removesuffix("_"), f"{estimate}mean"}
        assert (own if estimate else ESTIMATES) & names or "permuted" in low, (table.name, low)
    if any(map(is_p, names)):
        assert {"test", "family"} <= names, (table.name, sorted(names))
    assert not {"lower", "upper", "ci_low", "ci_high", "block", "passages", "lemmas"} & names
    if table.name not in LISTS:
        assert set(ALWAYS) <= names, (table.name, set(ALWAYS) - names)
        for name in ("test", "unit_of_inference", "unit"):
            assert all(map(str, table.columns[name])), (table.name, name)


def tables_of(results: list[StudyResult]) -> list[Table]:
    return [table for result in results for table in result.tables]


def test_every_table_of_every_study_has_the_columns_in_common(results: Any) -> None:
    assert {result.study for result in results} == {*BUILT_IN, *OF_DIFFERENCES}
    for table in tables_of(results):
        if table.name != "parts_of_speech":
            assert_tidy(table)


def test_untested_rows_say_why_and_tested_ones_how_many(results: Any) -> None:
    for table in tables_of(results):
        if "test" not in table.columns:
            continue
        for test, family in zip(table.columns["test"], table.columns["family"], strict=True):
            assert str(test).startswith("none") == (family == 0), (table.name, test, family)


def test_nulls_are_named_after_what_they_are_the_null_of(results: Any) -> None:
    for table in tables_of(results):
        for name in table.columns:
            if "untrained" in name:
                own = collapsed(name).partition("untrained")[0].removesuffix("_")
                assert not own or own in table.columns, (table.name, name)


def test_the_page_lists_every_table_with_its_columns(results: Any, tmp_path: Path) -> None:
    text, made = PAGE.read_text("utf-8"), tmp_path / "tables.md"
    made.write_text(page_with(text, results), encoding="utf-8")
    assert text == made.read_text("utf-8"), f"docs/tables.md is out of date: take {made}"
    assert all(f"| `{name}` |" in text for name in COMMON)
