"""Several target words: crossed with texts, or the units where each text has one of its own."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny import build_gpt2, scatter, tokenizer

import odograph
from odograph.geometry import angle
from odograph.statistics.designs.crossed import crossed_test
from odograph.statistics.permutation import mean_test
from odograph.studies.claim import examined
from odograph.studies.questions.difference import difference
from odograph.studies.rotation import ROTATION
from odograph.studies.section import Analysis

TARGETS = ["her", "him", "cat", "dog", "sea", "sun"]
_OTHERS = np.random.default_rng(0).permutation([f"w{number}" for number in range(280)])
_LINES = [" ".join(line) for line in _OTHERS.reshape(40, 7)]
CROSSED = [
    f"{line} "
    + " ".join(f"{o} {t}" for o, t in zip(_LINES[i + 20].split()[:6], TARGETS, strict=True))
    for i, line in enumerate(_LINES[:20])
]
NESTED = [f"{line} {TARGETS[i % 6]}" for i, line in enumerate(_LINES[:24])]


def lead(folder: Path, texts: list[str], targets: list[str]) -> Any:
    run = odograph.measure(
        build_gpt2(), texts, tokenizer=tokenizer(begins=False), targets=targets, out=folder
    )
    (claim,) = difference(ROTATION)(Analysis("rotation", run)).claims
    return examined(claim)


def test_words_in_all_texts_are_crossed_with_them(tmp_path: Path) -> None:
    found = lead(tmp_path / "run", CROSSED, TARGETS)
    assert found.test == "t with words crossed with texts"
    assert "6 words in 20 passages" in found.statement
    assert any(said.startswith("over passages, in this network:") for said in found.evidence)


def test_words_in_texts_of_their_own_are_the_units(tmp_path: Path) -> None:
    found = lead(tmp_path / "run", NESTED, TARGETS)
    assert (found.unit_of_inference, found.n) == ("word", 6)


@pytest.mark.parametrize(("count", "scope"), [(1, "for this word"), (3, "for these words")])
def test_a_test_of_a_few_words_holds_for_them_alone(tmp_path: Path, count: int, scope: str) -> None:
    found = lead(tmp_path / "run", CROSSED, TARGETS[:count])
    assert any(f"in this network, {scope}:" in said for said in found.evidence)


def differences(model: Any, words: np.ndarray, contexts: list[np.ndarray]) -> np.ndarray:
    """How much more each word turns than the token before it, over all blocks: [words, texts]."""
    found = []
    for context in contexts:
        rows = torch.tensor(np.array([np.append(context, word) for word in words]))
        with torch.inference_mode():
            states = model(input_ids=rows, output_hidden_states=True).hidden_states[:-1]
        ends = [state[:, -2:].double() for state in states]
        turned = sum(angle(a, b) for a, b in pairwise(ends))
        found.append((turned[:, 1] - turned[:, 0]).numpy())
    return np.array(found).T


def test_random_networks_keep_the_level_with_several_target_words_and_not_with_one() -> None:
    """Texts of other lengths: where all targets stand at one place, it is fixed as a word is."""
    alone = crossed = 0
    for seed in range(60):
        rng, model = np.random.default_rng(seed), scatter(build_gpt2(), seed)
        contexts = [rng.integers(0, 400, length) for length in rng.integers(4, 40, 16)]
        values = differences(model, rng.permutation(400)[:8], contexts)
        factors = np.repeat(np.arange(8), 16), np.tile(np.arange(16), 8)
        crossed += crossed_test(values.ravel(), *factors).p < 0.05
        alone += mean_test(values[0][:, None], seed=seed).p_max[0] < 0.05
    assert crossed <= 8  # of 60 at .05: more in less than 1 of 100
    assert alone >= 10
