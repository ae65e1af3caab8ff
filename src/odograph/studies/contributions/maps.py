"""The lengths of both parts and of the whole step at every token of one passage."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.heatmaps import MapPanel, MapTokens, draw_heatmaps
from odograph.figures.marks import Labels
from odograph.folder.expressions import WHOLE
from odograph.folder.run import Run
from odograph.folder.samples.passages import Passage, passage_lengths, read_passage, step_maps
from odograph.folder.selection import Floats
from odograph.studies.parts import notes_of
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer

_TITLES = {
    "attention": "|a|: what attention adds",
    "mlp": "|m|: what the MLP adds",
    "whole": "|a + m|: the whole step",
}
_ARITHMETIC = (
    "|a + m|² = |a|² + |m|² + 2 a·m, so each part's length is correlated with that of the "
    "whole by arithmetic: every correlation is shown beside what is left of it when the "
    "cosines of the two parts are dealt out anew among the tokens of a passage."
)


def maps(analysis: Analysis) -> Answer:
    """One passage as heat maps, and what must be known of the two parts."""
    run = analysis.run
    return Answer(plots=[_plot(run)], notes=[*notes_of(run), _ARITHMETIC])


def _plot(run: Run) -> Plot:
    passage, lengths = first_passage(run)
    tokens = passage.tokens
    title = f"Length of each part's step and of the whole, {passage.name}"
    return Plot(
        "contributions_maps",
        title,
        f"One passage of {len(tokens)} tokens, descriptive. One logarithmic colour scale for all "
        "three; it ends at 1 and 99 % of the values without position 0 and sinks (triangles), "
        "which are drawn in their place and may lie beyond its ends.",
        "none: a single passage; the profiles show the nulls",
        later(
            draw_heatmaps,
            [MapPanel(_TITLES[part], values) for part, values in lengths.items()],
            np.arange(1, run.blocks + 1),
            MapTokens(tokens, passage.sinks),
            Labels(title, "position" if len(tokens) > 40 else "token", "block"),
        ),
        unit="one passage, descriptive",
    )


def first_passage(run: Run) -> tuple[Passage, dict[str, Floats]]:
    """The first passage, and the lengths in it by measure, [L, tokens]."""
    first = int(passage_lengths(run)[0][0])
    steps = {"attention": "attention_step::double", "mlp": "mlp_step::double", "whole": WHOLE}
    found = step_maps(run, first, **steps)
    return read_passage(run, first), {name: values.T for name, values in found.items()}
