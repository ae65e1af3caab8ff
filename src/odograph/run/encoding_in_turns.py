"""Texts encoded by several processes that share a run folder, a range by each in turn.

A range is what any of them encodes without knowing the other texts. All see the same ranges. Once
each of them has a receipt, one process joins copies over all texts, from what was written of each;
then each process has the corpus before it, of which it reads the passages that it measures.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from odograph.corpus.documents import join_documents
from odograph.corpus.encoded_range import EncodedRange, encode_range
from odograph.corpus.stored_texts import StoredTexts
from odograph.corpus.text_keys import TextKeys
from odograph.corpus.texts_to_encode import TextsToEncode
from odograph.corpus.tokens import EncodedTexts, encode_here
from odograph.errors import RunError
from odograph.folder.checksums import checksum
from odograph.folder.encoding import ENCODING, FACTS, KEYS, PASSAGES, encoded_ranges
from odograph.folder.receipts import MOST_ATTEMPTS, RECEIPTS
from odograph.models.loading import Loaded
from odograph.run import manifest
from odograph.run.config import RunConfig
from odograph.run.encoders import Encoders, TextRange, cut_into_ranges
from odograph.run.key_files import read_documents, read_keys, write_documents
from odograph.run.manifest import part_name
from odograph.run.progress import Progress
from odograph.run.range_files import read_range, write_range
from odograph.run.share import Share
from odograph.run.turns import Turns, Work
from odograph.terminal import tell

#: Digits of a key, as they stand in names.
_SHORT = 8


@dataclass(frozen=True)
class _Joining:
    """The join of copies among all texts: one piece of work, after the ranges."""

    index: int


@dataclass(frozen=True)
class TakingTurns:
    """Encodes the texts of a run together with other ranks; see `encode_passages`.

    Attributes:
        out: the run folder.
        share: which rank this is.
        attempt: its name among all that write.
        texts_key: what else decides the tokens; see `key_of`.
        processes: how many may encode its own ranges.
        progress: whether to say on stderr how far it is.
    """

    out: Path
    share: Share
    attempt: str
    texts_key: str
    processes: int
    progress: bool

    def __call__(self, texts: TextsToEncode) -> EncodedTexts:
        """The texts as ranges, in order; as one, encoded here, where that is not worth sharing.

        Tagged words are matched and drawn over all texts at once: each rank encodes all of them.

        Raises:
            RunError: some work has ended three processes, or a file of a range is damaged.
        """
        ranges = cut_into_ranges(texts.passages)
        if texts.options.tagged or len(ranges) < 2:
            return encode_here(texts)
        folder, key = self.out / ENCODING, self._key(texts, ranges)
        with self._turns(key, ranges) as turns:
            self._encode(turns, texts, ranges)
        found = encoded_ranges(self.out, key)
        if lost := [one.index for one in ranges if one.index not in found]:
            raise _lost(folder, ranges[lost[0]], texts.passages)
        joining = _Joining(len(ranges))
        with self._turns(key, [joining]) as turns:
            self._join(turns, [found[one.index] for one in ranges], near=not texts.options.items)
        receipt = encoded_ranges(self.out, key).get(joining.index)
        if receipt is None:
            raise _not_joined(folder, joining)
        encoded = [read_range(folder, found[one.index]) for one in ranges]
        passages = sum(len(part.passages.facts().tokens) for part in encoded)
        documents = read_documents(folder, receipt, passages)
        return EncodedTexts(encoded, documents, Counter(receipt["counts"]))

    def _key(self, texts: TextsToEncode, ranges: Sequence[TextRange]) -> str:
        said = self.texts_key, texts.front.name, [one.texts.start for one in ranges]
        return sha256(json.dumps(said).encode()).hexdigest()[:_SHORT]

    def _encode(
        self, turns: Turns[TextRange], texts: TextsToEncode, ranges: Sequence[TextRange]
    ) -> None:
        own = turns.own()
        if self.progress and own:
            tell(f"the texts become tokens in {len(ranges)} ranges, {len(own)} of this rank")
        total = sum(len(one.texts) for one in own)
        label = f"rank {self.share.rank} of {self.share.of}"
        with Progress(label, total, show=self.progress and total > 0, unit="texts") as bar:

            def written(one: TextRange, encoded: EncodedRange, keys: TextKeys) -> None:
                name = part_name(one.index, self.attempt)
                said = write_range(encoded, keys, turns.folder, name)
                turns.receipted({"index": one.index, "ranges": len(ranges)} | said)

            encoders = Encoders(texts, self.processes)
            if encoders.serve(own):
                with closing(encoders.encoded(turns.take_own())) as ready:
                    for one, encoded, keys in ready:
                        written(one, encoded, keys)
                        bar.advance(len(one.texts))
            for one in turns.take():
                written(one, *encode_range(texts, one.texts, bar.advance))

    def _join(
        self, turns: "Turns[_Joining]", ranges: Sequence[dict[str, Any]], *, near: bool
    ) -> None:
        """Joins copies among the texts of all ranges, unless another rank does."""
        for one in turns.take():
            keys = [read_keys(turns.folder, receipt) for receipt in ranges]
            documents, counts = join_documents(keys, near=near)
            file = write_documents(documents, turns.folder, part_name(one.index, self.attempt))
            said = {"tokens": 0, "largest": -1, "counts": dict(counts), "met": []}
            files = {file.name: checksum(file)}
            turns.receipted({"index": one.index, "ranges": len(ranges), **said, "files": files})

    @contextmanager
    def _turns(self, key: str, work: Sequence[Work]) -> Iterator[Turns[Work]]:
        """Work that ranks share, in the folder of the texts."""
        folder = self.out / ENCODING
        turns = Turns(folder, key, self.attempt, self.share, "cpu", work)
        try:
            yield turns
        finally:
            self._tidy(turns)

    def _tidy(self, turns: Turns[Work]) -> None:
        """Removes what was begun and not finished."""
        for index in turns.unfinished():
            for ending in (PASSAGES, FACTS, KEYS):
                name = f"{part_name(index, self.attempt)}{ending}"
                (turns.folder / name).unlink(missing_ok=True)


def key_of(loaded: Loaded, config: RunConfig, fingerprint: str) -> str:
    """What decides the tokens of a run, beside how its texts are cut: options, model, releases.

    Args:
        loaded: the model, with its tokenizer.
        config: of the run.
        fingerprint: of the texts.
    """
    backend = getattr(loaded.tokenizer, "backend_tokenizer", None)
    tokenizer = "" if backend is None else sha256(backend.to_str().encode()).hexdigest()
    said: dict[str, Any] = {
        "options": config.hash,
        "weights": (loaded.identity.fingerprint, loaded.identity.revision, tokenizer),
        "texts": fingerprint,
        "versions": (manifest.release(), manifest.versions()),
    }
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _lost(folder: Path, one: TextRange, passages: StoredTexts) -> RunError:
    first, last = passages[one.texts.start].id, passages[one.texts.stop - 1].id
    return RunError(
        f"the texts from '{first}' to '{last}' ended {MOST_ATTEMPTS} processes that encoded them",
        remedy=_to_try_again(folder, one.index),
    )


def _not_joined(folder: Path, one: _Joining) -> RunError:
    return RunError(
        f"{MOST_ATTEMPTS} processes ended that joined copies among the texts",
        expected="memory for the word trigrams that near-copies may share",
        remedy=_to_try_again(folder, one.index),
    )


def _to_try_again(folder: Path, index: int) -> str:
    return f"To try again, remove part-{index:05d}-*.begun in '{folder / RECEIPTS}'."
