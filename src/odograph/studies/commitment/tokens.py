"""How the final choice stands at every depth, token by token, of a passage that can be read."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.heatmap import HeatMap, draw_heatmap
from odograph.figures.marks import Labels
from odograph.folder.run import Run
from odograph.folder.selection import numbers
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer

_PASSAGES = 2
#: Tokens that a map has room for.
_LONGEST = 96


def single_passages(analysis: Analysis) -> Answer:
    """Up to two passages as maps, depth by token; of a long one the beginning."""
    rows = analysis.run.sql("select distinct passage from lens order by passage").fetchall()
    chosen = [int(passage) for (passage,) in rows[:_PASSAGES]]
    return Answer(plots=[_map(analysis.run, p, n) for n, p in enumerate(chosen, start=1)])


def _map(run: Run, passage: int, number: int) -> Plot:
    tokens = run.sql(
        f"select position, token, role, sink or position = 0 as sink, passage_id from tokens "
        f"where passage = {passage} order by position limit {_LONGEST}"
    ).fetchnumpy()
    read = numbers(
        run.sql(
            "select position, commitment_depth::double as depth, "
            f"exp(choice_logprob::double) as value from lens where passage = {passage} "
            "order by position, layer"
        )
    )
    states = run.blocks + 1
    row = {int(at): n for n, at in enumerate(tokens["position"])}
    values, edges = np.full((len(row), states), np.nan), np.full(len(row), np.nan)
    for start in range(0, len(read["position"]), states):
        at = row.get(int(read["position"][start]))
        if at is not None:
            values[at], edges[at] = read["value"][start : start + states], read["depth"][start]
    title = f"When each token of {tokens['passage_id'][0]} settles"
    drawn = HeatMap(
        tokens=[str(t) for t in tokens["token"]],
        layers=np.arange(states),
        values=values,
        targets=np.flatnonzero(tokens["role"] == "target").tolist(),
        sinks=np.flatnonzero(tokens["sink"]).tolist(),
        edges=edges,
        edge="settled to the right of it",
    )
    return Plot(
        f"commitment_tokens_{number}",
        title,
        "One passage, descriptive. Right of the edge the first choice stays the model's own. "
        "Rows without an edge were not read: position 0, sinks, and the last token.",
        "none: a single passage; the curve of depths shows the nulls",
        later(draw_heatmap, drawn, Labels(title, "depth", "probability of the model's choice")),
        unit="one passage, descriptive",
    )
