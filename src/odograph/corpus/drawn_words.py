"""Words drawn by their tags: as many of each group, each a passage of its own."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from odograph.corpus.matching import CROSSED, SPLIT, UNCOVERED
from odograph.corpus.options import EncodeOptions, WordDraw
from odograph.corpus.scripts import is_mark
from odograph.corpus.tags import LEAST_WORDS
from odograph.corpus.word_table import Entry
from odograph.errors import TextError

_LEAST_LETTERS = 5


def draw_words(
    entries: Sequence[Entry], options: EncodeOptions, front: int
) -> tuple[list[Entry], Counter[str]]:
    """The drawn words in the order of the texts, and counts of what could not be as asked.

    Every group gives as many words: those asked for, or as many as the smallest group has.
    Lemmas are drawn first, one occurrence of each; only a group with fewer lemmas than words
    gives further occurrences of them. Words of the groups that are not drawn are told why in
    `left_out`.

    Args:
        entries: all tagged words.
        options: with `draw`, `pieces` and `max_positions`.
        front: tokens put in front of each passage, and behind it.

    Raises:
        TextError: a tag that no word has, or fewer than 10 words that can be drawn of a group.
    """
    draw = options.draw or WordDraw(())
    eligible: dict[str, list[Entry]] = {group: [] for group in draw.groups}
    for entry in entries:
        if entry.word.tag in eligible:
            entry.left_out = _reason(entry, draw, options, front)
            if entry.left_out is None:
                eligible[entry.word.tag].append(entry)
    _check_groups(entries, eligible, draw)
    number = min(draw.words, *map(len, eligible.values()))
    drawn: list[Entry] = []
    twice = 0
    for group, words in eligible.items():
        chosen = set(_chosen([_lemma(entry) for entry in words], number, group, draw.seed))
        twice += number - len({_lemma(words[at]) for at in chosen})
        for at, entry in enumerate(words):
            if at in chosen:
                drawn.append(entry)
            else:
                entry.left_out = "not drawn"
    ranks = {id(entry): rank for rank, entry in enumerate(entries)}
    drawn.sort(key=lambda entry: ranks[id(entry)])
    fewer = (draw.words - number) * len(draw.groups)
    return drawn, Counter(drawn_fewer=fewer, drawn_lemmas_twice=twice)


def _reason(entry: Entry, draw: WordDraw, options: EncodeOptions, front: int) -> str | None:
    """Why a word cannot be drawn; None if it can."""
    word, text = entry.word, entry.text.passage.text
    letters = sum(character.isalpha() for character in word.text)
    around = text[max(word.start - 1, 0) : word.start] + text[word.end : word.end + 1]
    before = min(entry.first, draw.context)
    needed = front + before + entry.pieces + draw.after
    reasons = {
        "crossed by a piece": entry.status == CROSSED,
        "not covered by pieces": entry.status == UNCOVERED,
        "not letters only": not _is_alphabetic(word.text),
        "several pieces": entry.status == SPLIT and (options.pieces == "drop" or draw.whole_words),
        f"fewer than {_LEAST_LETTERS} letters": draw.whole_words and letters < _LEAST_LETTERS,
        "no white space on both sides": draw.whole_words and bool(around.strip()),
        "no token before it": before < 1,
        "longer than the model's positions": (
            options.max_positions is not None and needed > options.max_positions
        ),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _is_alphabetic(text: str) -> bool:
    return text[0].isalpha() and all(c.isalpha() or is_mark(c) for c in text)


def _lemma(entry: Entry) -> str:
    return (entry.word.lemma or entry.word.text).lower()


def _chosen(lemmas: Sequence[str], number: int, group: str, seed: int) -> list[int]:
    """Which of the words are drawn: one of each lemma first, then others of the same lemmas."""
    # With its own generator the draw of a group does not depend on the other groups.
    generator = np.random.default_rng([seed, *group.encode()])
    of_lemma: dict[str, list[int]] = {}
    for at, lemma in enumerate(lemmas):
        of_lemma.setdefault(lemma, []).append(at)
    names = sorted(of_lemma)
    order = [names[place] for place in generator.permutation(len(names))]
    first = [of_lemma[name][generator.integers(len(of_lemma[name]))] for name in order]
    others = sorted(set(range(len(lemmas))) - set(first))
    further = [others[place] for place in generator.permutation(len(others))]
    return [*first, *further][:number]


def _check_groups(
    entries: Sequence[Entry], eligible: dict[str, list[Entry]], draw: WordDraw
) -> None:
    tags = Counter(entry.word.tag for entry in entries if entry.word.tag)
    for group, words in eligible.items():
        if group not in tags:
            occurring = ", ".join(f"{tag} ({n})" for tag, n in tags.most_common(20))
            raise TextError(
                f"no word has the tag {group!r}",
                given=f"--groups {','.join(draw.groups)}",
                remedy=f"Tags that occur: {occurring or 'none'}.",
            )
        if len(words) < LEAST_WORDS:
            reasons = Counter(
                entry.left_out for entry in entries if entry.word.tag == group and entry.left_out
            )
            why = "; ".join(f"{n} {reason}" for reason, n in reasons.most_common())
            raise TextError(
                f"words of the group {group!r} that can be drawn",
                expected=f"{LEAST_WORDS} or more",
                given=f"{len(words)} of {tags[group]}" + (f" ({why})" if why else ""),
                remedy="Give more texts"
                + (", or draw without --whole-words." if draw.whole_words else "."),
            )
