"""Which pieces of work a rank takes, one after the other, and what it leaves behind of each."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from odograph.folder.receipts import (
    MOST_ATTEMPTS,
    Attempt,
    attempts_begun,
    maker,
    mark_name,
    numbers_done,
    write_mark,
    write_receipt,
)
from odograph.folder.store import withdraw
from odograph.run.share import Share

#: What another has begun is taken over after so many times what one piece has taken here.
_PATIENCE, _LEAST = 5.0, 5.0
_LOOK = 0.5  # seconds between two looks at the receipts of others


class Numbered(Protocol):
    """A piece of work: a shard to measure, a range of texts to encode."""

    @property
    def index(self) -> int:
        """Its place among all, from 0."""


Work = TypeVar("Work", bound=Numbered)


@dataclass
class Turns(Generic[Work]):
    """Which pieces of work this process takes, one after the other, and what it leaves behind.

    Attributes:
        folder: where marks and receipts lie, in `receipts/`.
        key: under which they count.
        attempt: the name of this process among all that write.
        share: which pieces are its own.
        device: where it works.
        work: all pieces, in order.
        taken: when each was begun here.
        receipts: those that are done.
        longest: seconds that one took here at most.
    """

    folder: Path
    key: str
    attempt: str
    share: Share
    device: str
    work: Sequence[Work]
    taken: dict[int, float] = field(default_factory=dict)
    receipts: set[int] = field(default_factory=set)
    longest: float = 0.0

    def own(self) -> list[Work]:
        """The pieces of its share that have no receipt."""
        done, given_up = numbers_done(self.folder, self.key), self._given_up()
        mine = self.work[self.share.rank :: self.share.of]
        return [one for one in mine if one.index not in done and one.index not in given_up]

    def take(self) -> Iterator[Work]:
        """Its own, then others'; each is marked as begun. Ends when all have a receipt.

        Of its own those that another has taken over are left to it.
        """
        for one in self.own():
            begun = attempts_begun(self.folder, self.key).get(one.index, ())
            done = one.index in numbers_done(self.folder, self.key)
            if not done and not self._at_work(begun):
                yield self._begun(one)
        while (another := self._next()) is not None:
            yield self._begun(another)

    def _next(self) -> Work | None:
        """A piece of another's share that needs someone; waits while others are at work."""
        while True:
            done = numbers_done(self.folder, self.key) | self.taken.keys() | self._given_up()
            left = [one for one in self.work if one.index not in done]
            if not left:
                return None
            begun = attempts_begun(self.folder, self.key)
            free = [one for one in left if not self._at_work(begun.get(one.index, ()))]
            if free:
                return free[-1 - self.share.rank % len(free)]
            time.sleep(_LOOK)

    def _at_work(self, attempts: Iterable[Attempt]) -> bool:
        """Whether somebody has begun a piece so lately that it may still be at work."""
        patience = max(_LEAST, _PATIENCE * self.longest)
        for attempt in attempts:
            with suppress(FileNotFoundError):  # done, just now
                if time.time() - attempt.since() < patience:
                    return True
        return False

    def _given_up(self) -> set[int]:
        """Pieces that have ended so many processes that no more are risked."""
        begun = attempts_begun(self.folder, self.key)
        return {index for index, its in begun.items() if len(its) >= MOST_ATTEMPTS}

    def _begun(self, one: Work) -> Work:
        write_mark(self.folder, self.key, self.attempt, one.index, self._maker(0.0))
        self.taken[one.index] = time.monotonic()
        return one

    def receipted(self, receipt: dict[str, Any]) -> None:
        """Leaves the receipt of a piece that is done."""
        seconds = time.monotonic() - self.taken[receipt["index"]]
        self.longest = max(self.longest, seconds)
        by = {"by": self._maker(seconds)}
        write_receipt(self.folder, self.key, self.attempt, receipt | by)
        self.receipts.add(receipt["index"])

    def _maker(self, seconds: float) -> dict[str, Any]:
        return maker(self.share.rank, self.device, seconds)

    def unfinished(self) -> set[int]:
        """What was begun and not finished; its marks are taken away."""
        left = self.taken.keys() - self.receipts
        for index in left:
            withdraw(self.folder, mark_name(index, self.key, self.attempt))
        return left
