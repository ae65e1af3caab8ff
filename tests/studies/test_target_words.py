"""Several target words: crossed with texts, or the units where each text has one of its own."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import build_gpt2, tokenizer

import odograph
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
