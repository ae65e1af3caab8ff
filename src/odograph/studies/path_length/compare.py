"""Several models on the same texts: shapes of paths, and the last step with the prediction."""

from dataclasses import replace
from functools import partial

import numpy as np

from odograph.figures.marks import Labels
from odograph.folder.alignment import Shared
from odograph.folder.requirements import require_all_tokens
from odograph.folder.samples.correlations import LOGIT, ModelCorrelations, correlations_of_models
from odograph.folder.samples.model_curves import SHARE, DepthMeasure
from odograph.folder.selection import columns_of
from odograph.folder.shared_means import shared_means
from odograph.sentences.correlations import models_words
from odograph.sentences.record import PRIMARY
from odograph.statistics.designs.models import MAX_T_DEPTHS, MAX_T_PAIRS, at_depths
from odograph.statistics.leave_one_out import Without, max_t_without
from odograph.statistics.values import Correlation
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.model_runner import (
    Look,
    ModelAnalysis,
    ModelComparison,
    means_by_model,
    models_table,
)
from odograph.studies.questions.depths import depths
from odograph.studies.questions.totals import ModelValues, differences_plot, totals
from odograph.studies.result import Plot, Table
from odograph.studies.section import Answer
from odograph.studies.tidy import tidy


def model_correlations(analysis: ModelAnalysis) -> Answer:
    """A claim for each pair of models, and the figure; nothing without log-probabilities."""
    shared, seed = analysis.shared, analysis.seed
    found = correlations_of_models(shared, analysis.names, seed)
    if not found:
        missing = "not all runs have log-probabilities (--logits full)"
        return Answer(notes=[f"Correlations are not compared: {missing}."])
    raw = correlations_of_models(shared, analysis.names, seed, LOGIT)
    there = shared.usable & shared.following
    passages = shared.read[0].names_of(shared.document[there], shared.rows[0][there])
    claims = [
        _claim(analysis.defaults, names, (each, raw.get(names)), passages, seed)
        for names, each in found.items()
    ]
    alike = (
        "Correlations are compared where the next token ends at the same character in all models: "
        "their predictions are of the same stretch of text."
    )
    return Answer(claims, [_plot(analysis.prefix, found)], notes=[alike])


def _claim(
    defaults: FindingDefaults,
    names: tuple[str, str],
    both: tuple[Correlation, Correlation | None],
    passages: tuple[str, ...],
    seed: int,
) -> Claim:
    """P without each passage is multiplied by what it was corrected by.

    both: with the log-probability, which leads, and with the raw logit.
    """
    found, _ = both
    told = defaults.correlation(
        found, models_words("the last step (stream)", "log-probability", names, both)
    )
    made = replace(told, weight=PRIMARY, data={"correlations": list(found.of or ())})
    values = np.array(found.each)[:, None]
    factor = max(1, round((made.p_adjusted or 1) / (made.p or 1)))

    def without() -> Without:
        alone = max_t_without(values, seed=seed)
        return Without(np.minimum(1.0, factor * alone.p), alone.estimate)

    return Claim(made, without, [passages[unit] for unit in found.units])


def _plot(prefix: str, found: ModelCorrelations) -> Plot:
    """The differences with their intervals."""
    title = "Difference of the correlation of last step and log-probability"
    return differences_plot(
        f"{prefix}_correlation",
        Labels(title, "difference of r"),
        "Partial Spearman, stream, sinks left out; difference at the same places of the text "
        "with its 95 % interval.",
        {names: (each.r, each.interval) for names, each in found.items()},
    )


_SHARE = DepthMeasure(
    name="share",
    measure="share of the path covered so far",
    expression="path / max(path) over (partition by passage, position)",
    unit="1",
    axis="share of the path (1)",
    kind=SHARE,
    number="share of the path covered at half of the depth",
)


def _look(shared: Shared) -> Look:
    return Look(_SHARE, np.ones_like(shared.usable))


def _straightness(analysis: ModelAnalysis) -> ModelValues | None:
    """How straight paths are; None where not all runs kept it."""
    shared = analysis.shared
    if any("straightness" not in columns_of(run, "tokens") for run in shared.runs):
        return None
    means = shared_means(shared, "straightness", np.ones_like(shared.usable))
    return ModelValues("straightness of the path", "1", means, shared.tokens[0] - means.places)


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
        columns |= means_by_model("straightness", straight.means.values, curves.seed)
    made = tidy(columns, n=curves.passages, excluded=curves.means.excluded, unit="1")
    return Answer(
        tables=[Table(analysis.prefix, "The models beside each other", made)], notes=notes
    )


COMPARISON = ModelComparison(
    look=_look,
    sections=(
        model_correlations,
        totals(_straightness, "straightness"),
        depths("Differences of the share of the path by relative depth"),
        _beside,
    ),
    tests=(MAX_T_PAIRS, MAX_T_DEPTHS),
    requires=partial(require_all_tokens, study="path-length"),
)
