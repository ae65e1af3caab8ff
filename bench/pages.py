"""The tables of README.md, made from results.csv."""

import math
from pathlib import Path

from bench.rows import Row, reached

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.csv"
PAGE = FOLDER / "README.md"


def filled(page: str, rows: list[Row]) -> str:
    """The page with the table after each `<!-- part -->` made anew; parts without rows say so."""
    pieces = page.split("<!-- ")
    made = [pieces[0]]
    for piece in pieces[1:]:
        name = piece.partition(" -->\n")[0]
        if name.startswith("end"):
            made.append(f"<!-- {piece}")
            continue
        own = [found for found in rows if found.part == name]
        made.append(f"<!-- {name} -->\n{table(own)}\n")
    return "".join(made)


def table(rows: list[Row]) -> str:
    """Rows of one part: what was measured, median, quartiles, goal and whether it is reached."""
    if not rows:
        return "Not measured yet."
    when = dict.fromkeys(
        f"{found.date}, {found.machine}, torch {found.torch}, {_threads(found.threads)}"
        for found in rows
    )
    lines = [
        f"{'; '.join(when)}.",
        "",
        "| setting | what | median | quartiles | rounds | goal | reached |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    setting = ""
    for found in rows:
        shown = "" if found.setting == setting else found.setting
        setting = found.setting
        lines.append(f"| {' | '.join((shown, *cells(found)))} |")
    return "\n".join(lines)


def cells(found: Row) -> tuple[str, ...]:
    verdict = {True: "yes", False: "no", None: ""}[reached(found)]
    if math.isnan(found.value):
        return (found.what, "not measured", "", "", found.goal, verdict)
    spread = f"{number(found.low)} to {number(found.high)}" if found.rounds > 1 else ""
    value = f"{number(found.value)} {found.unit}".strip()
    return (found.what, value, spread, str(found.rounds), found.goal, verdict)


def number(value: float) -> str:
    """As many digits as are known, without an exponent where it can be helped."""
    if value and abs(value) < 1e-3:
        return f"{value:.1e}"
    if abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.4g}"


def _threads(count: int) -> str:
    return f"{count} thread{'' if count == 1 else 's'}"


def printed(rows: list[Row]) -> str:
    """The rows as plain lines."""
    lines = [
        f"{found.part:<10} {found.setting:<55} {found.what:<60} {number(found.value):>10} "
        f"{found.unit:<10} {number(found.low)} to {number(found.high)} "
        f"({found.rounds}) {found.goal}"
        for found in rows
    ]
    return "\n".join(lines)
