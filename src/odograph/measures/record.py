"""What a measure is, its units, and how it runs along the path of a token."""

from dataclasses import dataclass

from odograph.measures.bins import Bins, EvenBins, OctaveBins

DEGREES = "degrees"
MODEL_UNITS = "model units"
PURE = "1"
NATS = "nats"

#: The bins of a histogram, by unit; a measure that lies elsewhere says so itself.
BINS: dict[str, Bins] = {
    DEGREES: EvenBins(0.5, 0, 180),
    MODEL_UNITS: OctaveBins(),
    PURE: OctaveBins(),
    NATS: EvenBins(0.25, -128, 128),
}

# How a measure runs along the path: every state 0..L, every step 1..L, once a token, every run of
# neighbouring blocks, or everything that is undone in a block (these two in tables of their own,
# `spans` and `ablations`, a row a passage).
STATE, STEP, TOKEN, SPAN, UNDONE = "state", "step", "token", "span", "undone"

#: What can be undone in a block (`models/undoing`), in the order in which it is listed.
UNDOABLE = TURN, GROWTH, ATTENTION, MLP, BLOCK = ("turn", "growth", "attention", "mlp", "block")


@dataclass(frozen=True)
class Measure:
    """One measured quantity.

    Attributes:
        name: column name, everywhere.
        unit: `degrees`, `model units`, `nats` or `1`.
        axis: `state` (0..L), `step` (1..L, null at layer 0), `token` (once a token), `span`
            (every run of blocks, once a passage) or `undone` (each thing undone in each block, once
            a passage).
        label: axis label without the unit.
        formula: as in the method book; x_l is the state after block l.
        definition: one sentence.
        sql: how it follows from stored columns; empty for a stored primitive.
        source: where the definition comes from, if it is not ours.
        needs: stored columns, beyond the primitives, that it follows from.
        own_bins: of its histogram, where they are not those of its unit.
    """

    name: str
    unit: str
    axis: str
    label: str
    formula: str
    definition: str
    sql: str = ""
    source: str = ""
    needs: tuple[str, ...] = ()
    own_bins: Bins | None = None

    @property
    def bins(self) -> Bins:
        """The fixed bins of its histogram."""
        return BINS[self.unit] if self.own_bins is None else self.own_bins

    @property
    def stored(self) -> bool:
        """Whether the measure is a column on disk; if not, it is derived on reading."""
        return not self.sql

    @property
    def axis_label(self) -> str:
        """The label of a figure's axis, with the unit."""
        return self.label if self.unit == PURE else f"{self.label} ({self.unit})"


#: Readings of an angle beside the raw one, as suffixes of its name: without the run's outlier
#: coordinates, and about the mean state of the layer.
TRIMMED, CENTRED = READINGS = ("trimmed", "centred")
#: The measures that are read so.
READ = ("rotation", "influence", "neighbour_angle")

#: Distances in tokens at which neighbours are compared, beyond the next one.
LAGS = (2, 4, 8)

#: SQL for the layers of one token, in their order.
ALONG = "(partition by passage, position order by layer)"
