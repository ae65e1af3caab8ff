"""The tokens of recorded states as passages: each token has an id of its own, its row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from odograph.corpus.passages import Passage
from odograph.corpus.rows import kept_value
from odograph.errors import UsageError

#: How vocabularies write a space or a line end.
_SIGNS = str.maketrans(
    {"\N{LATIN CAPITAL LETTER G WITH DOT ABOVE}": " ", "\N{LOWER ONE EIGHTH BLOCK}": " "}
    | {"\N{LATIN CAPITAL LETTER C WITH DOT ABOVE}": "\n"}
)

Tokens = Sequence[str] | Sequence[int]


class TokenNames:
    """What is used of a tokenizer where tokens were given: the text of each id."""

    is_fast = True
    all_special_tokens: tuple[str, ...] = ()

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def __call__(self, text: Any, **options: Any) -> "TokenNames":  # noqa: ARG002
        """No text is split here."""
        return self

    @property
    def input_ids(self) -> tuple[int, ...]:
        """None."""
        return ()

    def convert_ids_to_tokens(self, ids: int) -> str:
        """The text of an id."""
        return self._names[ids]

    def decode(self, token_ids: Sequence[int], **options: Any) -> str:  # noqa: ARG002
        """The text of ids."""
        return "".join(self._names[each] for each in token_ids)


@dataclass(frozen=True)
class RecordedTexts:
    """Passages whose ids number the tokens, and the text of each token."""

    passages: tuple[Passage, ...]
    names: tuple[str, ...]


def recorded_texts(
    tokens: Sequence[Tokens],
    tokenizer: Any = None,
    columns: Sequence[Mapping[str, Any]] | None = None,
) -> RecordedTexts:
    """The passages of the tokens that states were recorded of.

    Args:
        tokens: of each passage its tokens, as texts or as ids.
        tokenizer: gives the text of ids; without it they have none.
        columns: what is to be kept of each passage.

    Raises:
        UsageError: not as many columns as passages.
    """
    if columns is not None and len(columns) != len(tokens):
        raise UsageError(
            "columns", expected=f"{len(tokens)}, one a passage", given=str(len(columns))
        )
    names: list[str] = []
    made = []
    for number, own in enumerate(tokens):
        pieces = [_text(token, tokenizer) for token in own]
        kept = columns[number] if columns is not None else {}
        made.append(
            Passage(
                f"states:{number + 1}",
                "".join(pieces),
                "states given in Python",
                ids=tuple(range(len(names), len(names) + len(pieces))),
                spans=_spans(pieces),
                columns=tuple((name, kept_value(value)) for name, value in kept.items()),
            )
        )
        names += pieces
    return RecordedTexts(tuple(made), tuple(names))


def _text(token: str | int, tokenizer: Any) -> str:
    if isinstance(token, str):
        return token.translate(_SIGNS)
    return "" if tokenizer is None else str(tokenizer.decode([int(token)]))


def _spans(pieces: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """The characters of each piece in the joined text, without the white space around them."""
    spans, end = [], 0
    for piece in pieces:
        start = end + len(piece) - len(piece.lstrip())
        end += len(piece)
        spans.append((min(start, end), max(start, end - len(piece) + len(piece.rstrip()))))
    return tuple(spans)
