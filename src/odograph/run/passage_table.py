"""The table `passages` of a shard: names, documents, and what tells copies."""

from typing import Any

import numpy as np

from odograph.run.shards import Shard


def passage_columns(shard: Shard) -> dict[str, Any]:
    """The columns of `passages`, one row a passage or window."""
    passages = shard.passages
    return {
        "passage": np.array([p.passage for p in passages], np.int64),
        "passage_id": [p.passage_id for p in passages],
        "document": [p.document for p in passages],
        "tokens": np.array([len(p) for p in passages], np.int32),
        "hash": [p.hash for p in passages],
        "min_hash": [list(p.min_hash) or None for p in passages],
    }
