"""Whether targets differ from their companions, the marked words of a second role.

The texts mark both (`--companion-columns`, the second `--marks`), and both are read in the same
text: a pronoun and what it may stand for.
"""

from functools import partial

from odograph.folder.samples.companions import companion_names, roles_beside_twins
from odograph.folder.samples.two_conditions import compared
from odograph.sentences.companions import COMPANION_NOTE, IN_THE_SAME_TEXTS, role_words
from odograph.studies.questions.levels import (
    Levels,
    difference_claim,
    largest_layer,
    levels_plot,
    levels_tables,
    totals,
)
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis, Answer


def companions(analysis: Analysis, asked: Quantity) -> Answer:
    """Targets and companions compared with each other; nothing where none are marked."""
    run, names = analysis.run, companion_names(analysis.run)
    if not names:
        return Answer()
    levels = _levels(analysis, asked)
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


def _levels(analysis: Analysis, asked: Quantity) -> Levels:
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
