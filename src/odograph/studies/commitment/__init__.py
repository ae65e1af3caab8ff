"""When the prediction settles, read at every depth, and whether the stream turns there."""

from odograph.folder.card import Card
from odograph.folder.glance import Glance, Row
from odograph.folder.run import Run
from odograph.folder.samples.settling import settling_of
from odograph.sentences.english import several
from odograph.sentences.settling import LENS_CAVEAT
from odograph.studies.commitment.blocks import around_settling, settled_against_open
from odograph.studies.commitment.depths import (
    require_lens,
    settling_depth,
    single_passages,
    tuned_lens,
)
from odograph.studies.demo import ONE_WORD, TWINS
from odograph.studies.questions.conditions import conditions
from odograph.studies.questions.readings import unrelated_tokens
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis
from odograph.studies.study import Study


def _card(analysis: Analysis) -> tuple[str, str]:
    units = several(len(analysis.read(settling_of).documents), analysis.run.unit)
    return units, "none: descriptive"


def _with_caution(card: Card, run: Run) -> Card:
    """What a reading at a depth is not, wherever one is shown, and through which maps it was."""
    tuned = tuned_lens(run)
    return {**card, "lens": f"{LENS_CAVEAT}; read {tuned}" if tuned else LENS_CAVEAT}


class _Depth(Quantity):
    """Whether a token has not settled before a block: over all blocks its commitment depth."""

    @property
    def total(self) -> str:
        """One number a token in a sentence."""
        return "commitment depth in blocks"


OPEN = _Depth(
    "share of tokens that have not settled",
    "commitment_depth >= layer",
    summed=True,
    contrast=None,
)


STUDY = Study(
    name="commitment",
    question="At which depth does the prediction settle, and does the stream turn there?",
    sections=(
        settling_depth,
        settled_against_open,
        around_settling,
        single_passages,
        conditions(OPEN),
        unrelated_tokens,
    ),
    needs={"lens": True, "untrained": TWINS, "shuffled": 1},
    requires=require_lens,
    card=_card,
    amended=_with_caution,
    glance=Glance(
        "commitment_depths",
        (
            Row("share settled", "mean"),
            Row("untrained", "untrained"),
            Row("random order", "shuffled_seed_1"),
        ),
        along="depth",
    ),
    demo=ONE_WORD,
)
