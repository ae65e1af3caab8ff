"""The table `passages` of a shard: names, documents, and what tells copies."""

from typing import Any

import numpy as np

from odograph.run.shards import Shard


def kept_names(shard: Shard) -> tuple[str, ...]:
    """The columns of the texts that go with its passages."""
    return tuple(name for name, _ in shard.passages[0].columns)


def passage_columns(shard: Shard) -> dict[str, Any]:
    """The columns of `passages`, one row a passage or window."""
    passages = shard.passages
    return {
        "passage": np.array([p.passage for p in passages], np.int64),
        "passage_id": [p.passage_id for p in passages],
        "document": [p.document for p in passages],
        "tokens": np.array([len(p) for p in passages], np.int32),
        "hash": [p.hash for p in passages],
        "text_digest": [p.text for p in passages],
        "min_hash": [list(p.min_hash) or None for p in passages],
        **{
            name: [p.columns[number][1] for p in passages]
            for number, name in enumerate(kept_names(shard))
        },
    }
