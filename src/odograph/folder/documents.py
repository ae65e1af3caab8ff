"""The document is the unit of statistics: what one is called, and the means over it."""

from collections.abc import Sequence
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


def document_means(rows: str, values: Sequence[str], *keys: str) -> str:
    """The query for the means of columns over documents: `document`, the keys, the columns.

    A document's value is the mean over its passages, a passage's that over its rows; what is not a
    number is no part of either, and null where nothing is left.

    Args:
        rows: a query with `document`, `passage`, the keys and the columns, a row a token.
        values: the columns.
        keys: what the means are taken for one by one: "layer".
    """
    by = "".join(f", {key}" for key in keys)
    inside = "".join(f", avg({v}) filter (where isfinite({v})) as {v}" for v in values)
    over = "".join(f", avg({v}) as {v}" for v in values)
    return (
        f"select document{by}{over} from ("
        f"select document, passage{by}{inside} from ({rows}) group by all) group by all"
    )


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
    totals, counts = np.zeros((2, int(row.max()) + 1, values.shape[1]))
    np.add.at(totals, row, np.where(known, values, 0.0))
    np.add.at(counts, row, known)
    with np.errstate(invalid="ignore"):
        return np.asarray(totals / counts)
