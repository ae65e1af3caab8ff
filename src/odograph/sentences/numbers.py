"""Numbers in a sentence: one rounding for all that a reader sees, p-values as in papers."""

import math
from collections.abc import Sequence


def number(value: float) -> str:
    """A number with three digits, at most: 342, 17.4, 3.21, 0.046; "not a number" for NaN."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else str(value)
    if value == 0 or abs(value) >= 99.95:
        return f"{value:.0f}"
    text = f"{value:.{decimals_of(value)}f}"
    return "0" if float(text) == 0 else text


def decimals_of(value: float) -> int:
    """How many decimals a number below 100 is written with: 3.21 has two, 0.046 three; 6 at most.

    One digit fewer below 1, where a leading 0 stands before them.
    """
    decimals = min(6, max(0, 2 - math.floor(math.log10(abs(value)) + 1e-9)))
    return min(6, decimals - 1) if abs(value) < 1 else decimals


def quantity(value: float, unit: str) -> str:
    """A number with its unit, if it has one: "3.2 degrees"."""
    return number(value) if unit == "1" else f"{number(value)} {unit}"


def coefficient(r: float) -> str:
    """A correlation with two digits and no leading zero: .45, -.07, 1.00.

    One that would be .00 has a digit more, so that a bound keeps its sign: -.003; .0004 is .00.
    """
    if math.isnan(r):
        return "not a number"
    text = f"{r:.3f}" if 0.0005 <= abs(r) < 0.005 else f"{r:.2f}"
    text = text.removeprefix("-") if float(text) == 0 else text
    return text.replace("0.", ".", 1)


def cosine(value: float) -> str:
    """A cosine with three digits: a mean over many tokens is known to that."""
    text = f"{value:.3f}"
    return text.removeprefix("-") if float(text) == 0 else text


def blocks(value: float) -> str:
    """A depth in blocks: a whole one without decimals, as it is counted: 7, and 3.40 for a mean."""
    return f"{value:.0f}" if float(value).is_integer() else number(value)


#: Units whose numbers are not written like all others.
OWN_DIGITS = {"r": coefficient, "cosine": cosine, "blocks": blocks}


def in_unit(value: float, unit: str) -> str:
    """A number as numbers of that unit are written; those of `OWN_DIGITS` in their own way."""
    return OWN_DIGITS.get(unit, number)(value)


def with_width(values: Sequence[float], low: float, high: float, unit: str) -> list[str]:
    """Numbers beside an interval, and its bounds, with so many digits that its width is seen.

    They are rounded as usual where that is enough, where six decimals are not, and whole blocks.

    >>> with_width([242.5], 242.1, 242.9, "degrees"), with_width([], -0.1032, -0.0991, "r")
    (['242.5', '242.1', '242.9'], ['-.103', '-.099'])
    >>> with_width([3.21], 2.1, 4.3, "degrees")
    ['3.21', '2.10', '4.30']
    """
    shown = [*values, low, high]
    usual = [in_unit(value, unit) for value in shown]
    bounds = [len(text.partition(".")[2]) for text in usual[-2:]]
    width = high - low
    whole = unit == "blocks" and not any("." in text for text in usual)
    if whole or not math.isfinite(width) or width < _LEAST_WIDTH * 10**-_MOST_DECIMALS:
        return usual
    decimals = needed = max(bounds)
    while width < _LEAST_WIDTH * 10**-needed:
        needed += 1
    return usual if needed == decimals else [_with_decimals(v, needed, unit) for v in shown]


#: Of the last digit that is shown.
_LEAST_WIDTH = 2
_MOST_DECIMALS = 6


def _with_decimals(value: float, decimals: int, unit: str) -> str:
    text = f"{value:.{decimals}f}"
    text = text.removeprefix("-") if float(text) == 0 else text
    return text.replace("0.", ".", 1) if unit == "r" and abs(value) < 1 else text


def unit_ending(unit: str) -> str:
    """The unit behind a number, with a space before it; "" for what is written without one."""
    return f" {unit}" if unit not in ("", "1", "r", "cosine") else ""


def p_value(p: float, least: float | None = None) -> str:
    """A p-value: "p < .001", "p = .012", "p = .34", "p = 1".

    least: that the draws can give; a p that is no more is at most that: "p at most .0015, the least
    these draws can give".
    """
    if p < 0.001:
        return "p < .001"
    if least is not None and p <= least * (1 + 1e-9):
        return f"p at most {_two_digits(p)}, the least these draws can give"
    text = f"{p:.3f}" if p < 0.0995 else f"{p:.2f}"
    return "p = 1" if float(text) == 1 else f"p = {text.removeprefix('0')}"


def _two_digits(p: float) -> str:
    """A p-value with two digits that count: .0015, .031."""
    return f"{float(f'{p:.2g}'):.6f}".rstrip("0").removeprefix("0")


def percent(share: float) -> str:
    """A share from 0 to 1 in whole per cent: "61 %"; what is not 0 is "under 1 %"."""
    if 0 < share < 0.005:
        return "under 1 %"
    return f"{share:.0%}".replace("%", " %")


def signed(value: float) -> str:
    """A change with its sign."""
    text = number(value)
    return text if text.startswith("-") or text == "0" else f"+{text}"
