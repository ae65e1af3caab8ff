"""The names of passages, as a sentence gives them."""

from collections.abc import Iterable
from typing import Any

from odograph.run.results import Run


def passage_names(run: Run, documents: Iterable[Any]) -> tuple[str, ...]:
    """The id of each document: of its first window, without what a variant adds."""
    id_ = "min_by(passage_id, passage)"
    if run.manifest["config"].get("variants"):
        id_ = f"regexp_replace({id_}, '#v[0-9]+$', '')"
    rows = run.sql(f"select document, {id_} from tokens group by document").fetchall()
    names = dict(rows)
    return tuple(str(names[int(document)]) for document in documents)
