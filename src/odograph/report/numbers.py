"""Numbers as a reader wants them: enough digits, true minus signs, p never zero."""

import math
from collections.abc import Sequence
from typing import Any

from odograph.sentences import numbers as wording

NOTHING = "–"


def number(value: Any) -> str:
    """The number as sentences round it; – where there is none.

    >>> number(-4.1234), number(0.046), number(124439808), number(1.2e-7), number(None), number(0.0)
    ('−4.12', '0.046', '124,439,808', '1.2e−7', '–', '0')
    """
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return NOTHING
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    if not math.isfinite(value):
        return NOTHING
    if value and not 1e-4 <= abs(value) < 1e7:
        return significant(value, 3)
    text = f"{value:,.0f}" if abs(value) >= 1000 else wording.number(value)
    return text.replace("-", "−")


def significant(value: Any, digits: int) -> str:
    """The number with so many digits, however small: how exactly something holds.

    >>> significant(0.0001234, 2), significant(1.26e-7, 2), significant(3e-6, 2)
    ('1.2e−4', '1.3e−7', '3e−6')
    """
    if not isinstance(value, float) or not value or not math.isfinite(value):
        return number(value)
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}".replace("-", "−")


def in_unit(value: Any, unit: str) -> str:
    """The number as its unit wants it: correlations, cosines and blocks as the sentences do.

    >>> in_unit(-0.314, "r"), in_unit(-0.314, "degrees"), in_unit(7.0, "blocks"), in_unit(None, "r")
    ('−.31', '−0.31', '7', '–')
    """
    if unit not in wording.OWN_DIGITS or number(value) == NOTHING:
        return number(value)
    return wording.in_unit(value, unit).replace("-", "−")


def with_width(estimate: float, low: float, high: float, unit: str) -> list[str]:
    """An estimate and its bounds, with more digits than usual where their width asks for them.

    >>> with_width(-242.5, -242.9, -242.1, "degrees")
    ['−242.5', '−242.9', '−242.1']
    """
    usual = [wording.in_unit(value, unit) for value in (estimate, low, high)]
    found = wording.with_width([estimate], low, high, unit)
    if found == usual:
        return [in_unit(value, unit) for value in (estimate, low, high)]
    return [text.replace("-", "−") for text in found]


def p_value(p: Any) -> str:
    """The p-value as the sentences of findings write it; never "p = 0".

    >>> p_value(0.0123), p_value(0.0), p_value(None)
    ('p = .012', 'p < .001', 'p not given')
    """
    return "p not given" if number(p) == NOTHING else wording.p_value(p)


def cells(values: Sequence[Any]) -> list[str]:
    """A table's column as text, all numbers of it with the same number of decimals."""
    finite = [abs(v) for v in values if isinstance(v, float) and math.isfinite(v) and v != 0]
    if not finite:
        return [_cell(value, None) for value in values]
    largest = max(finite)
    if largest >= 1e7 or largest < 1e-4:
        return [_cell(value, None) for value in values]
    return [_cell(value, min(6, max(0, 3 - math.floor(math.log10(largest))))) for value in values]


def _cell(value: Any, decimals: int | None) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and math.isfinite(value) and decimals is not None:
        return f"{value:.{decimals}f}".replace("-", "−")
    if isinstance(value, float):
        return number(value)
    if isinstance(value, int):
        return str(value).replace("-", "−")
    return str(value)
