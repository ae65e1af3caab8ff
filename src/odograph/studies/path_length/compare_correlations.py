"""The last step and the prediction in several models: the difference of their correlations."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from odograph.figures.comparison import draw_model_differences
from odograph.figures.marks import Dot, Labels
from odograph.statistics.comparison import Comparison, compare
from odograph.statistics.modes import holm
from odograph.statistics.results import Finding
from odograph.statistics.wording import PValue, comparison_sentence
from odograph.studies.alignment import Shared
from odograph.studies.path_length.measured import Tokens, read_tokens
from odograph.studies.reporting import Usual
from odograph.studies.selection import Floats, Ints, columns_of
from odograph.studies.study import Plot

_OVER_MODELS = "Holm over pairs of models"
Correlations = dict[tuple[str, str], Comparison]


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
    return {
        (name, names[0]): _counted(
            compare(
                other[:2], first[:2], method="spearman", seed=seed, covariates=(other[2], first[2])
            ),
            shared,
        )
        for name, other in zip(names[1:], others, strict=True)
    }


_Series = tuple[list[Floats], list[Floats], list[Floats]]


def _series(tokens: Tokens, rows: Ints, cuts: Ints) -> _Series:
    """Last step, log-probability and covariates at these rows, an array a passage."""
    return (
        np.split(tokens.columns["last_step_stream"][rows], cuts),
        np.split(tokens.columns["next_logprob"][rows], cuts),
        np.split(tokens.covariates()[rows], cuts),
    )


def _counted(result: Comparison, shared: Shared) -> Comparison:
    """The result with all that was left out: tokens of the first run, passages of any run."""
    return replace(
        result,
        excluded=shared.tokens[0] - result.tokens,
        excluded_passages=shared.passages - result.passages,
    )


def correlation_findings(usual: Usual, found: Correlations) -> list[Finding]:
    """A finding for each pair of models, corrected for all pairs."""
    raw = [float("nan") if result.p is None else result.p for result in found.values()]
    return [
        _finding(usual, names, result, _corrected(result, float(p), len(found)))
        for (names, result), p in zip(found.items(), holm(raw), strict=True)
    ]


def _corrected(result: Comparison, p: float, family: int) -> PValue:
    """The p-value of one of so many models compared with the first."""
    if np.isnan(p):
        return PValue(result.test, None, family, "comparisons")
    test = result.test if family == 1 else f"{result.test}, {_OVER_MODELS}"
    return PValue(test, p, family, "comparisons")


def _finding(usual: Usual, names: tuple[str, str], result: Comparison, tested: PValue) -> Finding:
    return usual.finding(
        comparison_sentence("the last step (stream)", "log-probability", names, result, tested),
        _plain(names, result),
        result.difference,
        result.interval,
        unit="difference of r",
        n=result.passages,
        excluded=result.excluded_passages,
        test=tested.test,
        family="1" if tested.family == 1 else f"{tested.family} comparisons",
        null="no difference: the models' correlations are exchangeable within a passage",
        p=result.p,
        p_adjusted=tested.p,
    )


def _plain(names: tuple[str, str], result: Comparison) -> str:
    if result.interval is None or result.interval.low <= 0 <= result.interval.high:
        return f"The two correlations, in {names[0]} and in {names[1]}, cannot be told apart."
    return f"The correlation differs between {names[0]} and {names[1]}, at the same places."


def correlation_plots(found: Correlations) -> list[Plot]:
    """The differences with their intervals; nothing where none was taken."""
    if not found:
        return []
    title = "Difference of the correlation of last step and log-probability"
    dots = [(f"{a} \u2212 {b}", _dot(result)) for (a, b), result in found.items()]
    return [
        Plot(
            "path_length_models_correlation",
            title,
            "Partial Spearman, stream, sinks left out; difference at the same places of the text "
            "with its 95 % interval.",
            "0: no difference between the models",
            draw_model_differences(dots, Labels(title, "difference of r")),
        )
    ]


def _dot(result: Comparison) -> Dot:
    if result.interval is None:
        return Dot(result.difference)
    return Dot(result.difference, result.interval.low, result.interval.high)
