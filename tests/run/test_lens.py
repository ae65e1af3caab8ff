"""The prediction read at every depth: against plain hooks, planted models, and what is on disk."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
import pytest
import torch
from planted import VOCABULARY, WIDTH, planted_gpt2
from safetensors.torch import save_file
from tiny import TEXTS, build_gpt2, build_llama
from torch import nn

import odograph
from odograph.errors import ModelError, RunError, UsageError
from odograph.run import lens, part_files
from odograph.studies import find

Measured = Callable[..., Any]
IDS = [[3, 1, 4, 15, 9, 2, 6], [5, 3, 5, 8, 9, 7], [9, 3, 2]]
MEASURES = ("lens_logprob", "lens_rank", "lens_entropy", "choice_logprob", "choice_rank")


def planted(path: np.ndarray, head: np.ndarray) -> Any:
    """A GPT-2 whose states are those of a path [L + 1, width], the same for every token."""
    model = planted_gpt2(np.tile(path[0], (VOCABULARY, 1)), np.diff(path, axis=0))
    model.lm_head.weight = nn.Parameter(torch.from_numpy(head).float())
    return model


def rows_of(run: Any, *columns: str) -> np.ndarray:
    """Columns of `lens` in its order, [rows, columns]."""
    named = ", ".join(columns)
    return np.array(run.sql(f"select {named} from lens order by all").fetchall(), dtype=float)


def depths_of(run: Any) -> set[int]:
    return {depth for (depth,) in run.sql("select distinct commitment_depth from lens").fetchall()}


def seen_with_hooks(model: Any, ids: list[int]) -> list[torch.Tensor]:
    """What enters the first block and leaves each, of one passage: L + 1 times [tokens, width]."""
    states: list[torch.Tensor] = []
    base = model.base_model
    blocks = base.h if hasattr(base, "h") else base.layers
    plain = lambda output: output if isinstance(output, torch.Tensor) else output[0]  # noqa: E731
    handles = [
        blocks[0].register_forward_pre_hook(lambda _, args: states.append(args[0].clone())),
        *(
            block.register_forward_hook(lambda _, __, out: states.append(plain(out).clone()))
            for block in blocks
        ),
    ]
    with torch.inference_mode():
        model(torch.tensor([ids]), use_cache=False)
    for handle in handles:
        handle.remove()
    return [state[0] for state in states]


@pytest.mark.parametrize("build", [build_gpt2, build_llama])
def test_what_is_read_is_what_plain_hooks_and_the_models_own_head_give(measured, build):
    model = build()
    run = measured(model, IDS, lens=True)
    norm = model.base_model.ln_f if hasattr(model.base_model, "ln_f") else model.base_model.norm
    expected = []
    for passage, ids in enumerate(IDS):
        with torch.inference_mode():
            logits = [model.lm_head(norm(state)) for state in seen_with_hooks(model, ids)]
        choices = [one.argmax(-1) for one in logits]
        for position in range(1, len(ids) - 1):
            own = choices[-1][position]
            depth = len(logits) - 1
            while depth and choices[depth - 1][position] == own:
                depth -= 1
            for layer, one in enumerate(logits):
                log_p = torch.log_softmax(one[position].double(), -1)
                following = ids[position + 1]
                rank = [int((log_p > log_p[token]).sum()) + 1 for token in (following, own)]
                entropy = float(-(log_p.exp() * log_p).sum())
                expected.append(
                    [passage, position, layer, float(log_p[following]), rank[0], entropy,
                     float(log_p[own]), rank[1], depth]
                )  # fmt: skip
    found = rows_of(run, "passage", "position", "layer", *MEASURES, "commitment_depth")
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_the_last_depth_is_the_models_own_prediction(measured):
    run = measured(build_gpt2(blocks=3), IDS, lens=True, logits="full")
    own = rows_of(run, "passage", "position", "lens_logprob", "lens_rank", "lens_entropy", "layer")
    tokens = run.sql(
        "select passage, position, next_logprob, rank, entropy from tokens "
        "where position > 0 and next_logprob is not null order by all"
    ).fetchall()
    np.testing.assert_allclose(own[own[:, 5] == 3][:, :5], tokens, rtol=1e-6)


def test_a_model_that_does_nothing_has_settled_before_its_first_block(measured):
    state = np.random.default_rng(2).normal(size=WIDTH)
    head = np.random.default_rng(3).normal(size=(VOCABULARY, WIDTH))
    run = measured(planted(np.tile(state, (5, 1)), head), IDS, lens=True)
    assert depths_of(run) == {0}
    assert set(rows_of(run, "choice_rank")[:, 0]) == {1}
    assert len(set(rows_of(run, "choice_logprob")[:, 0])) == 1


#: Lengths and means stay, so that the final norm is the same for all: (a, -a, b, -b, 0, ...).
def on_two_axes(*places: tuple[float, float]) -> np.ndarray:
    path = np.zeros((len(places), WIDTH))
    for row, (read, other) in zip(path, places, strict=True):
        row[:4] = read, -read, other, -other
    return path


def reading_one_direction() -> np.ndarray:
    """A head that sees the first axis only: token 7 on its one side, token 9 on the other."""
    head = np.zeros((VOCABULARY, WIDTH))
    head[7, :2], head[9, :2] = (1, -1), (-1, 1)
    return head


def test_a_choice_made_in_a_known_block_is_found_there(measured):
    """It is token 7, lost in block 2 and made again in block 3; block 4 turns unseen."""
    path = on_two_axes((3, 4), (4, 3), (-3, 4), (4, 3), (4, -3))
    run = measured(planted(path, reading_one_direction()), IDS, lens=True)
    assert depths_of(run) == {3}
    ranks = rows_of(run, "passage", "position", "layer", "choice_rank")
    assert ranks[:5, 3].tolist() == [1, 1, VOCABULARY, 1, 1]


def test_a_head_that_reads_one_direction_sees_nothing_of_what_turns_elsewhere(measured):
    path = on_two_axes((3, 4), (3, -4), (4, 3), (4, -3))
    run = measured(planted(path, reading_one_direction()), IDS, lens=True)
    logits = np.sqrt(WIDTH / 2) * 2 * np.array([3, 3, 4, 4]) / 5
    others = VOCABULARY - 2
    expected = logits - np.log(np.exp(logits) + np.exp(-logits) + others)
    found = rows_of(run, "passage", "position", "layer", "choice_logprob")[:4, 3]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_of_equal_choices_the_lower_id_is_the_first(measured):
    """Tokens 7 and 30 have one row of the head; 30 never is the choice, and never comes first."""
    head = reading_one_direction()
    head[30] = head[7]
    run = measured(
        planted(on_two_axes((3, 4), (4, 3), (4, -3)), head), [[1, 5, 7, 30, 2]], lens=True
    )
    found = rows_of(run, "position", "layer", "lens_rank", "choice_rank")
    assert depths_of(run) == {0}
    assert set(found[:, 3]) == {1}
    followed_by = {1: 1, 2: 2, 3: 3}  # 7 is the choice; 30 as large, behind it; 2 below both
    for position, _, rank, _ in found:
        assert rank == followed_by[int(position)]


def test_a_tie_that_only_the_last_depth_breaks_is_no_choice_before(measured):
    """Before the last block all logits are 0: the lens's first choice is token 0."""
    run = measured(
        planted(on_two_axes((0, 5), (0, -5), (3, 4)), reading_one_direction()), IDS, lens=True
    )
    assert depths_of(run) == {2}
    ranks = rows_of(run, "passage", "position", "layer", "choice_rank")[:3, 3]
    assert ranks.tolist() == [2, 2, 1]


def test_soft_cap_and_scale_of_the_logits_are_those_of_the_model(measured):
    from transformers import Gemma2Config, Gemma2ForCausalLM

    config = Gemma2Config(
        vocab_size=400, hidden_size=32, intermediate_size=64, num_hidden_layers=3,
        num_attention_heads=4, num_key_value_heads=2, head_dim=8, max_position_embeddings=64,
        final_logit_softcapping=0.5, query_pre_attn_scalar=8, eos_token_id=1, bos_token_id=2,
    )  # fmt: skip
    torch.manual_seed(0)
    model = Gemma2ForCausalLM(config).eval()
    run = measured(model, IDS, lens=True)
    for passage, ids in enumerate(IDS):
        with torch.inference_mode():
            log_p = torch.log_softmax(model(torch.tensor([ids])).logits[0].double(), -1)
        found = run.sql(
            f"select lens_logprob from lens where layer = 3 and passage = {passage} order by all"
        ).fetchall()
        expected = sorted(float(log_p[i, ids[i + 1]]) for i in range(1, len(ids) - 1))
        np.testing.assert_allclose([value for (value,) in found], expected, atol=1e-5)


def tuned_file(folder: Path, blocks: int, width: int, seed: int = 0) -> tuple[Path, Any]:
    generator = torch.Generator().manual_seed(seed)
    maps = {}
    for layer in range(blocks):
        maps[f"{layer}.weight"] = torch.randn(width, width, generator=generator) / width
        maps[f"{layer}.bias"] = torch.randn(width, generator=generator) / 10
    save_file(maps, folder / "lens.safetensors")
    return folder / "lens.safetensors", maps


def test_a_tuned_lens_is_an_affine_map_before_the_final_norm(measured, tmp_path):
    model = build_gpt2(blocks=3)
    path, maps = tuned_file(tmp_path, 3, model.config.n_embd)
    run = measured(model, IDS, lens=True, tuned_lens=str(path), untrained=1)
    found = rows_of(run, "passage", "position", "layer", "lens_logprob")
    expected = []
    for passage, ids in enumerate(IDS):
        states = seen_with_hooks(model, ids)
        for position in range(1, len(ids) - 1):
            for layer, state in enumerate(states):
                x = state[position]
                if layer < 3:
                    x = x + maps[f"{layer}.weight"] @ x + maps[f"{layer}.bias"]
                with torch.inference_mode():
                    log_p = torch.log_softmax(model.lm_head(model.transformer.ln_f(x)).double(), -1)
                expected.append([passage, position, layer, float(log_p[ids[position + 1]])])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert run.manifest["lens"]["tuned_lens"]
    assert run.untrained[0].manifest["lens"]["tuned_lens"] is None
    digest = run.manifest["lens"]["tuned_lens"][:12]
    card = find("commitment").analyse(run).card
    assert card["lens"].endswith(f"; read through a tuned lens (sha256 {digest}; twins without it)")


def test_a_tuned_lens_of_another_model_is_refused_before_anything_is_measured(measured, tmp_path):
    path, _ = tuned_file(tmp_path, 2, 64)
    with pytest.raises(
        ModelError, match=r"does not fit the model: expected 0\.weight to 2\.weight"
    ):
        measured(build_gpt2(blocks=3), IDS, lens=True, tuned_lens=str(path))
    path.write_bytes(b"no lens")
    with pytest.raises(UsageError, match="cannot be read"):
        measured(build_gpt2(blocks=3), IDS, lens=True, tuned_lens=str(path))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tuned_lens": "a.safetensors"}, "option 'tuned_lens' without --lens"),
        ({"lens": True, "at": "targets"}, "--at targets without targets"),
        ({"at": "targets", "targets": ["her"]}, "option 'at' without --undo or --lens"),
    ],
)
def test_an_option_of_which_nothing_would_come_is_refused(measured, options, message):
    with pytest.raises(UsageError, match=message):
        measured(build_gpt2(), IDS, **options)


def test_at_targets_only_they_are_read(measured, gpt2_folder):
    run = measured(gpt2_folder, TEXTS, lens=True, at="targets", targets=["her"])
    read = run.sql("select distinct passage, position from lens order by all").fetchall()
    targets = run.sql(
        "select passage, position from tokens where role = 'target' and position > 0 and "
        "next_logit is not null and not sink order by all"
    ).fetchall()
    assert read == targets
    assert read


def test_a_model_without_a_head_is_refused_with_the_reason(measured):
    trunk = build_gpt2().transformer
    with pytest.raises(ModelError, match=r"it has no output head\. Leave out --lens"):
        measured(trunk, IDS, lens=True, logits="none")


def tables_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("lens/*.parquet")
    }


@contextmanager
def stopped_in_its_second_part(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    real = lens.LensTask.measured

    def stopped(task: Any, loaded: Any, part: Any, on_tokens: Any) -> Any:
        if part.index == 1:
            raise KeyboardInterrupt
        return real(task, loaded, part, on_tokens)

    with monkeypatch.context() as patched:
        patched.setattr(lens.LensTask, "measured", stopped)
        with pytest.raises(KeyboardInterrupt):
            yield


def test_workers_and_an_interruption_change_no_byte(measured, gpt2_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(part_files, "_TOKENS_A_PART", 20)
    options = {"lens": True, "untrained": 1, "shuffled": 1, "shard_tokens": 40}
    run = measured(gpt2_folder, TEXTS, out=tmp_path / "whole", **options)
    whole = tables_of(run.folder)
    assert len([name for name in whole if name.startswith("lens/")]) > 1
    assert {name.split("/")[0] for name in whole} == {"lens", "untrained", "shuffled"}
    workers = measured(gpt2_folder, TEXTS, out=tmp_path / "workers", workers=2, **options)
    assert tables_of(workers.folder) == whole
    with stopped_in_its_second_part(monkeypatch):
        measured(gpt2_folder, TEXTS, out=tmp_path / "stopped", **options)
    assert len(tables_of(tmp_path / "stopped")) == 1
    resumed = measured(gpt2_folder, TEXTS, out=tmp_path / "stopped", resume=True, **options)
    assert tables_of(resumed.folder) == whole
    assert resumed.manifest["complete"]


def test_another_tuned_lens_is_refused_on_resume(measured, tmp_path, monkeypatch):
    model = build_gpt2(blocks=3)
    path, _ = tuned_file(tmp_path, 3, model.config.n_embd)
    monkeypatch.setattr(part_files, "_TOKENS_A_PART", 5)
    options = {"lens": True, "tuned_lens": str(path), "out": tmp_path / "run"}
    with stopped_in_its_second_part(monkeypatch):
        measured(model, IDS, **options)
    tuned_file(tmp_path, 3, model.config.n_embd, seed=1)
    with pytest.raises(RunError, match="another tuned lens"):
        measured(model, IDS, resume=True, **options)


def test_the_table_says_what_its_columns_are(measured):
    run = measured(build_gpt2(), IDS, lens=True)
    [path] = (run.folder / "lens").glob("*.parquet")
    schema = parquet.read_schema(path)
    assert schema.names == ["passage", "position", "layer", *MEASURES, "commitment_depth"]
    for field in schema:
        assert field.metadata[b"definition"]
    assert schema.field("choice_logprob").metadata[b"unit"] == b"nats"
    assert odograph.open(run.folder).to_pandas("lens").shape[0] == run.manifest["lens"][
        "tokens"
    ] * (run.blocks + 1)


def test_each_token_has_its_commitment_depth(measured):
    run = measured(build_gpt2(), IDS, lens=True)
    read = run.sql("select distinct passage, position, commitment_depth from lens").fetchall()
    tokens = run.sql(
        "select passage, position, commitment_depth from tokens where commitment_depth is not null"
    ).fetchall()
    assert sorted(tokens) == sorted(read)
    assert run.sql("select count(*) from tokens").fetchall() == [(sum(map(len, IDS)),)]


def test_a_damaged_table_is_told_by_those_alone_who_read_it(measured):
    run = measured(build_gpt2(), IDS, lens=True)
    [path] = (run.folder / "lens").glob("*.parquet")
    written = path.read_bytes()
    path.write_bytes(written[:-9] + bytes([written[-9] ^ 1]) + written[-8:])
    with odograph.open(run.folder) as again, pytest.raises(RunError, match="is damaged"):
        again.sql("select commitment_depth from tokens").fetchall()
    path.write_bytes(written)
    with odograph.open(run.folder) as again:
        assert again.sql("select commitment_depth from tokens").fetchall()
