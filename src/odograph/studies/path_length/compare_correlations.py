"""The last step and the prediction in several models: the difference of their correlations."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from odograph.figures.comparison import draw_model_differences
from odograph.figures.drawing import later
from odograph.figures.marks import Dot, Labels
from odograph.sentences.names import name_of_test
from odograph.sentences.templates import models_sentence
from odograph.statistics.correlations.comparison import compare
from odograph.statistics.leave_one_out import Without, max_t_without
from odograph.statistics.shapes.modes import holm
from odograph.statistics.values import Correlation, PValue
from odograph.studies.alignment import Shared
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.model_runner import ModelAnalysis
from odograph.studies.passages import names_at
from odograph.studies.path_length.tokens import Tokens, read_tokens
from odograph.studies.result import Plot
from odograph.studies.section import Answer
from odograph.studies.selection import Floats, Ints, columns_of

_OVER_MODELS, _COMPARISONS = "Holm over pairs of models", "comparisons"
Correlations = dict[tuple[str, str], Correlation]


def correlations(shared: Shared, names: Sequence[str], seed: int) -> Correlations:
    """Difference of the leading correlation, each model against the first, at the same places.

    Only where the next token ends at the same place, too; {} where a run has no log-probabilities.
    """
    if any("next_logprob" not in columns_of(run, "tokens") for run in shared.runs):
        return {}
    there = np.flatnonzero(shared.usable & shared.following)
    documents = shared.document[there]
    cuts = np.flatnonzero(np.diff(documents)) + 1
    read = [
        _series(read_tokens(run), rows[there], cuts)
        for run, rows in zip(shared.runs, shared.rows, strict=True)
    ]
    first, *others = read
    found = {
        (name, names[0]): _counted(
            compare(
                other[:2], first[:2], method="spearman", seed=seed, covariates=(other[2], first[2])
            ),
            shared,
        )
        for name, other in zip(names[1:], others, strict=True)
    }
    return _corrected(found)


_Series = tuple[list[Floats], list[Floats], list[Floats]]


def _series(tokens: Tokens, rows: Ints, cuts: Ints) -> _Series:
    """Last step, log-probability and covariates at these rows, an array a passage."""
    return (
        np.split(tokens.columns["last_step_stream"][rows], cuts),
        np.split(tokens.columns["next_logprob"][rows], cuts),
        np.split(tokens.covariates()[rows], cuts),
    )


def _counted(found: Correlation, shared: Shared) -> Correlation:
    """The result with all that was left out: tokens of the first run, passages of any run."""
    return replace(
        found,
        excluded_tokens=shared.tokens[0] - found.tokens,
        excluded=shared.passages - found.n,
    )


def _corrected(found: Correlations) -> Correlations:
    """The same with p corrected for all pairs of models."""
    raw = [float("nan") if each.tested.p is None else each.tested.p for each in found.values()]
    return {
        names: replace(each, tested=_tested(each.tested, float(p), len(found)))
        for (names, each), p in zip(found.items(), holm(raw), strict=True)
    }


def _tested(raw: PValue, p: float, family: int) -> PValue:
    """One of so many comparisons with the first model."""
    if not raw.made:
        return replace(raw, family=family, members=_COMPARISONS)
    test = raw.test if family == 1 else f"{name_of_test(raw.test)}, {_OVER_MODELS}"
    return PValue(test, p, family, _COMPARISONS, alone=raw.p)


def model_correlations(analysis: ModelAnalysis) -> Answer:
    """A claim for each pair of models, and the figure; nothing without log-probabilities."""
    shared, seed = analysis.shared, analysis.seed
    found = correlations(shared, analysis.names, seed)
    if not found:
        missing = "not all runs have log-probabilities (--logits full)"
        return Answer(notes=[f"Correlations are not compared: {missing}."])
    there = shared.usable & shared.following
    passages = names_at(shared.runs[0], shared.document[there], shared.rows[0][there])
    claims = [
        _claim(analysis.defaults, names, each, passages, seed) for names, each in found.items()
    ]
    alike = (
        "Correlations are compared where the next token ends at the same character in all models: "
        "their predictions are of the same stretch of text."
    )
    return Answer(claims, [_plot(analysis.prefix, found)], notes=[alike])


def _claim(
    defaults: FindingDefaults,
    names: tuple[str, str],
    found: Correlation,
    passages: tuple[str, ...],
    seed: int,
) -> Claim:
    """P without each passage is multiplied by what it was corrected by."""
    what = "the last step (stream)", "log-probability"
    made = defaults.correlation(found, models_sentence(*what, names, found), _plain(names, found))
    values = np.array(found.each)[:, None]
    factor = max(1, round((made.p_adjusted or 1) / (made.p or 1)))

    def without() -> Without:
        alone = max_t_without(values, seed=seed)
        return Without(np.minimum(1.0, factor * alone.p), alone.estimate)

    return Claim(made, without, [passages[unit] for unit in found.units])


def _plain(names: tuple[str, str], found: Correlation) -> str:
    if found.r == 0 and found.interval is None:
        return f"The two correlations, in {names[0]} and in {names[1]}, are the same."
    if found.interval is None or found.interval.low <= 0 <= found.interval.high:
        return f"The two correlations, in {names[0]} and in {names[1]}, cannot be told apart."
    return f"The correlation differs between {names[0]} and {names[1]}, at the same places."


def _plot(prefix: str, found: Correlations) -> Plot:
    """The differences with their intervals."""
    title = "Difference of the correlation of last step and log-probability"
    dots = [(f"{a} \u2212 {b}", _dot(each)) for (a, b), each in found.items()]
    return Plot(
        f"{prefix}_correlation",
        title,
        "Partial Spearman, stream, sinks left out; difference at the same places of the text "
        "with its 95 % interval.",
        "0: no difference between the models",
        later(draw_model_differences, dots, Labels(title, "difference of r")),
    )


def _dot(found: Correlation) -> Dot:
    if found.interval is None:
        return Dot(found.r)
    return Dot(found.r, found.interval.low, found.interval.high)
