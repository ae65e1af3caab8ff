"""What studies choose on one half of a run, and test on the other: planted, and in noise."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_runs import drawn_run
from scipy.stats import norm

from odograph.folder.halves import CONFIRMATION
from odograph.folder.samples import blocks as pruning
from odograph.folder.samples.two_groups import groups_of
from odograph.sentences.distance_regions import chosen_sentence
from odograph.sentences.distances import Apart
from odograph.sentences.record import Finding
from odograph.statistics.designs.distance_profile import (
    chosen_region,
    distance_profile,
    largest_region,
)
from odograph.statistics.designs.distances import LayerDistance, layer_distance, redraw
from odograph.studies.claim import examined
from odograph.studies.defaults import FindingDefaults
from odograph.studies.nouns_adjectives.claims import (
    NO_GROUP_DIFFERENCE,
    chosen_claims,
    mean_claim,
)
from odograph.studies.pruning.costs import least_claim

LAYERS = 9


def half(seed: int, shift: float, n: int = 14) -> list[LayerDistance]:
    """Two words in n sentences, apart at the layers 3 to 5."""
    generator = np.random.default_rng(seed)
    common = generator.normal(size=(n, 1, 12))
    first, second = (common + generator.normal(size=(n, LAYERS, 12)) for _ in range(2))
    first[:, 3:6, 0] += shift
    redrawn = redraw(n, n, paired=True, seed=seed, permutations=999, resamples=199)
    return [layer_distance(first[:, k], second[:, k], redrawn) for k in range(LAYERS)]


def chosen(seed: int, first: float, second: float) -> Any:
    """What the second half gives in the region that the first half shows."""
    layers = half(seed + 1000, second)
    redrawn = redraw(14, 14, paired=True, seed=0, permutations=9, resamples=0)
    profile = distance_profile(layers, redrawn, (14, 14))
    return chosen_region(layers, largest_region(half(seed, first)), profile, 14), profile


def test_layers_that_part_in_both_halves_are_chosen_and_confirmed() -> None:
    found = [chosen(seed, 2.0, 2.0)[0] for seed in range(6)]
    for one in found:
        assert one.found
        assert one.first_layer <= 5
        assert one.last_layer >= 3
        assert one.tested.p < 0.05
        assert one.tested.family == 1
    told = chosen_sentence(
        Apart("'her'", "'him'", "states", "passage", 0, chosen(0, 2.0, 2.0)[1], np.empty(0)),
        found[0],
    )
    assert "chosen on the first half, as the cluster with the largest mass in its 14 " in told
    assert "n = 14 passages" in told


def test_layers_chosen_from_noise_are_not_confirmed_oftener_than_chance_has_it() -> None:
    small = [chosen(seed, 0.0, 0.0)[0].tested.p < 0.05 for seed in range(60)]
    assert sum(small) <= 8  # P(more than 8 of 60 | .05) = .005


@pytest.fixture
def drawn(tmp_path: Path) -> Any:
    def made(seed: int, **options: Any) -> Any:
        run = drawn_run(tmp_path / f"run-{seed}", seed, **options)
        return groups_of(run.half(CONFIRMATION))

    return made


def words(found: Any) -> list[Finding]:
    defaults = FindingDefaults(
        "nouns-adjectives", n=60, null=NO_GROUP_DIFFERENCE, unit="%", unit_of_inference="lemma"
    )
    return [examined(claim) for claim in chosen_claims(found, "step", defaults)]


def test_blocks_in_which_words_differ_are_chosen_and_confirmed(drawn: Any) -> None:
    region, block = words(drawn(1, lemmas=60, effect=(0, 0, 1.6, 1.6)))
    assert (
        "chosen on the first half, as the cluster with the largest mass in its" in region.statement
    )
    assert "chosen on the first half, as the one with the largest |t| in its" in block.statement
    for finding in (region, block):
        assert finding.family == "1"
        assert finding.p is not None
        assert finding.p < 0.05
        assert "hinges" not in finding.statement
    assert "Block 3 was" in block.statement or "Block 4 was" in block.statement


def test_blocks_chosen_from_noise_are_not_confirmed(drawn: Any) -> None:
    found = [finding for seed in (4, 5) for finding in words(drawn(seed, lemmas=30))]
    assert sum(finding.p is not None and finding.p < 0.05 for finding in found) <= 1
    assert any("the curves differ in no cluster of blocks" in f.statement for f in found)


def test_blocks_are_pruned_as_the_first_half_has_it() -> None:
    """The first half says that block 1 turns least and block 3 costs least; the second decides."""
    generator = np.random.default_rng(0)
    change = generator.normal(size=(20, 4)) + 5
    lost = pruning.Losses(
        np.arange(20), np.ones(20), np.arange(1, 5), np.ones(4, int), change, 0, 100
    )
    explored = pruning.Explored(np.array([0.0, 1, 2, 3]), np.array([5.0, 6, 1, 7]), ())
    one = told(explored, lost)
    assert "the block of the smallest influence, 1, is not the least costly, 3;" in one.statement
    assert "both blocks were chosen on the first half" in one.statement
    assert one.p is not None
    assert one.p > 0.05
    dearer = change.copy()
    dearer[:, 0] += 3
    again = told(explored, replace(lost, change=dearer))
    assert again.p is not None
    assert again.p < 0.05
    assert "hinges" not in again.statement
    dearer = 0.01 * change
    dearer[6, 0] += 4
    assert told(explored, replace(lost, change=dearer)).p > 0.05  # type: ignore[operator]


class Seen:
    """As much of a run as the finding asks for."""

    keeps_sums = False
    seed = 0

    def __init__(self) -> None:
        self.manifest: dict[str, Any] = {"config": {}}

    def sql(self, _: str) -> "Seen":
        return self

    def fetchall(self) -> list[tuple[int, str]]:
        return [(k, f"text:{k + 1}") for k in range(20)]


def told(explored: pruning.Explored, lost: pruning.Losses) -> Finding:
    run: Any = Seen()
    nothing: Any = None
    blocks = pruning.Blocks(run, nothing, {}, explored, (), nothing, {}, {}, nothing, lost)
    defaults = FindingDefaults("pruning", n=20, null="none", unit="nats")
    return examined(least_claim(blocks, lost, defaults))


def test_a_lemma_that_makes_the_difference_is_named(tmp_path: Path) -> None:
    with drawn_run(tmp_path / "run", 9, lemmas=20) as run:
        found = groups_of(run)
    first, spread = found.lemmas.first, norm.ppf((np.arange(20) + 0.5) / 20)
    steps = np.empty((40, 6))
    steps[first] = (spread + 0.69)[:, None]  # without the outermost lemmas p passes .05
    steps[~first] = spread[:, None]
    defaults = FindingDefaults("nouns-adjectives", n=40, null="none", unit_of_inference="lemma")
    made = defaults.finding("Said.", "Said.", 1.0, p=0.04, p_adjusted=0.04, test="permutation")

    def told_of(values: np.ndarray) -> str:
        planted = replace(found, lemmas=replace(found.lemmas, values={"step": values}))
        return examined(mean_claim(planted, "step", made)).statement

    outermost = found.lemmas.names[[np.flatnonzero(first)[-1], np.flatnonzero(~first)[0]]]
    said = told_of(steps).partition("Said. It hinges on one lemma: without '")[2]
    assert said.startswith(tuple(f"{name}' p = .0" for name in outermost)), said
    assert told_of(steps + 2.0 * first[:, None]) == "Said."
