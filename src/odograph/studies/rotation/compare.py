"""Several models on the same texts: how far they turn, by relative depth, paired by passage."""

from dataclasses import replace

import numpy as np

from odograph.folder.alignment import Shared
from odograph.folder.samples.compared_places import places_of_targets
from odograph.folder.samples.model_curves import (
    FROM_ZERO,
    DepthMeasure,
    ModelCurves,
    targets_met,
)
from odograph.folder.selection import Floats
from odograph.folder.token_sets import TARGETS
from odograph.measures import DEGREES
from odograph.sentences.rotation import ModelTurn, turns_per_block
from odograph.statistics.designs.models import MAX_T_DEPTHS, MAX_T_PAIRS
from odograph.statistics.intervals import mean_interval
from odograph.studies.claim import Claim
from odograph.studies.model_runner import (
    Look,
    ModelAnalysis,
    ModelComparison,
    means_by_model,
    models_table,
)
from odograph.studies.questions.depths import depths
from odograph.studies.questions.readings import in_readings_of_models
from odograph.studies.questions.totals import ModelValues, totals
from odograph.studies.result import Table
from odograph.studies.section import Answer
from odograph.studies.tidy import Columns, tidy

_TURNED = DepthMeasure(
    name="turned",
    measure="rotation turned so far",
    expression="turned",
    unit=DEGREES,
    axis="turned so far (degrees)",
    kind=FROM_ZERO,
    number="rotation over all blocks",
    step="rotation",
    angle="rotation",
    of_angle="sum({}) over (partition by passage, position order by layer)",
)


def _look(shared: Shared) -> Look:
    """The targets, where all runs have the same; else all tokens."""
    if not (targets := targets_met(shared)):
        return Look(_TURNED, np.ones_like(shared.usable))
    whose = " or ".join(map(repr, targets))
    turned = replace(
        _TURNED,
        measure=f"rotation of {whose} turned so far",
        number=f"rotation of {whose} over all blocks",
        step=f"rotation of {whose}",
    )
    return Look(turned, shared.target, TARGETS)


def _totals(analysis: ModelAnalysis) -> ModelValues:
    """Turned after the last block."""
    means = analysis.curves.means
    left_out = analysis.shared.tokens[0] - means.places
    return ModelValues("rotation summed over all blocks", DEGREES, means.last, left_out)


def _per_block(analysis: ModelAnalysis) -> Answer:
    """Mean rotation in a block beside the number of blocks: a few models are no sample."""
    table = Table(analysis.prefix, "The models beside each other", _columns(analysis))
    return Answer([_claim(analysis)], tables=[table])


def _blockwise(curves: ModelCurves, model: int) -> Floats:
    """Mean rotation in a block, [passages]."""
    values = curves.means.values[model]
    return np.asarray(values[:, -1] / values.shape[1])


def _claim(analysis: ModelAnalysis) -> Claim:
    curves, defaults = analysis.curves, analysis.defaults
    sizes = [int(run.manifest["model"]["parameters"]) for run in analysis.runs]
    order = [int(model) for model in np.argsort(sizes, kind="stable")]
    apart = _blockwise(curves, order[-1]) - _blockwise(curves, order[0])
    value = float(apart.mean())
    finding = defaults.finding_of(
        turns_per_block([_turn(analysis, model) for model in order], value, defaults.sample),
        value,
        mean_interval(apart, seed=curves.seed),
        unit="degrees a block, largest minus smallest model",
    )
    return Claim(finding)


def _turn(analysis: ModelAnalysis, model: int) -> ModelTurn:
    """A model's mean rotation in a block beside its twins."""
    run, curves = analysis.runs[model], analysis.curves
    values = _blockwise(curves, model)
    return ModelTurn(
        curves.names[model],
        run.blocks,
        run.manifest["model"]["width"],
        float(values.mean()),
        mean_interval(values, seed=curves.seed),
        curves.means.last.twins_of_one(model),
    )


def _columns(analysis: ModelAnalysis) -> Columns:
    """One row a model."""
    curves, models = analysis.curves, range(len(analysis.runs))
    totals = [curves.means.values[m][:, -1] for m in models]
    twins = [curves.means.last.twins_of_one(m) for m in models]
    each = [_blockwise(curves, m) for m in models]
    read = [
        means_by_model(f"turned_{name}", [own.means.values[m][:, -1] for m in models], curves.seed)
        for name, own in analysis.read.items()
    ]
    columns = {
        **models_table(analysis),
        **means_by_model("turned", totals, curves.seed),
        "turned_untrained": [np.nan if own is None else own.twins for own in twins],
        "n_untrained": curves.means.twins_n,
        **{name: values for columns in read for name, values in columns.items()},
        **means_by_model("rotation_per_block", each, curves.seed),
    }
    return tidy(columns, n=curves.passages, excluded=curves.means.excluded, unit="degrees")


COMPARISON = ModelComparison(
    look=_look,
    places=places_of_targets,
    sections=(
        in_readings_of_models(totals(_totals, "total")),
        in_readings_of_models(depths("Differences of turned by relative depth (degrees)")),
        in_readings_of_models(_per_block),
    ),
    tests=(MAX_T_PAIRS, MAX_T_DEPTHS),
    unit=DEGREES,
)
