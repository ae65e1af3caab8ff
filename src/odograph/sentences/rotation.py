"""How far tokens turn, in sentences: unrelated states beside chance, and models side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.measures import DEGREES
from odograph.sentences.english import several
from odograph.sentences.evidence import interval_words
from odograph.sentences.models_and_twins import TwinsOfOne
from odograph.sentences.numbers import number, quantity
from odograph.sentences.record import Words
from odograph.statistics.intervals import Floats
from odograph.statistics.space.isotropic import isotropic_angle_interval
from odograph.statistics.values import Interval

#: From here on the plain sentence speaks of a common direction (degrees).
_CLEARLY_BELOW_RIGHT = 85.0


def unrelated_states(angles: Floats, width: int) -> Words:
    """Drawn pairs of states that have nothing to do with each other, beside isotropic directions.

    angles: of the pairs, in degrees; width: how many dimensions the states have.
    """
    low, high = isotropic_angle_interval(width)
    mean = float(angles.mean())
    narrow, wide = np.percentile(angles, [5, 95])
    apart = f"Two states drawn at any position and any layer stand {number(mean)} degrees apart"
    statement = (
        f"{apart} (5-95 % {number(narrow)} to {number(wide)} degrees; n = {len(angles):,} drawn "
        f"pairs; descriptive, no test: that n is arbitrary). Isotropic directions in {width} "
        f"dimensions would stand 90 degrees apart (95 % within {low:.1f} to {high:.1f})."
    )
    plain = (
        "Even states that have nothing to do with each other are closer than a right angle: they "
        "share a common direction."
        if mean < _CLEARLY_BELOW_RIGHT
        else "States that have nothing to do with each other stand at about a right angle."
    )
    return Words(statement, plain, f"{apart}; isotropic directions 90")


@dataclass(frozen=True)
class ModelTurn:
    """How far one model turns in a block: the mean over texts (degrees).

    twins: of the sum over all blocks; None where none was measured.
    """

    name: str
    blocks: int
    width: int
    mean: float
    interval: Interval | None
    twins: TwinsOfOne | None

    def words(self) -> str:
        """The model with its shape, its mean and interval, and its twins."""
        return (
            f"{self.name} ({several(self.blocks, 'block')} of width {self.width}) "
            f"{number(self.mean)} degrees, {interval_words(self.interval, 'degrees')}, "
            f"{self._beside()}"
        )

    def _beside(self) -> str:
        """What its twins do, and the model itself in the texts that these have read."""
        if self.twins is None:
            return "no untrained twin"
        if not self.twins.count:
            return "untrained twins have read none of these texts"
        twins, own = (number(of / self.blocks) for of in (self.twins.twins, self.twins.model))
        said = f"untrained twins {twins} degrees"
        if not self.twins.read:
            return said
        return f"{said} in {self.twins.read}, where it turns {own} degrees"


def turns_per_block(models: Sequence[ModelTurn], difference: float, sample: str) -> Words:
    """Mean rotation in a block of models, the smallest first.

    difference: the largest model minus the smallest; sample: the units.
    """
    small, large = models[0].name, models[-1].name
    less = "less" if difference < 0 else "more" if difference > 0 else "as much"
    ending = f"in a block {'than' if difference else 'as'}"
    by = f"{quantity(abs(difference), DEGREES)} " if difference else ""
    statement = (
        "Mean rotation in a block, models by their number of parameters: "
        f"{'; '.join(model.words() for model in models)} "
        f"({sample}; descriptive, no test). A model with more blocks has more of them for "
        "the same way, so rotation in a block alone does not tell models apart."
    )
    plain = (
        f"The largest of these models ({large}) turns {less} {ending} the "
        f"smallest ({small}). It is divided by the number of blocks: look at the "
        "sum, and at what random weights of the same depth give."
    )
    return Words(statement, plain, f"{large} turns {by}{less} {ending} {small}")
