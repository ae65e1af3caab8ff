"""Neighbours against tokens of different passages in the same layer."""

from dataclasses import dataclass

import numpy as np

from odograph.figures.profile import Band
from odograph.folder.drawn_pairs import DrawnPairs, exact_cosines, pairs_of_documents
from odograph.folder.run import Run
from odograph.folder.run_words import twin_null
from odograph.folder.samples.neighbours import ANGLE, beside
from odograph.folder.samples.nulls import random_order_columns, random_order_null
from odograph.folder.selection import Floats, Means, profile_means
from odograph.measures import DEGREES
from odograph.sentences.english import counted
from odograph.sentences.evidence import interval_words
from odograph.sentences.nulls import as_in_twins, difference_in_twins
from odograph.sentences.numbers import number
from odograph.statistics.intervals import band, mean_intervals
from odograph.statistics.joint_pairs import JointPairs, difference_interval
from odograph.statistics.values import Interval
from odograph.studies.claim import Claim, twin_values
from odograph.studies.neighbours.pairs import NEIGHBOURS
from odograph.studies.neighbours.positions import position_zero_note
from odograph.studies.questions.level import LevelNulls, usual_nulls
from odograph.studies.result import Table
from odograph.studies.sample import Sample
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, mean_columns, seed_columns, tidy

_MISSING = "The null 'same-layer' is not there: it needs drawn pairs of two texts."


@dataclass(frozen=True)
class Baseline:
    """Tokens of different documents in one layer: mean, 5-95 % band and exact mean cosine.

    `cosine` is that of all pairs of tokens, `drawn` the number of drawn pairs a layer, `pairs` what
    they are.
    """

    band: Band
    cosine: Floats
    drawn: int
    pairs: DrawnPairs


def read_baseline(run: Run) -> Baseline | None:
    """The drawn pairs of each state 0..L; None where none were drawn."""
    pairs = pairs_of_documents(run)
    states = np.arange(run.blocks + 1)
    by_layer = [pairs.angle[pairs.layer == state] for state in states]
    drawn = min(map(len, by_layer))
    if not drawn:
        return None
    bounds = [band(found) for found in by_layer]
    low, high = (np.array([float(b[side]) for b in bounds]) for side in (0, 1))
    mean = np.array([found.mean() for found in by_layer])
    label = "same layer, another text"
    return Baseline(Band(label, states, low, high, mean), exact_cosines(run), drawn, pairs)


def _interval(every: Means, apart: Floats, found: Baseline, seed: int) -> Interval | None:
    """That of the difference, texts and drawn pairs resampled together.

    None for fewer than 6 texts, or where they leave a layer without a pair.
    """
    units = every.units.astype(np.int64)
    pairs = found.pairs.of(units)
    if len(np.unique(pairs.layer)) < len(every.layers):
        return None
    first, second = (np.searchsorted(units, of) for of in (pairs.first, pairs.second))
    joint = JointPairs(pairs.angle, pairs.layer, first, second)
    return difference_interval(apart, joint, seed=seed)


def _twins_baseline(run: Run) -> Floats:
    apart = []
    for twin in run.untrained:
        baseline = read_baseline(twin)
        near = profile_means(twin, ANGLE, beside(run, 1), from_layer=0)
        if baseline is not None and baseline.band.mean is not None:
            apart.append(
                float(near.values.mean() - np.mean(np.asarray(baseline.band.mean, dtype=float)))
            )
    return np.array(apart)


def measured_baseline(analysis: Analysis) -> Baseline | None:
    """That of the run."""
    return read_baseline(analysis.run)


def level_nulls(analysis: Analysis, sample: Sample) -> LevelNulls:
    """The usual ones, and tokens of different passages."""
    found, usual = analysis.once(measured_baseline), usual_nulls(analysis, sample)
    bands = [] if found is None else [found.band]
    words = [baseline_words(analysis), *random_order_null(sample.nulls.shuffled)]
    return LevelNulls([*usual.bands, *bands], words, [position_zero_note(analysis.run)])


def baseline_words(analysis: Analysis) -> str:
    """The untrained twins and the baseline in words."""
    found, twins = analysis.once(measured_baseline), twin_null(analysis.run)
    if found is None:
        return twins
    return f"{twins}; same layer, another text: {found.drawn} drawn pairs a layer"


def different_passages(analysis: Analysis) -> Answer:
    """How much closer neighbours stand than tokens of different passages."""
    sample, baseline = analysis.sample(NEIGHBOURS), analysis.once(measured_baseline)
    title = "Angle between neighbours by layer (degrees)"
    tables = [Table("neighbours_profile", title, _columns(sample, baseline))]
    if baseline is None or baseline.band.mean is None:
        return Answer(tables=tables, notes=[_MISSING])
    return Answer([_claim(analysis, sample, baseline)], tables=tables)


def _claim(analysis: Analysis, sample: Sample, found: Baseline) -> Claim:
    """Neighbours against tokens of different passages in the same layer."""
    baseline, twins = np.asarray(found.band.mean, dtype=float), _twins_baseline(analysis.run)
    every, seed = sample.everything, analysis.run.seed
    mean = every.values.mean(axis=1)
    apart = mean - float(baseline.mean())
    interval = _interval(every, mean, found, seed)
    _, high = mean_intervals(every.values, seed=seed)
    below = (
        f"; in {int((high < baseline).sum())} of {len(baseline)} layers the interval of neighbours "
        "lies below the baseline"
        if np.isfinite(high).any()
        else ""
    )
    statement = (
        f"Neighbouring tokens stand {number(mean.mean())} degrees apart, averaged over all layers, "
        f"and tokens of different texts {number(baseline.mean())} degrees (difference "
        f"{number(apart.mean())} degrees; {interval_words(interval, 'degrees')}; {found.drawn} "
        f"drawn pairs a layer or more; "
        f"{counted(len(mean), analysis.run.unit)}; descriptive, no test: the "
        "number of drawn pairs is arbitrary)"
        f"{below}.{difference_in_twins(twins, 'degrees')}"
    )
    plain = (
        "States of a layer have a direction in common, so even tokens of different texts are "
        "no right angle apart; only what neighbours are closer than that belongs to the text and "
        "to their places in it." + as_in_twins(apart.mean(), twins)
    )
    finding = analysis.defaults(sample).finding(
        statement,
        plain,
        float(apart.mean()),
        interval,
        n=len(mean),
        excluded=every.excluded,
        null="same layer, another text",
        headline=f"Neighbouring tokens stand {number(mean.mean())} degrees apart, tokens of "
        f"different texts {number(baseline.mean())}",
        estimate_of="difference",
        data={"neighbours": float(mean.mean()), "different_texts": float(baseline.mean())},
        null_values=twin_values(twins),
    )
    return Claim(finding)


def _columns(sample: Sample, baseline: Baseline | None) -> Columns:
    """One row a layer: every curve and null."""
    columns: Columns = {"layer": sample.layers}
    columns |= mean_columns(sample.everything.values, sample.run.seed, "mean_all_pairs")
    if sample.groups is not None:
        columns["mean_target"] = sample.groups.pairs.target.mean(axis=0)
        columns["mean_other_pairs"] = sample.groups.pairs.control.mean(axis=0)
    columns |= seed_columns(sample.nulls.twins)
    columns |= random_order_columns(sample.nulls.shuffled)
    if baseline is not None:
        found = baseline.band
        columns |= {"same_layer_mean": found.mean, "same_layer_low": found.low}
        columns |= {"same_layer_high": found.high}
        columns["same_layer_mean_cosine"] = baseline.cosine
    every = sample.everything
    return tidy(columns, n=len(every.values), excluded=every.excluded, unit=DEGREES)
