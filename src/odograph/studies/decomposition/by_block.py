"""The cosine between what attention and what the MLP add: over all blocks, and block by block."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Reference, draw_profile
from odograph.folder.expressions import SAME_WAY
from odograph.folder.run import Run
from odograph.folder.run_words import twin_null
from odograph.folder.samples.closure import closure_of
from odograph.folder.samples.drawn_parts import drawn_parts
from odograph.folder.samples.nulls import beside_random_order
from odograph.folder.selection import profile_means
from odograph.sentences.english import layers_named, several
from odograph.sentences.evidence import interval_words, skewed_words
from odograph.sentences.names import name_of_test, why_untested
from odograph.sentences.nulls import beside_twins
from odograph.sentences.numbers import cosine, p_value
from odograph.sentences.parts import blocks_beyond_twins, pushing_headline, pushing_plain
from odograph.sentences.record import PRIMARY, Finding
from odograph.statistics.designs.contrasts import Mask
from odograph.statistics.intervals import Floats
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.permutation import FEWEST_PAIRS
from odograph.studies.claim import Claim, twin_values
from odograph.studies.decomposition.cosines import (
    chance,
    chance_words,
    defaults_of,
    inside,
    update,
    with_state,
    without_mean_update,
)
from odograph.studies.defaults import FindingDefaults, tested_as
from odograph.studies.parts import closure_words, layout_note, layout_of
from odograph.studies.profile import Profile, confirmed_layer, interval_caption
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, tidy

_SYMMETRIC = "0: the mean of the mean cosines"
_WHAT_IT_TESTS = (
    "A test against 0 asks whether other texts would give a cosine of the same sign in this "
    "network. Random weights have a fixed cosine of their own too: only the untrained twins "
    "tell what is learned."
)


def update_cosine(analysis: Analysis) -> Answer:
    """One number over all blocks, the blocks one by one, and of a halved run the block chosen."""
    run, profile = analysis.run, analysis.once(update)
    what = "the mean cosine of the steps of attention and of the MLP"
    confirmed = confirmed_layer(profile, defaults_of(analysis), what)
    found = [_overall(analysis), _by_layer(analysis)]
    if all(mask.any() for mask in _ways(profile)):  # what the mean hides stands before it
        found.reverse()
    return Answer(
        [*found, *confirmed],
        [_plot(analysis)],
        [Table("decomposition_layers", "Cosines by layer", _columns(analysis))],
        [layout_note(run), closure_words(closure_of(run)), _WHAT_IT_TESTS],
    )


def _ways(profile: Profile) -> tuple[Mask, Mask]:
    """In which blocks the cosine is shown to lie above 0, and below: by the test, or in one text.

    There by the intervals.
    """
    mean = profile.mean
    if mean.family:
        return mean.found & (mean.mean > 0), mean.found & (mean.mean < 0)
    return np.nan_to_num(mean.low, nan=-1) > 0, np.nan_to_num(mean.high, nan=1) < 0


def _overall(analysis: Analysis) -> Claim:
    """One number over all blocks, beside twins and chance."""
    run, profile = analysis.run, analysis.once(update)
    lowest, highest = float(profile.mean.mean.min()), float(profile.mean.mean.max())
    statement = (
        f"The steps of attention and of the MLP have a mean cosine of {cosine(profile.value)} over "
        f"{several(run.blocks, 'block')} ({inside(profile)}), from {cosine(lowest)} in "
        f"block {int(profile.mean.mean.argmin()) + 1} to {cosine(highest)} in block "
        f"{int(profile.mean.mean.argmax()) + 1}; {beside_twins(profile.nulls.twins, 'cosine')}; "
        f"{chance_words(run)}. These are {layout_of(run)}."
        f"{beside_random_order(profile.nulls.shuffled, '', seed=run.seed)}"
    )
    plain = (
        "A cosine of 1 would mean that both push a token's vector the same way, -1 that they push "
        "against each other, 0 that they push at right angles. The mean over the blocks may hide "
        "blocks of either sign."
    )
    defaults = defaults_of(analysis)
    headline = f"Attention and the MLP push at a mean cosine of {cosine(profile.value)}"
    if all(mask.any() for mask in _ways(profile)):
        headline += f", from {cosine(lowest)} to {cosine(highest)} by block"
    tested = profile.nulls.over_seeds
    finding = defaults.finding(
        statement,
        plain,
        profile.value,
        profile.interval,
        headline=headline,
        data={"lowest": lowest, "highest": highest},
        null_values=() if tested is None else twin_values(tested.twins.mean(axis=1)),
    )
    over_blocks = None if tested is None else (tested.of(lambda each: each.mean(axis=-1)), 0)
    return Claim(finding, seeds=over_blocks)


def _by_layer(analysis: Analysis) -> Claim:
    """In which blocks the cosine differs from 0, and in which from that of the twins."""
    run, profile, defaults = analysis.run, analysis.once(update), defaults_of(analysis)
    mean, values = profile.mean, profile.passages
    if not mean.family:
        return Claim(_untested(run, profile, defaults))
    index = int(np.nanargmax(np.abs(mean.t)))
    tested, over_seeds = mean.p_at(index), profile.nulls.over_seeds
    differs = mean.found
    statement = (
        f"In {int(differs.sum())} of {len(differs)} blocks the mean cosine differs from 0 (p < "
        f".05, {name_of_test(mean.test)}, family of {mean.family} layers; {defaults.sample}): "
        f"above 0 in {layers_named(differs & (mean.mean > 0))}; below 0 in "
        f"{layers_named(differs & (mean.mean < 0))}. Most clearly in block {index + 1}: "
        f"{cosine(float(mean.mean[index]))} "
        f"({interval_words(mean.simultaneous(index), 'cosine')}; "
        f"{p_value(float(mean.p_max_t[index]))}{skewed_words(mean.tested.bootstrap_p(index))}). "
        f"{blocks_beyond_twins(over_seeds, mean.mean, differs, chance(run))}"
    )
    made = defaults.finding(
        statement,
        pushing_plain(over_seeds, mean.mean, differs),
        float(mean.mean[index]),
        mean.simultaneous(index),
        headline=_headline(profile, index),
        estimate_of=f"mean cosine in block {index + 1}",
        weight=PRIMARY,
        null=f"{_SYMMETRIC}; {twin_null(run)}",
        **tested_as(tested),
    )
    return Claim(
        made,
        lambda: max_t_without(values, index, seed=run.seed),
        profile.names,
        seeds=None if over_seeds is None else (over_seeds, index),
    )


def _headline(profile: Profile, index: int) -> str:
    return pushing_headline(*_ways(profile), index + 1, float(profile.mean.mean[index]))


def _untested(run: Run, profile: Profile, defaults: FindingDefaults) -> Finding:
    """The same where nothing can be tested: one text, or a few."""
    mean = profile.mean
    index, over_seeds = int(np.argmax(np.abs(mean.mean))), profile.nulls.over_seeds
    away, against = _ways(profile)
    beyond = blocks_beyond_twins(over_seeds, mean.mean, away | against, chance(run))
    if mean.n == 1 and np.isfinite(mean.low).any():
        where = (
            f"In this one text the interval of the mean cosine lies above 0 in "
            f"{layers_named(away)} and below 0 in {layers_named(against)}"
        )
    elif mean.n >= FEWEST_PAIRS:
        where = "The cosine is the same in every text, so that nothing can be tested"
    else:
        where = "There are too few texts for an interval or a test by block"
    statement = (
        f"{where}; the cosine farthest from 0 is that of block {index + 1}, "
        f"{cosine(float(mean.mean[index]))} "
        f"({interval_words(mean.interval_at(index), 'cosine')}; {defaults.sample}; no p-value: "
        f"{why_untested(mean.test)}). {beyond}"
    )
    return defaults.finding(
        statement,
        pushing_plain(over_seeds, mean.mean, away | against),
        float(mean.mean[index]),
        mean.interval_at(index),
        headline=_headline(profile, index),
        estimate_of=f"mean cosine in block {index + 1}",
        test=mean.test if mean.test.startswith("none") else "none: descriptive",
    )


def _plot(analysis: Analysis) -> Plot:
    run, profile, centred = analysis.run, analysis.once(update), analysis.once(without_mean_update)
    layers, curves = profile.layers, [profile.curve("all tokens")]
    if centred is not None:
        curves.append(centred.curve("drawn tokens, mean update taken out"))
    sd, bands = np.full(run.blocks, chance(run)), profile.bands
    bands.append(Band("chance: ±1/sqrt(width), one sd of a random pair", layers, -sd, sd))
    title = "Cosine between what attention and what the MLP add in each block"
    return Plot(
        "decomposition_profile",
        title,
        f"{interval_caption(profile)} Grey: the nulls, 5 to 95 % of their texts, and one "
        "standard deviation of the cosine of two random directions (95 % of such pairs lie "
        "within 1.96 of it; the mean of many tokens is no such pair).",
        f"{profile.nulls.words(run)}; {chance_words(run)}",
        later(
            draw_profile,
            curves,
            Labels(title, "block", "cosine"),
            bands=bands,
            references=[Reference("0: at right angles", 0.0)],
        ),
    )


def _columns(analysis: Analysis) -> Columns:
    """One row a layer: every cosine with interval, p, twins and chance."""
    run, mean = analysis.run, analysis.once(update).mean
    columns: Columns = {"layer": np.arange(1, run.blocks + 1)}
    profiles = {
        "update_cosine": analysis.once(update),
        **analysis.once(with_state),
        "centred_cosine": analysis.once(without_mean_update),
    }
    for name, profile in profiles.items():
        if profile is not None:
            columns |= profile.columns(name)
    columns["p_max_t"] = mean.p_max_t
    columns["chance_sd"] = np.full(run.blocks, chance(run))
    columns["share_above_0"] = _share_above(run)
    drawn = analysis.read(drawn_parts)
    if drawn is not None:
        columns["drawn_raw_cosine"] = drawn.by_document(drawn.raw).mean(axis=0)
        columns["drawn_mismatched_cosine"] = drawn.by_document(drawn.mismatched).mean(axis=0)
        columns["mean_updates_cosine"] = drawn.mean_cosine
        columns |= {f"{name}_shared": share for name, share in drawn.shared.items()}
    return tidy(
        columns,
        n=mean.n,
        excluded=analysis.once(update).excluded,
        unit="cosine",
        test=mean.test,
        family=mean.family,
    )


def _share_above(run: Run) -> Floats:
    """The share of tokens with a cosine above 0, as a mean over passages, by layer."""
    return np.asarray(profile_means(run, SAME_WAY).values.mean(axis=0))
