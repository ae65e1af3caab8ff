"""Which pieces of work a rank takes, one after the other, and what it leaves behind of each."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from odograph.errors import OdographError
from odograph.folder.receipts import (
    MOST_ATTEMPTS,
    Attempt,
    attempts_begun,
    ended,
    is_at_work,
    maker,
    mark_name,
    numbers_done,
    write_mark,
    write_receipt,
)
from odograph.folder.store import withdraw
from odograph.run.share import Share

#: Seconds between two marks of somebody at work.
_BEAT = 5.0
_LOOK = 0.5  # seconds between two looks at the receipts of others


class Numbered(Protocol):
    """A piece of work: a shard to measure, a twin, a range of texts to encode."""

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
    """

    folder: Path
    key: str
    attempt: str
    share: Share
    device: str
    work: Sequence[Work]
    taken: dict[int, float] = field(default_factory=dict)
    receipts: set[int] = field(default_factory=set)
    _beating: "_Beating | None" = None

    def own(self) -> list[Work]:
        """The pieces of its share that have no receipt."""
        given_up = self._given_up(attempts_begun(self.folder, self.key))
        done = numbers_done(self.folder, self.key)
        mine = self.work[self.share.rank :: self.share.of]
        return [one for one in mine if one.index not in done and one.index not in given_up]

    def take(self) -> Iterator[Work]:
        """Its own, then others'; each is marked as begun. Ends when all have a receipt."""
        yield from self.take_own()
        while (another := self._next()) is not None:
            yield self._begun(another)

    def take_own(self) -> Iterator[Work]:
        """Its own, but for those that another has taken over; each is marked as begun.

        It waits for nobody, so that several may be under way at once.
        """
        for one in self.own():
            begun = attempts_begun(self.folder, self.key).get(one.index, ())
            done = one.index in numbers_done(self.folder, self.key)
            if not done and not self._at_work(begun):
                yield self._begun(one)

    def _next(self) -> Work | None:
        """A piece of another's share that needs someone; waits while others are at work."""
        while True:
            # Marks first: what loses its mark in between has its receipt by then.
            begun = attempts_begun(self.folder, self.key)
            done = numbers_done(self.folder, self.key) | self.taken.keys() | self._given_up(begun)
            left = [one for one in self.work if one.index not in done]
            if not left:
                return None
            free = [one for one in left if not self._at_work(begun.get(one.index, ()))]
            if free:
                return free[-1 - self.share.rank % len(free)]
            time.sleep(_LOOK)

    def _at_work(self, attempts: Iterable[Attempt]) -> bool:
        """Whether somebody who has begun a piece has lately said to be at work on it."""
        return any(is_at_work(attempt) for attempt in attempts)

    def _given_up(self, begun: Mapping[int, Sequence[Attempt]]) -> set[int]:
        """Pieces that have ended so many processes that no more are risked.

        Of many ranks that are idle together some may begin one piece in the same moment: those that
        are at work have not ended.
        """
        return {index for index, its in begun.items() if ended(its) >= MOST_ATTEMPTS}

    def _begun(self, one: Work) -> Work:
        self._mark(one.index)
        self.taken[one.index] = time.monotonic()
        self._beating = self._beating or _Beating(self._say)
        return one

    def _say(self) -> None:
        """Marks once more what is begun and not done."""
        for index in set(self.taken) - self.receipts:
            self._mark(index)

    def _mark(self, index: int) -> None:
        write_mark(self.folder, self.key, self.attempt, index, self._maker(0.0))

    def receipted(self, receipt: dict[str, Any]) -> None:
        """Leaves the receipt of a piece that is done."""
        index = receipt["index"]
        by = {"by": self._maker(time.monotonic() - self.taken[index])}
        write_receipt(self.folder, self.key, self.attempt, receipt | by)
        assert self._beating is not None
        with self._beating.silent:
            self.receipts.add(index)
            withdraw(self.folder, mark_name(index, self.key, self.attempt))

    def _maker(self, seconds: float) -> dict[str, Any]:
        return maker(self.share.rank, self.device, seconds)

    def unfinished(self) -> set[int]:
        """What was begun and not finished; its marks are taken away, and no more are made."""
        if self._beating is not None:
            self._beating.end()
        left = self.taken.keys() - self.receipts
        for index in left:
            withdraw(self.folder, mark_name(index, self.key, self.attempt))
        return left


class _Beating:
    """Says every few seconds that this process is at work, until it ends in whatever way."""

    def __init__(self, say: Callable[[], None]) -> None:
        self._say, self._ended, self.silent = say, threading.Event(), threading.Lock()
        threading.Thread(target=self._beat, name="odograph-at-work", daemon=True).start()

    def _beat(self) -> None:
        while not self._ended.wait(_BEAT):
            # A mark that cannot be made costs work done twice, no more.
            with self.silent, suppress(OSError, OdographError):
                if not self._ended.is_set():
                    self._say()

    def end(self) -> None:
        """Says nothing from here on."""
        with self.silent:
            self._ended.set()
