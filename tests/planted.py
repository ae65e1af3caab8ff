"""GPT-2 models whose every block adds a vector that the test has chosen."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from tiny import checked

WIDTH, VOCABULARY = 8, 40


def planted_gpt2(start: np.ndarray, steps: Sequence[np.ndarray]) -> Any:
    """All weights zero: tokens begin at `start` [vocabulary, width], block l adds `steps[l - 1]`.

    Half of each step is added by the attention, half by the MLP.
    """
    from transformers import GPT2Config, GPT2LMHeadModel

    config = checked(
        GPT2Config,
        vocab_size=len(start),
        n_positions=64,
        n_embd=start.shape[1],
        n_layer=len(steps),
        n_head=2,
    )
    model = GPT2LMHeadModel(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.transformer.ln_f.weight.fill_(1)
        model.transformer.wte.weight.copy_(torch.from_numpy(start))
        for block, step in zip(model.transformer.h, steps, strict=True):
            half = torch.from_numpy(np.asarray(step) / 2)
            block.attn.c_proj.bias.copy_(half)
            block.mlp.c_proj.bias.copy_(half)
    return model


def turning_states(angles: Sequence[float], growth: float = 1.3) -> np.ndarray:
    """States [L+1, width] in a plane, each turned by the next angle (degrees) and lengthened."""
    states = [np.zeros(WIDTH)]
    states[0][:2] = 6.0, -8.0
    for degrees in angles:
        turn = np.eye(WIDTH)
        a = np.radians(degrees)
        turn[:2, :2] = [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
        states.append(growth * turn @ states[-1])
    return np.array(states)


def everywhere(first: np.ndarray) -> np.ndarray:
    """All tokens begin at the same state."""
    return np.tile(first, (VOCABULARY, 1))
