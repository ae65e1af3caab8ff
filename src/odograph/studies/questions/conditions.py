"""Whether conditions differ: at the targets in all, in which layers, and at the tokens after them.

The texts' table names the conditions (`--contrast COLUMN`) and what belongs together (`--pair
COLUMN`): then they are compared within items, else as groups of texts of their own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import draw_fitting_profile
from odograph.folder.document_names import document_names
from odograph.folder.run import Run
from odograph.folder.samples.conditions import (
    AFTER,
    ConditionMeans,
    condition_levels,
    condition_means,
)
from odograph.folder.selection import Floats, Ints
from odograph.folder.targets import has_targets
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
from odograph.statistics.designs.conditions import (
    ConditionTest,
    paired_conditions,
    separate_conditions,
)
from odograph.statistics.designs.seeds import SeedTest, seed_test
from odograph.statistics.values import Comparison
from odograph.studies.claim import Claim
from odograph.studies.curves import mean_curve, twin_bands
from odograph.studies.phrases import twin_null
from odograph.studies.questions.layers import LARGEST
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.tidy import tidy


@dataclass(frozen=True, eq=False)
class _Contrast:
    """Two conditions, at one place or at several: what is compared, and how.

    Attributes:
        asked: the quantity.
        levels: the two conditions.
        names: whose values they are, as they stand in a sentence.
        documents: of the first and of the second; the same where they are paired.
        test: of all columns.
        seeds: the same difference against that of the twins; None without twins.
        paired: whether units are compared with themselves.
        comparisons: how many pairs of conditions there are.
    """

    asked: Quantity
    levels: tuple[str, str]
    names: tuple[str, str]
    documents: tuple[Ints, Ints]
    test: ConditionTest
    seeds: SeedTest | None
    paired: bool
    comparisons: int


def conditions(asked: Quantity) -> Section:
    """The conditions of a run compared with each other; nothing where it has none."""

    def section(analysis: Analysis) -> Answer:
        run = analysis.run
        column = run.manifest["config"].get("contrast")
        if column is None:
            return Answer()
        at = _read(run, asked, (0,))
        paired = _is_paired(run, at[0])
        totals = _compared(run, asked, [_totals(asked, m) for m in at], paired=paired)
        layers = _compared(run, asked, at, paired=paired)
        claims: list[Claim | None] = [_total_claim(analysis, each) for each in totals]
        claims += [_layer_claim(analysis, each, (0,)) for each in layers]
        if has_targets(run):
            after = _compared(run, asked, _read(run, asked, AFTER), paired=paired)
            claims += [_layer_claim(analysis, each, AFTER) for each in after]
        note = condition_note(column, run.manifest["config"].get("pair"), paired=paired)
        return Answer(
            [claim for claim in claims if claim is not None],
            [_plot(analysis, asked, at)],
            [_table(analysis, asked, layers)],
            [note],
        )

    return section


def _read(run: Run, asked: Quantity, places: Sequence[int]) -> list[tuple[ConditionMeans, ...]]:
    """The means of each condition in the run, then in each untrained twin."""
    column = run.manifest["config"]["contrast"]
    levels = condition_levels(run, column)
    return [
        condition_means(
            one, asked.expression, column, asked.from_layer, levels=levels, places=places
        )
        for one in (run, *run.untrained)
    ]


def _totals(asked: Quantity, means: Sequence[ConditionMeans]) -> tuple[ConditionMeans, ...]:
    """One number a document in place of its layers."""
    return tuple(replace(each, values=asked.of_layers(each.values)[:, None]) for each in means)


def _is_paired(run: Run, means: Sequence[ConditionMeans]) -> bool:
    """Whether conditions are compared within documents: by design, or as all have all of them."""
    if run.manifest["config"].get("pair") is not None:
        return True
    return len({tuple(each.documents.tolist()) for each in means}) == 1


def _compared(
    run: Run, asked: Quantity, read: Sequence[Sequence[ConditionMeans]], *, paired: bool
) -> list[_Contrast]:
    """Every two conditions that both have documents, each with each."""
    pairs = [
        (i, k)
        for i, k in combinations(range(len(read[0])), 2)
        if len(read[0][i].documents) and len(read[0][k].documents)
    ]
    column = run.manifest["config"]["contrast"]
    follows = has_targets(run)
    made = []
    for i, k in pairs:
        first, second = read[0][i], read[0][k]
        documents = _documents(first, second, paired=paired)
        if not min(map(len, documents)):
            continue
        how = paired_conditions if paired else separate_conditions
        test = how(first.of(documents[0]), second.of(documents[1]), seed=run.seed)
        names = (
            subject_words(column, first.level, follows=follows),
            subject_words("", second.level, follows=follows),
        )
        seeds = _against_twins(read, (i, k), documents)
        levels = first.level, second.level
        made.append(_Contrast(asked, levels, names, documents, test, seeds, paired, len(pairs)))
    return made


def _documents(first: ConditionMeans, second: ConditionMeans, *, paired: bool) -> tuple[Ints, Ints]:
    """The documents of both conditions: those that have both, or those that have one alone."""
    both = np.intersect1d(first.documents, second.documents)
    if paired:
        return both, both
    return np.setdiff1d(first.documents, both), np.setdiff1d(second.documents, both)


def _against_twins(
    read: Sequence[Sequence[ConditionMeans]], which: tuple[int, int], documents: tuple[Ints, Ints]
) -> SeedTest | None:
    """The difference against that of the twins, in the documents that all of them have."""
    if len(read) < 2:
        return None
    sides = []
    for condition, own in zip(which, documents, strict=True):
        shared = own
        for means in read[1:]:
            shared = np.intersect1d(shared, means[condition].documents)
        if not len(shared):
            return None
        sides.append([means[condition].of(shared).mean(axis=0) for means in read])
    model, *twins = np.array(sides[0]) - np.array(sides[1])
    return seed_test(model, np.array(twins))


def _total_claim(analysis: Analysis, found: _Contrast) -> Claim:
    """One number a document: the primary test."""
    claim = _claim(analysis, found, 0, found.asked.total, groups_words(paired=found.paired))
    return replace(claim, finding=replace(claim.finding, weight=PRIMARY))


def _layer_claim(analysis: Analysis, found: _Contrast, places: Sequence[int]) -> Claim | None:
    """The layer, of all places, in which two conditions differ most clearly."""
    column = found.test.largest
    if column is None:
        return None
    layers = found.test.difference.size // len(places)
    layer = found.asked.from_layer + column % layers
    place = place_words(found.asked.along, layer, places[column // layers])
    claim = _claim(analysis, found, column, found.asked.measure, place)
    return replace(claim, places={LARGEST: layer})


def _claim(analysis: Analysis, found: _Contrast, column: int, measure: str, place: str) -> Claim:
    """The difference in one column, beside that of the twins."""
    run, test = analysis.run, found.test
    defaults = analysis.defaults(analysis.sample(found.asked))
    fixed = len(test.difference) == 1
    members = COMPARISONS if fixed else "layers"
    interval = test.interval(column) if fixed else test.simultaneous(column)
    estimate = defaults.estimate(test.difference[column], interval, test.units, excluded=0)
    compared = Comparison(
        measure, *found.names, place, estimate, test.tested(column, members, found.comparisons)
    )
    seeds = np.empty(0) if found.seeds is None else found.seeds.twins[:, column]
    finding = defaults.comparison(
        compared,
        f"The same difference in twins: {seeds_beside(seeds, defaults.unit)}.",
        as_in_twins(estimate.value, seeds).strip(),
    )
    finding = replace(finding, headline=capital(finding.headline))
    documents = found.documents[:1] if found.paired else found.documents
    return Claim(
        finding,
        lambda: test.without(column),
        document_names(run, np.concatenate(documents)),
        seeds=None if found.seeds is None else (found.seeds, column),
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


def _table(analysis: Analysis, asked: Quantity, found: Sequence[_Contrast]) -> Table:
    """A row a layer for every two conditions."""
    layers = np.arange(asked.from_layer, analysis.run.blocks + 1)
    columns = {
        "layer": np.tile(layers, len(found)),
        "first": [each.levels[0] for each in found for _ in layers],
        "second": [each.levels[1] for each in found for _ in layers],
    }
    for name, read in _COLUMNS.items():
        values = [read(each) for each in found]
        columns[name] = np.concatenate(values) if values else np.empty(0)
    sample = analysis.sample(asked)
    made = tidy(
        columns,
        n=found[0].test.units if found else 0,
        excluded=0,
        unit=asked.unit,
        test=found[0].test.test if found else "none: no conditions",
        family=found[0].test.family if found else 0,
        unit_of_inference=sample.run.unit,
    )
    title = f"{capital(asked.measure)} of one condition minus another, by {asked.along}"
    return Table(analysis.name(asked, "conditions"), title, made)


_COLUMNS: dict[str, Callable[[_Contrast], Floats]] = {
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
