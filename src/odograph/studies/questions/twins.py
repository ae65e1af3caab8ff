"""Whether a profile lies outside the band of its untrained twins, and how often a twin does.

Random networks differ among themselves, and few seeds make a narrow band: one more network with
random weights lies outside it in many a layer. So each twin is held against the others as well.
"""

import numpy as np

from odograph.folder.selection import Floats
from odograph.sentences.english import layers_named
from odograph.sentences.nulls import twins_words
from odograph.sentences.numbers import quantity
from odograph.statistics.intervals import band, mean_intervals
from odograph.studies.claim import Claim
from odograph.studies.sample import Quantity, Sample
from odograph.studies.section import Analysis, Answer, Section


def outside(low: Floats, high: Floats, twins: Floats) -> Floats:
    """+1 where an interval lies above the 5-95 % band of the twins' passages, -1 below, else 0.

    low, high: [L], NaN for no interval (0 there); twins: [twins, passages, L].
    """
    below, above = band(twins.reshape(-1, twins.shape[-1]))
    return np.asarray((low > above).astype(float) - (high < below))


def twins_outside(twins: Floats, seed: int) -> tuple[int, ...]:
    """In how many layers each twin lies outside the band of the others; () for fewer than two.

    Where a twin has too few passages for an interval its mean stands for it.
    """
    if len(twins) < 2:
        return ()
    counts = []
    for index, own in enumerate(twins):
        mean = np.nanmean(own, axis=0)
        bounds = mean_intervals(own, seed=seed)
        low, high = (np.where(np.isfinite(b), b, mean) for b in bounds)
        counts.append(int((outside(low, high, np.delete(twins, index, axis=0)) != 0).sum()))
    return tuple(counts)


def among_twins(counts: tuple[int, ...]) -> str:
    """How often a network with random weights lies outside the band of others of its kind."""
    if not counts:
        return "how far random networks differ among themselves is not known from one twin"
    few, many = min(counts), max(counts)
    numbers = str(few) if few == many else f"{few} to {many}"
    return f"each twin, held against the others, in {numbers}"


def beyond_twins(asked: Quantity) -> Section:
    """In which layers the leading profile leaves the band of its twins; nothing without twins."""

    def section(analysis: Analysis) -> Answer:
        sample = analysis.sample(asked)
        return (
            Answer() if sample.twins is None else Answer([_claim(analysis, sample, sample.twins)])
        )

    return section


def _claim(analysis: Analysis, sample: Sample, twins: Floats) -> Claim:
    """As the figure of the level draws it: intervals of the model, passages of the twins."""
    profiles, along, seed = sample.leading, sample.quantity.along, analysis.run.seed
    defaults, subject, first = analysis.defaults(sample), sample.subject, sample.layers[0]
    low, high = mean_intervals(profiles, seed=seed)
    side = outside(low, high, twins)
    distance = float(np.abs(profiles.mean(axis=0) - twins.mean(axis=(0, 1))).mean())
    who = twins_words(len(twins))
    where = (
        f"In {int((side != 0).sum())} of {len(side)} {along}s the 95 % interval of {subject} lies "
        f"outside the 5-95 % band of {who} (above it in {layers_named(side > 0, along, first)}; "
        f"below it in {layers_named(side < 0, along, first)}; "
        f"{among_twins(twins_outside(twins, seed))}). The"
    )
    statement = (
        f"{where if np.isfinite(low).any() else 'The'} mean distance of {subject} from the mean of "
        f"{who} is {quantity(distance, defaults.unit)} a {along} (descriptive, no test; "
        f"{defaults.sample})."
    )
    plain = (
        "A network with random weights has such a profile too; where the curve stays in its band, "
        "the architecture alone would give the same."
    )
    headline = (
        f"In {int((side != 0).sum())} of {len(side)} {along}s {subject} lies outside what "
        "untrained networks give"
    )
    return Claim(
        defaults.finding(statement, plain, distance, headline=headline, show={"minus": True})
    )
