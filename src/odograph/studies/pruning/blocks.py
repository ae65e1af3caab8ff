"""What a run says about its blocks, and how much each changes the direction of the state."""

from typing import Any

import numpy as np

from odograph.errors import StudyError
from odograph.figures.drawing import later
from odograph.figures.losses import NATS, all_positive
from odograph.figures.marks import Labels
from odograph.figures.profile import draw_log_profile, draw_profile
from odograph.folder.best_runs import BestRun
from odograph.folder.requirements import require_columns
from odograph.folder.run import Run
from odograph.folder.run_words import outliers_of
from odograph.folder.samples.blocks import Blocks, blocks_of, extremes, interval_of_mean
from odograph.folder.samples.losses import Losses
from odograph.folder.samples.nulls import beside_random_order
from odograph.folder.selection import Floats
from odograph.measures import MEASURES
from odograph.sentences.english import span
from odograph.sentences.evidence import over_units
from odograph.sentences.record import Reading
from odograph.sentences.turning_least import InfluenceOfBlocks, influence_words
from odograph.statistics.correlations.coefficients import ranked_values
from odograph.studies.claim import Claim
from odograph.studies.curves import mean_curve, null_bands
from odograph.studies.defaults import FindingDefaults
from odograph.studies.questions.readings import held, mean_reading
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import mean_columns, tidy

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


#: So many lengths and blocks are told in a sentence; the tables have all.
TOLD = 4


NO_SKIP = "nothing skipped: a change of 0"


def defaults_of(analysis: Analysis, blocks: Blocks) -> FindingDefaults:
    """What findings about angles share."""
    return analysis.defaults_over(blocks.n, excluded=blocks.excluded)


def defaults_of_losses(analysis: Analysis, lost: Losses) -> FindingDefaults:
    """What findings about losses share."""
    return analysis.defaults_over(len(lost.base), excluded=lost.excluded, unit=NATS, null=NO_SKIP)


def named_run(best: BestRun) -> str:
    """The blocks in a sentence: "block 5", "blocks 5 to 7"."""
    return span("block", best.first, best.last)


def influence(analysis: Analysis) -> Answer:
    """Influence block by block, and beside it what skipping each block costs, as a table."""
    blocks = analysis.read(blocks_of)
    claim = held(
        outliers_of(blocks.run),
        _influence_claim(analysis, blocks),
        _influence_readings(blocks),
        "block",
    )
    return Answer(
        claims=[claim],
        plots=[_influence_plot(blocks)],
        tables=[Table("pruning_blocks", "Every block alone", _blocks_columns(blocks))],
    )


def _influence_claim(analysis: Analysis, blocks: Blocks) -> Claim:
    """The order of the blocks by Block Influence."""
    means, seed = blocks.influence, blocks.run.seed
    mean = means.values.mean(axis=0)
    least, most = extremes(blocks.chosen_influence)
    _, interval = interval_of_mean(means.values[:, least - 1], seed)
    defaults = defaults_of(analysis, blocks)
    estimate = defaults.estimate(mean[least - 1], interval, len(means.units), means.excluded)
    found = InfluenceOfBlocks(
        mean,
        least,
        most,
        estimate,
        blocks.explored is not None,
        blocks.nulls.twins,
        beside_random_order(blocks.nulls.shuffled, "", seed=seed),
    )
    made = defaults.finding_of(
        influence_words(found),
        estimate.value,
        interval,
        n=estimate.n,
        excluded=estimate.excluded,
        estimate_of=f"Block Influence of block {least}",
    )
    return Claim(made, places={"low": least, "peak": most})


def _influence_readings(blocks: Blocks) -> list[Reading]:
    """The block of the least influence in the other readings, with how much it is there."""
    found = []
    for name, means in blocks.read.items():
        least, most = extremes(means.values.mean(axis=0))
        values, places = means.values[:, least - 1], {"low": least, "peak": most}
        found.append(mean_reading(name, values, places, seed=blocks.run.seed))
    return found


def _influence_plot(blocks: Blocks) -> Plot:
    layers = np.arange(1, blocks.run.blocks + 1)
    outliers = outliers_of(blocks.run)
    curves = [mean_curve("all tokens", layers, blocks.influence.values, blocks.run.seed)]
    curves += [
        mean_curve(outliers.title(name), layers, means.values, blocks.run.seed)
        for name, means in blocks.read.items()
    ]
    labels = Labels("Block Influence", "block", MEASURES["influence"].axis_label)
    draw = draw_log_profile if all(map(all_positive, curves)) else draw_profile
    return Plot(
        "pruning_influence",
        labels.title,
        f"1 - cosine between the states before and after a block, mean "
        f"{over_units(len(blocks.influence.units), blocks.run.unit)}. Low: the block "
        "turns the state little, which is not to say that it does little.",
        blocks.nulls.words(blocks.run),
        later(draw, curves, labels, bands=null_bands(blocks.nulls, layers)),
    )


def _blocks_columns(blocks: Blocks) -> dict[str, Any]:
    """One row a block: influence and change in loss, with intervals and ranks (1: the smallest)."""
    means, seed = blocks.influence, blocks.run.seed
    columns: dict[str, Any] = {"layer": np.arange(1, blocks.run.blocks + 1)}
    columns |= _with_rank("influence", means.values, seed)
    for name, read in blocks.read.items():
        columns |= _with_rank(f"influence_{name}", read.values, seed)
    if blocks.nulls.twins is not None:
        columns["influence_untrained"] = blocks.nulls.twins.mean(axis=(0, 1))
    if blocks.losses is not None:
        columns |= _with_rank("loss_change", blocks.losses.single, seed)
        columns["n_loss"] = np.full(blocks.run.blocks, len(blocks.losses.single))
    return tidy(columns, n=len(means.units), excluded=means.excluded, unit="1")


def _with_rank(name: str, values: Floats, seed: int) -> dict[str, Any]:
    rank = ranked_values(values.mean(axis=0))
    return {**mean_columns(values, seed, name), f"{name}_rank": rank}
