"""One measure over the depth of a run that shares no text with others: in its own documents."""

from dataclasses import dataclass

from odograph.folder.requirements import require_rows
from odograph.folder.run import Run
from odograph.folder.samples.drawn_documents import DrawnDocuments, documents_read
from odograph.folder.samples.model_curves import DepthMeasure
from odograph.folder.selection import Floats, profile_means, twin_profiles


@dataclass(frozen=True, eq=False)
class OwnCurves:
    """A measure at the states 0..L.

    Attributes:
        name: of the run.
        blocks: L.
        values: [documents, L + 1].
        twins: of its untrained twins, [twins, documents, L + 1]; None where there is no curve.
        seeds: how many twins were measured.
        read: of which documents there are numbers.
    """

    name: str
    blocks: int
    values: Floats
    twins: Floats | None
    seeds: int
    read: DrawnDocuments

    @property
    def left_out(self) -> int:
        """How many documents have no curve."""
        return self.read.every - len(self.values)

    @property
    def read_by_twins(self) -> tuple[int, int] | None:
        """How many of the documents twins have read, of how many; None without twins."""
        if not self.seeds:
            return None
        return 0 if self.twins is None else self.twins.shape[1], len(self.values)

    @property
    def drawn(self) -> str:
        """In how many documents they were read, where not in all; "" elsewhere."""
        return f"{self.read.counted} ({self.name})" if self.read.left_out else ""


def own_curves(run: Run, name: str, measure: DepthMeasure, where: str = "true") -> OwnCurves:
    """The measure in all documents of the run, or in those that rows are kept of.

    Raises:
        StudyError: nothing is left after the exclusions.
    """
    asked = measure.expression, where, measure.from_layer
    values = require_rows(profile_means(run, *asked).values, "token")
    twins = twin_profiles(run, *asked)
    return OwnCurves(
        name,
        run.blocks,
        measure.from_state_zero(values),
        None if twins is None else measure.from_state_zero(twins),
        len(run.untrained),
        documents_read(run, *asked),
    )
