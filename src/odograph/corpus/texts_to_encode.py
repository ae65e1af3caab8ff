"""Texts of which all is known but their tokens: what encoding any part of them needs."""

import operator
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from odograph.corpus.chat import ChatTemplate, split_messages
from odograph.corpus.near_words import no_marked_word, no_occurrence
from odograph.corpus.options import EncodeOptions
from odograph.corpus.passages import Passage
from odograph.corpus.pieces import Front, Pieces, Tokenizer, Vocabulary, check_tokenizer
from odograph.corpus.pieces import front as front_of
from odograph.corpus.pieces import split as split_texts
from odograph.corpus.variants import make_variants
from odograph.corpus.words import Target, clean_targets, find_targets
from odograph.errors import TextError, UsageError


@dataclass(frozen=True, eq=False)
class TextsToEncode:
    """What becomes tokens, and how.

    Attributes:
        given: the passages as they were read.
        every: how many there are with their variants.
        passages: those that are read, in order; without a target some are not.
        targets: the occurrences to follow in each of these.
        tokenizer, options: as given to `encode_passages`.
        vocabulary: the piece of text of each token id.
        front: the tokens around a text.
        template: the chat template around each, where there is one.
        counts: what is left out or flagged, as far as the texts alone say it.
    """

    given: Sequence[Passage]
    every: int
    passages: Sequence[Passage]
    targets: Sequence[tuple[Target, ...]]
    tokenizer: Tokenizer | None
    options: EncodeOptions
    vocabulary: Vocabulary
    front: Front
    template: ChatTemplate | None
    counts: Counter[str]

    def pieces(self, part: range) -> Iterator[Pieces]:
        """The pieces of some of the passages, each by itself or as a message of the template.

        Raises:
            UsageError: the tokens around a passage leave it no room.
        """
        passages = self.passages[part.start : part.stop]
        return _with_room(_all_pieces(self, passages), self.options, self.front)


def texts_to_encode(
    passages: Sequence[Passage], tokenizer: Tokenizer | None, options: EncodeOptions
) -> TextsToEncode:
    """The texts that are to become tokens, with their targets.

    Raises:
        ModelError, TextError, UsageError: as `encode_passages`.
    """
    _check_texts(passages, tokenizer)
    given, counts = passages, Counter[str]()
    if options.variants:
        passages, counts = _variants(passages, options)
    found = _find_all(passages, options)
    template = _chat_template(passages, tokenizer) if options.chat else None
    whole = options.select == "all" or options.tagged
    read = [(p, its) for p, its in zip(passages, found, strict=True) if whole or its]
    return TextsToEncode(
        given=given,
        every=len(passages),
        passages=[passage for passage, _ in read],
        targets=[targets for _, targets in read],
        tokenizer=tokenizer,
        options=options,
        vocabulary=Vocabulary(tokenizer),
        front=_front(passages, tokenizer, options, template),
        template=template,
        counts=counts + _count_found(found, options),
    )


def _check_texts(passages: Sequence[Passage], tokenizer: Tokenizer | None) -> None:
    if tokenizer is not None:
        check_tokenizer(tokenizer)
    for passage in passages:
        if tokenizer is None and passage.ids is None:
            raise UsageError(
                f"passage {passage.id!r} is a text and there is no tokenizer",
                remedy="Give the model's tokenizer, or token ids.",
            )
        if not passage.text.isascii():
            _check_unicode(passage)


def _check_unicode(passage: Passage) -> None:
    try:
        passage.text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise TextError(
            f"passage {passage.id!r}",
            expected="characters",
            given=f"half of a surrogate pair at character {error.start}",
            remedy="Leave it out, or write the character itself.",
        ) from None


def _variants(
    passages: Sequence[Passage], options: EncodeOptions
) -> tuple[list[Passage], Counter[str]]:
    return make_variants(
        passages, options.targets, ignore_case=options.ignore_case, match=options.match
    )


def _find_all(passages: Sequence[Passage], options: EncodeOptions) -> list[tuple[Target, ...]]:
    """The targets in each passage; an error where they occur in none."""
    found = [
        find_targets(
            passage.text, options.targets, ignore_case=options.ignore_case, match=options.match
        )
        if passage.targets is None
        else passage.targets
        for passage in passages
    ]
    if options.placed and not any(found):
        raise no_marked_word(options.targets)
    if options.targets and not any(found):
        raise no_occurrence([passage.text for passage in passages], options.targets)
    return found


def _count_found(found: Sequence[Sequence[Target]], options: EncodeOptions) -> Counter[str]:
    """Counts that depend on the texts alone."""
    names = clean_targets(options.targets)
    different = [len({target.target for target in targets}) for targets in found]
    met = {target.target for targets in found for target in targets}
    counts: Counter[str] = Counter()
    counts["targets_never_met"] = len(set(names) - met)
    counts["targets_met_twice"] = sum(map(operator.ne, different, map(len, found)))
    if options.follows and options.select == "targets":
        counts["passages_without_target"] = sum(not targets for targets in found)
    return counts


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


def _all_pieces(texts: TextsToEncode, passages: Sequence[Passage]) -> Iterator[Pieces]:
    """The pieces of each passage, by itself or as a message of the template."""
    written = [passage for passage in passages if passage.ids is None]
    split: Iterator[Pieces] = iter(())
    if texts.tokenizer is not None and texts.template is not None:
        split = split_messages(written, texts.template, texts.tokenizer, texts.vocabulary)
    elif texts.tokenizer is not None:
        split = split_texts([p.text for p in written], texts.tokenizer, texts.vocabulary)
    for passage in passages:
        if passage.ids is None:
            yield next(split)
        else:
            spans = passage.spans or ((0, 0),) * len(passage.ids)
            start, end = np.array(spans, np.int32).reshape(-1, 2).T
            yield Pieces(np.array(passage.ids, np.int32), start, end)
