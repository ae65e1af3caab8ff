"""Single passages, token by token, as a map of one shows them."""

from dataclasses import dataclass

import numpy as np

from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, numbers
from odograph.folder.token_sets import PLAIN_TOKENS


@dataclass(frozen=True, eq=False)
class Passage:
    """The tokens of one passage in the order of the text.

    Attributes:
        name: of the passage.
        position: of each token, [tokens].
        tokens: as they are read.
        targets, sinks: which of them are targets, and which are sinks or stand at position 0.
    """

    name: str
    position: Ints
    tokens: list[str]
    targets: list[int]
    sinks: list[int]


def read_passage(run: Run, passage: int, most: int | None = None) -> Passage:
    """One passage; of a long one the first `most` tokens."""
    limit = "" if most is None else f"limit {most}"
    found = run.sql(
        "select position, token, role, sink or position = 0 as sink, passage_id from tokens "
        f"where passage = {passage} order by position {limit}"
    ).fetchnumpy()
    return Passage(
        str(found["passage_id"][0]),
        np.asarray(found["position"]),
        [str(token) for token in found["token"]],
        np.flatnonzero(found["role"] == "target").tolist(),
        np.flatnonzero(found["sink"]).tolist(),
    )


def step_maps(run: Run, passage: int, **expressions: str) -> dict[str, Floats]:
    """What steps have at every token of a passage, by name of the SQL: [tokens, L] each."""
    listed = ", ".join(f"{sql} as {name}" for name, sql in expressions.items())
    found = numbers(
        run.sql(
            f"select {listed} from layers where passage = {passage} and layer > 0 "
            "order by position, layer"
        )
    )
    return {name: values.reshape(-1, run.blocks) for name, values in found.items()}


def passage_lengths(run: Run) -> tuple[Ints, Ints]:
    """The passages of a run in their order, and how many tokens of each there are."""
    found = numbers(
        run.sql(
            f"select passage, count(*) as n from {PLAIN_TOKENS} group by passage order by passage"
        )
    )
    return found["passage"].astype(np.int64), found["n"].astype(np.int64)
