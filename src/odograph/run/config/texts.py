"""Options that say which texts are read, and which of their tokens."""

from typing import Literal

from odograph.corpus.tags import LEAST_WORDS
from odograph.corpus.words import Match
from odograph.run.config.fields import Options, count, text_option


class TextOptions(Options):
    """Which texts are read, and which of their tokens."""

    texts: tuple[str, ...] = text_option(
        (),
        "File of texts: .txt (a passage per line), .jsonl, .json, .csv, .tsv, .parquet, .conllu, "
        "each also with .gz, '-' for stdin, or bundled:NAME (her, him, round, nietzsche, passages, "
        "tagged). Repeatable.",
    )
    text_column: str | None = text_option(None, "Column or key that holds the text.")
    document_column: str | None = text_option(
        None,
        "Column or key that names the document of each text; texts of one document are one unit.",
    )
    no_header: bool = text_option(
        False, "The first line of .csv and .tsv files is a row; their columns are called 1, 2, ..."
    )
    whole: bool = text_option(
        False, "Take each .txt file, and each document of a .conllu file, as one passage."
    )
    strict: bool = text_option(
        False, "Stop at the first bad passage instead of leaving it out and counting it."
    )
    targets: tuple[str, ...] = text_option(
        (), "Word to follow, found by characters as a whole word. Repeatable.", flag="--target"
    )
    ignore_case: bool = text_option(False, "Find targets in upper and lower case.")
    match: Match = text_option(
        "auto",
        "Find targets as whole words or by characters; auto is by words where spaces stand between "
        "them and by characters in scripts without, such as Chinese, Japanese and Thai.",
    )
    pieces: Literal["last", "mean", "drop"] = text_option(
        "last", "Target of several tokens: its last one, the mean of all, or left out."
    )
    tags: str = text_option(
        "none",
        "Part of speech of each word: none, conllu (the gold words of .conllu files), spacy:NAME "
        "(a spaCy pipeline or the path of one), column or column:NAME (a list of tags, one per "
        "word, in the column 'tags' or NAME).",
    )
    variants: bool = text_option(
        False,
        "Replace the first target in each passage by each of the targets in turn: one passage "
        "per target.",
    )
    groups: tuple[str, ...] = text_option(
        (),
        "Tags, separated by commas, of which words are drawn; each drawn word becomes a passage "
        "of its own. Repeatable.",
    )
    words: int = count(
        150, "Words drawn of each group; as many of each.", least=LEAST_WORDS, group="Texts"
    )
    context: int = count(40, "Tokens read before a drawn word.", least=1, group="Texts")
    after: int = count(
        0, "Tokens read after a drawn word, for encoders, which see them.", group="Texts"
    )
    whole_words: bool = text_option(
        False, "Draw only words of 5 or more letters and one token, with white space on both sides."
    )
    frequencies: str | None = text_option(
        None, "File of words and counts, a tab between them; by default counted in the texts."
    )
    select: Literal["all", "targets"] = text_option(
        "all", "Tokens that get rows: all, or only targets and the tokens before them."
    )
    bos: Literal["auto", "always", "never"] = text_option(
        "auto", "BOS token in front of each passage; auto does as the tokenizer does."
    )
    chat: bool = text_option(
        False,
        "Put each passage, as a message of the user, into the chat template of the model's "
        "tokenizer; only the passage's own tokens are measured.",
    )
    too_long: Literal["cut", "window"] = text_option(
        "cut", "Passage longer than the model's positions: cut it, or read it in windows."
    )
