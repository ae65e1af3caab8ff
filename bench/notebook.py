"""The usual notebook: padded batches in random order, all hidden states, arccos, rows in pandas."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import torch

from bench.ways import angles

#: The states of a batch [passages, tokens, width], one a layer, for ids and mask.
States = Callable[[torch.Tensor, torch.Tensor], Sequence[torch.Tensor]]


def in_batches(
    model: Any, tokenizer: Any, texts: Sequence[str], longest: int | None = None
) -> pd.DataFrame:
    """A row for each token and step, from batches of 8 padded to their longest, or to `longest`.

    The logits are computed, as they are where nobody says otherwise.
    """

    def states(ids: torch.Tensor, mask: torch.Tensor) -> Sequence[torch.Tensor]:
        found: Sequence[torch.Tensor] = model(
            ids, attention_mask=mask, output_hidden_states=True
        ).hidden_states
        return found

    return angles_of(states, batches(tokenizer, texts, longest))


def batches(
    tokenizer: Any, texts: Sequence[str], longest: int | None = None
) -> Iterator[tuple[list[int], torch.Tensor, torch.Tensor]]:
    """Numbers of the texts, ids and mask of random batches of 8, padded on the right."""
    order = random.Random(0).sample(range(len(texts)), len(texts))
    for start in range(0, len(order), 8):
        numbers = order[start : start + 8]
        ids = [tokenizer(texts[number]).input_ids for number in numbers]
        width = longest or max(map(len, ids))
        padded = torch.zeros(len(ids), width, dtype=torch.long)
        mask = torch.zeros_like(padded)
        for line, own in enumerate(ids):
            padded[line, : len(own)] = torch.tensor(own)
            mask[line, : len(own)] = 1
        yield numbers, padded, mask


def angles_of(
    states: States, given: Iterable[tuple[list[int], torch.Tensor, torch.Tensor]]
) -> pd.DataFrame:
    """The table that a notebook makes of them."""
    tables = []
    with torch.no_grad():
        for numbers, ids, mask in given:
            turned = [angles(one, other) for one, other in pairwise(states(ids, mask))]
            by_layer = torch.stack(turned, -1).numpy()
            tables += [_table(n, by_layer[k, : int(mask[k].sum())]) for k, n in enumerate(numbers)]
    return pd.concat(tables)


def _table(number: int, by_layer: Any) -> pd.DataFrame:
    tokens, layers = by_layer.shape
    return pd.DataFrame(
        {
            "passage": number,
            "position": np.repeat(np.arange(tokens), layers),
            "layer": np.tile(np.arange(1, layers + 1), tokens),
            "rotation": by_layer.reshape(-1),
        }
    )
