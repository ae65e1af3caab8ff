"""Levels of one factor compared with each other, conditions or roles: claims, picture and table.

Roles are those that the texts mark (`--companion-columns`, the second `--marks`), read in the same
text: a pronoun and what it may stand for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import draw_fitting_profile
from odograph.folder.document_names import document_names
from odograph.folder.run_words import twin_null
from odograph.folder.samples.companions import companion_names, roles_beside_twins
from odograph.folder.samples.conditions import ConditionMeans
from odograph.folder.samples.two_conditions import TwoConditions, compared
from odograph.folder.selection import Floats
from odograph.measures import MEASURES
from odograph.sentences.companions import COMPANION_NOTE, IN_THE_SAME_TEXTS, role_words
from odograph.sentences.conditions import COMPARISONS, place_words
from odograph.sentences.english import capital
from odograph.sentences.nulls import as_in_twins, same_in_twins
from odograph.statistics.values import Comparison
from odograph.studies.claim import Claim
from odograph.studies.curves import mean_curve, twin_bands
from odograph.studies.defaults import FindingDefaults
from odograph.studies.questions.layers import LARGEST
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, stacked, tidy


@dataclass(frozen=True, eq=False)
class Levels:
    """What is compared, and what its levels are called.

    Attributes:
        analysis: the study at work.
        asked: the quantity.
        key: of figures and tables: "conditions".
        by: what the levels are of, in a title: "condition".
        subjects: two of them as they stand in a sentence.
        label: one of them in a legend.
        caption: of the picture.
    """

    analysis: Analysis
    asked: Quantity
    key: str
    by: str
    subjects: Callable[[str, str], tuple[str, str]]
    label: Callable[[str], str]
    caption: str

    @property
    def name(self) -> str:
        """Of its picture and its table."""
        return self.analysis.name(self.asked, self.key)


def totals(asked: Quantity, means: Sequence[ConditionMeans]) -> tuple[ConditionMeans, ...]:
    """One number a document in place of its layers."""
    return tuple(replace(each, values=asked.of_layers(each.values)[:, None]) for each in means)


def largest_layer(levels: Levels, found: TwoConditions, places: Sequence[int]) -> Claim | None:
    """The layer, of all places, in which two levels differ most clearly."""
    column = found.test.largest
    if column is None:
        return None
    asked, layers = levels.asked, found.test.difference.size // len(places)
    layer = asked.from_layer + column % layers
    place = place_words(asked.along, layer, places[column // layers])
    claim = difference_claim(levels, found, column, (asked.measure, place))
    return replace(claim, places={LARGEST: layer})


def level_defaults(levels: Levels, found: TwoConditions) -> FindingDefaults:
    """What findings about two levels share."""
    analysis, asked = levels.analysis, levels.asked
    measure = asked.expression if asked.expression in MEASURES else ""
    shared = analysis.defaults_over(found.test.units, excluded=found.excluded, unit=asked.unit)
    return replace(shared, measure=measure)


def difference_claim(
    levels: Levels,
    found: TwoConditions,
    column: int,
    said: tuple[str, str],
    words: tuple[str, ...] = (),
) -> Claim:
    """The difference in one column, beside that of the twins.

    said: the measure, and where; words: the units, where they are words.
    """
    (measure, place), run = said, levels.analysis.run
    test, defaults = found.test, level_defaults(levels, found)
    if words:
        defaults = replace(defaults, unit_of_inference="word", excluded=0)
    fixed = len(test.difference) == 1
    members = COMPARISONS if fixed else "layers"
    interval = test.interval(column) if fixed else test.simultaneous(column)
    estimate = defaults.estimate(test.difference[column], interval, test.units)
    tested = test.tested(column, members, found.comparisons)
    compared = Comparison(measure, *levels.subjects(*found.levels), place, estimate, tested)
    documents = found.documents[:1] if found.paired else found.documents
    units = words or document_names(run, np.concatenate(documents))
    seeds = found.seeds_of(column)
    finding = defaults.comparison(
        compared,
        same_in_twins(seeds, defaults.unit),
        as_in_twins(estimate.value, seeds).strip(),
    )
    return beside_level_twins(Claim(finding, lambda: test.without(column), units), found, column)


def beside_level_twins(claim: Claim, found: TwoConditions, column: int) -> Claim:
    """The claim with the same difference in twins."""
    finding = replace(claim.finding, headline=capital(claim.finding.headline))
    seeds = None if found.seeds is None else (found.seeds, column)
    return replace(claim, finding=finding, seeds=seeds)


def levels_plot(levels: Levels, read: Sequence[Sequence[ConditionMeans]]) -> Plot:
    """A curve a level, and the twins of all of them as a band."""
    run, asked = levels.analysis.run, levels.asked
    layers = np.arange(asked.from_layer, run.blocks + 1)
    curves = [
        mean_curve(levels.label(each.level), layers, each.values, run.seed)
        for each in read[0]
        if len(each.documents)
    ]
    title = f"{capital(asked.measure)} by {levels.by}"
    drawing = later(
        draw_fitting_profile,
        curves,
        Labels(title, asked.along, asked.axis),
        bands=twin_bands(_all_of_twins(read[1:]), layers),
    )
    return Plot(levels.name, title, levels.caption, twin_null(run), drawing)


def _all_of_twins(twins: Sequence[Sequence[ConditionMeans]]) -> Floats | None:
    """The profiles of all levels in each twin, as many of each; None without."""
    made = [np.concatenate([each.values for each in means]) for means in twins if means]
    most = min(map(len, made), default=0)
    return np.stack([each[:most] for each in made]) if most else None


def levels_tables(levels: Levels, found: Sequence[TwoConditions]) -> list[Table]:
    """One with a row a layer for every two levels; none without such."""
    asked = levels.asked
    if not found:
        return []
    title = f"{capital(asked.measure)} of one {levels.by} minus another, by {asked.along}"
    made = stacked([_rows(levels, one) for one in found])
    return [Table(levels.name, title, made)]


def _rows(levels: Levels, found: TwoConditions) -> Columns:
    """Two levels layer by layer, with their own n and test."""
    run, asked = levels.analysis.run, levels.asked
    layers = np.arange(asked.from_layer, run.blocks + 1)
    first, second = (np.full(len(layers), level, dtype=object) for level in found.levels)
    columns = {"layer": layers, "first": first, "second": second}
    return tidy(
        columns | {name: read(found) for name, read in _COLUMNS.items()},
        n=found.test.units,
        excluded=found.excluded,
        unit=asked.unit,
        test=found.test.test,
        family=found.test.family,
        unit_of_inference=run.unit,
    )


_COLUMNS: dict[str, Callable[[TwoConditions], Floats]] = {
    "difference": lambda each: each.test.difference,
    "low": lambda each: each.test.low,
    "high": lambda each: each.test.high,
    "p": lambda each: each.test.p,
    "p_max_t": lambda each: each.test.p_max,
    "untrained": lambda each: (
        np.full(len(each.test.difference), np.nan)
        if each.seeds is None
        else each.seeds.twins.mean(axis=0)
    ),
}


def companions(analysis: Analysis, asked: Quantity) -> Answer:
    """Targets and companions compared with each other; nothing where none are marked."""
    run, names = analysis.run, companion_names(analysis.run)
    if not names:
        return Answer()
    levels = _roles(analysis, asked)
    read = roles_beside_twins(run, asked.expression, asked.from_layer, names)
    against = partial(compared, paired=True, seed=run.seed)
    whole, layers = against([totals(asked, means) for means in read]), against(read)
    said = asked.total, IN_THE_SAME_TEXTS
    claims = [difference_claim(levels, one, 0, said) for one in whole]
    largest = [largest_layer(levels, one, (0,)) for one in layers]
    return Answer(
        [*claims, *(claim for claim in largest if claim is not None)],
        [levels_plot(levels, read)],
        levels_tables(levels, layers),
        [COMPANION_NOTE],
    )


def _roles(analysis: Analysis, asked: Quantity) -> Levels:
    """The roles as sentences, legend and captions name them."""
    return Levels(
        analysis,
        asked,
        "companions",
        "role",
        lambda first, second: (role_words(first), role_words(second)),
        role_words,
        "Mean of the documents at targets and at each of their companions, with its 95 % interval.",
    )
