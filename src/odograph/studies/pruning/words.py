"""How the pruning study speaks of blocks and of what they cost."""

from odograph.folder.best_runs import ALL, LAST, BestRun
from odograph.folder.selection import Ints
from odograph.sentences.english import MOST_STRETCHES, span
from odograph.sentences.numbers import number
from odograph.studies.defaults import FindingDefaults
from odograph.studies.phrases import twin_null
from odograph.studies.pruning.blocks import Blocks
from odograph.studies.pruning.losses import Losses
from odograph.studies.section import Analysis

CAUTION = "Geometry is not importance"
NATS = "nats a token"
#: Below it an axis of losses is linear: smaller changes are noise of so many tokens.
LINEAR = 0.01
CHANGE_AXIS = "change in loss (nats a token)"
#: How a sentence, a table and a file call the tokens by which a run of blocks is the best.
BY = {ALL: "all tokens", LAST: "last token"}
#: Whose choice the last token is.
AUTHOR = "Gromov et al. 2024"
#: So many lengths and blocks are told in a sentence; the tables have all.
TOLD = 4
NO_SKIP = "nothing skipped: a change of 0"


def defaults_of(analysis: Analysis, blocks: Blocks) -> FindingDefaults:
    """What findings about angles share."""
    null = twin_null(analysis.run)
    return FindingDefaults(
        analysis.study,
        n=blocks.n,
        null=null,
        excluded=blocks.excluded,
        unit_of_inference=analysis.run.unit,
    )


def defaults_of_losses(analysis: Analysis, lost: Losses) -> FindingDefaults:
    """What findings about losses share."""
    return FindingDefaults(
        analysis.study,
        n=len(lost.base),
        null=NO_SKIP,
        excluded=lost.excluded,
        unit=NATS,
        unit_of_inference=analysis.run.unit,
    )


def named_run(best: BestRun) -> str:
    """The blocks in a sentence: "block 5", "blocks 5 to 7"."""
    return span("block", best.first, best.last)


def ordered_blocks(order: Ints) -> str:
    """The first few of an order of blocks, and dots where it goes on."""
    first = ", ".join(map(str, order[:MOST_STRETCHES]))
    return first if len(order) <= MOST_STRETCHES else f"{first}, ..."


def signed(value: float) -> str:
    """A change with its sign."""
    text = number(value)
    return text if text.startswith("-") or text == "0" else f"+{text}"
