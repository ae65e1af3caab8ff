"""Batches: token ids that run together, and where the tokens of each passage stand in them.

Passages of one length stand side by side. Passages that begin alike (variants of one text) stand in
one line, their common beginning once: each branch sees that beginning and itself.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from odograph.corpus.encoded import Encoded
from odograph.models.anatomy import Anatomy
from odograph.run.shards import cut_into_batches

Ints = NDArray[np.int64]
#: What the ids of windows end in.
WINDOW = re.compile("#w[0-9]+$")
#: Tokens of padding that cost about as much as a batch of its own does beyond its tokens: on a CPU
#: the weights, read once more (bench/README.md).
MOST_PADDING = 32
#: Padding: a branch of its own, which nothing else sees.
_NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Line:
    """One or several passages in a row of the batch.

    Attributes:
        numbers: the passages.
        ids: what the model reads.
        position: of each token in its passage.
        branch: 0 for the common beginning, k for what only the k-th passage has.
        places: for each passage, where in `ids` its tokens stand.
    """

    numbers: tuple[int, ...]
    ids: Ints
    position: Ints
    branch: Ints
    places: tuple[Ints, ...]

    def halves(self) -> "tuple[Line, Line]":
        """Its passages in two lines; there must be two at least."""
        own, middle = [self.ids[places] for places in self.places], len(self.numbers) // 2
        first, second = self.numbers[:middle], self.numbers[middle:]
        return join(own[:middle], first), join(own[middle:], second)


@dataclass(frozen=True, eq=False)
class Batch:
    """Lines, right-padded to the longest.

    In a causal model nothing after a token reaches it, so any padding on the right is harmless;
    each line is filled up with its own last token.
    """

    lines: tuple[Line, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The passages, in the order of `places`."""
        return tuple(number for line in self.lines for number in line.numbers)

    @property
    def longest(self) -> int:
        """Tokens a line."""
        return max(len(line.ids) for line in self.lines)

    @property
    def rows(self) -> int:
        """Tokens in all, padding included."""
        return len(self.lines) * self.longest

    @cached_property
    def places(self) -> tuple[Ints, ...]:
        """For each passage, the row of each of its tokens in the batch, flattened."""
        longest = self.longest
        return tuple(
            row * longest + places for row, line in enumerate(self.lines) for places in line.places
        )

    def halves(self) -> "tuple[Batch, Batch]":
        """The passages in two batches; there must be two at least, be it in one line."""
        lines = self.lines if len(self.lines) > 1 else self.lines[0].halves()
        middle = len(lines) // 2
        return Batch(lines[:middle]), Batch(lines[middle:])

    def inputs(self, anatomy: Anatomy, device: str) -> dict[str, torch.Tensor]:
        """What the trunk is called with."""
        given = {"input_ids": _stack([line.ids for line in self.lines]).to(device)}
        if any(len(line.numbers) > 1 for line in self.lines):
            given["position_ids"] = _stack([line.position for line in self.lines]).to(device)
            given["attention_mask"] = self._mask(anatomy).to(device)
        elif not anatomy.causal:
            given["attention_mask"] = self._filled().to(device)
        return given

    def _mask(self, anatomy: Anatomy) -> torch.Tensor:
        """Which token sees which, to be added to the scores: [lines, 1, longest, longest]."""
        branch = _stack([line.branch for line in self.lines], fill=_NOWHERE)
        order = torch.arange(self.longest)
        seen = (order[:, None] >= order) & (
            (branch[:, None, :] == 0) | (branch[:, :, None] == branch[:, None, :])
        )
        dtype = _precision(anatomy)
        hidden = torch.finfo(dtype).min
        return torch.zeros(seen.shape, dtype=dtype).masked_fill(~seen, hidden)[:, None]

    def _filled(self) -> torch.Tensor:
        lengths = torch.tensor([len(line.ids) for line in self.lines])
        return (torch.arange(self.longest) < lengths[:, None]).long()


def _precision(anatomy: Anatomy) -> torch.dtype:
    """The precision in which attention runs: quantised weights are no floating numbers."""
    kinds = (p.dtype for p in anatomy.trunk.parameters() if p.dtype.is_floating_point)
    return next(kinds, torch.float32)


def _stack(rows: Sequence[Ints], fill: int | None = None) -> torch.Tensor:
    """Rows side by side, each filled up with its own last value."""
    stacked = np.empty((len(rows), max(map(len, rows))), dtype=np.int64)
    for line, row in enumerate(rows):
        stacked[line, : len(row)] = row
        stacked[line, len(row) :] = row[-1] if fill is None else fill
    return torch.from_numpy(stacked)


def make_batches(
    passages: Sequence[Encoded], budget: int, *, share: bool = False, padding: int = MOST_PADDING
) -> tuple[Batch, ...]:
    """The passages in batches of at most `budget` tokens, longest first.

    Lines of several passages without a common beginning, packed to the same length, were no faster
    (bench/README.md): what batches in the order of the text lose is padding, and here there is next
    to none; a batch has at most `padding` tokens of it. With `share`, passages of one base run
    their common beginning once, as many in one line as fit.
    """
    if share:
        lines = _shared_lines(passages, budget)
    else:
        lines = [_line(passages, (number,)) for number in range(len(passages))]
    cut = cut_into_batches([len(line.ids) for line in lines], budget, padding)
    return tuple(Batch(tuple(lines[index] for index in batch)) for batch in cut)


def _shared_lines(passages: Sequence[Encoded], budget: int) -> list[Line]:
    """The passages in lines, those of one base in one, and of one window of it."""
    members: dict[tuple[str, str], list[int]] = {}
    for number, passage in enumerate(passages):
        window = WINDOW.search(passage.passage_id)
        key = (passage.base or passage.passage_id, window[0] if window else "")
        members.setdefault(key, []).append(number)
    return [line for numbers in members.values() for line in _fitting(passages, numbers, budget)]


def _fitting(passages: Sequence[Encoded], numbers: Sequence[int], budget: int) -> Iterator[Line]:
    """Some passages in lines, each with a common beginning and within the budget.

    What attention costs, and its mask holds, grows with the square of the line.
    """
    line = _line(passages, (numbers[0],))
    for number in numbers[1:]:
        longer = _line(passages, (*line.numbers, number))
        if len(longer.ids) > budget or longer.branch[0] > 0:
            yield line
            longer = _line(passages, (number,))
        line = longer
    yield line


def _line(passages: Sequence[Encoded], numbers: tuple[int, ...]) -> Line:
    return join([passages[number].token_id.astype(np.int64) for number in numbers], numbers)


def join(ids: Sequence[Ints], numbers: tuple[int, ...]) -> Line:
    """Token ids of several passages as one line, what all begin with once."""
    common = _common(ids)
    parts, position, branch, places = [ids[0][:common]], [np.arange(common)], [0] * common, []
    length = common
    for index, own in enumerate(ids, start=1):
        rest = len(own) - common
        parts.append(own[common:])
        position.append(np.arange(common, len(own)))
        branch += [index] * rest
        places.append(np.concatenate([np.arange(common), np.arange(length, length + rest)]))
        length += rest
    return Line(
        numbers, np.concatenate(parts), np.concatenate(position), np.array(branch), tuple(places)
    )


def _common(ids: Sequence[Ints]) -> int:
    """How many tokens all begin with; all of them where there is one passage."""
    shortest = min(map(len, ids))
    beside = np.stack([own[:shortest] for own in ids])
    apart = np.flatnonzero((beside != beside[0]).any(axis=0))
    return int(apart[0]) if len(apart) else shortest
