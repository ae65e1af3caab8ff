"""The tables of a run as data frames and arrays: which there are, in what order. Without torch."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from odograph.errors import UsageError
from odograph.measures import MEASURES

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow
    import xarray

#: Every table, and the order of its rows; those without one are read as they were written.
TABLES = {
    "layers": "passage, position, layer",
    "tokens": "passage, position",
    "passages": "passage",
    "pairs": "",
    "words": "",
    "spans": "passage, layer, blocks",
    "skips": "",
    "sinks": "place, block",
    "ablations": "",
    "undone_turns": "",
    "lens": "passage, position, layer",
    "texts": "passage",
    "findings": "",
    "sums": "passage, layer, tokens",
    "token_sums": "passage",
    "token_counts": "token_id",
    "chosen_layers": "passage, position, layer",
    "chosen_tokens": "passage, position",
    "histograms": "measure, layer, low",
    "joint_histograms": "x, y, layer, x_low, y_low",
    "extremes": "measure, layer, side, place",
}
#: Tables that a run has only if they were asked for, and by what.
ASKED = {
    "texts": "leaving out --no-texts",
    "words": "--tags",
    "spans": "--measures block_distance",
    "skips": "--skip-blocks",
    "ablations": "--undo",
    "undone_turns": "--undo turn",
    "lens": "--lens",
    **dict.fromkeys(("sums", "token_sums", "chosen_layers", "chosen_tokens"), "--keep sums"),
    **dict.fromkeys(("histograms", "joint_histograms", "extremes"), "--keep sums"),
}


def query_of(table: str) -> str:
    """The query that gives a whole table in its order.

    Raises:
        UsageError: there is no such table in any run.
    """
    if table not in TABLES:
        raise UsageError("unknown table", expected=", ".join(TABLES), given=f"'{table}'")
    ordered = f" order by {TABLES[table]}" if TABLES[table] else ""
    return f'select * from "{table}"{ordered}'


def remedy_for(message: str) -> str:
    """What to do where DuckDB misses a table that is written only if it is asked for; else ""."""
    for table, option in ASKED.items():
        if f"Table with name {table} does not exist" in message:
            return f"A run has the table {table} if it was measured with {option}."
    if "Table with name vectors does not exist" in message:
        return "Vectors are no table: odograph.folder.vectors reads them."
    return ""


def to_pandas(table: "pyarrow.Table") -> "pandas.DataFrame":
    """A table as a pandas data frame."""
    with _needing("pandas"):
        import pandas
    frame: pandas.DataFrame = table.to_pandas()
    return frame


def to_polars(table: "pyarrow.Table") -> "polars.DataFrame":
    """A table as a polars data frame."""
    with _needing("polars"):
        import polars
    frame = polars.from_arrow(table)
    assert isinstance(frame, polars.DataFrame)  # a table, not a single column
    return frame


def to_xarray(table: "pyarrow.Table", states: int) -> "xarray.Dataset":
    """The table `layers` as arrays [token, layer]; passage and position are coordinates of token.

    Args:
        table: `layers` in its order.
        states: states a token, L + 1.
    """
    with _needing("xarray"):
        import xarray
    keys = {n: table[n].to_numpy()[::states] for n in ("passage", "position")}
    names = [n for n in table.column_names if n not in (*keys, "layer")]
    return xarray.Dataset(
        {
            n: (("token", "layer"), table[n].to_numpy().reshape(-1, states), _attributes(n))
            for n in names
        },
        coords={
            "layer": range(states),
            **{n: ("token", values) for n, values in keys.items()},
        },
    )


def _attributes(name: str) -> dict[str, str]:
    record = MEASURES.get(name)
    return {} if record is None else {"units": record.unit, "long_name": record.label}


@contextmanager
def _needing(extra: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise UsageError(
            f"{extra} is not installed", remedy=f"Install it with: pip install 'odograph[{extra}]'"
        ) from error
