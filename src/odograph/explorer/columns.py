"""The measures of all tokens of a run as arrays, in the order of the text."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.explorer.derived import States, derived_states
from odograph.folder.run import Run
from odograph.folder.selection import columns_of, numbers, places_in, usable
from odograph.measures import MEASURES, TOKEN
from odograph.report.profiles import layer_measures

Floats = NDArray[np.float64]

#: Bytes of arrays that are kept for the next question; those used last stay.
MOST_BYTES = 2**30
#: Numbers of a measure that are read at once, all its states; of a larger run one layer is.
MOST_NUMBERS = 2**26
POSITION = "position"


class Columns:
    """The arrays of a run.

    A run answers one thread at a time: who reads it holds `lock`.

    Args:
        run: an opened run; it is closed by whom it was opened.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.lock = RLock()
        self._kept: OrderedDict[tuple[Any, ...], NDArray[Any]] = OrderedDict()
        self._orders: dict[Path, str] = {}
        self.names = layer_measures(run)
        self.measures = frozenset(self.names)
        there = columns_of(run, "tokens")
        once = {name for name, m in MEASURES.items() if m.axis == TOKEN and name in there}
        self.once = frozenset(once)

    @property
    def passage(self) -> NDArray[Any]:
        """The passage of each token."""
        return self.token_column("passage")

    @property
    def position(self) -> NDArray[Any]:
        """The position of each token in its passage."""
        return self.token_column(POSITION)

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Whether statistics may use each token: no sink, the first only if kept."""
        return self.condition("true")

    def condition(self, where: str) -> NDArray[np.bool_]:
        """Which tokens statistics may use and an SQL condition chooses."""
        return self.token_column(f"coalesce({usable(self.run)} and {where}, false)").astype(bool)

    @property
    def fits(self) -> bool:
        """Whether all states of a measure are read at once."""
        return len(self.passage) * (self.run.blocks + 1) <= MOST_NUMBERS

    def knows(self, measure: str) -> bool:
        """Whether the run has it, at a layer or once a token."""
        return measure in self.measures or measure in self.once or measure == POSITION

    def row(self, passage: int, position: int) -> int | None:
        """The row of a token; None where it is not there."""
        first, end = np.searchsorted(self.passage, [passage, passage + 1])
        found = np.flatnonzero(self.position[first:end] == position)
        return int(first + found[0]) if len(found) else None

    def at(self, measure: str, layer: int, *, minus: bool = False) -> Floats:
        """The measure at a layer, or once a token; `minus` the mean of the untrained twins.

        NaN where there is no number.
        """
        if measure == POSITION:
            return self.position.astype(np.float64)
        if measure in self.once:
            return self.token_column(measure)
        values = self._layer(self.run, measure, layer)
        return values - self.twin(measure, layer) if minus else values

    def twin(self, measure: str, layer: int) -> Floats:
        """The mean over the untrained twins; NaN without any."""
        total = np.full(len(self.passage), np.nan if not self.run.untrained else 0.0)
        for twin in self.run.untrained:
            total += self._layer(twin, measure, layer)
        return total / max(1, len(self.run.untrained))

    def _at_own_tokens(self, run: Run, values: NDArray[Any]) -> NDArray[Any]:
        """Values [..., tokens] of a twin at the tokens of its model; NaN where it has read none."""
        if values.shape[-1] == len(self.passage):
            return values
        found = np.full((*values.shape[:-1], len(self.passage)), np.nan, values.dtype)
        found[..., self._keep((run.folder,), lambda: self._own_places(run))] = values
        return found

    def _own_places(self, twin: Run) -> NDArray[Any]:
        """Where the tokens that a twin has read stand among those of its model."""
        own = numbers(twin.sql("select passage, position from tokens order by passage, position"))
        return places_in((self.passage, self.position), (own["passage"], own["position"]))

    def states(self, run: Run, measure: str) -> States:
        """The measure at every state, [L+1, tokens], of the run or of one of its twins.

        NaN at tokens that a twin has not read.
        """
        key = (run.folder, measure)
        return self._keep(key, lambda: self._at_own_tokens(run, self._derived(run, measure)))

    def token_column(self, expression: str) -> NDArray[Any]:
        """What an expression gives for each row of `tokens`."""
        query = f"select {expression} as value from tokens order by passage, position"
        return self._keep((expression,), lambda: numbers(self.run.sql(query))["value"])

    def _layer(self, run: Run, measure: str, layer: int) -> Floats:
        if self.fits:
            values: Floats = self.states(run, measure)[layer].astype(np.float64)
            return values
        query = (
            f"select {measure}::double as value from layers where layer = {layer} "
            "order by passage, position"
        )

        def read() -> Floats:
            return self._at_own_tokens(run, numbers(run.sql(query))["value"])

        return self._keep((run.folder, measure, layer), read)

    def _derived(self, run: Run, measure: str) -> States:
        made = derived_states(measure, lambda stored: self.states(run, stored))
        return _read_states(run, measure, self._order(run)) if made is None else made

    def _order(self, run: Run) -> str:
        """Sorting takes six times as long as reading; most runs lie in the order of the text."""
        if run.folder not in self._orders:
            by = "" if _lies_in_order(run) else "order by passage, position, layer"
            self._orders[run.folder] = by
        return self._orders[run.folder]

    def _keep(self, key: tuple[Any, ...], make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        with self.lock:
            if key not in self._kept:
                made = make()
                self._kept[key] = made
                while len(self._kept) > 1 and self._bytes() > MOST_BYTES:
                    self._kept.popitem(last=False)
                return made
            self._kept.move_to_end(key)
            return self._kept[key]

    def _bytes(self) -> int:
        return sum(values.nbytes for values in self._kept.values())


def _read_states(run: Run, measure: str, order: str) -> States:
    values = numbers(run.sql(f"select {measure}::float as value from layers {order}"))["value"]
    return np.ascontiguousarray(values.astype(np.float32).reshape(-1, run.blocks + 1).T)


def _lies_in_order(run: Run) -> bool:
    """Whether `layers` is stored token by token in the order of the text, states 0 to L."""
    keys = numbers(run.sql("select passage, position, layer from layers"))
    layers = run.blocks + 1
    steps = np.diff(keys["passage"][::layers]), np.diff(keys["position"][::layers])
    after = (steps[0] > 0) | ((steps[0] == 0) & (steps[1] > 0))
    return bool(after.all() and (keys["layer"].reshape(-1, layers) == np.arange(layers)).all())
