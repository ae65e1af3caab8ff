"""The difference of two models' correlations on the same tokens.

That one correlation is significant and the other is not is no difference between them: here the
difference itself is estimated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from odograph.errors import StudyError
from odograph.statistics.circular_blocks import (
    BLOCK_INTERVAL,
    block_draws,
    block_length,
    over_draws,
    percentile_bounds,
)
from odograph.statistics.correlations.coefficients import (
    FEWEST_TOKENS,
    matrix,
    partial,
    ranked,
    residuals,
    variables,
)
from odograph.statistics.correlations.fisher_means import weighted_by
from odograph.statistics.correlations.own_pairing import NO_TEST
from odograph.statistics.intervals import Floats, interval_of
from odograph.statistics.inversion import inverted_interval
from odograph.statistics.keys import Null, SignificanceTest
from odograph.statistics.permutation import FEWEST_PAIRS, by_units, mean_p
from odograph.statistics.values import Correlation, Interval, IntervalMethod, PValue

SIGN_FLIP_TEST = SignificanceTest.SIGN_FLIP_OF_R

Series = Sequence[ArrayLike]


def compare(
    first: tuple[Series, Series],
    second: tuple[Series, Series],
    *,
    method: str,
    seed: int,
    covariates: tuple[Series, Series] | None = None,
    documents: Sequence[int] | None = None,
) -> Correlation:
    """How much two models' correlations differ on the same tokens: r_first - r_second, interval, p.

    first, second: (xs, ys) of one model, one array [tokens] a passage, token i the same in both;
    covariates: one sequence of [tokens, k] a model; documents: that of each passage, by default
    every passage is one. Only tokens complete in both models are read, passages with fewer than 10
    of them are left out. One document: paired circular-block bootstrap of its passages joined, no
    p. Several: mean over documents of the mean difference over their passages, BCa interval over
    documents, and from 6 on the test of a mean.

    Raises: StudyError where the models do not have the same tokens.
    """
    both = _complete(first, second, (None, None) if covariates is None else covariates)
    both = _joined(both, range(len(both.tables)) if documents is None else documents)
    values = np.array([_pair(*tables, method) for tables in both.tables]).reshape(-1, 2)
    known = np.isfinite(values).all(axis=1)
    units, means = both.means(values, known)
    usable = [tables for tables, there in zip(both.tables, known, strict=True) if there]
    alone = len(both.tables) == len(usable) == 1
    outcome = _blocks(*usable[0], method, seed) if alone else _over_documents(means, seed)
    tokens = sum(table.shape[1] for table, _ in usable)
    r = means.mean(axis=0) if len(means) else np.full(2, np.nan)
    return Correlation(
        r=float(r[0] - r[1]),
        interval=outcome.interval,
        method=_method_name(method, covariates),
        n=len(units),
        excluded=len(both.units) - len(units),
        tokens=tokens,
        excluded_tokens=both.tokens - tokens,
        tested=PValue(outcome.test, outcome.p, 1),
        null=Null.EXCHANGEABLE_MODELS,
        of=(float(r[0]), float(r[1])),
        block_length=outcome.block_length,
        each=tuple((means[:, 0] - means[:, 1]).tolist()),
        units=tuple(np.searchsorted(both.units, units).tolist()),
    )


@dataclass(frozen=True, eq=False)
class _Both:
    """The tokens that are complete in both models, a pair of tables a passage; all `tokens`.

    `documents` is that of each passage.
    """

    tables: list[tuple[Floats, Floats]]
    tokens: int
    documents: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def units(self) -> NDArray[np.int64]:
        """The documents, each once."""
        return np.unique(self.documents)

    def means(self, values: Floats, known: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Floats]:
        """Documents with a known value, and the means of [passages, 2] over their passages."""
        units, owner = np.unique(self.documents[known], return_inverse=True)
        return units, weighted_by(values[known], np.ones_like(values[known]), owner)


def _joined(both: _Both, documents: Sequence[int]) -> _Both:
    """The same with the document of each passage; the passages of a single one are one text."""
    numbers = np.asarray(documents, dtype=np.int64)
    if len(both.tables) < 2 or len(np.unique(numbers)) > 1:
        return replace(both, documents=numbers)
    first, second = (np.hstack(parts) for parts in zip(*both.tables, strict=True))
    return _Both([(first, second)], both.tokens, numbers[:1])


def _complete(
    first: tuple[Series, Series],
    second: tuple[Series, Series],
    covariates: tuple[Series | None, Series | None],
) -> _Both:
    """Both models' tables.

    Raises: StudyError where the models do not have the same tokens.
    """
    one, other = _tables_of(*first, covariates[0]), _tables_of(*second, covariates[1])
    _check([a.shape[1] for a in one], [b.shape[1] for b in other])
    tables = [_whole(a, b) for a, b in zip(one, other, strict=True)]
    return _Both(tables, sum(a.shape[1] for a in one))


def _tables_of(xs: Series, ys: Series, covariates: Series | None) -> list[Floats]:
    """One table [2 + k, tokens] a passage: x, y, covariates.

    Raises: StudyError where the numbers of passages or tokens disagree.
    """
    given: Sequence[ArrayLike | None] = [None] * len(xs) if covariates is None else covariates
    if not len(xs) == len(ys) == len(given):
        raise StudyError(
            "passages cannot be matched",
            expected="as many x as y as covariates",
            given=f"{len(xs)}, {len(ys)} and {len(given)}",
        )
    return [variables(x, y, c) for x, y, c in zip(xs, ys, given, strict=True)]


def _method_name(method: str, covariates: object) -> str:
    """How a coefficient is called in results: "spearman" or "partial spearman"."""
    return method if covariates is None else f"partial {method}"


@dataclass(frozen=True)
class _Outcome:
    """What the two ways of resampling give."""

    interval: Interval | None
    p: float | None
    test: SignificanceTest
    block_length: int | None = None


def _check(first: list[int], second: list[int]) -> None:
    if first != second:
        raise StudyError(
            "two models can be compared on the same tokens only",
            expected=f"the tokens of the first model: {first}",
            given=str(second),
            remedy="Models with different tokenizers cannot be compared token by token.",
        )


def _whole(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """The tokens that are complete in both models."""
    whole = np.isfinite(first).all(axis=0) & np.isfinite(second).all(axis=0)
    return first[:, whole], second[:, whole]


def _pair(first: Floats, second: Floats, method: str) -> Floats:
    """Correlations of both models from complete tables; NaN below 10 tokens."""
    if first.shape[1] < FEWEST_TOKENS:
        return np.full(2, np.nan)
    return np.array([partial(matrix(ranked(table, method))) for table in (first, second)])


def _blocks(first: Floats, second: Floats, method: str, seed: int) -> _Outcome:
    """Both models resampled by the same blocks, the longer of the two block lengths."""
    rows = len(first)
    left = [residuals(table[:2], table[2:], method) for table in (first, second)]
    length = max(block_length(x, y) for x, y in left)

    def difference(drawn: Floats) -> Floats:
        one, other = drawn[:, :rows], drawn[:, rows:]
        return partial(matrix(ranked(one, method))) - partial(matrix(ranked(other, method)))

    tokens = first.shape[1]
    draws = block_draws(tokens, length, seed=seed)
    drawn = over_draws(np.vstack([first, second]), draws, difference)
    bounds = percentile_bounds(drawn, tokens // length)
    how = IntervalMethod(BLOCK_INTERVAL, tokens // length)
    interval = interval_of(float(bounds[0]), float(bounds[1]), how)
    return _Outcome(interval, None, SignificanceTest.NONE_ONE_TEXT, length)


def _over_documents(values: Floats, seed: int) -> _Outcome:
    """values: [documents, 2] of r."""
    n = len(values)
    if not n:
        return _Outcome(None, None, NO_TEST)
    differences = values[:, 0] - values[:, 1]
    interval = inverted_interval(differences, seed=seed)
    if n > 1 and not differences.any():
        return _Outcome(None, None, SignificanceTest.NONE_NO_DIFFERENCE)
    p = mean_p(differences, seed=seed)
    return _Outcome(interval, p, NO_TEST if n < FEWEST_PAIRS else by_units(SIGN_FLIP_TEST, n))
