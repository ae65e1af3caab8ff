"""What is said of an angle in its readings: how much it is in each, and whether a finding survives.

Raw is the angle as it is; *trimmed* it is taken without the outlier coordinates of the run,
*centred* about the mean state of the layer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from odograph.measures import CENTRED, TRIMMED
from odograph.sentences.english import capital, listed, several
from odograph.sentences.numbers import coefficient, number, p_value, percent, with_width
from odograph.sentences.record import Finding, Reading
from odograph.statistics.intervals import Floats
from odograph.statistics.permutation import ALPHA


@dataclass(frozen=True)
class Outliers:
    """The outlier coordinates of a run, and how many coordinates there are."""

    coordinates: Sequence[int]
    width: int

    @property
    def counted(self) -> str:
        """How many they are: "3 of 576 coordinates"."""
        return f"{len(self.coordinates)} of {several(self.width, 'coordinate')}"

    @property
    def listed(self) -> str:
        """Which they are: "17, 507 and 247 of 576"."""
        return f"{listed(self.coordinates)} of {self.width}"

    def title(self, reading: str) -> str:
        """A reading in a figure; the raw one has no name."""
        return {TRIMMED: f"without {self.counted}", CENTRED: "about the mean state"}.get(
            reading, "as it is"
        )


@dataclass(frozen=True)
class OutliersOfModels(Outliers):
    """The outlier coordinates of several models, each with its own; `own` says which, by name."""

    own: str = ""

    @property
    def counted(self) -> str:
        """Whose they are."""
        return "each model's outlier coordinates"

    @property
    def listed(self) -> str:
        """Which they are: "gpt2: none; smollm2: 17 and 507 of 576"."""
        return self.own


def survival(led: Finding, places: Mapping[str, int], readings: Sequence[Reading]) -> bool | None:
    """Whether a finding says the same in every reading.

    Of what is tested: the same sign and an adjusted p below .05; and of what names layers: the same
    layers. None where there is nothing to survive: a test that shows nothing, or a description that
    names no layer.
    """
    if not readings or led.estimate is None or (led.tested and not _shown(led.p_adjusted)):
        return None
    if not led.tested and not places:
        return None
    return not any(_lost(led, places, reading) for reading in readings)


def _shown(p: float | None) -> bool:
    return p is not None and p < ALPHA


def _lost(led: Finding, places: Mapping[str, int], reading: Reading) -> str:
    """What of a finding is lost in a reading: its test, its sign, a layer; "" for nothing."""
    if against := reading.against(led):
        return against
    if reading.estimate is None or (led.tested and not _shown(reading.p_adjusted)):
        return "test"
    return next((what for what in places if reading.places.get(what) != places[what]), "")


def evidence_against(
    led: Finding,
    places: Mapping[str, int],
    readings: Sequence[Reading],
    outliers: Outliers,
    along: str,
) -> str:
    """Why a finding does not survive, by the first reading in which it does not; else "".

    "block 25's peak is made by 3 of 576 coordinates: without them block 30".
    """
    for reading in readings:
        lost = _lost(led, places, reading)
        if lost in ("sign", "test"):
            return _lost_words(lost, outliers.title(reading.name))
        if lost and reading.name == TRIMMED:
            made = f"{along} {places[lost]}'s {lost} is made by {outliers.counted}"
            return f"{made}: without them {along} {reading.places.get(lost, 'none')}"
        if lost:
            other = f"{along} {reading.places.get(lost, 'none')}"
            return f"about the mean state the {lost} is in {other}, not {places[lost]}"
    return ""


def with_like_pieces(led: Finding, like: Reading | None, whole: str) -> Finding:
    """A difference with what it is among words of like pieces, and whether it survives that.

    like: None where all pairs are such, or too few are left; whole: what it is taken among.
    """
    if like is None:
        return led
    survives, lost = survival(led, {}, [like]), _lost(led, {}, like)
    against = (_lost_words(lost, f"among {whole}"),) if survives is False else ()
    return replace(led, readings=(like,), survives=survives, evidence=(*led.evidence, *against))


def _lost_words(lost: str, where: str) -> str:
    return f"{'of the other sign' if lost == 'sign' else 'not shown'} {where}"


def in_every_reading(readings: Sequence[Reading], unit: str, outliers: Outliers, along: str) -> str:
    """How much it is in the other readings, as a sentence."""
    names = {
        TRIMMED: f"without the outlier coordinates ({outliers.listed})",
        CENTRED: "about the mean state",
    }
    told = [f"{names[one.name]} {_how_much(one, unit, along)}" for one in readings]
    return f"The same, {'; '.join(told)}."


def _how_much(reading: Reading, unit: str, along: str) -> str:
    if reading.estimate is None:
        return "no number"
    shown, bounds = number(reading.estimate), ""
    if reading.interval is not None:
        shown, low, high = with_width([reading.estimate], *reading.interval, "")
        bounds = f"{low} to {high}"
    p = None if reading.p_adjusted is None else p_value(reading.p_adjusted)
    places = [f"{what} in {along} {place}" for what, place in reading.places.items()]
    more = ", ".join(filter(None, [bounds, p, *places]))
    said = shown if unit == "1" else f"{shown} {unit}"
    return f"{said} ({more})" if more else said


def readings_note(outliers: Outliers, pilot: Mapping[str, Any], least: float) -> str:
    """Which coordinates are left out, and why: their own share, or that of models beside.

    Args:
        outliers: of the run.
        pilot: what the manifest says of it.
        least: the share from which a coordinate is an outlier.
    """
    shares = dict(zip(outliers.coordinates, pilot["peaks"], strict=True))
    own = {place: share for place, share in shares.items() if share >= least}
    others = {place: share for place, share in shares.items() if share < least}
    told = []
    if own:
        counted = Outliers(tuple(own), outliers.width).counted
        told.append(
            f"{capital(counted)} hold a quarter or more of the squared length of a state at some "
            f"layer, on average over {several(pilot['tokens'], 'token')}: {_up_to(own)}."
        )
    if others:
        told.append(f"Outliers of models that it was measured with: {_up_to(others)}.")
    return (
        f"{' '.join(told)} Angles are read as they are, without these coordinates, and about the "
        "layer's mean state; the tests are those of the angles as they are."
    )


def _up_to(shares: Mapping[int, float]) -> str:
    """Coordinates with their shares: "17 (up to 64 %), 507 (up to 40 %)"."""
    return ", ".join(f"{place} (up to {percent(share)})" for place, share in shares.items())


def extreme_cosines(cosines: Floats) -> str:
    """The least and the largest, with their states: ".12 (state 0) to .91 (state 22)"."""
    if not np.isfinite(cosines).any():
        return ""
    least, most = int(np.nanargmin(cosines)), int(np.nanargmax(cosines))
    low, high = coefficient(cosines[least]), coefficient(cosines[most])
    return f"{low} (state {least}) to {high} (state {most})"
