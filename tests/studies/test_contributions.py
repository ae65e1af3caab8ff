"""Which of the two shapes the step? Planted answers are found, and numbers recomputed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_parts import BLOCKS, PASSAGES, Added, at_angle, directions, made_parts, random_parts
from made_runs import TOKENS
from made_ties import arithmetic_correlation
from scipy import stats
from soundness import assert_sound
from test_both_studies import SENTENCES
from test_decomposition import MEASURES, added_again

import odograph
from odograph.errors import StudyError
from odograph.folder.samples.drawn_documents import drawn_documents
from odograph.folder.samples.part_lengths import read_lengths
from odograph.folder.samples.ties import ties_in
from odograph.studies import find
from odograph.studies.contributions import STUDY
from odograph.studies.contributions.maps import first_passage
from odograph.studies.contributions.picked import share, sizes
from odograph.studies.contributions.shares import share_test
from odograph.studies.section import Analysis

SHAPE = (PASSAGES, TOKENS, BLOCKS)


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    import matplotlib.pyplot

    matplotlib.pyplot.close("all")


def added(attention: np.ndarray, mlp: np.ndarray, cosine: np.ndarray, seed: int = 4) -> Added:
    """Parts of these lengths and cosines [passages, tokens, blocks], in random directions."""
    generator = np.random.default_rng(seed)
    first = directions(generator, *attention.shape)
    second = at_angle(first, cosine, generator)
    start = 3 * directions(generator, *attention.shape[:2])
    return Added(attention[..., None] * first, mlp[..., None] * second, start)


def test_the_longer_part_has_the_larger_share(tmp_path: Path) -> None:
    """At right angles the shares are those of the squared lengths: 1/5 and 4/5."""
    parts = added(np.ones(SHAPE), 2 * np.ones(SHAPE), np.zeros(SHAPE))
    noise = np.exp(np.random.default_rng(1).normal(0, 0.05, (2, *SHAPE)))[..., None]
    noisy = Added(parts.attention * noise[0], parts.mlp * noise[1], parts.start)
    with made_parts(tmp_path / "run", noisy, twins=2) as run:
        result = STUDY.analyse(run)
        analysis = Analysis("contributions", run)
    assert_sound(result)
    np.testing.assert_allclose(analysis.once(share).mean.mean, 0.2, atol=3e-3)
    assert analysis.once(share_test).found.all()
    assert "the MLP in blocks 1-4 (" in result.findings[1].statement


def test_one_token_makes_a_correlation_collapse(tmp_path: Path) -> None:
    """Position 0 with a long attention step against a long whole turns +.9 into less than -.1."""
    generator = np.random.default_rng(5)
    attention = 0.2 * np.exp(generator.normal(0, 0.2, SHAPE))
    mlp = np.exp(generator.normal(0, 0.5, SHAPE))
    cosine = generator.uniform(-0.1, 0.1, SHAPE)
    # The first token: the whole step is long, the MLP's is short.
    attention[:, 0], mlp[:, 0] = 60.0, 0.05
    with made_parts(tmp_path / "run", added(attention, mlp, cosine)) as run:
        analysis = Analysis("contributions", run)
        result = STUDY.analyse(run)
    assert_sound(result)
    assert analysis.read(ties_in) is not None
    mlp_rows = slice(BLOCKS, 2 * BLOCKS)
    assert (analysis.read(ties_in).without.r[:, mlp_rows] > 0.9).all()
    assert (analysis.read(ties_in).with_first.r[0, mlp_rows] < -0.1).all()
    # Ranks mind one token less.
    assert (analysis.read(ties_in).with_first.r[1, mlp_rows] > 0.3).all()
    last = result.findings[-1]
    assert last.estimate is not None
    assert last.estimate < -1
    assert "position 0 and sinks" in last.statement


def test_a_tie_that_is_only_arithmetic_is_told_to_be(tmp_path: Path) -> None:
    """Unrelated parts: the correlations are high, and nothing of them is beyond arithmetic."""
    with made_parts(tmp_path / "run", random_parts(7), twins=3) as run:
        analysis = Analysis("contributions", run)
        passages = read_lengths(run, drawn_documents(run))
        result = STUDY.analyse(run)
    assert_sound(result)
    ties = analysis.read(ties_in)
    assert ties is not None
    assert (ties.without.r > 0.4).all()
    assert (ties.without.p_max_t < 0.05).all()
    assert not ties.beyond.found.any()
    assert f"In 0 of {2 * BLOCKS} something is beyond it" in result.findings[3].statement
    assert result.findings[3].p_adjusted > 0.05
    assert "nothing is left that chance would not give" in result.findings[3].plain
    # The closed form for squares is near what permuting gives for lengths.
    formula = np.mean(
        [
            [arithmetic_correlation(*(v[row] for v in one.parts())) for row in range(BLOCKS)]
            for one in passages
        ],
        axis=0,
    )
    np.testing.assert_allclose(ties.cosines.mean[0, BLOCKS:], formula, atol=0.08)


def test_a_part_that_is_long_where_both_push_together_is_beyond_arithmetic(tmp_path: Path) -> None:
    generator = np.random.default_rng(6)
    attention = np.exp(generator.normal(0, 0.2, SHAPE))
    mlp = np.exp(generator.normal(0, 0.2, SHAPE))
    cosine = np.clip(2.5 * np.log(mlp) + generator.normal(0, 0.1, SHAPE), -0.95, 0.95)
    with made_parts(tmp_path / "run", added(attention, mlp, cosine), twins=2) as run:
        analysis = Analysis("contributions", run)
        result = STUDY.analyse(run)
    assert_sound(result)
    assert analysis.read(ties_in) is not None
    rows = analysis.read(ties_in).beyond.mean.reshape(2, 2, BLOCKS)
    assert (rows[:, 1] > 0.05).all()
    assert analysis.read(ties_in).beyond.found.reshape(2, 2, BLOCKS)[:, 1].all()
    found = result.findings[3]
    assert "for the MLP in block" in found.statement
    assert "point more the same way" in found.plain
    assert found.p_adjusted < 0.05


def test_every_number_is_that_of_raw_states_and_module_outputs(
    stories_folder: Path, tmp_path: Path
) -> None:
    with odograph.measure(
        stories_folder, SENTENCES, out=tmp_path / "run", measures=MEASURES, logits="none"
    ) as run:
        tokens = run.to_pandas("tokens").sort_values(["passage", "position"])
        analysis, passages = Analysis("contributions", run), read_lengths(run, drawn_documents(run))
    mlp_sizes: list[np.ndarray] = []
    shares, ties = [], []
    for one, lengths in zip((g for _, g in tokens.groupby("passage")), passages, strict=True):
        x, a, m = added_again(stories_folder, one.token_id.tolist())
        own = [np.linalg.norm(v, axis=-1).T for v in (a, m, a + m)]
        given = (lengths.attention, lengths.mlp, lengths.whole)
        for computed, read in zip(own, given, strict=True):
            np.testing.assert_allclose(read, computed, rtol=1e-4)
        x, a, m = x[1:], a[1:], m[1:]
        mlp_sizes.append(np.linalg.norm(m, axis=-1) / np.linalg.norm(x, axis=-1))
        whole = ((a + m) ** 2).sum(-1)
        shares.append(((a * a + a * m).sum(-1)).sum(0) / whole.sum(0))
        if len(a) >= 10:
            n = [np.linalg.norm(v, axis=-1) for v in (a, m, a + m)]
            ties.append(
                [stats.spearmanr(part[:, k], n[2][:, k])[0] for part in n[:2] for k in range(5)]
            )
    np.testing.assert_allclose(
        analysis.once(sizes)["MLP"].passages, [s.mean(axis=0) for s in mlp_sizes], rtol=1e-4
    )
    np.testing.assert_allclose(analysis.once(share).passages, shares, rtol=1e-4)
    assert analysis.read(ties_in) is not None
    np.testing.assert_allclose(np.tanh(analysis.read(ties_in).without.each[:, 1]), ties, atol=1e-4)


@pytest.mark.parametrize("convention", ["hf", "lens"])
def test_the_whole_step_is_that_of_the_stream_under_every_convention(
    convention: str, gpt2_folder: Path, measured: Any
) -> None:
    usual = {"measures": MEASURES, "logits": "none"}
    stream = measured(gpt2_folder, SENTENCES[:4], **usual)
    other = measured(gpt2_folder, SENTENCES[:4], convention=convention, **usual)
    for one, same in zip(
        *(read_lengths(r, drawn_documents(r)) for r in (stream, other)), strict=True
    ):
        np.testing.assert_allclose(same.whole, one.whole, rtol=1e-5)
    assert_sound(STUDY.analyse(other))
    for name in ("attention", "MLP"):
        found, same = (Analysis("contributions", one).once(sizes) for one in (other, stream))
        np.testing.assert_allclose(found[name].passages, same[name].passages, rtol=1e-5)


def test_position_0_is_in_the_map_and_not_on_its_scale(tmp_path: Path) -> None:
    from odograph.figures.heatmaps import MapPanel, MapTokens, draw_heatmaps
    from odograph.figures.marks import Labels

    parts = random_parts(8)
    parts.attention[0, 0] *= 1e4
    with made_parts(tmp_path / "run", parts) as run:
        passage, lengths = first_passage(run)
    assert passage.sinks == [0]
    assert lengths["attention"].shape == (BLOCKS, TOKENS)
    figure = draw_heatmaps(
        [MapPanel(name, values) for name, values in lengths.items()],
        np.arange(1, BLOCKS + 1),
        MapTokens(passage.tokens, passage.sinks),
        Labels("lengths", "token", "block"),
    )
    high = figure.axes[0].images[0].norm.vmax
    assert high < 10 < lengths["attention"][:, 0].max()


def test_one_text_is_described_and_not_tested(gpt2_folder: Path, measured: Any) -> None:
    run = measured(gpt2_folder, [" ".join(SENTENCES)], measures=MEASURES, untrained=1)
    result = STUDY.analyse(run)
    assert_sound(result)
    assert all(f.p is None for f in result.findings)
    assert "circular-block bootstrap" in result.findings[2].statement
    assert "take neighbouring tokens for independent" in result.findings[3].statement


def test_passages_too_short_for_a_correlation_still_have_lengths(
    gpt2_folder: Path, measured: Any
) -> None:
    run = measured(gpt2_folder, [[5, 6, 7], [8, 9, 10]], measures=MEASURES, logits="none")
    result = STUDY.analyse(run)
    assert_sound(result)
    assert Analysis("contributions", run).read(ties_in) is None
    assert any("No correlation can be had" in note for note in result.notes)


def test_a_run_of_targets_only_is_refused(gpt2_folder: Path, measured: Any) -> None:
    run = measured(
        gpt2_folder, SENTENCES, targets=["her"], select="targets", measures=MEASURES, logits="none"
    )
    with pytest.raises(StudyError, match="contributions looks at all tokens"):
        find("contributions").analyse(run)
