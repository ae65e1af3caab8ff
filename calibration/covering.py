"""How often a 95 % interval holds the truth."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from calibration.rows import COVERAGE, Row, counted
from calibration.simulated import Floats, Generator, draws, series, tied
from odograph.statistics.circular_blocks import (
    block_draws,
    block_length,
    mean_block_length,
    over_draws,
    percentile_bounds,
)
from odograph.statistics.correlations.coefficients import matrix, partial, ranked
from odograph.statistics.designs.contrasts import (
    contrast_intervals,
    resampled_contrasts,
    stratified_counts,
)
from odograph.statistics.intervals import mean_intervals
from odograph.statistics.inversion import inverted_interval

MEAN = "BCa, mean difference"
INVERTED = "inversion of the test, mean"
LEMMA, TORN = "BCa, groups of lemmas", "BCa, words as units"
CORRELATION, BLOCKS = "block bootstrap, correlation", "block bootstrap, by number of blocks"
ONE_TEXT = "block bootstrap, difference of two models"
TEXT_MEAN = "block bootstrap, mean"
PASSAGES = "inversion of the test, difference of two models"

SIZES = (6, 8, 10, 12, 16, 20, 24, 30, 40, 54, 150)
TESTED_SIZES = (6, 8, 12, 16, 19, 20, 24, 54)
TEXTS = (60, 100, 200, 342, 1000)
TRANSIENTS = (100, 342)
MEMORIES = (0.0, 0.5, 0.8)
R = 0.3
#: From so many blocks on texts are counted together.
BLOCK_EDGES = (4, 8, 12, 16, 24, 32, 48, 64, 100)
# Draws of one length are shared by texts, five sets in turn, so that making them takes no time.
_SEEDS, _DRAWS, _COLUMNS = 5, 999, 200


def rows(runs: int) -> Iterator[Row]:
    """Coverage of every kind of interval; `runs` for means, fewer where a simulation is dear."""
    for shape in ("normal", "heavy", "skewed"):
        for n in SIZES:
            yield mean_difference(n, runs, shape)
    for shape in ("normal", "heavy", "skewed", "one-sided"):
        for n in TESTED_SIZES:
            yield inverted(n, runs // 4, shape)
    for n in (8, 12, 20, 54, 150):
        yield from lemmas(n, runs // 2)
    for n in (8, 12, 20, 54, 150):
        yield over_passages(n, runs // 4)
    yield from correlations(runs // 16)
    for memory in MEMORIES:
        yield one_text(342, runs // 16, memory)


def holding(
    runs: int, bounds: Callable[[int, int], tuple[Floats, Floats]], truth: float
) -> list[bool]:
    """Whether each interval holds the truth; `bounds(columns, seed)` gives many at once."""
    held: list[bool] = []
    while len(held) < runs:
        low, high = bounds(min(_COLUMNS, runs - len(held)), len(held))
        held.extend(((low <= truth) & (truth <= high)).tolist())
    return held


def mean_difference(n: int, runs: int, shape: str) -> Row:
    """The interval of a mean over n paired differences; "skewed" is so in one of the two only."""
    rng = np.random.default_rng([3, n, len(shape)])

    def bounds(columns: int, seed: int) -> tuple[Floats, Floats]:
        return mean_intervals(_differences(rng, n, columns, shape), seed=seed, resamples=1999)

    return counted(COVERAGE, MEAN, n, f"{shape} differences", holding(runs, bounds, 0.0))


def inverted(n: int, runs: int, shape: str) -> Row:
    """The interval that is the inversion of the test of the mean; "one-sided": skewness 1.4."""
    rng = np.random.default_rng([10, n, len(shape)])

    def bounds(columns: int, seed: int) -> tuple[Floats, Floats]:
        return inverted_bounds(_differences(rng, n, columns, shape), seed)

    return counted(COVERAGE, INVERTED, n, f"{shape} differences", holding(runs, bounds, 0.0))


def inverted_bounds(values: Floats, seed: int) -> tuple[Floats, Floats]:
    """Those of every column; infinite where no mean is rejected."""
    found = [inverted_interval(column, seed=seed, permutations=_DRAWS + 1) for column in values.T]
    pairs = [(-np.inf, np.inf) if one is None else (one.low, one.high) for one in found]
    low, high = np.array(pairs).T
    return low, high


def _differences(rng: Generator, n: int, columns: int, shape: str) -> Floats:
    """Differences of mean 0; "skewed" is one of the two alone that are compared."""
    if shape == "one-sided":
        return draws(rng, (n, columns), "skewed")
    values = draws(rng, (n, columns), shape)
    return values + draws(rng, (n, columns), "normal") if shape == "skewed" else values


def lemmas(n: int, runs: int) -> Iterator[Row]:
    """Two groups of n lemmas with few or many words each: means by lemma, and words torn apart."""
    rng = np.random.default_rng([4, n])
    words = np.minimum(30, 1 + rng.geometric(0.25, size=2 * n))
    of, group = np.repeat(np.arange(2 * n), words), np.arange(2 * n) < n

    def bounds(torn: bool) -> Callable[[int, int], tuple[Floats, Floats]]:
        first = group[of] if torn else group
        nothing = np.empty((len(first), 0))

        def some(columns: int, seed: int) -> tuple[Floats, Floats]:
            values = 0.7 * draws(rng, (2 * n, columns))[of] + draws(rng, (len(of), columns))
            if not torn:
                values = np.add.reduceat(values, np.cumsum(words) - words) / words[:, None]
            counts = stratified_counts(first, seed=seed, resamples=999)
            resampled = resampled_contrasts(values, first, nothing, counts)
            return contrast_intervals(values, first, nothing, resampled)

        return some

    setting = f"{n} lemmas a group, 2 to 30 words each, correlation .33 within a lemma"
    yield counted(COVERAGE, LEMMA, n, setting, holding(runs, bounds(torn=False), 0.0))
    if n == 54:
        yield counted(COVERAGE, TORN, n, setting, holding(runs // 4, bounds(torn=True), 0.0))


def correlations(runs: int) -> Iterator[Row]:
    """One text: by number of tokens and memory, and the same texts by their number of blocks."""
    by_blocks: dict[int, list[bool]] = defaultdict(list)
    for n in TEXTS:
        for memory in MEMORIES:
            held = _texts(n, runs, memory, "pearson")
            of_mean = text_means(n, runs, memory)
            for blocks, one in held + of_mean:
                by_blocks[_edge(blocks)].append(one)
            setting = f"memory {memory:g}"
            yield _text_row(CORRELATION, n, f"Pearson, {setting}, r {R:g}", held)
            yield _text_row(TEXT_MEAN, n, setting, of_mean)
    for n in TRANSIENTS:
        yield transient(n, runs)[0]
    held = _texts(342, runs, 0.5, "spearman")
    yield _text_row(CORRELATION, 342, f"Spearman, memory 0.5, r {R:g}", held)
    for edge in sorted(by_blocks):
        yield counted(COVERAGE, BLOCKS, edge, "r and means, all texts above", by_blocks[edge])


def transient(n: int, runs: int) -> tuple[Row, float, float]:
    """A text that begins far from the rest in both series and falls back by half in 5 tokens.

    Also given: how often the interval lies above the true correlation, and how often below.
    """
    rng = np.random.default_rng([9, n])
    shift = 4 * 0.5 ** (np.arange(n) / 5)
    truth = (R + shift.var()) / (1 + shift.var())
    bounds = np.empty((runs, 2))
    for run in range(runs):
        first, second = series(rng, 2, n, 0.5)
        pair = np.stack([first, tied(first, second, R)]) + shift
        length = block_length(*pair)
        drawn = over_draws(pair, _draws(n, length, run % _SEEDS), lambda one: partial(matrix(one)))
        bounds[run] = percentile_bounds(drawn, n // length)
    above, below = bounds[:, 0] > truth, bounds[:, 1] < truth
    setting = f"Pearson, memory 0.5, r {R:g}, a transient at the start"
    row = counted(COVERAGE, CORRELATION, n, setting, (~(above | below)).tolist())
    return row, float(above.mean()), float(below.mean())


def _text_row(method: str, n: int, setting: str, held: list[tuple[int, bool]]) -> Row:
    return counted(COVERAGE, method, n, setting, [one for _, one in held])


def _edge(blocks: int) -> int:
    """The number of blocks, rounded down to one of the table."""
    return max((edge for edge in BLOCK_EDGES if edge <= blocks), default=BLOCK_EDGES[0])


def _texts(n: int, runs: int, memory: float, method: str) -> list[tuple[int, bool]]:
    """Of how many blocks each interval was made, and whether it holds the true correlation."""
    rng = np.random.default_rng([5, n, int(100 * memory)])
    truth = R if method == "pearson" else 6 / np.pi * np.arcsin(R / 2)
    held = []
    for run in range(runs):
        first, second = series(rng, 2, n, memory)
        pair = np.stack([first, tied(first, second, R)])
        length = block_length(*ranked(pair, method))
        low, high = percentile_bounds(
            over_draws(
                pair,
                _draws(n, length, run % _SEEDS),
                lambda drawn: partial(matrix(ranked(drawn, method))),
            ),
            n // length,
        )
        held.append((n // length, bool(low <= truth <= high)))
    return held


def text_means(n: int, runs: int, memory: float) -> list[tuple[int, bool]]:
    """The same of the interval of a mean, which is 0 in truth."""
    rng = np.random.default_rng([8, n, int(100 * memory)])
    held = []
    for run in range(runs):
        values = series(rng, 1, n, memory)
        length = mean_block_length(values[0])
        draws = over_draws(
            values, _draws(n, length, run % _SEEDS), lambda drawn: drawn.mean(axis=-1)
        )
        low, high = percentile_bounds(draws, n // length)
        held.append((n // length, bool(low[0] <= 0 <= high[0])))
    return held


@lru_cache(maxsize=64)
def _draws(n: int, length: int, seed: int) -> NDArray[np.int64]:
    return block_draws(n, length, seed=seed, draws=_DRAWS)


def one_text(n: int, runs: int, memory: float) -> Row:
    """Two models on one text: r .4 in the first, .2 in the second, on the same x."""
    rng = np.random.default_rng([6, n, int(100 * memory)])
    held = []
    for run in range(runs):
        x, y, own = series(rng, 3, n, memory)
        table = np.stack([x, tied(x, y, 0.4), x, tied(x, tied(y, own, 0.7), 0.2)])
        length = max(block_length(*table[:2]), block_length(*table[2:]))
        low, high = percentile_bounds(
            over_draws(table, _draws(n, length, run % _SEEDS), _difference), n // length
        )
        held.append(bool(low <= 0.2 <= high))
    return counted(COVERAGE, ONE_TEXT, n, f"Pearson, memory {memory:g}, r .4 and .2", held)


def _difference(drawn: Floats) -> Floats:
    return np.asarray(partial(matrix(drawn[:, :2])) - partial(matrix(drawn[:, 2:])))


def over_passages(n: int, runs: int) -> Row:
    """Two models on n passages of 40 tokens: the mean difference of r inside a passage."""
    rng = np.random.default_rng([7, n])
    truth = float(_passage_differences(rng, 40_000).mean())

    def bounds(columns: int, seed: int) -> tuple[Floats, Floats]:
        return inverted_bounds(_passage_differences(rng, n * columns).reshape(n, columns), seed)

    setting = "passages of 40 tokens, memory 0.5, r .4 and .2"
    return counted(COVERAGE, PASSAGES, n, setting, holding(runs, bounds, truth))


def _passage_differences(rng: Generator, passages: int) -> Floats:
    """The r of the first model minus r of the second in each passage."""
    x, y, own = (series(rng, passages, 40, 0.5) for _ in range(3))
    first = np.stack([x, tied(x, y, 0.4)], axis=1)
    second = np.stack([x, tied(x, tied(y, own, 0.7), 0.2)], axis=1)
    return _difference(np.concatenate([first, second], axis=1))
