"""The findings of the neighbours study: numbers of the run at hand, in the wording of one place."""

import numpy as np

from odograph.folder.card import Card
from odograph.sentences.record import Finding
from odograph.sentences.templates import counted, interval_words, number
from odograph.statistics.intervals import mean_interval, mean_intervals
from odograph.studies.beyond_twins import as_in_twins, beside_difference, beyond_the_band
from odograph.studies.differences import (
    course_tests,
    difference_of_curves,
    difference_of_means,
    largest_difference,
)
from odograph.studies.neighbours.hump_findings import hump_findings
from odograph.studies.neighbours.measured import Measured
from odograph.studies.neighbours.place_findings import place_findings
from odograph.studies.neighbours.wording import seeds_beside
from odograph.studies.phrases import beside_twins, twin_null, under
from odograph.studies.random_order import random_order_finding
from odograph.studies.reporting import Usual

STUDY = "neighbours"


def findings(measured: Measured, card: Card) -> list[Finding]:
    """All findings that the run allows, the leading one first."""
    usual = Usual(
        STUDY,
        card,
        n=len(measured.leading),
        null=twin_null(measured.run),
        excluded=measured.excluded,
        unit="degrees",
    )
    parts: list[Finding | None] = [_apart(measured, usual), *_differences(measured, usual)]
    parts += [
        _against_twin(measured, usual),
        _shuffled(measured, usual),
        _against_baseline(measured, usual),
    ]
    return [
        *(part for part in parts if part is not None),
        *place_findings(measured, usual),
        *hump_findings(measured, usual),
    ]


def _apart(measured: Measured, usual: Usual) -> Finding:
    """How far apart, averaged over the states, and where most and least."""
    mean, by_layer = measured.leading.mean(axis=1), measured.leading.mean(axis=0)
    interval = mean_interval(mean, seed=measured.run.seed)
    most, least = int(np.argmax(by_layer)), int(np.argmin(by_layer))
    twins = None if measured.twins is None else measured.twins.mean(axis=2)
    subject = measured.subject
    statement = (
        f"Averaged over the states 0 to {measured.run.blocks}{under(measured.run)}, {subject} "
        f"stand {number(mean.mean())} degrees apart ({interval_words(interval, 'degrees')}; "
        f"{usual.sample}; descriptive, no test): most in layer {most} "
        f"({number(by_layer[most])} degrees), least in layer {least} ({number(by_layer[least])} "
        f"degrees); {beside_twins(twins, 'degrees')}."
    )
    plain = (
        f"Inside a layer, the vectors of {subject} point about {number(mean.mean())} degrees "
        "apart on average: 0 would be the same direction, 90 a right angle."
    )
    return usual.finding(statement, plain, float(mean.mean()), interval)


def _differences(measured: Measured, usual: Usual) -> list[Finding | None]:
    """The target pair against other pairs, and what the twins show of the same difference."""
    groups = measured.groups
    if groups is None:
        return []
    mean = groups.differences.mean(axis=1)
    led = difference_of_means(usual, groups, mean, "layer-averaged angle")
    twins = measured.twins_difference
    return [
        beside_difference(led, None if twins is None else twins.mean(axis=2)),
        difference_of_curves(usual, groups),
        largest_difference(usual, groups),
        course_tests(usual, groups),
    ]


def _against_twin(measured: Measured, usual: Usual) -> Finding | None:
    if measured.twins is None:
        return None
    return beyond_the_band(
        usual,
        measured.subject,
        measured.leading,
        measured.twins,
        seed=measured.run.seed,
        along="layer",
    )


def _shuffled(measured: Measured, usual: Usual) -> Finding | None:
    """What of the angle goes with word order."""
    if measured.shuffled is None:
        return None
    names = "layer-averaged angle", measured.subject
    return random_order_finding(
        usual, measured.shuffled, names, seed=measured.run.seed, summed=False
    )


def _against_baseline(measured: Measured, usual: Usual) -> Finding | None:
    """Neighbours against tokens of different passages in the same layer."""
    if measured.baseline is None or measured.baseline.band.mean is None:
        return None
    baseline = np.asarray(measured.baseline.band.mean, dtype=float)
    mean = measured.everything.values.mean(axis=1)
    apart = mean - float(baseline.mean())
    interval = mean_interval(apart, seed=measured.run.seed)
    _, high = mean_intervals(measured.everything.values, seed=measured.run.seed)
    below = (
        f"; in {int((high < baseline).sum())} of {len(baseline)} layers the interval of neighbours "
        "lies below the baseline"
        if np.isfinite(high).any()
        else ""
    )
    statement = (
        f"Neighbouring tokens stand {number(mean.mean())} degrees apart, averaged over all layers, "
        f"and tokens of different passages {number(baseline.mean())} degrees (difference "
        f"{number(apart.mean())} degrees; {interval_words(interval, 'degrees')}; the "
        f"baseline of {measured.baseline.drawn} drawn pairs a layer taken as exact; "
        f"{_sample(measured)}; descriptive, no test: the number of drawn pairs is arbitrary)"
        f"{below}. The same difference in twins: {seeds_beside(measured.twins_baseline)}."
    )
    plain = (
        "States of a layer have a direction in common, so even tokens of different passages are "
        "no right angle apart; only what neighbours are closer than that belongs to the text and "
        "to their places in it." + as_in_twins(apart.mean(), measured.twins_baseline)
    )
    return usual.finding(
        statement,
        plain,
        float(apart.mean()),
        interval,
        n=len(mean),
        excluded=measured.everything.excluded,
        null="same layer, another passage",
    )


def _sample(measured: Measured) -> str:
    return counted(len(measured.everything.values), "passage", measured.everything.excluded)
