"""Tables of all studies name alike what they have in common."""

from pathlib import Path
from typing import Any

import pytest
from test_minimum_data import passage, result_of

import odograph
from odograph.studies import NAMES
from odograph.studies.neighbours.places import NEEDED
from odograph.studies.parts import MEASURES
from odograph.studies.study import StudyResult, Table

#: Of these packages the tables have names of their own for some of it.
APART = ("nouns-adjectives", "parts-of-speech")


@pytest.fixture(scope="module")
def whole(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One run that serves most studies, with tests."""
    return odograph.measure(
        gpt2_folder,
        [passage(number) for number in range(6)],
        out=tmp_path_factory.mktemp("tidy") / "run",
        targets=["her", "his"],
        variants=True,
        vectors=10,
        tags="none",
        logits="full",
        untrained=1,
        skip_blocks=True,
        parts=60,
        measures=["straightness", "block_distance", *NEEDED, *MEASURES],
        pairs=40,
    )


def is_p(name: str) -> bool:
    return name == "p" or name.startswith("p_") or "_p_" in name


def assert_tidy(table: Table) -> None:
    """Bounds come in pairs with their n; a p comes with its test and the size of its family."""
    names = set(table.columns)
    lows = {name for name in names if name == "low" or name.endswith("_low")}
    for low in lows:
        assert f"{low.removesuffix('low')}high" in names, (table.name, low)
    if lows:
        assert "n" in names or {"n_first", "n_second"} <= names, table.name
    if any(map(is_p, names)):
        assert {"test", "family"} <= names, (table.name, sorted(names))
    assert not {"lower", "upper", "ci_low", "ci_high", "block"} & names or "blocks" in table.name


def tables_of(result: StudyResult) -> list[Table]:
    return [t for t in result.tables if not t.name.startswith(("pruning_plan", "pruning_triangle"))]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in APART])
def test_tables_with_intervals_have_n_and_tables_with_p_their_test(name: str, whole: Any) -> None:
    tables = tables_of(result_of(name, whole))
    assert tables
    for table in tables:
        assert_tidy(table)
