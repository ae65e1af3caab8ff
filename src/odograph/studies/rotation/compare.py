"""Several models on the same texts: how far they turn, by relative depth, paired by passage."""

from collections.abc import Sequence

import numpy as np

from odograph.folder.run import Run
from odograph.sentences.record import Finding
from odograph.sentences.templates import interval_words, number
from odograph.statistics.designs.models import MAX_T_DEPTHS, MAX_T_PAIRS
from odograph.statistics.intervals import mean_interval
from odograph.studies.alignment import share_places
from odograph.studies.comparison import (
    label,
    refuse_conventions,
    sharing_notes,
)
from odograph.studies.defaults import FindingDefaults
from odograph.studies.model_curves import (
    FROM_ZERO,
    DepthMeasure,
    ModelCurves,
    compare_curves,
    require_targets_alike,
)
from odograph.studies.model_findings import (
    ModelValues,
    curve_findings,
    models_usual,
    value_findings,
)
from odograph.studies.model_plots import difference_plots, models_plot, values_plot
from odograph.studies.model_tables import curves_table, means_by_model, models_table
from odograph.studies.phrases import blocks_counted
from odograph.studies.result import StudyResult, Table
from odograph.studies.selection import Floats
from odograph.studies.tidy import Columns, tidy
from odograph.studies.unmatched import describe_unmatched

STUDY = "rotation"


def compare_models(runs: Sequence[Run], question: str) -> StudyResult:
    """The comparison of runs: every model against the first, at the places that all share.

    Raises:
        StudyError: the runs cannot stand side by side, or share no usable token.
    """
    refuse_conventions(runs)
    shared = share_places(runs)
    targets = require_targets_alike(shared)
    if not shared.places:
        where_sql = "role = 'target'" if targets else "true"
        return describe_unmatched(runs, _along(targets), STUDY, question, where_sql)
    names = [label(run, runs) for run in runs]
    seed = runs[0].seed
    where = shared.target if targets else np.ones_like(shared.usable)
    curves = compare_curves(shared, _along(targets), names, where, seed)
    totals = _totals(curves, shared.tokens[0])
    defaults = models_usual(STUDY, runs, curves, [MAX_T_PAIRS, MAX_T_DEPTHS], "degrees")
    return StudyResult(
        study=STUDY,
        question=question,
        findings=[
            *value_findings(defaults, [totals], names, seed),
            *curve_findings(defaults, curves),
            _per_block(defaults, curves, runs),
        ],
        plots=[
            models_plot(curves, STUDY),
            *difference_plots(curves, STUDY),
            values_plot("rotation_models_total", totals, names, seed),
        ],
        tables=_tables(curves, runs),
        card=defaults.card,
        notes=sharing_notes(shared, curves.means),
    )


def _along(targets: Sequence[str]) -> DepthMeasure:
    whose = f" of {' or '.join(repr(t) for t in targets)}" if targets else ""
    return DepthMeasure(
        name="turned",
        measure=f"rotation{whose} turned so far" if whose else "rotation turned so far",
        expression="turned",
        unit="degrees",
        axis="turned so far (degrees)",
        kind=FROM_ZERO,
    )


def _totals(curves: ModelCurves, tokens: int) -> ModelValues:
    """Turned after the last block; `tokens` counts those of the first run."""
    return ModelValues(
        "rotation summed over all blocks",
        "degrees",
        tuple(values[:, -1] for values in curves.means.values),
        tuple(None if t is None else float(t[..., -1].mean()) for t in curves.means.twins),
        tuple(at_places[:, -1] for at_places in curves.means.tokens),
        tokens - curves.means.places,
        curves.means.names,
    )


def _blockwise(curves: ModelCurves, model: int) -> Floats:
    """Mean rotation in a block, [passages]."""
    values = curves.means.values[model]
    return np.asarray(values[:, -1] / values.shape[1])


def _per_block(defaults: FindingDefaults, curves: ModelCurves, runs: Sequence[Run]) -> Finding:
    """Mean rotation in a block beside the number of blocks: a few models are no sample."""
    sizes = [int(run.manifest["model"]["parameters"]) for run in runs]
    order = np.argsort(sizes, kind="stable")
    said = "; ".join(_one_model(curves, runs[m], int(m)) for m in order)
    small, large = int(order[0]), int(order[-1])
    apart = _blockwise(curves, large) - _blockwise(curves, small)
    less = (
        "less in a block than"
        if apart.mean() < 0
        else "more in a block than"
        if apart.mean() > 0
        else "as much in a block as"
    )
    return defaults.finding(
        f"Mean rotation in a block, models by their number of parameters: {said} "
        f"({defaults.sample}; descriptive, no test). A model with more blocks has more of them for "
        "the same way, so rotation in a block alone does not tell models apart.",
        f"The largest of these models ({curves.names[large]}) turns {less} the "
        f"smallest ({curves.names[small]}). It is divided by the number of blocks: look at the "
        "sum, and at what random weights of the same depth give.",
        float(apart.mean()),
        mean_interval(apart, seed=curves.seed),
        unit="degrees a block, largest minus smallest model",
    )


def _one_model(curves: ModelCurves, run: Run, model: int) -> str:
    values, twins = _blockwise(curves, model), curves.means.twins[model]
    interval = interval_words(mean_interval(values, seed=curves.seed), "degrees")
    beside = (
        "no untrained twin"
        if twins is None
        else f"untrained twins {number(twins[..., -1].mean() / run.blocks)} degrees"
    )
    return (
        f"{curves.names[model]} ({blocks_counted(run.blocks)} of width "
        f"{run.manifest['model']['width']}) "
        f"{number(values.mean())} degrees, {interval}, {beside}"
    )


def _tables(curves: ModelCurves, runs: Sequence[Run]) -> list[Table]:
    title = "Differences of turned by relative depth (degrees)"
    return [
        Table("rotation_models", "The models beside each other", _table(curves, runs)),
        Table("rotation_models_depths", title, curves_table(curves)),
    ]


def _table(curves: ModelCurves, runs: Sequence[Run]) -> Columns:
    """One row a model."""
    models = range(len(runs))
    totals = [curves.means.values[m][:, -1] for m in models]
    twins = [np.nan if t is None else float(t[..., -1].mean()) for t in curves.means.twins]
    each = [_blockwise(curves, m) for m in models]
    columns = {
        **models_table(curves, runs),
        **means_by_model("turned", totals, curves.seed),
        "turned_untrained": twins,
        **means_by_model("rotation_per_block", each, curves.seed),
    }
    return tidy(columns, n=curves.passages, excluded=curves.means.excluded, unit="degrees")
