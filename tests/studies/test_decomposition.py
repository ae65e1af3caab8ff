"""Do attention and the MLP push the same way? Planted answers are found, and numbers recomputed."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from made_parts import BLOCKS, PASSAGES, Added, at_angle, directions, made_parts, random_parts
from made_runs import TOKENS, WIDTH
from relisted import listed_again
from soundness import assert_sound
from test_both_studies import SENTENCES

import odograph
from odograph.errors import StudyError
from odograph.folder.samples.closure import closure_of
from odograph.folder.samples.drawn_parts import drawn_parts
from odograph.folder.vectors import summed_moments
from odograph.folder.writer import write_json
from odograph.sentences.cosines import sd_of_chance
from odograph.studies import attempt, find
from odograph.studies.decomposition import STUDY
from odograph.studies.decomposition.cosines import (
    all_counts,
    update,
    width_of,
    with_state,
    without_mean_update,
)
from odograph.studies.profile import Profile
from odograph.studies.section import Analysis

MEASURES = ["attention_step,mlp_step,update_cosine,attention_cosine,mlp_cosine"]


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    import matplotlib.pyplot

    matplotlib.pyplot.close("all")


def profile_of_update(run: Any) -> Profile:
    """The cosine of both parts in a run."""
    return update(Analysis("decomposition", run))


def by_layer(result: Any) -> Any:
    """The finding that is about the blocks one by one."""
    said = ("cosine differs from 0", "cosine farthest from 0")
    return next(f for f in result.findings if any(words in f.statement for words in said))


def overall(result: Any) -> Any:
    """The finding that is about all blocks together."""
    return next(f for f in result.findings if "have a mean cosine of" in f.statement)


def added_at(cosine: float, seed: int = 3, spread: float = 0.1) -> Added:
    """Parts whose cosine is about `cosine` at every token of every block."""
    generator = np.random.default_rng(seed)
    shape = (PASSAGES, TOKENS, BLOCKS)
    attention = directions(generator, *shape)
    values = np.clip(cosine + generator.normal(0, spread, shape), -1, 1)
    mlp = 1.5 * at_angle(attention, values, generator)
    return Added(attention, mlp, 3 * directions(generator, PASSAGES, TOKENS))


def test_parts_at_right_angles_are_not_found(tmp_path: Path) -> None:
    with made_parts(tmp_path / "run", random_parts(7), twins=3) as run:
        result = STUDY.analyse(run)
        assert_sound(result)
        profile = profile_of_update(run)
    assert not profile.mean.found.any()
    assert profile.mean.family == BLOCKS
    assert abs(overall(result).estimate) < 0.02
    assert f"In 0 of {BLOCKS} blocks the mean cosine differs from 0" in by_layer(result).statement
    assert by_layer(result).p_adjusted > 0.05
    assert by_layer(result).plain.startswith("In no block")


@pytest.mark.parametrize(
    ("cosine", "way"), [(0.5, "partly the same way"), (-0.5, "partly against")]
)
def test_parts_that_push_together_or_against_each_other_are_found(
    cosine: float, way: str, tmp_path: Path
) -> None:
    with made_parts(tmp_path / "run", added_at(cosine), twins=3) as run:
        result = STUDY.analyse(run)
        assert_sound(result)
        profile = profile_of_update(run)
    assert profile.mean.found.all()
    np.testing.assert_allclose(profile.mean.mean, cosine, atol=0.02)
    assert profile.nulls.over_seeds is not None
    assert (profile.nulls.over_seeds.side == np.sign(cosine)).all()
    found = by_layer(result)
    assert found.p_adjusted < 0.05
    assert found.family == f"{BLOCKS} layers"
    assert (
        f"{way} in {BLOCKS} blocks" in found.plain or f"{way} each other in {BLOCKS}" in found.plain
    )


def test_a_cosine_that_random_weights_show_too_is_worded_so(tmp_path: Path) -> None:
    """A fixed cosine differs from 0 in every passage, without being more than architecture."""
    added = random_parts(7)
    shift = 0.9 * directions(np.random.default_rng(1), 1, 1, BLOCKS)
    tilted = Added(added.attention + shift, added.mlp + shift, added.start)
    with made_parts(tmp_path / "run", tilted) as run:
        assert profile_of_update(run).mean.found.all()
        result = STUDY.analyse(run)
        assert "no untrained twin was measured" in by_layer(result).statement
        assert "is not known without untrained twins" in by_layer(result).plain


def test_a_mean_update_that_is_shared_makes_a_cosine_and_is_taken_out(tmp_path: Path) -> None:
    """Unrelated parts that share one fixed direction: raw cosine positive, centred about 0."""
    added = random_parts(9)
    shift = 1.5 * directions(np.random.default_rng(2), 1, 1, BLOCKS)
    with made_parts(
        tmp_path / "run", Added(added.attention + shift, added.mlp + shift, added.start), twins=2
    ) as run:
        analysis = Analysis("decomposition", run)
        profile, centred = analysis.once(update), analysis.once(without_mean_update)
        assert_sound(STUDY.analyse(run))
        drawn = drawn_parts(run)
    assert drawn is not None
    assert centred is not None
    assert (profile.mean.mean > 0.5).all()
    np.testing.assert_allclose(centred.mean.mean, 0, atol=0.03)
    # The MLP of another token has the shared direction as well.
    np.testing.assert_allclose(np.nanmean(drawn.mismatched), np.nanmean(drawn.raw), atol=0.03)
    assert (drawn.shared["attention"] > 0.5).all()
    assert drawn.means_of == f"all {PASSAGES * (TOKENS - 1)} tokens"


def test_a_sink_does_not_decide_the_mean_update(tmp_path: Path) -> None:
    """Where there are sinks behind position 0, the means are those of the drawn tokens."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    added = random_parts(9)
    added.mlp[0, 5] *= 1000
    made_parts(tmp_path / "run", added).close()
    path = tmp_path / "run" / "tokens" / "part-00000.parquet"
    table = parquet.read_table(path)
    sink = np.zeros(table.num_rows, bool)
    sink[5] = True
    place = table.schema.get_field_index("sink")
    parquet.write_table(table.set_column(place, "sink", pa.array(sink)), path)
    listed_again(path.parents[1])
    with odograph.open(tmp_path / "run") as run:
        drawn = drawn_parts(run)
    assert drawn is not None
    assert drawn.tokens == PASSAGES * (TOKENS - 1) - 1
    assert drawn.means_of == f"the {drawn.tokens} drawn tokens"
    np.testing.assert_allclose(np.nanmean(drawn.centred), 0, atol=0.02)


def test_chance_is_one_standard_deviation_of_a_random_pair(tmp_path: Path) -> None:
    with made_parts(tmp_path / "run", random_parts(11)) as run:
        sd, counted = sd_of_chance(width_of(run)), all_counts(run)
        assert sd == pytest.approx(1 / np.sqrt(WIDTH))
        values = run.sql("select update_cosine from layers where layer > 0").fetchnumpy()
    assert np.std(values["update_cosine"]) == pytest.approx(sd, rel=0.05)
    tokens = PASSAGES * (TOKENS - 1) * BLOCKS
    assert np.sum(counted.counts) == tokens
    assert counted.mean == pytest.approx(0, abs=0.01)


def test_one_text_is_described_and_not_tested(tmp_path: Path) -> None:
    one = added_at(0.5)
    one = Added(one.attention[:1], one.mlp[:1], one.start[:1])
    with made_parts(tmp_path / "run", one, twins=2) as run:
        result = STUDY.analyse(run)
    assert_sound(result)
    assert by_layer(result).p is None
    assert by_layer(result).test == "none: descriptive, one text"
    assert "no p-value" in by_layer(result).statement


def test_one_long_text_has_a_block_bootstrap_interval(gpt2_folder: Path, measured: Any) -> None:
    run = measured(gpt2_folder, [" ".join(SENTENCES)], measures=MEASURES, parts=60, untrained=2)
    result = STUDY.analyse(run)
    assert_sound(result)
    assert "circular-block bootstrap" in overall(result).statement
    assert "descriptive of one text" in overall(result).statement
    assert overall(result).interval is not None


@pytest.fixture(scope="module")
def stories(stories_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    run = odograph.measure(
        stories_folder,
        SENTENCES,
        out=tmp_path_factory.mktemp("runs") / "stories",
        measures=MEASURES,
        parts=4000,
        untrained=1,
        logits="none",
    )
    yield run
    run.close()


def added_again(folder: Path, ids: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """States before each block and what its parts return, by own hooks: [tokens, L, width] each."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    seen: dict[str, list[torch.Tensor]] = {"state": [], "attention": [], "mlp": []}

    def keep(name: str) -> Callable[..., None]:
        return lambda _, __, out: seen[name].append(out[0] if isinstance(out, tuple) else out)

    for block in model.model.layers:
        block.register_forward_pre_hook(
            lambda _, args, kwargs: seen["state"].append(
                args[0] if args else kwargs["hidden_states"]
            ),
            with_kwargs=True,
        )
        block.self_attn.register_forward_hook(keep("attention"))
        block.mlp.register_forward_hook(keep("mlp"))
    with torch.no_grad():
        model(torch.tensor([ids]), use_cache=False)
    state, attention, mlp = (torch.cat(v).transpose(0, 1).double().numpy() for v in seen.values())
    return state, attention, mlp


def cosines(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return (u * v).sum(-1) / np.linalg.norm(u, axis=-1) / np.linalg.norm(v, axis=-1)


def test_every_number_is_that_of_raw_states_and_module_outputs(
    stories: Any, stories_folder: Path
) -> None:
    tokens = stories.to_pandas("tokens").sort_values(["passage", "position"])
    means: dict[str, list[np.ndarray]] = {"update": [], "attention": [], "mlp": []}
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    for _, one in tokens.groupby("passage"):
        x, a, m = (v[1:] for v in added_again(stories_folder, one.token_id.tolist()))
        assert not one.sink.any()
        means["update"].append(cosines(a, m).mean(axis=0))
        means["attention"].append(cosines(a, x).mean(axis=0))
        means["mlp"].append(cosines(m, x + a).mean(axis=0))
        parts.append((a, m))
    analysis = Analysis("decomposition", stories)
    attention, mlp = analysis.once(with_state).values()
    profiles = {"update": analysis.once(update), "attention": attention, "mlp": mlp}
    lengths = closure_of(stories).lengths
    for name, profile in profiles.items():
        np.testing.assert_allclose(profile.passages, means[name], atol=1e-4, err_msg=name)
    attention, mlp = (np.concatenate([p[i] for p in parts]) for i in range(2))
    centred = cosines(attention - attention.mean(axis=0), mlp - mlp.mean(axis=0))
    drawn = drawn_parts(stories)
    assert drawn is not None
    assert drawn.tokens == len(centred)
    np.testing.assert_allclose(drawn.centred, centred, atol=1e-4)
    np.testing.assert_allclose(drawn.raw, cosines(attention, mlp), atol=1e-4)
    np.testing.assert_allclose(
        drawn.mean_cosine, cosines(attention.mean(axis=0), mlp.mean(axis=0)), atol=1e-4
    )
    moments = summed_moments(stories)
    assert moments["part_count"] == len(centred)
    assert lengths is not None
    assert lengths < 1e-5


def test_closure_and_layout_are_said(stories: Any) -> None:
    result = STUDY.analyse(stories)
    assert_sound(result)
    error = next(c["error"] for c in stories.manifest["self_check"] if c["name"] == "closure")
    assert result.findings[-1].estimate == pytest.approx(error)
    assert f"{error:.1e}" in result.card["precision"]
    assert any("Sequential blocks: the MLP has seen" in note for note in result.notes)
    assert "sequential blocks" in overall(result).statement


def test_a_refused_decomposition_is_said_and_path_length_goes_on(tmp_path: Path) -> None:
    made_parts(tmp_path / "run", random_parts(3)).close()
    path = tmp_path / "run" / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    refused = "refused: x_{l-1} + attention + MLP misses x_l by 3.0e-01 in block 2"
    write_json(manifest | {"decomposition": refused}, path)
    with odograph.open(tmp_path / "run") as run:
        for name in ("decomposition", "contributions"):
            with pytest.raises(StudyError, match=r"cannot be told apart.*by 3.0e-01 in block 2"):
                find(name).analyse(run)
        _, why = attempt(run, ["path-length", "decomposition", "contributions"])
    assert list(why) == ["decomposition", "contributions"]


def test_a_run_without_the_parts_says_how_to_have_them(gpt2_folder: Path, measured: Any) -> None:
    run = measured(gpt2_folder, SENTENCES[:3], logits="none")
    with pytest.raises(StudyError, match=r"--measures attention_step,mlp_step,update_cosine"):
        find("decomposition").analyse(run)


def test_without_kept_vectors_the_mean_update_stays_in(gpt2_folder: Path, measured: Any) -> None:
    run = measured(gpt2_folder, SENTENCES, measures=MEASURES, logits="none")
    result = STUDY.analyse(run)
    assert_sound(result)
    assert any("--parts 400" in note for note in result.notes)


def test_parallel_blocks_are_named_and_not_compared(tmp_path: Path, measured: Any) -> None:
    from tiny import checked, saved, scatter
    from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

    config = checked(
        GPTNeoXConfig,
        vocab_size=400,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=256,
        bos_token_id=0,
        eos_token_id=0,
    )
    folder = saved(scatter(GPTNeoXForCausalLM(config), seed=2), tmp_path / "neox", begins=False)
    run = measured(folder, SENTENCES, measures=MEASURES, parts=50, logits="none")
    for name in ("decomposition", "contributions"):
        result = find(name).analyse(run)
        assert_sound(result)
        said = "parallel blocks: attention and the MLP read the same input"
        assert any(said in finding.statement for finding in result.findings)
        assert any("not comparable" in note for note in result.notes)


@pytest.mark.parametrize(
    "options",
    [
        {"convention": "lens"},
        {"convention": "hf", "keep_first": True},
        {"select": "targets", "targets": ["her"]},
    ],
    ids=str,
)
def test_other_kinds_of_run_can_be_studied(
    options: dict[str, Any], gpt2_folder: Path, measured: Any
) -> None:
    run = measured(gpt2_folder, SENTENCES, measures=MEASURES, parts=50, logits="none", **options)
    assert_sound(STUDY.analyse(run))
