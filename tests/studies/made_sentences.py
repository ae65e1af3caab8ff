"""Sentences with one "her" each that are no near-copies of each other: each is a document."""

_ADJECTIVES = (
    *("old", "young", "tall", "small", "kind", "cold", "warm"),
    *("quick", "slow", "good", "poor", "rich", "wise", "mild"),
)
_THINGS = (
    *("hat", "coat", "ring", "book", "lamp", "shoe", "bag"),
    *("key", "cup", "map", "pen", "box", "rope", "coin"),
)
_PLACES = (
    *("table", "chair", "floor", "shelf", "bench", "bed", "wall"),
    *("stone", "desk", "step", "rug", "sill", "stove", "chest"),
)
_LEFT = (
    *("room", "house", "hall", "town", "yard", "barn", "shop"),
    *("school", "church", "mill", "inn", "park", "farm", "ship"),
)


def told_apart(count: int) -> list[str]:
    """So many sentences of one form, at most 14."""
    words = zip(_ADJECTIVES, _THINGS, _PLACES, _LEFT, strict=True)
    made = [f"The {a} woman put her {b} on the {c} and left the {d}." for a, b, c, d in words]
    return made[:count]
