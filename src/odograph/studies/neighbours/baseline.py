"""Neighbours against tokens of different passages in the same layer."""

import numpy as np

from odograph.figures.profile import Band
from odograph.folder.run_words import twin_null
from odograph.folder.samples.baseline import (
    Baseline,
    apart_from_twins_baseline,
    interval_against,
    read_baseline,
)
from odograph.folder.samples.nulls import random_order_columns, random_order_null
from odograph.measures import DEGREES
from odograph.sentences.english import counted
from odograph.sentences.evidence import interval_words
from odograph.sentences.nulls import as_in_twins, difference_in_twins
from odograph.sentences.numbers import number
from odograph.statistics.intervals import mean_intervals
from odograph.studies.claim import Claim, twin_values
from odograph.studies.neighbours.pairs import NEIGHBOURS
from odograph.studies.neighbours.positions import position_zero_note
from odograph.studies.questions.level import LevelNulls, usual_nulls
from odograph.studies.result import Table
from odograph.studies.sample import Sample
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, mean_columns, seed_columns, tidy

_MISSING = "The null 'same-layer' is not there: it needs drawn pairs of two texts."


def level_nulls(analysis: Analysis, sample: Sample) -> LevelNulls:
    """The usual ones, and tokens of different passages."""
    found, usual = analysis.read(read_baseline), usual_nulls(analysis, sample)
    bands = [] if found is None else [baseline_band(found)]
    words = [baseline_words(analysis), *random_order_null(sample.nulls.shuffled)]
    return LevelNulls([*usual.bands, *bands], words, [position_zero_note(analysis.run)])


def baseline_band(found: Baseline) -> Band:
    """The drawn pairs as a figure shows them."""
    states = np.arange(len(found.mean))
    return Band("same layer, another text", states, found.low, found.high, found.mean)


def baseline_words(analysis: Analysis) -> str:
    """The untrained twins and the baseline in words."""
    found, twins = analysis.read(read_baseline), twin_null(analysis.run)
    if found is None:
        return twins
    return f"{twins}; same layer, another text: {found.drawn} drawn pairs a layer"


def different_passages(analysis: Analysis) -> Answer:
    """How much closer neighbours stand than tokens of different passages."""
    sample, baseline = analysis.sample(NEIGHBOURS), analysis.read(read_baseline)
    title = "Angle between neighbours by layer (degrees)"
    tables = [Table("neighbours_profile", title, _columns(sample, baseline))]
    if baseline is None:
        return Answer(tables=tables, notes=[_MISSING])
    return Answer([_claim(analysis, sample, baseline)], tables=tables)


def _claim(analysis: Analysis, sample: Sample, found: Baseline) -> Claim:
    """Neighbours against tokens of different passages in the same layer."""
    baseline, twins = found.mean, apart_from_twins_baseline(analysis.run)
    every, seed = sample.everything, analysis.run.seed
    mean = every.values.mean(axis=1)
    apart = mean - float(baseline.mean())
    interval = interval_against(every, mean, found, seed)
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
        columns |= {"same_layer_mean": baseline.mean, "same_layer_low": baseline.low}
        columns |= {"same_layer_high": baseline.high}
        columns["same_layer_mean_cosine"] = baseline.cosine
    every = sample.everything
    return tidy(columns, n=len(every.values), excluded=every.excluded, unit=DEGREES)
