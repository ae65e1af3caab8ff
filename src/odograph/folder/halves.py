"""Halving the passages of a run: what is chosen by looking at one half is tested on the other.

Windows and variants of one text, and drawn words of one lemma, stay together. The halves follow
from the seed of the run alone: its twins, and other models on the same texts, have the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from odograph.folder.token_sets import PLAIN_TOKENS

if TYPE_CHECKING:
    import duckdb

EXPLORATION, CONFIRMATION = "exploration", "confirmation"
# A stream of its own beside those of the studies, whose second words are small.
_STREAM = 2**31 + 1


@dataclass(frozen=True)
class Halving:
    """How a run is halved.

    Attributes:
        seed: of the halving.
        lemmas: whether the words of a lemma stay together, where tokens have one.
        seen: the half that is seen; "" for both.
        documents: of all texts, where the run has read some of them alone; () where it has all.
        of_passages: whether all that `passages` lists is halved, not what tokens have rows alone.
    """

    seed: int
    lemmas: bool = False
    seen: str = ""
    documents: tuple[int, ...] = ()
    of_passages: bool = False


def measured_with_split(record: dict[str, Any]) -> bool:
    """Whether --split was given; runs from before there was such an option are whole."""
    config = record.get("config", {})
    return "split" in config and bool(config["split"])


def halving_of(record: dict[str, Any]) -> Halving | None:
    """Of a run measured with --split, both halves; else none. `record` is its manifest."""
    if not measured_with_split(record):
        return None
    return halving_by_seed(record)


def halving_by_seed(record: dict[str, Any], seen: str = "") -> Halving:
    """How its seed halves a run. Its halves are of all texts, though it keep rows of some alone.

    seen: the half that is seen.
    """
    lemmas = bool(record["config"].get("groups"))
    kept = bool(record.get("kept"))
    return Halving(int(record["seed"]), lemmas, seen, of_passages=kept)


def halves_of(keys: Sequence[str], seed: int) -> list[str]:
    """The half of each of the keys; equal keys are in one half, an odd one is in confirmation.

    >>> halves_of(["a", "b", "a", "c"], seed=0)
    ['exploration', 'confirmation', 'exploration', 'confirmation']
    """
    units = list(dict.fromkeys(keys))
    order = np.random.default_rng([seed, _STREAM]).permutation(len(units))
    first = {units[i] for i in order[: len(units) // 2]}
    return [EXPLORATION if key in first else CONFIRMATION for key in keys]


def halve(
    connection: "duckdb.DuckDBPyConnection",
    halving: Halving,
    *,
    lemmas: bool,
    source: str,
) -> None:
    """Makes the view `plain_tokens` of `whole_plain_tokens`, with the column `half`.

    The table `seen_passages` then lists the passages of the half that is seen. With `lemmas` the
    words of a lemma stay together, else what shares a `document`. `source` holds the tokens of all
    documents: a twin may have read some of its model's only.
    """
    from odograph.folder.arrays import plain_table

    key = "document::varchar"
    if lemmas:
        key = f"coalesce(max(lemma) filter (where role = 'target'), {key})"
    rows = [(document, str(document)) for document in halving.documents]
    rows = (
        rows
        or connection.execute(
            f"select document, {key} from {source} group by document order by document"
        ).fetchall()
    )
    half = halves_of([key for _, key in rows], halving.seed)
    made = plain_table({"document": np.array([d for d, _ in rows], np.int64), "half": half})
    connection.register("made_halves", made)
    connection.execute("create table halves as select * from made_halves")
    connection.unregister("made_halves")
    where = f" where h.half = '{halving.seen}'" if halving.seen else ""
    connection.execute(
        f"create view {PLAIN_TOKENS} as select t.*, h.half from whole_{PLAIN_TOKENS} t "
        f"join halves h using (document){where}"
    )
    connection.execute(
        f"create table seen_passages as select distinct passage from {source} s join halves h "
        f"using (document){where}"
    )
