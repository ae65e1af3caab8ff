"""Milliseconds a real token of sorted batches and of packed lines: how batches are best made.

Sorted: passages of like length side by side, padded to the longest. Packed: several passages in one
line, first fit, with restarting positions and a mask that keeps them apart. Making inputs and masks
counts. Of many passages each round runs some batches of each way, other ones in the next round.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray

from bench import shapes
from bench.rounds import Scale, over, say
from bench.rows import Row, row
from odograph.corpus.bundled import bundled_path
from odograph.models.loading import Loaded, load
from odograph.run.batches import Batch, Line, join
from odograph.run.budget import Budget, budget_of
from odograph.run.config import RunConfig
from odograph.run.shards import cut_into_batches

Ids = list[NDArray[np.int64]]

BUDGETS = (256, 512, 1024, 2048, 8192)
#: Tokens a line, tokens a batch.
PACKED = ((128, 512), (256, 256), (512, 512), (1024, 1024))
#: Budgets tried with odograph's own limit of padding as well.
LIMITED = (256, 1024)
#: Real tokens that each way runs in a round, at least one batch.
ROUND = 1024


@dataclass(frozen=True)
class Strategy:
    """The batches of one way, and how many real tokens each has."""

    batches: tuple[Batch, ...]
    tokens: tuple[int, ...]

    @property
    def filled(self) -> float:
        """Share of positions that are no padding, in %."""
        return 100 * sum(self.tokens) / sum(batch.rows for batch in self.batches)

    def some(self, start: int) -> list[int]:
        """Numbers of batches spread over all lengths, with `ROUND` tokens or one batch."""
        wanted = max(1, round(len(self.batches) * ROUND / sum(self.tokens)))
        step = max(1, len(self.batches) // wanted)
        return [
            (start + k * step) % len(self.batches) for k in range(min(wanted, len(self.tokens)))
        ]


def rows(scale: Scale) -> Iterator[Row]:
    loaded = load(shapes.build(shapes.GPT2, quick=scale.quick))
    few = bundled_path("her").read_text(encoding="utf-8").splitlines()
    many = shapes.sentences(60 if scale.quick else 2000)
    for texts in (few, many):
        ids = [np.array(given) for given in shapes.tokenizer()(texts).input_ids]
        tokens = sum(map(len, ids))
        say(f"  {len(ids)} passages, {tokens} tokens")
        where = ("batching", f"{len(ids)} passages, {tokens} tokens")
        ways = strategies(ids, budget_of(RunConfig(), loaded))
        yield from compared(loaded, ways, where, scale.rounds(5))


def compared(
    loaded: Loaded, ways: dict[str, Strategy], where: tuple[str, str], rounds: int
) -> Iterator[Row]:
    """The first way in milliseconds a token, every other as a ratio to it."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    cost(loaded, ways[names[0]], 0)
    for number in range(rounds):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            taken[name].append(cost(loaded, ways[name], number))
    base = taken[names[0]]
    for name, milliseconds in taken.items():
        what = f"{name} ({ways[name].filled:.0f} % of positions filled)"
        if name == names[0]:
            yield row(where, what, milliseconds, "ms a token")
        else:
            yield row(where, what, over(milliseconds, base), "times")


def cost(loaded: Loaded, strategy: Strategy, start: int) -> float:
    """Milliseconds a real token of some batches."""
    chosen = strategy.some(start)
    started = perf_counter()
    with torch.inference_mode():
        for number in chosen:
            given = strategy.batches[number].inputs(loaded.anatomy, loaded.device)
            loaded.anatomy.trunk(**given, use_cache=False)
    seconds = perf_counter() - started
    return 1000 * seconds / sum(strategy.tokens[number] for number in chosen)


def strategies(ids: Ids, own: Budget) -> dict[str, Strategy]:
    """All ways, by name; first that of odograph itself."""
    limit = f"at most {own.padding} of padding"
    ours = f"as odograph does: sorted, {own.tokens} tokens a batch, {limit}"
    made = {ours: by_length(ids, own.tokens, own.padding)}
    for budget in LIMITED:
        made[f"sorted, {budget} tokens a batch, {limit}"] = by_length(ids, budget, own.padding)
    for budget in BUDGETS:
        made[f"sorted, {budget} tokens a batch"] = by_length(ids, budget, budget)
    for width, budget in PACKED:
        made[f"packed in lines of {width}, {budget} tokens a batch"] = packed(ids, width, budget)
    return made


def by_length(ids: Ids, budget: int, padding: int) -> Strategy:
    """Sorted by length, as odograph cuts them, with so many tokens and so much padding at most."""
    cut = cut_into_batches([len(own) for own in ids], budget, padding)
    return _strategy([[_line(ids, (number,)) for number in batch] for batch in cut])


def packed(ids: Ids, width: int, budget: int) -> Strategy:
    """First fit of the longest first, as many lines in a batch as the budget holds."""
    lines: list[list[int]] = []
    free: list[int] = []
    for number in sorted(range(len(ids)), key=lambda number: -len(ids[number])):
        own = len(ids[number])
        at = next((k for k, left in enumerate(free) if left >= own), len(lines))
        if at == len(lines):
            lines.append([])
            free.append(max(width, own))
        lines[at].append(number)
        free[at] -= own
    made = [_line(ids, tuple(numbers)) for numbers in lines]
    size = max(1, budget // width)
    return _strategy([made[start : start + size] for start in range(0, len(made), size)])


def _line(ids: Ids, numbers: tuple[int, ...]) -> Line:
    """Passages in one line, nothing shared: each is a branch of its own."""
    if len(numbers) == 1:
        return join([ids[numbers[0]]], numbers)
    own = [ids[number] for number in numbers]
    ends = np.cumsum([len(each) for each in own])
    return Line(
        numbers,
        np.concatenate(own),
        np.concatenate([np.arange(len(each)) for each in own]),
        np.repeat(np.arange(1, len(own) + 1), [len(each) for each in own]),
        tuple(np.arange(end - len(each), end) for each, end in zip(own, ends, strict=True)),
    )


def _strategy(lines: Sequence[Sequence[Line]]) -> Strategy:
    batches = tuple(Batch(tuple(some)) for some in lines)
    return Strategy(batches, tuple(sum(len(line.ids) for line in some) for some in lines))
