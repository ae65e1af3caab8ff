"""A tuned lens: an affine map for each depth, after which the final norm and the head read a state.

What is read at depth l is head(N(x + W_l x + b_l)), l = 0..L-1; the last state is read as it is.
Files have the names that the package `tuned-lens` gives its maps: `l.weight`, `l.bias`.
Source: Belrose et al. 2023 (2303.08112).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from odograph.errors import ModelError, UsageError

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_REMEDY = "Give the lens of this model, as safetensors, or leave out --tuned-lens."


@dataclass(frozen=True, eq=False)
class TunedLens:
    """The maps of a tuned lens, one for each state but the last.

    Attributes:
        weight: [L, width, width].
        bias: [L, width].
    """

    weight: "Float[Tensor, 'blocks width width']"
    bias: "Float[Tensor, 'blocks width']"

    def __call__(self, layer: int, states: "Float[Tensor, 'rows width']") -> "Tensor":
        """The states of a layer as they are read, in the precision of the stream."""
        if layer >= len(self.weight):
            return states
        weight, bias = (values[layer].to(states) for values in (self.weight, self.bias))
        return states + nn.functional.linear(states, weight, bias)


def read_tuned_lens(path: Path, blocks: int, width: int) -> TunedLens:
    """The lens of a file, for a model of so many blocks and such a width.

    Raises:
        UsageError: it cannot be read.
        ModelError: it is that of another model.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        found = load_file(path)
    except (OSError, SafetensorError) as error:
        raise UsageError(
            f"the tuned lens '{path}' cannot be read", given=str(error), remedy=_REMEDY
        ) from error
    expected: dict[str, tuple[int, ...]] = {}
    expected |= {f"{layer}.weight": (width, width) for layer in range(blocks)}
    expected |= {f"{layer}.bias": (width,) for layer in range(blocks)}
    shapes = {name: tuple(values.shape) for name, values in found.items()}
    if shapes != expected:
        raise ModelError(
            f"the tuned lens '{path}' does not fit the model",
            expected=f"0.weight to {blocks - 1}.weight of {width} x {width}, and 0.bias to "
            f"{blocks - 1}.bias of {width}",
            given=_first_other(shapes, expected),
            remedy=_REMEDY,
        )
    return TunedLens(
        *(
            torch.stack([found[f"{layer}.{part}"] for layer in range(blocks)])
            for part in ("weight", "bias")
        )
    )


def _first_other(
    shapes: "dict[str, tuple[int, ...]]", expected: "dict[str, tuple[int, ...]]"
) -> str:
    """The first name that is missing, too many, or of another shape."""
    other = [name for name in expected if name not in shapes]
    if other:
        return f"no {other[0]}"
    name = next(name for name in shapes if shapes[name] != expected.get(name))
    return f"{name} of {' x '.join(map(str, shapes[name]))}"
