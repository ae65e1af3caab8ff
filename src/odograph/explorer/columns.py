"""The measures of all tokens of a run as arrays, in the order of the text."""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.explorer.derived import Floats
from odograph.explorer.kept import Kept
from odograph.explorer.network import Ints, Network
from odograph.folder.histograms import histogram_of, joint_histogram_of
from odograph.folder.run import Run
from odograph.folder.selection import columns_of, numbers, places_in, usable
from odograph.measures import MEASURES, TOKEN
from odograph.measures.binned import Counts, JointCounts
from odograph.report.profiles import layer_measures

#: Numbers of a measure that are read at once, all its states; of a larger run one layer is.
MOST_NUMBERS = 2**26
POSITION = "position"
#: The tokens as they lie in the files. A query on `tokens` joins documents and sums the steps of
#: every path, whatever it asks for, which takes ten times as long.
STORED = "stored_tokens"


class Columns:
    """The arrays of a run.

    A run answers one thread at a time: who reads it holds `lock`.

    `scales` keeps the scale of the colours of each measure that was asked for.

    Args:
        run: an opened run; it is closed by whom it was opened.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._kept = Kept()
        self.lock = self._kept.lock
        self._networks: dict[Path, Network] = {}
        self.scales: dict[str, list[list[float | None]]] = {}
        self.names = layer_measures(run)
        self.measures = frozenset(self.names)
        there = columns_of(run, "tokens")
        once = {name for name, m in MEASURES.items() if m.axis == TOKEN and name in there}
        self.once = frozenset(once)
        self._stored = columns_of(run, STORED)

    @property
    def passage(self) -> Ints:
        """The passage of each token."""
        return self._text["passage"]

    @property
    def position(self) -> Ints:
        """The position of each token in its passage."""
        return self._text[POSITION]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Whether statistics may use each token: no sink, the first only if kept."""
        return self._text["usable"]

    @cached_property
    def document(self) -> Ints:
        """The document of each token, as the number of its first passage."""
        query = "select passage, min(document) as document from tokens group by passage"
        if "document" in columns_of(self.run, "passages"):
            query = (
                "select passage, min(passage) over (partition by document) as document "
                "from passages"
            )
        found = numbers(self.run.sql(f"select * from ({query}) order by passage"))
        places = np.searchsorted(found["passage"], self.passage)
        return np.asarray(found["document"][places], np.int64)

    @cached_property
    def passage_tokens(self) -> dict[int, int]:
        """How many tokens each passage has."""
        passages, counts = np.unique(self.passage, return_counts=True)
        return dict(zip(passages.tolist(), counts.tolist(), strict=True))

    def condition(self, where: str) -> NDArray[np.bool_]:
        """Which tokens statistics may use and an SQL condition over stored columns chooses."""
        if where == "true":
            return self.usable
        query = f"select passage, position from {STORED} where {usable(self.run)} and {where}"
        return self._kept.get((where,), lambda: self._mask(numbers(self.run.sql(query))))

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
        values = self.network(self.run).at(measure, layer)
        return values - self.twin(measure, layer) if minus else values

    def counted(self, measure: str, layer: int) -> Counts | None:
        """The histogram of the measure over all texts; None where none is kept."""
        stored = self.run.keeps_sums and measure != POSITION
        return histogram_of(self.run, measure, layer) if stored else None

    def counted_together(self, x: str, y: str, layer: int) -> JointCounts | None:
        """The same of two measures."""
        stored = self.run.keeps_sums and POSITION not in (x, y)
        return joint_histogram_of(self.run, x, y, layer) if stored else None

    def twin(self, measure: str, layer: int) -> Floats:
        """The mean over the untrained twins; NaN without any, and at tokens that they lack."""
        total = np.full(len(self.passage), np.nan if not self.run.untrained else 0.0)
        for twin in self.run.untrained:
            values = np.full(len(self.passage), np.nan)
            values[self.places(twin)] = self.network(twin).at(measure, layer)
            total += values
        return total / max(1, len(self.run.untrained))

    def network(self, run: Run) -> Network:
        """The arrays of the run's model, or of one of its twins, at the tokens it has read."""
        if run.folder not in self._networks:
            places = self.places(run)
            self._networks[run.folder] = Network(
                run, self.passage[places], self.position[places], self._kept, at_once=self.fits
            )
        return self._networks[run.folder]

    def places(self, run: Run) -> Ints | slice:
        """Where the tokens that the run, or a twin of it, has read stand among all."""
        if run is self.run:
            return slice(None)
        return self._kept.get((run.folder,), lambda: np.flatnonzero(self._read(run)))

    def token_column(self, name: str) -> Floats:
        """A column of `tokens`, in the order of the text."""
        return self._kept.get((name,), lambda: self._token_column(name).astype(np.float64))

    def _token_column(self, name: str) -> NDArray[Any]:
        if name == "straightness" and name not in self._stored and self.fits:
            lengths = self.network(self.run).at("path", self.run.blocks)
            with np.errstate(invalid="ignore", divide="ignore"):
                return self.token_column("displacement") / lengths
        if name not in self._stored:
            query = f"select {name} as value from tokens order by passage, position"
            return numbers(self.run.sql(query))["value"]
        found = numbers(self.run.sql(f"select passage, position, {name} as value from {STORED}"))
        return _in_order(found)["value"]

    @cached_property
    def _text(self) -> dict[str, NDArray[Any]]:
        return _in_order(
            numbers(
                self.run.sql(
                    f"select passage, position, coalesce({usable(self.run)}, false) as usable "
                    f"from {STORED}"
                )
            )
        )

    def _read(self, twin: Run) -> NDArray[np.bool_]:
        """Which tokens a twin has read."""
        return self._mask(numbers(twin.sql(f"select passage, position from {STORED}")))

    def _mask(self, found: dict[str, NDArray[Any]]) -> NDArray[np.bool_]:
        """Which tokens these are, by passage and position."""
        mask = np.zeros(len(self.passage), bool)
        mask[places_in((self.passage, self.position), (found["passage"], found["position"]))] = True
        return mask


def _in_order(found: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Rows of tokens in the order of the text, as most runs store them."""
    passage, position = found["passage"], found["position"]
    steps = np.diff(passage), np.diff(position)
    if ((steps[0] > 0) | ((steps[0] == 0) & (steps[1] > 0))).all():
        return found
    order = np.lexsort((position, passage))
    return {name: values[order] for name, values in found.items()}
