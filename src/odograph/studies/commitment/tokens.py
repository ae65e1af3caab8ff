"""How the final choice stands at every depth, token by token, of a passage that can be read."""

from dataclasses import replace

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.heatmap import draw_heatmap
from odograph.figures.marks import Labels
from odograph.folder.run import Run
from odograph.folder.samples.passages import read_passage
from odograph.folder.samples.settling import choice_map, read_passages
from odograph.studies.curves import token_map
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer

_PASSAGES = 2
#: Tokens that a map has room for.
_LONGEST = 96


def single_passages(analysis: Analysis) -> Answer:
    """Up to two passages as maps, depth by token; of a long one the beginning."""
    chosen = read_passages(analysis.run)[:_PASSAGES]
    return Answer(plots=[_map(analysis.run, p, n) for n, p in enumerate(chosen, start=1)])


def _map(run: Run, passage: int, number: int) -> Plot:
    read = read_passage(run, passage, _LONGEST)
    values, edges = choice_map(run, passage, read.position)
    title = f"When each token of {read.name} settles"
    plain = token_map(read, np.arange(run.blocks + 1), values)
    drawn = replace(plain, edges=edges, edge="settled to the right of it")
    return Plot(
        f"commitment_tokens_{number}",
        title,
        "One passage, descriptive. Right of the edge the first choice stays the model's own. "
        "Rows without an edge were not read: position 0, sinks, and the last token.",
        "none: a single passage; the curve of depths shows the nulls",
        later(draw_heatmap, drawn, Labels(title, "depth", "probability of the model's choice")),
        unit="one passage, descriptive",
    )
