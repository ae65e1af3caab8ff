"""What a turn is worth: the path of a token tied to what the model predicts."""

from odograph.folder.glance import Glance, Row
from odograph.folder.samples.worth import worth_of
from odograph.measures import MEASURES
from odograph.sentences.english import several
from odograph.studies.ablation.blocks import worth_of_blocks
from odograph.studies.ablation.contrasts import (
    block_against_turn,
    own_against_behind,
    turn_against_growth,
)
from odograph.studies.ablation.larger_turns import larger_turns, larger_turns_of_tokens
from odograph.studies.ablation.worth import require_ablations
from odograph.studies.demo import ONE_WORD, TWINS
from odograph.studies.questions.conditions import conditions
from odograph.studies.questions.readings import unrelated_tokens
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis
from odograph.studies.study import Study

_DESCRIPTIVE = "none: descriptive"


def _card(analysis: Analysis) -> tuple[str, str]:
    return several(len(analysis.read(worth_of).documents), analysis.run.unit), _DESCRIPTIVE


WORTH = Quantity(
    MEASURES["turn_worth"].label, "turn_worth", MEASURES["turn_worth"].unit, contrast=None
)

STUDY = Study(
    name="ablation",
    question="What is a turn worth: what does the prediction lose when a block's turn is undone?",
    sections=(
        turn_against_growth,
        worth_of_blocks,
        larger_turns,
        larger_turns_of_tokens,
        block_against_turn,
        own_against_behind,
        conditions(WORTH),
        unrelated_tokens,
    ),
    needs={"undo": ("turn", "growth", "attention", "mlp", "block"), "untrained": TWINS},
    requires=require_ablations,
    card=_card,
    glance=Glance(
        "ablation_blocks",
        (
            Row("block undone (nats)", "loss_change"),
            Row("untrained", "loss_change_untrained"),
            Row("turn against growth", "difference", "ablation_turn_growth", "p_max_t"),
        ),
        where="undone = 'block'",
    ),
    demo=ONE_WORD,
)
