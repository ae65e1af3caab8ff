"""From passages to the tokens a model reads, with targets and what stands before them."""

import operator
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from odograph.corpus.chat import ChatTemplate, split_messages
from odograph.corpus.documents import join_documents, join_items
from odograph.corpus.encoded import Encoding
from odograph.corpus.exclusions import EXCLUSIONS
from odograph.corpus.frequencies import count_forms
from odograph.corpus.likeness import Likenesses
from odograph.corpus.near_words import no_marked_word, no_occurrence
from odograph.corpus.options import EncodeOptions
from odograph.corpus.passage_reader import PassageReader
from odograph.corpus.passages import Passage
from odograph.corpus.pieces import Front, Pieces, Tokenizer, Vocabulary, check_tokenizer
from odograph.corpus.pieces import front as front_of
from odograph.corpus.pieces import split as split_texts
from odograph.corpus.stored import Store
from odograph.corpus.variants import make_variants
from odograph.corpus.words import Target, clean_targets, find_targets
from odograph.errors import TextError, UsageError


def encode_passages(
    passages: Sequence[Passage],
    tokenizer: Tokenizer | None = None,
    options: EncodeOptions | None = None,
) -> Encoding:
    """The tokens of all passages, with roles and with counts of what was left out.

    Args:
        passages: texts, or token ids, which are read as they stand with nothing put in front.
        tokenizer: a fast tokenizer of transformers; None where all passages are token ids.
        options: see `EncodeOptions`.

    Raises:
        ModelError: the tokenizer is not a fast one.
        TextError: no passage gives a token, no target occurs, or a text is no Unicode.
        UsageError: a text without a tokenizer, or options that do not fit the tokenizer.
    """
    options = options or EncodeOptions()
    _check_texts(passages, tokenizer)
    read = passages
    counts: Counter[str] = Counter()
    if options.variants:
        passages, counts = _variants(passages, options)
    found = _find_all(passages, options)
    counts += _count_found(found, options)
    template = _chat_template(passages, tokenizer) if options.chat else None
    front = _front(passages, tokenizer, options, template)
    vocabulary, likenesses = Vocabulary(tokenizer), Likenesses()
    reader = PassageReader(options, front, vocabulary, counts, Store(vocabulary), likenesses)
    wanted = [options.select == "all" or options.tagged or bool(targets) for targets in found]
    passages, joined = _in_documents(passages, wanted, options, likenesses)
    counts += joined
    split = _all_pieces(passages, wanted, tokenizer, vocabulary, template)
    pieces = _with_room(split, options, front)
    for passage, targets, its_pieces in zip(passages, found, pieces, strict=True):
        if its_pieces is not None:
            reader.read(passage, its_pieces, targets)
    if options.draw is not None:
        reader.draw()
    if not len(reader.store):
        raise _nothing_left(len(passages), counts)
    words = _words_table(reader, read, options) if options.tagged else None
    counts += reader.table.counts()
    exclusions = {key: counts[key] for key in EXCLUSIONS}
    return Encoding(reader.store.passages(), exclusions, front.name, words)


def _words_table(
    reader: PassageReader, read: Sequence[Passage], options: EncodeOptions
) -> dict[str, Any]:
    """The columns of the table of tagged words, with the frequencies given or counted."""
    given = options.frequencies
    return reader.table.columns(count_forms(read) if given is None else given)


def _in_documents(
    passages: Sequence[Passage],
    wanted: Sequence[bool],
    options: EncodeOptions,
    likenesses: Likenesses,
) -> tuple[list[Passage], Counter[str]]:
    """The passages with the documents they are of; drawn words are read one by one instead."""
    if options.draw is not None:
        return list(passages), Counter()
    read = [passage for passage, asked in zip(passages, wanted, strict=True) if asked]
    names, counts = join_items(read) if options.items else join_documents(read, likenesses)
    of_read = iter(names)
    return [
        replace(passage, document=next(of_read)) if asked else passage
        for passage, asked in zip(passages, wanted, strict=True)
    ], counts


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


def _with_room(
    pieces: Iterator[Pieces | None], options: EncodeOptions, front: Front
) -> Iterator[Pieces | None]:
    """The pieces; an error, which names the most tokens around any, where they have no room."""
    most = front.room
    for one in pieces:
        most = max(most, len(one.front or ()) if one else 0)
        if options.max_positions is not None and options.max_positions <= most:
            _check_room(options, max([most, *(len(p.front or ()) for p in pieces if p)]))
        yield one


def _all_pieces(
    passages: Sequence[Passage],
    wanted: Sequence[bool],
    tokenizer: Tokenizer | None,
    vocabulary: Vocabulary,
    template: ChatTemplate | None,
) -> Iterator[Pieces | None]:
    """The pieces of each wanted passage, by itself or as a message of the template."""
    texts = [p for p, asked in zip(passages, wanted, strict=True) if asked and p.ids is None]
    split: Iterator[Pieces] = iter(())
    if tokenizer is not None and template is not None:
        split = split_messages(texts, template, tokenizer, vocabulary)
    elif tokenizer is not None:
        split = split_texts([passage.text for passage in texts], tokenizer, vocabulary)
    for passage, asked in zip(passages, wanted, strict=True):
        if not asked:
            yield None
        elif passage.ids is None:
            yield next(split)
        else:
            spans = passage.spans or ((0, 0),) * len(passage.ids)
            start, end = np.array(spans, np.int32).reshape(-1, 2).T
            yield Pieces(np.array(passage.ids, np.int32), start, end)


def _nothing_left(passages: int, counts: Counter[str]) -> TextError:
    # That two passages are copies is no reason why neither is measured.
    left_out = {key: n for key, n in counts.items() if n and key not in ("copies", "near_copies")}
    reasons = [f"{n} {EXCLUSIONS[key]}" for key, n in left_out.items()]
    return TextError(
        f"nothing to measure in {passages} passages",
        given="; ".join(reasons),
        remedy="Give other texts or other targets.",
    )
