"""States that another tool has recorded, as a network that gives them again: one id, one token."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

#: What the family of recorded states is called.
RECORDED = "recorded states"


@dataclass(frozen=True)
class RecordedConfig:
    """What is known of the model behind the states."""

    num_hidden_layers: int
    hidden_size: int
    model_type: str = RECORDED

    def to_dict(self) -> dict[str, Any]:
        """All of it, by name."""
        return asdict(self)


class _RecordedBlock(nn.Module):
    """The states after one block, [tokens, width], whatever comes in."""

    def __init__(self, states: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("states", states)

    def forward(self, state: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        """The state of each id, [batch, tokens, width]."""
        states: torch.Tensor = self.get_buffer("states")
        return states[ids]


class RecordedStates(nn.Module):
    """Gives, for ids that number tokens, the states that were recorded of them at every layer.

    What is measured of a network is measured of these states in the same way. There is no head and
    no part of a block, and nothing can be run that was not recorded.

    Args:
        states: of the layers 0..L, each [tokens, width].
    """

    def __init__(self, states: Sequence[torch.Tensor]) -> None:
        super().__init__()
        count, width = states[0].shape
        self.config = RecordedConfig(len(states) - 1, width)
        self.tokens = nn.Embedding(count, width, _weight=states[0], _freeze=True)
        self.blocks = nn.ModuleList(_RecordedBlock(each) for each in states[1:])

    def get_input_embeddings(self) -> nn.Embedding:
        """The states that enter the first block."""
        return self.tokens

    def forward(self, input_ids: torch.Tensor, **given: Any) -> tuple[torch.Tensor]:  # noqa: ARG002
        """The state after the last block, as the one member of a tuple."""
        # What the self-check reads are ids of a usual vocabulary: they are counted round.
        ids = input_ids.remainder(self.tokens.num_embeddings)
        state = self.tokens(ids)
        for block in self.blocks:
            state = block(state, ids)
        return (state,)
