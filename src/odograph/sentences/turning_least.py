"""Which blocks, and which runs of blocks, turn the state least, in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from odograph.sentences.english import counted, ordered_blocks, several
from odograph.sentences.evidence import described
from odograph.sentences.nulls import named, twins_words
from odograph.sentences.numbers import number
from odograph.sentences.record import Words
from odograph.statistics.intervals import Floats
from odograph.statistics.values import Estimate

GEOMETRY_CAVEAT = "Geometry is not importance"
#: Whose choice the last token is.
AUTHOR = "Gromov et al. 2024"


def on_first_half(*, chosen: bool) -> str:
    """What is said of blocks that were chosen on the first half of a run; "" of others."""
    return " (chosen on the first half; the numbers are those of the second)" if chosen else ""


def units_of(estimate: Estimate) -> str:
    """How many units an estimate is over."""
    return counted(estimate.n, estimate.unit_of_inference)


@dataclass(frozen=True)
class InfluenceOfBlocks:
    """The order of the blocks by their influence.

    Attributes:
        mean: by block, [L].
        least, most: the blocks that are named.
        estimate: of the least.
        on_half: whether they were chosen on the first half.
        twins: [twins, units, L]; None without.
        order: what random order gives of the mean, a sentence with a space before it.
    """

    mean: Floats
    least: int
    most: int
    estimate: Estimate
    on_half: bool
    twins: Floats | None
    order: str


def influence_words(found: InfluenceOfBlocks) -> Words:
    """In which block Block Influence is smallest, and in which it is largest."""
    least, most = found.least, found.most
    order = np.argsort(found.mean, kind="stable") + 1
    statement = (
        f"Block Influence (1 - cosine between the states before and after) is smallest in block "
        f"{least}{on_first_half(chosen=found.on_half)}, {number(found.mean[least - 1])} "
        f"({described(found.estimate)}), and largest in block {most}, "
        f"{number(found.mean[most - 1])}; from the smallest: "
        f"{ordered_blocks(order)}{_beside_twins(found.twins)}. {GEOMETRY_CAVEAT}."
        f"{named('Averaged over the blocks', found.order)}"
    )
    plain = f"Block {least} changes the direction of the vector least, block {most} most."
    return Words(statement, plain, f"Block {least} turns vectors least, block {most} most")


def _beside_twins(twins: Floats | None) -> str:
    if twins is None:
        return ""
    beside = twins.mean(axis=(0, 1))
    order = np.argsort(beside, kind="stable") + 1
    return (
        f"; in {twins_words(len(twins))} it is smallest in block {order[0]} "
        f"({number(beside.min())}) and largest in block {order[-1]} ({number(beside.max())})"
    )


@dataclass(frozen=True)
class LeastTurning:
    """The run of so many blocks that turns tokens least.

    Attributes:
        name: of the run: "block 5", "blocks 5 to 7".
        blocks: how many they are.
        estimate: its angular distance.
        on_half: whether it was chosen on the first half.
        by_last: the run by the last token: a name, or "the same".
        twins: how many there are, and the best distance in them.
        by_length: the runs of some lengths with their distances.
        under: the convention, where it is not the usual one.
    """

    name: str
    blocks: int
    estimate: Estimate
    on_half: bool
    by_last: str
    twins: tuple[int, float]
    by_length: Mapping[str, float]
    under: str


def least_turning_words(found: LeastTurning) -> Words:
    """Which of all runs of so many blocks turns tokens least."""
    count, size = several(found.blocks, "block"), number(found.estimate.value)
    turns = f"{found.name} turn{'s' if found.blocks == 1 else ''} tokens least"
    seeds, distance = found.twins
    twins = "no untrained twin was measured"
    if seeds:
        twins = f"in {twins_words(seeds)} the best distance for as many is {number(distance)}"
    listed = ", ".join(f"{name} ({number(own)})" for name, own in found.by_length.items())
    statement = (
        f"Of all runs of {count}{found.under}, {turns}{on_first_half(chosen=found.on_half)}: "
        f"angular distance {size} half turns "
        f"({described(found.estimate)}"
        f"{'' if found.on_half else '; chosen as the smallest, so rather low'}); "
        f"by the last token of a passage ({AUTHOR}) it is {found.by_last}; {twins}. "
        f"By length: {listed}. {GEOMETRY_CAVEAT}."
    )
    plain = (
        f"If {count} had to go, going by how little the vector turns, "
        f"{found.name} would be first in line. {GEOMETRY_CAVEAT}: a small turn can be vital, "
        "so look at the change in loss before anything is dropped."
    )
    return Words(statement, plain, f"Of all runs of {count}, {turns}, by {size} half turns")


def in_other_readings(words: Words, runs: Mapping[str, tuple[str, str]], *, same: bool) -> Words:
    """The words with the run that turns least in each other reading.

    runs: by the title of the reading the run and its size; same: whether it is one and the same.
    """
    told = "; ".join(f"{title} {run} ({size})" for title, (run, size) in runs.items())
    everywhere = ", in every reading" if same else ""
    return Words(
        f"{words.statement} Read otherwise, {told}.", words.plain, f"{words.headline}{everywhere}"
    )
