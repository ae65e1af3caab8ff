"""In which layers targets and their controls differ: the curves, the largest difference, a figure.

Of a whole run, tests are corrected for all layers; of a halved run, a layer and a region are chosen
on the exploration half, and each is tested once on the confirmation half.
"""

from dataclasses import replace

import numpy as np

from odograph.figures.difference import draw_difference
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.folder.selection import Ints, Pairs
from odograph.sentences.curves import (
    PAIRED,
    STUDENT,
    counts_of_tests,
    curves_words,
    no_region,
)
from odograph.sentences.differences import (
    cancelled,
    cluster_method,
    profile_note,
    standardised_words,
)
from odograph.sentences.english import capital, several, span
from odograph.sentences.evidence import chosen_words
from odograph.sentences.names import NO_DIFFERENCE
from odograph.sentences.record import PRIMARY
from odograph.statistics.designs.one_sample import largest_effect
from odograph.statistics.designs.paired import paired_profile
from odograph.statistics.intervals import mean_interval
from odograph.statistics.leave_one_out import cluster_without, max_t_without
from odograph.statistics.permutation import ALPHA, cancels
from odograph.statistics.values import Comparison
from odograph.studies.claim import Claim
from odograph.studies.curves import difference_drawn
from odograph.studies.defaults import FindingDefaults
from odograph.studies.groups import Groups
from odograph.studies.questions.twins import (
    curves_beside_twins,
    layer_beside_twins,
    mean_beside_twins,
)
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.single_tests import SingleContrast, single_claim
from odograph.studies.tidy import paired_table

#: What the layer that is named is called.
LARGEST = "largest difference"


def layers(asked: Quantity, table: str = "layers", title: str = "") -> Section:
    """The curves of target and control, layer by layer; nothing without targets.

    table, title: name and title of the table; the name follows that of the study.
    """
    entitled = title or f"Target against control, by {asked.along} ({asked.unit})"

    def section(analysis: Analysis) -> Answer:
        sample = analysis.sample(asked)
        groups = sample.groups
        if groups is None:
            return Answer()
        defaults = analysis.defaults(sample)
        claims = [
            difference_of_curves(defaults, groups),
            largest_difference(defaults, groups),
            course_tests(defaults, groups),
        ]
        columns = paired_table(groups.profile, asked.unit)
        return Answer(
            [claim for claim in claims if claim is not None],
            [_plot(analysis.name(asked, "difference"), groups, asked)],
            [Table(analysis.name(asked, table), entitled, columns)],
            [note] if (note := profile_note(groups.profile)) else [],
        )

    return section


def _largest(groups: Groups) -> int:
    """The column of the largest standardised difference; the first where there is none."""
    size = np.abs(groups.profile.d_z)
    return int(np.nanargmax(size)) if np.isfinite(size).any() else 0


def difference_of_curves(defaults: FindingDefaults, groups: Groups) -> Claim:
    """The region claim: the curves differ, never from which layer on."""
    if groups.explored is not None:
        return confirmed_region(defaults, groups)
    profile, names = groups.profile, (groups.measure, groups.target, groups.control)
    best = min((c.p for c in profile.clusters), default=None)
    differences = groups.differences.mean(axis=1)
    interval = mean_interval(differences, seed=groups.seed)
    mean = defaults.estimate(differences.mean(), interval, profile.n)
    made = defaults.finding_of(
        curves_words(profile, names, groups.along, mean),
        mean.value,
        interval,
        test=cluster_method(profile) if profile.family else "none: too few pairs",
        family=f"{profile.family} layers",
        p=best,
        p_adjusted=best,
        null=NO_DIFFERENCE,
        estimate_of=f"mean difference over {groups.along}s",
    )
    if cancels(made.interval, profile.difference, profile.p_max_t):
        made = replace(made, weight=PRIMARY, estimate_of=cancelled(groups.along))
    claim = Claim(
        made,
        lambda: cluster_without(groups.differences, seed=groups.seed),
        groups.pairs.names,
    )
    return curves_beside_twins(claim, groups)


def largest_difference(defaults: FindingDefaults, groups: Groups) -> Claim | None:
    """The layer claim with the largest standardised difference, max-T corrected."""
    if groups.explored is not None:
        return confirmed_layer(defaults, groups)
    profile = groups.profile
    if not np.isfinite(profile.p_max_t).any():
        return None
    index = _largest(groups)
    layer = int(profile.layer[index])
    value, interval = profile.difference[index], profile.simultaneous(index)
    estimate = defaults.estimate(value, interval, profile.n, profile.excluded)
    compared = Comparison(
        groups.measure,
        groups.target,
        groups.control,
        f"in {groups.along} {layer}",
        estimate,
        profile.p_at(index),
    )
    made = defaults.comparison(compared, standardised_words(profile, index, groups.along))
    claim = Claim(
        made,
        lambda: max_t_without(groups.differences, index, seed=groups.seed),
        groups.pairs.names,
        places={LARGEST: layer},
    )
    return layer_beside_twins(claim, groups, index)


def confirmed_layer(defaults: FindingDefaults, groups: Groups) -> Claim | None:
    """The layer with the largest standardised difference on the first half; None for none."""
    explored = _explored(groups)
    index = largest_effect(explored.target - explored.control)
    if index is None:
        return None
    layer = int(groups.profile.layer[index])
    place = f"{groups.along} {layer}"
    confirmed = _confirmed(
        defaults,
        groups,
        np.array([index]),
        f"in {place}",
        chosen_words(
            place,
            f"the {groups.along} with the largest standardised difference",
            defaults.units(len(explored.passages)),
        ),
    )
    return replace(confirmed, places={LARGEST: layer})


def confirmed_region(defaults: FindingDefaults, groups: Groups) -> Claim:
    """The cluster of layers with the largest mass on the first half, averaged over its layers.

    Without a cluster there, the mean over all layers, which nothing was looked at for.
    """
    explored = _explored(groups)
    profile = paired_profile(
        explored.target, explored.control, explored.layers, seed=groups.seed, permutations=99
    )
    best = max(profile.clusters, key=lambda cluster: abs(cluster.mass), default=None)
    if best is None:
        return _confirmed(
            defaults,
            groups,
            np.arange(len(groups.profile.layer)),
            f"averaged over all {groups.along}s",
            no_region(defaults.units(len(explored.passages)), groups.along),
        )
    layers = groups.profile.layer
    inside = (layers >= best.first_layer) & (layers <= best.last_layer)
    one = best.first_layer == best.last_layer
    where = span(groups.along, best.first_layer, best.last_layer)
    return _confirmed(
        defaults,
        groups,
        np.flatnonzero(inside),
        f"averaged over {where}",
        chosen_words(
            where,
            "the cluster with the largest mass",
            defaults.units(len(explored.passages)),
            several=not one,
        ),
    )


def _explored(groups: Groups) -> Pairs:
    if groups.explored is None:
        raise ValueError("the run was not halved")
    return groups.explored


def _confirmed(
    defaults: FindingDefaults, groups: Groups, columns: Ints, place: str, chosen: str
) -> Claim:
    """One claim with one test, of the mean difference over these columns on the second half."""
    values = groups.differences[:, columns].mean(axis=1)
    words = (groups.measure, groups.target, groups.control, place)
    found = SingleContrast(words, values, groups.pairs.names, groups.pairs.excluded, more=chosen)
    return mean_beside_twins(single_claim(defaults, found, seed=groups.seed), groups, columns)


def _difference_caption(groups: Groups) -> str:
    """What the marks are; without a test none stands for one."""
    profile = groups.profile
    if not profile.family:
        return f"Mean paired difference, not tested ({profile_note(profile) or 'no spread'})."
    return (
        "Mean paired difference with its 95 % interval (BCa). Filled: p < .05 after "
        f"max-T over {groups.along}s. Bars: clusters with their p; their edges are not tested."
    )


def _plot(name: str, groups: Groups, asked: Quantity) -> Plot:
    """The paired difference by layer with its interval, its tests and its clusters."""
    profile = groups.profile
    title = f"{capital(asked.measure)} of {groups.target} minus that of {groups.control}"
    axis = "difference" if asked.unit == "1" else f"difference ({asked.unit})"
    drawn = difference_drawn(profile, several(profile.n, "pair"), profile.layer)
    return Plot(
        name,
        title,
        _difference_caption(groups),
        NO_DIFFERENCE,
        later(draw_difference, drawn, Labels(title, groups.along, axis)),
    )


def course_tests(defaults: FindingDefaults, groups: Groups) -> Claim | None:
    """The course's independent t-tests beside the paired, corrected ones."""
    profile = groups.profile
    if not np.isfinite(profile.p_student).any():
        return None
    counts = {
        STUDENT: profile.p_student,
        "Welch's": profile.p_welch,
        PAIRED: profile.p_max_t,
        "the paired t-test with Benjamini-Hochberg": profile.p_bh,
    }
    calls = {name: int((p < ALPHA).sum()) for name, p in counts.items()}
    layers, along = len(profile.layer), groups.along
    finding = defaults.finding_of(
        counts_of_tests(calls, layers, along, profile.n),
        calls[PAIRED] / layers,
        unit=f"share of {along}s",
        test="none: descriptive, the counts of four tests",
        family=f"{layers} layers",
        data=calls,
        null="as each test has it",
    )
    return Claim(finding)
