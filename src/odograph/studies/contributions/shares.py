"""How long each part's step is, and which makes the larger share of the squared step."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Reference, draw_profile
from odograph.figures.profiles import ProfilePanel, draw_profiles
from odograph.folder.run_words import twin_null
from odograph.folder.samples.nulls import beside_random_order
from odograph.folder.samples.ties import PARTS
from odograph.sentences.english import layers_named, several
from odograph.sentences.evidence import interval_words, over_units, skewed_words
from odograph.sentences.names import name_of_test, why_untested
from odograph.sentences.nulls import beside_twins, in_order, order_words
from odograph.sentences.numbers import number, p_value
from odograph.sentences.parts import share_headline
from odograph.sentences.record import PRIMARY
from odograph.statistics.designs.contrasts import Mask
from odograph.statistics.designs.one_sample import MeanProfile, mean_profile
from odograph.statistics.intervals import mean_interval
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.values import Interval
from odograph.studies.claim import Claim
from odograph.studies.contributions.picked import defaults_of, share, sizes
from odograph.studies.curves import mean_curve
from odograph.studies.defaults import FindingDefaults, tested_as
from odograph.studies.parts import layout_of
from odograph.studies.profile import Profile, confirmed_layer
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import tidy

_OWNERS = dict(zip(PARTS, ("attention's", "the MLP's"), strict=True))


def relative_sizes(analysis: Analysis) -> Answer:
    """The length of each part's step in units of the state before the block."""
    return Answer([_size_claim(analysis)], [_size_plot(analysis)])


def _size_claim(analysis: Analysis) -> Claim:
    run, found, defaults = analysis.run, analysis.once(sizes), defaults_of(analysis)
    means = {part: _geometric(profile, run.seed) for part, profile in found.items()}
    lengths = [
        f"{_OWNERS[part]} step is {number(value)} times as long as the state before the block "
        f"({interval_words(interval)}; {_twins_beside(found[part])})"
        for part, (value, interval) in means.items()
    ]
    attention, mlp = (found[part].mean.mean for part in PARTS)
    statement = (
        f"In the geometric mean over {several(run.blocks, 'block')}, {lengths[0]}, {lengths[1]}; "
        f"the MLP's is the longer one in {layers_named(mlp > attention)}, attention's in "
        f"{layers_named(mlp <= attention)} ({defaults.sample}; descriptive, no test). "
        f"These are {layout_of(run)}."
        f"{in_order([_in_random_order(found[part], run.seed) for part in PARTS])}"
    )
    plain = (
        "Long is not the same as important: a short step can be vital, and two long ones that "
        "point against each other move the vector little."
    )
    longer = int((mlp > attention).sum())
    headline = f"The MLP makes the longer step in {longer} of {several(run.blocks, 'block')}"
    finding = defaults.finding(
        statement,
        plain,
        *means[PARTS[0]],
        headline=headline,
        estimate_of="attention's step by the length of the state",
        data={"blocks_where_the_mlp_is_longer": longer},
    )
    return Claim(finding)


def _geometric(profile: Profile, seed: int) -> tuple[float, Interval | None]:
    """The geometric mean over blocks, and over passages: no single long step decides it."""
    logs = np.log(profile.passages).mean(axis=1)
    interval = mean_interval(logs, seed=seed)
    if interval is not None:
        interval = replace(interval, low=math.exp(interval.low), high=math.exp(interval.high))
    return math.exp(logs.mean()), interval


def _in_random_order(profile: Profile, seed: int) -> str:
    """A part's geometric mean length in random order."""
    found = profile.nulls.shuffled
    if found is None:
        return ""
    own, orders = (np.exp(np.log(v).mean(axis=-1)) for v in (found.own, found.orders))
    return f" {order_words(own, orders, '', seed=seed)}"


def _twins_beside(profile: Profile) -> str:
    twins = profile.nulls.twins
    return beside_twins(None if twins is None else np.exp(np.log(twins).mean(axis=2)), "")


def _size_plot(analysis: Analysis) -> Plot:
    found = analysis.once(sizes)
    panels = [
        ProfilePanel(part, [profile.curve("mean over texts")], profile.bands)
        for part, profile in found.items()
    ]
    labels = Labels(
        "Length of each part's step in units of the state before the block",
        "block",
        "length / |state before the block|",
    )
    return Plot(
        "contributions_sizes",
        labels.title,
        f"Mean {over_units(defaults_of(analysis).n, analysis.run.unit)}, on a logarithmic axis. "
        "Grey: the nulls, 5 to 95 % of their texts.",
        analysis.once(share).nulls.words(analysis.run),
        later(draw_profiles, panels, labels, log=True),
    )


_HALF = "one half each: the mean difference from it is 0"


def shares(analysis: Analysis) -> Answer:
    """Attention's share of the squared step against one half; sizes and shares as a table."""
    table = Table("contributions_layers", "Relative sizes and shares by layer", _columns(analysis))
    what = "attention's share of the squared length of the whole step"
    confirmed = confirmed_layer(analysis.once(share), defaults_of(analysis), what, null=0.5)
    return Answer([_claim(analysis), *confirmed], [_plot(analysis)], [table])


def share_test(analysis: Analysis) -> MeanProfile:
    """The test of attention's share against one half."""
    return mean_profile(analysis.once(share).passages - 0.5, None, seed=analysis.run.seed)


def _claim(analysis: Analysis) -> Claim:
    found, test = analysis.once(share), analysis.once(share_test)
    defaults, seed, mean = defaults_of(analysis), analysis.run.seed, found.mean
    index = int(np.argmax(np.abs(test.mean)))
    interval, tested = _interval(mean, test, index), found.nulls.over_seeds
    value = float(mean.mean[index])
    beside = skewed_words(test.tested.bootstrap_p(index))
    ending = f"; {p_value(float(test.p_max_t[index]))}{beside}" if test.family else ""
    statement = (
        f"{_halves(test, defaults)}. Farthest from one half is block {index + 1}, where "
        f"attention's share is {number(value)} ({interval_words(interval)}{ending}). "
        f"Averaged over the blocks it is {number(float(mean.mean.mean()))}; {_twins(found)}."
        f"{beside_random_order(found.nulls.shuffled, '', seed=seed)}"
    )
    plain = (
        "The shares of the two parts add up to the whole. They say which part the squared length "
        "of the step is made of, not which part matters for what the model predicts."
    )
    differences = found.passages - 0.5
    more, less = _sides(test)
    finding = defaults.finding(
        statement,
        plain,
        value,
        interval,
        null=f"{_HALF}; {twin_null(analysis.run)}",
        headline=share_headline(more, less, index + 1, value, tested=bool(test.family)),
        estimate_of=f"attention's share in block {index + 1}",
        data={"blocks_of_attention": int(more.sum()), "blocks_of_the_mlp": int(less.sum())},
        weight=PRIMARY,
        **tested_as(test.p_at(index)),
    )
    return Claim(
        finding,
        lambda: max_t_without(differences, index, seed=seed).of_p,
        found.names,
        seeds=None if tested is None else (tested, index),
    )


def _sides(test: MeanProfile) -> tuple[Mask, Mask]:
    """The blocks in which attention, and in which the MLP, makes more than half of the step."""
    found = test.found if test.family else np.ones_like(test.found)
    return found & (test.mean > 0), found & (test.mean < 0)


def _interval(mean: MeanProfile, test: MeanProfile, index: int) -> Interval | None:
    """That of the block that was picked, moved from the difference from one half to the share."""
    away = test.simultaneous(index)
    if away is None:
        return mean.interval_at(index)
    return replace(away, low=away.low + 0.5, high=away.high + 0.5)


def _halves(test: MeanProfile, defaults: FindingDefaults) -> str:
    """In which blocks each part makes more than half of the squared step."""
    attention, mlp = map(layers_named, _sides(test))
    words = (
        f"Of the squared length of the whole step, attention makes more than half in {attention}, "
        f"the MLP in {mlp}"
    )
    of = "(|a|² + a·m) / |a + m|²"
    if not test.family:
        why = why_untested(test.test)
        return f"{words} (share {of}; {defaults.sample}; no p-value: {why})"
    return (
        f"{words} (p < .05, {name_of_test(test.test)} of the share {of} against one half, family "
        "of "
        f"{test.family} layers; {defaults.sample})"
    )


def _twins(found: Profile) -> str:
    """The mean share of the twins, and in which blocks attention makes more than half there."""
    if found.nulls.twins is None:
        return beside_twins(None, "")
    twins = found.nulls.twins
    more = twins.mean(axis=(0, 1)) > 0.5
    return (
        f"{beside_twins(twins.mean(axis=2), '')}, in which attention makes more than half in "
        f"{layers_named(more)}, the MLP in {layers_named(~more)}"
    )


def _plot(analysis: Analysis) -> Plot:
    seed, found = analysis.run.seed, analysis.once(share)
    labels = Labels(
        "Each part's share of the squared length of the whole step", "block", "share of |a + m|²"
    )
    curves = [
        found.curve("attention: (|a|² + a·m) / |a + m|²"),
        mean_curve("MLP: 1 minus it", found.layers, 1 - found.passages, seed),
    ]
    return Plot(
        "contributions_shares",
        labels.title,
        "Sums over the tokens of a passage, mean "
        f"{over_units(len(found.passages), analysis.run.unit)}. The shares "
        "add up to 1; one lies below 0 where the other part is longer and points against it. Grey: "
        "attention's share in the nulls.",
        f"{found.nulls.words(analysis.run)}; one half each",
        later(
            draw_profile,
            curves,
            labels,
            bands=found.bands,
            references=[Reference("one half", 0.5)],
        ),
    )


def _columns(analysis: Analysis) -> dict[str, Any]:
    found, test = analysis.once(share), analysis.once(share_test)
    columns: dict[str, Any] = {"layer": found.layers}
    for part, profile in analysis.once(sizes).items():
        columns |= profile.columns(f"{part.lower()}_size")
    columns |= found.columns("attention_share")
    columns["attention_share_p_max_t"] = test.p_max_t
    columns["mlp_share"] = 1 - found.mean.mean
    return tidy(
        columns,
        n=len(found.passages),
        excluded=found.excluded,
        unit="1",
        test=test.test,
        family=test.family,
    )
