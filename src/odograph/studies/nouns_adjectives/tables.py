"""The tables of nouns against adjectives."""

import numpy as np

from odograph.sentences.distances import max_test
from odograph.studies.nouns_adjectives.compared import Compared, Version, percent
from odograph.studies.nouns_adjectives.lemmas import COVARIATES, MEASURES
from odograph.studies.nouns_adjectives.measured import Measured
from odograph.studies.nouns_adjectives.paths import Paths, PathView
from odograph.studies.result import Table
from odograph.studies.tidy import Columns, bounds, stacked, tidy
from odograph.studies.trajectories.tables import order_columns
from odograph.studies.trajectories.words import Words

_PERCENT = "%"


def tables(measured: Measured) -> list[Table]:
    """Differences by block, their means, the balance, the lemmas; and the paths where kept."""
    first, second = measured.names
    found = [
        Table(
            "nouns_adjectives_differences",
            f"{first} against {second} by block (%): unadjusted, adjusted, matched",
            stacked([_by_block(measured, c, v) for c in measured.comparisons for v in c.versions]),
        ),
        Table(
            "nouns_adjectives_overall",
            f"{first} against {second} over all blocks (%), and the change (percentage points)",
            _overall(measured),
        ),
        Table("nouns_adjectives_balance", "In what else the groups differ", _balance(measured)),
        Table("nouns_adjectives_lemmas", "The lemmas, averaged over blocks", _lemmas(measured)),
    ]
    if measured.paths is not None:
        found += _of_paths(measured, measured.paths)
    return found


def _by_block(measured: Measured, compared: Compared, version: Version) -> Columns:
    rows = len(version.layer)
    cluster, p_cluster = np.full(rows, -1), np.full(rows, np.nan)
    for index, each in enumerate(version.clusters):
        inside = (version.layer >= each.first_layer) & (version.layer <= each.last_layer)
        cluster[inside], p_cluster[inside] = index, each.p
    twins = compared.twins if version.name == "unadjusted" else None
    nothing = np.full(rows, np.nan)
    columns = {
        "measure": [compared.measure] * rows,
        "version": [version.name] * rows,
        "layer": version.layer,
        "difference": percent(version.difference),
        "low": percent(version.low),
        "high": percent(version.high),
        "t": version.t,
        "p_max_t": version.p_max_t,
        "cluster": cluster,
        "p_cluster": p_cluster,
        "untrained": nothing if twins is None else percent(twins.differences.mean(axis=0)),
        "untrained_low": nothing if twins is None else percent(twins.low),
        "untrained_high": nothing if twins is None else percent(twins.high),
        **_orders(compared, version),
    }
    return _tidy(measured, version, columns, version.family)


def _tidy(measured: Measured, version: Version, columns: Columns, family: int) -> Columns:
    """The columns with those in common: lemmas are counted, or pairs of them."""
    paired = version.name == "matched"
    left = len(measured.lemmas.names) - 2 * version.n if paired else 0
    return tidy(
        columns,
        n=version.n,
        excluded=measured.excluded + left,
        unit=_PERCENT,
        test=version.test if family else "none: too few units, or no spread",
        family=family,
        unit_of_inference="pair of lemmas" if paired else "lemma",
    )


def _orders(compared: Compared, version: Version) -> Columns:
    """The unadjusted difference in each random order; NaN in the rows of other versions."""
    if compared.shuffled is None:
        return {}
    plain = version.name == "unadjusted"
    return {
        f"shuffled_seed_{k}": percent(order) if plain else np.full(len(order), np.nan)
        for k, order in enumerate(compared.shuffled.differences, start=1)
    }


def _overall(measured: Measured) -> Columns:
    """One row a measure and version."""
    rows = [_over_blocks(measured, c, v) for c in measured.comparisons for v in c.versions]
    return stacked(rows)


def _over_blocks(measured: Measured, compared: Compared, version: Version) -> Columns:
    low, high = bounds(version.interval)
    change = version.change
    moved = bounds(None if change is None else change.interval)
    columns = {
        "measure": [compared.measure],
        "version": [version.name],
        "difference": percent(np.array([version.mean])),
        "low": percent(np.array([low])),
        "high": percent(np.array([high])),
        "p": np.array([version.p]),
        "change": np.array([np.nan if change is None else change.value]),
        "change_low": np.array([moved[0]]),
        "change_high": np.array([moved[1]]),
    }
    return _tidy(measured, version, columns, int(np.isfinite(version.p)))


def _balance(measured: Measured) -> Columns:
    balance = measured.balance
    return {
        "covariate": [b.name for b in balance],
        "meaning": [COVARIATES[b.name] for b in balance],
        "mean_first": [b.first for b in balance],
        "mean_second": [b.second for b in balance],
        "difference_sd": [b.apart for b in balance],
        "difference_sd_matched": [b.matched for b in balance],
    }


def _lemmas(measured: Measured) -> Columns:
    """One row a lemma; `pair` numbers the matched ones, -1 without a partner."""
    lemmas, pairing = measured.lemmas, measured.pairing
    pair = np.full(len(lemmas.names), -1)
    pair[pairing.first] = pair[pairing.second] = np.arange(pairing.count)
    return {
        "lemma": lemmas.names.tolist(),
        "group": np.where(lemmas.first, *measured.groups).tolist(),
        "words": lemmas.words,
        **dict(zip(COVARIATES, lemmas.covariates.T, strict=True)),
        "pair": pair,
        **{f"mean_log_{name}": lemmas.values[name].mean(axis=1) for name in MEASURES},
    }


def _of_paths(measured: Measured, paths: Paths) -> list[Table]:
    return [
        Table(
            "nouns_adjectives_distances",
            "Distance between the groups in the full space, divided by the mean length of a state",
            stacked([_distance(paths.words, view) for view in paths.views]),
        ),
        Table(
            "nouns_adjectives_paths",
            "Mean paths of the groups through the common axes",
            stacked([_path(measured, view) for view in paths.views]),
        ),
    ]


def _distance(words: Words, view: PathView) -> Columns:
    profile, twins = view.parting.profile, view.parting.twins
    rows = len(profile.layer)
    columns = {
        "view": [view.name] * rows,
        "layer": profile.layer,
        "distance": profile.distance,
        "low": profile.low,
        "high": profile.high,
        "permuted_low": profile.null_low,
        "permuted_high": profile.null_high,
        "p_max": profile.p_max,
        "n_first": np.full(rows, profile.n_first),
        "n_second": np.full(rows, profile.n_second),
        "untrained": twins.mean(axis=0) if len(twins) else np.full(rows, np.nan),
        **order_columns(view.parting),
    }
    return tidy(
        columns,
        n=profile.n_first + profile.n_second,
        excluded=words.left_out,
        unit="mean lengths of a state",
        test=max_test(profile) if profile.family else "none: too few units",
        family=profile.family,
        unit_of_inference=words.unit,
    )


def _path(measured: Measured, view: PathView) -> Columns:
    groups, layers, axes = view.means.shape
    return {
        "view": [view.name] * (groups * layers),
        "group": np.repeat(measured.groups, layers),
        "layer": np.tile(np.arange(layers), groups),
        **{f"pc{axis + 1}": view.means[..., axis].reshape(-1) for axis in range(axes)},
    }
