"""Whether the groups part ways in the full space, and by more than their nulls give."""

import numpy as np

from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve
from odograph.figures.profiles import ProfilePanel
from odograph.folder.kept_words import Words, chosen_words
from odograph.folder.run_words import outliers_of, twin_null
from odograph.folder.samples.group_distances import GroupDistance
from odograph.folder.word_states import RAW, READ_UNITS, UNIT
from odograph.sentences.distances import (
    LENGTHS,
    Apart,
    distance_family,
    distance_max_test,
    states_beyond_twins,
)
from odograph.sentences.english import capital
from odograph.sentences.names import name_of_test
from odograph.sentences.nulls import orders_label, orders_null, twins_label
from odograph.statistics.judge import cluster_columns
from odograph.statistics.permutation import ALPHA
from odograph.studies.claim import Claim
from odograph.studies.curves import profiles_plot, range_bands
from odograph.studies.defaults import FindingDefaults
from odograph.studies.questions.readings import held_against
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer, behind
from odograph.studies.tidy import Columns, by_seed, stacked, tidy, twin_columns
from odograph.studies.trajectories.group_distance import (
    STATES,
    apart_of,
    defaults_of,
    distance_claims,
    distances_of,
    unit_readings,
)

#: Pairs of groups that get a sentence of their own; the table has all.
TOLD = 6
#: Pairs of groups that are drawn beside each other; the table has all.
_PANELS = 4
_NO_LABELS = "labels of the groups permuted, 5-95 %"


def distances(analysis: Analysis) -> Answer:
    """Every pair of groups: states as they are; scaled to length 1 where that says otherwise."""
    words, found = analysis.read(chosen_words), analysis.once(distances_of)
    raw = [one for one in found if one.view == RAW][:TOLD]
    unit = [one for one in found if one.view == UNIT][:TOLD]
    defaults = defaults_of(analysis)
    read = unit_readings(analysis.run)
    claims = [claim for one in raw for claim in _claims(words, one, defaults)]
    # What outlier coordinates would drown is asked of states scaled to one length, in all readings.
    claims = [*map(behind, claims)] if read else claims
    if analysis.run.untrained:
        claims += [
            _against_twins(words, one, defaults)
            for one in raw
            if np.isfinite(one.profile.low).all()  # too few units have no interval
        ]
    for one, other in zip(unit, raw, strict=True):
        if read or _disagree(one, other):
            scaled = _in_readings(analysis, one, defaults)
            claims += scaled if read else map(behind, scaled)
    table = Table(
        "trajectories_distances",
        "Distances between groups by layer (divided by the mean length of a state)",
        stacked([distance_columns(words, one) for one in found]),
    )
    plots = [_plot(analysis, view) for view in (RAW, UNIT)]
    plots += [_readings_plot(analysis)] if read else []
    return Answer(claims, plots, [table], _notes(analysis))


def _in_readings(analysis: Analysis, one: GroupDistance, defaults: FindingDefaults) -> list[Claim]:
    """The claims of the unit view of a pair, held against its other readings."""
    words = analysis.read(chosen_words)
    others = {
        name: _claims(words, own, defaults)
        for name in unit_readings(analysis.run)
        for own in analysis.once(distances_of)
        if own.view == READ_UNITS[name] and (own.first, own.second) == (one.first, one.second)
    }
    return held_against(outliers_of(analysis.run), _claims(words, one, defaults), others, "state")


def _readings_plot(analysis: Analysis) -> Plot:
    """The first pair of groups in every reading of the unit view."""
    words, outliers = analysis.read(chosen_words), outliers_of(analysis.run)
    titles = {UNIT: outliers.title("")}
    titles |= {READ_UNITS[name]: outliers.title(name) for name in unit_readings(analysis.run)}
    shown: dict[str, GroupDistance] = {}
    for one in analysis.once(distances_of):
        if one.view in titles:
            shown.setdefault(one.view, one)
    first = shown[UNIT]
    title = f"Distance between {_both(words, first)}, {STATES[UNIT]}, in its readings"
    return profiles_plot(
        "trajectories_distances_readings",
        Labels(title, "state", f"distance ({LENGTHS})"),
        "As the distances of the other figures: as they are, without the outlier coordinates "
        f"({outliers.listed}), and about the mean state of each layer. Of several pairs of groups "
        "the first; the table has all.",
        with_orders(f"{_NO_LABELS}; {twin_null(analysis.run)}", first),
        [distance_panel(titles[view], own) for view, own in shown.items()],
    )


def _apart(words: Words, one: GroupDistance) -> Apart:
    first, second = (f"'{words.groups[group]}'" for group in (one.first, one.second))
    return apart_of(words, one, (first, second), STATES[one.view])


def _claims(words: Words, one: GroupDistance, defaults: FindingDefaults) -> list[Claim]:
    return distance_claims(_apart(words, one), one, defaults)


def _both(words: Words, one: GroupDistance) -> str:
    """Both groups, as in "'her' and 'him'"."""
    return f"'{words.groups[one.first]}' and '{words.groups[one.second]}'"


def _disagree(one: GroupDistance, other: GroupDistance) -> bool:
    """Whether two views of a pair of groups give another verdict, or another size by a tenth."""
    verdicts = {any(c.p < ALPHA for c in found.profile.regions) for found in (one, other)}
    means = one.profile.mean, other.profile.mean
    return len(verdicts) > 1 or abs(means[0] - means[1]) > 0.1 * max(map(abs, means))


def _against_twins(words: Words, one: GroupDistance, defaults: FindingDefaults) -> Claim:
    """At how many layers the distance leaves the range of the twins."""
    more = float((one.profile.distance - one.twins.mean(axis=0)).mean())
    finding = defaults.finding_of(
        states_beyond_twins(_apart(words, one), one.twins, more, defaults.sample),
        more if np.isfinite(more) else None,
        unit=f"mean {LENGTHS}",
        data={"states_beyond": int(np.sum(one.profile.beyond(one.twins)))},
    )
    return Claim(finding)


def _notes(analysis: Analysis) -> list[str]:
    words, run = analysis.read(chosen_words), analysis.run
    notes = []
    if words.shared:
        notes.append(
            f"{words.shared} {words.unit}s have words of several groups and stand in each, though "
            "nothing is paired: tests are then rather too strict."
        )
    if len(words.pairs) > TOLD:
        notes.append(
            f"Of {len(words.pairs)} pairs of groups the first {TOLD} are told in sentences; "
            "the table has all."
        )
    if run.manifest["convention"] != "stream":
        notes.append(
            f"The run's convention is {run.manifest['convention']}; the paths are those "
            "of the stream, and after the final norm at every layer (lens), whatever it is."
        )
    return [*notes, *_order_notes(analysis)]


def _order_notes(analysis: Analysis) -> list[str]:
    """What random order cannot show."""
    shown, orders = len(analysis.once(distances_of)[0].orders), len(analysis.run.shuffled)
    notes = []
    if shown < orders:
        notes.append(
            f"{orders - shown} of {orders} random orders "
            "of the texts kept no states of these words: they are no null here."
        )
    if shown:
        notes.append(
            "In random order only distances are shown: a path through other places of a text has "
            "no step in common with this one."
        )
    return notes


def _plot(analysis: Analysis, view: str) -> Plot:
    words = analysis.read(chosen_words)
    found = [one for one in analysis.once(distances_of) if one.view == view]
    title = f"Distance between groups in the full space{in_title(view)}"
    profile = found[0].profile
    tested = "no test: too few units"
    if profile.family:
        tested = f"{name_of_test(profile.test)}; family of {distance_family(profile)}"
    drawn = [distance_panel(_both(words, p), p) for p in found[:_PANELS]]
    left = f" Drawn are the first {_PANELS} of {len(found)} pairs." if len(found) > _PANELS else ""
    return profiles_plot(
        f"trajectories_distances_{view}",
        Labels(title, "state", f"distance ({LENGTHS})"),
        "Noise-corrected distance between the means of two groups, divided by the mean length of a "
        "state, with its 95 % interval (bootstrap): 0 on average where the groups do not differ. "
        f"{capital(tested)}.{left}",
        with_orders(f"{_NO_LABELS}; {twin_null(analysis.run)}", found[0]),
        drawn,
        "" if profile.family else "no difference",
    )


def in_title(view: str) -> str:
    """The view in a title; raw states are not named."""
    return "" if view == RAW else f" ({STATES[view]})"


def with_orders(null: str, one: GroupDistance) -> str:
    """A caption's null, and the random orders after it where they are shown."""
    return "; ".join([null, *orders_null(len(one.orders))])


def distance_panel(title: str, one: GroupDistance) -> ProfilePanel:
    """One pair of groups over the nulls of that pair."""
    profile, bands, twins, orders = one.profile, [], one.twins, one.orders
    layers = profile.layer
    if profile.family:
        bands.append(Band(_NO_LABELS, layers, profile.null_low, profile.null_high))
    bands += range_bands(twins_label(len(twins), "range of "), layers, twins)
    curves = [Curve("distance", layers, profile.distance, profile.low, profile.high)]
    in_order = orders_label(len(orders))
    if len(orders) == 1:  # a band without height would be a second grey line
        curves.append(Curve(in_order, layers, orders[0]))
    else:
        bands += range_bands(in_order, layers, orders)
    return ProfilePanel(title, curves, bands)


def distance_columns(words: Words, one: GroupDistance) -> Columns:
    """One row a layer of a pair of groups: distance, tests, and the same in the nulls."""
    profile, groups = one.profile, words.groups
    rows = len(profile.layer)
    columns = {
        "view": [one.view] * rows,
        "first": [groups[one.first]] * rows,
        "second": [groups[one.second]] * rows,
        "layer": profile.layer,
        "n_first": np.full(rows, profile.n_first),
        "n_second": np.full(rows, profile.n_second),
        "squared": profile.squared,
        "distance": profile.distance,
        "low": profile.low,
        "high": profile.high,
        "permuted_low": profile.null_low,
        "permuted_high": profile.null_high,
        "p": profile.p,
        "p_max": profile.p_max,
        **cluster_columns(profile.layer, profile.regions),
        "family": np.full(rows, profile.family),
        **twin_columns(one.twins, rows),
        **order_columns(one),
    }
    return tidy(
        columns,
        n=profile.n_first if words.paired else profile.n_first + profile.n_second,
        excluded=words.left_out,
        unit="mean lengths of a state",
        test=distance_max_test(profile) if profile.family else "none: too few units",
        unit_of_inference=words.unit,
    )


def order_columns(one: GroupDistance) -> Columns:
    """The distance in each random order of the texts."""
    return by_seed("shuffled", one.orders)
