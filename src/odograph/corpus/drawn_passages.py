"""Drawn words as passages: the tokens before each, its own pieces, and what was asked for after."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from odograph.corpus.encoded import OTHER, Encoded
from odograph.corpus.likeness import Likenesses, likeness
from odograph.corpus.matching import TaggedText, TokenTags
from odograph.corpus.options import EncodeOptions, WordDraw
from odograph.corpus.pieces import Front, Pieces, Vocabulary
from odograph.corpus.roles import Windows, Words, mark_targets
from odograph.corpus.windows import Kept, Marked, encode_window
from odograph.corpus.word_table import Entry
from odograph.corpus.words import Target


def encode_drawn(
    drawn: Sequence[Entry],
    options: EncodeOptions,
    front: Front,
    vocabulary: Vocabulary,
    likenesses: Likenesses,
) -> tuple[list[Encoded], Counter[str]]:
    """A passage for each drawn word, and counts; the entries learn where it was measured.

    The word is the target of its passage, its tag the group; the token before it is the
    non-target. The passage of word K (counted from 0) of text ID is ID@K, a document of its own:
    the unit of drawn words is the lemma.
    """
    draw = options.draw or WordDraw(())
    encoded: list[Encoded] = []
    counts: Counter[str] = Counter()
    for number, entry in enumerate(drawn):
        first = max(0, entry.first - draw.context)
        end = min(len(entry.text.pieces.token_id), entry.last + 1 + draw.after)
        marked, its_counts = _marked(entry, first, end, options, len(front.ids))
        trigrams = likenesses.trigrams(marked.passage)
        marked = replace(marked, likeness=likeness(marked.passage, trigrams))
        row = marked.roles.role[: end - first] != OTHER
        every = options.select == "all"
        name = f"{entry.text.passage.id}@{entry.number}"
        kept = Kept(number, name, name, name, 0, end - first, row | every, every)
        encoded.append(encode_window(marked, kept, front.ids, vocabulary, front.behind))
        entry.measured = (number, len(front.ids) + entry.last - first)
        counts += its_counts
    return encoded, counts


def _marked(
    entry: Entry, first: int, end: int, options: EncodeOptions, front: int
) -> tuple[Marked, Counter[str]]:
    """The pieces from `first` to `end` of the word's text, with the word as their target."""
    # One piece more than is read: it is what really follows the last.
    pieces, words, tags = _cut_out(entry.text, slice(first, end + 1))
    windows = Windows((0, end - first), front)
    target = Target(entry.word.tag, entry.word.start, entry.word.end)
    roles, counts = mark_targets(pieces, words, [target], windows, options.pieces)
    counts["pieces_over_two_words"] = int(words.over_two[: end - first].sum())
    return Marked(entry.text.passage, pieces, words, roles, windows, tags), counts


def _cut_out(text: TaggedText, part: slice) -> tuple[Pieces, Words, TokenTags]:
    pieces, words, tags = text.pieces, text.words, text.tags
    return (
        Pieces(pieces.token_id[part], pieces.start[part], pieces.end[part]),
        Words(words.word[part], words.piece_count[part], words.over_two[part]),
        TokenTags(tags.tag[part], tags.lemma[part]),
    )
