"""From passages to the tokens a model reads, with targets and what stands before them."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from odograph.corpus.documents import join_documents
from odograph.corpus.encoded import Encoding
from odograph.corpus.encoded_range import EncodedRange, encode_range, unheard
from odograph.corpus.exclusions import EXCLUSIONS
from odograph.corpus.facts import Documents, numbered
from odograph.corpus.frequencies import count_forms
from odograph.corpus.options import EncodeOptions
from odograph.corpus.passages import Passage
from odograph.corpus.pieces import Tokenizer
from odograph.corpus.stored import stored
from odograph.corpus.texts_to_encode import TextsToEncode, texts_to_encode
from odograph.corpus.words import clean_targets
from odograph.errors import TextError


@dataclass(frozen=True, eq=False)
class EncodedTexts:
    """All texts of a corpus as tokens.

    Attributes:
        ranges: in order.
        documents: of their passages.
        joined: how many were joined as copies.
    """

    ranges: Sequence[EncodedRange]
    documents: Documents
    joined: Counter[str]


#: Who encodes.
Encoder = Callable[[TextsToEncode], EncodedTexts]


def encode_here(texts: TextsToEncode, advance: Callable[[int], None] = unheard) -> EncodedTexts:
    """All texts as one range, encoded in this process; `advance` as for `encode_range`."""
    whole, keys = encode_range(texts, range(len(texts.passages)), advance)
    if texts.options.draw is not None:
        drawn = stored([whole.passages], texts.vocabulary)
        each = Documents(numbered(passage.document for passage in drawn))
        return EncodedTexts([whole], each, Counter())
    return EncodedTexts([whole], *join_documents([keys], near=not texts.options.items))


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
    encoded = encoder(texts)
    ranges = encoded.ranges
    counts = sum((part.counts for part in ranges), texts.counts)
    found = stored([part.passages for part in ranges], texts.vocabulary)
    met = frozenset[str]().union(*(part.met for part in ranges))
    counts["targets_never_met"] = len(set(clean_targets(texts.options.targets)) - met)
    if not len(found):
        raise _nothing_left(len(texts.passages), counts)
    counts += encoded.joined
    words = None
    if texts.options.tagged and (table := ranges[0].table) is not None:
        given = texts.options.frequencies
        words = table.columns(count_forms(texts.given) if given is None else given)
        counts += table.counts()
    return Encoding(
        encoded=found.in_documents(encoded.documents),
        exclusions={key: counts[key] for key in EXCLUSIONS},
        bos=texts.front.name,
        words=words,
        largest=max(part.largest for part in ranges),
    )


def _nothing_left(passages: int, counts: Counter[str]) -> TextError:
    left_out = {key: n for key, n in counts.items() if n}
    reasons = [f"{n} {EXCLUSIONS[key]}" for key, n in left_out.items()]
    return TextError(
        f"nothing to measure in {passages} passages",
        given="; ".join(reasons),
        remedy="Give other texts or other targets.",
    )
