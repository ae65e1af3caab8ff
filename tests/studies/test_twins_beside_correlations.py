"""The correlation of the last step with the prediction stands beside that of untrained twins."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import TEXTS

import odograph
from odograph.sentences.nulls import as_in_twins
from odograph.sentences.numbers import coefficient

#: Long passages of the same words in orders of their own: near-copies would be one document.
LONG = tuple(
    " ".join(np.random.default_rng(k).permutation(" ".join((TEXTS[k], TEXTS[2], TEXTS[7])).split()))
    for k in range(8)
)


def leading(findings: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = [f for f in findings if "x_{L-1} taken out" in f["statement"]][:1]
    return found


def test_the_twins_r_is_that_of_their_own_run(
    gpt2_folder: Path, measured: Callable[..., Any]
) -> None:
    run = measured(gpt2_folder, LONG, logits="full", untrained=2)
    ours = leading(odograph.study("path-length", run).findings)
    alone = [
        leading(odograph.study("path-length", twin.folder).findings)["estimate"]
        for twin in run.untrained
    ]
    low, high = coefficient(min(alone)), coefficient(max(alone))
    mean = coefficient(float(np.mean(alone)))
    said = f"; the 2 untrained twins r = {mean} (seeds {low} to {high})."
    assert said in ours["statement"]
    assert ours["estimate"] not in alone


@pytest.mark.parametrize(
    ("twins", "said"),
    [([-0.2, -0.15], "show such a correlation too"), ([0.1, -0.2], "at least one does"), ([0], "")],
)
def test_the_plain_words_warn_where_twins_show_it_too(twins: list[float], said: str) -> None:
    found = as_in_twins(-0.25, np.array(twins, dtype=float), "correlation")
    assert said in found
    assert bool(found) == bool(said)
