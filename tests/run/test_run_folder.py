"""The run folder of format 1, column by column, as the contract has it."""

import json
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from tiny import TEXTS, scatter

import odograph
from odograph import products
from odograph.folder.manifest import read_manifest
from odograph.measures import MEASURES
from odograph.run.config import RunConfig

Measured = Callable[..., Any]
EVERYTHING = {
    "measures": ["bend,straightness"],
    "logits": "full",
    "targets": ["her"],
    "untrained": 1,
    "shard_tokens": 60,
    "seed": 3,
}
TOKENS = {
    "passage": pa.int64(),
    "passage_id": pa.string(),
    "position": pa.int32(),
    "token_id": pa.int32(),
    "token": pa.string(),
    "start": pa.int32(),
    "end": pa.int32(),
    "word": pa.int32(),
    "pieces": pa.int32(),
    "group": pa.string(),
    "role": pa.string(),
    "occurrence": pa.int32(),
    "sink": pa.bool_(),
}
LAST = [f"last_{m}_{c}" for c in ("stream", "hf") for m in ("norm", "rotation", "step")]
MEASURED_TOKENS = {"displacement", "next_logit", "next_logprob", "entropy", "rank", *LAST}
LAYERS = {"passage": pa.int64(), "position": pa.int32(), "layer": pa.int16()}
PAIRS = {
    "null": pa.string(),
    "layer": pa.int16(),
    "angle": pa.float32(),
    "passage": pa.int64(),
    "position": pa.int32(),
    "other_passage": pa.int64(),
    "other_position": pa.int32(),
    "other_layer": pa.int16(),
}


@pytest.fixture(scope="module")
def run(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = tmp_path_factory.mktemp("runs") / "whole"
    with odograph.measure(gpt2_folder, list(TEXTS), out=out, **EVERYTHING) as made:
        yield made


def parts(run: Any, table: str) -> list[Path]:
    return sorted((run.folder / table).glob("*"))


def test_the_folder_holds_what_the_contract_lists_and_nothing_else(run: Any) -> None:
    names = [f"part-{n:05d}" for n in range(len(run.manifest["shards"]))]
    assert len(names) > 1
    assert {p.name for p in run.folder.iterdir()} == {
        "manifest.json",
        "pilot.safetensors",
        "passages",
        "sinks",
        "tokens",
        "layers",
        "pairs",
        "moments",
        "texts",
        "untrained",
    }
    for table in ("passages", "tokens", "layers", "pairs", "texts"):
        assert [p.name for p in parts(run, table)] == [f"{n}.parquet" for n in names]
    assert [p.name for p in parts(run, "moments")] == [f"{n}.safetensors" for n in names]
    assert [p.name for p in (run.folder / "untrained").iterdir()] == ["seed-1"]


def test_tokens_have_the_columns_of_the_contract(run: Any) -> None:
    for part in parts(run, "tokens"):
        schema = parquet.read_schema(part)
        assert {n: schema.field(n).type for n in TOKENS} == TOKENS
        rest = set(schema.names) - set(TOKENS)
        assert rest == MEASURED_TOKENS
        assert all(
            schema.field(n).type == (pa.int32() if n == "rank" else pa.float32()) for n in rest
        )


def test_layers_have_their_keys_and_one_float32_column_a_stored_measure(run: Any) -> None:
    for part in parts(run, "layers"):
        schema = parquet.read_schema(part)
        assert schema.names == [*LAYERS, "norm", "rotation", "step", "bend"]
        assert {n: schema.field(n).type for n in LAYERS} == LAYERS
        assert all(schema.field(n).type == pa.float32() for n in schema.names[3:])


def test_pairs_have_the_columns_of_the_contract(run: Any) -> None:
    for part in parts(run, "pairs"):
        schema = parquet.read_schema(part)
        assert {n: schema.field(n).type for n in schema.names} == PAIRS


def test_every_column_says_what_it_is(run: Any) -> None:
    for table in ("tokens", "layers", "pairs"):
        schema = parquet.read_schema(parts(run, table)[0])
        assert schema.metadata[b"odograph_format"] == b"1"
        for field in schema:
            facts = {k.decode(): v.decode() for k, v in field.metadata.items()}
            assert facts["definition"].endswith("."), field.name
            if field.name in MEASURES:
                record = MEASURES[field.name]
                assert (facts["unit"], facts["axis"]) == (record.unit, record.axis)
                assert (facts["formula"], facts["definition"]) == (
                    record.formula,
                    record.definition,
                )
            elif field.name in LAST:
                assert facts["unit"] in ("degrees", "model units")
                assert facts["axis"] == "token"


def test_floats_are_split_by_bytes_and_everything_is_zstd(run: Any) -> None:
    for table in ("tokens", "layers", "pairs"):
        group = parquet.ParquetFile(parts(run, table)[0]).metadata.row_group(0)
        for index in range(group.num_columns):
            column = group.column(index)
            assert column.compression == "ZSTD"
            if column.physical_type == "FLOAT":
                assert "BYTE_STREAM_SPLIT" in column.encodings
                assert "RLE_DICTIONARY" not in column.encodings


def test_nulls_stand_exactly_where_a_measure_has_no_meaning(run: Any) -> None:
    wrong = run.sql(
        "select count(*) from layers where (layer = 0) <> (rotation is null) "
        "or (layer = 0) <> (step is null) or (layer < 2) <> (bend is null) or norm is null"
    )
    assert wrong.fetchall() == [(0,)]
    wrong = run.sql("""
        with t as (
            select *, position = max(position) over (partition by passage) as at_end from tokens)
        select count(*) from t where at_end <> (next_logit is null) or at_end <> (rank is null)
        or at_end <> (next_logprob is null) or entropy is null
        or (role = 'other') <> ("group" is null)
        or (role = 'other') <> (occurrence is null) or (word is null) <> (pieces is null)""")
    assert wrong.fetchall() == [(0,)]
    assert run.sql("select min(rank) >= 1, max(next_logprob) <= 0 from tokens").fetchall() == [
        (True, True)
    ]


def test_rows_are_one_a_token_and_one_a_token_and_layer_in_order(run: Any) -> None:
    for index, part in enumerate(parts(run, "tokens")):
        tokens = parquet.read_table(part, columns=["passage", "position"]).to_pydict()
        layers = parquet.read_table(parts(run, "layers")[index]).to_pydict()
        keys = list(zip(tokens["passage"], tokens["position"], strict=True))
        assert keys == sorted(set(keys))
        wanted = [(*key, layer) for key in keys for layer in range(run.blocks + 1)]
        given = zip(layers["passage"], layers["position"], layers["layer"], strict=True)
        assert list(given) == wanted


def test_the_spans_of_tokens_are_those_of_the_text(run: Any) -> None:
    rows = run.sql('select passage_id, token, start, "end", role from tokens').fetchall()
    for passage_id, token, start, end, role in rows:
        text = TEXTS[int(passage_id.removeprefix("text:")) - 1]
        assert text[start:end] == token.strip()
        if role == "target":
            assert text[:end].lower().endswith("her") or token.strip() in "her"


def test_where_numba_cannot_be_imported_numpy_measures_and_the_manifest_says_so(
    gpt2_folder: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = measured(gpt2_folder)
    monkeypatch.setitem(sys.modules, "odograph.products.fused", None)
    monkeypatch.delattr(products, "fused", raising=False)
    monkeypatch.setattr(products, "_fused", products._fused.__wrapped__)
    without = measured(gpt2_folder)
    assert without.manifest["products"] == "numpy"
    both = [
        run.sql("select rotation, step, norm from layers order by all") for run in (usual, without)
    ]
    first, second = (relation.fetchnumpy() for relation in both)
    for name in first:
        np.testing.assert_allclose(second[name], first[name], rtol=1e-6, atol=1e-4)


def test_the_manifest_has_every_key(run: Any) -> None:
    manifest = json.loads((run.folder / "manifest.json").read_text("utf-8"))
    assert set(manifest) == {
        "format",
        "kind",
        "odograph",
        "versions",
        "command",
        "config",
        "config_hash",
        "model",
        "dtype",
        "device",
        "kernel",
        "products",
        "convention",
        "bos",
        "generators",
        "seed",
        "self_check",
        "decomposition",
        "rounding",
        "exclusions",
        "corpus",
        "kept",
        "pilot",
        "sinks",
        "shards",
        "not_a_number",
        "first_not_a_number",
        "untrained",
        "shuffled",
        "skips",
        "ablations",
        "lens",
        "time",
        "complete",
    }
    assert (manifest["format"], manifest["kind"], manifest["complete"]) == (1, "run", True)
    assert (manifest["dtype"], manifest["device"], manifest["seed"]) == ("float32", "cpu", 3)
    assert manifest["untrained"] == ["untrained/seed-1"]
    assert manifest["config"]["targets"] == ["her"]
    assert set(manifest["config"]) == set(RunConfig.model_fields)
    assert [c["name"] for c in manifest["self_check"]] == [
        "closure",
        "final norm",
        "head",
        "batch",
        "repeat",
    ]
    corpus = manifest["corpus"]
    tokens = run.sql("select count(*) from tokens").fetchall()[0][0]
    assert (corpus["passages"], corpus["tokens"], corpus["rows"]) == (len(TEXTS), tokens, tokens)
    assert manifest["exclusions"]["first_position"] == len(TEXTS)
    assert manifest["time"]["wall_s"] > 0
    twin = read_manifest(run.folder / "untrained" / "seed-1")
    assert twin["model"]["untrained_seed"] == 1
    assert manifest["model"]["untrained_seed"] is None


def test_receipts_cover_the_passages_and_the_files(run: Any) -> None:
    receipts = run.manifest["shards"]
    assert [r["index"] for r in receipts] == list(range(len(receipts)))
    edges = [r["passages"] for r in receipts]
    assert edges[0][0] == 0
    assert edges[-1][1] == len(TEXTS) - 1
    assert all(a[1] + 1 == b[0] for a, b in pairwise(edges))
    named = {name for r in receipts for name in r["files"]}
    there = {str(p.relative_to(run.folder)) for p in run.folder.glob("*/part-*")}
    assert named == there
    from odograph.folder.checksums import checksum

    for receipt in receipts:
        for name, digest in receipt["files"].items():
            assert checksum(run.folder / name) == digest


def test_two_runs_of_one_config_give_the_same_numbers(
    run: Any, gpt2_folder: Path, measured: Measured
) -> None:
    again = measured(gpt2_folder, **EVERYTHING)
    for table in ("tokens", "layers", "pairs"):
        assert again.arrow(table).equals(run.arrow(table))
        assert again.untrained[0].arrow(table).equals(run.untrained[0].arrow(table))
    assert again.manifest["config_hash"] == run.manifest["config_hash"]


def test_drawn_pairs_obey_their_null(run: Any) -> None:
    nulls = {n for (n,) in run.sql('select distinct "null" from pairs').fetchall()}
    assert nulls == {"same-layer", "mismatched-step", "any-position-any-layer"}
    bad = run.sql("""
        select count(*) from pairs where position = 0 or other_position = 0
        or ("null" <> 'any-position-any-layer' and passage = other_passage)
        or ("null" = 'same-layer' and layer <> other_layer)
        or ("null" = 'mismatched-step' and (layer <> other_layer or layer = 0))
        or angle is null or not angle between 0 and 180""")
    assert bad.fetchall() == [(0,)]


def test_drawn_angles_are_those_of_the_states(gpt2_folder: Path, measured: Measured) -> None:
    """Every drawn pair is computed again from states collected by other hooks."""
    import sys

    sys.path.insert(0, str(Path(__file__).parents[1] / "core"))
    import recomputed
    from transformers import AutoModelForCausalLM

    run = measured(gpt2_folder, logits="none", pairs=40)
    model = AutoModelForCausalLM.from_pretrained(gpt2_folder).eval()
    rows = run.sql("select passage, token_id from tokens order by passage, position").fetchall()
    states = {
        p: recomputed.states_of(model, [t for q, t in rows if q == p])[0] for p in range(len(TEXTS))
    }
    for pair in run.arrow("pairs").to_pylist():
        before = pair["layer"] - (pair["null"] == "mismatched-step")
        u = states[pair["passage"]][before, pair["position"]]
        v = states[pair["other_passage"]][pair["other_layer"], pair["other_position"]]
        assert pair["angle"] == pytest.approx(recomputed.angle(u, v), abs=2e-4)


def test_the_direction_sum_gives_the_mean_cosine_of_all_pairs(
    gpt2_folder: Path, measured: Measured
) -> None:
    import numpy as np
    import recomputed
    from transformers import AutoModelForCausalLM

    from odograph.folder.drawn_pairs import exact_cosines

    run = measured(gpt2_folder, logits="none", pairs=4, shard_tokens=50)
    model = AutoModelForCausalLM.from_pretrained(gpt2_folder).eval()
    rows = run.sql("select passage, token_id from tokens order by passage, position").fetchall()
    later = [
        recomputed.states_of(model, [t for q, t in rows if q == p])[0][:, 1:]
        for p in range(len(TEXTS))
    ]
    states = np.concatenate(later, axis=1)
    unit = states / np.linalg.norm(states, axis=-1, keepdims=True)
    n = unit.shape[1]
    cosines = np.einsum("lid,ljd->lij", unit, unit)
    wanted = (cosines.sum((1, 2)) - n) / (n * (n - 1))
    np.testing.assert_allclose(exact_cosines(run), wanted, atol=1e-6)


def test_a_later_sink_is_flagged_and_counted(measured: Measured) -> None:
    """Token 7 begins forty times as long as all others and stays so."""
    import numpy as np
    from planted import WIDTH, everywhere, planted_gpt2

    start = everywhere(np.ones(WIDTH))
    start[7] *= 40
    run = measured(planted_gpt2(start, [np.full(WIDTH, 0.1)] * 4), [[7, 2, 7, 3, 4, 5], [1, 2, 3]])
    flagged = run.sql("select passage, position from tokens where sink order by 1, 2").fetchall()
    assert flagged == [(0, 0), (0, 2)]
    assert run.manifest["exclusions"]["sinks"] == 1


def test_measures_and_logits_decide_the_columns(gpt2_folder: Path, measured: Measured) -> None:
    plain = measured(gpt2_folder, measures=["norm"], logits="none", pairs=0)
    stored = parquet.read_schema(parts(plain, "tokens")[0]).names
    assert set(stored) == {*TOKENS, *LAST}
    assert plain.sql("select count(*) from pairs").fetchall() == [(0,)]
    only = measured(gpt2_folder, logits="target")
    assert "next_logit" in only.arrow("tokens").column_names
    assert "entropy" not in only.arrow("tokens").column_names


def test_keep_first_lets_position_0_into_draws_and_counts(
    gpt2_folder: Path, measured: Measured
) -> None:
    kept = measured(gpt2_folder, keep_first=True)
    drawn = kept.sql("select count(*) from pairs where position = 0 or other_position = 0")
    assert drawn.fetchall()[0][0] > 0
    assert kept.manifest["exclusions"]["first_position"] == 0


def test_the_head_s_bias_is_in_the_logits(measured: Measured) -> None:
    import numpy as np
    import torch
    from tiny import checked
    from transformers import GPTJConfig, GPTJForCausalLM

    config = checked(
        GPTJConfig, vocab_size=60, n_embd=16, n_layer=2, n_head=2, n_positions=32, rotary_dim=8
    )
    model = scatter(GPTJForCausalLM(config), seed=4)
    ids = [3, 14, 15, 9, 2, 6]
    run = measured(model, [ids], logits="full")
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0].double()
    wanted = torch.log_softmax(logits, -1)[range(5), ids[1:]].numpy()
    given = run.arrow("tokens")["next_logprob"].to_numpy()[:-1]
    np.testing.assert_allclose(given, wanted, atol=1e-5)
    assert run.manifest["model"]["layout"] == "parallel"
    assert run.manifest["decomposition"] == "exact"
