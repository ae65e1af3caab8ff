"""The options of a run that is to serve studies, and the runs of the demonstration that do.

Studies that name the same run share it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from odograph.corpus.sources import listed_values, only_tables
from odograph.errors import UsageError
from odograph.measures import DEFAULT_MEASURES


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


MEASURES = "measures"
#: Untrained twins of a run made for a study: five give the test over seeds a p, eight power.
TWINS = 8
WHOLE = "whole"


def united(needs: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a run, unchecked: what was given, and under it what the studies need.

    Measures are added up: those given (by default the usual ones) and all that a study needs. Of
    every other option, what was given wins. `whole` is no need where all texts are tables.

    Args:
        needs: `Study.needs` of each study that the run is to serve.
        given: options that somebody gave; their values may be of any form a config takes.

    Raises:
        UsageError: two studies need different values of an option that was not given.

    >>> united([{"measures": ("bend",), "untrained": 3}], {"measures": ["growth"], "untrained": 1})
    {'untrained': 1, 'measures': ['growth', 'bend']}
    """
    merged: dict[str, Any] = {}
    for name, value in (pair for need in needs for pair in need.items() if pair[0] != MEASURES):
        if name not in given and merged.get(name, value) != value:
            raise UsageError(
                f"the studies of one run need different values of '{name}'",
                expected="one value",
                given=f"{merged[name]} and {value}",
                remedy="Say which, or measure a run for each.",
            )
        merged[name] = value
    merged |= given
    needed = [measure for need in needs for measure in listed_values(need.get(MEASURES, ()))]
    if needed:
        asked = listed_values(given.get(MEASURES, DEFAULT_MEASURES))
        merged[MEASURES] = list(dict.fromkeys([*asked, *needed]))
    if WHOLE not in given and only_tables(merged.get("texts")):
        merged.pop(WHOLE, None)
    return merged
