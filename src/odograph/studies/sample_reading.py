"""A quantity is read from a run, with all that it is held against."""

from functools import partial

from odograph.folder.requirements import require_rows
from odograph.folder.run import Run
from odograph.folder.samples.nulls import Nulls, beside_twins, read_nulls
from odograph.folder.selection import Means, profile_means
from odograph.folder.targets import has_targets, target_names
from odograph.studies.groups import Groups, paired
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
    return Sample(run, quantity, everything, alone, groups, read_nulls(run, own, read))


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
        nulls=Nulls(twins, drawn),
        words=len(target_names(run)),
    )


def _differences(run: Run, quantity: Quantity) -> list[Means]:
    """Target minus control in each untrained twin."""
    if quantity.contrast is None:
        return []
    found = [quantity.contrast.pairs(twin, quantity) for twin in run.untrained]
    return [Means(one.passages, one.target - one.control) for one in found]
