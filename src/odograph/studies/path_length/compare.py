"""Several models on the same texts: shapes of paths, and the last step with the prediction."""

import numpy as np

from odograph.statistics.designs.models import MAX_T_DEPTHS, MAX_T_PAIRS, at_depths
from odograph.studies.alignment import Shared, shared_means
from odograph.studies.model_curves import SHARE, DepthMeasure
from odograph.studies.model_runner import Look, ModelAnalysis, ModelComparison
from odograph.studies.model_tables import means_by_model, models_table
from odograph.studies.path_length.compare_correlations import model_correlations
from odograph.studies.path_length.curves import require_all_tokens
from odograph.studies.questions.depths import depths
from odograph.studies.questions.totals import ModelValues, totals
from odograph.studies.result import Table
from odograph.studies.section import Answer
from odograph.studies.selection import columns_of
from odograph.studies.tidy import tidy

_SHARE = DepthMeasure(
    name="share",
    measure="share of the path covered so far",
    expression="path / max(path) over (partition by passage, position)",
    unit="1",
    axis="share of the path (1)",
    kind=SHARE,
)


def _look(shared: Shared) -> Look:
    return Look(_SHARE, np.ones_like(shared.usable))


def _straightness(analysis: ModelAnalysis) -> ModelValues | None:
    """How straight paths are; None where not all runs kept it."""
    shared = analysis.shared
    if any("straightness" not in columns_of(run, "tokens") for run in shared.runs):
        return None
    means = shared_means(shared, "straightness", np.ones_like(shared.usable))
    return ModelValues(
        "straightness of the path",
        "1",
        means.values,
        tuple(None if twins is None else float(twins.mean()) for twins in means.twins),
        tuple(tokens[:, 0] for tokens in means.tokens),
        shared.tokens[0] - means.places,
        means.names,
    )


def _beside(analysis: ModelAnalysis) -> Answer:
    """The models beside each other, and what of them can be compared."""
    curves, straight = analysis.curves, _straightness(analysis)
    half = np.array([0.5])
    shares = [at_depths(curves.states(m)[1], half)[:, 0] for m in range(len(analysis.runs))]
    columns = models_table(analysis) | means_by_model("share_at_half_depth", shares, curves.seed)
    notes = [
        "Lengths are in each model's own units: only shares of the path, straightness and "
        "correlations are compared."
    ]
    if straight is None:
        notes.append("Straightness was not measured in all runs (--measures straightness).")
    else:
        columns |= means_by_model("straightness", straight.values, curves.seed)
    made = tidy(columns, n=curves.passages, excluded=curves.means.excluded, unit="1")
    return Answer(
        tables=[Table(analysis.prefix, "The models beside each other", made)], notes=notes
    )


COMPARISON = ModelComparison(
    look=_look,
    sections=(
        totals(_straightness, "straightness"),
        depths("Differences of the share of the path by relative depth"),
        _beside,
        model_correlations,
    ),
    tests=(MAX_T_PAIRS, MAX_T_DEPTHS),
    requires=require_all_tokens,
)
