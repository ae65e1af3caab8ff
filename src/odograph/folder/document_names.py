"""What documents are called in findings and tables."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.folder.run import Run

Ints = NDArray[np.int64]


def document_names(run: Run, documents: Iterable[Any]) -> tuple[str, ...]:
    """The id of each document: of its first window, without what a variant adds."""
    id_ = "min_by(passage_id, passage)"
    if run.manifest["config"].get("variants"):
        id_ = f"regexp_replace({id_}, '#v[0-9]+$', '')"
    rows = run.sql(f"select document, {id_} from {_named_in(run)} group by document").fetchall()
    names = dict(rows)
    return tuple(str(names[int(document)]) for document in documents)


def _named_in(run: Run) -> str:
    """The table with a document's number and the ids of its passages."""
    if not run.keeps_sums:
        return "tokens"
    return (
        "(select passage, passage_id, min(passage) over (partition by document) as document"
        " from passages)"
    )


def names_at(run: Run, documents: Ints, rows: Ints) -> tuple[str, ...]:
    """The names of numbered documents, each once and in order, from tokens that are theirs.

    documents: a number for each of `rows`, which count the run's tokens by passage and position.
    """
    _, first = np.unique(documents, return_index=True)
    found = run.sql("select document from tokens order by passage, position").fetchnumpy()
    return document_names(run, found["document"][rows[first]])
