"""The benchmarks in small: what they compare computes the same, the page says what was measured.

Nothing is timed here.
"""

import json
import os
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny import TEXTS, build_gpt2, build_llama

import odograph
from bench import (
    analysing,
    batching,
    encoding,
    gpu,
    job,
    large,
    large_table,
    millions,
    notebook,
    overhead,
    peaks,
    prediction,
    selection,
    shapes,
    ways,
)
from bench.__main__ import PARTS
from bench.beside import start, writing
from bench.pages import PAGE, RESULTS, filled, table
from bench.rounds import Scale, interleaved, over
from bench.rows import Row, reached, read_rows, replaced, row, write_rows
from bench.trunk_time import timed
from odograph.models.hooks import watching
from odograph.models.loading import load
from odograph.models.probe import dissect
from odograph.run.batches import Batch
from odograph.run.budget import Budget
from odograph.studies import analyse, find
from odograph.studies.registry import BUILT_IN

QUICK = Scale(quick=True, threads=1)
WHERE = ("overhead", "somewhere")


@pytest.fixture(scope="module")
def small():
    """A tiny model that has the vocabulary of the bundled tokenizer."""
    return shapes.build(shapes.GPT2, quick=True)


@pytest.fixture(scope="module")
def loaded():
    return load(build_llama())


def test_the_page_is_made_from_the_results():
    page = PAGE.read_text(encoding="utf-8")
    assert filled(page, read_rows(RESULTS)) == page


def test_the_table_of_large_runs_is_computed_from_the_results():
    page = PAGE.parent.parent / "docs" / "how-to" / "large-runs.md"
    assert encoding.computed(read_rows(RESULTS)) in page.read_text(encoding="utf-8")


def test_the_table_of_the_trial_is_made_from_its_lines():
    page = PAGE.parent.parent / "docs" / "how-to" / "large-runs.md"
    lines = large_table.kept_lines()
    assert large_table.table(lines) in page.read_text(encoding="utf-8")
    assert [line["differ"] for line in lines if "differ" in line] == [0] * 6


def test_encoding_is_timed_in_four_parts():
    shared, joined, alone, handed = encoding.rows(QUICK)
    assert shared.value > alone.value > 0
    assert joined.value > 0
    assert handed.value > 0


def test_studies_are_timed_on_passages_that_are_no_copies_and_have_the_targets():
    made = analysing.passages(12_000)
    tokens = shapes.tokenizer()([analysing.plain(words) for words in made]).input_ids
    assert sum(map(len, tokens)) == pytest.approx(12_000, rel=0.1)
    assert len({analysing.plain(words) for words in made}) == len(made)
    assert all({"her", "him", "round"} <= {word for word, _ in words} for words in made)


def test_every_built_in_study_of_the_demonstration_is_timed_once():
    timed = [name for _, names in analysing.runs() for name in names]
    assert sorted(timed) == sorted(name for name in BUILT_IN if find(name).demo)


def test_a_study_is_timed_in_a_process_of_its_own_and_no_run_made_twice(tmp_path, monkeypatch):
    [line] = millions.lines(tmp_path, ["trajectories"], 1_000, 1)
    assert line["tokens"] == pytest.approx(1_000, rel=0.1)
    assert line["seconds"] > 0
    assert 100 < line["MB"] < 1500
    monkeypatch.setattr(millions, "alone", lambda *_: (line["seconds"], line["MB"]))
    monkeypatch.setattr(millions, "measured", None)
    assert [line] == list(millions.lines(tmp_path, ["trajectories"], 1_000, 1))


def test_the_page_has_a_table_for_every_part():
    page = PAGE.read_text(encoding="utf-8")
    for part in PARTS:
        made = replace(row((part, "s"), "w", [1.0, 2.0, 3.0], "ms"), machine="m", torch="t")
        assert table([made]) in filled(page, [made]), part


def test_the_results_are_of_known_parts_and_no_row_stands_twice():
    rows = read_rows(RESULTS)
    assert {found.part for found in rows} <= set(PARTS)
    names = [(found.part, found.setting, found.what) for found in rows]
    assert len(names) == len(set(names))


def test_rows_are_read_as_they_were_written(tmp_path):
    rows = [
        row(WHERE, "w, with a comma", [1.0, 3.0, 2.0], "times", "at most 2"),
        row(("gpu", ""), "1e-9", [1e-9], ""),
    ]
    write_rows(tmp_path / "rows.csv", rows)
    assert read_rows(tmp_path / "rows.csv") == rows
    assert read_rows(tmp_path / "none.csv") == []


def test_a_row_is_the_median_with_quartiles():
    found = row(WHERE, "w", [5.0, 1.0, 2.0, 4.0, 3.0], "ms")
    assert (found.low, found.value, found.high, found.rounds) == (2, 3, 4, 5)


def test_a_part_replaces_its_own_rows_only():
    old = [row((part, "s"), "w", [1.0], "") for part in ("memory", "overhead", "memory")]
    new = [row(("memory", "s"), "w", [2.0], "")]
    assert replaced(old, new, list(PARTS)) == [old[1], new[0]]


@pytest.mark.parametrize(
    ("goal", "value", "wanted"),
    [
        ("", 1.0, None),
        ("at most 1.02", 1.02, True),
        ("at most 1.02", 1.03, False),
        ("at least 3.3", 3.3, True),
        ("at least 3.3", 3.0, False),
        ("at least 3", float("nan"), None),
    ],
)
def test_goals_are_compared_with_the_median(goal, value, wanted):
    assert reached(row(WHERE, "w", [value], "", goal)) is wanted


def test_a_goal_in_other_words_is_refused():
    with pytest.raises(ValueError, match="at most"):
        reached(row(WHERE, "w", [1.0], "", "beyond 3"))


def test_every_way_has_its_turn_in_every_round_and_each_begins_one():
    turns = []
    made = {name: lambda name=name: turns.append(name) for name in "abc"}
    taken = interleaved(made, 3)
    assert "".join(turns) == "abc" + "abc" + "bca" + "cab"
    assert {name: len(seconds) for name, seconds in taken.items()} == {"a": 3, "b": 3, "c": 3}
    assert over([2.0, 6.0], [1.0, 2.0]) == [2.0, 3.0]


def test_sentences_are_as_mixed_as_prose():
    texts = shapes.sentences(2000)
    assert texts == shapes.sentences(2000)
    lengths = np.array([len(text.split()) for text in texts])
    assert np.median(lengths) == pytest.approx(12, abs=1)
    in_random_order = lengths.reshape(-1, 8)
    filled_up = lengths.sum() / (8 * in_random_order.max(axis=1).sum())
    assert filled_up == pytest.approx(0.5, abs=0.05)


def test_all_ways_measure_the_same_states(loaded):
    ids = torch.randint(loaded.vocabulary, (3, 10))
    path = ways.path(loaded, ids)()
    for name in (ways.RUN, ways.WITH_PARTS, ways.WITH_NEIGHBOURS):
        values, _ = ways.WAYS[name](loaded, ids)()
        for measure in ("norm", "rotation", "step"):
            wanted = path[measure].flatten()
            assert torch.allclose(values[measure].flatten(), wanted, equal_nan=True), name
    # The notebook's last state is normed already: only the steps before are the same.
    turned = torch.stack(ways.notebook(loaded, ids)(), -1).flatten(0, 1)[:, :-1]
    assert torch.allclose(turned.double(), path["rotation"][:, 1:-1], atol=0.05)


def test_packed_lines_keep_passages_apart():
    anatomy = dissect(build_gpt2())
    ids = [np.arange(3, 3 + length) for length in (5, 9, 2, 7)]
    with torch.inference_mode():
        for batch in batching.packed(ids, 12, 24).batches:
            states = anatomy.trunk(**batch.inputs(anatomy, "cpu"), use_cache=False)[0].flatten(0, 1)
            for number, places in zip(batch.numbers, batch.places, strict=True):
                alone = anatomy.trunk(torch.tensor(ids[number])[None], use_cache=False)[0][0]
                assert torch.allclose(states[torch.from_numpy(places)], alone, atol=1e-5)


def test_every_way_of_batching_has_all_tokens():
    ids = [np.arange(length) for length in (5, 9, 2, 7, 30, 4)]
    for name, strategy in batching.strategies(ids, Budget(64)).items():
        assert sum(strategy.tokens) == sum(map(len, ids)), name
        assert sorted(n for batch in strategy.batches for n in batch.numbers) == list(range(6)), (
            name
        )
        assert all(isinstance(batch, Batch) for batch in strategy.batches)
        assert 0 < strategy.filled <= 100


def test_time_in_hooks_is_not_the_trunks_own():
    anatomy = dissect(build_gpt2())
    ids = torch.zeros((1, 4), dtype=torch.long)
    nap = 0.01
    with (
        torch.inference_mode(),
        timed(anatomy) as clock,
        watching(anatomy, lambda *_: time.sleep(nap)),
    ):
        anatomy.trunk(ids, use_cache=False)
    naps = nap * (len(anatomy.blocks) + 1)
    assert clock.hooks >= naps
    assert clock.own == pytest.approx(clock.whole - clock.hooks)
    assert clock.own > 0
    assert "forward" not in vars(anatomy.trunk)
    assert not any("forward" in vars(block) for block in anatomy.blocks)


def test_the_notebook_gives_a_row_for_each_token_and_step(small):
    tokenizer = shapes.tokenizer()
    texts = list(TEXTS)
    tokens = sum(len(ids) for ids in tokenizer(texts).input_ids)
    narrow, wide = (notebook.in_batches(small, tokenizer, texts, width) for width in (None, 60))
    assert len(narrow) == len(wide) == tokens * small.config.n_layer
    assert np.allclose(narrow["rotation"], wide["rotation"], atol=0.05)


def test_the_job_is_measured_whole_and_its_trunk_too():
    spent = job.Spent()
    spent.add(*job.ours(True, shapes.sentences(5)))
    assert job.theirs(job.RANDOM, True, shapes.sentences(5), 60) > 0
    assert 0 < spent.trunk[0] + spent.hooks[0] < spent.whole[0]
    rows = list(
        job.compared(
            ("job", "s"),
            job.Spent([1.0, 1.0], [0.5, 0.5], [0.1, 0.1]),
            job.Spent([4.0, 5.0], [3.6, 4.5], [0.1, 0.1]),
            {job.RANDOM: [16.0, 20.0]},
        )
    )
    by_name = {found.what: found.value for found in rows}
    assert by_name["odograph, the whole job"] == 10
    assert by_name[f"{job.RANDOM}: over odograph's whole job"] == 3.6
    assert by_name[f"{job.RANDOM}: over odograph after start-up"] == 4
    assert by_name["in the trunk itself, of the job after start-up"] == 90


def test_selection_reads_up_to_the_target_and_variants_agree(small):
    tokenizer = shapes.tokenizer()
    early, late = (
        selection.measured(small, tokenizer, selection.long(2, 24, place), select="targets")
        for place in (0.25, 1.0)
    )
    assert early.tokens < late.tokens < late.read
    rows = list(
        selection.of_variants(
            small, tokenizer, selection.long(2, 24, 1.0), WHERE, Scale(True, 1, most=1)
        )
    )
    assert all(np.isfinite(found.value) for found in rows)
    assert rows[-1].value < 1e-4
    assert rows[1].value < 1.5  # alone they would read three times as much


def test_the_cost_of_hooks_and_of_prediction_is_measured_on_tiny_models(loaded):
    rows = list(overhead.at_size(loaded, overhead.SIZES[0], WHERE, 2))
    assert [found.what for found in rows][: len(ways.WAYS)] == list(ways.WAYS)
    _, predicted = prediction.ways(loaded)["full"]()
    assert {"next_logit", "next_logprob", "entropy", "rank"} <= set(predicted)


def test_the_part_for_gpus_runs_on_any_device():
    rows = list(gpu.rows(Scale(quick=True, threads=1, device="cpu")))
    assert {found.setting.split(",")[0] for found in rows} == {
        "cpu",
        shapes.GPT2_XL,
        shapes.LLAMA_8B,
    }
    assert all(found.value > 0 for found in rows)


def test_a_token_takes_two_operations_for_each_weight_and_attention():
    model = load(build_llama())
    matrices = sum(
        module.weight.numel()
        for block in model.anatomy.blocks
        for module in block.modules()
        if isinstance(module, torch.nn.Linear)
    )
    attention = len(model.anatomy.blocks) * 2 * model.anatomy.width * 10
    assert gpu.operations(model, 10) == 2 * matrices + attention


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/clear_refs"), reason="needs fork and /proc")
def test_the_peak_of_what_is_held_is_seen():
    jobs = [(ways.TRUNK, 2, 64), (ways.NOTEBOOK, 2, 64), (peaks.PREDICTION, 2, 64)]
    found = peaks.peaks({"name": shapes.GPT2, "quick": True}, jobs, 2, 1)
    assert [len(found[job]) for job in jobs] == [2, 2, 2]
    assert 0 < max(found[jobs[0]]) < min(found[jobs[1]])
    # What the notebook holds at least: logits of all tokens.
    assert min(found[jobs[1]]) > 2 * 64 * 5000 * 4 / 2**20


@pytest.mark.parametrize("part", [start, writing])
def test_rows_of_other_scripts_are_theirs(part, monkeypatch):
    lines = {
        "writing": [{"MB/s": 120.0, "MB_on_disk/s": 60.0}],
        "start": [
            {
                "what": "w",
                "value": 2.0,
                "unit": "s",
                "rounds": 1,
                "low": 1.0,
                "high": 3.0,
                "goal": "under 3",
            }
        ],
    }
    monkeypatch.setattr("bench.beside._lines", lambda script, *_: lines[script])
    rows = list(part(QUICK))
    assert isinstance(rows[0], Row)
    assert reached(rows[0]) is True


def test_runs_that_are_the_same_differ_in_nothing_and_others_are_told(tmp_path, monkeypatch):
    texts = [f"{text} Number {number}." for number, text in enumerate(TEXTS)]
    asked = {"untrained": 1, "twin_passages": "all", "parts": 20}
    options = {"rows": {"keep": "rows"}, "sums": {"keep": "sums"}, "again": {"keep": "rows"}}
    rows, sums, again = (tmp_path / name for name in options)
    for name, keep in options.items():
        odograph.measure("bundled", texts, out=tmp_path / name, **asked, **keep).close()
        analyse(odograph.open(tmp_path / name), ["decomposition"]).close()
    assert large.differing_files(rows, again)["differ"] == 0 < len(large.contents(rows))
    assert large.differing_files(rows, sums)["differ"] > 0
    compared = large.differing_sums(rows, sums)
    assert compared["differ"] == 0 < compared["means of documents"]
    found = large.differing_findings(rows, sums)
    assert found["differ"] == 0 < found["of all"]
    records = json.loads((sums / "findings.json").read_text("utf-8"))
    told = next(one for one in records if one["estimate"] is not None)
    told["estimate"] += 1
    (sums / "findings.json").write_text(json.dumps(records), "utf-8")
    assert large.differing_findings(rows, sums)["which"] == [told["headline"]]
