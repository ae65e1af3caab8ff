"""Which tokens stand for all of them in a picture."""

import numpy as np
from numpy.typing import NDArray


def hash_drawn(rows: NDArray[np.int64], most: int) -> NDArray[np.intp]:
    """Places of at most so many of the rows, by a hash of each: what they measure has no say.

    The page draws the same ones of the tokens that it holds (viewer/src/cells.ts).
    """
    if len(rows) <= most:
        return np.arange(len(rows))
    mixed = (rows.astype(np.uint64) * np.uint64(0x9E3779B1)) & np.uint64(0xFFFFFFFF)
    return np.sort(np.argpartition(mixed, most)[:most])
