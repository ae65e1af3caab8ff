"""The measures of one network, of the run's own model or of an untrained twin, layer by layer."""

import numpy as np
import pyarrow
from numpy.typing import NDArray

from odograph.explorer.derived import Floats, formula_of
from odograph.explorer.kept import Kept
from odograph.folder.arrays import plain_values
from odograph.folder.run import Run
from odograph.folder.selection import numbers

States = NDArray[np.float32]
Ints = NDArray[np.int64]
#: So many tokens, all their states, lie in a processor's own memory.
_STRETCH = 4096


class Network:
    """The arrays of one network, at the tokens that it has read, in the order of the text.

    Args:
        run: its run; whoever reads holds the lock of `Columns`.
        passage: of each token, ordered.
        position: of each token in its passage.
        kept: arrays of earlier questions.
        at_once: whether all states of a measure are read at once; of a larger run one layer is.
    """

    def __init__(
        self, run: Run, passage: Ints, position: Ints, kept: Kept, *, at_once: bool
    ) -> None:
        self.run, self.passage, self.position = run, passage, position
        self._kept, self._at_once = kept, at_once
        self._sorting: str | None = None

    def at(self, measure: str, layer: int) -> Floats:
        """The measure at a layer, [tokens]; NaN where there is no number."""
        key = (self.run.folder, measure, layer)
        if not self._at_once:
            return self._kept.get(key, lambda: self._read_layer(measure, layer))
        # Of differences of two runs nothing follows from another one.
        formula = formula_of(measure) if self.run.minus is None else None
        if formula is None:
            return np.asarray(self.states(measure)[layer], np.float64)
        if layer == 0:
            return np.full(len(self.passage), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            made: Floats = self._kept.get(key, lambda: formula(self.at, layer))
        return made

    def states(self, measure: str) -> States:
        """A measure at every state, [L+1, tokens]."""
        return self._kept.get((self.run.folder, measure), lambda: self._read_states(measure))

    def _read_states(self, measure: str) -> States:
        value = f"coalesce({measure}::float, 'nan'::float)"  # a masked array is copied twice
        query = f"select {value} as value from layers {self._order()}"
        batches = pyarrow.RecordBatchReader.from_stream(self.run.sql(query))
        values = np.concatenate([plain_values(batch["value"]) for batch in batches])
        return _turned(values.reshape(-1, self.run.blocks + 1))

    def _read_layer(self, measure: str, layer: int) -> Floats:
        query = f"select {measure}::double as value from layers where layer = {layer}"
        values = numbers(self.run.sql(f"{query} order by passage, position"))["value"]
        return np.asarray(values, np.float64)

    def _order(self) -> str:
        """Sorting takes six times as long as reading; most runs lie in the order of the text."""
        if self._sorting is None:
            self._sorting = "" if self._lies_in_order() else "order by passage, position, layer"
        return self._sorting

    def _lies_in_order(self) -> bool:
        """Whether `layers` is stored token by token in the order of the text, states 0 to L."""
        layers = numbers(self.run.sql("select layer::smallint as layer from layers"))["layer"]
        if not (layers.reshape(-1, self.run.blocks + 1) == np.arange(self.run.blocks + 1)).all():
            return False
        first = numbers(self.run.sql("select passage, position from layers where layer = 0"))
        return np.array_equal(first["passage"], self.passage) and np.array_equal(
            first["position"], self.position
        )


def _turned(rows: States) -> States:
    """[tokens, L+1] as [L+1, tokens], a stretch at a time: five times as fast as all at once."""
    states = np.empty(rows.shape[::-1], rows.dtype)
    for first in range(0, len(rows), _STRETCH):
        states[:, first : first + _STRETCH] = rows[first : first + _STRETCH].T
    return states
