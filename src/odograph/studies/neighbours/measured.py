"""What the findings, figures and tables of the neighbours study are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.errors import StudyError
from odograph.figures.profile import Band
from odograph.folder.run import Run
from odograph.statistics.intervals import band
from odograph.studies.differences import Groups, paired
from odograph.studies.neighbours.places import (
    ANGLE,
    BEND,
    NEEDED,
    Lags,
    Positions,
    at_lags,
    at_positions,
    beside,
    first_sinks,
    some,
)
from odograph.studies.neighbours.spread import Spread, read_spread
from odograph.studies.nulls import exact_cosines
from odograph.studies.passages import passage_names
from odograph.studies.phrases import target_words
from odograph.studies.random_order import RandomOrder, in_random_order
from odograph.studies.selection import (
    Floats,
    Ints,
    Means,
    Pairs,
    drawn_angles,
    has_targets,
    numbers,
    profile_means,
    require_columns,
    require_rows,
    usable,
)


@dataclass(frozen=True)
class Baseline:
    """Tokens of different passages in one layer: mean, 5-95 % band and exact mean cosine.

    `cosine` is that of all pairs of tokens, `drawn` the number of drawn pairs a layer.
    """

    band: Band
    cosine: Floats
    drawn: int


@dataclass(frozen=True)
class Measured:
    """The curves over the states 0..L, one row a passage, and what they are compared with.

    Attributes:
        groups: the pair of word before and target against other pairs; None without targets.
        everything: all neighbour pairs whose tokens are usable.
        twins: of the leading curve, [seeds, passages, L+1]; None without twins.
        twins_difference: target pair minus other pairs in the twins, the same shape.
        shuffled: the leading curve in random order; None where it was not measured.
        baseline: tokens of different passages; None where no pairs were drawn.
        twins_baseline: all neighbour pairs minus that baseline, a mean for each twin that has one.
        positions: the fixed pairs; nothing is left out here.
        twins_positions: the same in each twin.
        first_sinks: passages whose position 0 is a sink by its length, of all.
        bend, bend_twins: `token_bend` of tokens that are usable with both neighbours.
        spread: every pair of every state, and its humps.
    """

    run: Run
    groups: Groups | None
    everything: Means
    twins: Floats | None
    twins_difference: Floats | None
    shuffled: RandomOrder | None
    baseline: Baseline | None
    twins_baseline: Floats
    positions: Positions
    twins_positions: tuple[Positions, ...]
    first_sinks: tuple[int, int]
    lags: Lags
    bend: Means
    bend_twins: Floats | None
    spread: Spread

    @property
    def layers(self) -> Ints:
        """The states 0..L."""
        return np.arange(self.run.blocks + 1)

    @property
    def subject(self) -> str:
        """Whose angle leads, in a sentence."""
        return "neighbouring tokens" if self.groups is None else self.groups.target

    @property
    def leading(self) -> Floats:
        """The leading curve, one row a passage."""
        return self.everything.values if self.groups is None else self.groups.pairs.target

    @property
    def excluded(self) -> int:
        """How many passages gave no leading curve."""
        if self.groups is None:
            return self.everything.excluded
        return self.groups.pairs.excluded


def measure(run: Run) -> Measured:
    """Reads the run once.

    Raises:
        StudyError: the run lacks the measures, looks at targets only, or has no usable pair.
    """
    refuse_run(run, NEEDED)
    everything = profile_means(run, ANGLE, beside(run, 1), from_layer=0)
    require_rows(everything.values, "pair of neighbours")
    found = _pairs(run) if has_targets(run) else None
    groups = _groups(run, found) if found is not None and len(found.passages) else None
    where = _target_pair(run) if groups is not None else beside(run, 1)
    own = everything if groups is None else Means(groups.pairs.passages, groups.pairs.target)
    inner = f"{beside(run, 1)} and {beside(run, -1)}"
    return Measured(
        run=run,
        groups=groups,
        everything=everything,
        twins=_twins(run, ANGLE, where),
        twins_difference=_twins_difference(run) if groups is not None else None,
        shuffled=in_random_order(run, own, ANGLE, where, from_layer=0),
        baseline=_baseline(run),
        twins_baseline=_twins_baseline(run),
        positions=at_positions(run),
        twins_positions=tuple(at_positions(twin) for twin in run.untrained),
        first_sinks=first_sinks(run),
        lags=at_lags(run),
        bend=profile_means(run, BEND, inner, from_layer=0),
        bend_twins=_twins(run, BEND, inner),
        spread=read_spread(run),
    )


def refuse_run(run: Run, needed: Sequence[str]) -> None:
    """Nothing, if the run holds all tokens of a passage and these columns of `layers`.

    Raises:
        StudyError: it holds targets only, or lacks one.
    """
    if run.manifest["config"]["select"] == "targets":
        raise StudyError(
            "neighbours looks at all tokens of a passage",
            expected="a run of all tokens",
            given="--select targets",
            remedy="Measure it again with --select all.",
        )
    remedy = f"Measure it again with --measures {','.join(needed)}."
    require_columns(run, "layers", needed, remedy)


def _target_pair(run: Run) -> str:
    """A target that stands right behind the word before it: not behind a piece of its own."""
    return f"""role = 'target' and (passage, position - 1, occurrence) in (
        select (passage, position, occurrence) from tokens
        where role = 'non-target' and {usable(run)})"""


def _other_pair(run: Run) -> str:
    """A pair of neighbours of which neither is a target."""
    return f"""role <> 'target' and {beside(run, 1)} and (passage, position - 1) not in (
        select (passage, position) from tokens where role = 'target')"""


def _pairs(run: Run) -> Pairs:
    """Target pair and other pairs of the passages that have both."""
    target = profile_means(run, ANGLE, _target_pair(run), from_layer=0)
    other = profile_means(run, ANGLE, _other_pair(run), from_layer=0)
    both = np.intersect1d(target.units, other.units)
    with_target = numbers(
        run.sql("select count(distinct document) as n from tokens where role = 'target'")
    )["n"][0]
    return Pairs(
        both.astype(np.int64),
        target.layers,
        target.values[np.isin(target.units, both)],
        other.values[np.isin(other.units, both)],
        int(with_target) - len(both),
        passage_names(run, both),
    )


def _groups(run: Run, found: Pairs) -> Groups:
    names = (
        "angle",
        f"{target_words(run)} and the word before it",
        "other neighbouring pairs",
    )
    seed = run.seed
    explored = None if run.exploration is None else _pairs(run.exploration)
    return Groups(*names, found, paired(found, seed), seed, along="layer", explored=explored)


def _twins(run: Run, expression: str, where: str) -> Floats | None:
    return some([profile_means(twin, expression, where, 0) for twin in run.untrained])


def _twins_difference(run: Run) -> Floats | None:
    found = [_pairs(twin) for twin in run.untrained]
    return some([Means(pairs.passages, pairs.target - pairs.control) for pairs in found])


def _baseline(run: Run) -> Baseline | None:
    layer, angles = drawn_angles(run, "same-layer")
    states = np.arange(run.blocks + 1)
    by_layer = [angles[layer == state] for state in states]
    drawn = min(map(len, by_layer))
    if not drawn:
        return None
    bounds = [band(found) for found in by_layer]
    low, high = (np.array([float(b[side]) for b in bounds]) for side in (0, 1))
    mean = np.array([found.mean() for found in by_layer])
    label = "same layer, another passage"
    return Baseline(Band(label, states, low, high, mean), exact_cosines(run), drawn)


def _twins_baseline(run: Run) -> Floats:
    apart = []
    for twin in run.untrained:
        baseline, near = _baseline(twin), profile_means(twin, ANGLE, beside(run, 1), from_layer=0)
        if baseline is not None and baseline.band.mean is not None:
            apart.append(
                float(near.values.mean() - np.mean(np.asarray(baseline.band.mean, dtype=float)))
            )
    return np.array(apart)
