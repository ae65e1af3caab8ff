"""What a model reads of each passage, and which of its tokens are measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROLES = ("other", "non-target", "target")
OTHER, NON_TARGET, TARGET = range(len(ROLES))

EXCLUSIONS: dict[str, str] = {
    "passages_without_tokens": "passages left out: they give no token",
    "passages_without_target": "passages without a target that is measured",
    "variants_met_twice": (
        "passages left out: one before differs in the target only, the variants are the same"
    ),
    "passages_cut": "passages cut at the greatest number of positions",
    "passages_windowed": "windows that passages beyond the greatest number of positions gave",
    "targets_met_twice": "passages with one target more than once",
    "targets_never_met": "targets that occur in no passage",
    "targets_cut": "occurrences of a target beyond the cut: not measured",
    "target_split_by_window": "occurrences of a target divided between two windows: not measured",
    "target_without_tokens": "occurrences of a target that no token covers: not measured",
    "target_crossed": (
        "occurrences of a target with a piece that covers other characters too: not measured"
    ),
    "target_in_several_pieces": "occurrences of a target made of several pieces",
    "dropped_several_pieces": "of these, occurrences left out because pieces is 'drop'",
    "target_at_first_position": (
        "targets at the first position, an attention sink: no token before them, no pair"
    ),
    "target_at_second_position": (
        "targets at the second position: the token before is the sink, the pair is dropped"
    ),
    "target_after_front": ("targets just after several tokens put in front: the pair is dropped"),
    "adjacent_targets": (
        "targets whose token before belongs to a target itself: the pair is dropped"
    ),
    "non_target_crossed": ("targets whose token before covers two words: the pair is dropped"),
    "words_untagged": "words of a tagged text without a tag",
    "words_crossed": "tagged words with a piece that covers other characters too: not matched",
    "words_uncovered": "tagged words with characters that no piece covers: not matched",
    "words_cut": "tagged words beyond the cut or divided between two windows: not matched",
    "drawn_fewer": "words fewer than asked for, in all groups together: the groups are as large",
    "drawn_lemmas_twice": "drawn words whose lemma was drawn already in their group",
    "pieces_over_two_words": "tokens that cover characters of two words: no word is given for them",
    "uncovered_characters": "characters, not white space, that no token covers",
    "unknown_tokens": "tokens that stand for what the tokenizer does not know",
    "across_the_template": (
        "tokens that cover characters of a passage and of its chat template: not measured"
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """One passage, or one window of it, as the model reads it: an entry per token.

    Args:
        passage: number of this value in its `Encoding`.
        passage_id: the passage's id; `ID#w2` for its second window.
        token_id: what the model reads, tokens put in front included.
        token: the piece of text each id stands for, such as " her".
        start: first character, in the passage's text.
        end: character after the last; white space at both sides is left out, so that a special
            token or a piece of white space has start = end.
        word: index of the word within the passage; -1 outside words and over two words.
        piece_count: number of pieces of that word; 0 outside words.
        role: index into `ROLES`.
        group: the target, for its tokens and for its non-target.
        occurrence: index of the target's occurrence within the passage; -1 without a role.
        next_id: the token that really follows; -1 after the last.
        row: whether the token gets rows.
        tag: tag of the word, None outside words; empty where no tags were asked for. A word with a
            piece that covers other characters too gives its tag to none of them.
        lemma: lemma of the word, as `tag`.
        base: id of the text; windows and variants of one text share it, a drawn word has its own.
        text: `passages.text_digest` of the whole passage, the same in every window of it.
    """

    passage: int
    passage_id: str
    token_id: NDArray[np.int32]
    token: tuple[str, ...]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    word: NDArray[np.int32]
    piece_count: NDArray[np.int32]
    role: NDArray[np.int8]
    group: tuple[str | None, ...]
    occurrence: NDArray[np.int32]
    next_id: NDArray[np.int32]
    row: NDArray[np.bool_]
    tag: tuple[str | None, ...] = ()
    lemma: tuple[str | None, ...] = ()
    base: str = ""
    text: str = ""

    def __len__(self) -> int:
        """Number of tokens."""
        return len(self.token)


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """The passages of a corpus as tokens, with what was left out and what stands in front.

    Args:
        encoded: one value per passage or window.
        exclusions: every key of `EXCLUSIONS`, with its count.
        bos: "none", or the tokens or the chat template in front and where they come from.
        words: columns of the `words` table, an entry per tagged word; None without tags.
    """

    encoded: tuple[Encoded, ...]
    exclusions: Mapping[str, int]
    bos: str
    words: Mapping[str, Any] | None = None
