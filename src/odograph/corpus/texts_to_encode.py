"""Texts of which all is known but their tokens: what encoding any part of them needs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import tee

import numpy as np

from odograph.corpus.chat import ChatTemplate, split_messages
from odograph.corpus.near_words import no_marked_word, no_occurrence
from odograph.corpus.options import EncodeOptions
from odograph.corpus.passages import Passage
from odograph.corpus.pieces import Front, Pieces, Tokenizer, Vocabulary, check_tokenizer
from odograph.corpus.pieces import front as front_of
from odograph.corpus.pieces import split as split_texts
from odograph.corpus.stored_texts import StoredTexts, stored_texts
from odograph.corpus.variants import make_variants
from odograph.corpus.words import Target, find_targets
from odograph.errors import TextError, UsageError


@dataclass(frozen=True, eq=False)
class TextsToEncode:
    """What becomes tokens, and how.

    Attributes:
        given: the passages as they were read.
        passages: these, or their variants, in order; without a target some are not read.
        tokenizer, options: as given to `encode_passages`.
        vocabulary: the piece of text of each token id.
        front: the tokens around a text.
        template: the chat template around each, where there is one.
        counts: what is left out while variants are made.
    """

    given: Sequence[Passage]
    passages: StoredTexts
    tokenizer: Tokenizer | None
    options: EncodeOptions
    vocabulary: Vocabulary
    front: Front
    template: ChatTemplate | None
    counts: Counter[str]

    def read(self, part: range) -> Iterator[tuple[Passage, tuple[Target, ...], Pieces | None]]:
        """Some of the passages with their targets, and their pieces; None for what is not read.

        Raises:
            TextError: a text is no Unicode.
            UsageError: the tokens around a passage leave it no room.
        """
        whole = self.options.select == "all" or self.options.tagged
        found, ahead = tee((p, targets_in(p, self.options)) for p in self.passages.some(part))
        read = (passage for passage, targets in ahead if whole or targets)
        pieces = _with_room(_all_pieces(self, map(_checked, read)), self.options, self.front)
        for passage, targets in found:
            yield passage, targets, next(pieces) if whole or targets else None


def texts_to_encode(
    passages: Sequence[Passage], tokenizer: Tokenizer | None, options: EncodeOptions
) -> TextsToEncode:
    """The texts that are to become tokens.

    Raises:
        ModelError, TextError, UsageError: as `encode_passages`.
    """
    if tokenizer is not None:
        check_tokenizer(tokenizer)
    given, counts = passages, Counter[str]()
    if options.variants:
        passages, counts = _variants(passages, options)
    texts = stored_texts(passages)
    if tokenizer is None:
        _check_ids(texts)
    _check_targets(texts, options)
    template = _chat_template(texts, tokenizer) if options.chat else None
    return TextsToEncode(
        given=given,
        passages=texts,
        tokenizer=tokenizer,
        options=options,
        vocabulary=Vocabulary(tokenizer),
        front=_front(texts, tokenizer, options, template),
        template=template,
        counts=counts,
    )


def _check_ids(passages: Sequence[Passage]) -> None:
    """Nothing, if all passages are token ids.

    Raises:
        UsageError: one is a text.
    """
    for passage in passages:
        if passage.ids is None:
            raise UsageError(
                f"passage {passage.id!r} is a text and there is no tokenizer",
                remedy="Give the model's tokenizer, or token ids.",
            )


def _checked(passage: Passage) -> Passage:
    """The passage, if it is a text that can be encoded.

    Raises:
        TextError: it is not.
    """
    try:
        if not passage.text.isascii():
            passage.text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise TextError(
            f"passage {passage.id!r}",
            expected="characters",
            given=f"half of a surrogate pair at character {error.start}",
            remedy="Leave it out, or write the character itself.",
        ) from None
    return passage


def _variants(
    passages: Sequence[Passage], options: EncodeOptions
) -> tuple[StoredTexts, Counter[str]]:
    return make_variants(
        passages, options.targets, ignore_case=options.ignore_case, match=options.match
    )


def targets_in(passage: Passage, options: EncodeOptions) -> tuple[Target, ...]:
    """The occurrences to follow in a passage."""
    if passage.targets is not None:
        return passage.targets
    return find_targets(
        passage.text, options.targets, ignore_case=options.ignore_case, match=options.match
    )


def _check_targets(passages: Sequence[Passage], options: EncodeOptions) -> None:
    """Nothing, if a target occurs; most texts are not looked at for that.

    Raises:
        TextError: none does.
    """
    if not options.placed and not options.targets:
        return
    if any(targets_in(passage, options) for passage in passages):
        return
    if options.placed:
        raise no_marked_word(options.targets)
    raise no_occurrence([passage.text for passage in passages], options.targets)


def _chat_template(passages: Sequence[Passage], tokenizer: Tokenizer | None) -> ChatTemplate:
    """The template of a tokenizer; an error where there is none, or passages are no texts."""
    for passage in passages:
        if tokenizer is None or passage.ids is not None:
            raise UsageError(
                f"chat: passage {passage.id!r} is given as token ids",
                expected="texts, which the template is put around",
                remedy="Leave out --chat, or give texts.",
            )
    return ChatTemplate(tokenizer)  # type: ignore[arg-type]  # without passages nothing is read


def _front(
    passages: Sequence[Passage],
    tokenizer: Tokenizer | None,
    options: EncodeOptions,
    template: ChatTemplate | None,
) -> Front:
    if template is not None:
        return template.front
    texts = any(passage.ids is None for passage in passages)
    if tokenizer is None or not texts:
        return Front((), "none")
    return front_of(tokenizer, options.bos, causal=options.causal)


def _check_room(options: EncodeOptions, front: int) -> None:
    room = options.max_positions
    if room is not None and room <= front:
        raise UsageError(
            "max_positions",
            expected=f"more than {front}, the number of tokens put around a passage",
            given=str(room),
            remedy="Give a greater number.",
        )


def _with_room(pieces: Iterator[Pieces], options: EncodeOptions, front: Front) -> Iterator[Pieces]:
    """The pieces; an error, which names the most tokens around any, where they have no room."""
    most = front.room
    for one in pieces:
        most = max(most, len(one.front or ()))
        if options.max_positions is not None and options.max_positions <= most:
            _check_room(options, max([most, *(len(p.front or ()) for p in pieces)]))
        yield one


def _all_pieces(texts: TextsToEncode, passages: Iterable[Passage]) -> Iterator[Pieces]:
    """The pieces of each passage, by itself or as a message of the template."""
    passages, ahead = tee(passages)
    written = (passage for passage in ahead if passage.ids is None)
    split: Iterator[Pieces] = iter(())
    if texts.tokenizer is not None and texts.template is not None:
        split = split_messages(written, texts.template, texts.tokenizer, texts.vocabulary)
    elif texts.tokenizer is not None:
        split = split_texts((p.text for p in written), texts.tokenizer, texts.vocabulary)
    for passage in passages:
        if passage.ids is None:
            yield next(split)
        else:
            spans = passage.spans or ((0, 0),) * len(passage.ids)
            start, end = np.array(spans, np.int32).reshape(-1, 2).T
            yield Pieces(np.array(passage.ids, np.int32), start, end)
