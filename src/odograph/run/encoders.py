"""Several processes of one computer that encode texts, a range at a time.

What a process makes of a range comes back through a pipe: nothing is left of it whatever is killed.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from typing import Any, NamedTuple

from odograph.corpus.chat import ChatTemplate
from odograph.corpus.encoded_range import EncodedRange, encode_range
from odograph.corpus.facts import Facts
from odograph.corpus.options import EncodeOptions
from odograph.corpus.passages import Passage
from odograph.corpus.pieces import Front, Tokenizer, Vocabulary
from odograph.corpus.stored import Store
from odograph.corpus.stored_texts import StoredTexts, stored_texts
from odograph.corpus.text_keys import TextKeys
from odograph.corpus.texts_to_encode import TextsToEncode
from odograph.run.shards import cut
from odograph.run.worker import Advice, Manners, Worker, failure_of, started, telling

#: A range has at least so many bytes, and a corpus about so many ranges at most.
_LEAST, _MOST_RANGES = 2**18, 1024
#: From so many bytes on (some 20 seconds of one core) processes are begun for them.
WORTH = 2**22
_AGAIN = Advice("No text is lost: begin again", "fewer --workers or cores (taskset)")


@dataclass(frozen=True)
class TextRange:
    """Consecutive texts that are encoded together."""

    index: int
    texts: range


def cut_into_ranges(passages: StoredTexts) -> tuple[TextRange, ...]:
    """Ranges of about as many bytes each; the same wherever the texts are."""
    parts = cut(passages.sizes, _LEAST, _MOST_RANGES)
    return tuple(TextRange(index, texts) for index, texts in enumerate(parts))


class Encoders:
    """The processes; they are begun when texts come.

    Args:
        texts: what they encode.
        count: how many.
    """

    def __init__(self, texts: TextsToEncode, count: int) -> None:
        self._texts, self._count = texts, count

    def serve(self, ranges: Sequence[TextRange]) -> bool:
        """Whether these ranges are worth processes, and these can be told how to encode them.

        Tagged words are matched and drawn over all texts at once: one process encodes them. A
        tokenizer of one's own may be of this process alone.
        """
        sizes = self._texts.passages.sizes
        size = sum(int(sizes[one.texts.start : one.texts.stop].sum()) for one in ranges)
        if min(self._count, len(ranges)) < 2 or size < WORTH or self._texts.options.tagged:
            return False
        try:
            ForkingPickler.dumps(EncodeStart.of(self._texts))  # as it travels through a pipe
        except Exception:  # whatever a tokenizer of one's own makes of it
            return False
        return True

    def encoded(
        self, ranges: Iterable[TextRange]
    ) -> Generator[tuple[TextRange, EncodedRange, TextKeys], None, None]:
        """Each range, as soon as it is encoded; the next is asked for when a process is free.

        Raises:
            TextError, UsageError: as `encode_passages`.
            RunError: a process died.
        """
        waiting, busy = iter(ranges), dict[Any, tuple[Worker, TextRange]]()

        def give(worker: Worker) -> None:
            if (one := next(waiting, None)) is not None:
                worker.send(tuple(self._texts.passages.some(one.texts)))
                busy[worker.connection] = worker, one

        with _begun(EncodeStart.of(self._texts), self._count) as workers:
            for worker in workers:
                give(worker)
            while busy:
                for connection in wait(list(busy)):
                    worker, one = busy.pop(connection)
                    kind, value = worker.receive()
                    if kind == "failed":
                        raise failure_of(worker.number, value)
                    give(worker)
                    yield one, *self._received(value)

    def _received(self, sent: "_Sent") -> tuple[EncodedRange, TextKeys]:
        store = Store(self._texts.vocabulary)
        store.extend(sent.passages, sent.about.passages.facts())
        return replace(sent.about, passages=store), sent.keys


@dataclass(frozen=True)
class EncodeStart:
    """What a worker that encodes is given to begin with: all of `TextsToEncode` but texts.

    Attributes:
        manners: how it behaves.
        tokenizer, options, front, template: see there.
    """

    manners: Manners
    tokenizer: Tokenizer | None
    options: EncodeOptions
    front: Front
    template: ChatTemplate | None

    @staticmethod
    def of(texts: TextsToEncode) -> "EncodeStart":
        """What a worker is given for these."""
        manners = Manners.here(threads=1)
        return EncodeStart(manners, texts.tokenizer, texts.options, texts.front, texts.template)

    def live(self, connection: "Connection[Any, Any]") -> None:
        """The life of such a worker: encodes one range after another until it is stopped."""
        with telling(lambda kind, value: connection.send((kind, value)), _AGAIN):
            self.manners.take()
            vocabulary = Vocabulary(self.tokenizer)
            while True:
                connection.send(("encoded", self._encoded(connection.recv(), vocabulary)))

    def _encoded(self, passages: Sequence[Passage], vocabulary: Vocabulary) -> "_Sent":
        texts = TextsToEncode(
            given=(),
            passages=stored_texts(passages),
            tokenizer=self.tokenizer,
            options=self.options,
            vocabulary=vocabulary,
            front=self.front,
            template=self.template,
            counts=Counter(),
        )
        encoded, keys = encode_range(texts, range(len(passages)))
        facts = encoded.passages.facts()
        data = [encoded.passages.data(number) for number in range(len(facts.tokens))]
        return _Sent(data, replace(encoded, passages=_Elsewhere(facts)), keys)


@dataclass(frozen=True)
class _Elsewhere:
    """What is known of passages that are sent beside it."""

    known: Facts

    def data(self, number: int) -> bytes:
        """Nothing: it does not lie here."""
        raise NotImplementedError(number)

    def facts(self) -> Facts:
        """What is known of each."""
        return self.known


class _Sent(NamedTuple):
    """A range as a worker sends it: its passages, what is known of them, the keys of its texts."""

    passages: list[bytes]
    about: EncodedRange
    keys: TextKeys


@contextmanager
def _begun(start: EncodeStart, count: int) -> Iterator[list[Worker]]:
    """Workers that encode; they have nothing to keep, so they are stopped where they are."""
    workers: list[Worker] = []
    try:
        for number in range(count):
            workers.append(started(number + 1, start, _AGAIN))
        yield workers
    finally:
        for worker in workers:
            worker.stop()
