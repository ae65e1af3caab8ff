"""Reading a run: SQL that can change nothing, tables, frames, and what is said if it fails."""

import builtins
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import TEXTS

import odograph
from odograph.errors import RunError, UsageError
from odograph.folder.vectors import summed_moments

Measured = Callable[..., Any]


@pytest.fixture(scope="module")
def run(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = tmp_path_factory.mktemp("runs") / "read's"  # a quote in the path must do no harm
    options = {"measures": ["bend,straightness"], "logits": "full", "targets": ["her"]}
    with odograph.measure(gpt2_folder, list(TEXTS), out=out, shard_tokens=40, **options) as made:
        yield made


def test_derived_columns_follow_from_the_stored_ones(run: Any) -> None:
    table = run.arrow("layers")
    found = {
        n: table[n].to_numpy().astype(float).reshape(-1, run.blocks + 1) for n in table.column_names
    }
    norm, step, rotation = found["norm"], found["step"], found["rotation"]
    wanted = {
        "relative_step": step[:, 1:] / norm[:, :-1],
        "growth": norm[:, 1:] / norm[:, :-1],
        "path": step[:, 1:].cumsum(1),
        "turned": rotation[:, 1:].cumsum(1),
        "influence": 1 - np.cos(np.radians(rotation[:, 1:])),
    }
    for name, values in wanted.items():
        assert np.isnan(found[name][:, 0]).all(), f"{name} has a value at layer 0"
        np.testing.assert_allclose(found[name][:, 1:], values, rtol=1e-5, atol=1e-7, err_msg=name)
    straight = run.arrow("tokens")["straightness"].to_numpy()
    displacement = run.arrow("tokens")["displacement"].to_numpy()
    np.testing.assert_allclose(straight, displacement / found["path"][:, -1], rtol=1e-5)
    assert ((straight > 0) & (straight <= 1)).all()


def test_a_derived_column_is_not_changed_by_the_rows_asked_for(run: Any) -> None:
    whole = run.sql("select path from layers where position = 2 and passage = 2 order by layer")
    part = run.sql("select path from layers where position = 2 and passage = 2 and layer = 4")
    assert part.fetchall() == whole.fetchall()[-1:]


@pytest.mark.parametrize("query", ["select 1", "explain select 1", "EXPLAIN ANALYZE select 1"])
def test_a_select_is_run_and_explained(query: str, run: Any) -> None:
    assert run.sql(query).fetchall()


def test_a_long_query_writes_no_bar_among_the_results(run: Any) -> None:
    asked = "select value from duckdb_settings() where name = 'enable_progress_bar'"
    assert run.sql(asked).fetchall() == [("false",)]


@pytest.mark.parametrize(
    "query",
    [
        "create table x as select 1",
        "create temp table x as select 1",
        "insert into stored_tokens select * from stored_tokens",
        "drop view tokens",
        "delete from tokens",
        "copy tokens to 'out.csv'",
        "copy (select 1) to 'out.parquet'",
        "attach 'other.db'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "pragma enable_profiling",
        "export database 'out'",
        "select 1; select 2",
        "select 1; drop view tokens",
        "explain analyze copy (select 1) to 'out.csv'",
        "explain copy (select 1) to 'out.csv'",
        "explain analyze /* */ insert into stored_tokens select * from stored_tokens",
        "explain select 1; copy (select 1) to 'out.csv'",
        "execute something",
        "vacuum",
        "checkpoint",
        "call pragma_version()",
        "update extensions",
        "",
        "-- nothing",
    ],
)
def test_only_one_select_is_run(query: str, run: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a run is read-only: expected one SELECT"):
        run.sql(query)


@pytest.mark.parametrize(
    "source",
    [
        "read_csv('{0}')",
        "read_text('{0}')",
        "read_blob('{0}')",
        "read_json('{0}')",
        "'{0}'",
        "glob('{1}/*')",
        "read_parquet('https://example.org/x.parquet')",
    ],
)
def test_files_beside_the_run_cannot_be_read(source: str, run: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nsesame\n", encoding="utf-8")
    with pytest.raises(UsageError, match="the query cannot be run"):
        run.sql(f"select * from {source.format(secret, tmp_path)}").fetchall()


def test_functions_that_read_later_are_refused_when_they_do(run: Any, tmp_path: Path) -> None:
    import duckdb

    (tmp_path / "secret.csv").write_text("word\nsesame\n", encoding="utf-8")
    with pytest.raises(duckdb.PermissionException):
        run.sql(f"select * from sniff_csv('{tmp_path}/secret.csv')").fetchall()


def test_variables_of_the_program_are_no_tables(run: Any) -> None:
    import pandas

    hidden_frame = pandas.DataFrame({"word": ["sesame"]})
    assert len(hidden_frame) == 1
    for name in ("hidden_frame", "query", "statements"):
        with pytest.raises(UsageError, match="the query cannot be run"):
            run.sql(f"select * from {name}")


def test_wrong_sql_is_said_with_its_text(run: Any) -> None:
    with pytest.raises(
        UsageError, match=r"the query cannot be run: .*nonsense.* got select nonsense"
    ):
        run.sql("select nonsense from layers")
    with pytest.raises(UsageError, match="the query cannot be run: Parser Error"):
        run.sql("selec 1")


def test_a_result_can_be_had_in_every_shape(run: Any) -> None:
    result = run.sql("select passage, avg(rotation) as turn from layers group by 1 order by 1")
    assert len(result.fetchall()) == len(TEXTS)
    assert list(result.df()["passage"]) == list(range(len(TEXTS)))
    assert result.pl().shape == (len(TEXTS), 2)
    assert result.to_arrow_table().num_rows == len(TEXTS)
    assert set(result.fetchnumpy()) == {"passage", "turn"}


def test_data_frames_have_all_rows_in_order(run: Any) -> None:
    tokens = run.manifest["corpus"]["rows"]
    states = run.blocks + 1
    layers = run.to_pandas("layers")
    assert len(layers) == tokens * states
    keys = list(zip(layers.passage, layers.position, layers.layer, strict=True))
    assert keys == sorted(keys)
    assert {"rotation", "growth", "influence", "turned"} <= set(layers.columns)
    frame = run.to_polars("tokens")
    assert frame.shape[0] == tokens
    assert frame["token"][0] == "The"
    assert run.to_pandas("pairs").angle.between(0, 180).all()
    with pytest.raises(UsageError) as error:
        run.to_pandas("l")
    known = "layers, tokens, passages, pairs, words, spans, skips, sinks, ablations, undone_turns"
    known += ", lens, texts, findings, sums, token_sums, token_counts, chosen_layers, chosen_tokens"
    known += ", histograms, joint_histograms, extremes"
    assert str(error.value) == f"unknown table: expected {known}, got 'l'."


@pytest.mark.parametrize(
    ("table", "option"),
    [
        ("words", "--tags"),
        ("spans", "--measures block_distance"),
        ("skips", "--skip-blocks"),
        ("ablations", "--undo"),
        ("undone_turns", "--undo turn"),
        ("lens", "--lens"),
    ],
)
def test_a_table_that_was_not_asked_for_is_said_with_its_option(
    table: str, option: str, run: Any
) -> None:
    remedy = f"A run has the table {table} if it was measured with {option}."
    for ask in (run.to_pandas, run.to_polars, lambda name: run.sql(f"select * from {name}")):
        with pytest.raises(UsageError) as error:
            ask(table)
        assert str(error.value).endswith(remedy)


def test_words_spans_and_skips_are_data_frames(gpt2_folder: Path, measured: Measured) -> None:
    from odograph.corpus.passages import Passage, Word

    words = (Word("A", 0, 1, "DET", "a"),)
    texts = [Passage(name, "A dog ran.", "here", words) for name in "tu"]
    made = measured(
        gpt2_folder,
        texts,
        tags="conllu",
        measures=["block_distance"],
        skip_blocks=True,
        shard_tokens=4,
        pairs=2,
    )
    frame = made.to_pandas("words")
    assert list(frame.text_id) == ["t", "u"]
    assert (frame.tag[1], frame.passage[1]) == ("DET", 1)
    spans = made.to_polars("spans")
    states = made.blocks + 1
    assert spans.shape[0] == 2 * states * (states - 1) // 2
    keys = spans.select("passage", "layer", "blocks").rows()
    assert keys == sorted(keys)
    skips = made.to_pandas("skips")
    assert skips["first"][0] == 0
    assert skips.loss.gt(0).all()


def test_tokens_are_read_without_their_layers(run: Any) -> None:
    """Only straightness needs them; a query that does not ask for it must not read them."""
    plans = [
        run._database._connection().sql(f"explain select avg({name}) from tokens").fetchall()[0][1]
        for name in ("start", "straightness")
    ]
    assert ["step" in plan for plan in plans] == [False, True]


def test_the_array_is_token_by_layer(run: Any) -> None:
    data = run.to_xarray()
    tokens = run.manifest["corpus"]["rows"]
    assert dict(data.sizes) == {"token": tokens, "layer": run.blocks + 1}
    layers = run.to_pandas("layers")
    for name in ("rotation", "norm", "path"):
        np.testing.assert_array_equal(data[name].values.ravel(), layers[name].to_numpy())
    assert data.rotation.attrs == {"units": "degrees", "long_name": "rotation in the block"}
    picked = data.sel(layer=2).isel(token=3)
    row = layers[(layers.passage == 0) & (layers.position == 3) & (layers.layer == 2)]
    assert picked.norm.item() == row.norm.item()


@pytest.mark.parametrize("extra", ["pandas", "polars", "xarray"])
def test_a_missing_extra_is_named(extra: str, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == extra:
            raise ImportError(f"No module named '{name}'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError) as error:
        run.to_xarray() if extra == "xarray" else getattr(run, f"to_{extra}")("tokens")
    wanted = f"{extra} is not installed. Install it with: pip install 'odograph[{extra}]'"
    assert str(error.value).startswith(wanted)


def test_tables_of_studies_are_listed_and_read(gpt2_folder: Path, measured: Measured) -> None:
    made = measured(gpt2_folder, targets=["her"])
    assert made.sql("select * from tables").fetchall() == []
    odograph.study("rotation", made).close()
    with odograph.open(made.folder) as again:
        names = [n for (n,) in again.sql("select name from tables order by 1").fetchall()]
        assert names == [
            "rotation_curves",
            "rotation_last_step",
            "rotation_nulls",
            "rotation_pairs",
            "rotation_profile",
        ]
        for name in names:
            assert again.sql(f"select * from tables.{name}").fetchall()
        assert len(again.findings) > 3


def test_a_closed_run_opens_again(run: Any) -> None:
    with odograph.open(run.folder) as other:
        other.close()
        assert other.sql("select 1").fetchall() == [(1,)]


def test_two_runs_open_at_once_do_not_mix(run: Any, llama_folder: Path, measured: Measured) -> None:
    other = measured(llama_folder)
    deepest = "select max(layer) from layers"
    assert (run.sql(deepest).fetchall(), other.sql(deepest).fetchall()) == ([(4,)], [(3,)])


def copied(run: Any, tmp_path: Path, **changed: Any) -> Path:
    import shutil

    folder = tmp_path / "copy"
    shutil.copytree(run.folder, folder)
    record = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps(record | changed), encoding="utf-8")
    return folder


@pytest.mark.parametrize("number", [0, 2, "1", None])
def test_another_format_is_refused(number: Any, run: Any, tmp_path: Path) -> None:
    folder = copied(run, tmp_path, format=number, odograph="9.9")
    with pytest.raises(RunError) as error:
        odograph.open(folder)
    assert str(error.value) == (
        f"'{folder}' is of another format: expected format 1, got format {number} of "
        "odograph 9.9. Read it with that version, or measure the run again."
    )


@pytest.mark.parametrize("content", ["", "{", "[1, 2]", "null", "\xff\xfe", '"run"'])
def test_a_damaged_manifest_is_said_to_be_so(content: str, run: Any, tmp_path: Path) -> None:
    folder = copied(run, tmp_path)
    (folder / "manifest.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(RunError, match=r"manifest\.json' is damaged"):
        odograph.open(folder)


def test_no_run_is_said_with_the_way_to_one(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="got no such folder"):
        odograph.open(tmp_path / "nowhere")
    with pytest.raises(RunError, match=r"got a folder without manifest\.json.*odograph measure"):
        odograph.open(tmp_path)


def test_a_folder_whose_name_looks_like_a_pattern_can_be_read(
    gpt2_folder: Path, tmp_path: Path, measured: Callable[..., Any]
) -> None:
    run = measured(gpt2_folder, out=tmp_path / "run[1]", untrained=1)
    assert run.arrow("tokens").num_rows > 0
    assert run.untrained[0].arrow("layers").num_rows > 0


def test_a_damaged_file_is_named_with_a_remedy(
    gpt2_folder: Path, tmp_path: Path, measured: Callable[..., Any]
) -> None:
    measured(gpt2_folder, out=tmp_path / "run").close()
    path = tmp_path / "run" / "layers" / "part-00000.parquet"
    path.write_bytes(path.read_bytes()[:500])
    with (
        odograph.open(tmp_path / "run") as run,
        pytest.raises(RunError, match=r"layers/part-00000.parquet.*--resume"),
    ):
        run.sql("select count(norm) from layers")


def test_a_lost_file_is_named_with_a_remedy(
    gpt2_folder: Path, tmp_path: Path, measured: Callable[..., Any]
) -> None:
    measured(gpt2_folder, out=tmp_path / "run").close()
    (tmp_path / "run" / "tokens" / "part-00000.parquet").unlink()
    with pytest.raises(RunError, match=r"lost 1 of its \d+ files, first tokens/.*--resume"):
        odograph.open(tmp_path / "run")


def test_damaged_vectors_are_named_with_a_remedy(
    gpt2_folder: Path, tmp_path: Path, measured: Callable[..., Any]
) -> None:
    measured(gpt2_folder, out=tmp_path / "run", untrained=0).close()
    path = tmp_path / "run" / "moments" / "part-00000.safetensors"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(RunError, match=r"moments/part-00000\.safetensors.*--resume"):
        summed_moments(odograph.open(tmp_path / "run"))


def test_the_way_to_vectors_is_said_where_they_are_looked_for_as_a_table(run: Any) -> None:
    with pytest.raises(UsageError, match=r"odograph\.folder\.vectors reads them"):
        run.sql("select * from vectors")
