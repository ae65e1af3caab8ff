"""The tables of nouns against adjectives."""

from typing import Any

import numpy as np

from odograph.studies.nouns_adjectives.compared import Compared, Version, percent
from odograph.studies.nouns_adjectives.lemmas import COVARIATES, MEASURES
from odograph.studies.nouns_adjectives.measured import Measured
from odograph.studies.nouns_adjectives.paths import Paths, PathView
from odograph.studies.study import Table

Columns = dict[str, Any]


def tables(measured: Measured) -> list[Table]:
    """Differences by block, their means, the balance, the lemmas; and the paths where kept."""
    first, second = measured.names
    found = [
        Table(
            "nouns_adjectives_differences",
            f"{first} against {second} by block (%): unadjusted, adjusted, matched",
            _joined([_by_block(c, v) for c in measured.comparisons for v in c.versions]),
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


def _joined(parts: list[Columns]) -> Columns:
    """Tables of the same columns one under the other."""
    return {name: np.concatenate([np.asarray(p[name]) for p in parts]) for name in parts[0]}


def _by_block(compared: Compared, version: Version) -> Columns:
    rows = len(version.layer)
    cluster, p_cluster = np.full(rows, -1), np.full(rows, np.nan)
    for index, each in enumerate(version.clusters):
        inside = (version.layer >= each.first_layer) & (version.layer <= each.last_layer)
        cluster[inside], p_cluster[inside] = index, each.p
    twins = compared.twins if version.name == "unadjusted" else None
    nothing = np.full(rows, np.nan)
    return {
        "measure": [compared.measure] * rows,
        "version": [version.name] * rows,
        "layer": version.layer,
        "difference": percent(version.difference),
        "low": percent(version.low),
        "high": percent(version.high),
        "n": np.full(rows, version.n),
        "t": version.t,
        "p_max_t": version.p_max_t,
        "cluster": cluster,
        "p_cluster": p_cluster,
        "family": np.full(rows, version.family),
        "untrained": nothing if twins is None else percent(twins.differences.mean(axis=0)),
        "untrained_low": nothing if twins is None else percent(twins.low),
        "untrained_high": nothing if twins is None else percent(twins.high),
    }


def _overall(measured: Measured) -> Columns:
    rows = [(c, v) for c in measured.comparisons for v in c.versions]
    bounds = np.array([_bounds(v.interval) for _, v in rows])
    change = np.array([np.nan if v.change is None else v.change.value for _, v in rows])
    moved = np.array([_bounds(None if v.change is None else v.change.interval) for _, v in rows])
    return {
        "measure": [c.measure for c, _ in rows],
        "version": [v.name for _, v in rows],
        "difference": percent(np.array([v.mean for _, v in rows])),
        "low": percent(bounds[:, 0]),
        "high": percent(bounds[:, 1]),
        "n": np.array([v.n for _, v in rows]),
        "p": np.array([v.p for _, v in rows]),
        "test": [v.test for _, v in rows],
        "change": change,
        "change_low": moved[:, 0],
        "change_high": moved[:, 1],
    }


def _bounds(interval: Any) -> tuple[float, float]:
    return (float("nan"),) * 2 if interval is None else (interval.low, interval.high)


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
            _joined([_distance(view) for view in paths.views]),
        ),
        Table(
            "nouns_adjectives_paths",
            "Mean paths of the groups through the common axes",
            _joined([_path(measured, view) for view in paths.views]),
        ),
    ]


def _distance(view: PathView) -> Columns:
    profile, twins = view.parting.profile, view.parting.twins
    rows = len(profile.layer)
    return {
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
    }


def _path(measured: Measured, view: PathView) -> Columns:
    groups, layers, axes = view.means.shape
    return {
        "view": [view.name] * (groups * layers),
        "group": np.repeat(measured.groups, layers),
        "layer": np.tile(np.arange(layers), groups),
        **{f"pc{axis + 1}": view.means[..., axis].reshape(-1) for axis in range(axes)},
    }
