"""The document is the unit of statistics: what one is called, and the means over it."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

PASSAGE, DOCUMENT = "passage", "document"


def unit_of(manifest: dict[str, Any]) -> str:
    """What the statistics of a run count: "document" where passages share one, else "passage".

    Folders from before documents were counted, and comparisons, count passages.
    """
    corpus = manifest.get("corpus") or {}
    documents = corpus.get("documents") or corpus.get("passages")
    return PASSAGE if documents == corpus.get("passages") else DOCUMENT


def unit_of_all(units: Iterable[str]) -> str:
    """What texts of several runs are called: documents, if those of some run are no passages."""
    return DOCUMENT if DOCUMENT in units else PASSAGE


def window_endings(manifest: dict[str, Any]) -> str:
    """What the ids of variants and windows end in, as a regular expression; "" without any."""
    windowed = manifest.get("exclusions", {}).get("passages_windowed", 0) > 0
    if manifest.get("config", {}).get("variants"):
        return "(#v[0-9]+)?(#w[0-9]+)?$"
    return "#w[0-9]+$" if windowed else ""


def exact_sum(value: str) -> str:
    """The SQL sum of the finite values of a column, the same in whatever order they come.

    They are added as whole numbers of 2^-60: values from 2^-7 on lose nothing, smaller ones less
    than 10^-18. Null without a finite value; a value beyond 10^20 is an error.
    """
    whole = f"case when isfinite({value}) then ({value} * {_GRID})::hugeint end"
    return f"sum({whole})::double / {_GRID}"


def finite_count(value: str) -> str:
    """The SQL for how many values of a column are finite."""
    return f"count(case when isfinite({value}) then {value} end)"


def exact_mean(value: str) -> str:
    """The SQL mean of the finite values of a column, the same in whatever order they come."""
    return f"{exact_sum(value)} / {finite_count(value)}"


_GRID = 2**60


def document_means(rows: str, values: Sequence[str], *keys: str) -> str:
    """The query for means of columns over documents: `document`, the keys, the columns.

    A document's value is the mean over its passages, a passage's that over its rows; what is not a
    number is no part of either, and null where nothing is left.

    Args:
        rows: a query with `document`, `passage`, the keys and the columns, a row a token.
        values: the columns.
        keys: what the means are taken for one by one: "layer".
    """
    by = "".join(f", {key}" for key in keys)
    inside = "".join(f", {exact_mean(v)} as {v}" for v in values)
    means = f"select document, passage{by}{inside} from ({rows}) group by all"
    return over_passages(means, values, *keys)


def over_passages(means: str, values: Sequence[str], *keys: str) -> str:
    """As `document_means`, of a query that has the means of passages already, a row each."""
    by = "".join(f", {key}" for key in keys)
    # In the order of the passages: a sum of three or more depends on it in the last digit.
    over = "".join(f", avg({v} order by passage) as {v}" for v in values)
    return f"select document{by}{over} from ({means}) group by all"


def by_document(
    values: NDArray[np.float64], passages: NDArray[np.int64], documents: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The means of rows over documents, [rows, columns] to [documents, columns].

    A document's value is the mean over its passages, a passage's that over its rows; what is not a
    number is no part of either, and NaN where nothing is left.

    Args:
        values: [rows, columns].
        passages: the passage of each row.
        documents: the document of each row, the same for all of a passage.
    """
    _, first, row = np.unique(passages, return_index=True, return_inverse=True)
    inside = _means_of(values, row)
    _, row = np.unique(documents[first], return_inverse=True)
    return _means_of(inside, row)


def _means_of(values: NDArray[np.float64], row: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean of the rows of each number, [rows, columns] to [numbers, columns]."""
    known = np.isfinite(values)
    totals, counts = np.zeros((2, int(row.max(initial=-1)) + 1, values.shape[1]))
    np.add.at(totals, row, np.where(known, values, 0.0))
    np.add.at(counts, row, known)
    with np.errstate(invalid="ignore"):
        return np.asarray(totals / counts)
