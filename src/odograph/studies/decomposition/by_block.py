"""The cosine between what attention and what the MLP add: over all blocks, and block by block."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Reference, draw_profile
from odograph.folder.expressions import SAME_WAY
from odograph.folder.run import Run
from odograph.folder.run_words import twin_null
from odograph.folder.samples.drawn_parts import drawn_parts
from odograph.folder.selection import profile_means
from odograph.sentences.cosines import (
    chance_words,
    pushing_by_block,
    pushing_over_blocks,
    sd_of_chance,
)
from odograph.sentences.record import PRIMARY
from odograph.statistics.intervals import Floats
from odograph.statistics.leave_one_out import max_t_without
from odograph.studies.claim import Claim, twin_values
from odograph.studies.decomposition.cosines import (
    defaults_of,
    mean_cosine,
    update,
    width_of,
    with_state,
    without_mean_update,
)
from odograph.studies.defaults import tested_as
from odograph.studies.parts import layout_of, notes_of
from odograph.studies.profile import confirmed_layer, interval_caption
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
    if all(mask.any() for mask in profile.mean.sides):  # what the mean hides stands before it
        found.reverse()
    return Answer(
        [*found, *confirmed],
        [_plot(analysis)],
        [Table("decomposition_layers", "Cosines by layer", _columns(analysis))],
        [*notes_of(run), _WHAT_IT_TESTS],
    )


def _overall(analysis: Analysis) -> Claim:
    """One number over all blocks, beside twins and chance."""
    run, profile = analysis.run, analysis.once(update)
    by_block, tested = profile.mean.mean, profile.nulls.over_seeds
    words = pushing_over_blocks(
        mean_cosine(profile), width_of(run), layout_of(run), profile.mean.sides
    )
    finding = defaults_of(analysis).finding_of(
        words,
        profile.value,
        profile.interval,
        data={"lowest": float(by_block.min()), "highest": float(by_block.max())},
        null_values=() if tested is None else twin_values(tested.twins.mean(axis=1)),
    )
    over_blocks = None if tested is None else (tested.of(lambda each: each.mean(axis=-1)), 0)
    return Claim(finding, seeds=over_blocks)


def _by_layer(analysis: Analysis) -> Claim:
    """In which blocks the cosine differs from 0, and in which from that of the twins."""
    run, profile, defaults = analysis.run, analysis.once(update), defaults_of(analysis)
    mean, over_seeds, tested = profile.mean, profile.nulls.over_seeds, bool(profile.mean.family)
    index = int(np.nanargmax(np.abs(mean.t if tested else mean.mean)))
    words = pushing_by_block(mean, index, over_seeds, width_of(run), defaults.sample)
    value, where = float(mean.mean[index]), f"mean cosine in block {index + 1}"
    if not tested:
        why = mean.test if mean.test.startswith("none") else "none: descriptive"
        interval = mean.interval_at(index)
        return Claim(defaults.finding_of(words, value, interval, estimate_of=where, test=why))
    finding = defaults.finding_of(
        words,
        value,
        mean.simultaneous(index),
        estimate_of=where,
        weight=PRIMARY,
        null=f"{_SYMMETRIC}; {twin_null(run)}",
        **tested_as(mean.p_at(index)),
    )
    return Claim(
        finding,
        lambda: max_t_without(profile.passages, index, seed=run.seed),
        profile.names,
        seeds=None if over_seeds is None else (over_seeds, index),
    )


def _plot(analysis: Analysis) -> Plot:
    run, profile, centred = analysis.run, analysis.once(update), analysis.once(without_mean_update)
    layers, curves = profile.layers, [profile.curve("all tokens")]
    if centred is not None:
        curves.append(centred.curve("drawn tokens, mean update taken out"))
    sd, bands = np.full(run.blocks, sd_of_chance(width_of(run))), profile.bands
    bands.append(Band("chance: ±1/sqrt(width), one sd of a random pair", layers, -sd, sd))
    title = "Cosine between what attention and what the MLP add in each block"
    return Plot(
        "decomposition_profile",
        title,
        f"{interval_caption(profile)} Grey: the nulls, 5 to 95 % of their texts, and one "
        "standard deviation of the cosine of two random directions (95 % of such pairs lie "
        "within 1.96 of it; the mean of many tokens is no such pair).",
        f"{profile.nulls.words(run)}; {chance_words(width_of(run))}",
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
    columns["chance_sd"] = np.full(run.blocks, sd_of_chance(width_of(run)))
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
