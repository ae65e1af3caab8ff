"""Texts as token pieces: ids, decoded pieces and character spans, from a fast tokenizer."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.byte_pieces import spread_bytes
from odograph.corpus.scripts import is_mark
from odograph.corpus.special_names import SpecialNames
from odograph.errors import ModelError, UsageError

Bos = Literal["auto", "always", "never"]

# sentencepiece writes a space so.
_SPACE_SIGN = "\N{LOWER ONE EIGHTH BLOCK}"
# The last white space is U+3000; the entry after it answers for all that follow.
_WHITE_SPACE = np.array([chr(code).isspace() for code in range(0x3002)])
# Texts and characters that are tokenised at once: the tokenizer's lists take 150 bytes a token.
_BATCH, _CHARACTERS = 1000, 200_000


class Tokenizer(Protocol):
    """What is used of a Hugging Face fast tokenizer."""

    is_fast: bool
    bos_token_id: int | None
    unk_token_id: int | None
    all_special_tokens: list[str]
    added_tokens_decoder: dict[int, Any]
    backend_tokenizer: Any

    def __call__(self, text: Any, **options: Any) -> Any:
        """Token ids and offsets of texts."""

    def convert_ids_to_tokens(self, ids: Any) -> Any:
        """Vocabulary entries of ids."""

    def decode(self, token_ids: Any, **options: Any) -> Any:
        """The text of ids."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of one text, in order: ids and spans without white space.

    Args:
        token_id: what the model reads.
        start: first character of each.
        end: character after the last of each.
        uncovered: characters, not white space, that no piece holds.
        unknown: pieces that stand for what the tokenizer does not know.
        front: tokens in front of this text, where they are its own; None where all have the same.
        across: pieces left out because they hold characters of a chat template too.
    """

    token_id: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    uncovered: int = 0
    unknown: int = 0
    front: tuple[int, ...] | None = None
    across: int = 0


@dataclass(frozen=True, slots=True)
class Front:
    """The tokens put in front of a text and behind it, and how a result names them.

    Those behind are none where the model is causal: nothing measured could depend on them.
    """

    ids: tuple[int, ...]
    name: str
    behind: tuple[int, ...] = ()

    @property
    def room(self) -> int:
        """How many positions they take."""
        return len(self.ids) + len(self.behind)


def check_tokenizer(tokenizer: Tokenizer) -> None:
    """Nothing, if spans can be had from the tokenizer.

    Raises:
        ModelError: it is not a fast tokenizer.
    """
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError(
            "the tokenizer gives no character offsets",
            expected="a fast tokenizer (with a tokenizer.json)",
            given=type(tokenizer).__name__,
            remedy="Load it with AutoTokenizer, or convert it and save its tokenizer.json.",
        )


def front(tokenizer: Tokenizer, bos: Bos, *, causal: bool = True) -> Front:
    """The tokens that stand in front of every text and, where they can matter, behind it.

    Args:
        tokenizer: a fast tokenizer.
        bos: "auto": what the tokenizer itself puts in front; "always": its beginning-of-sequence
            token at least; "never": nothing, in front or behind.
        causal: nothing behind a text changes what the model makes of it.

    Raises:
        UsageError: "always" with a tokenizer that has no such token.
    """
    own, behind = ((), ()) if bos == "never" else _own_frame(tokenizer)
    found = _in_front(tokenizer, bos, own)
    if causal or not behind:
        return found
    return Front(found.ids, f"{found.name}; {_names(tokenizer, behind)} behind", behind)


def _in_front(tokenizer: Tokenizer, bos: Bos, own: tuple[int, ...]) -> Front:
    first = tokenizer.bos_token_id
    if bos != "always" or (own and own[0] == first):
        return Front(own, f"{_names(tokenizer, own)} (tokenizer's own)" if own else "none")
    if first is None:
        raise UsageError(
            "bos 'always': the tokenizer has no beginning-of-sequence token",
            remedy="Use 'auto' or 'never'.",
        )
    ids = (first, *own)
    return Front(ids, f"{_names(tokenizer, ids)} (put in front)")


def _own_frame(tokenizer: Tokenizer) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What the tokenizer itself puts before a text and after it."""
    bare = list(tokenizer("a", add_special_tokens=False)["input_ids"])
    full = list(tokenizer("a", add_special_tokens=True)["input_ids"])
    for at in range(len(full) - len(bare) + 1):
        if full[at : at + len(bare)] == bare:
            return tuple(full[:at]), tuple(full[at + len(bare) :])
    return (), ()


def _names(tokenizer: Tokenizer, ids: Sequence[int]) -> str:
    return " ".join(str(name) for name in tokenizer.convert_ids_to_tokens(list(ids)))


class Vocabulary(dict[int, str]):
    """The text of each token id, its leading space kept, looked up once; "" without a tokenizer."""

    def __init__(self, tokenizer: Tokenizer | None) -> None:
        super().__init__()
        self._tokenizer = tokenizer

    def texts(self, ids: Iterable[int]) -> tuple[str, ...]:
        """The text of each id."""
        return tuple(map(self.__getitem__, ids))

    def entry(self, token_id: int) -> str:
        """The vocabulary entry of an id, as the tokenizer spells it; "" without a tokenizer."""
        if self._tokenizer is None:
            return ""
        return str(self._tokenizer.convert_ids_to_tokens(token_id) or "")

    def __missing__(self, token_id: int) -> str:
        self[token_id] = text = self._text(token_id)
        return text

    def _text(self, token_id: int) -> str:
        if self._tokenizer is None:
            return ""
        entry = self.entry(token_id)
        # Decoding one sentencepiece piece alone would drop its space.
        if _SPACE_SIGN in entry:
            return entry.replace(_SPACE_SIGN, " ")
        return str(self._tokenizer.decode([token_id], clean_up_tokenization_spaces=False))


def split(texts: Iterable[str], tokenizer: Tokenizer, vocabulary: Vocabulary) -> Iterator[Pieces]:
    """The pieces of each text; names of special tokens in the text are text.

    Tokens that were added to the vocabulary but are not special, such as the runs of spaces of
    GPT-NeoX, are vocabulary: the tokenizer finds them in the text as any other piece.
    """
    special = SpecialNames(tokenizer)
    for batch in _batches(texts):
        coded = tokenizer(
            batch,
            add_special_tokens=False,
            split_special_tokens=True,
            return_offsets_mapping=True,
            return_attention_mask=False,
            verbose=False,
        )
        for text, ids, offsets in zip(
            batch, coded["input_ids"], coded["offset_mapping"], strict=True
        ):
            named = special.are_in(text, ids)
            ids, offsets = special.encode(text) if named else (ids, offsets)
            found = strip(text, ids, offsets, vocabulary)
            yield replace(found, unknown=special.count_unknown(ids))


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Texts that are tokenised at once: neither too many nor too long together."""
    batch: list[str] = []
    characters = 0
    for text in texts:
        if batch and (len(batch) == _BATCH or characters + len(text) > _CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    if batch:
        yield batch


def strip(
    text: str, ids: Sequence[int], offsets: Sequence[tuple[int, int]], vocabulary: Vocabulary
) -> Pieces:
    """The pieces with spans that begin and end at characters other than white space."""
    token_id = np.array(ids, dtype=np.int32)
    spans = np.array(offsets, dtype=np.int64).reshape(-1, 2)
    spans = spread_bytes(text, ids, spans, vocabulary.entry)
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    solid = ~_WHITE_SPACE[np.minimum(codes, len(_WHITE_SPACE) - 1)]
    place = np.arange(len(codes) + 1)
    next_solid = np.full(len(codes) + 1, len(codes))
    next_solid[:-1][solid] = place[:-1][solid]
    next_solid = np.minimum.accumulate(next_solid[::-1])[::-1]
    after_solid = np.zeros(len(codes) + 1, dtype=np.int64)
    after_solid[1:][solid] = place[1:][solid]
    after_solid = np.maximum.accumulate(after_solid)
    start = np.minimum(next_solid[spans[:, 0]], spans[:, 1])
    end = np.maximum(after_solid[spans[:, 1]], start)
    # A tokenizer's dummy space claims the first character although it holds none of it.
    blank = np.array([piece.isspace() for piece in vocabulary.texts(ids)], dtype=bool)
    end = np.where(blank, start, end)
    end, uncovered = _covered(text, solid, start, end)
    return Pieces(token_id, start.astype(np.int32), end.astype(np.int32), uncovered)


def _covered(
    text: str, solid: NDArray[np.bool_], start: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.int64], int]:
    """The ends, with characters composed into the one before given to its pieces.

    A tokenizer that composes characters (NFC) names only the first of those it joined. The
    second value counts the other characters that no piece covers.
    """
    counts = np.concatenate(([0], np.cumsum(solid)))
    gap_start = np.concatenate(([0], np.maximum.accumulate(end)))
    gap_end = np.concatenate((start, [len(text)]))
    open_gaps = np.flatnonzero((gap_end > gap_start) & (counts[gap_end] > counts[gap_start]))
    uncovered = 0
    for first, last in zip(gap_start[open_gaps], gap_end[open_gaps], strict=True):
        at = int(first)
        while first and at < last and _joins(text[at]):
            at += 1
        end[(end == first) & (end > start)] = at
        uncovered += int(counts[last] - counts[at])
    return end, uncovered


def _joins(character: str) -> bool:
    """Whether composition can join the character to the one before it."""
    jamo = "\u1160" <= character <= "\u11ff"
    return jamo or is_mark(character) or unicodedata.combining(character) > 0
