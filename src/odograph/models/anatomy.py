"""Where things are in a model: trunk, blocks, final norm, head, and what each block adds.

Blocks are found by structure: the longest list of modules in the trunk. What cannot be seen in the
structure (final norm, layout, direction) is tried out on a short prompt (`probe`).
"""

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import nn

from odograph.errors import ModelError
from odograph.models.families import Family

SEQUENTIAL, PARALLEL, UNKNOWN = "sequential", "parallel", "unknown"


@dataclass(frozen=True)
class Anatomy:
    """The parts of a loaded model that are observed.

    Attributes:
        family: the config's model_type.
        trunk: the module that maps token ids to the last normed state, without the head.
        blocks: the L blocks, in order.
        final_norm: N, or None where the trunk ends without one.
        projection: what maps normed states to the head's width where that is another, or None.
        head: the output embedding of a causal model, or None.
        wiring: how attention's and the MLP's parts are read, or None.
        width: length of a state.
        positions: the longest input the model accepts, or None.
        layout: sequential, parallel, or unknown; tried out.
        causal: whether a state depends on nothing after its token; tried out. Where it is not, a
            padded batch needs an attention mask.
        post_norm: whether a block gives a norm of its sum, so that nothing is added to a stream.
        copies: whether a block writes over what a sub-layer has returned.
        quantised: the method by which the weights are quantised, or None.
    """

    family: str
    trunk: nn.Module
    blocks: tuple[nn.Module, ...]
    head: nn.Linear | None
    width: int
    positions: int | None
    config: Any
    final_norm: nn.Module | None = None
    projection: nn.Module | None = None
    wiring: Family | None = None
    layout: str = UNKNOWN
    causal: bool = True
    post_norm: bool = False
    copies: bool = False
    quantised: str | None = None

    def logits(self, normed: torch.Tensor, rows: slice | None = None) -> torch.Tensor:
        """Logits of normed states for the vocabulary rows given (all by default).

        In the precision of `normed`. Applies the head's bias, then the family's logit scale and
        soft-cap.
        """
        head = self.needed_head()
        chosen = slice(None) if rows is None else rows
        bias = getattr(head, "bias", None)
        given = self._projected(normed)
        raw = nn.functional.linear(
            given,
            head.weight[chosen].to(given),
            None if bias is None else bias[chosen].to(given),
        )
        return scale_logits(raw, self.config)

    def target_logits(self, normed: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The one logit of each row's target token, without the other logits, float64.

        On Apple's GPUs, which have no float64, float32.
        """
        head = self.needed_head()
        given = self._projected(normed)
        targets = targets.to(head.weight.device)
        weight = head.weight[targets].to(given.device)
        wide = torch.float32 if given.device.type == "mps" else torch.float64
        raw = (given * weight).sum(-1, dtype=wide)
        bias = getattr(head, "bias", None)
        return scale_logits(
            raw if bias is None else raw + bias[targets].to(raw.device), self.config
        )

    def needed_head(self) -> nn.Linear:
        """The head.

        Raises:
            ModelError: there is none; says why.
        """
        if self.head is None:
            why = (
                "has no output head" if self.causal else "is not causal and predicts no next token"
            )
            raise ModelError(f"{self.family} {why}", remedy="Use --logits none.")
        return self.head

    def _projected(self, normed: torch.Tensor) -> torch.Tensor:
        """Normed states in the width of the head, in their own precision."""
        if self.projection is None:
            return normed
        weight = cast(nn.Linear, self.projection).weight
        return nn.functional.linear(normed, weight.to(normed))


_CAPS = ("final_logit_softcapping", "logits_soft_cap", "output_logit_soft_cap")


def scale_logits(raw: torch.Tensor, config: Any) -> torch.Tensor:
    """Raw logits after the family's multiplier (Cohere), divisor (Granite) and soft-cap (Gemma).

    A factor or cap under another name is not applied; the self-check's head check then fails.
    """
    multiplier = getattr(config, "logit_scale", None)
    divisor = getattr(config, "logits_scaling", None)
    cap = next((cap for name in _CAPS if (cap := getattr(config, name, None))), None)
    logits = raw if not multiplier else raw * multiplier
    logits = logits if not divisor else logits / divisor
    return logits if not cap else torch.tanh(logits / cap) * cap
