"""One measure of several models over relative depth, and the paired tests of their differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from odograph.errors import StudyError
from odograph.folder.alignment import Mask, Shared
from odograph.folder.run import Run
from odograph.folder.selection import Floats, columns_of
from odograph.folder.shared_means import SharedMeans, shared_means
from odograph.folder.targets import target_names
from odograph.measures import READINGS, TRIMMED
from odograph.sentences.english import several
from odograph.sentences.models import ModelPair
from odograph.statistics.designs.models import at_depths, common_depths, paired_models
from odograph.statistics.designs.paired import PairedProfile

#: What a measure has at the ends of the depth: 0 at the first state; 0 and 1; something to measure.
FROM_ZERO, SHARE, STATE = "from zero", "share", "state"


@dataclass(frozen=True)
class DepthMeasure:
    """A measure without a scale along the relative depth.

    Attributes:
        name: in the names of figures and tables: "turned".
        measure: in a sentence: "rotation turned so far".
        expression: SQL over the columns of `layers` and `tokens`.
        unit: of the values.
        axis: label of the axis.
        kind: FROM_ZERO, SHARE or STATE. Depths at which all models are alike are not compared.
        number: the one number that sums it up, in a sentence: its end, its middle or its mean.
        step: what a block adds to it, in a sentence; "" where blocks add nothing.
        angle: the column of `layers` that it is made of, where that is an angle; "" elsewhere.
        of_angle: SQL that makes it of that column, which stands for {}.
    """

    name: str
    measure: str
    expression: str
    unit: str
    axis: str
    kind: str
    number: str
    step: str = ""
    angle: str = ""
    of_angle: str = "{}"

    def read_as(self, reading: str, run: Run) -> str:
        """SQL for the measure in a reading of its angle.

        Without outlier coordinates an angle without them is the angle as it is.
        """
        column = f"{self.angle}_{reading}"
        return self.of_angle.format(column if column in columns_of(run, "layers") else self.angle)

    @property
    def from_layer(self) -> int:
        """The first layer that has a value of its own."""
        return 0 if self.kind == STATE else 1

    def from_state_zero(self, values: Floats) -> Floats:
        """Values at the states 0..L: [..., L + 1]."""
        if self.kind == STATE:
            return values
        return np.concatenate([np.zeros((*values.shape[:-1], 1)), values], axis=-1)

    def compared(self, depths: Floats) -> Floats:
        """Of the common depths 0..1 those at which models can differ."""
        first = 0 if self.kind == STATE else 1
        last = len(depths) - 1 if self.kind == SHARE else len(depths)
        return depths[first:last]


@dataclass(frozen=True, eq=False)
class ModelCurves:
    """Several models at the same places of the same texts, the first one the reference.

    Attributes:
        measure: along the depth.
        names: of the models.
        means: over the shared places, at the layers that have a value.
        depths: relative depths that are compared; fewer than one: none.
        profiles: each model minus the first, a pair each; tested together.
        seed: of every draw.
    """

    measure: DepthMeasure
    names: tuple[str, ...]
    means: SharedMeans
    depths: Floats
    profiles: tuple[PairedProfile, ...]
    seed: int

    @property
    def passages(self) -> int:
        """How many passages all the models share."""
        return len(self.means.values[0])

    @property
    def sample(self) -> str:
        """What the models share in words: "24 passages"."""
        return several(self.passages, self.means.unit)

    @property
    def differences(self) -> list[Floats]:
        """Each model minus the first at the compared depths: [passages, depths]."""
        first, *others = (
            at_depths(self.states(model)[1], self.depths) for model in range(len(self.names))
        )
        return [other - first for other in others]

    @property
    def pairs(self) -> list[ModelPair]:
        """Each model with the first, as a sentence speaks of them."""
        count = len(self.profiles)
        return [
            ModelPair(
                self.measure.measure, (name, self.names[0]), self.depths, count, self.means.unit
            )
            for name in self.names[1:]
        ]

    def states(self, model: int) -> tuple[Floats, Floats]:
        """Relative depths and values at the states 0..L of a model: [L + 1], [passages, L + 1]."""
        values = self.measure.from_state_zero(self.means.values[model])
        return np.linspace(0, 1, values.shape[-1]), values

    def twin_states(self, model: int) -> Floats | None:
        """The same of its untrained twins, [twins, passages read, L + 1]; None without any."""
        twins = self.means.twin_values(model)
        return None if twins is None else self.measure.from_state_zero(twins)


def readings_of_all(runs: Sequence[Run], measure: DepthMeasure) -> list[str]:
    """The readings that the angle of a measure has in all runs and their twins, beside the raw one.

    None where no run has outlier coordinates.
    """
    coordinates = [run.manifest.get("pilot", {}).get("coordinates", ()) for run in runs]
    if not measure.angle or not any(coordinates):
        return []

    def has(reading: str, run: Run, outliers: Sequence[int]) -> bool:
        if reading == TRIMMED and not outliers:
            return True
        column = f"{measure.angle}_{reading}"
        return all(column in columns_of(one, "layers") for one in (run, *run.untrained))

    return [
        reading
        for reading in READINGS
        if all(has(reading, run, own) for run, own in zip(runs, coordinates, strict=True))
    ]


def compare_curves(
    shared: Shared,
    measure: DepthMeasure,
    names: Sequence[str],
    where: Mask,
    seed: int,
    reading: str = "",
) -> ModelCurves:
    """The measure of every run at the places that `where` chooses, and the tests of each pair.

    reading: of its angle; "" for the raw one.

    Raises:
        StudyError: no usable place is shared, or a model has no block.
    """
    expression = partial(measure.read_as, reading) if reading else measure.expression
    means = shared_means(shared, expression, where, measure.from_layer)
    depths = measure.compared(common_depths([run.blocks for run in shared.runs]))
    at = [
        at_depths(measure.from_state_zero(values), depths) for values in means.values if len(depths)
    ]
    profiles = paired_models(at[0], at[1:], seed=seed, excluded=means.excluded) if at else ()
    return ModelCurves(measure, tuple(names), means, depths, profiles, seed)


def targets_alike(runs: Sequence[Run]) -> tuple[str, ...]:
    """The targets, where all runs have the same; else ().

    Raises:
        StudyError: a run holds targets only, and the others do not have the same.
    """
    targets = [target_names(run) for run in runs]
    alike = len(set(targets)) == 1 and bool(targets[0])
    if not alike and any(run.manifest["config"]["select"] == "targets" for run in runs):
        raise StudyError(
            "a run of targets only can be compared with one of the same targets",
            expected="the same --target in all runs, or --select all",
            given="; ".join(", ".join(each) or "none" for each in targets),
        )
    return targets[0] if alike else ()


def targets_met(shared: Shared) -> tuple[str, ...]:
    """The targets of runs that have the same, and share a place of one, if any; else ().

    Raises:
        StudyError: as `targets_alike`.
    """
    met = not shared.places or bool((shared.target & shared.usable).any())
    return targets_alike(shared.runs) if met else ()
