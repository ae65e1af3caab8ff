"""Tables: the columns that those of estimates have in common (`COMMON`), and the drawn curves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from odograph.figures.profile import Band, Curve
from odograph.figures.profiles import ProfilePanel
from odograph.figures.scree import Scree
from odograph.folder.documents import PASSAGE
from odograph.folder.selection import Ints
from odograph.sentences.names import name_of_test
from odograph.statistics.designs.paired import PairedProfile
from odograph.statistics.intervals import Floats, mean_intervals
from odograph.studies.result import Plot, Table

Columns = dict[str, Any]
_UNIT = "unit_of_inference"

#: Name of a column to what it holds, in every table that has it.
COMMON: dict[str, str] = {
    "layer": "block 1..L of what steps have, state 0..L of what states have; empty: all of them",
    "low": "lower bound of the 95 % interval of the estimate; `NAME_low` of the column `NAME`",
    "high": "upper bound of it; `NAME_high` of the column `NAME`",
    "n": "units of inference used (`n_first` and `n_second` of two groups, `n_untrained` "
    "of untrained twins)",
    "excluded": "units of inference left out",
    "unit_of_inference": "what `n` counts: passage or document, lemma, word, token",
    "unit": "unit of the estimates; 1 for shares and ratios, r for correlations",
    "p": "p of one test by itself; `p_max_t`, `p_max`, `p_holm`, `p_bh`, `p_cluster`: corrected so",
    "test": "name of the test, or `none: ` and why",
    "family": "how many tests were corrected together; 0: none was made",
    "shuffled_seed_K": "mean in one random order of the texts (also `NAME_shuffled_seed_K`)",
    "untrained": "mean of the untrained twins (`NAME_untrained`; `untrained_seed_K`: of one twin)",
}


def tidy(
    columns: Mapping[str, Any],
    *,
    n: int,
    excluded: int,
    unit: str,
    test: str = "none: descriptive",
    family: int = 0,
    unit_of_inference: str = PASSAGE,
) -> Columns:
    """The columns, and behind them those in common that they have not; one value in every row."""
    rows = len(next(iter(columns.values())))
    told = {
        "n": n,
        "excluded": excluded,
        "unit_of_inference": unit_of_inference,
        "unit": unit,
        "test": name_of_test(test),
        "family": family,
    }
    missing = {name: value for name, value in told.items() if name not in columns}
    return {**columns, **{name: np.full(rows, value) for name, value in missing.items()}}


def counted_in(table: Table, unit: str) -> Table:
    """The table of a run, whose passages are its documents or stand in fewer of them.

    unit: what the run counts, "passage" or "document".
    """
    counts = table.columns.get(_UNIT)
    if unit == PASSAGE or counts is None:
        return table
    of = np.asarray(counts)
    named = np.where(of == PASSAGE, unit, of)
    return replace(table, columns={**table.columns, _UNIT: named})


def stacked(parts: Sequence[Columns]) -> Columns:
    """Tables of the same columns one under the other."""
    return {name: np.concatenate([np.asarray(p[name]) for p in parts]) for name in parts[0]}


def paired_table(profile: PairedProfile, unit: str) -> Columns:
    """The paired difference by layer; `test` is that of `p_max_t`."""
    tested = bool(profile.family)
    return tidy(
        profile.table(),
        n=profile.n,
        excluded=profile.excluded,
        unit=unit,
        test=profile.test if tested else "none: too few pairs",
        family=profile.family,
    )


def mean_columns(values: Floats, seed: int, name: str = "") -> Columns:
    """Mean and interval by layer of [units, layers]: mean, low, high, or NAME, NAME_low ..."""
    low, high = mean_intervals(values, seed=seed)
    start = f"{name}_" if name else ""
    return {name or "mean": values.mean(axis=0), f"{start}low": low, f"{start}high": high}


def profile_columns(
    keys: Columns, layers: Ints, values: Floats, twins: Floats | None, seed: int
) -> Columns:
    """One row a layer of one of several curves: what tells it apart, mean, n, mean of its twins.

    values: [passages, layers]; twins: [..., layers], of all twins and passages, None without.
    """
    rows = len(layers)
    nothing = np.full(rows, np.nan)
    return {
        **{name: np.full(rows, value) for name, value in keys.items()},
        "layer": layers,
        **mean_columns(values, seed),
        "n": np.full(rows, len(values)),
        "untrained": nothing if twins is None else twins.reshape(-1, rows).mean(axis=0),
    }


def seed_columns(twins: Floats | None) -> Columns:
    """The mean of each untrained twin by layer, [twins, passages, layers]; none without twins."""
    return {} if twins is None else by_seed("untrained", [twin.mean(axis=0) for twin in twins])


def by_seed(name: str, values: Iterable[Any]) -> Columns:
    """A column for each untrained twin, or each random order: "untrained_seed_1"."""
    return {f"{name}_seed_{k}": column for k, column in enumerate(values, start=1)}


def twin_columns(twins: Floats, rows: int) -> Columns:
    """Mean, least and most of the untrained twins, [twins, rows]; NaN without."""
    known = twins if len(twins) else np.full((1, rows), np.nan)
    return {
        "untrained": known.mean(axis=0),
        "untrained_low": known.min(axis=0),
        "untrained_high": known.max(axis=0),
    }


ESTIMATE, NULL = "estimate", "null"


def curves_table(prefix: str, plots: Sequence[Plot]) -> list[Table]:
    """PREFIX_curves with a row for each place of each curve and band; none where none is drawn."""
    parts = [
        _curve_rows(plot.name, panel, drawn)
        for plot in plots
        for panel, drawn in _drawn([*plot.drawing.given, *plot.drawing.named.values()])
    ]
    if not parts:
        return []
    return [Table(f"{prefix}_curves", "Every curve and band of the figures", stacked(parts))]


def _drawn(value: Any, panel: str = "") -> Iterator[tuple[str, Curve | Band]]:
    """Curves and bands among what a figure is drawn of, each with the title of its panel."""
    if isinstance(value, Curve | Band):
        yield panel, value
    elif isinstance(value, ProfilePanel):
        yield from _drawn([*value.curves, *value.bands], value.title)
    elif isinstance(value, Scree):
        yield from _drawn([*value.bands, value.expected], value.name)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _drawn(each, panel)


def _curve_rows(figure: str, panel: str, drawn: Curve | Band) -> Columns:
    """A curve or band by place: x, mean and both bounds, NaN for what it has not."""
    x = np.asarray(drawn.layers, dtype=float)
    words = {
        "figure": figure,
        "panel": panel,
        "kind": NULL if isinstance(drawn, Band) else ESTIMATE,
        "label": drawn.label,
    }
    numbers = {"mean": drawn.mean, "low": drawn.low, "high": drawn.high}
    return {
        **{name: np.full(len(x), text, dtype=object) for name, text in words.items()},
        "x": x,
        **{name: _spread(values, len(x)) for name, values in numbers.items()},
    }


def _spread(values: Any, count: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The values as that many numbers: one for all of them, or none at all, too."""
    return np.resize(np.asarray(np.nan if values is None else values, dtype=float), count)
