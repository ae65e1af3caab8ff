"""What is found when models are compared: always the difference of two, paired by passage."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from odograph.folder.run import Run
from odograph.sentences.models import (
    PLACES,
    cluster_depths,
    depth_p,
    depth_words,
    largest_cluster,
    model_curves_plain,
    model_curves_sentence,
    same_everywhere,
)
from odograph.sentences.record import Finding
from odograph.sentences.templates import interval_words, number, quantity
from odograph.statistics.coverage import with_shortfall
from odograph.statistics.designs.models import MAX_T_PAIRS, at_depths, family_size, paired_values
from odograph.statistics.intervals import BCA, interval_of, mean_interval
from odograph.statistics.moving_blocks import BLOCK_INTERVAL, DESCRIPTIVE, block_mean_intervals
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import (
    NOTHING_DIFFERS,
    Comparison,
    Estimate,
    Interval,
    PValue,
)
from odograph.studies.comparison import comparison_card, tests_on_card
from odograph.studies.defaults import FindingDefaults
from odograph.studies.model_curves import ModelCurves
from odograph.studies.model_hinges import of_curves, of_depth, of_values
from odograph.studies.selection import Floats

_TOO_FEW = "none: too few passages, or no spread"
NO_MODEL_DIFFERENCE = "no difference: signs of the passages' differences are exchangeable"


@dataclass(frozen=True, eq=False)
class ModelValues:
    """One number a passage for each model: [passages] of the same passages.

    Attributes:
        measure: in a sentence.
        unit: of the values.
        values: of each model, the first one the reference.
        twins: mean of each model's untrained twins; None without twins.
        tokens: of a single passage, the values at its places, of each model; else ().
        left_out: of a single passage, usable tokens of the first model at no such place.
        passages: their names.
    """

    measure: str
    unit: str
    values: tuple[Floats, ...]
    twins: tuple[float | None, ...]
    tokens: tuple[Floats, ...] = ()
    left_out: int = 0
    passages: tuple[str, ...] = ()


def models_usual(
    study: str, runs: Sequence[Run], curves: ModelCurves, tests: Sequence[str], unit: str = "1"
) -> FindingDefaults:
    """What the findings of several models share: their card, and the passages all runs have."""
    card = comparison_card(
        runs,
        unit=f"{curves.sample}, the same in all models",
        test=tests_on_card(curves.passages, tests),
    )
    return FindingDefaults(
        study,
        card,
        n=curves.passages,
        null=NO_MODEL_DIFFERENCE,
        excluded=curves.means.excluded,
        unit=unit,
    )


def value_findings(
    defaults: FindingDefaults, given: Sequence[ModelValues], names: Sequence[str], seed: int
) -> list[Finding]:
    """The difference of every measure between each model and the first, one family of tests."""
    cases = [(values, model) for values in given for model in range(1, len(names))]
    differences = np.stack([v.values[m] - v.values[0] for v, m in cases], axis=1)
    p = paired_values(differences, seed=seed)
    family = family_size(differences)
    found = [
        _value_finding(
            defaults, values, (names[model], names[0]), model, (float(own), family), seed
        )
        for (values, model), own in zip(cases, p, strict=True)
    ]
    return [
        of_values(made, differences, column, values.passages, seed)
        for column, (made, (values, _)) in enumerate(zip(found, cases, strict=True))
    ]


def value_difference(values: ModelValues, model: int, seed: int) -> Estimate:
    """A model minus the first: mean over passages; in one text over its places, descriptive."""
    difference = values.values[model] - values.values[0]
    if values.tokens:
        tokens = (values.tokens[model] - values.tokens[0])[:, None]
        low, high, length = block_mean_intervals(tokens, seed=seed)
        how = with_shortfall(BLOCK_INTERVAL, len(tokens) // max(1, length))
        interval = interval_of(low[0], high[0], f"{how}, one text")
        return Estimate(float(difference.mean()), values.unit, len(tokens), "token", interval)
    interval = mean_interval(difference, seed=seed)
    return Estimate(float(difference.mean()), values.unit, len(difference), "passage", interval)


def _value_finding(
    defaults: FindingDefaults,
    values: ModelValues,
    names: tuple[str, str],
    model: int,
    tested_as: tuple[float, int],
    seed: int,
) -> Finding:
    p, family = tested_as
    twins = values.twins[model], values.twins[0]
    excluded = values.left_out if values.tokens else defaults.excluded
    estimate = replace(value_difference(values, model, seed), excluded=excluded)
    same = bool((values.values[model] == values.values[0]).all())
    known = bool(np.isfinite(p)) and not same
    why = NOTHING_DIFFERS if same else DESCRIPTIVE if values.tokens else _TOO_FEW
    tested = PValue(MAX_T_PAIRS if known else why, p if known else None, family, "comparisons")
    compared = Comparison(values.measure, *names, PLACES, estimate, tested, NO_MODEL_DIFFERENCE)
    return defaults.comparison(compared, beside_models(names, twins, values.unit, estimate.value))


def beside_models(
    names: tuple[str, str],
    twins: tuple[float | None, float | None],
    unit: str,
    difference: float,
) -> str:
    """What depth and architecture alone give: the same of both models' untrained twins."""
    ending = "" if unit == "1" else f" {unit}"
    known = [
        f"{number(value)}{ending} for {name}"
        for name, value in zip(names, twins, strict=True)
        if value is not None
    ]
    if not known:
        return "How much of it is depth and architecture is open: no untrained twin was measured."
    if twins[0] is None or twins[1] is None:
        return f"Untrained twins give {known[0]}; of the other model none was measured."
    apart = twins[0] - twins[1]
    said = (
        f"Their untrained twins, of the same depths, give {' and '.join(known)}: a difference of "
        f"{number(apart)}{ending}"
    )
    if difference == apart:
        return f"{said}, as the models do."
    beyond = f"{number(abs(difference - apart))}{ending}"
    return f"{said}; that of the models lies {beyond} {_side(difference > apart)} it."


def _side(larger: bool) -> str:
    return "above" if larger else "below"


def curve_findings(defaults: FindingDefaults, curves: ModelCurves) -> list[Finding]:
    """For each pair the claim about whole curves, and about the depth that differs most."""
    found: list[Finding] = []
    for index in range(len(curves.profiles)):
        found.append(_whole_curves(defaults, curves, index))
        found += _largest(defaults, curves, index)
    return found


def _whole_curves(defaults: FindingDefaults, curves: ModelCurves, index: int) -> Finding:
    profile, pair = curves.profiles[index], curves.pairs[index]
    best = largest_cluster(profile)
    p = None if best is None else best.p
    mean, interval = _over_depths(curves, index)
    unit = curves.along.unit
    made = defaults.finding(
        f"{model_curves_sentence(profile, pair)} Averaged over the compared depths the difference "
        f"is {quantity(mean, unit)} ({interval_words(interval, unit)}).",
        model_curves_plain(profile, pair),
        mean,
        interval,
        unit="mean over depths" if unit == "1" else f"{unit}, mean over depths",
        n=profile.n,
        excluded=profile.excluded,
        test=cluster_depths(profile)
        if profile.family
        else NOTHING_DIFFERS
        if same_everywhere(profile)
        else _TOO_FEW,
        family=f"{profile.family} comparisons ({pair.family})" if profile.family else "none",
        p=p,
        p_adjusted=p,
    )
    return of_curves(made, curves, index)


def _over_depths(curves: ModelCurves, index: int) -> tuple[float, Interval | None]:
    """The difference averaged over the compared depths, with its interval over passages."""
    model, first = (
        at_depths(curves.states(which)[1], curves.depths).mean(axis=1) for which in (index + 1, 0)
    )
    return float((model - first).mean()), mean_interval(model - first, seed=curves.seed)


def _largest(defaults: FindingDefaults, curves: ModelCurves, index: int) -> list[Finding]:
    """The depth with the largest standardised difference; nothing where none was tested."""
    profile, pair = curves.profiles[index], curves.pairs[index]
    tested = profile.family and np.isfinite(profile.p_max_t).any()
    if not tested or not np.isfinite(profile.d_z).any():
        return []
    at = int(np.nanargmax(np.abs(profile.d_z)))
    estimate = Estimate(
        float(profile.difference[at]),
        curves.along.unit,
        profile.n,
        "passage",
        interval_of(profile.low[at], profile.high[at], BCA),
        profile.excluded,
    )
    compared = Comparison(
        curves.along.measure,
        *pair.names,
        depth_words(float(curves.depths[at])),
        estimate,
        depth_p(profile, at, pair),
        NO_MODEL_DIFFERENCE,
    )
    rejected = int((np.nan_to_num(profile.p_max_t, nan=1.0) < ALPHA).sum())
    more = (
        f"It is the depth with the largest standardised difference (d_z = {profile.d_z[at]:.2f}); "
        f"at {rejected} of {len(curves.depths)} depths p < .05 after max-T. The interval is that "
        "of the one depth, not corrected for its choice."
    )
    return [of_depth(defaults.comparison(compared, more), curves, index, at)]
