"""A network of somebody's own class, which is none of transformers: what is observed of it.

Its blocks are its longest list of modules; the state after the last of them is where it ends. There
is no head, so that nothing is predicted. Whether all this is right the self-check says.
"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from odograph.errors import ModelError

#: What configs of other classes call the longest input.
_POSITIONS = ("max_position_embeddings", "block_size", "context_length", "max_seq_len")


@dataclass(frozen=True)
class OwnConfig:
    """What is known of a class without a config of transformers."""

    model_type: str
    num_hidden_layers: int
    hidden_size: int
    vocab_size: int
    max_position_embeddings: int | None

    def to_dict(self) -> dict[str, Any]:
        """All of it, by name."""
        return asdict(self)


class OwnNetwork(nn.Module):
    """A network of any class that maps token ids [batch, tokens] and has a list of blocks.

    Raises:
        ModelError: it has no list of modules, or no embedding.
    """

    def __init__(self, own: nn.Module) -> None:
        super().__init__()
        self.own = own
        self.blocks = _blocks_of(own)
        self.embedding = _embedding_of(own)
        vocabulary, width = self.embedding.weight.shape
        config = getattr(own, "config", None)
        places = (getattr(config, name, None) for name in _POSITIONS)
        most = next((int(found) for found in places if found), None)
        self.config = OwnConfig(type(own).__name__, len(self.blocks), width, vocabulary, most)

    def get_input_embeddings(self) -> nn.Embedding:
        """The embedding of the token ids."""
        return self.embedding

    def forward(self, input_ids: torch.Tensor, **given: Any) -> tuple[torch.Tensor]:  # noqa: ARG002
        """The state after the last block, as the one member of a tuple.

        The class is given the token ids alone: one that needs a mask fails its self-check.
        """
        last: list[torch.Tensor] = []

        def keep(*given: Any) -> None:
            output = given[2]
            last.append(output[0] if isinstance(output, tuple) else output)

        handle = self.blocks[-1].register_forward_hook(keep)
        try:
            self.own(input_ids)
        finally:
            handle.remove()
        if len(last) != 1:
            raise ModelError(
                f"{type(self.own).__name__} runs its last block {len(last)} times",
                expected="each block once",
            )
        return (last[0],)


def of_own_class(model: nn.Module) -> bool:
    """Whether a network has no config of transformers, nor one like it."""
    return not hasattr(getattr(model, "config", None), "model_type")


def _blocks_of(own: nn.Module) -> nn.ModuleList:
    """The longest list of modules."""
    lists = [module for module in own.modules() if isinstance(module, nn.ModuleList)]
    if not any(map(len, lists)):
        raise ModelError(
            f"no list of blocks found in {type(own).__name__}",
            expected="a torch.nn.ModuleList of its blocks",
            remedy="Keep the blocks in one, in their order.",
        )
    return max(lists, key=len)


def _embedding_of(own: nn.Module) -> nn.Embedding:
    """The embedding with the most entries: that of the vocabulary."""
    found = [module for module in own.modules() if isinstance(module, nn.Embedding)]
    if not found:
        raise ModelError(
            f"no embedding found in {type(own).__name__}",
            expected="a torch.nn.Embedding of its token ids",
        )
    return max(found, key=lambda module: module.num_embeddings)
