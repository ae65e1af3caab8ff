"""How tokens turn around the block in which their prediction settles, and once it has settled."""

from dataclasses import dataclass

import numpy as np

from odograph.folder.samples.settling import Settling
from odograph.folder.selection import Floats, Ints
from odograph.statistics.designs.adjusted import adjusted_difference
from odograph.statistics.designs.aligned import Aligned, aligned
from odograph.statistics.designs.one_sample import MeanProfile, mean_profile

#: Blocks on each side of the one in which a token settles.
_REACH = 4


@dataclass(frozen=True, eq=False)
class Around:
    """Rotation minus its block's mean around the block in which each token settles.

    Attributes:
        found: curves of the units that have such a token, and of permuted depths.
        units: which of the run's units these are.
        profile: curve minus expectation, with the tests over offsets.
        at_start: tokens that have settled before the first block, and have no such block.
    """

    found: Aligned
    units: Ints
    profile: MeanProfile
    at_start: int

    @property
    def at(self) -> int:
        """The place of the settling block itself among the offsets."""
        return int(np.flatnonzero(self.found.offsets == 0)[0])


def around_settling_of(own: Settling) -> Around | None:
    """The aligned profile of a run; None where no token settles in a block."""
    settles = own.depth > 0
    if not settles.any():
        return None
    units, unit = np.unique(own.unit[settles], return_inverse=True)
    away = own.rotation - own.rotation.mean(axis=0)
    found = aligned(
        away[settles],
        own.depth[settles] - 1,
        own.position[settles],
        unit,
        reach=min(_REACH, own.run.blocks - 1),
        seed=own.run.seed,
    )
    profile = mean_profile(found.beyond, None, seed=own.run.seed)
    return Around(found, units, profile, int((~settles).sum()))


def turn_at_settling(found: Settling) -> Floats | None:
    """The same of each unit in a twin; None where no token settles in a block there.

    Units without such a token count as not different.
    """
    around = around_settling_of(found)
    if around is None:
        return None
    values = np.zeros(len(found.documents))
    values[around.units] = around.found.beyond[:, around.at]
    return values


#: Fewer tokens of one kind say nothing of a block.
_FEWEST = 6


@dataclass(frozen=True, eq=False)
class Turning:
    """Rotation of tokens that have settled minus that of those that have not.

    Attributes:
        blocks: those in which there are enough of both, [k].
        each: what each unit adds to the difference, [units, k], degrees.
        profile: their means, with the tests over blocks.
        settled: how many tokens have settled before each block, [k].
    """

    blocks: Ints
    each: Floats
    profile: MeanProfile
    settled: Ints

    @property
    def most(self) -> int:
        """The place of the largest difference in standard errors."""
        return int(np.argmax(np.abs(np.nan_to_num(self.profile.t))))

    @property
    def places(self) -> dict[str, int]:
        """The block that is named."""
        return {"largest difference": int(self.blocks[self.most])}


def turning_of(own: Settling) -> Turning | None:
    """The difference in each block with enough of both; None where there is none."""
    found = {b: settled_difference(own, b) for b in range(1, own.run.blocks + 1)}
    each = {block: values for block, values in found.items() if values is not None}
    if not each:
        return None
    table = np.column_stack(list(each.values()))
    settled = np.array([int(own.settled(block).sum()) for block in each])
    return Turning(
        np.array(list(each)), table, mean_profile(table, None, seed=own.run.seed), settled
    )


def difference_by_block(found: Settling, blocks: list[int]) -> Floats:
    """The mean difference in these blocks, [k]; NaN in a block that lacks a kind."""
    each = [settled_difference(found, block) for block in blocks]
    return np.array([np.nan if values is None else values.mean() for values in each])


def settled_difference(found: Settling, block: int) -> Floats | None:
    """What each unit adds to the difference in a block, [units]; None for too few of a kind."""
    settled = found.settled(block)
    if min(settled.sum(), (~settled).sum()) < _FEWEST:
        return None
    return adjusted_difference(found.rotation[:, block - 1], settled, found.covariates, found.unit)
