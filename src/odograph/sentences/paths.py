"""What is said of the pictures of paths: how flat a path is beside nulls, what axes hold of it."""

from dataclasses import dataclass

from odograph.sentences.numbers import percent
from odograph.sentences.record import Words
from odograph.statistics.intervals import Floats


@dataclass(frozen=True)
class Picture:
    """What two planes hold, as shares of variance: the one that is drawn, the mean path's own.

    Attributes:
        states: what was looked at.
        first, second: of the mean path, along the first two axes of its own.
        drawn: of all words at all layers, along each of the two axes that are drawn, PC1 and PC2.
        blocks, width: L and the dimensions.
        walk: 5 to 95 % of random walks with steps as long.
        equal, limit: of a walk of L equal steps, and of an endless one.
        twins: of the mean path of each untrained twin.
        sample: the units in a sentence.
    """

    states: str
    first: float
    second: float
    drawn: tuple[float, float]
    blocks: int
    width: int
    walk: tuple[float, float]
    equal: float
    limit: float
    twins: Floats
    sample: str

    @property
    def plane(self) -> float:
        """What the first two axes of its own hold of the mean path."""
        return self.first + self.second

    @property
    def only_walk(self) -> bool:
        """Whether the plane holds no more than 95 % of random walks reach."""
        return self.plane <= self.walk[1]

    @property
    def only_twins(self) -> bool:
        """Whether an untrained twin reaches as much."""
        return len(self.twins) > 0 and self.plane <= float(self.twins.max())


def picture_sentence(picture: Picture) -> str:
    """What is drawn, and how flat the mean path is beside walks and twins, with the verdict."""
    twins = "no untrained twin was measured"
    if len(picture.twins):
        low, high = float(picture.twins.min()), float(picture.twins.max())
        twins = f"untrained twins {percent(low)} to {percent(high)}"
        if len(picture.twins) == 1:
            twins = f"the untrained twin {percent(low)}"
    return (
        f"The axes that are drawn, PC1 and PC2 of one fit to all words at all layers "
        f"({picture.states}), hold {percent(picture.drawn[0])} and {percent(picture.drawn[1])}, "
        f"together {percent(sum(picture.drawn))}, of the variance. The mean path by itself has "
        f"{percent(picture.first)} and {percent(picture.second)}, together "
        f"{percent(picture.plane)}, in the first two axes of its own, which are not drawn; random "
        f"walks of {picture.blocks} steps as long in {picture.width} dimensions "
        f"{percent(picture.walk[0])} to {percent(picture.walk[1])} (5-95 %), a walk of equal "
        f"steps {percent(picture.equal)}, an endless one {percent(picture.limit)}; {twins} "
        f"({picture.sample}; descriptive, no test): {_verdict(picture)}."
    )


def _verdict(picture: Picture) -> str:
    if picture.only_walk:
        return "no more than a random walk gives"
    if picture.only_twins:
        return "more than a random walk gives, but no more than an untrained twin"
    others = "a random walk or an untrained twin gives" if len(picture.twins) else "a walk gives"
    return f"more than {others}"


def picture_plain(picture: Picture) -> str:
    """The same to a student, without symbols."""
    if picture.only_walk:
        return (
            "Caution: a point that wanders at random gives such a picture too. Do not read meaning "
            "into its arcs; look at the distances."
        )
    if picture.only_twins:
        return (
            "Caution: a network with random weights gives such a picture too. Do not read meaning "
            "into its arcs; look at the distances."
        )
    return (
        "The path keeps more to one plane than one that wanders at random, but what sets the "
        "groups apart shows in the distances, not in the arcs."
    )


def picture_words(picture: Picture, *, halved: bool) -> Words:
    """The picture as a finding; halved: whether its axes were chosen on the first half."""
    chosen = (
        " The common axes were chosen on the first half, so that what they hold of the second is "
        "no fit to it; the shares of the mean path are in axes of its own, as those of the walks."
    )
    return Words(
        f"{picture_sentence(picture)}{chosen if halved else ''}",
        picture_plain(picture),
        f"Of all {picture.states}, two drawn axes hold {percent(sum(picture.drawn))}, the mean "
        f"path's own {percent(picture.plane)}",
    )


def earlier_axes_words(folder: str, axes: int, held: float, own: float, counts: str) -> Words:
    """What so many axes of an earlier run hold of new states, and as many axes of their own."""
    return Words(
        f"The {axes} axes of the earlier run '{folder}' hold {held:.0%} of the variance "
        f"of the new states, their own {axes} axes {own:.0%} ({counts}; descriptive, no "
        "test).".replace("%", " %"),
        "New text is drawn into an older picture; what the older axes do not hold cannot be seen "
        "there.",
        f"The axes of the earlier run hold {held:.0%} of the variance".replace("%", " %"),
    )
