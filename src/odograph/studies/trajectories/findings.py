"""The findings of the trajectories: whether groups part, and what a walk alone would give."""

from dataclasses import replace

import numpy as np

from odograph.sentences.distances import (
    LENGTHS,
    Picture,
    picture_plain,
    picture_sentence,
)
from odograph.sentences.record import Finding
from odograph.sentences.templates import number
from odograph.statistics.permutation import ALPHA
from odograph.studies.defaults import FindingDefaults
from odograph.studies.phrases import layers_named, twins_words
from odograph.studies.trajectories.apart import apart_findings
from odograph.studies.trajectories.earlier import Earlier
from odograph.studies.trajectories.measured import Measured, View
from odograph.studies.trajectories.partings import Parting
from odograph.studies.trajectories.shares import PLANE
from odograph.studies.trajectories.states import RAW, STATES, UNIT

#: Pairs of groups that get a sentence of their own; the table has all.
TOLD = 6


def findings(measured: Measured, defaults: FindingDefaults) -> list[Finding]:
    """All findings, the distances first."""
    raw = [parting for parting in measured.partings if parting.view == RAW]
    unit = [parting for parting in measured.partings if parting.view == UNIT]
    found = [one for parting in raw[:TOLD] for one in _apart(measured, parting, defaults)]
    if measured.run.untrained:
        found += [
            _against_twins(measured, parting, defaults)
            for parting in raw[:TOLD]
            if np.isfinite(parting.profile.low).all()  # too few units have no interval
        ]
    # States scaled to length 1 mostly say the same; told apart only where they do not.
    told = zip(unit[:TOLD], raw[:TOLD], strict=True)
    for own, other in told:
        found += _apart(measured, own, defaults) if _disagree(own, other) else []
    found += [_picture(measured, view, defaults) for view in measured.views]
    if measured.earlier is not None:
        found.append(_in_earlier_axes(measured, measured.earlier, defaults))
    return found


def _disagree(one: Parting, other: Parting) -> bool:
    """Whether two views of a pair of groups give another verdict, or another size by a tenth."""
    verdicts = {any(c.p < ALPHA for c in parting.profile.regions) for parting in (one, other)}
    means = one.profile.mean, other.profile.mean
    return len(verdicts) > 1 or abs(means[0] - means[1]) > 0.1 * max(map(abs, means))


def names_of(measured: Measured, parting: Parting) -> str:
    """Both groups, as in "'her' and 'him'"."""
    groups = measured.words.groups
    return f"'{groups[parting.first]}' and '{groups[parting.second]}'"


def _apart(measured: Measured, parting: Parting, defaults: FindingDefaults) -> list[Finding]:
    """One pair of groups in one view."""
    groups = measured.words.groups
    names = f"'{groups[parting.first]}'", f"'{groups[parting.second]}'"
    return apart_findings(measured.words, parting, names, STATES[parting.view], defaults)


def _against_twins(measured: Measured, parting: Parting, defaults: FindingDefaults) -> Finding:
    """At how many layers the distance leaves the range of the twins."""
    profile, twins = parting.profile, parting.twins
    low, high = twins.min(axis=0), twins.max(axis=0)
    more, less = profile.low > high, profile.high < low
    apart = float((profile.distance - twins.mean(axis=0)).mean())
    who = twins_words(len(twins))
    names = names_of(measured, parting)
    statement = (
        f"At {int((more | less).sum())} of {len(low)} states the 95 % interval of the distance "
        f"between {names} lies outside the range of {who} (farther apart at "
        f"{layers_named(more, 'state', 0)}; closer at {layers_named(less, 'state', 0)}); on "
        f"average the model's distance minus the twins' is {number(apart)} mean {LENGTHS} "
        f"(descriptive, no test; {defaults.sample})."
    )
    plain = (
        f"Different words stand apart in a network with random weights too; for {names}, what "
        "training adds or takes away is the difference from it."
    )
    return defaults.finding(
        statement, plain, apart if np.isfinite(apart) else None, unit=f"mean {LENGTHS}"
    )


def _picture(measured: Measured, view: View, defaults: FindingDefaults) -> Finding:
    """Whether the plane of PC1 and PC2 holds more of the mean path than nulls give."""
    shares = view.shares
    first, second = np.pad(shares.path[:PLANE], (0, PLANE))[:PLANE]
    picture = Picture(
        states=STATES[view.name],
        first=float(first),
        second=float(second),
        everything=float(shares.states[:PLANE].sum()),
        blocks=measured.run.blocks,
        width=int(measured.run.manifest["model"]["width"]),
        walk=shares.plane,
        equal=float(shares.equal[:PLANE].sum()),
        limit=float(shares.limit[:PLANE].sum()),
        twins=shares.twins[:, :PLANE].sum(axis=1),
        sample=defaults.sample,
    )
    return replace(
        defaults.finding(
            f"{picture_sentence(picture)}{_of_first_half(measured)}",
            picture_plain(picture),
            picture.plane,
            unit="share of variance",
        ),
        null=f"random walks with steps as long; {defaults.null}",
    )


def _of_first_half(measured: Measured) -> str:
    """Of a halved run, that the axes of the pictures were chosen on the half to look at."""
    if measured.run.exploration is None:
        return ""
    return (
        " The common axes were chosen on the first half, so that what they hold of the second is "
        "no fit to it; the shares of the mean path are in axes of its own, as those of the walks."
    )


def _in_earlier_axes(measured: Measured, earlier: Earlier, defaults: FindingDefaults) -> Finding:
    """How much of the new states' variance the earlier run's axes hold."""
    old, new = earlier.view(RAW), measured.view(RAW)
    held = float(old.axes.shares.sum())
    own = float(new.axes.shares[: len(old.axes.shares)].sum())
    count = len(old.axes.shares)
    statement = (
        f"The {count} axes of the earlier run '{earlier.folder}' hold {held:.0%} of the variance "
        f"of the new states, their own {count} axes {own:.0%} ({defaults.sample}; descriptive, no "
        "test)."
    ).replace("%", " %")
    plain = (
        "New text is drawn into an older picture; what the older axes do not hold cannot be seen "
        "there."
    )
    null = "the axes fitted to the new states, which hold the most that as many axes can"
    return defaults.finding(statement, plain, held, unit="share of variance", null=null)
