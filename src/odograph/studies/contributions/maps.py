"""The lengths of both parts and of the whole step at every token of one passage."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.heatmaps import MapPanel, MapTokens, draw_heatmaps
from odograph.figures.marks import Labels
from odograph.folder.run import Run
from odograph.folder.selection import Floats, numbers
from odograph.studies.parts import WHOLE, closure_of, closure_words, layout_note
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
    notes = [layout_note(run), closure_words(closure_of(run)), _ARITHMETIC]
    return Answer(plots=[_plot(run)], notes=notes)


def _plot(run: Run) -> Plot:
    name, lengths, tokens, sinks = first_passage(run)
    title = f"Length of each part's step and of the whole, {name}"
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
            MapTokens(tokens, sinks),
            Labels(title, "position" if len(tokens) > 40 else "token", "block"),
        ),
        unit="one passage, descriptive",
    )


def first_passage(run: Run) -> tuple[str, dict[str, Floats], list[str], list[int]]:
    """The first passage: its name, lengths [L, tokens] by measure, its tokens, and its sinks."""
    tokens = run.sql(
        "select token, sink or position = 0 as sink, passage_id from tokens "
        "where passage = (select min(passage) from tokens) order by position"
    ).fetchnumpy()
    found = numbers(
        run.sql(f"""
        select attention_step::double as attention, mlp_step::double as mlp, {WHOLE} as whole
        from layers where passage = (select min(passage) from tokens) and layer > 0
        order by position, layer""")
    )
    lengths = {name: v.reshape(-1, run.blocks).T for name, v in found.items()}
    sinks = np.flatnonzero(tokens["sink"]).tolist()
    return str(tokens["passage_id"][0]), lengths, [str(t) for t in tokens["token"]], sinks
