"""How passages become tokens: the options of the corpus side, checked where they are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from odograph.corpus.look_alikes import quoted
from odograph.corpus.pieces import Bos
from odograph.corpus.roles import PieceChoice
from odograph.corpus.words import Match, clean_targets
from odograph.errors import UsageError

Select = Literal["all", "targets"]
TooLong = Literal["cut", "window"]


@dataclass(frozen=True, slots=True)
class WordDraw:
    """Which tagged words are drawn, each to become a passage of its own.

    Args:
        groups: tags whose words are drawn.
        words: words of each group.
        context: tokens read before a word, fewer where the text begins.
        after: tokens read after it.
        whole_words: only words of 5 or more letters and one piece, with white space on both sides.
        seed: of the draw.
    """

    groups: tuple[str, ...]
    words: int = 150
    context: int = 40
    after: int = 0
    whole_words: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class EncodeOptions:
    """How passages become tokens.

    Args:
        targets: words to mark; none by default.
        placed: targets are fixed in the passages themselves.
        items: documents are items that differ as their design asks for: near-copies among them
            stay apart, copies are still one.
        ignore_case: "Her" is the target "her" too.
        match: how targets are found: see `words.find_targets`.
        pieces: a target of several pieces is read at its "last", at all ("mean"), or is left
            out ("drop").
        select: "all" tokens get rows, or "targets" and their non-targets only.
        bos: what stands in front: "auto" what the tokenizer itself puts there, "always" its
            beginning-of-sequence token, "never" nothing.
        max_positions: the most tokens a model reads at once, those in front counted.
        too_long: a longer passage is "cut", or becomes several by "window".
        causal: no token reads what comes after it, so that nothing after the last token that is
            measured need be read.
        tagged: the words of the passages bear tags, and a table of them is wanted.
        variants: the first target of each passage is replaced by each of the targets in turn.
        draw: which words to draw; None where passages are read as they are.
        frequencies: count of each lower-cased form; None where they are counted in the texts.
        chat: each passage is a message of the user in the tokenizer's own chat template; the
            template's tokens before it are read and get no rows, those after it are not read.

    Raises:
        UsageError: a value that is none of these, or options that exclude each other.
    """

    targets: tuple[str, ...] = ()
    ignore_case: bool = False
    match: Match = "auto"
    pieces: PieceChoice = "last"
    select: Select = "all"
    bos: Bos = "auto"
    max_positions: int | None = None
    too_long: TooLong = "cut"
    causal: bool = True
    tagged: bool = False
    variants: bool = False
    draw: WordDraw | None = None
    frequencies: Mapping[str, int] | None = None
    chat: bool = False
    placed: bool = False
    items: bool = False

    @property
    def follows(self) -> bool:
        """Whether there are targets."""
        return bool(self.targets) or self.placed

    def __post_init__(self) -> None:
        if isinstance(self.targets, str):
            raise UsageError("targets", expected="several words", given=quoted(self.targets))
        names = clean_targets(self.targets)
        _check_choice("match", self.match, get_args(Match))
        _check_choice("pieces", self.pieces, get_args(PieceChoice))
        _check_choice("select", self.select, get_args(Select))
        _check_choice("bos", self.bos, get_args(Bos))
        _check_choice("too_long", self.too_long, get_args(TooLong))
        if self.variants and len(names) < 2:
            raise UsageError(
                "variants of a passage",
                expected="two targets or more",
                given=", ".join(map(quoted, names)) or "none",
                remedy="Name each with --target, for example --target her --target him.",
            )
        if self.select == "targets" and not self.follows and self.draw is None:
            raise UsageError("select 'targets' without a target", remedy="Name one with --target.")
        self._check_draw()
        self._check_chat()
        if self.frequencies is not None and not self.tagged:
            raise _untagged("frequencies of words")

    def _check_chat(self) -> None:
        if not self.chat:
            return
        if self.bos != "auto":
            raise UsageError(
                f"bos {self.bos!r} with a chat template",
                expected="the template alone, which says what stands in front",
                remedy="Leave out --bos or --chat.",
            )
        if self.draw is not None:
            raise UsageError(
                "words of groups with a chat template",
                expected="whole passages: a drawn word is read after a part of its text only",
                remedy="Leave out --groups or --chat.",
            )
        if not self.causal:
            raise UsageError(
                "a chat template with a model that is not causal",
                expected="a decoder",
                remedy="Leave out --chat.",
            )

    def _check_draw(self) -> None:
        if self.draw is None:
            return
        if not self.tagged:
            raise _untagged("words of groups")
        if self.draw.after and self.causal:
            raise UsageError(
                "tokens after a drawn word",
                expected="a model that reads them: an encoder",
                given=f"after {self.draw.after} and a causal model",
                remedy="Leave out --after.",
            )
        if self.follows:
            named = ", ".join(map(quoted, self.targets)) or "words marked by place"
            raise UsageError(
                "words of groups and targets in one run",
                given=f"{', '.join(self.draw.groups)} and {named}",
                remedy="Leave out --groups or --target: drawn words are themselves the targets.",
            )


def _check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise UsageError(name, expected=" or ".join(map(repr, choices)), given=repr(value))


def _untagged(what: str) -> UsageError:
    return UsageError(
        f"{what} without tags",
        expected="--tags conllu, spacy:NAME or column",
        given="none",
        remedy="Say where the tags of the words come from.",
    )
