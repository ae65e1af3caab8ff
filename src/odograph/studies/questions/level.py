"""How much there is of a quantity, in all and layer by layer, beside its nulls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve, draw_fitting_profile
from odograph.folder.run_words import no_pair_because, remedy_for_pairs, under
from odograph.folder.selection import Floats
from odograph.sentences.differences import first_short
from odograph.sentences.english import capital, several
from odograph.sentences.evidence import interval_words, over_units
from odograph.sentences.nulls import beside_twins
from odograph.sentences.numbers import number, quantity
from odograph.statistics.intervals import mean_interval
from odograph.studies.claim import Claim
from odograph.studies.curves import mean_curve, null_bands
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Quantity, Sample
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.tidy import mean_columns, tidy


@dataclass(frozen=True)
class LevelWords:
    """What a study says of a level in its own words.

    {subject}, {value}, {most} and {least} stand for whose it is, how much, and the layers with most
    and least of it.

    Attributes:
        sentence: a clause with {subject} and {value}.
        plain: sentences for a student.
        title: of the figure; may hold {subject}.
        more: what the figure's caption says besides, to follow a clause.
        axis: label of the figure's axis; "" for the quantity's own.
    """

    sentence: str
    plain: str
    title: str
    more: str = ""
    axis: str = ""


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
    spoken = words or LevelWords(
        f"the {asked.measure} of {{subject}} is {{value}}",
        f"The {asked.measure} of {{subject}} is about {{value}}; it is largest in {asked.along} "
        "{most} and smallest in {least}.",
        f"{capital(asked.measure)} of {{subject}} by {asked.along}",
    )

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
    defaults, asked, totals = analysis.defaults(sample), sample.quantity, sample.totals
    by_layer = sample.leading.mean(axis=0)
    most, least = int(np.argmax(by_layer)), int(np.argmin(by_layer))
    twins = None if sample.nulls.twins is None else asked.of_layers(sample.nulls.twins)
    interval = mean_interval(totals, seed=analysis.run.seed)
    fields = {
        "subject": sample.subject,
        "value": quantity(float(totals.mean()), asked.unit),
        "most": sample.layers[most],
        "least": sample.layers[least],
    }
    statement = (
        f"{_over(sample)}{under(analysis.run)}, {words.sentence.format(**fields)} "
        f"({interval_words(interval, asked.unit)}; {defaults.sample}): most "
        f"in {asked.along} {fields['most']} ({quantity(by_layer[most], asked.unit)}), least in "
        f"{asked.along} {fields['least']} ({quantity(by_layer[least], asked.unit)}); "
        f"{beside_twins(twins, asked.unit)}."
    )
    if sample.alone is not None:
        why = capital(no_pair_because(analysis.run))
        statement = f"{statement} {why}. {remedy_for_pairs(analysis.run)}"
    plain, said = words.plain.format(**fields), words.sentence.format(**fields)
    headline = f"{_over(sample)}, {said}"
    finding = defaults.finding(
        statement,
        plain,
        float(totals.mean()),
        interval,
        headline=first_short(f"{headline}{_untrained(twins)}", headline),
    )
    places = {"peak": int(sample.layers[most]), "low": int(sample.layers[least])}
    tested = sample.total_over_seeds
    return Claim(finding, places=places, seeds=None if tested is None else (tested, 0))


def _untrained(twins: Floats | None) -> str:
    """What twins give, to follow the headline."""
    return "" if twins is None else f"; untrained {number(float(twins.mean()))}"


def _over(sample: Sample) -> str:
    """What the layers are that one number stands for."""
    blocks = sample.run.blocks
    if sample.quantity.summed:
        return f"Over {several(blocks, 'block')}"
    if sample.quantity.from_layer == 0:
        return f"Averaged over the states 0 to {blocks}"
    return f"Averaged over {several(len(sample.layers), 'block')}"


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
        "Grey: what the "
        "nulls give, 5 to 95 % with the mean as a thin line.",
        "; ".join(nulls.words),
        later(draw_fitting_profile, curves, labels, bands=nulls.bands),
    )
