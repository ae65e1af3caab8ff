"""The difference in one number, and of every measure that both runs have, layer by layer."""

import numpy as np

from odograph.folder.compared import (
    Compared,
    compared_measure,
    compared_names,
    unchanged_names,
)
from odograph.folder.comparison import left_out_notes
from odograph.folder.document_names import document_names
from odograph.folder.selection import columns_of
from odograph.sentences.minus import (
    SAME_STATES,
    nothing_differs,
    some_differ,
    states_plain,
    states_sentence,
)
from odograph.statistics.intervals import mean_interval
from odograph.studies.claim import Claim
from odograph.studies.minus.blocks import (
    LEAD,
    beside_seeds,
    difference_defaults,
    difference_table,
    lead_measure,
    models_of,
)
from odograph.studies.result import Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.single_tests import SingleContrast, single_claim
from odograph.studies.tidy import Columns, mean_columns, stacked

_PREDICTION, _ANGLE = "next_logprob", "state_angle"


def in_one_number(analysis: Analysis) -> Answer:
    """Rotation summed over all blocks, and the log-probability of the next token."""
    asked = [(f"{LEAD} summed over all blocks", analysis.once(lead_measure).summed())]
    if _PREDICTION in columns_of(analysis.run, "tokens"):
        prediction = compared_measure(analysis.run, _PREDICTION)
        asked.append((prediction.measure.label, prediction))
    return Answer([_single(analysis, said, one) for said, one in asked if one.values.any()])


def _single(analysis: Analysis, said: str, found: Compared) -> Claim:
    run = analysis.run
    contrast = SingleContrast(
        (said, *models_of(run), "in the same texts"),
        found.values,
        document_names(run, found.means.units),
        found.means.excluded,
    )
    claim = single_claim(difference_defaults(analysis, found), contrast, seed=run.seed)
    return beside_seeds(claim, found.seeds)


def states_apart(analysis: Analysis) -> Answer:
    """The angle after the last block, described; nothing where no states were read (`--states`)."""
    run = analysis.run
    if _ANGLE not in columns_of(run, "layers"):
        return Answer()
    found = compared_measure(run, _ANGLE)
    last = found.values[:, -1]
    if not last.any():
        return Answer()
    interval, defaults = mean_interval(last, seed=run.seed), difference_defaults(analysis, found)
    finding = defaults.finding(
        states_sentence(*models_of(run), last.mean(), interval, defaults.sample),
        states_plain(*models_of(run)),
        float(last.mean()),
        interval,
        null=SAME_STATES,
    )
    return Answer([Claim(finding, places={"last block": run.blocks})])


def every_measure(analysis: Analysis) -> Answer:
    """Each measure that both runs have, layer by layer; and which are the same in both."""
    run = analysis.run
    unchanged, names = unchanged_names(run), compared_names(run)
    left_out = left_out_notes(run)
    if len(unchanged) == len(names):
        return Answer(notes=[nothing_differs(*models_of(run)), *left_out])
    found = [compared_measure(run, name) for name in names if name not in unchanged]
    parts = [_rows(analysis, one) for one in found if len(one.values)]
    title = f"Every measure, {' minus '.join(models_of(run))}, by layer"
    tables = [Table(f"{analysis.prefix}_measures", title, stacked(parts))] if parts else []
    same = [said] if (said := some_differ(unchanged)) else []
    return Answer(tables=tables, notes=[*same, *left_out])


def _rows(analysis: Analysis, found: Compared) -> Columns:
    """One row a layer; of what is there once a token one row, at no layer."""
    once = found.values.ndim == 1
    values = found.values[:, None] if once else found.values
    columns = {
        "measure": np.full(values.shape[1], found.measure.name),
        "layer": np.full(1, np.nan) if once else found.means.layers.astype(np.float64),
        **mean_columns(values, analysis.run.seed),
    }
    return difference_table(analysis, found, columns)
