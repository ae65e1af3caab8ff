"""What half precision costs: the path of a prompt in it, against the same path in float32."""

from dataclasses import dataclass

import torch

from odograph.models.anatomy import Anatomy
from odograph.models.observed import PART_NAMES, observe

Measures = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Rounding:
    """Errors over all tokens and layers of a prompt.

    Attributes:
        tokens: of the prompt.
        rotation: the largest error, degrees; `rotation_median` the median.
        norm: the largest error as a share of the norm.
        cosine: the largest error of a cosine between what attention and the MLP add, and between
            what the MLP adds and the state before the block; None where they are not told apart.
    """

    tokens: int
    rotation: float
    rotation_median: float
    norm: float
    cosine: float | None


def measures_of(anatomy: Anatomy, prompt: list[int]) -> Measures:
    """Rotations, norms and cosines of the parts on a prompt, from the states as they are."""
    with torch.inference_mode():
        seen = observe(anatomy, [prompt])
    states = torch.stack([state.cpu().double() for state in seen.states])
    measured = {
        "rotation": _cosines(states[:-1], states[1:]).clamp(-1, 1).arccos().rad2deg(),
        "norm": states.norm(dim=-1),
    }
    parts = [
        [seen.part(layer, name) for name in PART_NAMES] for layer in range(1, len(seen.states))
    ]
    known = [[part.cpu().double() for part in pair if part is not None] for pair in parts]
    if all(len(pair) == len(PART_NAMES) and pair[0].shape == pair[1].shape for pair in known):
        attention, mlp = (torch.stack(part) for part in zip(*known, strict=True))
        if mlp.shape == states[1:].shape:
            cosines = [_cosines(attention, mlp), _cosines(states[:-1], mlp)]
            measured["cosine"] = torch.stack(cosines)
    return measured


def _cosines(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cosine_similarity(a, b, dim=-1)


def rounding_between(exact: Measures, rounded: Measures) -> Rounding:
    """The errors of a path against the exact one."""
    rotation = (rounded["rotation"] - exact["rotation"]).abs()
    norm = ((rounded["norm"] - exact["norm"]) / exact["norm"]).abs()
    both = "cosine" in exact and "cosine" in rounded
    cosine = float((rounded["cosine"] - exact["cosine"]).abs().max()) if both else None
    return Rounding(
        tokens=rotation.shape[-1],
        rotation=float(rotation.max()),
        rotation_median=float(rotation.median()),
        norm=float(norm.max()),
        cosine=cosine,
    )
