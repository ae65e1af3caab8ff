"""`spans` and `skips` of a run, computed again from plain hooks and hand-built models."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import recomputed
import torch
from planted import everywhere, planted_gpt2, turning_states
from shortened import without
from tiny import TEXTS, build_gpt2, saved, tokenizer
from torch import nn
from transformers import AutoModelForCausalLM

import odograph
from odograph.errors import ModelError, RunError, UsageError
from odograph.folder.best_runs import ALL, LAST, best_runs, span_means

ASKED: dict[str, Any] = {"measures": ["block_distance"], "skip_blocks": True}
LONG = [text for text in TEXTS if len(text) > 30]


def ids_of(run: Any) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows = run.sql("select passage, token_id from tokens order by passage, position").fetchall()
    for passage, token in rows:
        found.setdefault(passage, []).append(token)
    return found


def spans_of(run: Any) -> dict[tuple[int, int, int], tuple[float, float, int]]:
    rows = run.sql("select passage, layer, blocks, angle, last_angle, tokens from spans").fetchall()
    return {tuple(row[:3]): tuple(row[3:]) for row in rows}


def loss_of(model: Any, ids: list[int]) -> float:
    with torch.no_grad():
        logits = model(torch.tensor([ids]), use_cache=False).logits[0].double()
    return float(nn.functional.cross_entropy(logits[:-1], torch.tensor(ids[1:])))


@pytest.mark.parametrize("convention", ["stream", "hf", "lens"])
@pytest.mark.parametrize("keep_first", [False, True])
@pytest.mark.parametrize("folder", ["gpt2_folder", "llama_folder", "stories_folder"])
def test_spans_are_the_angles_between_the_states(request, measured, folder, convention, keep_first):
    path: Path = request.getfixturevalue(folder)
    run = measured(
        path, measures=["block_distance"], convention=convention, keep_first=keep_first,
        batch_tokens=64,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_pretrained(path).eval()
    found = spans_of(run)
    start = 0 if keep_first else 1
    expected = 0
    for passage, ids in ids_of(run).items():
        raw, normed, _ = recomputed.states_of(model, ids)
        states = recomputed.seen(raw, normed, convention)[:, start:]
        if not states.shape[1]:
            continue
        for layer in range(len(states) - 1):
            for blocks in range(1, len(states) - layer):
                between = recomputed.angle(states[layer], states[layer + blocks])
                angle, last, tokens = found[passage, layer, blocks]
                assert angle == pytest.approx(between.mean(), abs=1e-4)
                assert last == pytest.approx(between[-1], abs=1e-4)
                assert tokens == len(between)
                expected += 1
    assert expected == len(found)


def test_one_block_spans_are_the_rotation(measured, gpt2_folder):
    run = measured(gpt2_folder, measures=["block_distance"])
    different = run.sql("""
        select max(abs(s.angle - r.angle)), max(abs(s.block_distance - s.angle / 180)), count(*)
        from spans s join (
            select passage, layer, avg(rotation::double) as angle from layers
            where position > 0 and layer > 0 group by all) r
        on r.passage = s.passage and r.layer = s.layer + 1 where s.blocks = 1""").fetchall()
    [(angle, distance, count)] = different
    assert angle < 1e-4
    assert distance < 1e-6
    assert count == 4 * run.sql("select count(distinct passage) from spans").fetchall()[0][0]


@pytest.mark.parametrize("options", [{"batch_tokens": 1}, {"shard_tokens": 10}])
def test_spans_and_skips_do_not_depend_on_batches_and_shards(measured, gpt2_folder, options):
    whole, cut = measured(gpt2_folder, **ASKED), measured(gpt2_folder, **ASKED, **options)
    for table, columns in (
        ("spans", "passage, layer, blocks"),
        ("skips", "first, blocks, passage"),
    ):
        values = [
            np.array(run.sql(f"select * from {table} order by {columns}").fetchall(), dtype=float)
            for run in (whole, cut)
        ]
        np.testing.assert_allclose(*values, atol=2e-5)


def test_spans_are_not_there_unless_they_are_asked_for(measured, gpt2_folder):
    run = measured(gpt2_folder)
    assert not (run.folder / "spans").exists()
    assert not (run.folder / "skips").exists()
    assert run.manifest["skips"] == {}


def test_twins_have_spans_of_their_own_and_nothing_skipped(measured, gpt2_folder):
    run = measured(gpt2_folder, **ASKED, untrained=2)
    for twin in run.untrained:
        assert spans_of(twin).keys() == spans_of(run).keys()
        assert spans_of(twin) != spans_of(run)
        assert not (twin.folder / "skips").exists()


@pytest.mark.parametrize("folder", ["gpt2_folder", "llama_folder", "stories_folder"])
def test_skipped_losses_are_those_of_models_without_the_blocks(request, measured, folder):
    path: Path = request.getfixturevalue(folder)
    run = measured(path, LONG, **ASKED)
    model = AutoModelForCausalLM.from_pretrained(path).eval()
    texts = ids_of(run)
    rows = run.sql("select first, blocks, passage, loss, tokens from skips").fetchall()
    for first, blocks, passage, loss, tokens in rows:
        shorter = without(model, first, blocks) if blocks else model
        assert loss == pytest.approx(loss_of(shorter, texts[passage]), abs=2e-5)
        assert tokens == len(texts[passage]) - 1
    means = span_means(run)
    best = {(b.first, b.blocks) for by in (LAST, ALL) for b in best_runs(means, by)}
    single = {(block, 1) for block in range(1, run.blocks + 1)}
    assert {(first, blocks) for first, blocks, *_ in rows} == {(0, 0), *single, *best}
    assert len(rows) == len(texts) * len({(0, 0), *single, *best})


def test_best_runs_have_the_smallest_mean_angle(measured, gpt2_folder):
    run = measured(gpt2_folder, measures=["block_distance"])
    for by in (LAST, ALL):
        found = best_runs(span_means(run), by)
        assert [b.blocks for b in found] == [1, 2, 3]
        for best in found:
            rows = run.sql(
                f"select layer + 1, avg({by}::double) as mean from spans "
                f"where blocks = {best.blocks} group by all order by mean"
            ).fetchall()
            assert rows[0] == (best.first, pytest.approx(best.angle, abs=1e-9))
            assert best.last == best.first + best.blocks - 1


def test_windows_of_one_passage_are_one_unit(measured, models):
    path = saved(build_gpt2(positions=16), models / "gpt2-short", begins=False)
    words = " ".join(LONG).split()
    texts = [" ".join(words), " ".join(reversed(words))]  # two copies would be one document
    run = measured(path, texts, **ASKED, too_long="window")
    means = span_means(run)
    assert run.sql("select count(distinct passage) from spans").fetchall()[0][0] > 4
    assert len(means.documents) == 2
    [(angle,)] = run.sql(
        f"select avg(angle::double) from spans where layer = 1 and blocks = 2 and passage in "
        f"(select passage from tokens where document = {means.documents[0]})"
    ).fetchall()
    assert means.angle[0, (means.layer == 1) & (means.blocks == 2)] == pytest.approx(angle)


def planted(blocks: int, idle: int) -> Any:
    """A GPT-2 of which one block adds nothing."""
    model = build_gpt2(blocks=blocks)
    block = model.transformer.h[idle - 1]
    with torch.no_grad():
        for part in (block.attn.c_proj, block.mlp.c_proj):
            part.weight.zero_()
            part.bias.zero_()
    return model


@pytest.mark.parametrize("idle", [1, 3, 5])
def test_a_block_that_adds_nothing_turns_and_costs_nothing(measured, idle):
    run = measured(planted(5, idle), LONG, tokenizer=tokenizer(begins=False), **ASKED)
    [(angle, last)] = run.sql(
        f"select max(angle), max(last_angle) from spans where blocks = 1 and layer = {idle - 1}"
    ).fetchall()
    assert max(angle, last) < 1e-5
    changes = dict(run.sql(
        "select first, max(abs(loss - base)) from skips join (select passage, loss as base "
        "from skips where blocks = 0) using (passage) where blocks = 1 group by all"
    ).fetchall())  # fmt: skip
    assert changes.pop(idle) == 0
    assert min(changes.values()) > 1e-3
    for by in (LAST, ALL):
        assert best_runs(span_means(run), by)[0].first == idle


def test_best_runs_hold_the_block_that_does_not_turn(measured):
    angles = [20.0, 20.0, 0.0, 20.0, 20.0, 20.0]
    states = turning_states(angles)
    model = planted_gpt2(everywhere(states[0]), np.diff(states, axis=0))
    run = measured(model, [[1, 2, 3, 4], [5, 6, 7]], **ASKED)
    for by in (LAST, ALL):
        best = best_runs(span_means(run), by)
        assert all(b.first <= 3 <= b.last for b in best)
        assert [b.angle for b in best] == pytest.approx([20 * n for n in range(5)], abs=1e-4)
        assert [b.first for b in best[2:]] == [1, 1, 1]  # of equal ones the earlier


def test_skipping_reads_whole_passages_up_to_its_limit(measured, gpt2_folder):
    run = measured(gpt2_folder, LONG, **ASKED, tokens=60)
    texts = ids_of(run)
    digests = dict(run.sql("select passage, text_digest from passages").fetchall())
    by_hash = sorted(texts, key=lambda n: digests[n])
    fitting = int((np.cumsum([len(texts[n]) for n in by_hash]) <= 60).sum())
    assert 0 < fitting < len(LONG)
    written = run.manifest["skips"]
    assert (written["passages"], written["of_passages"]) == (fitting, len(LONG))
    passages = run.sql("select distinct passage from skips order by passage").fetchall()
    assert passages == [(n,) for n in sorted(by_hash[:fitting])]
    assert written["tokens"] == sum(len(texts[n]) for (n,) in passages)


def test_a_first_passage_beyond_the_limit_is_read_all_the_same(measured, gpt2_folder):
    run = measured(gpt2_folder, LONG, **ASKED, tokens=1)
    assert run.manifest["skips"]["passages"] == 1


def test_a_passage_of_one_token_has_no_loss(measured, gpt2_folder):
    run = measured(gpt2_folder, [[5], [7, 8, 9]], **ASKED)
    assert run.sql("select distinct passage from skips").fetchall() == [(1,)]


def test_skips_are_done_once_and_again_when_they_are_damaged(gpt2_folder, tmp_path):
    out = tmp_path / "run"
    options = {**ASKED, "untrained": 1}
    odograph.measure(gpt2_folder, LONG, out=out, **options).close()
    path = out / "skips" / "part-00000.parquet"
    before, written = path.stat().st_mtime_ns, path.read_bytes()
    with odograph.measure(gpt2_folder, LONG, out=out, resume=True, **options):
        assert path.stat().st_mtime_ns == before
    path.write_bytes(b"damaged")
    with odograph.measure(gpt2_folder, LONG, out=out, resume=True, **options) as run:
        assert path.read_bytes() == written
        assert run.manifest["complete"]
        assert len(run.untrained) == 1


def test_a_shard_that_is_lost_does_not_cost_the_skips(gpt2_folder, tmp_path):
    out = tmp_path / "run"
    odograph.measure(gpt2_folder, LONG, out=out, **ASKED).close()
    before = (out / "skips" / "part-00000.parquet").stat().st_mtime_ns
    (out / "spans" / "part-00000.parquet").unlink()
    with pytest.raises(RunError, match="has lost 1 of its"):
        odograph.open(out)
    with odograph.measure(gpt2_folder, LONG, out=out, resume=True, **ASKED) as run:
        assert (out / "skips" / "part-00000.parquet").stat().st_mtime_ns == before
        assert run.manifest["complete"]
        assert not [n for s in run.manifest["shards"] for n in s["files"] if "skips" in n]


def test_an_interrupted_skipping_leaves_a_run_that_can_be_continued(
    gpt2_folder, tmp_path, monkeypatch
):
    from odograph.run import skips

    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(skips, "_batch_losses", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            odograph.measure(gpt2_folder, LONG, out=out, **ASKED)
    with pytest.raises(RunError, match="is not finished"):
        odograph.open(out)
    with odograph.measure(gpt2_folder, LONG, out=out, resume=True, **ASKED) as run:
        assert run.manifest["skips"]["ways"] > 5


def test_a_lost_file_of_skips_is_named(gpt2_folder, tmp_path):
    out = tmp_path / "run"
    odograph.measure(gpt2_folder, LONG, out=out, **ASKED).close()
    (out / "skips" / "part-00000.parquet").unlink()
    with pytest.raises(RunError, match=r"first skips/part-00000\.parquet"):
        odograph.open(out)


def test_skipping_needs_the_angles(gpt2_folder, tmp_path):
    with pytest.raises(UsageError, match="Add --measures block_distance"):
        odograph.measure(gpt2_folder, LONG, out=tmp_path / "run", skip_blocks=True)
    assert not (tmp_path / "run").exists()


def test_a_model_without_a_head_cannot_skip_but_has_its_angles(measured, gpt2_folder, tmp_path):
    trunk = AutoModelForCausalLM.from_pretrained(gpt2_folder).transformer
    asked: dict[str, Any] = {"tokenizer": tokenizer(begins=False), "logits": "none"}
    with pytest.raises(ModelError, match=r"it has no output head\. Leave out --skip-blocks"):
        odograph.measure(trunk, LONG, out=tmp_path / "refused", **asked, **ASKED)
    run = measured(trunk, LONG, **asked, measures=["block_distance"])
    assert len(best_runs(span_means(run))) == 3
