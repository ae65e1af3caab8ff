"""Correlation of two quantities of tokens: inside one passage, and across passages.

Tokens of one passage are not independent. Inside one passage there is an interval and no p-value
("descriptive, one text"); inference needs passages.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import StudyError
from odograph.statistics.blocks import (
    BLOCK_RULE,
    DRAWS,
    block_draws,
    block_length,
    over_draws,
    percentile_bounds,
)
from odograph.statistics.coefficients import (
    complete,
    fisher,
    matrix,
    partial,
    ranked,
    residuals,
    variables,
)
from odograph.statistics.intervals import LEVEL, Floats, mean_interval
from odograph.statistics.permutation import PERMUTATIONS
from odograph.statistics.results import Interval
from odograph.statistics.sessions import (
    FEWEST_PASSAGES,
    SESSION_TEST,
    permuted_means,
    session_p,
    session_tables,
)

FEWEST_TOKENS = 10
DESCRIPTIVE = "none: descriptive, one text"
NO_TEST = "none: too few passages"
BLOCK_INTERVAL = "moving-block bootstrap, percentiles"
PASSAGE_INTERVAL = "BCa bootstrap over passages of the mean Fisher z"
FISHER_NOTE = "mean over passages by Fisher's z, back as r"

Series = Sequence[ArrayLike]


@dataclass(frozen=True)
class Correlation:
    """A correlation with all that is needed to doubt it.

    `r` is NaN where none can be had. `tokens` and `passages` were used, `excluded` tokens and
    `excluded_passages` were not. `p` is None where nothing was tested; `test` and `note` say why.
    `block_length` in tokens, None across passages.
    """

    r: float
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


def method_name(method: str, covariates: object) -> str:
    """How a coefficient is called in results: "spearman" or "partial spearman"."""
    return method if covariates is None else f"partial {method}"


def block_interval(
    x: ArrayLike,
    y: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    method: str,
    seed: int,
    length: int | None = None,
) -> Correlation:
    """The correlation inside one passage with its moving-block bootstrap interval; no p-value.

    x, y: [n] in the order of the text, covariates: [n, k]. Tokens with a NaN are left out and
    counted. `length` of blocks in tokens; None: the rule named in the note. Fewer than 10 tokens: r
    without interval. Draws that hold one value only are left out.

    Raises: StudyError for unequal lengths or an unknown method.
    Source: Künsch 1989; Politis & White 2004; arch.bootstrap.
    """
    table = variables(x, y, covariates)
    used = complete(table)
    n = used.shape[1]
    r = float(partial(matrix(ranked(used, method))))
    interval, note, chosen = None, f"{n} tokens: no interval with fewer than {FEWEST_TOKENS}", None
    if n >= FEWEST_TOKENS and np.isfinite(r):
        interval, chosen, note = _by_blocks(used, method, seed, length)
    elif n >= FEWEST_TOKENS:
        note = "a series is constant, or nothing is left of it beside the covariates"
    return Correlation(
        r=r,
        interval=interval,
        tokens=n,
        passages=1,
        excluded=table.shape[1] - n,
        excluded_passages=0,
        method=method_name(method, covariates),
        test=DESCRIPTIVE,
        p=None,
        note=note,
        block_length=chosen,
    )


def _by_blocks(
    used: Floats, method: str, seed: int, length: int | None
) -> tuple[Interval | None, int, str]:
    """Interval, block length and note for the complete tokens of one passage."""
    left = residuals(used[:2], used[2:], method)
    chosen = block_length(left[0], left[1]) if length is None else length
    draws = block_draws(used.shape[1], chosen, seed=seed)
    values = over_draws(used, draws, lambda drawn: partial(matrix(ranked(drawn, method))))
    rule = BLOCK_RULE if length is None else "chosen by the caller"
    note = f"descriptive, one text; blocks of {chosen} tokens ({rule}), {DRAWS} draws"
    return interval_of(*percentile_bounds(values, LEVEL), BLOCK_INTERVAL), chosen, note


def across_passages(
    xs: Series,
    ys: Series,
    covariates: Series | None = None,
    *,
    method: str,
    seed: int,
    permutations: int = PERMUTATIONS,
) -> Correlation:
    """The mean over passages of the correlation within each, with interval and session permutation.

    xs, ys: one array [tokens of the passage] a passage, covariates: one [tokens, k]. Tokens keep
    their places: put NaN for one that is left out. Passages with fewer than 10 usable tokens, or a
    constant series, are left out and counted. r = tanh(mean artanh r_i), BCa interval over passages
    on the scale of z; p from 20 passages on, else None with the reason.

    Raises: StudyError for unequal lengths or an unknown method.
    Source: Harris 2020 (session permutation).
    """
    tables = tables_of(xs, ys, covariates)
    each = np.array([within(table, method) for table in tables])
    usable = [t for t, r in zip(tables, each, strict=True) if np.isfinite(r)]
    z = fisher(each[np.isfinite(each)])
    tokens = sum(complete(t).shape[1] for t in usable)
    p, test, note = _session(usable, method, seed, permutations)
    return Correlation(
        r=float(np.tanh(z.mean())) if len(z) else float("nan"),
        interval=_back(mean_interval(z, seed=seed)),
        tokens=tokens,
        passages=len(usable),
        excluded=sum(t.shape[1] for t in tables) - tokens,
        excluded_passages=len(tables) - len(usable),
        method=method_name(method, covariates),
        test=test,
        p=p,
        note=f"{FISHER_NOTE}{note}",
    )


def tables_of(xs: Series, ys: Series, covariates: Series | None) -> list[Floats]:
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


def within(table: Floats, method: str) -> float:
    """The correlation inside one passage [2 + k, tokens]; NaN below 10 complete tokens."""
    used = complete(table)
    if used.shape[1] < FEWEST_TOKENS:
        return float("nan")
    return float(partial(matrix(ranked(used, method))))


def interval_of(low: Floats, high: Floats, method: str) -> Interval | None:
    """An interval of these bounds at the level of the package; None where one is NaN."""
    if not np.isfinite([low, high]).all():
        return None
    return Interval(float(low), float(high), LEVEL, method)


def _back(interval: Interval | None) -> Interval | None:
    """An interval of Fisher z as one of r."""
    if interval is None:
        return None
    low, high = np.tanh([interval.low, interval.high])
    return Interval(float(low), float(high), interval.level, PASSAGE_INTERVAL)


def _session(
    tables: list[Floats], method: str, seed: int, permutations: int
) -> tuple[float | None, str, str]:
    """p, name of the test, and what to add to the note."""
    n = len(tables)
    if n < FEWEST_PASSAGES:
        reason = f"; no p-value: {n} usable passages, session permutation needs {FEWEST_PASSAGES}"
        return None, NO_TEST, reason
    left = [residuals(table[:2], table[2:], method) for table in tables]
    own, changes = session_tables([x for x, _ in left], [y for _, y in left])
    observed, drawn = permuted_means(own[None], changes[None], seed=seed, permutations=permutations)
    return float(session_p(observed, drawn)[0]), SESSION_TEST, ""
