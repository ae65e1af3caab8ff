"""What the findings, figures and tables of the rotation study are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from odograph.run.results import Run
from odograph.statistics.paired import PairedProfile, paired_profile
from odograph.studies.last_step import LastSteps, last_steps
from odograph.studies.nulls import Null, rotation_nulls
from odograph.studies.selection import (
    Floats,
    Pairs,
    has_targets,
    pairs,
    passage_profiles,
    require_rows,
    target_words,
    twin_profiles,
    with_a_pair,
)


@dataclass(frozen=True)
class Measured:
    """The curves, one row a passage, and what they are compared with.

    Without targets (or where no pair is left) `pairs` and `profile` are None, and all tokens lead.
    """

    run: Run
    pairs: Pairs | None
    profile: PairedProfile | None
    everything: Floats
    twins: Floats | None
    nulls: Sequence[Null]
    last: LastSteps

    @property
    def subject(self) -> str:
        """Whose rotation leads: the target's, or that of all tokens."""
        return target_words(self.run) if self.pairs is not None else "a token"

    @property
    def leading(self) -> Floats:
        """The leading curve, one row a passage."""
        return self.pairs.target if self.pairs is not None else self.everything

    @property
    def seed(self) -> int:
        """The run's seed."""
        return int(self.run.manifest["seed"])

    @property
    def excluded(self) -> int:
        """How many passages with a target gave no pair."""
        return self.pairs.excluded if self.pairs is not None else 0


def measure(run: Run) -> Measured:
    """Reads the run once."""
    everything = require_rows(passage_profiles(run, "rotation"), "token")
    found = pairs(run, "rotation") if has_targets(run) else None
    if found is not None and not len(found.passages):
        found = None
    where = with_a_pair(run, "target") if found is not None else "true"
    return Measured(
        run=run,
        pairs=found,
        profile=_paired(found, run.manifest["seed"]) if found is not None else None,
        everything=everything,
        twins=twin_profiles(run, "rotation", where),
        nulls=rotation_nulls(run, matched=found is not None),
        last=last_steps(run, found is not None),
    )


def _paired(found: Pairs, seed: int) -> PairedProfile:
    return paired_profile(
        found.target, found.control, found.layers, seed=seed, excluded=found.excluded
    )
