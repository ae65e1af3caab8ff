"""Peaks of an angle's curve that outlier coordinates make, in sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from odograph.sentences.english import capital, listed
from odograph.sentences.evidence import described
from odograph.sentences.numbers import number, quantity
from odograph.sentences.readings import Outliers
from odograph.sentences.record import Words
from odograph.statistics.values import Estimate


@dataclass(frozen=True)
class LostPeak:
    """A peak of the curve as it is that is none without the outlier coordinates.

    Attributes:
        subject: what the curve is of: "rotation of a token".
        along, layer: where it is: "block", 25.
        raw, trimmed: how high it is there, with those coordinates and without.
        fall: the difference.
        peaks: all peaks of the curve by the title of the reading: layers and heights.
    """

    subject: str
    along: str
    layer: int
    raw: float
    trimmed: float
    fall: Estimate
    peaks: Mapping[str, Sequence[tuple[int, float]]]


def lost_peak_words(found: LostPeak, outliers: Outliers) -> Words:
    """That a peak is made by the outlier coordinates, and the peaks in every reading."""
    fall, raw = found.fall, quantity(found.raw, found.fall.unit)
    statement = (
        f"The {found.subject} peaks in {found.along} {found.layer} at {raw}; without the outlier "
        f"coordinates ({outliers.listed}) it is {number(found.trimmed)} there and no peak "
        f"(difference {number(fall.value)}; {described(fall, fall.unit)}). Peaks, which rise by a "
        f"quarter of their height or more: {_by_reading(found)}."
    )
    plain = (
        f"That the vector turns so much there is the doing of {len(outliers.coordinates)} of its "
        f"{outliers.width} numbers; the others turn about as much as elsewhere."
    )
    headline = (
        f"{capital(found.along)} {found.layer}'s peak is made by {outliers.counted}: {raw} with "
        f"them, {number(found.trimmed)} without"
    )
    return Words(statement, plain, headline)


def _by_reading(found: LostPeak) -> str:
    """Every peak with its height: "as it is blocks 1 (82.2), 25 (32.5) and 30 (33.4); ..."."""
    told = []
    for title, peaks in found.peaks.items():
        each = [f"{layer} ({number(height)})" for layer, height in peaks]
        along = f"{found.along}{'s' if len(each) > 1 else ''}"
        told.append(f"{title} {f'{along} {listed(each)}' if each else 'none'}")
    return "; ".join(told)
