"""Whether two models share a start, so that the coordinates of their states mean the same.

An adapter, a later checkpoint, a quantised copy: the states of each can be laid over those of the
other. Two models that were trained apart have bases of their own, and an angle between their states
says nothing. What is compared is the embedding, which every model has and few change much: its
entries, each coordinate less its mean over the vocabulary, are correlated; of independent
embeddings the correlation is 0 up to a few hundredths, of two models that learned the same texts
apart up to a tenth.
"""

from dataclasses import dataclass
from typing import Any

import torch

from odograph.errors import ModelError
from odograph.models.loading import Loaded

#: Below it two embeddings are called independent.
LEAST_CORRELATION = 0.25


@dataclass(frozen=True)
class Kinship:
    """How two models of one width are related.

    Attributes:
        architectures: the class of each.
        correlation: of their embeddings' entries; NaN where these have no common shape.
    """

    architectures: tuple[str, str]
    correlation: float

    @property
    def shares_start(self) -> bool:
        """Whether the coordinates of their states may be compared."""
        own, other = self.architectures
        return own == other and self.correlation >= LEAST_CORRELATION

    @property
    def reason(self) -> str:
        """Why they share no start; "" where they do."""
        own, other = self.architectures
        if own != other:
            return f"{own} and {other} are of two architectures"
        if self.shares_start:
            return ""
        return f"their embeddings correlate by {self.correlation:.2g} only"


def kinship(base: Loaded, model: Loaded) -> Kinship:
    """How two loaded models are related.

    Raises:
        ModelError: their states are of different widths or numbers: there is nothing to compare.
    """
    shapes = [(len(one.anatomy.blocks), one.anatomy.width) for one in (base, model)]
    if shapes[0] != shapes[1]:
        raise ModelError(
            "the states of the two models cannot be compared",
            expected="as many blocks of the same width",
            given=" and ".join(f"{blocks} blocks of width {width}" for blocks, width in shapes),
            remedy="Leave --states out.",
        )
    names = (base.identity.architecture, model.identity.architecture)
    return Kinship(names, _correlation(_embedding(base), _embedding(model)))


def _embedding(loaded: Loaded) -> torch.Tensor:
    network: Any = loaded.model
    weight: torch.Tensor = network.get_input_embeddings().weight
    return weight.detach()


def _correlation(own: torch.Tensor, other: torch.Tensor) -> float:
    """Pearson's r of the entries of two embeddings [vocabulary, width], coordinates centred.

    Of vocabularies of two sizes the rows that both have: tokens that were added stand at the end.
    """
    if own.shape[1] != other.shape[1] or not own.is_floating_point():
        return float("nan")
    rows = min(len(own), len(other))
    first, second = (one[:rows].to("cpu", torch.float64) for one in (own, other))
    first, second = first - first.mean(dim=0), second - second.mean(dim=0)
    lengths = torch.linalg.vector_norm(first) * torch.linalg.vector_norm(second)
    return float((first * second).sum() / lengths)
