"""What is left out of texts, or flagged in them: each count and what it is of."""

EXCLUSIONS: dict[str, str] = {
    "passages_without_tokens": "passages left out: they give no token",
    "passages_without_target": "passages without a target that is measured",
    "variants_met_twice": (
        "passages left out: one before differs in the target only, the variants are the same"
    ),
    "copies": (
        "passages or documents equal to one before, but for upper case and white space: one "
        "document with it"
    ),
    "near_copies": (
        "passages or documents that share half of their word trigrams or more with others: one "
        "document with them"
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
    "companions_unreadable": (
        "companions that are cut, in several pieces where those are dropped, or covered by no "
        "token of their own: not measured"
    ),
    "companions_with_a_role": (
        "companions that are a target themselves, or the token before one: measured as that"
    ),
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
