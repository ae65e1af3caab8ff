"""Whether conditions differ: at the targets in all, in which layers, and at the tokens after them.

The texts' table names the conditions (`--contrast COLUMN`) and what belongs together (`--pair
COLUMN`): then they are compared within items, else as groups of texts of their own.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from odograph.folder.samples.condition_words import word_cells
from odograph.folder.samples.conditions import (
    AFTER,
    are_paired,
    conditions_beside_twins,
)
from odograph.folder.samples.two_conditions import TwoConditions, compared
from odograph.folder.targets import has_targets
from odograph.sentences.conditions import (
    condition_note,
    groups_words,
    subject_words,
)
from odograph.sentences.record import PRIMARY
from odograph.sentences.seeds import scope_words
from odograph.statistics.designs.conditions import paired_conditions
from odograph.statistics.designs.crossed import FEWEST_WORDS, is_nested, means_of_words
from odograph.studies.claim import Claim
from odograph.studies.questions.levels import (
    Levels,
    beside_level_twins,
    companions,
    difference_claim,
    largest_layer,
    level_defaults,
    levels_plot,
    levels_tables,
    totals,
)
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.single_tests import crossed_claim


def conditions(asked: Quantity, weight: int = PRIMARY) -> Section:
    """Conditions, and marked words of two roles, compared with each other; nothing without.

    weight: of one number a document; `PRIMARY` where no other test of the study is primary then.
    """

    def section(analysis: Analysis) -> Answer:
        run = analysis.run
        column, roles = run.manifest["config"].get("contrast"), companions(analysis, asked)
        if column is None:
            return roles
        read = partial(conditions_beside_twins, run, asked.expression, asked.from_layer)
        at = read((0,))
        paired = are_paired(run, at[0])
        against = partial(compared, paired=paired, seed=run.seed)
        levels = _levels(analysis, asked)
        whole, layers = against([totals(asked, means) for means in at]), against(at)
        claims: list[Claim | None] = [_total(levels, one, weight) for one in whole]
        claims += [largest_layer(levels, one, (0,)) for one in layers]
        if has_targets(run):
            after = against(read(AFTER))
            claims += [largest_layer(levels, one, AFTER) for one in after]
        note = condition_note(column, run.manifest["config"].get("pair"), paired=paired)
        return Answer(
            [*(claim for claim in claims if claim is not None), *roles.claims],
            [levels_plot(levels, at), *roles.plots],
            [*levels_tables(levels, layers), *roles.tables],
            [note, *roles.notes],
            designed=weight == PRIMARY,
        )

    return section


def _levels(analysis: Analysis, asked: Quantity) -> Levels:
    """The conditions as sentences, legend and captions name them."""
    column, follows = analysis.run.manifest["config"]["contrast"], has_targets(analysis.run)
    return Levels(
        analysis,
        asked,
        "conditions",
        "condition",
        lambda first, second: (
            subject_words(column, first, follows=follows),
            subject_words("", second, follows=follows),
        ),
        lambda level: f"{column} {level}",
        "Mean of the documents of each condition at the targets, with its 95 % interval.",
    )


def _total(levels: Levels, found: TwoConditions, weight: int) -> Claim:
    """One number a document; with several target words as a random factor that of words, too."""
    by_word = found.paired and has_targets(levels.analysis.run)
    place = groups_words(paired=found.paired)
    of_words = _of_words(levels, found, place) if by_word else None
    claim = of_words or difference_claim(levels, found, 0, (levels.asked.total, place))
    return replace(claim, finding=replace(claim.finding, weight=weight))


def _of_words(levels: Levels, found: TwoConditions, place: str) -> Claim | None:
    """The same over words, or over words and documents; None where no word comes twice.

    Then the document stands for its words. Of fewer than 6 words what is found holds for these.
    """
    run, asked = levels.analysis.run, levels.asked
    column, said = run.manifest["config"]["contrast"], (asked.total, place)
    cells = word_cells(run, asked.expression, column, asked.from_layer, found.levels)
    kept = np.isin(cells.documents, found.documents[0])
    words, documents = cells.words[kept], cells.documents[kept]
    sides = [asked.of_layers(side)[kept] for side in (cells.first, cells.second)]
    count = len(np.unique(words))
    if not count or count == len(words):
        return None
    if count < FEWEST_WORDS:
        claim = difference_claim(levels, found, 0, said)
        return replace(claim, scope=scope_words(count))
    if is_nested(words, documents):
        means = [means_of_words(side, words)[:, None] for side in sides]
        test = paired_conditions(*means, seed=run.seed)
        names = tuple(np.unique(words))
        return difference_claim(levels, found.over_words(test), 0, said, names)
    claim = crossed_claim(
        level_defaults(levels, found),
        (asked.total, *levels.subjects(*found.levels), place),
        sides[0] - sides[1],
        (words, documents),
        excluded=found.excluded,
        comparisons=found.comparisons,
    )
    return beside_level_twins(claim, found, 0)
