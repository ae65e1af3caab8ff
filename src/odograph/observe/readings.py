"""Angles read three ways: raw, without the outlier coordinates, and about the mean state.

A few coordinates may hold most of a state's squared length, and an angle then sees hardly anything
else. What is read beside it takes the same pass over the states: the values of the outlier
coordinates, and two products of the states about their layer's mean.

Source: Timkey & van Schijndel 2021 (2109.04404); Sun et al. 2024 (2402.17762).
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch

from odograph.geometry import angle_from_products
from odograph.measures import CENTRED, TRIMMED
from odograph.products import row_centred

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from torch import Tensor

# A squared length that is left of a longer one, as a share of it, below which it is rounding.
_ROUNDING = 1e-14


@dataclass(frozen=True, eq=False)
class Readings:
    """What states are read without, and what they are read about.

    Attributes:
        coordinates: the outlier coordinates, [k]; with none nothing is trimmed.
        means: the mean state of each layer, [L + 1, width], float64; None: nothing is centred.
    """

    coordinates: "Int[Tensor, ' k']" = field(default_factory=lambda: torch.empty(0).long())
    means: "Float[Tensor, 'layers width'] | None" = None

    @property
    def names(self) -> tuple[str, ...]:
        """Suffixes of the readings that are taken beside the raw one."""
        taken = {TRIMMED: len(self.coordinates) > 0, CENTRED: self.means is not None}
        return tuple(name for name, is_taken in taken.items() if is_taken)

    def on(self, device: str) -> "Readings":
        """The same where the states are."""
        means = None if self.means is None else self.means.to(device)
        return Readings(self.coordinates.to(device), means)

    def apply(
        self,
        name: str,
        states: "Float[Tensor, 'rows *layers width']",
        layers: "Int[Tensor, ' rows'] | None" = None,
    ) -> "Float[Tensor, 'rows *layers width']":
        """States in the reading named, float64; `layers` says of which each is, else all in order.

        Raises:
            ValueError: the reading is not among `names`.
        """
        if name not in self.names:
            raise ValueError(f"no reading '{name}' is taken here: {self.names}")
        wide = states.double()
        if name == TRIMMED:
            return wide.index_fill(-1, self.coordinates, 0)
        assert self.means is not None  # as it is among the names
        return wide - (self.means if layers is None else self.means[layers])


class ReadingProducts:
    """Gathers over the layers of one batch what its readings come from.

    Args:
        readings: which are taken.
    """

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self._columns: dict[int, Tensor] = {}
        self._squares: dict[int, Tensor] = {}
        self._chained: dict[int, Tensor] = {}

    def take(self, layer: int, state: "Tensor", previous: "Tensor | None") -> None:
        """Takes a state, [tokens, width], and the one before it, where no other pass has."""
        coordinates, means = self._readings.coordinates, self._readings.means
        columns = state.index_select(1, coordinates).double().T
        if means is None:
            self.taken(layer, columns, ())
        elif previous is None:
            only = means[layer].expand(2, -1)
            self.taken(layer, columns, row_centred(state, state, only))
        else:
            both = means[layer - 1 : layer + 1]
            self.taken(layer, columns, row_centred(state, previous, both))

    def taken(self, layer: int, columns: "Tensor", centred: "tuple[Tensor, ...]") -> None:
        """Takes the outlier coordinates [k, tokens], and |x - m|^2 and (x - m).(p - q)."""
        self._columns[layer] = columns
        if centred:
            self._squares[layer], self._chained[layer] = centred

    def rotation(
        self, squares: "Float[Tensor, 'tokens layers']", chained: "Float[Tensor, 'tokens steps']"
    ) -> "dict[str, Tensor]":
        """`outlier_share` and the readings of `rotation`, [tokens, L + 1], from the raw products.

        NaN at layer 0 for a rotation, and where nothing is left of a state.
        """
        found: dict[str, Tensor] = {}
        if TRIMMED in self._readings.names:
            columns = _over_layers(self._columns)
            outer = columns.square().sum(0)
            found["outlier_share"] = outer / squares
            left = _left_of(squares, outer)
            products = chained - (columns[..., 1:] * columns[..., :-1]).sum(0)
            found[f"rotation_{TRIMMED}"] = _turned(left, products)
        if CENTRED in self._readings.names:
            centred, products = _over_layers(self._squares), _over_layers(self._chained)[..., 1:]
            found[f"rotation_{CENTRED}"] = _turned(centred, products)
        return found

    def neighbours(self, squares: "Tensor", products: "Tensor") -> "dict[str, Tensor]":
        """The readings of `neighbour_angle`, [tokens, L + 1]; NaN for the first row.

        Args:
            squares: of the states, [tokens, L + 1].
            products: of each state with that of the row before it; NaN for the first.
        """
        found: dict[str, Tensor] = {}
        if TRIMMED in self._readings.names:
            columns = _over_layers(self._columns)
            left = _left_of(squares, columns.square().sum(0))
            less = products - (columns * _row_before(columns, 1)).sum(0)
            found[f"neighbour_angle_{TRIMMED}"] = _apart(left, less)
        if self._readings.means is not None:
            centred = _over_layers(self._squares)
            mean = self._readings.means.square().sum(-1)
            # |x - m|^2 = |x|^2 - 2 x.m + |m|^2 gives x.m.
            along = (squares + mean - centred) / 2
            less = products - along - _row_before(along, 0) + mean
            found[f"neighbour_angle_{CENTRED}"] = _apart(centred, less)
        return found


def _over_layers(values: "dict[int, Tensor]") -> "Tensor":
    return torch.stack([values[layer] for layer in sorted(values)], dim=-1)


def _left_of(squares: "Tensor", outer: "Tensor") -> "Tensor":
    """|x|^2 without what the outlier coordinates hold; 0 where that is all."""
    left = squares - outer
    return torch.where(left < _ROUNDING * squares, 0, left)


def _turned(squares: "Tensor", chained: "Tensor") -> "Tensor":
    angles = angle_from_products(squares[..., :-1], squares[..., 1:], chained)
    return torch.nn.functional.pad(angles, (1, 0), value=torch.nan)


def _apart(squares: "Tensor", products: "Tensor") -> "Tensor":
    return angle_from_products(_row_before(squares, 0), squares, products)


def _row_before(values: "Tensor", dim: int) -> "Tensor":
    """For each row the values of the one before it; those of the first row are of no use."""
    return torch.roll(values, 1, dims=dim)
