"""Runs that keep sums of all tokens, and rows of drawn documents: the same numbers as from rows."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from made_sums import MEASURES, TEXTS, measured

from odograph.errors import OdographError, UsageError
from odograph.folder.documents import exact_sum
from odograph.folder.listed import files_there
from odograph.folder.run import Run
from odograph.folder.selection import columns_of, pairs, profile_means, token_means
from odograph.folder.sums import expressions_by_set, layer_expressions, token_expressions
from odograph.folder.token_sets import token_sets
from odograph.report.profiles import profiles_of
from odograph.run.options import make_config
from odograph.run.sample_rows import check_keep, keeps_sums
from odograph.studies import find
from odograph.studies.registry import BUILT_IN

pytestmark = pytest.mark.usefixtures("one_thread")

DRAWN = 5


def nulls(folder: Path, **options: Any) -> Run:
    given: dict[str, Any] = {"measures": MEASURES, "untrained": 1, "shuffled": 1, "parts": 40}
    return measured(folder, twin_passages=4, **(given | options))


@pytest.fixture(scope="module")
def rows(tmp_path_factory: Any) -> Run:
    return nulls(tmp_path_factory.mktemp("kept") / "run", keep="rows")


@pytest.fixture(scope="module")
def sums(tmp_path_factory: Any) -> Run:
    """Sums, and a sample in which every document happens to be drawn."""
    return nulls(tmp_path_factory.mktemp("kept") / "run", keep="sums")


@pytest.fixture(scope="module")
def few(tmp_path_factory: Any) -> Run:
    """Sums, and rows of few documents."""
    return nulls(tmp_path_factory.mktemp("kept") / "run", keep="sums", sample_passages=DRAWN)


def assert_same(one: Any, other: Any) -> None:
    assert one.units.tolist() == other.units.tolist()
    assert np.array_equal(one.values, other.values)
    assert one.excluded == other.excluded


@pytest.mark.parametrize("name", ["sums", "few"])
def test_means_of_documents_are_the_same_to_the_last_bit_from_sums_as_from_rows(
    name: str, rows: Run, request: pytest.FixtureRequest
) -> None:
    kept: Run = request.getfixturevalue(name)
    asked = expressions_by_set(layer_expressions(columns_of(rows, "layers")))
    for tokens, expressions in asked.items():
        where = token_sets(keep_first=False)[tokens]
        assert expressions, tokens
        for number, expression in enumerate(expressions.values()):
            for unit in ("document", "passage")[: 1 + (number == 0)]:
                given = (expression, where, 1, unit)
                assert_same(profile_means(rows, *given), profile_means(kept, *given))
    for expression in token_expressions(columns_of(rows, "tokens")).values():
        assert_same(token_means(rows, expression), token_means(kept, expression))


def test_targets_and_the_tokens_before_them_are_of_all_texts(rows: Run, few: Run) -> None:
    one, other = (pairs(run, "rotation") for run in (rows, few))
    assert len(one.passages) == 12
    assert np.array_equal(one.target, other.target)
    assert np.array_equal(one.control, other.control)
    assert one.names == other.names


@cache
def found_by(study: str, run: Run) -> list[dict[str, Any]] | str:
    """What a study finds, without what names the run; or why it refuses."""
    try:
        records = [finding.record() for finding in find(study).analyse(run).findings]
    except OdographError as error:
        return str(error)
    return [{k: v for k, v in one.items() if k not in ("card", "show")} for one in records]


@pytest.mark.parametrize(
    "study", ["rotation", "path-length", "decomposition", "contributions", "pruning"]
)
def test_a_study_finds_from_sums_what_it_finds_from_rows(study: str, rows: Run, sums: Run) -> None:
    assert found_by(study, sums) == found_by(study, rows)


@pytest.mark.parametrize("study", BUILT_IN)
def test_with_few_rows_a_study_finds_the_same_or_counts_the_drawn_documents(
    study: str, rows: Run, few: Run
) -> None:
    found, own = found_by(study, rows), found_by(study, few)
    if isinstance(found, str) or isinstance(own, str):
        assert found == own
        return
    whole = {one["estimate"]: one["n"] for one in found if one["estimate"] is not None}
    for one in own:
        drawn = one["n"] <= DRAWN or one["estimate"] is None
        assert drawn or whole.get(one["estimate"]) == one["n"], one["statement"]


def test_what_findings_rest_on_is_on_the_card_and_in_the_notes(few: Run) -> None:
    result = find("path-length").analyse(few)
    words = "5 of 12 documents, drawn by hash"
    assert words in result.findings[0].card["rows"]
    assert any(words in note for note in result.notes)


def test_the_curves_of_a_page_are_of_all_texts(rows: Run, few: Run) -> None:
    one, other = (profiles_of(run, ["rotation"])["rotation"]["curves"] for run in (rows, few))
    assert one == other
    assert one[0]["units"] == 12


def test_twins_random_orders_and_kept_parts_are_of_drawn_documents(few: Run) -> None:
    asked = "select distinct passage, passage_id from tokens"
    drawn = few.sql(asked).fetchall()
    assert len(drawn) == 2 * DRAWN
    for beside in (*few.untrained, *few.shuffled):
        assert set(beside.sql(asked).fetchall()) <= set(drawn)
    assert few.manifest["kept"]["documents"] == DRAWN
    assert len(few.sql("select * from passages").fetchall()) == len(TEXTS)


def test_tokens_are_counted_in_all_texts(rows: Run, few: Run) -> None:
    query = "select token_id, tokens from token_counts order by all"
    assert rows.sql(query).fetchall() == few.sql(query).fetchall()


@pytest.mark.parametrize("name", ["sums", "token_sums", "chosen_layers", "chosen_tokens"])
def test_tables_of_sums_have_rows_of_all_passages(name: str, few: Run) -> None:
    assert few.arrow(name).column("passage").unique().to_pylist() == list(range(len(TEXTS)))


@pytest.mark.parametrize("name", ["sums", "chosen_layers", "histograms", "extremes"])
def test_tables_of_sums_are_missed_with_their_option(name: str, rows: Run) -> None:
    with pytest.raises(UsageError, match=f"has the table {name} if .* --keep sums"):
        rows.arrow(name)


def test_halves_are_those_of_all_texts(rows: Run, few: Run) -> None:
    for half in ("exploration", "confirmation"):
        one, other = (run.half(half) for run in (rows, few))
        assert_same(profile_means(one, "rotation"), profile_means(other, "rotation"))
        own = set(profile_means(other, "rotation").units.tolist())
        twin = profile_means(other.untrained[0], "rotation").units
        assert set(twin.tolist()) <= own


@pytest.mark.parametrize("lost", ["sums", "histograms"])
def test_a_run_that_lost_a_file_of_sums_is_resumed_to_the_same_bytes(
    lost: str, tmp_path: Path
) -> None:
    run = measured(tmp_path / "run", keep="sums", sample_passages=3)
    whole = files_there(run.folder)
    assert {f"{table}/part-00001.parquet" for table in ("sums", lost)} <= whole.keys()
    (run.folder / lost / "part-00001.parquet").unlink()
    measured(tmp_path / "run", keep="sums", sample_passages=3, resume=True)
    assert files_there(run.folder) == whole


def test_passages_of_one_document_in_other_shards_have_the_same_sums(tmp_path: Path) -> None:
    one = measured(tmp_path / "one", keep="sums", sample_passages=3, batch_tokens=1)
    other = measured(tmp_path / "other", keep="sums", shard_tokens=10_000, batch_tokens=1,
                     sample_passages=7)  # fmt: skip
    query = "select * from sums order by passage, layer, tokens"
    assert one.sql(query).fetchall() == other.sql(query).fetchall()


def test_auto_keeps_rows_within_the_budget_and_sums_beyond_it() -> None:
    assert not keeps_sums(make_config({}), 10**6, blocks=12)
    assert keeps_sums(make_config({}), 10**9, blocks=12)
    assert keeps_sums(make_config({"keep_budget": 0.1}), 10**6, blocks=12)
    assert not keeps_sums(make_config({"keep_budget": 0.1, "select": "targets"}), 10**6, blocks=12)
    assert not keeps_sums(make_config({"keep": "rows"}), 10**12, blocks=12)


def test_sums_are_refused_where_rows_are_of_chosen_tokens_alone(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--keep sums with --select targets") as caught:
        measured(tmp_path / "run", keep="sums", select="targets")
    assert "Leave out --keep" in str(caught.value)


def test_what_is_refused_with_groups_names_groups_which_were_asked_for() -> None:
    config = make_config({"keep": "sums", "groups": ["NOUN", "ADJ"], "tags": "conllu"})
    with pytest.raises(UsageError, match="--keep sums with --groups"):
        check_keep(config)


def test_an_exact_sum_does_not_depend_on_the_order() -> None:
    import duckdb

    values = np.random.default_rng(1).normal(size=4000) * np.logspace(-6, 6, 4000)
    values[7] = np.nan
    found = []
    for order in (values, values[::-1], np.sort(values)):
        connection = duckdb.connect()
        connection.register("numbers", pa.table({"x": order}))
        found.append(connection.sql(f"select {exact_sum('x')} from numbers").fetchall()[0][0])
    assert found[0] == found[1] == found[2]
    assert found[0] == pytest.approx(np.nansum(values), rel=1e-12)
