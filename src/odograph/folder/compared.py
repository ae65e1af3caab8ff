"""One measure in the difference of two runs, with the same of two seeds of the untrained twin."""

from dataclasses import dataclass, replace

import numpy as np

from odograph.folder.run import Run
from odograph.folder.selection import (
    Floats,
    Means,
    columns_of,
    profile_means,
    token_means,
    twin_means,
    twin_profiles,
)
from odograph.measures import BETWEEN, MEASURES, STATE, STEP, TOKEN, Measure


@dataclass(frozen=True, eq=False)
class Compared:
    """A measure in two runs: the means over documents of its differences.

    Attributes:
        measure: its record.
        means: of the difference, [documents, layers], or [documents] of what is once a token.
        pairs: of two seeds of the twin, [pairs, documents, ...]; None without.
    """

    measure: Measure
    means: Means
    pairs: Floats | None

    @property
    def values(self) -> Floats:
        """Of the difference, [documents, layers] or [documents]."""
        return self.means.values

    @property
    def seeds(self) -> Floats:
        """The mean of each pair of seeds, [pairs, layers] or [pairs]; [0] without."""
        return np.empty(0) if self.pairs is None else np.asarray(self.pairs.mean(axis=1))

    def summed(self) -> "Compared":
        """The sum over layers in the place of each."""
        pairs = None if self.pairs is None else self.pairs.sum(axis=-1)
        means = replace(self.means, values=self.values.sum(axis=-1))
        return replace(self, means=means, pairs=pairs)


def compared_measure(run: Run, name: str) -> Compared:
    """A measure that a difference has."""
    measure = MEASURES[name]
    if measure.axis == TOKEN:
        return Compared(measure, token_means(run, name), twin_means(run, name))
    first = _first_layer(run, name)
    means = profile_means(run, name, from_layer=first)
    if name in BETWEEN:  # measured of both models together, and not of their twins
        return Compared(measure, means, None)
    return Compared(measure, means, twin_profiles(run, name, from_layer=first))


def compared_names(run: Run) -> list[str]:
    """The measures of a difference, in declared order: at layers, then once a token."""
    layers, tokens = columns_of(run, "layers"), columns_of(run, "tokens")
    by_layer = [n for n, m in MEASURES.items() if m.axis in (STATE, STEP) and n in layers]
    return by_layer + [n for n, m in MEASURES.items() if m.axis == TOKEN and n in tokens]


def unchanged_names(run: Run) -> list[str]:
    """Those whose difference is 0 wherever it is a number: the same in both runs."""
    found = []
    for name in compared_names(run):
        table = "tokens" if MEASURES[name].axis == TOKEN else "layers"
        query = f"select coalesce(max(abs({name})), 0) from {table} where isfinite({name})"
        if run.sql(query).fetchall()[0][0] == 0:
            found.append(name)
    return found


def _first_layer(run: Run, name: str) -> int:
    """The first layer at which a measure has a number: 0 of states, 1 of steps, 2 of `bend`."""
    query = f"select coalesce(min(layer), 0) from layers where isfinite({name})"
    return int(run.sql(query).fetchall()[0][0])
