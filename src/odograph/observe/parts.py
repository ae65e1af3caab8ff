"""What attention and the MLP add in each block, reduced while the blocks run."""

from typing import TYPE_CHECKING

import torch

from odograph.models.anatomy import PARALLEL
from odograph.observe.draws import DrawnStates, without_bad_rows
from odograph.products import row_gram

if TYPE_CHECKING:
    from torch import Tensor

NAMES = ("attention_step", "mlp_step", "update_cosine", "attention_cosine", "mlp_cosine")


class Parts:
    """Lengths of a_l and m_l, their cosine, and the cosine of each with the state it is added to.

    Fed by the hooks: `enter(x_{l-1})`, then `add(l, "attention", a_l)` and `add(l, "mlp", m_l)`,
    for l = 1..L. The products of a block are taken with those of its path where the path can
    (`handed_over`, `taken`), else before the next block is entered. Keeps the sums of a_l and m_l
    over the rows that `expect` counts, and copies of the few rows that it names.

    Args:
        blocks, width: of the model.
        layout: sequential or parallel: what the MLP's step is added to.
        slots: how many tokens are kept.
        device: where sums are made.
        copies: whether the model writes over what it has returned.
    """

    def __init__(
        self, blocks: int, width: int, layout: str, *, slots: int, device: str, copies: bool
    ) -> None:
        parts = ("attention", "mlp")
        self.kept = {part: DrawnStates(blocks, slots, width, device) for part in parts}
        self.sums = {
            part: torch.zeros(blocks, width, dtype=torch.float64, device=device) for part in parts
        }
        self.count = torch.zeros((), dtype=torch.float64, device=device)
        self._layout, self._copies = layout, copies
        self._weights = torch.empty(0)
        self._before: Tensor | None = None
        self._added: dict[str, Tensor] = {}
        self._layer = 0
        self._products: dict[int, tuple[Tensor, ...]] = {}
        self._seen: dict[int, Tensor] = {}

    def expect(self, weights: "Tensor", rows: "Tensor", slots: "Tensor") -> None:
        """Names the rows of the coming batch that are summed, and those that are kept."""
        self._weights = weights.to(self.count.device, torch.float32)
        self._added, self._products, self._seen = {}, {}, {}
        for kept in self.kept.values():
            kept.expect(rows, slots)

    def enter(self, state: "Tensor") -> None:
        """Takes the state that enters the coming block, or leaves the last one."""
        if self._added:
            self._take(*self.handed_over())
        self._before = self._rows(state)

    def handed_over(self) -> "tuple[Tensor, Tensor]":
        """What is `added`; whoever asks for it so has to say what it comes to (`taken`)."""
        attention, mlp = self.added
        self._added = {}
        return attention, mlp

    @property
    def added(self) -> "tuple[Tensor, Tensor]":
        """What attention and the MLP of the block just run have added, [tokens, width].

        Raises:
            RuntimeError: one of them was not seen.
        """
        if self._added.keys() != {"attention", "mlp"}:
            seen = ", ".join(self._added) or "nothing"
            raise RuntimeError(f"of attention and the MLP of a block {seen} was seen")
        return self._added["attention"], self._added["mlp"]

    def taken(self, layer: int, products: "tuple[Tensor, ...]", sums: "Tensor") -> None:
        """Takes x.x, x.a, x.m, a.a, a.m, m.m of block `layer`, and its sums of a and m."""
        self._seen[layer - 1] = sums.double()
        self._products[layer] = products

    def add(self, layer: int, part: str, added: "Tensor") -> None:
        """Takes what a part adds, [batch, tokens, width]."""
        self._layer = layer
        self._added[part] = rows = self._rows(added)
        self.kept[part].state(layer - 1, rows, rows)

    def _take(self, attention: "Tensor", mlp: "Tensor") -> None:
        if self._before is None:
            raise RuntimeError("a block was seen before the state that enters it")
        products = row_gram(self._before, attention, mlp)
        squares = products[3], products[5]
        added = zip((attention, mlp), squares, strict=True)
        sums = torch.stack([self._sum(rows, square) for rows, square in added])
        self.taken(self._layer, products, sums)

    def _sum(self, rows: "Tensor", squares: "Tensor") -> "Tensor":
        """The sum of the rows that count; their squares say at no cost which are finite."""
        weights = torch.where(torch.isfinite(squares), self._weights, 0)
        return weights @ without_bad_rows(rows.float(), squares)

    def commit(self) -> None:
        """Adds the batch to the sums; the rows that are kept (`kept`) are committed first."""
        self.count += self._weights.sum()
        for block, (attention, mlp) in self._seen.items():
            self.sums["attention"][block] += attention
            self.sums["mlp"][block] += mlp
        self._seen = {}

    def finish(self) -> "dict[str, Tensor]":
        """The five measures, [rows, L + 1], NaN at layer 0, float64; NaN for a zero vector."""
        xx, ax, mx, aa, ma, mm = (
            torch.stack(values, dim=-1)
            for values in zip(
                *(self._products[layer] for layer in sorted(self._products)), strict=True
            )
        )
        if self._layout == PARALLEL:
            base, product = xx, mx
        else:
            base, product = xx + 2 * ax + aa, mx + ma
        values = (
            aa.sqrt(),
            mm.sqrt(),
            ma / (aa * mm).sqrt(),
            ax / (aa * xx).sqrt(),
            product / (mm * base).sqrt(),
        )
        return {
            name: torch.nn.functional.pad(value, (1, 0), value=torch.nan)
            for name, value in zip(NAMES, values, strict=True)
        }

    def _rows(self, given: "Tensor") -> "Tensor":
        rows = given.flatten(0, 1)
        if rows.device.type == "mps":
            return rows.cpu()
        return rows.clone() if self._copies else rows
