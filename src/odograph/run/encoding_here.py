"""Texts encoded on one computer: by this process, or many texts by several.

What is encoded goes on to the temporary file of this process.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

import torch

from odograph.corpus.documents import join_documents
from odograph.corpus.encoded_range import EncodedRange
from odograph.corpus.stored import Store
from odograph.corpus.text_keys import TextKeys
from odograph.corpus.texts_to_encode import TextsToEncode
from odograph.corpus.tokens import EncodedTexts, encode_here
from odograph.run.config import RunConfig
from odograph.run.encoders import WORTH, Encoders, TextRange, cut_into_ranges
from odograph.run.progress import Progress
from odograph.run.workers import usable_cores

#: Processes that encode, where nobody asked for more workers.
_MOST = 16
_Encoded = tuple[TextRange, EncodedRange, TextKeys]


def processes_for(config: RunConfig, device: str, *, a_rank: bool = False) -> int:
    """How many processes may encode the texts of a run.

    As many as measure on a CPU. A GPU takes more tokens a second than one core makes of texts:
    there as many as there are cores, and no more than 16.

    Args:
        config: of the run.
        device: where the model is.
        a_rank: whether other ranks may run on the other GPUs of this computer.
    """
    if device == "cpu":
        return config.workers
    ranks = max(1, torch.cuda.device_count()) if a_rank else 1
    return max(config.workers, min(usable_cores() // ranks, _MOST))


@dataclass(frozen=True)
class EncodingHere:
    """Encodes the texts of a run; see `encode_passages`.

    Attributes:
        processes: how many there may be.
        show: whether to show how far it is, of many texts.
    """

    processes: int
    show: bool

    def __call__(self, texts: TextsToEncode) -> EncodedTexts:
        """The texts as one range.

        Raises:
            TextError, UsageError: as `encode_passages`.
            RunError: a process died.
        """
        passages = texts.passages
        ranges, encoders = cut_into_ranges(passages), Encoders(texts, self.processes)
        show = self.show and int(passages.sizes.sum()) >= WORTH
        with Progress("texts become tokens", len(passages), show=show, unit="texts") as bar:
            if not encoders.serve(ranges):
                return encode_here(texts, bar.advance) if show else encode_here(texts)
            with closing(encoders.encoded(ranges)) as encoded:
                return _joined(texts, _in_order(_counted(encoded, bar)))


def _counted(encoded: Iterable[_Encoded], bar: Progress) -> Iterator[_Encoded]:
    """The same; the bar hears of each."""
    for one in encoded:
        bar.advance(len(one[0].texts))
        yield one


def _in_order(encoded: Iterable[_Encoded]) -> Iterator[_Encoded]:
    """The ranges in order, each as soon as those before it are there."""
    found: dict[int, _Encoded] = {}
    wanted = 0
    for one in encoded:
        found[one[0].index] = one
        while wanted in found:
            yield found.pop(wanted)
            wanted += 1


def _joined(texts: TextsToEncode, ranges: Iterable[_Encoded]) -> EncodedTexts:
    """The ranges as one, with the documents of all."""
    store, counts, largest = Store(texts.vocabulary), Counter[str](), -1
    met: set[str] = set()
    keys: list[TextKeys] = []
    for _, one, its in ranges:
        facts = one.passages.facts()
        store.extend([one.passages.data(n) for n in range(len(facts.tokens))], facts)
        counts += one.counts
        largest, met = max(largest, one.largest), met | one.met
        keys.append(its)
    whole = EncodedRange(store, counts, largest, frozenset(met))
    return EncodedTexts([whole], *join_documents(keys, near=not texts.options.items))
