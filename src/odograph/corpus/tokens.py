"""From passages to the tokens a model reads, with targets and what stands before them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from odograph.corpus.encoded import EXCLUSIONS, TARGET, Encoded, Encoding
from odograph.corpus.passages import Passage
from odograph.corpus.pieces import Bos, Front, Pieces, Tokenizer, Vocabulary, check_tokenizer
from odograph.corpus.pieces import front as front_of
from odograph.corpus.pieces import split as split_texts
from odograph.corpus.roles import PieceChoice, mark_targets, match_words
from odograph.corpus.windows import Marked, divide, encode_window, keep_windows
from odograph.corpus.words import Target, clean_targets, find_targets, find_words, suggest_words
from odograph.errors import TextError, UsageError

Select = Literal["all", "targets"]
TooLong = Literal["cut", "window"]


@dataclass(frozen=True, slots=True)
class EncodeOptions:
    """How passages become tokens.

    Args:
        targets: words to mark; none by default.
        ignore_case: "Her" is the target "her" too.
        pieces: a target of several pieces is read at its "last", at all ("mean"), or is left
            out ("drop").
        select: "all" tokens get rows, or "targets" and their non-targets only.
        bos: what stands in front: "auto" what the tokenizer itself puts there, "always" its
            beginning-of-sequence token, "never" nothing.
        max_positions: the most tokens a model reads at once, those in front counted.
        too_long: a longer passage is "cut", or becomes several by "window".

    Raises:
        UsageError: a value that is none of these.
    """

    targets: tuple[str, ...] = ()
    ignore_case: bool = False
    pieces: PieceChoice = "last"
    select: Select = "all"
    bos: Bos = "auto"
    max_positions: int | None = None
    too_long: TooLong = "cut"

    def __post_init__(self) -> None:
        if isinstance(self.targets, str):
            raise UsageError("targets", expected="several words", given=repr(self.targets))
        clean_targets(self.targets)
        _check_choice("pieces", self.pieces, get_args(PieceChoice))
        _check_choice("select", self.select, get_args(Select))
        _check_choice("bos", self.bos, get_args(Bos))
        _check_choice("too_long", self.too_long, get_args(TooLong))
        if self.select == "targets" and not self.targets:
            raise UsageError("select 'targets' without a target", remedy="Name a target.")


def _check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise UsageError(name, expected=" or ".join(map(repr, choices)), given=repr(value))


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
    found = _find_all(passages, options)
    counts = _count_found(found, options)
    texts = any(passage.ids is None for passage in passages)
    front = front_of(tokenizer, options.bos) if tokenizer and texts else Front((), "none")
    _check_room(options, front)
    vocabulary = Vocabulary(tokenizer)
    wanted = [options.select == "all" or bool(targets) for targets in found]
    pieces = _all_pieces(passages, wanted, tokenizer, vocabulary)
    encoded: list[Encoded] = []
    for passage, targets, its_pieces in zip(passages, found, pieces, strict=True):
        if its_pieces is None:
            continue
        if not len(its_pieces.token_id):
            counts["passages_without_tokens"] += 1
            continue
        before = front.ids if passage.ids is None else ()
        marked, its_counts = _mark(passage, its_pieces, targets, options, len(before))
        counts += its_counts
        kept = keep_windows(marked, len(encoded), only_roles=options.select == "targets")
        encoded += [encode_window(marked, window, before, vocabulary) for window in kept]
    if not encoded:
        raise _nothing_left(len(passages), counts)
    return Encoding(tuple(encoded), {key: counts[key] for key in EXCLUSIONS}, front.name)


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


def _find_all(passages: Sequence[Passage], options: EncodeOptions) -> list[tuple[Target, ...]]:
    """The targets in each passage; an error where they occur in none."""
    if not options.targets:
        return [()] * len(passages)
    found = [
        find_targets(passage.text, options.targets, ignore_case=options.ignore_case)
        for passage in passages
    ]
    if not any(found):
        raise _no_occurrence([passage.text for passage in passages], options.targets)
    return found


def _no_occurrence(texts: Sequence[str], targets: Sequence[str]) -> TextError:
    names = clean_targets(targets)
    near = list(dict.fromkeys(word for name in names for word in suggest_words(texts, name)))
    plural = "s" if len(names) > 1 else ""
    remedy = "Targets are whole words, in the case they are given in"
    return TextError(
        f"no occurrence of the target{plural} {', '.join(map(repr, names))}"
        f" in {len(texts)} passages",
        remedy=f"{remedy}; near words that occur: {', '.join(map(repr, near))}."
        if near
        else f"{remedy}.",
    )


def _count_found(found: Sequence[Sequence[Target]], options: EncodeOptions) -> Counter[str]:
    """Counts that depend on the texts alone."""
    names = clean_targets(options.targets)
    per_passage = [Counter(target.target for target in targets) for targets in found]
    met = {name for counter in per_passage for name in counter}
    counts: Counter[str] = Counter()
    counts["targets_never_met"] = len(set(names) - met)
    counts["targets_met_twice"] = sum(any(n > 1 for n in c.values()) for c in per_passage)
    if names and options.select == "targets":
        counts["passages_without_target"] = sum(not targets for targets in found)
    return counts


def _check_room(options: EncodeOptions, front: Front) -> None:
    room = options.max_positions
    if room is not None and room <= len(front.ids):
        raise UsageError(
            "max_positions",
            expected=f"more than {len(front.ids)}, the number of tokens in front",
            given=str(room),
            remedy="Give a greater number.",
        )


def _all_pieces(
    passages: Sequence[Passage],
    wanted: Sequence[bool],
    tokenizer: Tokenizer | None,
    vocabulary: Vocabulary,
) -> list[Pieces | None]:
    """The pieces of each wanted passage."""
    pieces: list[Pieces | None] = [None] * len(passages)
    texts: dict[int, str] = {}
    for at, passage in enumerate(passages):
        if not wanted[at]:
            continue
        if passage.ids is None:
            texts[at] = passage.text
        else:
            nowhere = np.zeros(len(passage.ids), np.int32)
            pieces[at] = Pieces(np.array(passage.ids, np.int32), nowhere, nowhere)
    if tokenizer is not None:
        split = split_texts(list(texts.values()), tokenizer, vocabulary)
        for at, its_pieces in zip(texts, split, strict=True):
            pieces[at] = its_pieces
    return pieces


def _nothing_left(passages: int, counts: Counter[str]) -> TextError:
    reasons = [f"{n} {EXCLUSIONS[key]}" for key, n in counts.items() if n]
    return TextError(
        f"nothing to measure in {passages} passages",
        given="; ".join(reasons),
        remedy="Give other texts or other targets.",
    )


def _mark(
    passage: Passage,
    pieces: Pieces,
    targets: Sequence[Target],
    options: EncodeOptions,
    front: int,
) -> tuple[Marked, Counter[str]]:
    """The passage with everything that is known of its tokens, and counts of its own."""
    gold = [(word.start, word.end) for word in passage.words]
    words = match_words(pieces, gold or find_words(passage.text))
    n = len(pieces.token_id)
    windows = divide(n, front, options.max_positions, window=options.too_long == "window")
    roles, counts = mark_targets(pieces, words, targets, windows, options.pieces)
    read = windows.edges[-1]
    counts["passages_cut"] = int(read < n)
    counts["passages_windowed"] = windows.count if windows.count > 1 else 0
    counts["pieces_over_two_words"] = int(words.over_two[:read].sum())
    counts["uncovered_characters"] = pieces.uncovered
    if options.targets and (targets or options.select == "all"):
        counts["passages_without_target"] = int(not (roles.role == TARGET).any())
    return Marked(passage, pieces, words, roles, windows), counts
