"""A quantity is read from a run, with all that it is held against."""

from collections.abc import Sequence
from functools import partial

from odograph.folder.requirements import require_rows
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Means, in_common, profile_means
from odograph.folder.targets import has_targets, target_names
from odograph.studies.groups import Groups, paired
from odograph.studies.random_order import in_random_order
from odograph.studies.sample import Contrast, Quantity, Sample


def read_sample(run: Run, quantity: Quantity) -> Sample:
    """Reads the quantity and all its nulls once.

    Raises:
        StudyError: the run holds no such token.
    """
    contrast, first = quantity.contrast, quantity.from_layer
    where = "true" if contrast is None else contrast.tokens(run)
    everything = profile_means(run, quantity.expression, where, first)
    require_rows(everything.values, "token" if contrast is None else contrast.one)
    groups, alone, own = None, None, everything
    if contrast is not None and has_targets(run):
        groups = _groups(run, quantity, contrast)
        alone = _alone(run, quantity, contrast) if groups is None else None
        if groups is not None:
            where, own = contrast.target(run), Means(groups.pairs.passages, groups.pairs.target)
        elif alone is not None:
            where, own = contrast.alone or where, alone
    read = partial(profile_means, expression=quantity.expression, where=where, from_layer=first)
    drawn, twins = beside_twins(own, [read(twin) for twin in run.untrained])
    return Sample(
        run=run,
        quantity=quantity,
        everything=everything,
        alone=alone,
        groups=groups,
        twins=twins,
        drawn=drawn,
        shuffled=in_random_order(run, own, quantity.expression, where, first),
    )


def _alone(run: Run, quantity: Quantity, contrast: Contrast) -> Means | None:
    """The targets where none has a control; None where all tokens lead."""
    if contrast.alone is None:
        return None
    means = profile_means(run, quantity.expression, contrast.alone, quantity.from_layer)
    return means if len(means.values) else None


def _groups(run: Run, quantity: Quantity, contrast: Contrast) -> Groups | None:
    """Targets and controls; None where no pair is left."""
    found = contrast.pairs(run, quantity)
    if not len(found.passages):
        return None
    half = run.exploration
    own = Means(found.passages, found.target - found.control)
    drawn, twins = beside_twins(own, _differences(run, quantity))
    return Groups(
        quantity.measure,
        *contrast.names(run),
        found,
        paired(found, run.seed),
        run.seed,
        along=quantity.along,
        explored=None if half is None else contrast.pairs(half, quantity),
        twins=twins,
        drawn=drawn,
        words=len(target_names(run)),
    )


def _differences(run: Run, quantity: Quantity) -> list[Means]:
    """Target minus control in each untrained twin."""
    if quantity.contrast is None:
        return []
    found = [quantity.contrast.pairs(twin, quantity) for twin in run.untrained]
    return [Means(one.passages, one.target - one.control) for one in found]


def beside_twins(own: Means, twins: Sequence[Means]) -> tuple[Floats | None, Floats | None]:
    """A model and its twins in the units that all have: [units, ...] and [twins, units, ...].

    Both None without twins, or without a unit in common.
    """
    joint = in_common([own, *twins]) if twins else None
    return (None, None) if joint is None else (joint[0], joint[1:])
