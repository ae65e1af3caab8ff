"""What the pruning study says of blocks that are planted, and of the run as it stands on disk."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from planted import everywhere, planted_gpt2, turning_states
from scipy import stats
from tiny import TEXTS, build_gpt2, tokenizer

import odograph
from odograph.errors import StudyError
from odograph.studies.pruning import STUDY
from odograph.studies.result import StudyResult

Measured = Callable[..., Any]
ASKED: dict[str, Any] = {"measures": ["block_distance"], "skip_blocks": True}
BLOCKS = 5


def scaled(blocks: dict[int, float]) -> Any:
    """A GPT-2 in which the blocks named add so many times what they did."""
    model = build_gpt2(blocks=BLOCKS)
    with torch.no_grad():
        for number, factor in blocks.items():
            block = model.transformer.h[number - 1]
            for part in (block.attn.c_proj, block.mlp.c_proj):
                part.weight.mul_(factor)
                part.bias.mul_(factor)
    return model


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A model whose block 3 does nothing, with two twins, studied once."""
    out = tmp_path_factory.mktemp("pruning") / "run"
    odograph.measure(
        scaled({3: 0.0}), TEXTS, out=out, tokenizer=tokenizer(begins=False), untrained=2, **ASKED
    ).close()
    return odograph.study("pruning", out)


def statements(result: Any) -> list[str]:
    found = result.findings
    return [f["statement"] if isinstance(f, dict) else f.statement for f in found]


def test_a_block_that_does_nothing_is_the_first_to_go(studied):
    influence, costs, same = (statements(studied)[k] for k in (1, 2, 4))
    assert "is smallest in block 3, 0 (" in influence
    assert "Skipped alone, block 3 costs least: the next-token loss changes by 0 nats" in costs
    assert same.startswith("Geometry and loss name the same block here: block 3 has the smallest")
    plan = studied.findings[0]["data"]
    assert (plan[0]["first"], plan[0]["last"], plan[0]["layers"]) == (3, 3, [2])
    assert plan[0]["loss_change"] == 0
    assert plan[0]["distance"] < 1e-6
    assert [entry["blocks"] for entry in plan] == [1, 2, 3, 4]


def test_the_list_is_the_table_and_only_the_first_finding_has_one(studied):
    table = studied.sql("select * from tables.pruning_plan where \"by\" = 'all tokens'").df()
    plan = studied.findings[0]["data"]
    for name in ("blocks", "first", "last", "distance", "loss_change"):
        assert [entry[name] for entry in plan] == pytest.approx(table[name].tolist())
    assert all(set(e["layers"]) == set(range(e["first"] - 1, e["last"])) for e in plan)
    assert ["data" in finding for finding in studied.findings] == [True] + [False] * 5


def test_distances_and_losses_are_means_over_passages(studied):
    spans = studied.sql("select * from spans").df()
    skips = studied.sql("select * from skips").df().set_index("passage")
    base = skips[skips.blocks == 0].loss.astype(float)
    for row in studied.sql("select * from tables.pruning_plan").df().itertuples():
        name = "last_angle" if row.by == "last token" else "angle"
        of_length = spans[spans.blocks == row.blocks].groupby("layer")[name].mean()
        assert row.distance == pytest.approx(of_length.min() / 180, abs=1e-6)
        assert row.first == of_length.idxmin() + 1
        skipped = skips[(skips["first"] == row.first) & (skips.blocks == row.blocks)].loss
        assert row.loss_change == pytest.approx((skipped.astype(float) - base).mean(), abs=1e-6)
        assert row.n_loss == len(skipped)


def test_influence_and_ranks_are_those_of_the_run(studied):
    table = studied.sql("select * from tables.pruning_blocks").df()
    frame = studied.sql(
        "select passage, layer, avg(influence) as influence from layers "
        "join tokens using (passage, position) where position > 0 and not sink and layer > 0 "
        "group by all"
    ).df()
    influence = frame.groupby("layer").influence.mean()
    np.testing.assert_allclose(table.influence, influence, atol=1e-6)
    assert table.influence_rank.tolist() == stats.rankdata(influence).tolist()
    r = stats.spearmanr(table.influence, table.loss_change).statistic
    assert f"Spearman correlation of {r:.2f}".replace("0.", ".") in statements(studied)[5]


def test_the_twins_stand_beside_the_model(studied):
    triangle = studied.sql("select * from tables.pruning_triangle").df()
    assert len(triangle) == BLOCKS * (BLOCKS + 1) / 2
    twins = [t.sql("select avg(angle) / 180 from spans where layer = 0 and blocks = 5").fetchall()
             for t in studied.untrained]  # fmt: skip
    whole = triangle[triangle.blocks == BLOCKS]
    expected = np.mean([value for [(value,)] in twins])
    assert whole.all_tokens_untrained.tolist() == [pytest.approx(expected)]
    assert "in the 2 untrained twins" in statements(studied)[0]
    sections = json.loads((studied.folder / "studies.json").read_text("utf-8"))["pruning"]
    nulls = {figure["name"]: figure["null"] for figure in sections["figures"]}
    assert "2 seeds" in nulls["pruning_triangle_last_angle"]


def test_every_claim_about_geometry_says_that_it_is_not_importance(studied):
    for index in (0, 1, 4, 5):
        assert "Geometry is not importance" in statements(studied)[index]
    assert all("important" not in text for text in statements(studied))


def test_geometry_and_loss_may_disagree(measured: Measured, monkeypatch):
    """The losses of the least-turning block are made the largest of all."""
    from dataclasses import replace

    from odograph.folder.samples import blocks as parts

    run = measured(scaled({3: 0.01}), TEXTS, tokenizer=tokenizer(begins=False), **ASKED)
    found = parts.losses(run)
    dearer = found.change.copy()
    third = (found.first == 3) & (found.blocks == 1)
    dearer[:, third] = 9 + np.arange(len(dearer))[:, None] / 100
    monkeypatch.setattr(parts, "losses", lambda _: replace(found, change=dearer))
    said = statements(STUDY.analyse(run))
    least = int(np.argmin(dearer[:, found.blocks == 1].mean(axis=0))) + 1
    assert least != 3
    assert (
        f"the block of the smallest influence, 3, is not the least costly, {least}; skipping"
        in said[4]
    )
    assert said[4].startswith("Geometry and loss disagree:")
    cheapest = dearer[:, (found.first == least) & (found.blocks == 1)]
    dearer[:, third] = cheapest + np.where(np.arange(len(dearer)) % 2, -1, 1.5)[:, None]
    said = statements(STUDY.analyse(run))
    assert said[4].startswith("Geometry and loss name different blocks, but not clearly: ")


def test_without_skipped_blocks_geometry_stands_alone(measured: Measured):
    run = measured(
        build_gpt2(), TEXTS, tokenizer=tokenizer(begins=False), measures=["block_distance"]
    )
    result = STUDY.analyse(run)
    assert len(result.findings) == 2
    assert {plot.name for plot in result.plots} == {
        "pruning_triangle_last_angle",
        "pruning_triangle_angle",
        "pruning_influence",
    }
    assert any("--skip-blocks runs the texts without each" in note for note in result.notes)
    assert all(entry["loss_change"] is None for entry in result.findings[0].data)
    assert "no untrained twin was measured" in result.findings[0].statement


def test_what_the_losses_rest_on_is_said(measured: Measured):
    run = measured(build_gpt2(), TEXTS, tokenizer=tokenizer(begins=False), tokens=30, **ASKED)
    written = run.manifest["skips"]
    note = (
        f"{written['passages']} of {len(TEXTS)} passages, drawn by hash "
        f"({written['tokens']} tokens;"
    )
    assert any(note in text for text in STUDY.analyse(run).notes)


def test_losses_that_are_not_a_number_are_left_out_and_counted(measured: Measured):
    states = turning_states([10, 20, 30, 40, 50])
    start = everywhere(states[0])
    start[7] = np.nan
    model = planted_gpt2(start, np.diff(states, axis=0))
    model.lm_head.weight = torch.nn.Parameter(torch.nan_to_num(model.lm_head.weight.detach()))
    ids = [[k, k + 1, k + 2, k + 3, k + 4] for k in range(8, 35, 3)] + [[7, 1, 2, 3, 4]]
    result: StudyResult = STUDY.analyse(measured(model, ids, **ASKED))
    assert [f.excluded for f in result.findings if f.n] == [1] * len(result.findings)


def test_a_run_without_angles_is_refused(measured: Measured):
    run = measured(build_gpt2(), TEXTS, tokenizer=tokenizer(begins=False))
    with pytest.raises(StudyError, match="Measure the run with --measures block_distance"):
        STUDY.analyse(run)


def test_a_model_of_one_block_is_refused(measured: Measured, one_block_folder: Path):
    with pytest.raises(StudyError, match="no block can be left out: expected a model of 2 blocks"):
        STUDY.analyse(measured(one_block_folder, TEXTS, **ASKED))


def test_passages_of_one_token_have_no_angles(measured: Measured, gpt2_folder: Path):
    run = measured(gpt2_folder, [[1], [2]], measures=["block_distance"])
    with pytest.raises(StudyError):
        STUDY.analyse(run)


def test_what_the_study_needs_is_measured_by_it():
    assert STUDY.needs == {"measures": ("block_distance",), "skip_blocks": True, "untrained": 8}


def test_all_tokens_lead_and_the_last_token_stands_under_its_authors_name(studied):
    (lead, *_), rows = studied.findings, studied.sql("select * from tables.pruning_plan").df()
    every, last = (rows[rows["by"] == by] for by in ("all tokens", "last token"))
    assert len(every) == len(last) == 4
    assert [entry["distance"] for entry in lead["data"]] == every["distance"].tolist()
    assert "by the last token of a passage (Gromov et al. 2024) it is " in lead["statement"]
    assert "Gromov" not in lead["headline"]


def test_tables_count_the_documents_of_losses_apart_from_those_of_distances(measured: Measured):
    run = measured(build_gpt2(), TEXTS, tokenizer=tokenizer(begins=False), tokens=30, **ASKED)
    skipped = run.manifest["skips"]["passages"]
    for table in STUDY.analyse(run).tables:
        if "loss_change" in table.columns:
            rows = table.columns
            assert {int(n) for n in rows["n_loss"]} == {skipped}
            assert {int(n) for n in rows["n"]} == {len(TEXTS)}
