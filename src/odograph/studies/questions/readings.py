"""An angle in its readings: as it is, without the outlier coordinates, about the mean state.

The raw reading leads and keeps the test; the others say whether what it shows rests on a few
coordinates, or on what all states have in common. Where a run has no outlier coordinates nothing is
read again and nothing is said.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from odograph.errors import StudyError
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profiles import ProfilePanel, draw_profiles
from odograph.folder.drawn_pairs import mean_cosines
from odograph.folder.pilot import OUTLIER
from odograph.folder.readings import angle_readings, readings_of
from odograph.folder.run_words import outliers_of, twin_null
from odograph.folder.samples.nulls import null_columns
from odograph.folder.selection import Floats, profile_means
from odograph.measures import TRIMMED
from odograph.sentences.english import capital
from odograph.sentences.evidence import over_units
from odograph.sentences.peaks import LostPeak, lost_peak_words
from odograph.sentences.readings import (
    Outliers,
    OutliersOfModels,
    evidence_against,
    extreme_cosines,
    in_every_reading,
    readings_note,
    survival,
)
from odograph.sentences.record import Reading
from odograph.statistics.designs.one_sample import MeanProfile
from odograph.statistics.intervals import mean_interval
from odograph.statistics.shapes.peaks import peaks_of
from odograph.statistics.values import known, known_bounds
from odograph.studies.claim import Claim
from odograph.studies.curves import twin_bands
from odograph.studies.model_runner import ModelAnalysis, ModelSection
from odograph.studies.questions.level import leading_curves
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Quantity, Sample
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.tidy import mean_columns, tidy


def in_readings(make: Callable[[Quantity], Section], asked: Quantity) -> Section:
    """A section about an angle, each of its claims held against the same in the other readings."""

    def section(analysis: Analysis) -> Answer:
        answer = make(asked)(analysis)
        others = {
            name: make(sample.quantity)(analysis).claims
            for name, sample in _read(analysis, asked).items()
        }
        return replace(
            answer,
            claims=held_against(outliers_of(analysis.run), answer.claims, others, asked.along),
        )

    return section


def in_readings_of_models(section: ModelSection) -> ModelSection:
    """A section about an angle of models, each claim held against the same in the other readings.

    Models that were measured together, and are of one width, are read without the outlier
    coordinates of all of them, others without their own; each about its own mean states. A model
    that has none is read as it is.
    """

    def read(analysis: ModelAnalysis) -> Answer:
        answer = section(analysis)
        others = {
            name: section(replace(analysis, curves=curves)).claims
            for name, curves in analysis.read.items()
        }
        claims = held_against(_outliers_of_models(analysis), answer.claims, others, "depth")
        return replace(answer, claims=claims)

    return read


def _outliers_of_models(analysis: ModelAnalysis) -> Outliers:
    """Those of all; or whose are which: "gpt2: none; smollm2: 17 and 507 of 576"."""
    each = [outliers_of(run) for run in analysis.runs]
    if len({(one.width, *sorted(one.coordinates)) for one in each}) == 1:
        return each[0]
    own = [
        f"{name}: {one.listed if one.coordinates else 'none'}"
        for name, one in zip(analysis.names, each, strict=True)
    ]
    return OutliersOfModels((), 0, "; ".join(own))


def _read(analysis: Analysis, asked: Quantity) -> dict[str, Sample]:
    """The quantity in its other readings; one that lacks passages of the raw one is left out.

    That is where a state is nothing without its outlier coordinates.
    """
    units, found = len(analysis.sample(asked).leading), {}
    for name, column in readings_of(analysis.run, asked.expression).items():
        with suppress(StudyError):
            sample = analysis.sample(replace(asked, expression=column))
            if len(sample.leading) == units:
                found[name] = sample
    return found


def held_against(
    outliers: Outliers,
    claims: Sequence[Claim],
    others: Mapping[str, Sequence[Claim]],
    along: str,
) -> list[Claim]:
    """The claims with what each is in the other readings, whose claims stand in the same order.

    A reading with fewer or more claims is no reading of these.
    """
    alike = {name: made for name, made in others.items() if len(made) == len(claims)}
    return [
        held(outliers, claim, [_reading(name, made[index]) for name, made in alike.items()], along)
        for index, claim in enumerate(claims)
    ]


def _reading(name: str, claim: Claim) -> Reading:
    found = claim.finding
    return Reading(name, found.estimate, found.interval, found.p_adjusted, claim.places)


def mean_reading(name: str, values: Floats, places: Mapping[str, int], *, seed: int) -> Reading:
    """The mean over units, values [n], in a reading, with the layers that it names there."""
    interval = known_bounds(mean_interval(values, seed=seed))
    return Reading(name, float(values.mean()), interval, places=places)


def profile_reading(
    name: str, profile: MeanProfile, column: int, places: Mapping[str, int] | None = None
) -> Reading:
    """One column of a profile of means as a reading, with its simultaneous interval."""
    bounds, p = known_bounds(profile.simultaneous(column)), float(profile.p_max_t[column])
    return Reading(name, float(profile.mean[column]), bounds, known(p), places or {})


def held(outliers: Outliers, claim: Claim, readings: Sequence[Reading], along: str) -> Claim:
    """A claim with what it is in other readings, and whether it survives; as it is without any."""
    led = claim.finding
    if not readings or led.estimate is None:
        return claim
    survives, against = survival(led, claim.places, readings), ""
    if survives is False:
        against = evidence_against(led, claim.places, readings, outliers, along)
    said = [led.statement, in_every_reading(readings, led.unit, outliers, along)]
    if against:
        said.append(f"{capital(against)}.")
    found = replace(
        led,
        statement=" ".join(said),
        readings=(*led.readings, *readings),
        survives=led.survives is not False and survives,
        evidence=(*led.evidence, against) if against else led.evidence,
    )
    return replace(claim, finding=found)


def unrelated_tokens(analysis: Analysis) -> Answer:
    """How near any two tokens stand, as a note: what an angle must be seen against."""
    run = analysis.run
    said = extreme_cosines(mean_cosines(run))
    read = {name: extreme_cosines(mean_cosines(run, name)) for name in angle_readings(run, "pairs")}
    more = [f"; {outliers_of(run).title(name)} {words}" for name, words in read.items() if words]
    if not said:
        return Answer()
    return Answer(
        notes=[f"The mean cosine of any two measured tokens in a layer is {said}{''.join(more)}."]
    )


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
    return [_lost_peak(analysis, samples, int(lost[np.argmax(fall)]))]


def _lost_peak(analysis: Analysis, samples: Mapping[str, Sample], index: int) -> Claim:
    """The peak at a place of the curves, as it is and without the outlier coordinates."""
    sample, outliers = samples[""], outliers_of(analysis.run)
    asked, layer = sample.quantity, int(sample.layers[index])
    raw, trimmed = (samples[name].leading[:, index] for name in ("", TRIMMED))
    defaults, fall = analysis.defaults(sample), trimmed - raw
    interval = mean_interval(fall, seed=analysis.run.seed)
    estimate = defaults.estimate(fall.mean(), interval, defaults.n)
    found = LostPeak(
        f"{asked.measure} of {sample.subject}",
        asked.along,
        layer,
        float(raw.mean()),
        float(trimmed.mean()),
        estimate,
        {outliers.title(name): _peaks_of(own) for name, own in samples.items()},
    )
    made = defaults.finding_of(
        lost_peak_words(found, outliers),
        estimate.value,
        interval,
        estimate_of="difference",
        null="the same angle with all coordinates",
        data={
            "coordinates": len(outliers.coordinates),
            "width": outliers.width,
            "with": found.raw,
            "without": found.trimmed,
        },
    )
    return Claim(made)


def _peaks_of(sample: Sample) -> list[tuple[int, float]]:
    """The peaks of its curve: layers and heights."""
    mean = sample.leading.mean(axis=0)
    return [(int(sample.layers[peak]), float(mean[peak])) for peak in peaks_of(mean)]


def three_readings(asked: Quantity) -> Section:
    """The leading curve in its readings beside the twins; nothing without outlier coordinates."""

    def section(analysis: Analysis) -> Answer:
        others = _read(analysis, asked)
        if not others:
            return Answer()
        read = {"": analysis.sample(asked), **others}
        return Answer(
            peaks(analysis, read),
            plots=[_plot(analysis, asked, read)],
            tables=[_table(analysis, asked, read)],
            notes=[
                readings_note(outliers_of(analysis.run), analysis.run.manifest["pilot"], OUTLIER)
            ],
        )

    return section


def _plot(analysis: Analysis, asked: Quantity, read: Mapping[str, Sample]) -> Plot:
    outliers, subject = outliers_of(analysis.run), read[""].subject
    title = f"{capital(asked.measure)} of {subject} in its readings"
    panels = [
        ProfilePanel(
            outliers.title(name),
            leading_curves(sample),
            twin_bands(sample.nulls.twins, sample.layers),
        )
        for name, sample in read.items()
    ]
    over = over_units(len(read[""].leading), analysis.run.unit)
    return Plot(
        analysis.name(asked, "readings"),
        title,
        f"Mean {asked.measure} {over}: as it is, without the outlier"
        f" coordinates ({outliers.listed}), and about the mean state of each layer. Grey: "
        "untrained twins, read alike, 5 to 95 %.",
        twin_null(analysis.run),
        later(draw_profiles, panels, Labels(title, asked.along, asked.axis)),
    )


def _table(analysis: Analysis, asked: Quantity, read: Mapping[str, Sample]) -> Table:
    """One row a layer: the curve in each reading, what outliers hold, cosines of any two tokens."""
    run, sample = analysis.run, read[""]
    columns: dict[str, object] = {"layer": sample.layers}
    names = {reading: f"_{reading}" if reading else "" for reading in read}
    for reading, one in read.items():
        name = f"{asked.key}{names[reading]}"
        columns |= mean_columns(one.leading, run.seed, name)
        columns |= null_columns(name, one.nulls.twins)
    columns["outlier_share"] = profile_means(
        run, "outlier_share", from_layer=asked.from_layer
    ).values.mean(axis=0)
    for reading, name in names.items():
        columns[f"mean_cosine{name}"] = mean_cosines(run, reading)[asked.from_layer :]
    title = f"{capital(asked.measure)} of {sample.subject} in its readings, by {asked.along}"
    made = tidy(columns, n=len(sample.leading), excluded=sample.excluded, unit=asked.unit)
    return Table(analysis.name(asked, "readings"), title, made)
