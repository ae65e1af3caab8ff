"""The rotation of every token of a few short passages."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.heatmap import draw_layer_heatmap
from odograph.figures.marks import Labels
from odograph.folder.run import Run
from odograph.folder.samples.passages import passage_lengths, read_passage, step_maps
from odograph.measures import MEASURES
from odograph.studies.curves import token_map
from odograph.studies.result import Plot
from odograph.studies.sample import Quantity, Sample
from odograph.studies.section import Analysis, Answer, Section

_HEAT_MAPS = 3
_LONGEST = 48


def single_passages(asked: Quantity) -> Section:
    """Up to three single passages, short enough to be read."""

    def section(analysis: Analysis) -> Answer:
        passages = _readable(analysis.sample(asked))
        maps = [_heat_map(analysis.run, passage, n) for n, passage in enumerate(passages, start=1)]
        return Answer(plots=maps)

    return section


def _readable(sample: Sample) -> list[int]:
    """The first passages of at most 48 tokens, of those with a pair where there are pairs."""
    passages, tokens = passage_lengths(sample.run)
    short = passages[tokens <= _LONGEST]
    wanted = set((short if sample.groups is None else sample.groups.pairs.passages).tolist())
    return [passage for passage in short.tolist() if passage in wanted][:_HEAT_MAPS]


def _heat_map(run: Run, passage: int, number: int) -> Plot:
    read = read_passage(run, passage)
    title = f"Rotation of every token of {read.name}"
    turned = step_maps(run, passage, value="rotation::double")["value"]
    drawn = token_map(read, np.arange(1, run.blocks + 1), turned)
    return Plot(
        f"rotation_tokens_{number}",
        title,
        "One passage, descriptive. Colour: from the least to the most turned token of each block, "
        "so that tokens can be compared, blocks not. Sinks (hatched) are left out.",
        "none: a single passage; the profile shows the nulls",
        later(draw_layer_heatmap, drawn, Labels(title, "block", MEASURES["rotation"].axis_label)),
        unit="one passage, descriptive",
    )
