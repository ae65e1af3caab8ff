"""Cosines of one text's tokens by layer: over passages, in the nulls, and in words."""

import math
from dataclasses import dataclass, replace

import numpy as np

from odograph.figures.profile import Band, Curve
from odograph.folder.documents import PASSAGE
from odograph.folder.run import Run
from odograph.folder.selection import (
    Floats,
    Ints,
    numbers,
    passage_names,
    profile_means,
    require_rows,
    twin_profiles,
    usable,
)
from odograph.sentences.english import counted, layers_named, several
from odograph.sentences.evidence import over_units
from odograph.sentences.names import name_of_interval
from odograph.sentences.nulls import twins_words
from odograph.statistics.designs.one_sample import MeanProfile, mean_profile
from odograph.statistics.intervals import interval_of
from odograph.statistics.values import Interval
from odograph.studies.curves import twin_bands
from odograph.studies.defaults import FindingDefaults
from odograph.studies.phrases import twin_null
from odograph.studies.questions.twins import among_twins, outside, twins_outside
from odograph.studies.random_order import (
    RandomOrder,
    in_random_order,
    random_order_bands,
    with_random_order,
)
from odograph.studies.section import Analysis


@dataclass(frozen=True, eq=False)
class Profile:
    """A cosine by layer: its passages [passages, L], their mean, and the untrained twins.

    `overall` is the same of the mean over all layers, as a profile of one layer; `excluded` counts
    passages without a number in some layer; `names` are those of the others, where known;
    `shuffled` is the same in random order, `unit` what is counted.
    """

    passages: Floats
    mean: MeanProfile
    overall: MeanProfile
    twins: Floats | None
    seed: int
    excluded: int = 0
    names: tuple[str, ...] = ()
    shuffled: RandomOrder | None = None
    unit: str = PASSAGE

    @property
    def beyond_twins(self) -> Floats:
        """Layer by layer +1 where the interval lies above the twins' band, -1 below, else 0."""
        if self.twins is None:
            return np.zeros(self.passages.shape[1])
        return outside(self.mean.low, self.mean.high, self.twins)

    @property
    def twins_beyond_twins(self) -> tuple[int, ...]:
        """In how many layers each twin lies outside the band of the others."""
        return () if self.twins is None else twins_outside(self.twins, self.seed)

    @property
    def value(self) -> float:
        """The mean over all layers."""
        return float(self.overall.mean[0])

    @property
    def interval(self) -> Interval | None:
        """The interval of it."""
        return layer_interval(self.overall, 0)

    @property
    def layers(self) -> Ints:
        """Blocks 1..L."""
        return np.arange(1, self.passages.shape[1] + 1)

    def curve(self, label: str) -> Curve:
        """The mean by layer with its interval, as a figure shows it."""
        return Curve(label, self.layers, self.mean.mean, self.mean.low, self.mean.high)

    @property
    def bands(self) -> list[Band]:
        """The untrained twins, and the same words in random order."""
        shuffled = random_order_bands(self.shuffled, self.layers)
        return [*twin_bands(self.twins, self.layers), *shuffled]


def read_cosine(run: Run, measure: str) -> Profile:
    """A measured cosine in a run and all its nulls."""
    means = profile_means(run, measure)
    values = require_rows(means.values, "token")
    tokens = _tokens(run, measure) if len(values) == 1 else None
    found = profile_of(run, values, tokens, twin_profiles(run, measure), means.excluded)
    shuffled = in_random_order(run, means, measure)
    return replace(found, names=passage_names(run, means.units), shuffled=shuffled)


def profile_of(
    run: Run, values: Floats, tokens: Floats | None, twins: Floats | None, excluded: int
) -> Profile:
    """Values [passages, L] with their tests; of a single passage, `tokens` [tokens, L] as well."""
    seed = run.seed
    whole = None if tokens is None else tokens.mean(axis=1, keepdims=True)
    return Profile(
        passages=values,
        mean=mean_profile(values, tokens, seed=seed),
        overall=mean_profile(values.mean(axis=1, keepdims=True), whole, seed=seed),
        twins=twins,
        seed=seed,
        excluded=excluded,
        unit=run.unit,
    )


def _tokens(run: Run, measure: str) -> Floats:
    """The measure at every usable token in the order of the text: [tokens, L]."""
    found = numbers(
        run.sql(f"""
        select {measure}::double as value from layers
        join (select passage, position from tokens where {usable(run)}) using (passage, position)
        where layer > 0 order by passage, position, layer""")
    )
    return found["value"].reshape(-1, run.blocks)


def update(analysis: Analysis) -> Profile:
    """The cosine between the steps of attention and of the MLP."""
    return read_cosine(analysis.run, "update_cosine")


def chance(run: Run) -> float:
    """One standard deviation of the cosine of two random directions: 1/sqrt(width)."""
    return 1 / math.sqrt(int(run.manifest["model"]["width"]))


def defaults_of(analysis: Analysis) -> FindingDefaults:
    """What all findings of the study share."""
    run, profile = analysis.run, analysis.once(update)
    null = f"{chance_words(run)}; {twin_null(run)}"
    count = len(profile.passages)
    return FindingDefaults(
        analysis.study,
        {},
        n=count,
        null=null,
        excluded=profile.excluded,
        unit_of_inference=run.unit,
    )


def chance_words(run: Run) -> str:
    """What two random directions give."""
    width, sd = run.manifest["model"]["width"], chance(run)
    return (
        f"random directions in {width} dimensions: 0 ± {three(sd)} (one "
        "standard deviation of a pair, 1/sqrt(width); 95 % within ±"
        f"{three(1.96 * sd)})"
    )


def three(cosine: float) -> str:
    """A cosine with three digits: a mean over many tokens is known to that."""
    text = f"{cosine:.3f}"
    return text.removeprefix("-") if float(text) == 0 else text


def bounds_words(interval: Interval | None) -> str:
    """An interval of a cosine with level and method."""
    if interval is None:
        return "no interval"
    bounds = f"{three(interval.low)} to {three(interval.high)}"
    return f"95 % interval {bounds}, {name_of_interval(interval.method)}"


def layer_interval(mean: MeanProfile, index: int) -> Interval | None:
    """The interval of one layer of a profile."""
    return interval_of(mean.low[index], mean.high[index], mean.interval)


def cosine_beside_twins(twins: Floats | None) -> str:
    """The mean cosine of the twins and the range of the seeds' means."""
    if twins is None:
        return "no untrained twin was measured"
    seeds = twins.reshape(len(twins), -1).mean(axis=1)
    spread = f" (seeds {three(seeds.min())} to {three(seeds.max())})" if len(seeds) > 1 else ""
    return f"{twins_words(len(seeds))} {three(seeds.mean())}{spread}"


def inside(profile: Profile) -> str:
    """Interval and n of a mean over all blocks, for a bracket."""
    count = counted(len(profile.passages), profile.unit, profile.excluded)
    one = " of one text" if profile.mean.n == 1 else ""
    interval = bounds_words(profile.interval)
    return f"{interval}; {count}; descriptive{one}, no test"


def outside_words(profile: Profile) -> str:
    """In how many blocks the interval lies outside the band of the twins."""
    if profile.twins is None or not np.isfinite(profile.mean.low).any():
        return ""
    beyond = profile.beyond_twins
    return (
        f"; the interval lies outside their 5-95 % band in {int((beyond != 0).sum())} of "
        f"{len(beyond)} blocks (above it in {layers_named(beyond > 0)}; below it in "
        f"{layers_named(beyond < 0)}; {among_twins(profile.twins_beyond_twins)})"
    )


def null_of(run: Run, profile: Profile) -> str:
    """The nulls that a figure of it shows, in words."""
    return with_random_order(twin_null(run), profile.shuffled)


def interval_caption(profile: Profile) -> str:
    """What the pale area is, in a caption."""
    if profile.mean.interval is None:
        return f"Mean {over_units(profile.mean.n, profile.unit)}."
    over = "Mean over the tokens of one text" if profile.mean.n == 1 else "Mean"
    passages = "" if profile.mean.n == 1 else f" over {several(profile.mean.n, profile.unit)}"
    ending = "; it describes this text alone" if profile.mean.n == 1 else ""
    method = name_of_interval(profile.mean.interval)
    return f"{over}{passages} with its 95 % interval ({method}{ending})."
