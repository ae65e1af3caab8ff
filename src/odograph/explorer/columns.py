"""One measure of one layer of all tokens of a run, as an array, in the order of the text."""

from collections import OrderedDict
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.folder.run import Run
from odograph.folder.selection import columns_of, numbers, usable
from odograph.measures import MEASURES, TOKEN
from odograph.report.profiles import layer_measures

Floats = NDArray[np.float64]

#: Bytes of arrays that are kept for the next question; those used last stay.
MOST_BYTES = 512 * 2**20
POSITION = "position"


class Columns:
    """The arrays [tokens] of a run.

    A run answers one thread at a time: who reads it holds `lock`.

    Args:
        run: an opened run; it is closed by whom it was opened.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.lock = RLock()
        self._kept: OrderedDict[tuple[Any, ...], NDArray[Any]] = OrderedDict()
        self.measures = frozenset(layer_measures(run))
        there = columns_of(run, "tokens")
        once = {name for name, m in MEASURES.items() if m.axis == TOKEN and name in there}
        self.once = frozenset(once)

    @property
    def passage(self) -> NDArray[Any]:
        """The passage of each token."""
        return self._token_column("passage")

    @property
    def position(self) -> NDArray[Any]:
        """The position of each token in its passage."""
        return self._token_column(POSITION)

    @property
    def usable(self) -> NDArray[Any]:
        """Whether statistics may use each token: no sink, the first only if kept."""
        return self._token_column(usable(self.run))

    def knows(self, measure: str) -> bool:
        """Whether the run has it, at a layer or once a token."""
        return measure in self.measures or measure in self.once or measure == POSITION

    def at(self, measure: str, layer: int, *, minus: bool = False) -> Floats:
        """The measure at a layer, or once a token; `minus` the mean of the untrained twins.

        NaN where there is no number.
        """
        if measure == POSITION:
            return self.position.astype(np.float64)
        if measure in self.once:
            return self._token_column(measure)
        values = self._layer_column(self.run, measure, layer)
        return values - self.twin(measure, layer) if minus else values

    def twin(self, measure: str, layer: int) -> Floats:
        """The mean over the untrained twins; NaN without any."""
        twins = [self._layer_column(twin, measure, layer) for twin in self.run.untrained]
        if not twins or any(len(twin) != len(self.passage) for twin in twins):
            return np.full(len(self.passage), np.nan)
        mean: Floats = np.mean(twins, axis=0)
        return mean

    def _token_column(self, expression: str) -> NDArray[Any]:
        query = f"select {expression} as value from tokens order by passage, position"
        return self._read(self.run, query, (expression,))

    def _layer_column(self, run: Run, measure: str, layer: int) -> Floats:
        query = (
            f"select {measure}::double as value from layers where layer = {layer} "
            "order by passage, position"
        )
        return self._read(run, query, (run.folder, measure, layer))

    def _read(self, run: Run, query: str, key: tuple[Any, ...]) -> NDArray[Any]:
        with self.lock:
            if key not in self._kept:
                self._kept[key] = numbers(run.sql(query))["value"]
                while len(self._kept) > 1 and self._bytes() > MOST_BYTES:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def _bytes(self) -> int:
        return sum(values.nbytes for values in self._kept.values())
