"""The path of every token of a batch, reduced while the blocks run: two states alive, not L + 1."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from odograph.geometry import angle_from_products, distance_from_products
from odograph.models.anatomy import Anatomy
from odograph.observe.draws import DirectionSum
from odograph.observe.observer import StateObserver
from odograph.observe.parts import Parts
from odograph.observe.readings import ReadingProducts, Readings
from odograph.products import Passes, in_one_pass, passes, row_products, row_squares

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


@dataclass(frozen=True)
class PathPlan:
    """What is taken of each state.

    `copies` keeps copies of states, also on a GPU, for models that write over them. `readings` are
    taken of rotation beside the raw one.
    """

    convention: str
    bend: bool = False
    displacement: bool = False
    copies: bool = False
    readings: Readings = field(default_factory=Readings)


@dataclass
class Products:
    """Dot products gathered over the layers of one batch, float64, one tensor a layer.

    Those of steps are counted by the layer at which they end.
    """

    squares: "dict[int, Tensor]" = field(default_factory=dict)
    chained: "dict[int, Tensor]" = field(default_factory=dict)
    raw_squares: "list[Tensor]" = field(default_factory=list)
    step_squares: "list[Tensor]" = field(default_factory=list)
    step_products: "list[Tensor]" = field(default_factory=list)


class Path:
    """Follows one batch through the blocks.

    Call `state(l, x_l)` for l = 0..L, then `finish(normed)` with the trunk's own output.

    Args:
        anatomy: of the model.
        plan: what is taken.
        observers: who else sees each state.
        sums: sums the directions; on a CPU in the same pass over a state.
        parts: what attention and the MLP add; on a CPU their products are taken in that pass too.

    Attributes:
        readings: what the readings of the states just taken come from.
    """

    def __init__(
        self,
        anatomy: Anatomy,
        plan: PathPlan,
        observers: tuple[StateObserver, ...] = (),
        sums: DirectionSum | None = None,
        parts: Parts | None = None,
    ) -> None:
        self._anatomy = anatomy
        self._plan = plan
        self._observers = observers
        self._sums, self._parts = sums, parts
        self._products = Products()
        self.readings = ReadingProducts(plan.readings)
        self._passes: Passes | None = None
        self._with_parts: dict[int, bool] = {}
        self._first: Tensor | None = None
        self._before: Tensor | None = None
        self._raw: Tensor | None = None
        self._last: Tensor | None = None
        self._step: Tensor | None = None

    def state(self, layer: int, state: "Float[Tensor, 'batch tokens width']") -> None:
        """Takes x_l; the last one waits for `finish`, as its view depends on the convention."""
        given = state.flatten(0, 1)
        rows = given.cpu() if given.is_mps else given
        if layer == len(self._anatomy.blocks):
            self._last = rows.clone() if self._plan.copies else rows
            return
        self._take(layer, self._seen(given, rows))
        if self._plan.convention == "lens":
            self._products.raw_squares.append(row_squares(rows))
            if layer == len(self._anatomy.blocks) - 1:
                self._raw = self._kept(rows)

    def finish(self, normed: "Float[Tensor, 'rows width']") -> "dict[str, Tensor]":
        """The measures of the batch: [rows, L + 1] per layer, [rows] per token, float64.

        A step measure is NaN at layer 0, `bend` also at layer 1.
        """
        last, before = self._last, self._before
        if last is None or before is None:
            raise RuntimeError("finish() was called before the blocks had run")
        normed = normed.cpu() if normed.device.type == "mps" else normed
        if self._plan.convention == "lens":
            self._products.raw_squares.append(row_squares(last))
        raw = before if self._raw is None else self._raw
        ends = {
            convention: row_products(end, raw)
            for convention, end in (("stream", last), ("hf", normed))
            if convention != self._plan.convention
        }
        end = last if self._plan.convention == "stream" else normed
        self._take(len(self._anatomy.blocks), end)
        if self._passes is not None:
            self._tell(self._passes)
        return {**self._measures(end), **self._ends(ends)}

    def _seen(self, given: "Tensor", rows: "Tensor") -> "Tensor":
        """What the convention looks at; the norm runs where the model is."""
        norm = self._anatomy.final_norm
        if self._plan.convention != "lens" or norm is None:
            return rows
        seen: Tensor = norm(given).to(rows.device)
        return seen

    def _take(self, layer: int, view: "Tensor") -> None:
        squares = self._in_one_pass(layer, view)
        if squares is None:
            self.readings.take(layer, view, self._before)
            squares = self._one_by_one(layer, view)
            if self._sums is not None:
                self._sums.state(layer, view, squares)
        for observer in self._observers:
            observer.state(layer, view, squares)

    def _one_by_one(self, layer: int, view: "Tensor") -> "Tensor":
        """The squares of a state, its products with the one before; the state is kept."""
        before, products = self._before, self._products
        if before is None:
            squares = row_squares(view)
            self._first = self._kept(view) if self._plan.displacement else None
        else:
            squares, products.chained[layer] = row_products(view, before)
            if self._plan.bend:
                wide = torch.promote_types(view.dtype, torch.float32)
                self._take_bend(view.to(wide) - before.to(wide))
        products.squares[layer] = squares
        if layer < len(self._anatomy.blocks):
            self._before = self._kept(view, before)
        return squares

    def _in_one_pass(self, layer: int, view: "Tensor") -> "Tensor | None":
        """The squares of a state, where all else can be taken of it in the same pass."""
        before = self._before
        if before is None or self._plan.bend or not in_one_pass(view, before):
            return None
        if self._passes is None:
            weights = view.new_zeros(len(view)) if self._sums is None else self._sums.weights
            layers, takes_parts = len(self._anatomy.blocks) + 1, self._takes_parts()
            read = self._plan.readings
            more: dict[str, Any] = {"coordinates": read.coordinates, "means": read.means}
            self._passes = passes(layers, weights, view.shape[1], parts=takes_parts, **more)
        if self._passes is None:
            return None
        parts = self._parts_of(layer)
        self._with_parts[layer] = bool(parts)
        return self._passes.take(layer, view, before, parts)

    def _takes_parts(self) -> bool:
        """Whether the parts belong to what is seen: a norm of the state is not their sum."""
        both = self._parts is not None and self._sums is not None
        return both and self._plan.convention != "lens"

    def _parts_of(self, layer: int) -> "tuple[Tensor, ...]":
        """What was added to the state before; the last view may be a norm of the sum."""
        if self._parts is None or not self._takes_parts() or layer == len(self._anatomy.blocks):
            return ()
        return self._parts.handed_over() if in_one_pass(*self._parts.added) else ()

    def _tell(self, passes: Passes) -> None:
        """Takes what the passes have found apart, and gives everyone what is theirs."""
        for layer, with_parts in self._with_parts.items():
            (squares, chained, *parts), sums = passes.of(layer)
            self._products.squares[layer], self._products.chained[layer] = squares, chained
            self.readings.taken(layer, *passes.read(layer))
            if self._sums is not None:
                self._sums.summed(layer, sums[0], squares)
            if with_parts and self._parts is not None:
                before = self._products.squares[layer - 1]
                self._parts.taken(layer, (before, *parts), sums[1:])

    def _kept(self, view: "Tensor", room: "Tensor | None" = None) -> "Tensor":
        """The state as it is now, in the room of the one before where there is one.

        On a CPU a copy: holding the model's own tensor would keep the allocator from using its
        place again, and the peak of memory would depend on where it finds another.
        """
        if view.device.type != "cpu" and not self._plan.copies:
            return view
        # Some models go on in another precision than that of their embeddings.
        fits = room is not None and room.dtype == view.dtype
        return room.copy_(view) if room is not None and fits else view.clone()

    def _take_bend(self, step: "Tensor") -> None:
        if self._step is None:
            squares = row_squares(step)
        else:
            squares, product = row_products(step, self._step)
            self._products.step_products.append(product)
        self._products.step_squares.append(squares)
        self._step = step

    def _measures(self, end: "Tensor") -> "dict[str, Tensor]":
        """Square roots and arc tangents once a batch."""
        squares = torch.stack(_by_layer(self._products.squares), dim=-1)
        chained = torch.stack(_by_layer(self._products.chained), dim=-1)
        before, after = squares[:, :-1], squares[:, 1:]
        measured = {
            "norm": squares.sqrt(),
            "rotation": _from_layer(1, angle_from_products(before, after, chained)),
            "step": _from_layer(1, distance_from_products(before, after, chained)),
            **self.readings.rotation(squares, chained),
        }
        if self._products.raw_squares:
            measured["stream_norm"] = torch.stack(self._products.raw_squares, dim=-1).sqrt()
        if self._plan.bend:
            measured["bend"] = self._bend(len(squares))
        if self._first is not None:
            _, product = row_products(end, self._first)
            measured["displacement"] = distance_from_products(
                squares[:, 0], squares[:, -1], product
            )
        return measured

    def _ends(self, others: "dict[str, tuple[Tensor, Tensor]]") -> "dict[str, Tensor]":
        """The last step from x_{L-1} to x_L (stream) and to N(x_L) (hf).

        One of the two is the path's own last step, except under `lens`.
        """
        products = self._products
        last = len(self._anatomy.blocks)
        before = (products.raw_squares or products.squares)[last - 1]
        values = {}
        for convention in ("stream", "hf"):
            own = products.squares[last], products.chained[last]
            after, product = others.get(convention, own)
            values[f"last_norm_{convention}"] = after.sqrt()
            values[f"last_rotation_{convention}"] = angle_from_products(before, after, product)
            values[f"last_step_{convention}"] = distance_from_products(before, after, product)
        return values

    def _bend(self, rows: int) -> "Tensor":
        squares = torch.stack(self._products.step_squares, dim=-1)
        if not self._products.step_products:  # a model of one block has no two steps
            return squares.new_full((rows, 2), torch.nan)
        products = torch.stack(self._products.step_products, dim=-1)
        return _from_layer(2, angle_from_products(squares[:, :-1], squares[:, 1:], products))


def _by_layer(values: "dict[int, Tensor]") -> "list[Tensor]":
    return [values[layer] for layer in sorted(values)]


def _from_layer(first: int, values: "Tensor") -> "Tensor":
    """Values of steps first..L as columns 0..L, NaN before."""
    return torch.nn.functional.pad(values, (first, 0), value=torch.nan)
