"""What a run says about its blocks: how far they turn, and what skipping them costs."""

from odograph.errors import StudyError
from odograph.figures.losses import NATS
from odograph.folder.best_runs import BestRun
from odograph.folder.requirements import require_columns
from odograph.folder.run import Run
from odograph.folder.samples.blocks import Blocks, blocks_of
from odograph.folder.samples.losses import Losses
from odograph.sentences.english import span
from odograph.studies.defaults import FindingDefaults
from odograph.studies.section import Analysis

#: What is said of blocks that were chosen on the exploration half.
FIRST_HALF = " (chosen on the first half; the numbers are those of the second)"
_REMEDY = "Measure the run with --measures block_distance."


def require_spans(run: Run) -> None:
    """Nothing, if the run has angles over runs of blocks, and blocks enough to leave one out.

    Raises:
        StudyError: it has none, or the model has a single block.
    """
    require_columns(run, "spans", ("angle", "last_angle"), _REMEDY)
    if run.blocks < 2:
        raise StudyError(
            "no block can be left out",
            expected="a model of 2 blocks or more",
            given="1",
            remedy="Take a deeper model.",
        )


CAUTION = "Geometry is not importance"


#: Whose choice the last token is.
AUTHOR = "Gromov et al. 2024"


#: So many lengths and blocks are told in a sentence; the tables have all.
TOLD = 4


NO_SKIP = "nothing skipped: a change of 0"


def read_blocks(analysis: Analysis) -> Blocks:
    """All that the questions look at; for `Analysis.once`."""
    return blocks_of(analysis.run)


def on_first_half(blocks: Blocks) -> str:
    """What is said of blocks chosen on a first half; "" of a whole run."""
    return "" if blocks.explored is None else FIRST_HALF


def defaults_of(analysis: Analysis, blocks: Blocks) -> FindingDefaults:
    """What findings about angles share."""
    return analysis.defaults_over(blocks.n, excluded=blocks.excluded)


def defaults_of_losses(analysis: Analysis, lost: Losses) -> FindingDefaults:
    """What findings about losses share."""
    return analysis.defaults_over(len(lost.base), excluded=lost.excluded, unit=NATS, null=NO_SKIP)


def named_run(best: BestRun) -> str:
    """The blocks in a sentence: "block 5", "blocks 5 to 7"."""
    return span("block", best.first, best.last)
