"""Histograms and extremes of all tokens beside sums: those that rows of all tokens would give."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_sums import MEASURES, TEXTS, measured
from tiny import build_gpt2, tokenizer

import odograph
from odograph.explorer.answers import Axes, cloud_answer, column_answer, ranks_answer
from odograph.explorer.columns import Columns
from odograph.folder.checksums import checksum
from odograph.folder.columns import described
from odograph.folder.histogram_tables import MOST, OF_ALL_SHARDS
from odograph.folder.histograms import histogram_of, histogram_source, joint_histogram_of
from odograph.folder.listed import files_there
from odograph.folder.run import Run, open_run
from odograph.folder.selection import columns_of
from odograph.measures import TOKEN
from odograph.measures.bins import JOINED, EvenBins
from odograph.report.tokens import token_data
from odograph.studies import find

pytestmark = pytest.mark.usefixtures("one_thread")

USABLE = "t.position > 0 and not t.sink"
EXACT: dict[str, Any] = {"measures": MEASURES, "batch_tokens": 1}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: Any) -> Run:
    return measured(tmp_path_factory.mktemp("kept") / "run", keep="rows", **EXACT)


@pytest.fixture(scope="module")
def sums(tmp_path_factory: Any) -> Run:
    folder = tmp_path_factory.mktemp("kept") / "run"
    return measured(folder, keep="sums", sample_passages=5, **EXACT)


def low_sql(measure: str, joined: int = 1) -> str:
    """Where the bin of a value begins, as SQL."""
    bins = described(measure).bins
    if isinstance(bins, EvenBins):
        width = bins.width * joined
        top, floor = bins.high - width, f"floor({measure}::double / {width}) * {width}"
        return f"greatest({bins.low}, least({top}, {floor}))"
    octave = f"pow(2, floor(log2({measure}::double)))"
    parts = 16 // joined
    return f"{octave} * (1 + floor(({measure}::double / {octave} - 1) * {parts}) / {parts})"


def counted(run: Run, low: str, source: str, where: str) -> list[tuple[Any, ...]]:
    query = f"select {low}, count(*) from {source} where {USABLE} and {where} group by all"
    return run.sql(f"{query} order by all").fetchall()


LAYERS = "(select * from layers where layer = {}) l join tokens t using (passage, position)"


def test_every_measure_has_the_counts_of_rows_in_every_bin(rows: Run, sums: Run) -> None:
    keys = sums.sql("select distinct measure, layer from histograms").fetchall()
    assert {measure for measure, _ in keys} >= {*MEASURES, "rank", "last_step_hf"} - {
        *("influence", "straightness", "block_distance")  # not stored by layer
    }
    for measure, layer in keys:
        source = "tokens t" if layer is None else LAYERS.format(layer)
        found = counted(rows, low_sql(measure), source, f"isfinite({measure})")
        kept = histogram_of(sums, measure, layer or 0)
        assert kept is not None
        assert found == list(zip(kept.low, kept.tokens, strict=True)), (measure, layer)
        assert (kept.high[:-1] <= kept.low[1:]).all()


@pytest.mark.parametrize(
    ("x", "y", "layer", "joined"),
    [
        ("last_step_stream", "next_logprob", None, 1),
        ("last_step_hf", "next_logit", None, 1),
        ("step", "rotation", 2, JOINED),
        ("rotation", "next_logprob", 3, JOINED),
        ("mlp_step", "step", 4, JOINED),
    ],
)
def test_every_cell_of_two_measures_has_the_counts_of_rows(
    x: str, y: str, layer: int | None, joined: int, rows: Run, sums: Run
) -> None:
    lows = f"{low_sql(x, joined)}, {low_sql(y, joined)}"
    source = "tokens t" if layer is None else LAYERS.format(layer)
    found = counted(rows, lows, source, f"isfinite({x}) and isfinite({y})")
    kept = joint_histogram_of(sums, x, y, layer or 0)
    assert kept is not None
    assert found == list(zip(kept.x_low, kept.y_low, kept.tokens, strict=True))
    turned = joint_histogram_of(sums, y, x, layer or 0)
    assert turned is not None
    assert (turned.x_low == kept.y_low).all()


def test_extremes_are_the_tokens_at_either_end_with_their_context(rows: Run, sums: Run) -> None:
    texts = dict(rows.sql("select passage, text from texts").fetchall())
    for measure, layer in sums.sql("select distinct measure, layer from extremes").fetchall():
        source = "tokens t" if layer is None else LAYERS.format(layer)
        for side, sign in (("largest", "-"), ("smallest", "")):
            wanted = rows.sql(
                f"select {measure}, passage, position from {source}"
                f" where {USABLE} and isfinite({measure})"
                f" order by {sign}{measure}, passage, position limit {MOST}"
            ).fetchall()
            where = f"measure = '{measure}' and side = '{side}' and layer is not distinct from "
            kept = sums.sql(
                f"select value, passage, position, before || token || after from extremes"
                f" where {where}{'null' if layer is None else layer} order by place"
            ).fetchall()
            assert [row[:3] for row in kept] == wanted, (measure, layer, side)
            assert all(text in texts[passage] for _, passage, _, text in kept)


def test_other_shards_and_samples_give_the_same_tables(sums: Run, tmp_path: Path) -> None:
    other = measured(tmp_path / "run", keep="sums", shard_tokens=170, **EXACT)
    assert len(other.manifest["shards"]) < len(sums.manifest["shards"])
    for table in OF_ALL_SHARDS:
        query = f"select * from {table} order by all"
        assert other.sql(query).fetchall() == sums.sql(query).fetchall(), table


def test_no_texts_leaves_extremes_without_context(tmp_path: Path) -> None:
    run = measured(tmp_path / "run", keep="sums", no_texts=True)
    kept = run.sql("select distinct token, before, after from extremes").fetchall()
    assert kept == [(None, None, None)]


def test_a_quantile_is_right_within_one_bin(rows: Run, sums: Run) -> None:
    shares = np.linspace(0, 1, 41)
    for measure in ("rotation", "norm", "update_cosine", "next_logprob"):
        counts = histogram_of(sums, measure, 2)
        assert counts is not None
        own = "tokens t" if described(measure).axis == TOKEN else LAYERS.format(2)
        where = f"{USABLE} and isfinite({measure})"
        found = rows.sql(f"select {measure} from {own} where {where}").fetchnumpy()[measure]
        widest = float((counts.high - counts.low).max())
        quantiles = counts.quantiles(shares)
        assert (quantiles >= np.quantile(found, shares, method="lower") - widest).all()
        assert (quantiles <= np.quantile(found, shares, method="higher") + widest).all()


def test_pictures_are_of_all_tokens_and_say_so(sums: Run) -> None:
    result = find("path-length").analyse(sums)
    [plot] = [plot for plot in result.plots if plot.name == "path_length_next_logprob"]
    tokens = sums.manifest["corpus"]["tokens"]
    assert (
        f"from the histogram of all {tokens} tokens but first ones and sinks, in bins of 3 to 6 % "
        "and 0.25 nats"
    ) in plot.caption
    source = histogram_source(sums, "update_cosine")
    assert source.endswith(f"all {tokens} tokens but first ones and sinks, in bins of 0.0078125")
    [plot] = find("decomposition").analyse(sums).plots[-1:]
    assert any(source in one.caption for one in find("decomposition").analyse(sums).plots)


def test_a_bin_of_one_unit_is_said_in_the_singular(sums: Run) -> None:
    pair = joint_histogram_of(sums, "rotation", "next_logprob", 2)
    assert pair is not None
    assert pair.words.endswith("in bins of 2 degrees and 1 nat")


def test_the_page_counts_all_tokens_where_it_shows_drawn_ones(sums: Run) -> None:
    data = token_data(sums, 10**7)
    assert data["of_tokens"] == sums.manifest["corpus"]["tokens"] > data["tokens"]


def test_the_explorer_answers_from_all_tokens_and_says_so(sums: Run) -> None:
    columns = Columns(sums)
    kept = histogram_of(sums, "rotation", 2)
    answer = column_answer(columns, "rotation", 2, minus=False)
    assert kept is not None
    assert answer is not None
    assert answer["count"] == sum(answer["counts"]) == kept.total > len(columns.passage)
    source = answer["source"]
    assert source.startswith("From the histogram of all")
    assert "; tokens that can be chosen are of 5 of 12 documents, drawn by hash" in source
    [share, _] = ranks_answer(columns, ["rotation"], 2, [1, None])["rotation"]
    assert share == kept.shares_below(columns.at("rotation", 2)[1])
    drawn = column_answer(columns, "turned", 2, minus=False)
    assert drawn is not None
    assert drawn["source"] == "Of 5 of 12 documents, drawn by hash."
    cloud = cloud_answer(columns, Axes("rotation", "next_logprob", 2, minus=False))
    assert cloud is not None
    assert cloud["source"].startswith("Cells: the histogram of all")
    assert cloud["of"] < kept.total


def test_the_explorer_speaks_of_drawn_texts_and_of_fewer_twins_where_there_are(
    tmp_path: Path,
) -> None:
    options = {**EXACT, "sample_passages": 24, "untrained": 1}
    for most, scaled in {"all": False, "3": True}.items():
        run = measured(tmp_path / most, keep="sums", twin_passages=most, **options)
        answer = column_answer(Columns(run), "rotation", 2, minus=False)
        assert answer is not None
        assert answer["twin"]
        assert "drawn by hash" not in answer["source"]
        assert ("; the twins' " in answer["source"]) == scaled
        assert answer["source"].endswith("tokens are scaled to as many.") == scaled


def test_a_run_from_before_there_were_histograms_opens_and_is_read_from_its_rows(
    sums: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "old"
    shutil.copytree(sums.folder, folder)
    for table in OF_ALL_SHARDS:
        shutil.rmtree(folder / table)
    path = folder / "manifest.json"
    record = json.loads(path.read_text("utf-8"))
    for shard in record["shards"]:
        shard["files"] = {
            name: digest
            for name, digest in shard["files"].items()
            if name.split("/")[0] not in OF_ALL_SHARDS
        }
    path.write_text(json.dumps(record), "utf-8")
    old = open_run(folder)
    assert histogram_of(old, "rotation", 1) is None
    assert histogram_source(old, "rotation") == ", of 5 of 12 documents, drawn by hash"
    [plot] = [
        one
        for one in find("path-length").analyse(old).plots
        if one.name == "path_length_next_logprob"
    ]
    assert plot.caption.startswith("One point a token")


def test_a_run_of_which_only_some_shards_have_counted_has_no_histograms(
    sums: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "half"
    shutil.copytree(sums.folder, folder)
    (folder / "histograms" / "part-00002.parquet").unlink()
    path = folder / "manifest.json"
    record = json.loads(path.read_text("utf-8"))
    del record["shards"][2]["files"]["histograms/part-00002.parquet"]
    path.write_text(json.dumps(record), "utf-8")
    assert histogram_of(open_run(folder), "rotation", 1) is None


def test_a_half_has_no_histograms_of_its_own(sums: Run) -> None:
    half = sums.half("exploration")
    assert columns_of(half, "histograms") == frozenset()
    assert histogram_of(half, "rotation", 1) is None


def test_receipts_name_the_files(sums: Run) -> None:
    name = "extremes/part-00001.parquet"
    assert sums.manifest["shards"][1]["files"][name] == checksum(sums.folder / name)
    assert name in files_there(sums.folder)


def test_what_is_of_all_tokens_is_told_before() -> None:
    told = str(
        odograph.plan(
            build_gpt2(), TEXTS, tokenizer=tokenizer(begins=False), keep="sums",
            document_column="of", sample_passages=5,
        )
    )  # fmt: skip
    assert "their histograms and extremes, and targets, are of all" in told
    assert "correlations, humps and maps of texts are of" in told
