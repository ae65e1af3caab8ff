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
from odograph.sentences.evidence import over_units
from odograph.sentences.nulls import order_words
from odograph.sentences.parts import PartSize, ShareOfAttention, attention_share_words, size_words
from odograph.sentences.record import PRIMARY
from odograph.statistics.designs.one_sample import MeanProfile, mean_profile
from odograph.statistics.intervals import Floats, mean_interval
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.values import Interval
from odograph.studies.claim import Claim
from odograph.studies.contributions.picked import defaults_of, share, sizes
from odograph.studies.curves import mean_curve
from odograph.studies.defaults import tested_as
from odograph.studies.profile import Profile, confirmed_layer
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import tidy


def relative_sizes(analysis: Analysis) -> Answer:
    """The length of each part's step in units of the state before the block."""
    return Answer([_size_claim(analysis)], [_size_plot(analysis)])


def _size_claim(analysis: Analysis) -> Claim:
    run, found, defaults = analysis.run, analysis.once(sizes), defaults_of(analysis)
    attention, mlp = (_part_size(found[part], run.seed) for part in PARTS)
    steps, others = (found[part].mean.mean for part in PARTS)
    layout = str(run.manifest["model"]["layout"])
    finding = defaults.finding_of(
        size_words(attention, mlp, others > steps, layout, defaults.sample),
        attention.value,
        attention.interval,
        estimate_of="attention's step by the length of the state",
        data={"blocks_where_the_mlp_is_longer": int((others > steps).sum())},
    )
    return Claim(finding)


def _part_size(profile: Profile, seed: int) -> PartSize:
    """How long the steps of a part are, with what twins and random order give."""
    twins, shuffled = profile.nulls.twins, profile.nulls.shuffled
    order = ""
    if shuffled is not None:
        own, orders = (_geometric_mean(v) for v in (shuffled.own, shuffled.orders))
        order = f" {order_words(own, orders, '', seed=seed)}"
    return PartSize(
        *_geometric(profile, seed), None if twins is None else _geometric_mean(twins), order
    )


def _geometric_mean(values: Floats) -> Floats:
    """Over the blocks, the last axis."""
    return np.asarray(np.exp(np.log(values).mean(axis=-1)))


def _geometric(profile: Profile, seed: int) -> tuple[float, Interval | None]:
    """The geometric mean over blocks, and over passages: no single long step decides it."""
    logs = np.log(profile.passages).mean(axis=1)
    interval = mean_interval(logs, seed=seed)
    if interval is not None:
        interval = replace(interval, low=math.exp(interval.low), high=math.exp(interval.high))
    return math.exp(logs.mean()), interval


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
    told = ShareOfAttention(
        test,
        index,
        float(mean.mean[index]),
        _interval(mean, test, index),
        float(mean.mean.mean()),
        found.nulls.twins,
        beside_random_order(found.nulls.shuffled, "", seed=seed),
        defaults.sample,
    )
    attention, mlp = told.sides
    finding = defaults.finding_of(
        attention_share_words(told),
        told.share,
        told.interval,
        null=f"{_HALF}; {twin_null(analysis.run)}",
        estimate_of=f"attention's share in block {index + 1}",
        data={"blocks_of_attention": int(attention.sum()), "blocks_of_the_mlp": int(mlp.sum())},
        weight=PRIMARY,
        **tested_as(test.p_at(index)),
    )
    differences, seeds = found.passages - 0.5, found.nulls.over_seeds
    return Claim(
        finding,
        lambda: max_t_without(differences, index, seed=seed).of_p,
        found.names,
        seeds=None if seeds is None else (seeds, index),
    )


def _interval(mean: MeanProfile, test: MeanProfile, index: int) -> Interval | None:
    """That of the block that was picked, moved from the difference from one half to the share."""
    away = test.simultaneous(index)
    if away is None:
        return mean.interval_at(index)
    return replace(away, low=away.low + 0.5, high=away.high + 0.5)


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
