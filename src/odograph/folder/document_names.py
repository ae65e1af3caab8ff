"""What documents are called in findings and tables."""

from collections.abc import Iterable
from typing import Any

from odograph.folder.run import Run
from odograph.folder.token_sets import PLAIN_TOKENS


def document_names(run: Run, documents: Iterable[Any]) -> tuple[str, ...]:
    """The id of each document: of its first window, without what a variant adds."""
    id_ = "min_by(passage_id, passage)"
    if run.manifest["config"].get("variants"):
        id_ = f"regexp_replace({id_}, '#v[0-9]+$', '')"
    rows = run.sql(f"select document, {id_} from {texts_in(run)} group by document").fetchall()
    names = dict(rows)
    return tuple(str(names[int(document)]) for document in documents)


def texts_in(run: Run) -> str:
    """The table with the id and the document of every passage, some more than once."""
    if not run.keeps_sums:
        return PLAIN_TOKENS
    return (
        "(select passage, passage_id, min(passage) over (partition by document) as document"
        " from passages)"
    )
