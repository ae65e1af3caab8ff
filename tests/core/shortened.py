"""A model built again without some of its blocks, by hand."""

import copy
from typing import Any

from torch import nn


def without(model: Any, first: int, count: int) -> Any:
    """A copy without blocks `first` to `first + count - 1` (from 1); those after are renumbered."""
    shorter = copy.deepcopy(model)
    trunk = shorter.base_model
    name = "h" if hasattr(trunk, "h") else "layers"
    kept = [b for i, b in enumerate(getattr(trunk, name), 1) if not first <= i < first + count]
    for index, block in enumerate(kept):
        for module in block.modules():
            if hasattr(module, "layer_idx"):
                module.layer_idx = index
    setattr(trunk, name, nn.ModuleList(kept))
    shorter.config.num_hidden_layers = len(kept)
    return shorter
