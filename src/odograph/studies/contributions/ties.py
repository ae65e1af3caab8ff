"""The lengths of both parts and of the whole step, token by token, passage by passage."""

from typing import Any

import numpy as np

from odograph.folder.samples.ties import PARTS, Ties, ties_in
from odograph.folder.selection import Floats
from odograph.sentences.names import name_of_test
from odograph.statistics.correlations.coefficients import METHODS
from odograph.statistics.correlations.layers import (
    Correlations,
)
from odograph.statistics.correlations.sums import ShuffledTies
from odograph.studies.result import Table
from odograph.studies.section import Analysis
from odograph.studies.tidy import tidy


def ties_of(analysis: Analysis) -> Ties | None:
    """The correlations of the run and its nulls; None where no passage has any."""
    return ties_in(analysis.run)


def ties_table(ties: Ties) -> Table:
    """Rows: method, part, layer; every array of `ties` is [2, 2 L] in that order."""
    title = "Correlation of each part's length with that of the whole step, by layer"
    return Table("contributions_ties", title, _columns(ties))


def _columns(ties: Ties) -> dict[str, Any]:
    beyond, without, blocks = ties.beyond, ties.without, ties.blocks
    size = without.r.size
    columns: dict[str, Any] = {
        "method": np.repeat(METHODS, without.r.shape[1]),
        "part": np.tile(np.repeat([p.lower() for p in PARTS], blocks), 2),
        "layer": np.tile(np.arange(1, blocks + 1), 4),
        **_with_bounds("r", without.r, without),
        "p": without.p.ravel(),
        "p_max_t": without.p_max_t.ravel(),
        **_with_bounds("r_with_first", ties.with_first.r, ties.with_first),
        **_with_bounds("r_cosines_shuffled", ties.cosines.mean, ties.cosines),
        "r_pairs_shuffled": ties.pairs.mean.ravel(),
        "beyond": beyond.mean,
        "beyond_low": beyond.low,
        "beyond_high": beyond.high,
        "beyond_p_max_t": beyond.p_max_t,
        "tokens": np.full(size, ties.without.tokens),
        **_untrained(ties),
        **_random_order(ties),
        "beyond_test": np.full(size, name_of_test(beyond.test)),
        "beyond_family": np.full(size, beyond.family),
    }
    return tidy(
        columns,
        n=without.n,
        excluded=without.excluded_documents,
        unit="r",
        test=without.test,
        family=without.family,
    )


def _with_bounds(name: str, values: Floats, of: Correlations | ShuffledTies) -> dict[str, Any]:
    """The column and its bounds."""
    return {name: values.ravel(), f"{name}_low": of.low.ravel(), f"{name}_high": of.high.ravel()}


def _untrained(ties: Ties) -> dict[str, Any]:
    """The means of the untrained twins; nothing where there are none."""
    if ties.twins is None or ties.twins_beyond is None:
        return {}
    return {
        "r_untrained": ties.twins.mean(axis=(0, 1)).ravel(),
        "beyond_untrained": ties.twins_beyond.mean(axis=(0, 1)).ravel(),
    }


def _random_order(ties: Ties) -> dict[str, Any]:
    """The mean of each random order; nothing where there is none."""
    if ties.shuffled is None or ties.shuffled_beyond is None:
        return {}
    given = {"r": ties.shuffled, "beyond": ties.shuffled_beyond}
    return {
        f"{name}_shuffled_seed_{seed}": np.nanmean(order, axis=0).ravel()
        for name, values in given.items()
        for seed, order in enumerate(values, start=1)
    }
