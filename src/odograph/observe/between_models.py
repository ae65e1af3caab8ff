"""The states of two models at the same tokens, layer by layer: how far apart, and at what angle."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import torch

from odograph.geometry import angle_from_products, distance_from_products
from odograph.models.anatomy import Anatomy
from odograph.models.hooks import watching
from odograph.products import row_products, row_squares

if TYPE_CHECKING:
    from torch import Tensor


def between_states(
    pair: "tuple[Anatomy, Anatomy]",
    inputs: "tuple[dict[str, Tensor], dict[str, Tensor]]",
    convention: str,
    as_base: Callable[[], AbstractContextManager[Any]],
) -> "dict[str, Tensor]":
    """`state_angle` (degrees) and `state_distance` (model units), [rows, L + 1] each, float64.

    The states of the base are held for one batch; those of the other model meet them one by one.

    Args:
        pair: the base, and the model that is laid over it.
        inputs: what each trunk is called with: the same tokens.
        convention: of the states.
        as_base: within it the weights are those of the base, where both models share them.
    """
    held: list[Tensor] = []
    found: list[tuple[Tensor, Tensor, Tensor]] = []

    def meet(layer: int, state: "Tensor") -> None:
        first = held[layer].to(state.device)
        squares, products = row_products(state, first)
        found.append((row_squares(first), squares, products))

    with torch.inference_mode():
        with as_base():
            _states(pair[0], inputs[0], convention, lambda _, state: held.append(state.clone()))
        _states(pair[1], inputs[1], convention, meet)
    own, other, products = (torch.stack(list(part), dim=-1) for part in zip(*found, strict=True))
    distance = distance_from_products(own, other, products)
    angle = angle_from_products(own, other, products)
    # What rounding leaves between equal states is no angle.
    angle = torch.where((distance == 0) & ~angle.isnan(), 0, angle)
    return {"state_angle": angle, "state_distance": distance}


def _states(
    anatomy: Anatomy,
    inputs: "dict[str, Tensor]",
    convention: str,
    on_state: "Callable[[int, Tensor], None]",
) -> None:
    """Calls `on_state(l, x_l)` in the convention for l = 0..L, rows [batch x tokens, width]."""
    last, norm = len(anatomy.blocks), anatomy.final_norm

    def state(layer: int, given: "Tensor") -> None:
        if layer == last and convention != "stream":
            return  # it is what the trunk gives
        seen = norm(given) if convention == "lens" and norm is not None else given
        on_state(layer, seen.flatten(0, 1))

    with watching(anatomy, state):
        normed = anatomy.trunk(**inputs, use_cache=False)[0]
    if convention != "stream":
        on_state(last, normed.flatten(0, 1))
