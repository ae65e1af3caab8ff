"""From passages to the tokens a model reads, with targets and what stands before them."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from odograph.corpus.documents import join_documents, join_items
from odograph.corpus.encoded import Encoding
from odograph.corpus.encoded_range import EncodedRange, encode_range
from odograph.corpus.exclusions import EXCLUSIONS
from odograph.corpus.facts import Documents, numbered
from odograph.corpus.frequencies import count_forms
from odograph.corpus.options import EncodeOptions
from odograph.corpus.passages import Passage
from odograph.corpus.pieces import Tokenizer
from odograph.corpus.stored import Stored, stored
from odograph.corpus.texts_to_encode import TextsToEncode, texts_to_encode
from odograph.errors import TextError

#: Who encodes: gives the texts as ranges, in order.
Encoder = Callable[[TextsToEncode], Sequence[EncodedRange]]


def encode_here(texts: TextsToEncode) -> list[EncodedRange]:
    """All texts as one range, encoded in this process."""
    return [encode_range(texts, range(len(texts.passages)))]


def encode_passages(
    passages: Sequence[Passage],
    tokenizer: Tokenizer | None = None,
    options: EncodeOptions | None = None,
    *,
    encoder: Encoder = encode_here,
) -> Encoding:
    """The tokens of all passages, with roles and with counts of what was left out.

    Args:
        passages: texts, or token ids, which are read as they stand with nothing put in front.
        tokenizer: a fast tokenizer of transformers; None where all passages are token ids.
        options: see `EncodeOptions`.
        encoder: who encodes them: this process, or several by turns.

    Raises:
        ModelError: the tokenizer is not a fast one.
        TextError: no passage gives a token, no target occurs, or a text is no Unicode.
        UsageError: a text without a tokenizer, or options that do not fit the tokenizer.
    """
    texts = texts_to_encode(passages, tokenizer, options or EncodeOptions())
    ranges = encoder(texts)
    counts = sum((part.counts for part in ranges), texts.counts)
    found = stored([part.passages for part in ranges], texts.vocabulary)
    if not len(found):
        raise _nothing_left(texts.every, counts)
    documents, joined = _documents(texts, ranges, found)
    counts += joined
    words = None
    if texts.options.tagged and (table := ranges[0].table) is not None:
        given = texts.options.frequencies
        words = table.columns(count_forms(texts.given) if given is None else given)
        counts += table.counts()
    return Encoding(
        encoded=found.in_documents(documents),
        exclusions={key: counts[key] for key in EXCLUSIONS},
        bos=texts.front.name,
        words=words,
        largest=max(part.largest for part in ranges),
    )


def _documents(
    texts: TextsToEncode, ranges: Sequence[EncodedRange], found: Stored
) -> tuple[Documents, Counter[str]]:
    """The document of each passage or window, and how many were joined; drawn words are each one.

    Copies are looked for among all texts, also those without a token.
    """
    if texts.options.draw is not None:
        return Documents(numbered(passage.document for passage in found)), Counter()
    if texts.options.items:
        names, counts = join_items(texts.passages)
    else:
        trigrams = [its for part in ranges for its in part.trigrams_of_each()]
        names, counts = join_documents(texts.passages, trigrams)
    windows = np.concatenate([part.windows for part in ranges])
    read = np.flatnonzero(windows).tolist()
    numbers = numbered(names[place] for place in read)
    changed = {
        number: names[place]
        for number, place in zip(numbers.tolist(), read, strict=True)
        if names[place] != _own_name(texts.passages[place])
    }
    return Documents(np.repeat(numbers, windows[read]), changed), counts


def _own_name(passage: Passage) -> str:
    """What a passage says of its document."""
    return passage.document or passage.base or passage.id


def _nothing_left(passages: int, counts: Counter[str]) -> TextError:
    left_out = {key: n for key, n in counts.items() if n}
    reasons = [f"{n} {EXCLUSIONS[key]}" for key, n in left_out.items()]
    return TextError(
        f"nothing to measure in {passages} passages",
        given="; ".join(reasons),
        remedy="Give other texts or other targets.",
    )
