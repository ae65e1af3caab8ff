"""A headline with the interval of its estimate, for a reader who sees nothing else of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from odograph.sentences.numbers import in_unit, unit_ending, with_width
from odograph.sentences.verdicts import BEYOND, UNTRAINED
from odograph.sentences.wording import Written, says, written_numbers


def headline_of(finding: Mapping[str, Any]) -> str:
    """The headline with its interval: "It turns 5.79 degrees more (95 % 3.98 to 7.59)" and a stop.

    The interval stands at the end, or behind its own number where another one follows; where the
    headline has no such number, the estimate is told with it, and what it is. An estimate that is
    written without its minus, "2.64 degrees less", has an interval turned alike: 1.65 to 3.63.
    What is not beyond the untrained twins has their range beside it, where nothing says what they
    give: "(95 % 3.98 to 7.59; untrained twins -2.55 to 7.78)".
    """
    said = str(finding.get("headline") or finding["statement"]).rstrip(".")
    interval, estimate = finding.get("interval"), finding.get("estimate")
    if interval is None or estimate is None:
        return f"{said}."
    unit = str(finding["unit"])
    ranges, numbers = [tuple(interval), *_range_of_twins(finding, said)], written_numbers(said)
    own = [one for one in numbers if says(one, estimate)]
    if not own:
        shown, told = _as_told(estimate, ranges, unit)
        what = f"{named}: " if (named := str(finding.get("estimate_of") or "")) else ""
        return f"{said} ({what}{shown}{unit_ending(unit)}, {told})."
    chosen = own[-1] if own[-1] == numbers[-1] else own[0]
    return f"{_with_interval(said, chosen, estimate, ranges, unit, chosen == numbers[-1])}."


def _range_of_twins(finding: Mapping[str, Any], said: str) -> list[tuple[float, float]]:
    """What untrained twins give of a finding that is not beyond them; none where that is said."""
    if finding.get("verdict") == BEYOND or "untrained" in said:
        return []
    return [
        (null["low"], null["high"])
        for null in finding.get("null_values") or ()
        if null["name"] == UNTRAINED and null["low"] is not None and null["high"] is not None
    ]


def _as_told(estimate: float, ranges: Sequence[tuple[float, float]], unit: str) -> tuple[str, str]:
    """An estimate, and its interval with the range of the twins where there is one."""
    (low, high), *twins = ranges
    shown, low_text, high_text = _as_wide(estimate, low, high, unit)
    beside = [f"; untrained twins {in_unit(a, unit)} to {in_unit(b, unit)}" for a, b in twins]
    return shown, f"95 % {low_text} to {high_text}{''.join(beside)}"


def _with_interval(
    said: str,
    chosen: Written,
    estimate: float,
    ranges: Sequence[tuple[float, float]],
    unit: str,
    at_the_end: bool,
) -> str:
    """The headline with that number in as many digits as its interval needs, and the interval."""
    if estimate < 0 and not chosen.text.startswith("-"):
        estimate, ranges = -estimate, [(-high, -low) for low, high in ranges]
    shown, told = _as_told(estimate, ranges, unit)
    if _decimals(shown) <= _decimals(chosen.text):
        shown = chosen.text
    rest = said[chosen.end :]
    behind = unit_ending(unit) if rest.startswith(unit_ending(unit)) else ""
    span = f" ({told})"
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
