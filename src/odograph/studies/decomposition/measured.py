"""What the findings, figures and tables of the decomposition study are made of."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from odograph.folder.run import Run
from odograph.statistics.designs.one_sample import MeanProfile, mean_profile
from odograph.studies.decomposition.drawn import Drawn, drawn_parts
from odograph.studies.parts import Closure, closure_of, require_parts
from odograph.studies.passages import passage_names
from odograph.studies.questions.twins import outside, twins_outside
from odograph.studies.random_order import RandomOrder, in_random_order
from odograph.studies.selection import (
    Floats,
    numbers,
    profile_means,
    require_rows,
    twin_profiles,
    usable,
)
from odograph.studies.tidy import measure_columns, tidy

#: Bins of the histogram between -1 and 1.
BINS = 80


@dataclass(frozen=True, eq=False)
class Profile:
    """A cosine by layer: its passages [passages, L], their mean, and the untrained twins.

    `overall` is the same of the mean over all layers, as a profile of one layer; `excluded` counts
    passages without a number in some layer; `names` are those of the others, where known;
    `shuffled` is the same in random order.
    """

    passages: Floats
    mean: MeanProfile
    overall: MeanProfile
    twins: Floats | None
    seed: int
    excluded: int = 0
    names: tuple[str, ...] = ()
    shuffled: RandomOrder | None = None

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


@dataclass(frozen=True, eq=False)
class Counts:
    """A histogram of cosines in `BINS` bins from -1 to 1, and their mean."""

    counts: Floats
    mean: float


@dataclass(frozen=True, eq=False)
class Measured:
    """The cosines of one run; `drawn` and `centred` are None where it kept no vectors of parts."""

    run: Run
    update: Profile
    attention: Profile
    mlp: Profile
    counts: Counts
    drawn: Drawn | None
    centred: Profile | None
    closure: Closure

    @property
    def passages(self) -> int:
        """How many passages the profiles are the mean of."""
        return len(self.update.passages)

    @property
    def width(self) -> int:
        """Length of a state."""
        return int(self.run.manifest["model"]["width"])

    @property
    def chance(self) -> float:
        """One standard deviation of the cosine of two random directions: 1/sqrt(width)."""
        return 1 / math.sqrt(self.width)


def measure(run: Run) -> Measured:
    """Reads the run once.

    Raises:
        StudyError: the decomposition was refused or not measured, or no token is left.
    """
    require_parts(run)
    drawn = drawn_parts(run)
    return Measured(
        run=run,
        update=_profile(run, "update_cosine"),
        attention=_profile(run, "attention_cosine"),
        mlp=_profile(run, "mlp_cosine"),
        counts=_counts(run),
        drawn=drawn,
        centred=None if drawn is None else _centred(run, drawn),
        closure=closure_of(run),
    )


def _profile(run: Run, measure: str) -> Profile:
    means = profile_means(run, measure)
    values = require_rows(means.values, "token")
    tokens = _tokens(run, measure) if len(values) == 1 else None
    found = _of(run, values, tokens, twin_profiles(run, measure), means.excluded)
    shuffled = in_random_order(run, means, measure)
    return replace(found, names=passage_names(run, means.units), shuffled=shuffled)


def _of(
    run: Run, values: Floats, tokens: Floats | None, twins: Floats | None, excluded: int
) -> Profile:
    seed = run.seed
    whole = None if tokens is None else tokens.mean(axis=1, keepdims=True)
    return Profile(
        passages=values,
        mean=mean_profile(values, tokens, seed=seed),
        overall=mean_profile(values.mean(axis=1, keepdims=True), whole, seed=seed),
        twins=twins,
        seed=seed,
        excluded=excluded,
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


def _centred(run: Run, drawn: Drawn) -> Profile:
    values = require_rows(drawn.by_passage(drawn.centred), "drawn token")
    tokens = drawn.centred if len(values) == 1 else None
    twins = [found for found in (drawn_parts(twin) for twin in run.untrained) if found is not None]
    profiles = [twin.by_passage(twin.centred) for twin in twins]
    whole = len({len(p) for p in profiles}) == 1
    every = len(np.unique(drawn.document))
    bands = np.stack(profiles) if profiles and whole else None
    return _of(run, values, tokens, bands, every - len(values))


def _counts(run: Run) -> Counts:
    """The histogram of update_cosine over all usable tokens and layers, counted in the database."""
    found = numbers(
        run.sql(f"""
        select least(floor((value + 1) * {BINS / 2}), {BINS - 1})::int as bin, count(*) as n,
               sum(value) as total
        from (select update_cosine::double as value from layers
              join (select passage, position from tokens where {usable(run)})
              using (passage, position) where layer > 0)
        where isfinite(value) group by bin order by bin""")
    )
    counts = np.zeros(BINS)
    counts[np.clip(found["bin"].astype(int), 0, BINS - 1)] = found["n"]
    n = counts.sum()
    return Counts(counts, float(found["total"].sum() / n) if n else math.nan)


def counts_of(values: Floats) -> Counts:
    """The same histogram of values at hand; what is not a number is left out."""
    finite = values[np.isfinite(values)]
    counts, _ = np.histogram(np.clip(finite, -1, 1), np.linspace(-1, 1, BINS + 1))
    return Counts(counts.astype(float), float(finite.mean()) if len(finite) else math.nan)


def layer_table(measured: Measured) -> dict[str, Any]:
    """One row a layer: every cosine with interval, p, twins and chance."""
    columns: dict[str, Any] = {"layer": np.arange(1, measured.run.blocks + 1)}
    profiles = {
        "update_cosine": measured.update,
        "attention_cosine": measured.attention,
        "mlp_cosine": measured.mlp,
        "centred_cosine": measured.centred,
    }
    for name, profile in profiles.items():
        if profile is not None:
            mean = profile.mean
            means = (mean.mean, mean.low, mean.high)
            columns |= measure_columns(name, means, profile.twins, profile.shuffled)
    columns["p_max_t"] = measured.update.mean.p_max_t
    columns["chance_sd"] = np.full(measured.run.blocks, measured.chance)
    columns["share_above_0"] = _share_above(measured.run)
    if measured.drawn is not None:
        drawn = measured.drawn
        columns["drawn_raw_cosine"] = drawn.by_passage(drawn.raw).mean(axis=0)
        columns["drawn_mismatched_cosine"] = drawn.by_passage(drawn.mismatched).mean(axis=0)
        columns["mean_updates_cosine"] = drawn.mean_cosine
        columns |= {f"{name}_shared": share for name, share in drawn.shared.items()}
    mean = measured.update.mean
    return tidy(
        columns,
        n=mean.n,
        excluded=measured.update.excluded,
        unit="cosine",
        test=mean.test,
        family=mean.family,
    )


def _share_above(run: Run) -> Floats:
    """The share of tokens with a cosine above 0, as a mean over passages, by layer."""
    positive = "case when isfinite(update_cosine) then (update_cosine > 0)::int end"
    return np.asarray(profile_means(run, positive).values.mean(axis=0))
