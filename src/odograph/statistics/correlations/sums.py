"""A part's length against the length of the sum it is part of: what of their tie is arithmetic.

|a + m|^2 = |a|^2 + |m|^2 + 2 |a| |m| cos(a, m). Were the cosines dealt out anew among the tokens,
|m| would still be correlated with |a + m|, because it is in the sum. That much is arithmetic; what
is beyond it is there because of which cosine goes with which lengths.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.correlations.coefficients import METHODS
from odograph.statistics.correlations.layers import standardised
from odograph.statistics.intervals import Floats, band

#: What is dealt out anew among the tokens: the cosines, or the lengths of attention as well.
COSINES, PAIRS = KINDS = ("cosines", "pairs")

# |a|, |m| and their cosine in one passage, [L, n] each.
Parts = tuple[Floats, Floats, Floats]

_MOST_TOKENS, _FEWEST_DRAWS, _MOST_DRAWS = 1_000_000, 20, 100


def sum_length(a: Floats, m: Floats, cosine: Floats) -> Floats:
    """|a + m| from the lengths |a|, |m| and their cosine; any shapes that broadcast.

    Rounding may leave a square a little below 0 where a = -m: it counts as 0.
    """
    return np.asarray(np.sqrt(np.maximum(a**2 + m**2 + 2 * a * m * cosine, 0.0)))


def shuffled_sums(
    a: Floats, m: Floats, cosine: Floats, kind: str, *, draws: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], Floats]:
    """Which token's |a| stands at each place, [draws, n], and |a + m| there, [rows, draws, n].

    a, m, cosine: [rows, n] (a row a layer, a column a token). "cosines": every token keeps |a| and
    |m|, the cosines are permuted over the tokens. "pairs": |a| is permuted as well, so that lengths
    no longer go together either: nothing is left but that a part is in the sum. All rows of a draw
    share one permutation.
    """
    places = np.tile(np.arange(a.shape[-1]), (draws, 1))
    dealt = cosine[:, rng.permuted(places, axis=1)]
    whose = rng.permuted(places, axis=1) if kind == PAIRS else places
    return whose, sum_length(a[:, whose], m[:, None, :], dealt)


@dataclass(frozen=True, eq=False)
class ShuffledTies:
    """Correlations of the parts with their sum where cosines (or pairs) are dealt out anew.

    Rows: attention layer by layer, then the MLP. `each`: [passages, 2, rows], means over the draws,
    Pearson then Spearman; `low`, `mean`, `high`: [2, rows], 5 %, mean and 95 % over the
    draws of the mean over the passages.
    """

    each: Floats
    low: Floats
    mean: Floats
    high: Floats
    draws: int


def shuffled_ties(
    passages: Sequence[Parts], kind: str, *, seed: int, weights: Floats | None = None
) -> ShuffledTies:
    """The ties that are arithmetic, for passages of |a|, |m| and their cosine, [L, n] each.

    weights: what each passage counts in the means over them, [passages]; None: all the same.

    As many draws as 1 million tokens allow, 20 at least and 100 at most. What is drawn for one
    passage hangs on the seed and on its place alone.
    """
    tokens = sum(a.shape[1] for a, _, _ in passages)
    draws = int(np.clip(_MOST_TOKENS // max(tokens, 1), _FEWEST_DRAWS, _MOST_DRAWS))
    found = []
    for number, parts in enumerate(passages):
        rng = np.random.default_rng([seed, number, KINDS.index(kind)])
        whose, total = shuffled_sums(*parts, kind, draws=draws, rng=rng)
        found.append(np.stack([_ties(parts, whose, total, method) for method in METHODS]))
    drawn = np.array(found)
    mean = np.average(drawn, axis=0, weights=weights)
    low, high = band(mean, axis=-1)
    return ShuffledTies(drawn.mean(axis=-1), low, mean.mean(axis=-1), high, draws)


def _ties(parts: Parts, whose: NDArray[np.int64], total: Floats, method: str) -> Floats:
    """Correlations of attention's and the MLP's lengths with their sum: [rows, draws]."""
    a, m = (standardised(part, method) for part in parts[:2])
    whole = standardised(total, method)
    both = [(a[:, whose] * whole).sum(axis=-1), (m[:, None, :] * whole).sum(axis=-1)]
    return np.concatenate(both)
