"""Rotation against chance: states that have nothing to do with each other, and tokens alike."""

from collections.abc import Sequence

import numpy as np

from odograph.figures.angles import Angles, Density, draw_angles
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band
from odograph.folder.drawn_pairs import drawn_angles
from odograph.folder.readings import angle_readings
from odograph.folder.run_words import outliers_of
from odograph.folder.samples.drawn_nulls import Null, rotation_nulls
from odograph.folder.samples.nulls import random_order_columns
from odograph.sentences.record import Reading
from odograph.sentences.rotation import unrelated_states
from odograph.statistics.space.isotropic import isotropic_angle_density
from odograph.studies.claim import Claim
from odograph.studies.questions.level import LevelNulls, usual_nulls
from odograph.studies.questions.readings import held
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Quantity, Sample
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.tidy import Columns, seed_columns, tidy

_WORDS = {
    "mismatched-step": "mismatched step: state before the block of one token, after it of another",
    "same-layer": "same layer, another passage",
    "any-position-any-layer": "any position, any layer",
    "matched-token": "matched token: like position, pieces and frequency",
}

#: The course's random control.
_CONTROL = "any-position-any-layer"
_IN_PROFILE = {"mismatched-step": "mismatched step", "matched-token": "matched tokens"}


def _nulls(analysis: Analysis) -> Sequence[Null]:
    matched = any(sample.groups is not None for sample in analysis.samples)
    return rotation_nulls(analysis.run, matched=matched)


def level_nulls(analysis: Analysis, sample: Sample) -> LevelNulls:
    """The usual ones, and behind them mismatched steps and matched tokens."""
    drawn, usual = analysis.once(_nulls), usual_nulls(analysis, sample)
    known = {null.name: null.by_layer for null in drawn}
    bands = [
        Band(label, sample.layers, **known[name])
        for name, label in _IN_PROFILE.items()
        if known.get(name)
    ]
    words = [band.label for band in bands]
    notes = [null.note for null in drawn if null.note]
    return LevelNulls([*usual.bands, *bands], [*usual.words, *words], notes)


def chance(asked: Quantity) -> Section:
    """The drawn pairs beside the curves, and against isotropic directions."""

    def section(analysis: Analysis) -> Answer:
        sample, nulls = analysis.sample(asked), analysis.once(_nulls)
        columns = tidy(
            _columns(sample, nulls),
            n=len(sample.leading),
            excluded=sample.excluded,
            unit=asked.unit,
        )
        table = Table("rotation_nulls", "Rotation and nulls by layer (degrees)", columns)
        return Answer(_claims(analysis, sample, nulls), _plots(analysis, nulls), [table])

    return section


def _claims(analysis: Analysis, sample: Sample, nulls: Sequence[Null]) -> list[Claim]:
    """The course's random control against isotropic directions."""
    control = next((n for n in nulls if n.name == _CONTROL), None)
    if control is None or not len(control.angles):
        return []
    width = analysis.run.manifest["model"]["width"]
    finding = analysis.defaults(sample).finding_of(
        unrelated_states(control.angles, width),
        float(control.angles.mean()),
        n=len(control.angles),
        unit_of_inference="drawn pair",
        excluded=0,
        null="isotropic directions",
        data={"isotropic": 90},
    )
    return [held(outliers_of(analysis.run), Claim(finding), _read(analysis), "state")]


def _read(analysis: Analysis) -> list[Reading]:
    """The mean angle of the random control in the other readings of an angle."""
    run = analysis.run
    return [
        Reading(name, float(drawn_angles(run, _CONTROL, name)[1].mean()), None)
        for name in angle_readings(run, "pairs")
    ]


def _plots(analysis: Analysis, nulls: Sequence[Null]) -> list[Plot]:
    names = (_CONTROL, "same-layer")
    samples = [
        Angles(_WORDS[null.name], null.angles)
        for name in names
        for null in nulls
        if null.name == name and len(null.angles)
    ]
    if not samples:
        return []
    width = int(analysis.run.manifest["model"]["width"])
    degrees = np.linspace(0, 180, 721)
    expected = Density(
        f"isotropic directions in {width} dimensions",
        degrees,
        isotropic_angle_density(degrees, width),
    )
    title = "Angles between states that have nothing to do with each other"
    return [
        Plot(
            "rotation_random",
            title,
            "Drawn pairs of tokens; sinks left out. The course's random control is 'any position, "
            "any layer'.",
            expected.label,
            later(
                draw_angles,
                samples,
                Labels(title, "angle (degrees)", "density (per degree)"),
                expectation=expected,
            ),
        )
    ]


def _columns(sample: Sample, nulls: Sequence[Null]) -> Columns:
    """One row a layer: mean, 5 and 95 % of every curve and null."""
    columns: Columns = {
        "layer": sample.layers,
        "mean_all_tokens": sample.everything.values.mean(axis=0),
    }
    if sample.alone is not None:
        columns["mean_target"] = sample.alone.values.mean(axis=0)
    if sample.groups is not None:
        columns["mean_target"] = sample.groups.pairs.target.mean(axis=0)
        columns["mean_non_target"] = sample.groups.pairs.control.mean(axis=0)
    columns |= seed_columns(sample.nulls.twins)
    columns |= random_order_columns(sample.nulls.shuffled)
    for null in nulls:
        key = null.name.replace("-", "_")
        columns |= {f"{key}_{what}": values for what, values in null.by_layer.items()}
        if null.cosine is not None:
            columns[f"{key}_mean_cosine"] = null.cosine
    return columns
