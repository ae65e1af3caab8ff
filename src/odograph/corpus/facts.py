"""What is known of each passage of a corpus without reading it: a few numbers, in arrays.

What is decided of all texts before the first is measured is decided from these alone: where shards
end, what the pilot runs, which documents are drawn, what the manifest says of the texts.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.encoded import Encoded

Ints = NDArray[np.int32]

#: More tokens of a passage than these are not counted one by one: all that count by then do.
_MOST_COUNTED = 2**16 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """An entry for each of some passages.

    Attributes:
        tokens: what the model reads.
        rows: how many of them get rows.
        counted: how many the pilot counts; see `counted`.
        text: `Encoded.text` as a number; in its order.
    """

    tokens: Ints
    rows: Ints
    counted: NDArray[np.uint16]
    text: NDArray[np.uint64]

    def __getitem__(self, part: slice) -> "Facts":
        """Those of some of the passages."""
        return Facts(self.tokens[part], self.rows[part], self.counted[part], self.text[part])

    @staticmethod
    def joined(parts: Sequence["Facts"]) -> "Facts":
        """Those of several corpora, one after the other."""
        if len(parts) == 1:
            return parts[0]
        names = Facts.__dataclass_fields__
        each = {name: np.concatenate([getattr(its, name) for its in parts]) for name in names}
        return Facts(**each)


@dataclass(slots=True)
class GrowingFacts:
    """The facts of passages that come one by one."""

    _tokens: Any = field(default_factory=lambda: array("i"))
    _rows: Any = field(default_factory=lambda: array("i"))
    _counted: Any = field(default_factory=lambda: array("H"))
    _text: Any = field(default_factory=lambda: array("Q"))

    def __len__(self) -> int:
        """Number of passages."""
        return len(self._tokens)

    def add(self, passage: Encoded) -> None:
        """Takes one more."""
        self._tokens.append(len(passage))
        self._rows.append(int(passage.row.sum()))
        self._counted.append(min(int(counted(passage).sum()), _MOST_COUNTED))
        self._text.append(int(passage.text or "0", 16))

    def extend(self, facts: Facts) -> None:
        """Takes those of some more."""
        self._tokens.frombytes(facts.tokens.tobytes())
        self._rows.frombytes(facts.rows.tobytes())
        self._counted.frombytes(facts.counted.tobytes())
        self._text.frombytes(facts.text.tobytes())

    def facts(self) -> Facts:
        """Those of all passages so far, not copied: none can be added any more."""
        return Facts(*map(np.asarray, (self._tokens, self._rows, self._counted, self._text)))


def counted(passage: Encoded) -> NDArray[np.bool_]:
    """The tokens of a passage that the pilot counts: its text, whether or not it gets rows.

    Not position 0, nor what is put in front of a text or behind it.
    """
    own: NDArray[np.bool_] = passage.row | (passage.end > passage.start)
    own[:1] = False
    return own


@dataclass(frozen=True, slots=True, eq=False)
class Documents:
    """Which document each of some passages is of.

    Attributes:
        number: of the document of each passage, from 0 in the order of the first passages.
        names: of the documents whose passages do not all say it themselves, as joined copies.
    """

    number: Ints
    names: Mapping[int, str] = field(default_factory=dict)

    def __getitem__(self, part: slice) -> "Documents":
        """Those of some of the passages."""
        return Documents(self.number[part], self.names)


def numbered(names: Iterable[str]) -> Ints:
    """A number for each document's name, from 0, the same where the name is."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int32)
