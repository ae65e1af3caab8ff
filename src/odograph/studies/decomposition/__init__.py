"""Whether attention and the MLP push the same way: the cosine between what each adds, by block."""

from odograph.folder.glance import Glance, Row
from odograph.sentences.names import card_test
from odograph.studies.decomposition.by_block import update_cosine
from odograph.studies.decomposition.cosines import closure, mean_update, state_cosine, update
from odograph.studies.demo import PROSE
from odograph.studies.parts import NEEDS, require_parts, unit_words, with_closure
from odograph.studies.questions.conditions import conditions
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis
from odograph.studies.study import Study


def _card(analysis: Analysis) -> tuple[str, str]:
    mean = analysis.once(update).mean
    return unit_words(mean.n, analysis.run.unit), card_test(mean.test, mean.family)


COSINE = Quantity("cosine of attention's and MLP's step", "update_cosine", contrast=None)

STUDY = Study(
    name="decomposition",
    question="Do attention and the MLP of a block push a token's vector the same way?",
    measure="update_cosine",
    sections=(update_cosine, mean_update, state_cosine, conditions(COSINE), closure),
    needs=NEEDS,
    requires=require_parts,
    card=_card,
    amended=with_closure,
    demo=PROSE,
    glance=Glance(
        "decomposition_layers",
        (
            Row("cosine of the parts", "update_cosine", p="p_max_t"),
            Row("untrained", "update_cosine_untrained"),
        ),
    ),
)
