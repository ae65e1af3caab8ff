"""The prediction read at every depth, against the model with all later blocks passed over."""

from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest
import torch
from families import DECODERS, ENCODERS, build
from test_ablations_of_families import TEXTS, blocks_of, log_p, rescaled

from odograph.errors import ModelError


def read_by_the_model_itself(model: Any, ids: list[int], depth: int) -> np.ndarray:
    """log p [tokens, vocabulary] of head(N(x_l)): what comes after block l hands its input on."""
    everywhere = torch.ones(len(ids), dtype=torch.bool)
    with ExitStack() as stack:
        for block in blocks_of(model)[depth:]:
            stack.enter_context(rescaled(block, "block", everywhere))
        return log_p(model, ids)


@pytest.mark.parametrize("example", DECODERS, ids=lambda e: e.name)
def test_each_depth_is_what_the_model_says_without_the_blocks_behind_it(measured, example):
    model = build(example)
    run = measured(model, TEXTS, logits="none", lens=True, batch_tokens=40)
    columns = "passage, position, layer, lens_logprob, lens_entropy, choice_logprob, lens_rank"
    found = run.sql(f"select {columns} from lens order by passage, layer, position").fetchall()
    wanted, ranks = [], []
    for passage, ids in enumerate(TEXTS):
        depths = [read_by_the_model_itself(model, ids, depth) for depth in range(run.blocks + 1)]
        own = depths[-1].argmax(axis=1)
        for layer, log in enumerate(depths):
            entropy = -(np.exp(log) * log).sum(axis=1)
            for at in range(1, len(ids) - 1):
                following = log[at, ids[at + 1]]
                wanted.append([passage, at, layer, following, entropy[at], log[at, own[at]]])
                # Two logits that differ by less than their rounding may stand in any order.
                ranks.append([1 + int((log[at] > following + e).sum()) for e in (1e-5, -1e-5)])
    rows, bounds = np.array(found, dtype=float), np.array(ranks)
    np.testing.assert_allclose(rows[:, :-1], np.array(wanted), rtol=1e-5, atol=2e-5)
    assert ((bounds[:, 0] <= rows[:, -1]) & (rows[:, -1] < bounds[:, 1])).all()


@pytest.mark.parametrize("example", ENCODERS[:1], ids=lambda e: e.name)
def test_an_encoder_is_refused_by_name(measured, example):
    with pytest.raises(ModelError, match=r"it is not causal\. Leave out --lens"):
        measured(build(example), TEXTS, logits="none", lens=True)
