"""How large a mean over many units is: with thousands of them size says more than p."""

from odograph.sentences.english import plural
from odograph.sentences.numbers import number

#: From so many units on nearly every difference has a small p: one of a size that is of interest
#: leads then, the smallest of which is so many standard deviations of the units.
MANY_UNITS, LEAST_OF_INTEREST = 2_000, 0.1


def is_of_interest(d_z: float | None, units: int) -> bool:
    """Whether a mean is as large as is of interest, or units so few that p says enough."""
    return units < MANY_UNITS or d_z is None or abs(d_z) >= LEAST_OF_INTEREST


def size_sentences(d_z: float | None, units: int, unit: str, *, found: bool) -> list[str]:
    """The size of a mean over many units beside their spread, as a sentence; none for few.

    found: whether a test over them finds it.
    """
    if d_z is None or units < MANY_UNITS:
        return []
    size = f"Its size is {number(abs(d_z))} standard deviations over {plural(unit)} (d_z)"
    if is_of_interest(d_z, units):
        return [f"{size}."]
    least = f"less than {LEAST_OF_INTEREST:g}, the smallest effect of interest"
    told = f": of so many {plural(unit)} a test finds that too" if found else ""
    return [f"{size}, {least}{told}."]
