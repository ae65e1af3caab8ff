"""A headline with the interval of its estimate, for a reader who sees nothing else of it."""

from collections.abc import Mapping
from typing import Any

from odograph.sentences.numbers import in_unit, unit_ending, with_width
from odograph.sentences.wording import Written, says, written_numbers


def headline_of(finding: Mapping[str, Any]) -> str:
    """The headline with its interval: "It turns 5.79 degrees more (95 % 3.98 to 7.59)" and a stop.

    The interval stands at the end, or behind its own number where another one follows; where the
    headline has no such number, the estimate is told with it, and what it is. An estimate that is
    written without its minus, "2.64 degrees less", has an interval turned alike: 1.65 to 3.63.
    """
    said = str(finding.get("headline") or finding["statement"]).rstrip(".")
    interval, estimate = finding.get("interval"), finding.get("estimate")
    if interval is None or estimate is None:
        return f"{said}."
    unit = str(finding["unit"])
    numbers = written_numbers(said)
    own = [one for one in numbers if says(one, estimate)]
    if not own:
        shown, low, high = _as_wide(estimate, interval[0], interval[1], unit)
        what = f"{named}: " if (named := str(finding.get("estimate_of") or "")) else ""
        return f"{said} ({what}{shown}{unit_ending(unit)}, 95 % {low} to {high})."
    chosen = own[-1] if own[-1] == numbers[-1] else own[0]
    return f"{_with_interval(said, chosen, estimate, interval, unit, chosen == numbers[-1])}."


def _with_interval(
    said: str,
    chosen: Written,
    estimate: float,
    interval: tuple[float, float],
    unit: str,
    at_the_end: bool,
) -> str:
    """The headline with that number in as many digits as its interval needs, and the interval."""
    low, high = interval
    if estimate < 0 and not chosen.text.startswith("-"):
        estimate, low, high = -estimate, -high, -low
    shown, *bounds = _as_wide(estimate, low, high, unit)
    if _decimals(shown) <= _decimals(chosen.text):
        shown = chosen.text
    rest = said[chosen.end :]
    behind = unit_ending(unit) if rest.startswith(unit_ending(unit)) else ""
    span = f" (95 % {bounds[0]} to {bounds[1]})"
    before = f"{said[: chosen.start]}{shown}{behind}"
    rest = rest.removeprefix(behind)
    return f"{before}{rest}{span}" if at_the_end else f"{before}{span}{rest}"


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _as_wide(estimate: float, low: float, high: float, unit: str) -> list[str]:
    """An estimate and its bounds; whole numbers as such where that shows how wide the interval is.

    Where it takes more digits than usual, the estimate has them too.
    """
    usual = [in_unit(value, unit) for value in (estimate, low, high)]
    found = with_width([estimate], low, high, unit)
    return [_in_unit(v, unit) for v in (estimate, low, high)] if found == usual else found


def _in_unit(value: float, unit: str) -> str:
    """Whole numbers are told as such: "7 blocks", not "7.00"."""
    return f"{value:.0f}" if float(value).is_integer() else in_unit(value, unit)
