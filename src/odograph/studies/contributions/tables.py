"""The tables of the contributions study: tidy, a row a layer and part (and method)."""

from typing import Any

import numpy as np

from odograph.statistics.coefficients import METHODS
from odograph.studies.contributions.measured import Measured, Profile, Ties
from odograph.studies.contributions.tokens import PARTS
from odograph.studies.study import Table
from odograph.studies.tidy import tidy


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
    mean = profile.mean
    columns: dict[str, Any] = {name: mean.mean, f"{name}_low": mean.low, f"{name}_high": mean.high}
    if profile.twins is not None:
        columns[f"{name}_untrained"] = profile.twins.mean(axis=(0, 1))
    return columns


def _ties(ties: Ties, blocks: int) -> dict[str, Any]:
    """Rows: method, part, layer; every array of `ties` is [2, 2 L] in that order."""
    shape = ties.without.r.shape
    size = ties.without.r.size
    beyond, without = ties.beyond, ties.without
    columns: dict[str, Any] = {
        "method": np.repeat(METHODS, shape[1]),
        "part": np.tile(np.repeat([p.lower() for p in PARTS], blocks), 2),
        "layer": np.tile(np.arange(1, blocks + 1), 4),
        "r": ties.without.r.ravel(),
        "low": ties.without.low.ravel(),
        "high": ties.without.high.ravel(),
        "p": ties.without.p.ravel(),
        "p_max_t": ties.without.p_max_t.ravel(),
        "r_with_first": ties.with_first.r.ravel(),
        "r_with_first_low": ties.with_first.low.ravel(),
        "r_with_first_high": ties.with_first.high.ravel(),
        "r_cosines_shuffled": ties.cosines.mean.ravel(),
        "r_cosines_shuffled_low": ties.cosines.low.ravel(),
        "r_cosines_shuffled_high": ties.cosines.high.ravel(),
        "r_pairs_shuffled": ties.pairs.mean.ravel(),
        "beyond": beyond.mean,
        "beyond_low": beyond.low,
        "beyond_high": beyond.high,
        "beyond_p_max_t": beyond.p_max_t,
        "passages": np.full(size, ties.without.passages),
        "tokens": np.full(size, ties.without.tokens),
        **_untrained(ties),
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


def _untrained(ties: Ties) -> dict[str, Any]:
    """The means of the untrained twins; nothing where there are none."""
    if ties.twins is None or ties.twins_beyond is None:
        return {}
    return {
        "r_untrained": ties.twins.mean(axis=(0, 1)).ravel(),
        "beyond_untrained": ties.twins_beyond.mean(axis=(0, 1)).ravel(),
    }
