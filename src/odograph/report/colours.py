"""The colours of values in a terminal: from little to much, light to dark, and the ink on them."""

Colour = tuple[int, int, int]

_LITTLE_TO_MUCH: tuple[Colour, ...] = (
    (251, 250, 246),
    (216, 231, 238),
    (163, 201, 223),
    (93, 159, 200),
    (31, 110, 166),
    (10, 68, 117),
)
#: Relative luminance from which black is read better than white on a colour.
_BLACK_FROM = 0.179


def shade(share: float) -> tuple[Colour, Colour]:
    """Ground and ink for a share from 0 to 1; beyond, for the end.

    >>> shade(0), shade(1)
    (((251, 250, 246), (0, 0, 0)), ((10, 68, 117), (255, 255, 255)))
    """
    at = min(max(share, 0.0), 1.0) * (len(_LITTLE_TO_MUCH) - 1)
    below = min(int(at), len(_LITTLE_TO_MUCH) - 2)
    pair = zip(_LITTLE_TO_MUCH[below], _LITTLE_TO_MUCH[below + 1], strict=True)
    red, green, blue = (round(a + (b - a) * (at - below)) for a, b in pair)
    ground = red, green, blue
    return ground, ((0, 0, 0) if _luminance(ground) > _BLACK_FROM else (255, 255, 255))


def _luminance(colour: Colour) -> float:
    parts = [c / 255 for c in colour]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
