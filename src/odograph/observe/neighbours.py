"""Angles between the tokens of one passage inside a layer, and the bends from token to token."""

from typing import TYPE_CHECKING

import torch

from odograph.geometry import angle_from_products, distance_from_products
from odograph.measures import LAGS
from odograph.products import row_products

if TYPE_CHECKING:
    from torch import Tensor

    from odograph.observe.readings import ReadingProducts


class Neighbours:
    """Dot products of every state with those 1, 2, 4 and 8 tokens before it.

    Rows of a batch stand in the order of the text, so a neighbour is a row some places up; the
    caller drops those that are of another passage. Call `begin()` before each batch.

    Args:
        lags: the distances asked for.
        bend: whether `token_bend` is asked for; it follows from the products of lags 1 and 2.
    """

    def __init__(self, lags: tuple[int, ...], *, bend: bool) -> None:
        self._lags = tuple(sorted({*lags, *((1, 2) if bend else ())}))
        self._shown = lags
        self._bend = bend
        self.begin()

    def begin(self) -> None:
        """Forgets the batch before."""
        self._squares: list[Tensor] = []
        self._products: dict[int, list[Tensor]] = {lag: [] for lag in self._lags}

    def commit(self) -> None:
        """Ends the batch: all of it went into its measures, nothing is kept."""
        self.begin()

    def state(self, layer: int, rows: "Tensor", squares: "Tensor") -> None:
        """Takes the products of a layer's states, [batch * tokens, width]."""
        del layer
        self._squares.append(squares)
        for lag in self._lags:
            products = squares.new_full((len(rows),), torch.nan)
            if len(rows) > lag:
                products[lag:] = row_products(rows[lag:], rows[:-lag])[1]
            self._products[lag].append(products)

    def finish(self, readings: "ReadingProducts | None" = None) -> "dict[str, Tensor]":
        """`neighbour_angle` (and `_2`, `_4`, `_8`) and `token_bend`, [rows, L + 1], degrees.

        NaN where the batch has no such row. Of `neighbour_angle` also the `readings`.
        """
        squares = torch.stack(self._squares, dim=-1)
        products = {lag: torch.stack(found, dim=-1) for lag, found in self._products.items()}
        measured = {
            name_of(lag): angle_from_products(_shifted(squares, lag), squares, products[lag])
            for lag in self._shown
        }
        if readings is not None and 1 in self._shown:
            measured |= readings.neighbours(squares, products[1])
        if self._bend:
            measured["token_bend"] = _bends(squares, products[1], products[2])
        return measured


def name_of(lag: int) -> str:
    """The measure that compares tokens so far apart."""
    return "neighbour_angle" if lag == 1 else f"neighbour_angle_{lag}"


def lags_of(measures: tuple[str, ...]) -> tuple[int, ...]:
    """The lags that some measures ask for."""
    return tuple(lag for lag in (1, *LAGS) if name_of(lag) in measures)


def _shifted(values: "Tensor", lag: int) -> "Tensor":
    """For each row the value `lag` rows before it; NaN for a negative place. `lag` may be -1."""
    moved = torch.roll(values, lag, dims=0)
    moved[:lag] = torch.nan if lag > 0 else moved[:lag]
    if lag < 0:
        moved[lag:] = torch.nan
    return moved


def _bends(squares: "Tensor", one: "Tensor", two: "Tensor") -> "Tensor":
    """angle(x_i - x_{i-1}, x_{i+1} - x_i) from the products of neighbours.

    (x_i - x_{i-1}).(x_{i+1} - x_i) = x_i.x_{i+1} - |x_i|^2 - x_{i-1}.x_{i+1} + x_{i-1}.x_i
    NaN where two neighbours are the same vector: there is no way from one to the other.
    """
    before, after = _shifted(squares, 1), _shifted(squares, -1)
    one_on, two_on = _shifted(one, -1), _shifted(two, -1)
    come = distance_from_products(before, squares, one)
    go = distance_from_products(squares, after, one_on)
    return angle_from_products(come.square(), go.square(), one_on - squares - two_on + one)
