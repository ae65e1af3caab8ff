"""How the pruning study speaks of blocks, and of those that were chosen on a first half."""

import numpy as np

from odograph.sentences.templates import number
from odograph.studies.pruning.measured import Measured
from odograph.studies.selection import Floats, Ints

CAUTION = "Geometry is not importance"
NATS = "nats a token"
#: So many lengths and blocks are told in a sentence; the tables have all.
TOLD = 4
#: What is said of blocks that were chosen on the half to look at.
FIRST = " (chosen on the first half; the numbers are those of the second)"


def on_first(measured: Measured) -> str:
    """What is said of blocks chosen on a first half; "" of a whole run."""
    return "" if measured.explored is None else FIRST


def ends(mean: Floats) -> tuple[int, int]:
    """The blocks with the smallest and the largest mean, counted from 1."""
    order = np.argsort(mean, kind="stable") + 1
    return int(order[0]), int(order[-1])


def listed_blocks(order: Ints) -> str:
    """The first few of an order, and its end where it is short."""
    told = ", ".join(map(str, order[: 2 * TOLD]))
    return told if len(order) <= 2 * TOLD else f"{told}, ..."


def blocks_words(count: int) -> str:
    """So many blocks: "1 block", "3 blocks"."""
    return "1 block" if count == 1 else f"{count} blocks"


def ending(count: int) -> str:
    """The ending of a verb behind so many blocks."""
    return "s" if count == 1 else ""


def signed(value: float) -> str:
    """A change with its sign."""
    text = number(value)
    return text if text.startswith("-") or text == "0" else f"+{text}"
