"""Texts that ranks encode in turns, in processes that may be killed at one of their writes."""

from pathlib import Path
from typing import Any

from made_kills import die_at

from odograph.corpus import EncodeOptions, Encoding, Passage, encode_passages
from odograph.folder import receipts
from odograph.run import encoders
from odograph.run.encoding_in_turns import TakingTurns
from odograph.run.share import Share

#: Token ids, with a copy and a near-copy that lie in other ranges than what they are copies of.
PASSAGES = [
    Passage(f"p{n}", "", "here", ids=ids)
    for n, ids in enumerate([(1, 2, 3, 4, 5), (6, 7, 8), (9, 9, 1), (6, 7, 8), (1, 2, 3, 4, 6)])
]


def encoded(out: Path, attempt: str = "0" * 12) -> Encoding:
    """The passages, encoded by one of two ranks in two ranges."""
    encoders._LEAST = 160
    receipts.LEFT = 0.0  # what another has begun is taken over at once
    taking = TakingTurns(out, Share(int(attempt, 16) % 2, 2), attempt, "key", 1, progress=False)
    return encode_passages(PASSAGES, None, EncodeOptions(), encoder=taking)


def encode_and_die(out: Path, write: int, writes: Any) -> None:
    """The same in a process of its own, killed just before one of its writes; 0 for none.

    writes: counts, for others too, those that it has come to.
    """
    die_at(out, write, writes)
    encoded(out)
