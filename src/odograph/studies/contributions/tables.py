"""The tables of the contributions study: tidy, a row a layer and part (and method)."""

from typing import Any

import numpy as np

from odograph.statistics.correlations.coefficients import METHODS
from odograph.statistics.correlations.layers import Correlations
from odograph.statistics.correlations.sums import ShuffledTies
from odograph.studies.contributions.measured import Measured, Profile, Ties
from odograph.studies.contributions.tokens import PARTS
from odograph.studies.result import Table
from odograph.studies.selection import Floats
from odograph.studies.tidy import measure_columns, tidy


def tables(measured: Measured) -> list[Table]:
    """Sizes and shares by layer; correlations by layer, part and method."""
    found = [Table("contributions_layers", "Relative sizes and shares by layer", _layers(measured))]
    if measured.ties is not None:
        title = "Correlation of each part's length with that of the whole step, by layer"
        found.append(Table("contributions_ties", title, _ties(measured.ties, measured.run.blocks)))
    return found


def _layers(measured: Measured) -> dict[str, Any]:
    columns: dict[str, Any] = {"layer": np.arange(1, measured.run.blocks + 1)}
    for name, profile in measured.sizes.items():
        columns |= _profile(f"{name.lower()}_size", profile)
    columns |= _profile("attention_share", measured.share)
    columns["attention_share_p_max_t"] = measured.share_test.p_max_t
    columns["mlp_share"] = 1 - measured.share.mean.mean
    test = measured.share_test
    return tidy(
        columns,
        n=measured.passages,
        excluded=measured.share.excluded,
        unit="1",
        test=test.test,
        family=test.family,
    )


def _profile(name: str, profile: Profile) -> dict[str, Any]:
    means = (profile.mean.mean, profile.mean.low, profile.mean.high)
    return measure_columns(name, means, profile.twins, profile.shuffled)


def _ties(ties: Ties, blocks: int) -> dict[str, Any]:
    """Rows: method, part, layer; every array of `ties` is [2, 2 L] in that order."""
    beyond, without = ties.beyond, ties.without
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
        "beyond_test": np.full(size, beyond.test),
        "beyond_family": np.full(size, beyond.family),
    }
    return tidy(
        columns,
        n=without.passages,
        excluded=without.excluded_passages,
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
