"""The measures of one network, of the run's own model or of an untrained twin, layer by layer."""

from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np
import pyarrow
from numpy.typing import NDArray

from odograph.explorer.derived import Derived, Floats, derived
from odograph.explorer.kept import Kept
from odograph.folder.arrays import plain_values
from odograph.folder.run import Run
from odograph.folder.selection import numbers

States = NDArray[np.float32]
Ints = NDArray[np.int64]
#: Numbers that one query reads; a query of many measures is quicker than many queries.
_MOST_NUMBERS = 2**26
#: So many tokens, with all that a formula makes of them, lie in a processor's own memory.
_STRETCH = 2**14


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
        if not self._at_once:
            key = (self.run.folder, measure, layer)
            return self._kept.get(key, lambda: self._read_layer(measure, layer))
        return self._some(slice(None), measure, layer)

    def states(self, measure: str) -> States:
        """A measure that is stored at every state, [L+1, tokens]."""
        return self._kept.get((self.run.folder, measure), lambda: self._read([measure])[0])

    def read(self, measures: Iterable[str]) -> None:
        """Reads together what these measures are made of and what is not at hand."""
        if not self._at_once:
            return
        sources = dict.fromkeys(s for measure in measures for s in self._sources(measure))
        missing = [name for name in sources if (self.run.folder, name) not in self._kept]
        most = max(1, _MOST_NUMBERS // max(1, len(self.passage) * (self.run.blocks + 1)))
        for first in range(0, len(missing), most):
            names = missing[first : first + most]
            for name, states in zip(names, self._read(names), strict=True):
                self._kept.add((self.run.folder, name), states)

    def _follow(self, follows: Derived, layer: int) -> Floats:
        self.read(follows.sources)
        values = np.empty(len(self.passage))
        with np.errstate(invalid="ignore", divide="ignore"):
            for first in range(0, len(values), _STRETCH):
                some = slice(first, first + _STRETCH)
                values[some] = follows.formula(partial(self._some, some), layer)
        return values

    def _some(self, some: slice, measure: str, layer: int) -> Floats:
        """The measure at a layer of some of the tokens, of all states that were read at once."""
        follows = self._derived(measure)
        if follows is None:
            return np.asarray(self.states(measure)[layer][some], np.float64)
        if layer == 0:
            return np.full(len(self.passage[some]), np.nan)
        key = (self.run.folder, measure, layer)
        return self._kept.get(key, lambda: self._follow(follows, layer))[some]

    def _derived(self, measure: str) -> Derived | None:
        # Of differences of two runs nothing follows from another one.
        return derived(measure) if self.run.minus is None else None

    def _sources(self, measure: str) -> tuple[str, ...]:
        follows = self._derived(measure)
        return (measure,) if follows is None else follows.sources

    def _read(self, measures: Sequence[str]) -> list[States]:
        # A masked array would be copied twice.
        values = [f"coalesce({name}::float, 'nan'::float) as {name}" for name in measures]
        query = f"select {', '.join(values)} from layers {self._order()}"
        batches = pyarrow.RecordBatchReader.from_stream(self.run.sql(query))
        shape = self.run.blocks + 1, len(self.passage)
        return _by_state(batches, [np.empty(shape, np.float32) for _ in measures])

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


def _by_state(batches: Iterable[pyarrow.RecordBatch], states: list[States]) -> list[States]:
    """Fills arrays [L+1, tokens] from columns that go token by token, while a batch is in cache."""
    count, done = len(states[0]), 0
    rest = [np.empty(0, np.float32)] * len(states)
    for batch in batches:
        columns = [
            np.concatenate([before, plain_values(column)])
            for before, column in zip(rest, batch.columns, strict=True)
        ]
        tokens = len(columns[0]) // count
        for column, filled in zip(columns, states, strict=True):
            filled[:, done : done + tokens] = column[: tokens * count].reshape(tokens, count).T
        rest = [column[tokens * count :] for column in columns]
        done += tokens
    return states
