"""Something undone in one block at a time: planted models, tokens, and the run as it is on disk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
import pytest
import torch
from planted import VOCABULARY, WIDTH, planted_gpt2
from tiny import TEXTS, build_gpt2, saved, tokenizer
from torch import nn
from transformers import AutoModelForCausalLM

import odograph
from odograph.errors import ModelError, RunError, UsageError
from odograph.measures import UNDOABLE
from odograph.run import ablations, part_files, progress

Measured = Callable[..., Any]
LONG = [text for text in TEXTS if len(text) > 30]
IDS = [[3, 1, 4, 15, 9, 2, 6], [5, 3, 5, 8, 9, 7], [9, 3, 2]]


def planted(start: np.ndarray, steps: np.ndarray) -> tuple[Any, np.ndarray]:
    """A GPT-2 whose blocks add what the test has chosen, and the weights of its head."""
    head = np.random.default_rng(3).normal(size=(VOCABULARY, WIDTH))
    model = planted_gpt2(start, steps)
    model.lm_head.weight = nn.Parameter(torch.from_numpy(head).float())
    return model, head


def states_of(start: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """[L + 1, vocabulary, width]"""
    return np.stack([start + steps[:n].sum(axis=0) for n in range(len(steps) + 1)])


def rows_of(run: Any) -> dict[tuple[int, int, str], tuple[float, ...]]:
    columns = "passage, block, undone, loss, loss_change, kl, tokens, zero_vectors"
    rows = run.sql(f"select {columns} from ablations").fetchall()
    return {row[:3]: row[3:] for row in rows}


def log_p(head: np.ndarray, state: np.ndarray) -> np.ndarray:
    centred = state - state.mean(axis=-1, keepdims=True)
    normed = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
    logits = normed @ head.T
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def random_path(blocks: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(1)
    return generator.normal(size=(VOCABULARY, WIDTH)), generator.normal(size=(blocks, WIDTH))


def test_a_planted_path_costs_what_its_formulas_say(measured):
    start, steps = random_path(4)
    model, head = planted(start, steps)
    found = rows_of(measured(model, IDS, undo="all"))
    states = states_of(start, steps)
    before = log_p(head, states[-1])
    for block in range(1, 5):
        x, y = states[block - 1], states[block]
        lengths = [np.linalg.norm(s, axis=-1, keepdims=True) for s in (x, y)]
        half = x + steps[block - 1] / 2  # attention and the MLP add a half each
        left = {"turn": x / lengths[0] * lengths[1], "growth": y / lengths[1] * lengths[0],
                "attention": half, "mlp": half, "block": x}  # fmt: skip
        for what, state in left.items():
            after = log_p(head, state + steps[block:].sum(axis=0))
            for passage, ids in enumerate(IDS):
                at, following = ids[1:-1], ids[2:]
                loss = -before[at, following].mean()
                change = (before - after)[at, following].mean()
                kl = (np.exp(before) * (before - after)).sum(axis=1)[at].mean()
                assert found[passage, block, what][:3] == pytest.approx(
                    (loss, change, kl), abs=1e-5
                )
                assert found[passage, block, what][3:] == (len(at), 0)


def turned(vector: np.ndarray, degrees: float) -> np.ndarray:
    a = np.radians(degrees)
    turn = np.eye(WIDTH)
    turn[:2, :2] = [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
    return np.asarray(turn @ vector)


@pytest.fixture
def made_of_plain_blocks(measured):
    """Block 1 only scales, block 2 only rotates, block 3 does nothing, block 4 does both."""
    first = np.zeros(WIDTH)
    first[:3] = 3.0, -4.0, 1.0
    scaled = 1.5 * first
    rotated = turned(scaled, 50)
    last = 0.7 * turned(rotated, -80)
    path = np.array([first, scaled, rotated, rotated, last])
    model, _ = planted(np.tile(first, (VOCABULARY, 1)), np.diff(path, axis=0))
    return rows_of(measured(model, IDS, undo="all"))


@pytest.mark.parametrize(
    ("block", "worth_nothing"),
    [(1, {"turn"}), (2, {"growth"}), (3, set(UNDOABLE)), (4, {"growth"})],
)
def test_what_a_block_does_not_do_is_worth_nothing(made_of_plain_blocks, block, worth_nothing):
    """The growth of the last block, before a norm, is never worth anything."""
    for (_, at, what), (_, change, kl, *_) in made_of_plain_blocks.items():
        if at == block and what in worth_nothing:
            assert abs(change) < 1e-5
            assert abs(kl) < 1e-5
        elif at == block:
            assert abs(change) > 1e-3
            assert kl > 1e-4


def test_a_head_that_reads_one_direction_sees_only_what_is_done_to_it(measured):
    """Blocks 1 and 3 move along one axis, block 2 along another, without a change of length.

    Their mean and length stay, so that the final norm is the same for all.
    """
    read, other = np.zeros((2, WIDTH))
    read[:2], other[2:4] = (1, -1), (1, -1)
    path = [np.array(read * a + other * b) for a, b in ((3, 4), (4, 3), (4, -3), (5, 0))]
    model, _ = planted(np.tile(path[0], (VOCABULARY, 1)), np.diff(path, axis=0))
    sees = np.random.default_rng(5).normal(size=(VOCABULARY, 1)) * read
    model.lm_head.weight = nn.Parameter(torch.from_numpy(sees).float())
    found = rows_of(measured(model, IDS, undo=["block", "turn"]))
    # The last state without block 2 is (5, 6): the norm is longer, what is read is 5 of sqrt(61).
    # Without block 3 it is (4, -3): 4 of 5 instead of 5 of 5.
    for passage, ids in enumerate(IDS):
        at, following = ids[1:-1], ids[2:]

        def loss(share: float, following: Any = following) -> float:
            logits = share * np.sqrt(WIDTH / 2) * 2 * sees[:, 0]
            return float(np.mean(np.log(np.exp(logits).sum()) - logits[following]))

        assert at
        base = loss(1)
        assert found[passage, 3, "block"][0] == pytest.approx(base, abs=1e-4)
        assert found[passage, 3, "block"][1] == pytest.approx(loss(4 / 5) - base, abs=1e-4)
        assert found[passage, 3, "turn"][1] == pytest.approx(loss(4 / 5) - base, abs=1e-4)
        without_2 = loss(5 / np.sqrt(61)) - base
        assert found[passage, 2, "block"][1] == pytest.approx(without_2, abs=1e-4)


def test_zero_vectors_are_left_and_counted(measured):
    start, steps = random_path(3)
    start[9] = 0  # its first state; block 1 cannot turn it
    start[2] = -steps[0]  # its second one: block 1 makes it zero, block 2 takes it from there
    found = rows_of(measured(planted(start, steps)[0], IDS, undo="all"))
    zeros = {key: row[4] for key, row in found.items() if row[4]}
    at = {token: [ids[1:].count(token) for ids in IDS] for token in (9, 2)}
    expected = {}
    for what in ("turn", "growth"):
        for passage in range(len(IDS)):
            expected[passage, 1, what] = at[9][passage] + at[2][passage]
            expected[passage, 2, what] = at[2][passage]
    assert zeros == {key: count for key, count in expected.items() if count}
    assert all(np.isfinite(row[1]) for row in found.values())


def test_with_sinks_too_the_block_undone_is_what_skipping_it_costs(measured, gpt2_folder):
    run = measured(
        gpt2_folder, LONG, undo="block", sinks="too", skip_blocks=True, measures=["block_distance"]
    )
    rows = run.sql(
        "select s.loss, b.loss, a.loss, a.loss_change, a.tokens, s.tokens from ablations a "
        "join skips s on s.first = a.block and s.blocks = 1 and s.passage = a.passage "
        "join skips b on b.blocks = 0 and b.passage = a.passage"
    ).fetchall()
    assert len(rows) == len(LONG) * run.blocks
    for skipped, base, loss, change, tokens, of_skips in rows:
        assert loss == pytest.approx(base, abs=1e-5)
        assert change == pytest.approx(skipped - base, abs=1e-5)
        assert tokens == of_skips


def sink_model() -> Any:
    """A GPT-2 in which one token is far longer than the others."""
    model = build_gpt2()
    with torch.no_grad():
        model.transformer.wte.weight[7] *= 1000
    return model


def test_sinks_are_left_as_they_are_and_not_counted(measured):
    ids = [[3, 1, 4, 7, 9, 2, 6, 5], [8, 7, 2, 40, 30, 1]]
    run = measured(sink_model(), ids, undo=["turn", "block"], logits="none")
    sinks = run.sql("select passage, position from tokens where sink").fetchall()
    assert sinks == [(0, 3), (1, 1)]
    counts = run.sql("select distinct passage, tokens from ablations order by 1").fetchall()
    assert counts == [(0, 5), (1, 3)]
    positions = run.sql("select distinct passage, position from undone_turns order by 1, 2")
    assert positions.fetchall() == [(0, p) for p in (1, 2, 4, 5, 6)] + [(1, p) for p in (2, 3, 4)]
    too = measured(sink_model(), ids, undo=["turn", "block"], logits="none", sinks="too")
    counts = too.sql("select distinct passage, tokens from ablations order by 1").fetchall()
    assert counts == [(0, 7), (1, 5)]


def test_the_turns_token_by_token_have_the_passages_as_their_means(measured, gpt2_folder):
    run = measured(gpt2_folder, LONG, undo="turn,growth")
    rows = run.sql("""
        select max(abs(t.loss_change - a.loss_change)), max(abs(t.kl - a.kl)), count(*)
        from (select passage, block, avg(loss_change::double) as loss_change,
                     avg(kl::double) as kl from undone_turns group by all) t
        join (select * from ablations where undone = 'turn') a using (passage, block)""").fetchall()
    [(loss, kl, count)] = rows
    assert max(loss, kl) < 1e-5
    assert count == len(LONG) * run.blocks


def test_each_token_and_block_has_the_worth_of_its_turn(measured, gpt2_folder):
    run = measured(gpt2_folder, LONG, undo="turn")
    rows = run.sql(
        "select passage, position, layer, turn_worth from layers where turn_worth is not null"
    ).fetchall()
    written = run.sql("select passage, position, block, loss_change from undone_turns").fetchall()
    assert sorted(rows) == sorted(written)
    without = measured(gpt2_folder, LONG, undo="block")
    assert "turn_worth" not in without.sql("select * from layers limit 0").columns


@pytest.mark.parametrize("block", [1, 3])
def test_at_targets_their_own_prediction_and_the_tokens_behind_are_told_apart(
    block, measured, gpt2_folder
):
    run = measured(gpt2_folder, undo="turn", at="targets", targets=["her"])
    model = AutoModelForCausalLM.from_pretrained(gpt2_folder).eval()
    tokens = run.sql("select passage, position, token_id, role from tokens order by 1, 2")
    passages: dict[int, list[tuple[int, str]]] = {}
    for passage, _, token, role in tokens.fetchall():
        passages.setdefault(passage, []).append((token, role))
    found = {
        row[:2]: row[2:]
        for row in run.sql(
            f"select passage, effect_on, tokens, loss_change from ablations where block = {block}"
        ).fetchall()
    }
    wanted: dict[tuple[int, str], tuple[int, float]] = {}
    for passage, its in passages.items():
        ids = [token for token, _ in its]
        changed = np.array([role == "target" for _, role in its])
        changed[0] = False
        if not changed.any():
            continue
        change = turn_undone(model, ids, block, torch.from_numpy(changed))
        behind = np.maximum.accumulate(changed) & ~changed
        for name, flags in (("targets", changed[:-1]), ("behind", behind[:-1])):
            if flags.any():
                wanted[passage, name] = (int(flags.sum()), float(change[flags].mean()))
        assert np.abs(change[: int(changed.argmax())]).max(initial=0) < 1e-6
    assert found.keys() == wanted.keys()
    for key, (count, change) in wanted.items():
        assert found[key] == (count, pytest.approx(change, abs=2e-5))


def turn_undone(model: Any, ids: list[int], block: int, changed: torch.Tensor) -> np.ndarray:
    """Change in loss at each token but the last, in whole passes."""

    def hook(_: Any, args: Any, output: Any) -> Any:
        x, y = args[0], output[0] if isinstance(output, tuple) else output
        new = x / x.norm(dim=-1, keepdim=True) * y.norm(dim=-1, keepdim=True)
        left = torch.where(changed[:, None], new, y)
        return (left, *output[1:]) if isinstance(output, tuple) else left

    def losses() -> torch.Tensor:
        with torch.no_grad():
            logits = model(torch.tensor([ids]), use_cache=False).logits[0].double()
        return nn.functional.cross_entropy(logits[:-1], torch.tensor(ids[1:]), reduction="none")

    before = losses()
    handle = model.transformer.h[block - 1].register_forward_hook(hook)
    try:
        return (losses() - before).numpy()
    finally:
        handle.remove()


@pytest.mark.parametrize("options", [{"batch_tokens": 1}, {"batch_tokens": 4000}])
def test_the_numbers_do_not_depend_on_batches(measured, gpt2_folder, options):
    one, other = (
        measured(gpt2_folder, LONG, undo="all", **more) for more in ({"batch_tokens": 64}, options)
    )
    found, wanted = rows_of(other), rows_of(one)
    assert found.keys() == wanted.keys()
    for key, row in wanted.items():
        assert found[key] == pytest.approx(row, abs=1e-5)


def test_passages_are_drawn_by_the_hash_of_their_text(measured, gpt2_folder):
    texts = [f"{n} {text}" for n in range(4) for text in LONG]
    runs = [
        measured(gpt2_folder, order, undo="block", tokens=100) for order in (texts, texts[::-1])
    ]
    query = (
        "select string_agg(token, '' order by position) as text from tokens where passage in "
        "(select passage from ablations) group by passage order by text"
    )
    first, second = (run.sql(query).fetchall() for run in runs)
    assert first == second
    written = runs[0].manifest["ablations"]
    assert written["passages"] == len(first) < len(texts)
    assert written["tokens"] <= 100
    drawn = runs[0].sql("select distinct passage from ablations order by 1").fetchall()
    assert drawn != [(n,) for n in range(len(drawn))]


def test_columns_say_what_they_are(measured, gpt2_folder):
    run = measured(gpt2_folder, LONG, undo="all")
    for table in ("ablations", "undone_turns"):
        schema = parquet.read_schema(run.folder / table / "part-00000.parquet")
        assert schema.metadata[b"odograph_format"] == b"1"
        assert all(field.metadata[b"definition"] for field in schema)
        assert schema.field("loss_change").metadata[b"unit"] == b"nats"
    assert run.to_pandas("ablations").columns.tolist()[:4] == [
        *("passage", "block", "undone", "effect_on")
    ]


def test_twins_are_asked_the_same_at_the_same_tokens(measured):
    ids = [[3, 1, 4, 7, 9, 2, 6, 5], [8, 7, 2, 40, 30, 1]]
    run = measured(sink_model(), ids, undo="all", untrained=2, logits="none")
    query = "select passage, block, undone, effect_on, tokens from ablations order by all"
    rows = run.sql(query).fetchall()
    for twin in run.untrained:
        assert twin.sql(query).fetchall() == rows
        assert twin.manifest["ablations"]["undone"] == list(UNDOABLE)
    values = "select loss_change from ablations order by passage, block, undone"
    assert run.sql(values).fetchall() != run.untrained[0].sql(values).fetchall()


def test_an_interrupted_ablation_goes_on_where_it_was(gpt2_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(part_files, "_TOKENS_A_PART", 20)
    out, options = tmp_path / "run", {"undo": "all", "untrained": 1}
    real, parts = ablations.AblationTask.measured, []

    def limited(task: Any, loaded: Any, part: Any, on_tokens: Any) -> Any:
        if len(parts) == 2:
            raise KeyboardInterrupt
        parts.append(part.index)
        return real(task, loaded, part, on_tokens)

    with monkeypatch.context() as patched:
        patched.setattr(ablations.AblationTask, "measured", limited)
        with pytest.raises(KeyboardInterrupt):
            odograph.measure(gpt2_folder, LONG, out=out, **options)
    with pytest.raises(RunError, match="is not finished"):
        odograph.open(out)
    first = out / "ablations" / "part-00000.parquet"
    before = first.stat().st_mtime_ns
    with odograph.measure(gpt2_folder, LONG, out=out, resume=True, **options) as run:
        assert first.stat().st_mtime_ns == before
        found, twin = rows_of(run), rows_of(run.untrained[0])
        assert len(list((out / "ablations").iterdir())) == 3
        assert sorted(run.manifest["ablations"]["files"]) == sorted(
            f"{t}/{p.name}" for t in ("ablations", "undone_turns") for p in (out / t).iterdir()
        )
    monkeypatch.undo()
    with odograph.measure(gpt2_folder, LONG, out=tmp_path / "whole", **options) as whole:
        for ours, wanted in ((found, rows_of(whole)), (twin, rows_of(whole.untrained[0]))):
            assert ours.keys() == wanted.keys()
            for key, row in wanted.items():
                assert ours[key] == pytest.approx(row, abs=1e-5)


@pytest.mark.parametrize("of", ["", "untrained/seed-1/"])
@pytest.mark.parametrize("table", ["ablations", "undone_turns"])
def test_a_damaged_file_is_written_again(of, table, gpt2_folder, tmp_path):
    out, options = tmp_path / "run", {"undo": "turn", "untrained": 1}
    odograph.measure(gpt2_folder, LONG, out=out, **options).close()
    path = out / f"{of}{table}/part-00000.parquet"
    written = path.read_bytes()
    path.write_bytes(b"damaged")
    with odograph.measure(gpt2_folder, LONG, out=out, resume=True, **options) as run:
        assert path.read_bytes() == written
        assert run.manifest["complete"]


def test_a_lost_file_is_named(gpt2_folder, tmp_path):
    out = tmp_path / "run"
    odograph.measure(gpt2_folder, LONG, out=out, undo="block").close()
    (out / "ablations" / "part-00000.parquet").unlink()
    with pytest.raises(RunError, match=r"first ablations/part-00000\.parquet"):
        odograph.open(out)


def test_work_and_time_are_announced_before_it_starts(gpt2_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(progress, "LARGE_AGAIN", 20)
    with odograph.measure(
        gpt2_folder, LONG, out=tmp_path / "run", undo="all", progress=True
    ) as run:
        tokens = run.manifest["ablations"]["tokens"]
    said = capsys.readouterr().err
    assert f"odograph: {tokens} tokens run again 20 times through" in said
    assert "with something undone in one block: about " in said


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"undo": "torn"}, "turn, growth, attention, mlp, block or all, got 'torn'"),
        ({"sinks": "too"}, "option 'sinks' without --undo: expected --undo"),
        ({"at": "targets", "targets": ["her"]}, "option 'at' without --undo or --lens"),
        ({"undo": "turn", "at": "targets"}, "--at targets without targets"),
        ({"measures": ["kl"]}, "'kl' is not asked for by --measures. Use --undo all"),
    ],
)
def test_options_that_nothing_would_come_of_are_refused(options, message, gpt2_folder, tmp_path):
    with pytest.raises(UsageError) as error:
        odograph.measure(gpt2_folder, LONG, out=tmp_path / "run", **options)
    assert message in str(error.value)
    assert not (tmp_path / "run").exists()


def test_a_model_without_a_head_is_refused_by_name(gpt2_folder, tmp_path):
    trunk = AutoModelForCausalLM.from_pretrained(gpt2_folder).transformer
    with pytest.raises(ModelError, match=r"GPT2Model .*: it has no output head\. Leave out --undo"):
        odograph.measure(
            trunk, LONG, out=tmp_path / "run", tokenizer=tokenizer(begins=False), logits="none",
            undo="all",
        )  # fmt: skip


def test_where_the_parts_cannot_be_told_apart_the_rest_is_undone(measured, monkeypatch):
    monkeypatch.setattr(ablations, "has_parts", lambda _: False)
    run = measured(build_gpt2(), LONG, tokenizer=tokenizer(begins=False), undo="all")
    assert run.manifest["ablations"]["undone"] == ["turn", "growth", "block"]
    assert {what for _, _, what in rows_of(run)} == {"turn", "growth", "block"}


def test_half_precision_has_its_numbers_too(measured, models: Path):
    folder = saved(build_gpt2(), models / "gpt2-half", begins=False)
    run = measured(folder, LONG, undo="all", dtype="bfloat16")
    wide = measured(folder, LONG, undo="all")
    found, wanted = rows_of(run), rows_of(wide)
    changes = np.array([(found[key][1], wanted[key][1]) for key in wanted])
    assert np.isfinite(changes).all()
    assert np.corrcoef(changes.T)[0, 1] > 0.98
