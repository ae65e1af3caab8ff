"""One measure in every member of a series, at the same places of the same texts."""

from dataclasses import dataclass

import numpy as np

from odograph.folder.alignment import Shared
from odograph.folder.samples.model_curves import FROM_ZERO, SHARE, STATE, DepthMeasure
from odograph.folder.selection import Floats
from odograph.folder.series import Series
from odograph.folder.shared_means import SharedMeans
from odograph.sentences.series import SeriesWords
from odograph.statistics.designs.models import at_depths


@dataclass(frozen=True, eq=False)
class SeriesCurves:
    """One measure at the same places of the same texts in every member of a series.

    Attributes:
        series: the axis and where each member stands.
        shared: the members' runs and their places.
        measure: along the depth.
        means: over the shared places, of each member.
        depths: relative depths at which members can differ.
        seed: of every draw.
    """

    series: Series
    shared: Shared
    measure: DepthMeasure
    means: SharedMeans
    depths: Floats
    seed: int

    def numbers(self, values: Floats) -> Floats:
        """The one number that sums up a unit, [..., layers] to [...]: the primary test is of it."""
        states = self.measure.from_state_zero(values)
        if self.measure.kind == FROM_ZERO:
            return np.asarray(states[..., -1])
        if self.measure.kind == SHARE:
            return at_depths(states, np.array([0.5]))[..., 0]
        return np.asarray(states.mean(axis=-1))

    @property
    def each(self) -> Floats:
        """That number of each text in each member: [units, members]."""
        return np.stack([self.numbers(values) for values in self.means.values], axis=1)

    @property
    def blocks(self) -> int:
        """How many blocks every member has; 0 where they differ."""
        found = {run.blocks for run in self.shared.runs}
        return found.pop() if len(found) == 1 else 0

    @property
    def by_block(self) -> bool:
        """Whether what a block adds is looked at, not what has come together up to a depth."""
        return self.measure.kind == FROM_ZERO and self.blocks > 0

    def along_places(self, values: Floats) -> Floats:
        """The measure along the depth: [..., layers] to [..., places]."""
        states = self.measure.from_state_zero(values)
        return np.diff(states, axis=-1) if self.by_block else at_depths(states, self.depths)

    @property
    def by_place(self) -> Floats:
        """The measure of each text in each member along the depth: [units, members, places]."""
        return np.stack([self.along_places(values) for values in self.means.values], axis=1)

    @property
    def places(self) -> Floats:
        """Where the curves are looked at: numbers of blocks or states, else relative depths."""
        return np.asarray(
            np.round(self.depths * (self.blocks or 100)) / (1 if self.blocks else 100)
        )

    @property
    def along(self) -> str:
        """What the places are."""
        if not self.blocks:
            return "relative depth"
        return "state" if self.measure.kind == STATE else "block"

    def where(self, place: int) -> str:
        """A place in a sentence: "in block 3", "at state 3", "after block 3"."""
        word = "in" if self.by_block else "after" if self.along == "block" else "at"
        return f"{word} {self.along} {self.places[place]:g}"

    @property
    def along_depth(self) -> str:
        """What the curves are of, in a sentence."""
        return self.measure.step if self.by_block else self.measure.measure

    @property
    def words(self) -> SeriesWords:
        """The series of the one number, as a sentence speaks of it."""
        of, unit = self.series, self.means.unit
        name, count = self.measure.number, len(self.each)
        return SeriesWords(name, self.measure.unit, of.axis, of.members, count, unit)
