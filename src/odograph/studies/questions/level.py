"""How much there is of a quantity, in all and layer by layer, beside its nulls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve, draw_fitting_profile
from odograph.folder.run_words import no_pair_because, remedy_for_pairs, under
from odograph.sentences.english import capital
from odograph.sentences.evidence import over_units
from odograph.sentences.level import Level, LevelWords, level_words, over_layers, words_of
from odograph.statistics.intervals import mean_interval
from odograph.studies.claim import Claim
from odograph.studies.curves import mean_curve, null_bands
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Quantity, Sample
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.tidy import mean_columns, tidy


@dataclass(frozen=True)
class LevelNulls:
    """The nulls that the figure of a level shows: bands, and what they are in words."""

    bands: Sequence[Band]
    words: Sequence[str]
    notes: Sequence[str] = ()


def usual_nulls(analysis: Analysis, sample: Sample) -> LevelNulls:
    """The untrained twins, and the same words in random order."""
    return LevelNulls(null_bands(sample.nulls, sample.layers), [sample.nulls.words(analysis.run)])


def level_table(analysis: Analysis, sample: Sample) -> list[Table]:
    """One row a layer: mean and interval of the leading curve, and the means of its nulls."""
    values, asked = sample.leading, sample.quantity
    columns = {"layer": sample.layers, **mean_columns(values, analysis.run.seed, asked.key)}
    columns |= sample.nulls.columns(asked.key)
    title = f"{capital(asked.measure)} and its nulls by {asked.along}"
    made = tidy(columns, n=len(values), excluded=sample.excluded, unit=asked.unit)
    return [Table(analysis.name(asked, "level"), title, made)]


def level(
    asked: Quantity,
    words: LevelWords | None = None,
    *,
    nulls: Callable[[Analysis, Sample], LevelNulls] = usual_nulls,
    tables: Callable[[Analysis, Sample], list[Table]] | None = level_table,
) -> Section:
    """How much of the quantity there is: descriptive, beside its twins.

    Args:
        asked: the quantity.
        words: of the study; None for plain ones.
        nulls: gives those in the figure.
        tables: gives the tables; None where another section has them.
    """
    spoken = words or words_of(asked.measure, asked.along)

    def section(analysis: Analysis) -> Answer:
        sample = analysis.sample(asked)
        shown = nulls(analysis, sample)
        return Answer(
            [_claim(analysis, sample, spoken)],
            [_profile(analysis, sample, spoken, shown)],
            [] if tables is None else tables(analysis, sample),
            shown.notes,
        )

    return section


def _claim(analysis: Analysis, sample: Sample, words: LevelWords) -> Claim:
    """How much in all, and where most and least."""
    run, defaults, asked = analysis.run, analysis.defaults(sample), sample.quantity
    by_layer, layers, totals = sample.leading.mean(axis=0), sample.layers, sample.totals
    most, least = int(np.argmax(by_layer)), int(np.argmin(by_layer))
    estimate = defaults.estimate(totals.mean(), mean_interval(totals, seed=run.seed), defaults.n)
    twins, summed = sample.nulls.twins, asked.summed
    why = f"{capital(no_pair_because(run))}. {remedy_for_pairs(run)}"
    found = Level(
        sample.subject,
        estimate,
        over_layers(run.blocks, len(layers), summed=summed, from_layer=asked.from_layer),
        under(run),
        asked.along,
        (int(layers[most]), float(by_layer[most])),
        (int(layers[least]), float(by_layer[least])),
        None if twins is None else asked.of_layers(twins),
        "" if sample.alone is None else why,
    )
    finding = defaults.finding_of(level_words(words, found), estimate.value, estimate.interval)
    tested = sample.total_over_seeds
    return Claim(
        finding,
        places={"peak": found.most[0], "low": found.least[0]},
        seeds=None if tested is None else (tested, 0),
    )


def leading_curves(sample: Sample) -> list[Curve]:
    """The leading curve, and behind it that of the controls."""
    curves = [mean_curve(sample.subject, sample.layers, sample.leading, sample.run.seed)]
    if sample.groups is not None:
        name, values = sample.groups.control, sample.groups.pairs.control
        curves.append(mean_curve(name, sample.layers, values, sample.run.seed))
    return curves


def _profile(analysis: Analysis, sample: Sample, words: LevelWords, nulls: LevelNulls) -> Plot:
    asked, curves = sample.quantity, leading_curves(sample)
    title = words.title.format(subject=sample.subject)
    labels = Labels(title, asked.along, words.axis or asked.axis)
    return Plot(
        analysis.name(asked, "profile"),
        title,
        f"Mean {asked.measure} {over_units(len(sample.leading), sample.run.unit)}{words.more}. "
        "Grey: what the nulls give, 5 to 95 % with the mean as a thin line.",
        "; ".join(nulls.words),
        later(draw_fitting_profile, curves, labels, bands=nulls.bands),
    )
