"""Which blocks turn the state least, and what it costs to skip them: geometry beside importance."""

from odograph.folder.glance import Glance, Row
from odograph.folder.samples.blocks import blocks_of
from odograph.measures import MEASURES
from odograph.sentences.english import several
from odograph.studies.demo import PROSE, TWINS
from odograph.studies.pruning.blocks import influence, require_spans
from odograph.studies.pruning.costs import agreement, cost_of_blocks, cost_of_runs, least_of_both
from odograph.studies.pruning.runs import least_turning
from odograph.studies.questions.conditions import conditions
from odograph.studies.questions.readings import unrelated_tokens
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis
from odograph.studies.study import Study


def _card(analysis: Analysis) -> tuple[str, str]:
    return several(analysis.read(blocks_of).n, analysis.run.unit), "none: descriptive"


INFLUENCE = Quantity(MEASURES["influence"].label, "influence", contrast=None)

STUDY = Study(
    name="pruning",
    question="Which run of blocks turns the state least, and what does skipping it cost?",
    measure="influence",
    sections=(
        least_turning,
        influence,
        cost_of_blocks,
        cost_of_runs,
        least_of_both,
        agreement,
        conditions(INFLUENCE),
        unrelated_tokens,
    ),
    needs={"measures": ("block_distance",), "skip_blocks": True, "untrained": TWINS},
    requires=require_spans,
    card=_card,
    demo=PROSE,
    glance=Glance(
        "pruning_blocks",
        (
            Row("influence", "influence"),
            Row("untrained", "influence_untrained"),
            Row("loss if skipped (nats)", "loss_change"),
        ),
    ),
)
