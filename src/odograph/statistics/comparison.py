"""The difference of two models' correlations on the same tokens.

That one correlation is significant and the other is not is no difference between them: here the
difference itself is estimated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import StudyError
from odograph.statistics.blocks import (
    BLOCK_INTERVAL,
    BLOCK_RULE,
    DESCRIPTIVE,
    DRAWS,
    block_draws,
    block_length,
    over_draws,
    percentile_bounds,
)
from odograph.statistics.coefficients import (
    FEWEST_TOKENS,
    matrix,
    partial,
    ranked,
    residuals,
    variables,
)
from odograph.statistics.coverage import with_shortfall
from odograph.statistics.intervals import LEVEL, Floats, mean_interval
from odograph.statistics.permutation import FEWEST_PAIRS, sign_flip_p
from odograph.statistics.results import Interval
from odograph.statistics.sessions import NO_TEST

DIFFERENCE_INTERVAL = "BCa bootstrap over passages of the mean difference of r"
SIGN_FLIP_TEST = "sign-flip permutation over passages of the difference of r"

Series = Sequence[ArrayLike]


@dataclass(frozen=True)
class Comparison:
    """The difference of two correlations on the same tokens: `difference` = r_first - r_second.

    `difference` is NaN where none can be had. `tokens` and `passages` were used, `excluded` tokens
    and `excluded_passages` were not. `p` is None where nothing was tested; see `test`, `note`.
    """

    difference: float
    r_first: float
    r_second: float
    interval: Interval | None
    tokens: int
    passages: int
    excluded: int
    excluded_passages: int
    method: str
    test: str
    p: float | None
    note: str
    block_length: int | None = None


def compare(
    first: tuple[Series, Series],
    second: tuple[Series, Series],
    *,
    method: str,
    seed: int,
    covariates: tuple[Series, Series] | None = None,
) -> Comparison:
    """How much two models' correlations differ on the same tokens: r_first - r_second, interval, p.

    first, second: (xs, ys) of one model, one array [tokens] a passage, token i the same in both;
    covariates: one sequence of [tokens, k] a model. Only tokens complete in both models are read,
    passages with fewer than 10 of them are left out. One usable passage: paired moving-block
    bootstrap, no p. Several: mean over passages of the difference, BCa interval over passages,
    sign-flip p from 6 passages on.

    Raises: StudyError where the models do not have the same tokens.
    """
    given = (None, None) if covariates is None else covariates
    one, other = _tables_of(*first, given[0]), _tables_of(*second, given[1])
    _check([a.shape[1] for a in one], [b.shape[1] for b in other])
    both = [_whole(a, b) for a, b in zip(one, other, strict=True)]
    values = np.array([_pair(a, b, method) for a, b in both]).reshape(-1, 2)
    known = np.isfinite(values).all(axis=1)
    usable = [pair for pair, there in zip(both, known, strict=True) if there]
    values = values[known]
    interval, p, test, note, length = (
        _blocks(*usable[0], method, seed) if len(usable) == 1 else _passages(values, seed)
    )
    r_first, r_second = values.mean(axis=0) if len(values) else (np.nan, np.nan)
    tokens = sum(a.shape[1] for a, _ in usable)
    return Comparison(
        difference=float(r_first - r_second),
        r_first=float(r_first),
        r_second=float(r_second),
        interval=interval,
        tokens=tokens,
        passages=len(usable),
        excluded=sum(a.shape[1] for a in one) - tokens,
        excluded_passages=len(one) - len(usable),
        method=_method_name(method, covariates),
        test=test,
        p=p,
        note=note,
        block_length=length,
    )


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


def _interval_of(low: Floats, high: Floats, method: str) -> Interval | None:
    """An interval of these bounds at the level of the package; None where one is NaN."""
    if not np.isfinite([low, high]).all():
        return None
    return Interval(float(low), float(high), LEVEL, method)


def _method_name(method: str, covariates: object) -> str:
    """How a coefficient is called in results: "spearman" or "partial spearman"."""
    return method if covariates is None else f"partial {method}"


# What the two ways of resampling give: interval, p, test, note, block length.
_Outcome = tuple[Interval | None, float | None, str, str, int | None]


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
    bounds = percentile_bounds(over_draws(np.vstack([first, second]), draws, difference), LEVEL)
    note = f"descriptive, one text; blocks of {length} tokens ({BLOCK_RULE}), {DRAWS} draws"
    how = with_shortfall(BLOCK_INTERVAL, tokens // length)
    return _interval_of(*bounds, how), None, DESCRIPTIVE, note, length


def _passages(values: Floats, seed: int) -> _Outcome:
    """values: [passages, 2] of r; the passage is the unit."""
    n = len(values)
    if not n:
        return None, None, NO_TEST, f"no passage with {FEWEST_TOKENS} usable tokens", None
    differences = values[:, 0] - values[:, 1]
    interval = mean_interval(differences, seed=seed)
    if interval is not None:
        how = with_shortfall(DIFFERENCE_INTERVAL, n)
        interval = Interval(interval.low, interval.high, interval.level, how)
    p = sign_flip_p(differences, seed=seed)
    note = "mean over passages of r_first - r_second"
    if n < FEWEST_PAIRS:
        return interval, None, NO_TEST, f"{note}; no p-value with fewer than {FEWEST_PAIRS}", None
    return interval, p, SIGN_FLIP_TEST, note, None
