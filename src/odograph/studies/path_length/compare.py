"""Several models on the same texts: shapes of paths, and the last step with the prediction.

That something is significant in one model and not in another is no difference between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.errors import StudyError
from odograph.folder.run import Run
from odograph.statistics.designs.models import MAX_T_DEPTHS, MAX_T_PAIRS, at_depths
from odograph.studies.alignment import Shared, share_places, shared_means
from odograph.studies.comparison import (
    label,
    refuse_conventions,
    sharing_notes,
)
from odograph.studies.model_curves import SHARE, DepthMeasure, ModelCurves, compare_curves
from odograph.studies.model_findings import (
    ModelValues,
    curve_findings,
    models_usual,
    value_findings,
)
from odograph.studies.model_plots import difference_plots, models_plot, values_plot
from odograph.studies.model_tables import curves_table, means_by_model, models_table
from odograph.studies.path_length.compare_correlations import (
    correlation_findings,
    correlation_plots,
    correlations,
)
from odograph.studies.path_length.findings import STUDY
from odograph.studies.result import Plot, StudyResult, Table
from odograph.studies.selection import Floats, columns_of
from odograph.studies.tidy import Columns, tidy
from odograph.studies.unmatched import describe_unmatched

_ALONG = DepthMeasure(
    name="share",
    measure="share of the path covered so far",
    expression="path / max(path) over (partition by passage, position)",
    unit="1",
    axis="share of the path (1)",
    kind=SHARE,
)


@dataclass(frozen=True, eq=False)
class _Compared:
    """The curves of all models, and how straight their paths are where all runs kept it."""

    curves: ModelCurves
    straightness: ModelValues | None


def compare_models(runs: Sequence[Run], question: str) -> StudyResult:
    """The comparison of runs: every model against the first, at the places that all share.

    Raises:
        StudyError: the runs cannot stand side by side, hold targets only, or share no usable token.
    """
    refuse_conventions(runs)
    _refuse_targets(runs)
    shared = share_places(runs)
    if not shared.places:
        return describe_unmatched(runs, _ALONG, STUDY, question)
    names = [label(run, runs) for run in runs]
    seed = runs[0].seed
    everywhere = np.ones_like(shared.usable)
    compared = _Compared(
        compare_curves(shared, _ALONG, names, everywhere, seed), _straightness(shared)
    )
    curves = compared.curves
    defaults = models_usual(STUDY, runs, curves, [MAX_T_PAIRS, MAX_T_DEPTHS])
    found = correlations(shared, names, seed)
    straight = compared.straightness
    return StudyResult(
        study=STUDY,
        question=question,
        findings=[
            *([] if straight is None else value_findings(defaults, [straight], names, seed)),
            *curve_findings(defaults, curves),
            *correlation_findings(defaults, found, shared),
        ],
        plots=[*_plots(compared), *correlation_plots(found)],
        tables=_tables(compared, runs),
        card=defaults.card,
        notes=_notes(shared, compared, bool(found)),
    )


def _refuse_targets(runs: Sequence[Run]) -> None:
    if any(run.manifest["config"]["select"] == "targets" for run in runs):
        raise StudyError(
            "path-length looks at all tokens of a passage",
            expected="runs of all tokens",
            given="--select targets",
            remedy="Measure them again with --select all.",
        )


def _straightness(shared: Shared) -> ModelValues | None:
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


def _plots(compared: _Compared) -> list[Plot]:
    curves, straight = compared.curves, compared.straightness
    found = [models_plot(curves, "path_length"), *difference_plots(curves, "path_length")]
    if straight is not None:
        name = "path_length_models_straightness"
        found.append(values_plot(name, straight, curves.names, curves.seed))
    return found


def _notes(shared: Shared, compared: _Compared, correlated: bool) -> list[str]:
    notes = sharing_notes(shared, compared.curves.means)
    notes.append(
        "Lengths are in each model's own units: only shares of the path, straightness and "
        "correlations are compared."
    )
    if compared.straightness is None:
        notes.append("Straightness was not measured in all runs (--measures straightness).")
    if correlated:
        notes.append(
            "Correlations are compared where the next token ends at the same character in all "
            "models: their predictions are of the same stretch of text."
        )
    else:
        notes.append(
            "Correlations are not compared: not all runs have log-probabilities (--logits full)."
        )
    return notes


def _tables(compared: _Compared, runs: Sequence[Run]) -> list[Table]:
    curves = compared.curves
    beside = Table("path_length_models", "The models beside each other", _table(compared, runs))
    if not curves.profiles:
        return [beside]
    title = "Differences of the share of the path by relative depth"
    return [beside, Table("path_length_models_depths", title, curves_table(curves))]


def _table(compared: _Compared, runs: Sequence[Run]) -> Columns:
    """One row a model."""
    curves, straight = compared.curves, compared.straightness
    half = [_share_at_half(curves, model) for model in range(len(runs))]
    columns = models_table(curves, runs) | means_by_model("share_at_half_depth", half, curves.seed)
    if straight is not None:
        columns |= means_by_model("straightness", straight.values, curves.seed)
    return tidy(columns, n=curves.passages, excluded=curves.means.excluded, unit="1")


def _share_at_half(curves: ModelCurves, model: int) -> Floats:
    """Share of the path at half the depth, [passages]."""
    _, values = curves.states(model)
    return np.asarray(at_depths(values, np.array([0.5]))[:, 0])
