"""Whether conditions differ: at the targets in all, in which layers, and at the tokens after them.

The texts' table names the conditions (`--contrast COLUMN`) and what belongs together (`--pair
COLUMN`): then they are compared within items, else as groups of texts of their own.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import draw_fitting_profile
from odograph.folder.document_names import document_names
from odograph.folder.run import Run
from odograph.folder.samples.condition_words import word_cells
from odograph.folder.samples.conditions import (
    AFTER,
    ConditionMeans,
    are_paired,
    conditions_beside_twins,
)
from odograph.folder.samples.two_conditions import TwoConditions, compared
from odograph.folder.selection import Floats
from odograph.folder.targets import has_targets
from odograph.measures import MEASURES
from odograph.sentences.conditions import (
    COMPARISONS,
    condition_note,
    groups_words,
    place_words,
    subject_words,
)
from odograph.sentences.english import capital
from odograph.sentences.nulls import as_in_twins, seeds_beside
from odograph.sentences.record import PRIMARY
from odograph.sentences.seeds import scope_words
from odograph.statistics.designs.conditions import paired_conditions
from odograph.statistics.designs.crossed import FEWEST_WORDS, is_nested, means_of_words
from odograph.statistics.values import Comparison
from odograph.studies.claim import Claim
from odograph.studies.curves import mean_curve, twin_bands
from odograph.studies.defaults import FindingDefaults
from odograph.studies.phrases import twin_null
from odograph.studies.questions.layers import LARGEST
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.single_tests import crossed_claim
from odograph.studies.tidy import Columns, stacked, tidy


def conditions(asked: Quantity, weight: int = PRIMARY) -> Section:
    """The conditions of a run compared with each other; nothing where it has none.

    weight: of one number a document; `PRIMARY` where no other test of the study is primary then.
    """

    def section(analysis: Analysis) -> Answer:
        run = analysis.run
        column = run.manifest["config"].get("contrast")
        if column is None:
            return Answer()
        read = partial(conditions_beside_twins, run, asked.expression, asked.from_layer)
        at = read((0,))
        paired = are_paired(run, at[0])
        against = partial(compared, paired=paired, seed=run.seed)
        totals, layers = against([_totals(asked, means) for means in at]), against(at)
        claims: list[Claim | None] = [_total(analysis, asked, one, weight) for one in totals]
        claims += [_largest_layer(analysis, asked, one, (0,)) for one in layers]
        if has_targets(run):
            after = against(read(AFTER))
            claims += [_largest_layer(analysis, asked, one, AFTER) for one in after]
        note = condition_note(column, run.manifest["config"].get("pair"), paired=paired)
        return Answer(
            [claim for claim in claims if claim is not None],
            [_plot(analysis, asked, at)],
            _tables(analysis, asked, layers),
            [note],
            designed=weight == PRIMARY,
        )

    return section


def _totals(asked: Quantity, means: Sequence[ConditionMeans]) -> tuple[ConditionMeans, ...]:
    """One number a document in place of its layers."""
    return tuple(replace(each, values=asked.of_layers(each.values)[:, None]) for each in means)


def _total(analysis: Analysis, asked: Quantity, found: TwoConditions, weight: int) -> Claim:
    """One number a document; with several target words as a random factor that of words, too."""
    by_word = found.paired and has_targets(analysis.run)
    place = groups_words(paired=found.paired)
    of_words = _of_words(analysis, asked, found, place) if by_word else None
    claim = of_words or _claim(analysis, asked, found, 0, asked.total, place)
    return replace(claim, finding=replace(claim.finding, weight=weight))


def _of_words(
    analysis: Analysis, asked: Quantity, found: TwoConditions, place: str
) -> Claim | None:
    """The same over words, or over words and documents; None where no word comes twice.

    Then the document stands for its words. Of fewer than 6 words what is found holds for these.
    """
    run = analysis.run
    column = run.manifest["config"]["contrast"]
    cells = word_cells(run, asked.expression, column, asked.from_layer, found.levels)
    kept = np.isin(cells.documents, found.documents[0])
    words, documents = cells.words[kept], cells.documents[kept]
    sides = [asked.of_layers(side)[kept] for side in (cells.first, cells.second)]
    count = len(np.unique(words))
    if not count or count == len(words):
        return None
    if count < FEWEST_WORDS:
        claim = _claim(analysis, asked, found, 0, asked.total, place)
        return replace(claim, scope=scope_words(count))
    if is_nested(words, documents):
        means = [means_of_words(side, words)[:, None] for side in sides]
        test = paired_conditions(*means, seed=run.seed)
        names = tuple(np.unique(words))
        return _claim(analysis, asked, replace(found, test=test), 0, asked.total, place, names)
    claim = crossed_claim(
        _defaults(analysis, asked, found),
        (asked.total, *_names(analysis.run, found), place),
        sides[0] - sides[1],
        (words, documents),
        excluded=found.excluded,
        comparisons=found.comparisons,
    )
    return _beside(claim, found, 0)


def _largest_layer(
    analysis: Analysis, asked: Quantity, found: TwoConditions, places: Sequence[int]
) -> Claim | None:
    """The layer, of all places, in which two conditions differ most clearly."""
    column = found.test.largest
    if column is None:
        return None
    layers = found.test.difference.size // len(places)
    layer = asked.from_layer + column % layers
    place = place_words(asked.along, layer, places[column // layers])
    claim = _claim(analysis, asked, found, column, asked.measure, place)
    return replace(claim, places={LARGEST: layer})


def _defaults(analysis: Analysis, asked: Quantity, found: TwoConditions) -> FindingDefaults:
    measure = asked.expression if asked.expression in MEASURES else ""
    shared = analysis.defaults_over(found.test.units, excluded=found.excluded, unit=asked.unit)
    return replace(shared, measure=measure)


def _claim(
    analysis: Analysis,
    asked: Quantity,
    found: TwoConditions,
    column: int,
    measure: str,
    place: str,
    words: tuple[str, ...] = (),
) -> Claim:
    """The difference in one column, beside that of the twins; `words` are the units, if any."""
    test, defaults = found.test, _defaults(analysis, asked, found)
    if words:
        defaults = replace(defaults, unit_of_inference="word", excluded=0)
    fixed = len(test.difference) == 1
    members = COMPARISONS if fixed else "layers"
    interval = test.interval(column) if fixed else test.simultaneous(column)
    estimate = defaults.estimate(test.difference[column], interval, test.units)
    tested = test.tested(column, members, found.comparisons)
    said = Comparison(measure, *_names(analysis.run, found), place, estimate, tested)
    documents = found.documents[:1] if found.paired else found.documents
    units = words or document_names(analysis.run, np.concatenate(documents))
    seeds = found.seeds_of(column)
    finding = defaults.comparison(
        said,
        f"The same difference in twins: {seeds_beside(seeds, defaults.unit)}.",
        as_in_twins(estimate.value, seeds).strip(),
    )
    return _beside(Claim(finding, lambda: test.without(column), units), found, column)


def _beside(claim: Claim, found: TwoConditions, column: int) -> Claim:
    """The claim with the same difference in twins."""
    finding = replace(claim.finding, headline=capital(claim.finding.headline))
    seeds = None if found.seeds is None else (found.seeds, column)
    return replace(claim, finding=finding, seeds=seeds)


def _names(run: Run, found: TwoConditions) -> tuple[str, str]:
    """Whose values are compared, as they stand in a sentence."""
    column, follows = run.manifest["config"]["contrast"], has_targets(run)
    first, second = found.levels
    return (
        subject_words(column, first, follows=follows),
        subject_words("", second, follows=follows),
    )


def _plot(analysis: Analysis, asked: Quantity, read: Sequence[Sequence[ConditionMeans]]) -> Plot:
    """A curve a condition, and the twins of all of them as a band."""
    run, layers = analysis.run, np.arange(asked.from_layer, analysis.run.blocks + 1)
    column = run.manifest["config"]["contrast"]
    curves = [
        mean_curve(f"{column} {each.level}", layers, each.values, run.seed)
        for each in read[0]
        if len(each.documents)
    ]
    title = f"{capital(asked.measure)} by condition"
    drawing = later(
        draw_fitting_profile,
        curves,
        Labels(title, asked.along, asked.axis),
        bands=twin_bands(_all_of_twins(read[1:]), layers),
    )
    caption = "Mean of the documents of each condition at the targets, with its 95 % interval."
    return Plot(analysis.name(asked, "conditions"), title, caption, twin_null(run), drawing)


def _all_of_twins(twins: Sequence[Sequence[ConditionMeans]]) -> Floats | None:
    """The profiles of all conditions in each twin, as many of each; None without."""
    made = [np.concatenate([each.values for each in means]) for means in twins if means]
    most = min(map(len, made), default=0)
    return np.stack([each[:most] for each in made]) if most else None


def _tables(analysis: Analysis, asked: Quantity, found: Sequence[TwoConditions]) -> list[Table]:
    """One with a row a layer for every two conditions; none without such."""
    if not found:
        return []
    title = f"{capital(asked.measure)} of one condition minus another, by {asked.along}"
    made = stacked([_rows(analysis, asked, one) for one in found])
    return [Table(analysis.name(asked, "conditions"), title, made)]


def _rows(analysis: Analysis, asked: Quantity, found: TwoConditions) -> Columns:
    """Two conditions layer by layer, with their own n and test."""
    layers = np.arange(asked.from_layer, analysis.run.blocks + 1)
    first, second = (np.full(len(layers), level, dtype=object) for level in found.levels)
    columns = {"layer": layers, "first": first, "second": second}
    return tidy(
        columns | {name: read(found) for name, read in _COLUMNS.items()},
        n=found.test.units,
        excluded=found.excluded,
        unit=asked.unit,
        test=found.test.test,
        family=found.test.family,
        unit_of_inference=analysis.run.unit,
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
