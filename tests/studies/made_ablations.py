"""A run with something undone in every block, on texts that the model would write, or on noise."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from tiny import build_gpt2

import odograph

BLOCKS, PASSAGES, TOKENS = 6, 24, 16


def written_by(model: Any, generator: np.random.Generator) -> list[list[int]]:
    """Passages in which what follows is always among the model's own three first choices."""
    ids = torch.from_numpy(generator.integers(400, size=(PASSAGES, 1)))
    with torch.inference_mode():
        for _ in range(TOKENS - 1):
            likely = model(ids, use_cache=False).logits[:, -1].topk(3).indices
            chosen = torch.from_numpy(generator.integers(3, size=(PASSAGES, 1)))
            ids = torch.cat([ids, likely.gather(1, chosen)], dim=1)
    return ids.tolist()


def made_ablations(folder: Path, effect: bool, model: Any = None, **options: Any) -> Any:
    """With an effect the model predicts its texts, and undoing things costs; without, noise.

    Args:
        folder: for the run; made.
        effect: whether the texts are the model's own.
        model: the usual one if None.
        **options: of `RunConfig`.
    """
    model, generator = model or build_gpt2(blocks=BLOCKS), np.random.default_rng(4)
    noise = generator.integers(400, size=(PASSAGES, TOKENS)).tolist()
    texts = written_by(model, generator) if effect else noise
    asked = {"undo": "all", "untrained": 2, "logits": "none", **options}
    return odograph.measure(model, texts, out=folder, **asked)
