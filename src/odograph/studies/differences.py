"""Two groups of tokens paired by passage: what is found, drawn and tabled of their difference."""

from dataclasses import dataclass

import numpy as np

from odograph.figures.difference import Cluster, Difference, draw_difference
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.sentences.record import Finding
from odograph.sentences.templates import (
    counted,
    curves_plain,
    curves_sentence,
    interval_words,
    number,
)
from odograph.statistics.coverage import with_shortfall
from odograph.statistics.designs.effect_size import D_Z_INTERVAL
from odograph.statistics.designs.paired import (
    MAX_T_TEST,
    PairedProfile,
    cluster_method,
    paired_profile,
)
from odograph.statistics.intervals import BCA, interval_of, mean_interval
from odograph.statistics.leave_one_out import cluster_without, max_t_without
from odograph.statistics.permutation import ALPHA, FEWEST_PAIRS, sign_flip_p
from odograph.statistics.values import NO_DIFFERENCE, Comparison, Estimate, PValue
from odograph.studies.confirmed import confirmed_layer, confirmed_region
from odograph.studies.halved import SINGLE_TEST
from odograph.studies.hinges import said_if_hinged
from odograph.studies.phrases import passages_counted
from odograph.studies.reporting import Usual
from odograph.studies.selection import Floats, Pairs
from odograph.studies.single_tests import Singly, single_comparison
from odograph.studies.study import Plot


@dataclass(frozen=True)
class Groups:
    """Two groups in the same passages, with their names in a sentence and the tests of them.

    Attributes:
        measure: as a sentence names it ("rotation"); its values have the unit `Usual.unit`.
        target, control: "'her'", "the word before it".
        pairs: both groups' profiles.
        profile: the paired tests, layer by layer.
        seed: of every draw.
        along: what a layer of the profile is: a "block" for steps, a "layer" for states.
        explored: both groups in the half to look at, where layers are chosen; None for a whole run.
    """

    measure: str
    target: str
    control: str
    pairs: Pairs
    profile: PairedProfile
    seed: int
    along: str = "block"
    explored: Pairs | None = None

    @property
    def differences(self) -> Floats:
        """Target minus control: [passages, layers]."""
        return self.pairs.target - self.pairs.control


def paired(found: Pairs, seed: int) -> PairedProfile:
    """The paired tests of target against control."""
    return paired_profile(
        found.target, found.control, found.layers, seed=seed, excluded=found.excluded
    )


def paired_tests(groups: Groups) -> str:
    """The tests of two groups as a card names them."""
    profile = groups.profile
    if not profile.family:
        return f"none: fewer than {FEWEST_PAIRS} pairs"
    if groups.explored is not None:
        return f"{SINGLE_TEST}, single tests of what was chosen on the other half"
    return f"{MAX_T_TEST}; {cluster_method(profile)}; family of {profile.family} layers"


def difference_of_means(usual: Usual, groups: Groups, values: Floats, measure: str) -> Finding:
    """Target minus control in one number a passage, values [passages]: one test."""
    words = (measure, groups.target, groups.control, "in the same passages")
    found = Singly(words, values, groups.pairs.names, groups.pairs.excluded)
    return single_comparison(usual, found, seed=groups.seed)


def difference_of_curves(usual: Usual, groups: Groups) -> Finding:
    """The region claim: the curves differ, never from which layer on."""
    if groups.explored is not None:
        return confirmed_region(usual, groups)
    profile, names = groups.profile, (groups.measure, groups.target, groups.control)
    best = min((c.p for c in profile.clusters), default=None)
    mean = groups.differences.mean(axis=1)
    interval = mean_interval(mean, seed=groups.seed)
    said = curves_sentence(profile, *names, groups.along)
    made = usual.finding(
        f"{said} Averaged over all {groups.along}s the difference is "
        f"{number(float(mean.mean()))} {usual.unit} ({interval_words(interval, usual.unit)}).",
        curves_plain(profile, *names),
        float(mean.mean()),
        interval,
        test=cluster_method(profile) if profile.family else "none: too few pairs",
        family=f"{profile.family} layers",
        p=best,
        p_adjusted=best,
        null=NO_DIFFERENCE,
    )
    return said_if_hinged(
        made, lambda: cluster_without(groups.differences, seed=groups.seed), groups.pairs.names
    )


def largest_difference(usual: Usual, groups: Groups) -> Finding | None:
    """The layer claim with the largest standardised difference, max-T corrected."""
    if groups.explored is not None:
        return confirmed_layer(usual, groups)
    profile = groups.profile
    if not np.isfinite(profile.p_max_t).any():
        return None
    index = int(np.nanargmax(np.abs(profile.d_z)))
    layer, p = int(profile.layer[index]), float(profile.p_max_t[index])
    estimate = Estimate(
        float(profile.difference[index]),
        usual.unit,
        profile.n,
        "passage",
        interval_of(profile.low[index], profile.high[index], BCA),
        profile.excluded,
    )
    alone = sign_flip_p(groups.differences[:, index], seed=groups.seed)
    compared = Comparison(
        groups.measure,
        groups.target,
        groups.control,
        f"in {groups.along} {layer}",
        estimate,
        PValue(MAX_T_TEST, p, profile.family, alone=alone),
    )
    made = usual.comparison(compared, _standardised(profile, index, groups.along))
    return said_if_hinged(
        made, lambda: max_t_without(groups.differences, index, seed=groups.seed), groups.pairs.names
    )


def _standardised(profile: PairedProfile, index: int, along: str) -> str:
    rejected = int((profile.p_max_t < ALPHA).sum())
    d_z = (
        f"d_z = {profile.d_z[index]:.2f}, 95 % interval {profile.d_z_low[index]:.2f} to "
        f"{profile.d_z_high[index]:.2f}, {with_shortfall(D_Z_INTERVAL, profile.n)}"
    )
    return (
        f"It is the {along} with the largest standardised difference ({d_z}); in {rejected} of "
        f"{len(profile.layer)} {along}s p < .05 after max-T. The interval is that of the one "
        f"{along}, not corrected for its choice."
    )


def course_tests(usual: Usual, groups: Groups) -> Finding | None:
    """The course's independent t-tests beside the paired, corrected ones."""
    profile = groups.profile
    if not np.isfinite(profile.p_student).any():
        return None
    counts = {
        "the course's independent Student t-test, uncorrected": profile.p_student,
        "Welch's": profile.p_welch,
        "the paired max-T permutation": profile.p_max_t,
        "the paired t-test with Benjamini-Hochberg": profile.p_bh,
    }
    calls = {name: int((p < ALPHA).sum()) for name, p in counts.items()}
    listed = ", ".join(f"{name} {count}" for name, count in calls.items())
    return usual.finding(
        f"{groups.along.capitalize()}s with p < .05, of {len(profile.layer)}: {listed} "
        f"({counted(profile.n, 'pair', profile.excluded)}). The independent tests ignore that both "
        f"words stand in one sentence and that many {groups.along}s are tested; they are shown as "
        "in the course.",
        f"Which test is used changes how many {groups.along}s look different; the paired, "
        "corrected one is the one to rely on.",
        calls["the paired max-T permutation"] / len(profile.layer),
        unit=f"share of {groups.along}s",
        test="none: descriptive, the counts of four tests",
        family=f"{len(profile.layer)} layers",
        null="as each test has it",
    )


def _difference_caption(groups: Groups) -> str:
    """What the marks are; without a test none stands for one."""
    profile = groups.profile
    if not profile.family:
        return f"Mean paired difference, not tested ({profile.note or 'no spread'})."
    return (
        "Mean paired difference with its 95 % interval (BCa over passages). Filled: p < .05 after "
        f"max-T over {groups.along}s. Bars: clusters with their p; their edges are not tested."
    )


def difference_plot(name: str, title: str, groups: Groups, axis: str) -> Plot:
    """The paired difference by layer with its interval, its tests and its clusters.

    axis: label of the difference, with its unit.
    """
    profile = groups.profile
    clusters = [Cluster(c.first_layer, c.last_layer, c.p) for c in profile.clusters]
    drawn = Difference(
        layers=profile.layer,
        mean=profile.difference,
        low=profile.low,
        high=profile.high,
        n=passages_counted(profile.n),
        significant=np.nan_to_num(profile.p_max_t, nan=1.0) < ALPHA if profile.family else None,
        clusters=clusters,
    )
    return Plot(
        name,
        title,
        _difference_caption(groups),
        NO_DIFFERENCE,
        later(draw_difference, drawn, Labels(title, groups.along, axis)),
    )
