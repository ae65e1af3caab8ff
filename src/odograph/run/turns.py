"""Which shards a rank takes, one after the other, and what it leaves behind of each."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from odograph.corpus.encoded import Encoding
from odograph.folder.columns import FOLDERS
from odograph.folder.plan import RunPlan
from odograph.folder.receipts import (
    MOST_ATTEMPTS,
    Attempt,
    maker,
    mark_name,
    shards_begun,
    shards_done,
    write_mark,
    write_receipt,
)
from odograph.folder.store import withdraw
from odograph.run.execute import write_words
from odograph.run.manifest import part_name
from odograph.run.pilot import write_sinks
from odograph.run.shard_files import Task
from odograph.run.shards import Shard
from odograph.run.share import Share

#: A shard that another has begun is taken over after so many times what one has taken here.
_PATIENCE, _LEAST = 5.0, 5.0
_LOOK = 0.5  # seconds between two looks at the receipts of others


@dataclass
class Turn:
    """Which shards this process takes, one after the other, and what it leaves behind.

    Attributes:
        task: what is done with each.
        plan: of the run.
        all_shards: of the run, in order.
        share: which are this process's own.
        device: where it measures.
        encoding: the texts, of which the first shard holds the words.
        taken: when each shard was begun here.
        receipts: shards that are written.
        longest: seconds that a shard took here at most.
    """

    task: Task
    plan: RunPlan
    all_shards: tuple[Shard, ...]
    share: Share
    device: str
    encoding: Encoding
    taken: dict[int, float] = field(default_factory=dict)
    receipts: set[int] = field(default_factory=set)
    longest: float = 0.0

    def own(self) -> list[Shard]:
        """The shards of its share that have no receipt."""
        done, given_up = shards_done(self.task.out, self.plan), self._given_up()
        mine = self.all_shards[self.share.rank :: self.share.of]
        return [s for s in mine if s.index not in done and s.index not in given_up]

    def shards(self) -> Iterator[Shard]:
        """Its own, then others'; each is marked as begun. Ends when all have a receipt.

        Of its own those that another has taken over are left to it.
        """
        for shard in self.own():
            begun = shards_begun(self.task.out, self.plan).get(shard.index, ())
            done = shard.index in shards_done(self.task.out, self.plan)
            if not done and not self._at_work(begun):
                yield self._begun(shard)
        while (another := self._next()) is not None:
            yield self._begun(another)

    def _next(self) -> Shard | None:
        """A shard of another's share that needs someone; waits while others are at work."""
        while True:
            done = shards_done(self.task.out, self.plan) | self.taken.keys() | self._given_up()
            left = [shard for shard in self.all_shards if shard.index not in done]
            if not left:
                return None
            begun = shards_begun(self.task.out, self.plan)
            free = [shard for shard in left if not self._at_work(begun.get(shard.index, ()))]
            if free:
                return free[-1 - self.share.rank % len(free)]
            time.sleep(_LOOK)

    def _at_work(self, attempts: Iterable[Attempt]) -> bool:
        """Whether somebody has begun a shard so lately that it may still be measured."""
        patience = max(_LEAST, _PATIENCE * self.longest)
        for attempt in attempts:
            with suppress(FileNotFoundError):  # done, just now
                if time.time() - attempt.since() < patience:
                    return True
        return False

    def _given_up(self) -> set[int]:
        """Shards that have ended so many processes that no more are risked."""
        begun = shards_begun(self.task.out, self.plan)
        return {index for index, its in begun.items() if len(its) >= MOST_ATTEMPTS}

    def _begun(self, shard: Shard) -> Shard:
        out, index, attempt = self.task.out, shard.index, self.task.attempt
        write_mark(out, self.plan.short, attempt, index, self._maker(0.0))
        self.taken[index] = time.monotonic()
        if index == 0:  # its receipt holds them
            write_words(self.encoding, out, part_name(0, attempt))
            write_sinks(self.task.plan.pilot, out, part_name(0, attempt))
        return shard

    def receipted(self, receipt: dict[str, Any]) -> None:
        """Leaves the receipt of a shard that is written."""
        seconds = time.monotonic() - self.taken[receipt["index"]]
        self.longest = max(self.longest, seconds)
        by = {"by": self._maker(seconds)}
        write_receipt(self.task.out, self.plan.short, self.task.attempt, receipt | by)
        self.receipts.add(receipt["index"])

    def _maker(self, seconds: float) -> dict[str, Any]:
        return maker(self.share.rank, self.device, seconds)

    def tidy(self) -> None:
        """Removes what was begun and not finished: marks and files."""
        for index in self.taken.keys() - self.receipts:
            name = mark_name(index, self.plan.short, self.task.attempt)
            withdraw(self.task.out, name)
            part = part_name(index, self.task.attempt)
            for place in FOLDERS:
                for path in (self.task.out / place).glob(f"{part}.*"):
                    path.unlink(missing_ok=True)
