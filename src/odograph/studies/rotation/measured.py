"""What the findings, figures and tables of the rotation study are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from odograph.folder.run import Run
from odograph.studies.differences import Groups, paired
from odograph.studies.last_step import LastSteps, last_steps
from odograph.studies.nulls import Null, rotation_nulls
from odograph.studies.phrases import target_words
from odograph.studies.random_order import RandomOrder, in_random_order
from odograph.studies.selection import (
    Floats,
    Means,
    Pairs,
    has_targets,
    in_common,
    pairs,
    profile_means,
    require_rows,
    twin_profiles,
    with_a_pair,
)


@dataclass(frozen=True)
class Measured:
    """The curves, one row a passage, and what they are compared with.

    Without targets `groups` is None and all tokens lead; where targets have no pair it is None,
    too, and `targets` alone lead. `twins` have the leading curve, `twins_difference` target minus
    control: [twins, passages, L].
    """

    run: Run
    groups: Groups | None
    targets: Means | None
    everything: Floats
    twins: Floats | None
    twins_difference: Floats | None
    shuffled: RandomOrder | None
    nulls: Sequence[Null]
    last: LastSteps

    @property
    def subject(self) -> str:
        """Whose rotation leads: the target's, or that of all tokens."""
        if self.groups is not None:
            return self.groups.target
        return "a token" if self.targets is None else target_words(self.run)

    @property
    def leading(self) -> Floats:
        """The leading curve, one row a passage."""
        if self.groups is not None:
            return self.groups.pairs.target
        return self.everything if self.targets is None else self.targets.values

    @property
    def excluded(self) -> int:
        """How many passages with a target gave no pair."""
        return 0 if self.groups is None else self.groups.pairs.excluded


def measure(run: Run) -> Measured:
    """Reads the run once."""
    means = profile_means(run, "rotation")
    everything = require_rows(means.values, "token")
    found, targets = _pairs_or_targets(run)
    where = _leading_tokens(run, found, targets)
    own = targets or means if found is None else Means(found.passages, found.target)
    return Measured(
        run=run,
        groups=_groups(run, found) if found is not None else None,
        targets=targets,
        everything=everything,
        twins=twin_profiles(run, "rotation", where),
        twins_difference=None if found is None else _twins_difference(run),
        shuffled=in_random_order(run, own, "rotation", where),
        nulls=rotation_nulls(run, matched=found is not None),
        last=last_steps(run, found is not None),
    )


def _pairs_or_targets(run: Run) -> tuple[Pairs | None, Means | None]:
    """The pairs; where there are none the targets alone; neither where none can be measured."""
    if not has_targets(run):
        return None, None
    found = pairs(run, "rotation")
    if len(found.passages):
        return found, None
    targets = profile_means(run, "rotation", "role = 'target'")
    return None, targets if len(targets.values) else None


def _leading_tokens(run: Run, found: Pairs | None, targets: Means | None) -> str:
    """The SQL condition for the tokens whose curve leads."""
    if found is not None:
        return with_a_pair(run, "target")
    return "true" if targets is None else "role = 'target'"


def _twins_difference(run: Run) -> Floats | None:
    found = [pairs(twin, "rotation") for twin in run.untrained]
    shared = in_common([Means(one.passages, one.target - one.control) for one in found])
    return shared if shared is not None and shared.shape[1] else None


def _groups(run: Run, found: Pairs) -> Groups:
    seed = run.seed
    names = ("rotation", target_words(run), "the word before it")
    explored = None if run.exploration is None else pairs(run.exploration, "rotation")
    return Groups(*names, found, paired(found, seed), seed, explored=explored)
