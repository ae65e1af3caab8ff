"""Several models on the same texts: layers by relative depth, differences paired.

That something is significant in one model and not in another is no difference between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from odograph.statistics.comparison import Comparison
from odograph.statistics.comparison import compare as compare_correlations
from odograph.statistics.intervals import mean_interval
from odograph.statistics.paired import benjamini_hochberg
from odograph.statistics.permutation import sign_flip_p
from odograph.statistics.results import Estimate, Finding
from odograph.statistics.wording import (
    Contrast,
    PValue,
    comparison_sentence,
    difference_plain,
    difference_sentence,
    number,
)
from odograph.studies.comparison import comparison_card, label, refuse_conventions, same_texts
from odograph.studies.path_length.compare_figures import plots
from odograph.studies.path_length.measured import Measured
from odograph.studies.reporting import Usual
from odograph.studies.selection import Floats
from odograph.studies.study import StudyResult, Table

STUDY = "path-length"
_OVER_MODELS = "Benjamini-Hochberg over pairs of models"
_NULL = "no difference: signs of the passages' differences are exchangeable"
_TEST = f"sign-flip permutation over passages, {_OVER_MODELS}"


@dataclass(frozen=True)
class _Pair:
    """Two models and what is compared: a value a passage, passages in the same order."""

    names: tuple[str, str]
    measure: str
    unit: str
    first: Floats
    second: Floats
    beside: str


def compare_models(models: Sequence[Measured], question: str) -> StudyResult:
    """The comparison of runs: every model against the first.

    Raises:
        StudyError: the runs have different conventions for the last state.
    """
    runs = [model.run for model in models]
    refuse_conventions(runs)
    names = [label(run, runs) for run in runs]
    usual = Usual(
        STUDY,
        comparison_card(runs, unit=f"{models[0].passages} passages", test=_TEST),
        n=models[0].passages,
        null=_NULL,
    )
    shared = all(_same_passages(models[0], other) for other in models[1:])
    notes = [] if shared else ["The runs have different passages: only curves are compared."]
    pairs = _pairs(models, names) if shared else []
    correlations = _correlations(models, names) if shared else {}
    if shared and not correlations:
        notes.append(
            "Correlations are compared only where the models read the same tokens and have "
            "log-probabilities."
        )
    return StudyResult(
        study=STUDY,
        question=question,
        findings=[
            *_differences(pairs, models[0].seed, usual),
            *_correlation_findings(correlations, usual),
        ],
        plots=plots(models, names, correlations),
        tables=[Table("path_length_models", "The models beside each other", _table(models, names))],
        card=usual.card,
        notes=notes,
    )


def _same_passages(a: Measured, b: Measured) -> bool:
    return same_texts(a.run, b.run) and np.array_equal(a.numbers, b.numbers)


def _pairs(models: Sequence[Measured], names: Sequence[str]) -> list[_Pair]:
    """Each model against the first, in measures without a scale."""
    first, found = models[0], []
    for other, name in zip(models[1:], names[1:], strict=True):
        both = (name, names[0])
        beside = _beside(both, [_twin_rotation(m) for m in (other, first)])
        turns = _mean_rotation(other), _mean_rotation(first)
        found.append(_Pair(both, "mean rotation in a block", "degrees", *turns, beside))
        if other.straightness is not None and first.straightness is not None:
            twins = [
                None if m.twin_straightness is None else float(m.twin_straightness.mean())
                for m in (other, first)
            ]
            both_paths = (other.straightness, first.straightness)
            found.append(_Pair(both, "straightness", "1", *both_paths, _beside(both, twins)))
    return found


def _mean_rotation(measured: Measured) -> Floats:
    return measured.curves["turned"][:, -1] / measured.run.blocks


def _twin_rotation(measured: Measured) -> float | None:
    twins = measured.twins["turned"]
    return None if twins is None else float(twins[:, :, -1].mean()) / measured.run.blocks


def _beside(names: tuple[str, str], twins: Sequence[float | None]) -> str:
    """What depth and architecture alone give: the same of each model's untrained twins."""
    known = [
        f"{number(value)} for {name}"
        for name, value in zip(names, twins, strict=True)
        if value is not None
    ]
    if not known:
        return (
            "How much of it is depth and architecture is not known: no untrained twin was measured."
        )
    return f"Their untrained twins, of the same depths, give {' and '.join(known)}."


def _differences(pairs: Sequence[_Pair], seed: int, usual: Usual) -> list[Finding]:
    raw = np.array([_p(pair, seed) for pair in pairs], dtype=float)
    adjusted = benjamini_hochberg(raw)
    return [
        _difference(pair, seed, (float(p), float(q)), usual, len(pairs))
        for pair, p, q in zip(pairs, raw, adjusted, strict=True)
    ]


def _p(pair: _Pair, seed: int) -> float:
    p = sign_flip_p(pair.first - pair.second, seed=seed)
    return float("nan") if p is None else p


def _difference(
    pair: _Pair, seed: int, tested: tuple[float, float], usual: Usual, family: int
) -> Finding:
    values = pair.first - pair.second
    interval = mean_interval(values, seed=seed)
    estimate = Estimate(float(values.mean()), pair.unit, len(values), "passage", interval)
    contrast = Contrast(
        pair.measure, pair.names[0], pair.names[1], "on the same passages", estimate
    )
    p, adjusted = (None if np.isnan(value) else value for value in tested)
    test = _TEST if p is not None else "none: too few passages"
    return usual.finding(
        difference_sentence(contrast, PValue(test, adjusted, family, "comparisons"))
        + f" {pair.beside}",
        difference_plain(contrast),
        estimate.value,
        interval,
        unit=pair.unit,
        n=len(values),
        test=test,
        family=f"{family} comparisons",
        p=p,
        p_adjusted=adjusted,
    )


def _correlations(
    models: Sequence[Measured], names: Sequence[str]
) -> dict[tuple[str, str], Comparison]:
    """Difference of the leading correlation, each model against the first, on the same tokens."""
    first = models[0]
    return {
        (name, names[0]): compare_correlations(
            _series(other),
            _series(first),
            method="spearman",
            seed=first.seed,
            covariates=(_covariates(other), _covariates(first)),
        )
        for other, name in zip(models[1:], names[1:], strict=True)
        if _same_tokens(other, first)
    }


def _same_tokens(a: Measured, b: Measured) -> bool:
    both = (a.tokens, b.tokens)
    if any("next_logprob" not in tokens.columns for tokens in both):
        return False
    return np.array_equal(a.tokens.token_id, b.tokens.token_id)


def _series(measured: Measured) -> tuple[list[Floats], list[Floats]]:
    tokens = measured.tokens
    return (
        tokens.by_passage(tokens.columns["last_step_stream"]),
        tokens.by_passage(tokens.columns["next_logprob"]),
    )


def _covariates(measured: Measured) -> list[Floats]:
    tokens = measured.tokens
    cuts = np.flatnonzero(np.diff(tokens.document)) + 1
    return list(np.split(tokens.covariates(), cuts))


def _correlation_findings(found: dict[tuple[str, str], Comparison], usual: Usual) -> list[Finding]:
    raw = [float("nan") if result.p is None else result.p for result in found.values()]
    adjusted = benjamini_hochberg(np.array(raw, dtype=float))
    return [
        _correlation_finding(names, result, _corrected(result, float(p), len(found)), usual)
        for (names, result), p in zip(found.items(), adjusted, strict=True)
    ]


def _corrected(result: Comparison, p: float, family: int) -> PValue:
    """The p-value of one of so many models compared with the first."""
    if np.isnan(p):
        return PValue(result.test, None, family, "comparisons")
    test = result.test if family == 1 else f"{result.test}, {_OVER_MODELS}"
    return PValue(test, p, family, "comparisons")


def _correlation_finding(
    names: tuple[str, str], result: Comparison, tested: PValue, usual: Usual
) -> Finding:
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
    return f"The correlation differs between {names[0]} and {names[1]}, on the same tokens."


def _table(models: Sequence[Measured], names: Sequence[str]) -> dict[str, Any]:
    """One row a model."""
    last = [m.last.groups[0].means for m in models]
    return {
        "model": list(names),
        "blocks": [m.run.blocks for m in models],
        "width": [m.run.manifest["model"]["width"] for m in models],
        "passages": [m.passages for m in models],
        "path": [float(m.curves["path"][:, -1].mean()) for m in models],
        "turned": [float(m.curves["turned"][:, -1].mean()) for m in models],
        "straightness": [
            None if m.straightness is None else float(m.straightness.mean()) for m in models
        ],
        "last_step_stream": [means["last_step_stream"] for means in last],
        "last_step_hf": [means["last_step_hf"] for means in last],
    }
