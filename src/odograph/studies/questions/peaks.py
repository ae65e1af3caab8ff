"""Which peaks of an angle's curve are made, and which are hidden, by outlier coordinates."""

from collections.abc import Mapping

import numpy as np

from odograph.folder.run_words import outliers_of
from odograph.measures import TRIMMED
from odograph.sentences.english import listed
from odograph.sentences.evidence import interval_words
from odograph.sentences.numbers import number, quantity
from odograph.sentences.readings import Outliers
from odograph.statistics.intervals import mean_interval
from odograph.statistics.shapes.peaks import peaks_of
from odograph.studies.claim import Claim
from odograph.studies.sample import Sample
from odograph.studies.section import Analysis


def peaks(analysis: Analysis, samples: Mapping[str, Sample]) -> list[Claim]:
    """The raw peak that is no peak without the outlier coordinates; the one that falls most.

    samples: the same quantity by reading; "" is the raw one. Nothing where every peak stays, or
    where the trimmed reading is not there.
    """
    if TRIMMED not in samples:
        return []
    raw, trimmed = (samples[name].leading for name in ("", TRIMMED))
    lost = np.setdiff1d(peaks_of(raw.mean(axis=0)), peaks_of(trimmed.mean(axis=0)))
    if not len(lost):
        return []
    fall = (raw - trimmed).mean(axis=0)[lost]
    return [_claim(analysis, samples, int(lost[np.argmax(fall)]))]


def _claim(analysis: Analysis, samples: Mapping[str, Sample], index: int) -> Claim:
    """The peak at a place of the curves, as it is and without the outlier coordinates."""
    sample, outliers = samples[""], outliers_of(analysis.run)
    asked, layer = sample.quantity, int(sample.layers[index])
    raw, trimmed = (samples[name].leading[:, index] for name in ("", TRIMMED))
    fall = trimmed - raw
    interval = mean_interval(fall, seed=analysis.run.seed)
    defaults = analysis.defaults(sample)
    statement = (
        f"The {asked.measure} of {sample.subject} peaks in {asked.along} {layer} at "
        f"{quantity(raw.mean(), asked.unit)}; without the outlier coordinates "
        f"({outliers.listed}) it is {number(trimmed.mean())} there and no peak (difference "
        f"{number(fall.mean())}; {interval_words(interval, asked.unit)}; {defaults.sample}; "
        f"descriptive, no test). Peaks, which rise by a quarter of their height or more: "
        f"{_by_reading(samples, outliers)}."
    )
    plain = (
        f"That the vector turns so much there is the doing of {len(outliers.coordinates)} of its "
        f"{outliers.width} numbers; the others turn about as much as elsewhere."
    )
    made = defaults.finding(
        statement,
        plain,
        float(fall.mean()),
        interval,
        headline=f"{asked.along.capitalize()} {layer}'s peak is made by {outliers.counted}: "
        f"{quantity(raw.mean(), asked.unit)} with them, {number(trimmed.mean())} without",
        estimate_of="difference",
        null="the same angle with all coordinates",
        data={
            "coordinates": len(outliers.coordinates),
            "width": outliers.width,
            "with": float(raw.mean()),
            "without": float(trimmed.mean()),
        },
    )
    return Claim(made)


def _by_reading(samples: Mapping[str, Sample], outliers: Outliers) -> str:
    """Every peak with its height: "as it is blocks 1 (82.2), 25 (32.5) and 30 (33.4); ..."."""
    told = []
    for name, sample in samples.items():
        mean, along = sample.leading.mean(axis=0), sample.quantity.along
        found = [f"{sample.layers[p]} ({number(mean[p])})" for p in peaks_of(mean)]
        named = f"{along}{'s' if len(found) > 1 else ''} {listed(found)}" if found else "none"
        told.append(f"{outliers.title(name)} {named}")
    return "; ".join(told)
