"""Names of special tokens in a text, such as "</s>": they are text there, and stay so."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

# A character that Unicode keeps free for good; no text holds a name between two of them.
_SIGN = "\U0010ffff"

Coded = tuple[list[int], list[tuple[int, int]]]


class SpecialNames:
    """Which ids of a tokenizer are special, and what it makes of texts that spell their names.

    Tokenizers divide a text at the names of special tokens, which can be switched off; but the
    names of many (those of sentencepiece) stand in the vocabulary itself, and a text that spells
    one would still become it. Such texts are read by a copy of the tokenizer in which the special
    tokens have names that no text holds.

    Args:
        tokenizer: a fast tokenizer of transformers.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._copy: Any = None
        added: Mapping[int, Any] = tokenizer.added_tokens_decoder
        self._names = {str(token): at for at, token in added.items() if token.special}
        for name in tokenizer.all_special_tokens:
            self._names.setdefault(str(name), int(tokenizer.convert_tokens_to_ids(str(name))))
        self._ids = frozenset(self._names.values()) - {tokenizer.unk_token_id}
        self._unknown: int | None = tokenizer.unk_token_id

    def count_unknown(self, ids: Iterable[int]) -> int:
        """How many ids stand for what the tokenizer does not know."""
        return 0 if self._unknown is None else sum(at == self._unknown for at in ids)

    def are_in(self, text: str, ids: Iterable[int]) -> bool:
        """Whether ids of a text hold a special one that the text must have spelled."""
        unique = set(ids)
        unknown = str(getattr(self._tokenizer, "unk_token", None))
        return not self._ids.isdisjoint(unique) or (self._unknown in unique and unknown in text)

    def encode(self, text: str) -> Coded:
        """Ids and character offsets of a text in which names of special tokens are text."""
        coded = self._renamed().encode(text, add_special_tokens=False)
        return list(coded.ids), list(coded.offsets)

    def hide(self, text: str) -> str:
        """A text in which the names of special tokens stand for them in `encode`, and nowhere."""
        longest_first = sorted(self._names, key=len, reverse=True)
        if not longest_first:
            return text
        names = re.compile("|".join(map(re.escape, longest_first)))
        return names.sub(lambda name: _hidden(name[0]), text)

    def _renamed(self) -> Any:
        if self._copy is None:
            from tokenizers import Tokenizer

            written = json.loads(self._tokenizer.backend_tokenizer.to_str())
            self._copy = Tokenizer.from_str(json.dumps(rename(written, self._names)))
        return self._copy


def rename(written: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """A tokenizer.json whose special tokens have names that no text holds; ids stay.

    Truncation, padding and what is put around a text are left out.
    """
    hidden = {name: _hidden(name) for name in names}
    model = dict(written["model"])
    if isinstance(model["vocab"], dict):
        model["vocab"] = {hidden.get(piece, piece): at for piece, at in model["vocab"].items()}
    else:
        model["vocab"] = [[hidden.get(piece, piece), score] for piece, score in model["vocab"]]
    if model.get("unk_token") in hidden:
        model["unk_token"] = hidden[model["unk_token"]]
    if "merges" in model:
        model["merges"] = [merge for merge in model["merges"] if not _makes(merge, hidden)]
    added = [
        # A normaliser would take the signs away.
        {**token, "content": hidden[token["content"]], "normalized": False}
        if token["content"] in hidden
        else token
        for token in written["added_tokens"]
    ]
    changed = {"model": model, "added_tokens": added, "post_processor": None}
    return {**written, **changed, "truncation": None, "padding": None}


def _hidden(name: str) -> str:
    return f"{_SIGN}{name}{_SIGN}"


def _makes(merge: "list[str] | str", names: Mapping[str, str]) -> bool:
    """Whether a merge takes or gives a special token's name."""
    parts = merge.split(" ", 1) if isinstance(merge, str) else merge
    return any(part in names for part in (*parts, "".join(parts)))
