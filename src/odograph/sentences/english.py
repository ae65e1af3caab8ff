"""Small English: plurals, lists, durations, and stretches of blocks, layers and states."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def plural(thing: str) -> str:
    """More than one of a thing: "passages", "pairs of lemmas"; what ends in s stays."""
    head, of, rest = thing.partition(" of ")
    return f"{head if head.endswith('s') else f'{head}s'}{of}{rest}"


def several(count: int, thing: str) -> str:
    """So many of a thing: "1 passage", "24 passages", "2,000 draws"."""
    return f"{count:,} {thing if count == 1 else plural(thing)}"


def counted(n: int, unit: str) -> str:
    """How many units were used: "n = 54 passages". What was left out stands in the evidence."""
    return f"n = {several(n, unit)}"


def span(thing: str, first: object, last: object) -> str:
    """Neighbours from the first to the last: "block 3", "blocks 3 to 16"."""
    return f"{thing} {first}" if first == last else f"{plural(thing)} {first} to {last}"


#: With more stretches than that a list says less than its ends and their number.
MOST_STRETCHES = 6


def ranges(thing: str, numbers: Sequence[int]) -> str:
    """Numbered things, neighbours as a stretch: "block 3", "blocks 1, 3-16, 18"; empty for none.

    Of more than six stretches only how many things there are is told: "12 blocks between 1 and 30".
    """
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    if not parts:
        return ""
    if len(parts) > MOST_STRETCHES:
        return f"{several(len(numbers), thing)} between {parts[0][0]} and {parts[-1][-1]}"
    said = ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]}-{p[-1]}" for p in parts)
    return f"{thing if len(numbers) == 1 else plural(thing)} {said}"


def listed(things: Sequence[object]) -> str:
    """Things one after the other: "2", "2 and 4", "2, 3 and 4"; empty for none."""
    words = [str(thing) for thing in things]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def duration(seconds: float) -> str:
    """Seconds in words: "12 s", "5 min", "2.5 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def capital(text: str) -> str:
    """The text with a capital at its beginning, and nothing else changed."""
    return text[:1].upper() + text[1:]


def layers_named(mask: "NDArray[np.bool_]", along: str = "block", first: int = 1) -> str:
    """The layers that a mask names, counted from `first`: "no block", "block 2", "blocks 2, 4-9".

    along: what a layer is called.
    """
    numbers = [number for number, named in enumerate(mask, start=first) if named]
    return ranges(along, numbers) or f"no {along}"


def ordered_blocks(order: "NDArray[np.int64]") -> str:
    """The first few of an order of blocks: "3, 1, 2"; "3, 6, 7, 8, 4, 5 and so on"."""
    first = ", ".join(map(str, order[:MOST_STRETCHES]))
    return first if len(order) <= MOST_STRETCHES else f"{first} and so on"
