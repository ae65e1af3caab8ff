"""The neighbours study: its answers to what was planted, and what it refuses."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_neighbours import (
    PASSAGES,
    SHAPE,
    TARGET,
    made_neighbours,
    one_hump,
    with_config,
)
from made_runs import made_run
from planted import planted_gpt2
from soundness import assert_sound
from tiny import TEXTS

from odograph.corpus import bundled_path
from odograph.errors import StudyError
from odograph.folder.samples.drawn_documents import drawn_documents
from odograph.folder.samples.neighbours import ANGLE, NEEDED, beside, read_positions
from odograph.folder.selection import profile_means
from odograph.statistics.intervals import mean_interval
from odograph.statistics.permutation import mean_p
from odograph.studies import find
from odograph.studies.neighbours.humps import read_spread
from odograph.studies.neighbours.pairs import NEIGHBOURS
from odograph.studies.result import StudyResult
from odograph.studies.sample import read_sample

Measured = Callable[..., Any]
SEEDS = 40
#: P(more than 6 of 40 | .05) = .003.
MOST = 6


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    import matplotlib.pyplot

    matplotlib.pyplot.close("all")


def said(result: StudyResult, part: str) -> str:
    """The one statement that holds these words."""
    [found] = [f.statement for f in result.findings if part in f.statement]
    return found


def table(result: StudyResult, name: str) -> dict[str, np.ndarray]:
    [found] = [t for t in result.tables if t.name == name]
    return {column: np.asarray(values) for column, values in found.columns.items()}


# --- closed forms ---


def test_independent_states_bend_by_120_degrees(measured: Measured) -> None:
    """Tokens without order in 96 dimensions, which no block changes."""
    generator = np.random.default_rng(0)
    model = planted_gpt2(generator.normal(size=(500, 96)), [np.zeros(96)] * 2)
    ids = [generator.permutation(500)[:40].tolist() for _ in range(12)]
    run = measured(model, ids, measures=[*NEEDED])
    result = find("neighbours").analyse(run)
    np.testing.assert_allclose(table(result, "token_bend")["mean"], 120, atol=0.5)
    assert "independent states give 120" in said(result, "bends by")
    np.testing.assert_allclose(table(result, "neighbours_profile")["mean_all_pairs"], 90, atol=1)


# --- targets ---


def p_values(folder: Path, seed: int, effect: float) -> tuple[float, float, float]:
    """The p of the mean difference, of the best cluster, and of the best layer by max-T."""
    angle = one_hump(np.random.default_rng(seed))
    angle[:, TARGET, 2:4] += effect
    with made_neighbours(folder / f"{effect}-{seed}", seed, angle) as run:
        groups = read_sample(run, NEIGHBOURS).groups
    assert groups is not None
    total = mean_p(groups.differences.mean(axis=1), seed=0)
    cluster = min((c.p for c in groups.profile.clusters), default=1.0)
    return total or 1.0, cluster, float(np.nanmin(groups.profile.p_max_t))


@pytest.mark.slow
def test_equal_pairs_differ_no_oftener_than_chance_has_it(tmp_path: Path) -> None:
    found = np.array([p_values(tmp_path, seed, 0.0) for seed in range(SEEDS)])
    rejected = (found < 0.05).sum(axis=0)
    assert (rejected <= MOST).all(), rejected


def test_a_planted_difference_of_the_target_pair_is_found(tmp_path: Path) -> None:
    found = np.array([p_values(tmp_path, seed, 8.0) for seed in range(5)])
    assert (found < 0.05).sum() >= 14, found


def test_the_pair_behind_a_target_is_in_neither_group(tmp_path: Path) -> None:
    angle = np.full(SHAPE, 50.0) + np.random.default_rng(0).normal(0, 0.1, SHAPE)
    angle[:, TARGET] += 20
    angle[:, TARGET + 1] += 120
    with made_neighbours(tmp_path / "made", 0, angle) as run:
        groups = read_sample(run, NEIGHBOURS).groups
    assert groups is not None
    np.testing.assert_allclose(groups.pairs.target, 70, atol=0.5)
    np.testing.assert_allclose(groups.pairs.control, 50, atol=0.5)


def test_sinks_and_position_0_are_out_of_the_statistics_and_in_the_histogram(
    tmp_path: Path,
) -> None:
    angle = np.full(SHAPE, 50.0) + np.random.default_rng(0).normal(0, 1e-3, SHAPE)
    sinks = np.zeros(SHAPE[:2], bool)
    sinks[:, 8] = True
    angle[:, [1, 8, 9]] = 120.0
    with made_neighbours(tmp_path / "made", 0, angle, sinks) as run:
        found, kinds = (
            read_sample(run, NEIGHBOURS),
            np.bincount(read_spread(run, drawn_documents(run)).kind),
        )
        np.testing.assert_allclose(found.everything.values, 50, atol=1e-2)
        assert kinds.tolist() == [PASSAGES * SHAPE[2] * pairs for pairs in (10, 1, 2)]
        np.testing.assert_allclose(read_positions(run).means[1].values, 120, atol=1e-3)
        with with_config(run, keep_first=True) as kept:
            first_in = read_sample(kept, NEIGHBOURS)
            kept_kinds = np.bincount(read_spread(kept, drawn_documents(kept)).kind)
    assert first_in.everything.values.mean() == pytest.approx((50 * 10 + 120) / 11, abs=0.1)
    assert kept_kinds.tolist() == kinds.tolist()


# --- humps ---


def analysed(folder: Path, angle: np.ndarray, sinks: np.ndarray | None = None) -> StudyResult:
    with made_neighbours(folder, 3, angle, sinks) as run:
        return find("neighbours").analyse(run)


def test_humps_of_sinks_alone_leave_nothing_bimodal(tmp_path: Path) -> None:
    angle = one_hump(np.random.default_rng(3))
    sinks = np.zeros(SHAPE[:2], bool)
    sinks[::2, 9] = True
    angle[:, 1] += 50
    angle[::2, [9, 10]] += 50
    result = analysed(tmp_path / "made", angle, sinks)
    assert_sound(result)
    statement = said(result, "The histogram of")
    states, half = SHAPE[2], PASSAGES // 2
    assert "has two humps, at" in statement
    assert f"{PASSAGES * states} touch position 0" in statement
    assert f"{2 * half * states} a later sink" in statement
    assert "and 0 neither" in statement
    assert "nothing bimodal remains" in statement
    by_layer = said(result, "Layer by layer")
    assert f"two humps are shown in {states} of {states} layers" in by_layer
    assert "Without position 0 and sinks they are shown in 0 of" in by_layer
    humps = table(result, "neighbours_humps")
    assert humps["pairs"].tolist()[:2] == ["all", "without position 0 and sinks"]
    assert (humps["smaller_hump_neither"][humps["pairs"] == "all"] <= 1).all()


def test_humps_without_sinks_are_said_to_remain(tmp_path: Path) -> None:
    angle = one_hump(np.random.default_rng(4))
    angle[:, 5:9] += 40
    result = analysed(tmp_path / "made", angle)
    statement = said(result, "The histogram of")
    assert "has two humps, at" in statement
    assert "Without them two humps remain" in statement
    assert "Without position 0 and sinks they are shown in 6" in said(result, "Layer by layer")


def test_layers_of_different_width_make_humps_together_and_none_alone(tmp_path: Path) -> None:
    angle = one_hump(np.random.default_rng(5))
    angle[..., 3:] += 45
    result = analysed(tmp_path / "made", angle)
    assert "Without them two humps remain" in said(result, "The histogram of")
    assert "two humps are shown in 0 of 6 layers" in said(result, "Layer by layer")


def test_one_hump_is_said_to_be_one(tmp_path: Path) -> None:
    result = analysed(tmp_path / "made", one_hump(np.random.default_rng(6)))
    statement = said(result, "The histogram of")
    assert "is not shown to have more than one hump" in statement
    assert "nothing bimodal remains" in statement
    assert "two humps are shown in 0 of 6 layers" in said(result, "Layer by layer")


# --- what is missing ---


def test_a_run_without_the_measures_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with (
        made_run(tmp_path / "made", 1) as run,
        pytest.raises(StudyError, match="Measure it again with --measures neighbour_angle,"),
    ):
        find("neighbours").analyse(run)


def test_a_run_of_targets_only_is_refused(gpt2_folder: Path, measured: Measured) -> None:
    run = measured(gpt2_folder, targets=["her"], select="targets", measures=[*NEEDED])
    with pytest.raises(StudyError, match=r"all tokens of a passage.*--select all"):
        find("neighbours").analyse(run)


@pytest.mark.parametrize(
    ("options", "texts"),
    [
        ({"targets": []}, TEXTS[:1]),
        ({"targets": [], "pairs": 0}, ["No dog.", "A red house."]),
        ({"targets": ["her"], "convention": "hf", "untrained": 2}, TEXTS),
        ({"targets": ["her"], "keep_first": True, "bos": "always", "convention": "lens"}, TEXTS),
    ],
)
def test_every_kind_of_run_is_told_in_allowed_words(
    gpt2_folder: Path, measured: Measured, options: dict[str, Any], texts: list[str]
) -> None:
    result = find("neighbours").analyse(measured(gpt2_folder, texts, measures=[*NEEDED], **options))
    assert_sound(result)
    if len(texts) < 6:
        assert all(f.p is None and f.interval is None for f in result.findings)
        assert "is not tested (n = " in said(result, "Whether the histogram of")


def test_the_baseline_of_drawn_pairs_has_an_error_of_its_own_in_the_interval(
    gpt2_folder: Path, measured: Measured
) -> None:
    """Taken as exact, tokens of other texts would make the interval half as wide."""
    run = measured(str(gpt2_folder), [bundled_path("passages")], pairs=20, measures=[*NEEDED])
    result = find("neighbours").analyse(run)
    (found,) = [f for f in result.findings if f.headline.startswith("Neighbouring tokens stand")]
    near = profile_means(run, ANGLE, beside(run, 1), from_layer=0).values.mean(axis=1)
    exact = mean_interval(near, seed=run.seed)
    assert found.interval[1] - found.interval[0] > 1.1 * (exact.high - exact.low)
