"""Which run of the demonstration serves which study: studies that name the same run share it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class DemoRun:
    """One run of the demonstration, on bundled texts.

    `options` are those beyond what the studies need, and decide where they need different things.
    """

    texts: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


#: Sentences with "her", in the order of the text and shuffled; few of them are run again, as that
#: is done in every block with everything that is undone there, in the twins too.
ONE_WORD = DemoRun(
    ("bundled:her",), {"targets": ("her",), "untrained": 5, "shuffled": 1, "tokens": 320}
)
#: The same sentences with other words in its place.
THREE_WORDS = DemoRun(("bundled:her",), {"targets": ("her", "him", "round"), "untrained": 5})
PROSE = DemoRun(("bundled:nietzsche", "bundled:passages"), {"untrained": 5, "tokens": 2400})
TAGGED = DemoRun(("bundled:tagged",), {"untrained": 5})
