"""The findings of the decomposition study, made of the numbers of the run at hand."""

from typing import Any

import numpy as np

from odograph.folder.card import Card
from odograph.sentences.names import name_of_test, why_untested
from odograph.sentences.record import Finding
from odograph.sentences.templates import counted, p_value
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.permutation import FEWEST_PAIRS, p_alone
from odograph.studies.confirmed import Chosen, confirmed_mean
from odograph.studies.decomposition.drawn import Drawn
from odograph.studies.decomposition.measured import Measured, Profile
from odograph.studies.decomposition.words import (
    bounds_words,
    chance_words,
    cosine_beside_twins,
    layer_interval,
    overall_interval,
    three,
)
from odograph.studies.defaults import FindingDefaults
from odograph.studies.parts import closure_words, layout_of
from odograph.studies.phrases import blocks_counted, capital, layers_named, twin_null, twins_words
from odograph.studies.questions.twins import among_twins
from odograph.studies.random_order import beside_random_order, in_order
from odograph.studies.selection import profile_means
from odograph.studies.sensitivity import with_sensitivity

STUDY = "decomposition"
_SYMMETRIC = "0: signs of the passages' mean cosines are exchangeable"


def findings(measured: Measured, card: Card) -> list[Finding]:
    """All findings that the run allows, the leading one first."""
    defaults = FindingDefaults(
        STUDY,
        card,
        n=measured.passages,
        null=f"{chance_words(measured)}; {twin_null(measured.run)}",
        excluded=measured.update.excluded,
    )
    found = [
        _overall(measured, defaults),
        _by_layer(measured, defaults),
        *_confirmed(measured, defaults),
    ]
    if measured.drawn is not None and measured.centred is not None:
        found.append(_centred(measured.drawn, measured.centred, defaults))
    found += [_with_state(measured, defaults), _closure(measured, defaults)]
    return found


def _inside(profile: Profile) -> str:
    """Interval and n of a mean over all blocks, for a bracket."""
    count = counted(len(profile.passages), "passage", profile.excluded)
    one = " of one text" if profile.mean.n == 1 else ""
    interval = bounds_words(overall_interval(profile.overall))
    return f"{interval}; {count}; descriptive{one}, no test"


def _overall(measured: Measured, defaults: FindingDefaults) -> Finding:
    """One number over all blocks, beside twins and chance."""
    profile = measured.update
    value = float(profile.overall.mean[0])
    lowest, highest = float(profile.mean.mean.min()), float(profile.mean.mean.max())
    statement = (
        f"The steps of attention and of the MLP have a mean cosine of {three(value)} over "
        f"{blocks_counted(measured.run.blocks)} ({_inside(profile)}), from {three(lowest)} in "
        f"block {int(profile.mean.mean.argmin()) + 1} to {three(highest)} in block "
        f"{int(profile.mean.mean.argmax()) + 1}; {cosine_beside_twins(profile.twins)}; "
        f"{chance_words(measured)}. These are {layout_of(measured.run)}."
        f"{beside_random_order(profile.shuffled, '', seed=measured.run.seed)}"
    )
    plain = (
        "A cosine of 1 would mean that both push a token's vector the same way, -1 that they push "
        "against each other, 0 that they push at right angles. The mean over the blocks may hide "
        "blocks of either sign."
    )
    return defaults.finding(statement, plain, value, overall_interval(profile.overall))


def _by_layer(measured: Measured, defaults: FindingDefaults) -> Finding:
    """In which blocks the cosine differs from 0, and in which from that of the twins."""
    mean = measured.update.mean
    if not mean.family:
        return _untested(measured, defaults)
    index = int(np.nanargmax(np.abs(mean.t)))
    p = float(mean.p_max_t[index])
    values, seed = measured.update.passages, measured.run.seed
    differs = mean.found
    statement = (
        f"In {int(differs.sum())} of {len(differs)} blocks the mean cosine differs from 0 (p < "
        f".05, {name_of_test(mean.test)}, family of {mean.family} layers; {defaults.sample}): "
        "above 0 in "
        f"{layers_named(differs & (mean.mean > 0))}; below 0 in "
        f"{layers_named(differs & (mean.mean < 0))}. Most clearly in block {index + 1}: "
        f"{three(float(mean.mean[index]))} "
        f"({bounds_words(layer_interval(mean, index))}, that of the one block, not "
        f"corrected for its choice; {p_value(p)}). {_twins_by_layer(measured, differs)}"
    )
    made = defaults.finding(
        statement,
        _plain(measured, differs),
        float(mean.mean[index]),
        layer_interval(mean, index),
        test=mean.test,
        family=f"{mean.family} layers",
        p=p_alone(values[:, index], p, seed=seed),
        p_adjusted=p,
        null=f"{_SYMMETRIC}; {twin_null(measured.run)}",
    )
    return with_sensitivity(
        made, lambda: max_t_without(values, index, seed=seed), measured.update.names
    )


def _confirmed(measured: Measured, defaults: FindingDefaults) -> list[Finding]:
    """Of a halved run, the block chosen on the first half."""
    if measured.run.exploration is None:
        return []
    explored = profile_means(measured.run.exploration, "update_cosine").values
    what = "the mean cosine of the steps of attention and of the MLP"
    said = Chosen(what, 0.0, measured.update.names)
    one = confirmed_mean(defaults, measured.update.passages, explored, said, seed=measured.run.seed)
    return [] if one is None else [one]


def _untested(measured: Measured, defaults: FindingDefaults) -> Finding:
    """The same where nothing can be tested: one text, or a few."""
    mean = measured.update.mean
    index = int(np.argmax(np.abs(mean.mean)))
    away = np.nan_to_num(mean.low, nan=-1) > 0
    against = np.nan_to_num(mean.high, nan=1) < 0
    if mean.n == 1 and np.isfinite(mean.low).any():
        where = (
            f"In this one text the interval of the mean cosine lies above 0 in "
            f"{layers_named(away)} and below 0 in {layers_named(against)}"
        )
    elif mean.n >= FEWEST_PAIRS:
        where = "The cosine is the same in every passage, so that nothing can be tested"
    else:
        where = "There are too few passages for an interval or a test by block"
    statement = (
        f"{where}; the cosine farthest from 0 is that of block {index + 1}, "
        f"{three(float(mean.mean[index]))} "
        f"({bounds_words(layer_interval(mean, index))}; {defaults.sample}; no p-value: "
        f"{why_untested(mean.test)}). {_twins_by_layer(measured, away | against)}"
    )
    return defaults.finding(
        statement,
        _plain(measured, away | against),
        float(mean.mean[index]),
        layer_interval(mean, index),
        test=mean.test if mean.test.startswith("none") else "none: descriptive",
    )


def _twins_by_layer(measured: Measured, differs: Any) -> str:
    """How many of these blocks also lie outside the band of the twins."""
    profile = measured.update
    if profile.twins is None:
        return (
            "Random weights, too, have a fixed cosine other than 0 in a block; how large a one is "
            "not known here: no untrained twin was measured."
        )
    if not np.isfinite(profile.mean.low).any():
        return "Without an interval they are not held against the untrained twins."
    outside = (profile.beyond_twins != 0) & differs
    others = among_twins(profile.twins_beyond_twins)
    return (
        "Random weights, too, have a fixed cosine other than 0 in a block: of these "
        f"{int(differs.sum())} blocks, {int(outside.sum())} also lie outside the 5-95 % band of "
        f"{twins_words(len(profile.twins))} ({layers_named(outside)}; {others}), and "
        f"{int((outside & (np.abs(profile.mean.mean) > 1.96 * measured.chance)).sum())} of those "
        "beyond 1.96/sqrt(width)."
    )


def _plain(measured: Measured, differs: Any) -> str:
    profile = measured.update
    if profile.twins is None or not np.isfinite(profile.mean.low).any():
        return (
            "Whether a block's two parts push the same way more than random weights would is not "
            "known without untrained twins and an interval."
        )
    outside = (profile.beyond_twins != 0) & differs
    if not outside.any():
        return (
            "In no block do attention and the MLP push the same way, or against each other, more "
            "than they do in a network with random weights."
        )
    if int(outside.sum()) <= max(profile.twins_beyond_twins, default=len(outside)):
        return (
            "Attention and the MLP leave the band of random weights in no more blocks than one "
            "random network leaves that of others."
        )
    same = int((outside & (profile.mean.mean > 0)).sum())
    return (
        f"Beyond what random weights give, attention and the MLP push partly the same way in "
        f"{_blocks(same)} and partly against each other in {_blocks(int(outside.sum()) - same)}."
    )


def _blocks(count: int) -> str:
    return f"{count} block{'' if count == 1 else 's'}" if count else "no block"


def _centred(drawn: Drawn, centred: Profile, defaults: FindingDefaults) -> Finding:
    """What is left of the cosine once the layer's mean update is taken out."""
    raw, other = (
        float(drawn.by_passage(values).mean()) for values in (drawn.raw, drawn.mismatched)
    )
    value = float(centred.overall.mean[0])
    shares = {name: 100 * float(np.nanmean(share)) for name, share in drawn.shared.items()}
    statement = (
        f"Without the layer's mean update (that of {drawn.means_of}) the mean cosine of "
        f"{drawn.tokens} drawn tokens is {three(value)} "
        f"({_inside(centred)}); with it, at the same tokens, {three(raw)}, and between "
        f"attention's step of one token and the MLP's of another {three(other)}. The mean "
        f"update makes {shares['attention']:.0f} % of attention's squared length and "
        f"{shares['mlp']:.0f} % of the MLP's, averaged over the blocks. Without the mean, "
        f"{cosine_beside_twins(centred.twins)}{_outside(centred)}."
    )
    plain = (
        "A part of what is added is the same at every token. Only what is left without it is about "
        "the token at hand."
    )
    return defaults.finding(
        statement,
        plain,
        value,
        overall_interval(centred.overall),
        n=len(centred.passages),
        excluded=centred.excluded,
    )


def _outside(profile: Profile) -> str:
    """In how many blocks the interval lies outside the band of the twins."""
    if profile.twins is None or not np.isfinite(profile.mean.low).any():
        return ""
    beyond = profile.beyond_twins
    return (
        f"; the interval lies outside their 5-95 % band in {int((beyond != 0).sum())} of "
        f"{len(beyond)} blocks (above it in {layers_named(beyond > 0)}; below it in "
        f"{layers_named(beyond < 0)}; {among_twins(profile.twins_beyond_twins)})"
    )


def _with_state(measured: Measured, defaults: FindingDefaults) -> Finding:
    """Each part against the state that it is added to."""
    parts = (("attention's", measured.attention), ("the MLP's", measured.mlp))
    said = [_one_with_state(name, profile) for name, profile in parts]
    orders = [
        beside_random_order(profile.shuffled, "", seed=measured.run.seed) for _, profile in parts
    ]
    statement = f"{capital(said[0])}; {said[1]}.{in_order(orders)}"
    plain = (
        "A step with a positive cosine lengthens the vector it is added to, one with a negative "
        "cosine points partly back along it."
    )
    value = float(measured.attention.overall.mean[0])
    return defaults.finding(statement, plain, value, overall_interval(measured.attention.overall))


def _one_with_state(name: str, profile: Profile) -> str:
    by_layer = profile.mean.mean
    return (
        f"{name} step has a mean cosine of {three(float(profile.overall.mean[0]))} "
        f"({_inside(profile)}) with the state it is added to, from {three(float(by_layer.min()))} "
        f"in block {int(by_layer.argmin()) + 1} to {three(float(by_layer.max()))} in block "
        f"{int(by_layer.argmax()) + 1} ({cosine_beside_twins(profile.twins)}{_outside(profile)})"
    )


def _closure(measured: Measured, defaults: FindingDefaults) -> Finding:
    """How exactly the parts add up."""
    closure = measured.closure
    statement = f"{closure_words(closure).removesuffix('.')} (n = 1 prompt)."
    plain = (
        "What is called attention's and the MLP's step here is what each really adds: together "
        "they make the whole step of the block but for rounding."
    )
    return defaults.finding(
        statement,
        plain,
        closure.error,
        n=1,
        unit_of_inference="prompt",
        excluded=0,
        test="none: a check against a tolerance",
        null=f"tolerance {closure.tolerance:.0e}",
    )
