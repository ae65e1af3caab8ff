"""What grows while passages are read: their tokens, the table of tagged words, the counts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from odograph.corpus.drawn_passages import encode_drawn
from odograph.corpus.drawn_words import draw_words
from odograph.corpus.encoded import TARGET, Encoded
from odograph.corpus.likeness import Likenesses, Trigrams, likeness
from odograph.corpus.matching import TaggedText, tag_pieces
from odograph.corpus.options import EncodeOptions
from odograph.corpus.passages import Passage
from odograph.corpus.pieces import Front, Pieces, Vocabulary
from odograph.corpus.roles import mark_companions, mark_targets, match_words
from odograph.corpus.stored import Store
from odograph.corpus.windows import Kept, Marked, divide, encode_window, keep_windows
from odograph.corpus.word_table import WordTable
from odograph.corpus.words import Target, find_words


@dataclass(slots=True)
class PassageReader:
    """What grows while texts are read: their tokens, the table of tagged words, the counts."""

    options: EncodeOptions
    front: Front
    vocabulary: Vocabulary
    counts: Counter[str]
    store: Store
    likenesses: Likenesses = field(default_factory=Likenesses)
    table: WordTable = field(default_factory=WordTable)
    largest: int = -1

    def read(self, passage: Passage, pieces: Pieces, targets: Sequence[Target]) -> Trigrams:
        """Adds the windows of a passage and its tagged words; gives its word trigrams."""
        options = self.options
        front = self.front.ids if passage.ids is None else ()
        front = front if pieces.front is None else pieces.front
        gold = [(word.start, word.end) for word in passage.words]
        edges = (*targets, *passage.companions)
        words = match_words(pieces, gold or find_words(passage.text, edges))
        n = len(pieces.token_id)
        behind = self.front.behind if passage.ids is None else ()
        windows = divide(
            n,
            len(front),
            options.max_positions,
            window=options.too_long == "window",
            behind=len(behind),
        )
        trigrams = self.likenesses.trigrams(passage)
        text: TaggedText | None = None
        if options.tagged:
            # A drawn word brings its own part of the text, which nothing cuts.
            text = tag_pieces(passage, pieces, words, None if options.draw else windows)
        kept: list[Kept] = []
        if not n:
            self.counts["passages_without_tokens"] += 1
        elif options.draw is None and (targets or options.select == "all"):
            roles, counts = mark_targets(pieces, words, targets, windows, options.pieces)
            counts += mark_companions(roles, pieces, passage.companions, windows, options.pieces)
            tags = text.tags if text is not None else None
            alike = likeness(passage, trigrams)
            marked = Marked(passage, pieces, words, roles, windows, tags, alike)
            self.counts += counts + _counts_of(marked, options.follows)
            kept = keep_windows(
                marked,
                len(self.store),
                only_roles=options.select == "targets",
                causal=options.causal,
                front_rows=not options.chat,
            )
            self._add(encode_window(marked, each, front, self.vocabulary, behind) for each in kept)
        if text is not None:
            self.table.add(text, len(front), kept)
        return trigrams

    def draw(self) -> None:
        """Adds the passages of the words drawn of the tagged words read."""
        drawn, counts = draw_words(self.table.entries, self.options, self.front.room)
        encoded, its_counts = encode_drawn(
            drawn, self.options, self.front, self.vocabulary, self.likenesses
        )
        self._add(encoded)
        self.counts += counts + its_counts

    def _add(self, passages: Iterable[Encoded]) -> None:
        for passage in passages:
            self.store.add([passage])
            self.largest = max(self.largest, int(passage.token_id.max()))


def _counts_of(marked: Marked, has_targets: bool) -> Counter[str]:
    """What was left out of a passage, or is flagged in it."""
    read = marked.windows.edges[-1]
    windows = marked.windows.count
    without = has_targets and not (marked.roles.role == TARGET).any()
    return Counter(
        passages_cut=int(read < len(marked.pieces.token_id)),
        passages_windowed=windows if windows > 1 else 0,
        pieces_over_two_words=int(marked.words.over_two[:read].sum()),
        uncovered_characters=marked.pieces.uncovered,
        unknown_tokens=marked.pieces.unknown,
        across_the_template=marked.pieces.across,
        passages_without_target=int(without),
    )
