"""One row a measured number: where, of what, the number, how much it spread, and the goal."""

import csv
import operator
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path

import numpy as np

AT_MOST, AT_LEAST, UNDER = "at most", "at least", "under"


@dataclass(frozen=True)
class Row:
    """A number with its quartiles over rounds.

    Attributes:
        part: what of `python -m bench PART` made it.
        setting: model, size and threads it holds for.
        what: what was measured.
        value: median over the rounds; NaN where nothing could be measured.
        unit: of value, low and high.
        rounds: how often it was measured.
        low, high: quartiles over the rounds.
        goal: "", or "at most", "at least" or "under" and a number.
        threads: threads of the model.
        date, machine: when, and on what in general words.
        torch: its version, and what takes the dot products on a CPU.
    """

    part: str
    setting: str
    what: str
    value: float
    unit: str
    rounds: int
    low: float
    high: float
    goal: str = ""
    threads: int = 0
    date: str = ""
    machine: str = ""
    torch: str = ""


def row(
    where: tuple[str, str], what: str, values: Sequence[float], unit: str, goal: str = ""
) -> Row:
    """The median of `values`, one a round, with quartiles; `where` is part and setting."""
    low, value, high = (float(v) for v in np.quantile(np.asarray(values, float), (0.25, 0.5, 0.75)))
    part, setting = where
    return Row(
        part, setting, what, _short(value), unit, len(values), _short(low), _short(high), goal
    )


def _short(value: float) -> float:
    """Four digits: more are not known."""
    return float(f"{value:.4g}")


def reached(found: Row) -> bool | None:
    """Whether the goal is reached; None where there is none, or nothing was measured."""
    if not found.goal or np.isnan(found.value):
        return None
    words, _, bound = found.goal.rpartition(" ")
    holds = {AT_MOST: operator.le, AT_LEAST: operator.ge, UNDER: operator.lt}
    if words not in holds:
        raise ValueError(f"no goal: {found.goal!r}; write {', '.join(holds)} and a number")
    return bool(holds[words](found.value, float(bound)))


def today() -> str:
    return date.today().isoformat()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> str:
    """The machine in general words, such as "2 cores of a server processor (AVX-512)"."""
    about = Path("/proc/cpuinfo")
    text = about.read_text(encoding="utf-8") if about.is_file() else ""
    kind = (
        "server processor" if any(n in text for n in ("Xeon", "EPYC", "Neoverse")) else "processor"
    )
    wide = "AVX-512" if "avx512f" in text else "AVX2" if "avx2" in text else platform.machine()
    count = cores()
    return f"{count} core{'s' if count > 1 else ''} of a {kind} ({wide})"


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Writes the rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields(Row)])
        writer.writerows(astuple(found) for found in rows)


def read_rows(path: Path) -> list[Row]:
    """The rows of such a file; none where there is no file."""
    if not path.is_file():
        return []
    kinds = {field.name: field.type for field in fields(Row)}
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Row(**{name: kinds[name](text) for name, text in record.items()})
            for record in csv.DictReader(file)
        ]


def replaced(old: Sequence[Row], new: Sequence[Row], order: Sequence[str]) -> list[Row]:
    """The old rows with those of the parts in `new` made anew, parts in the order given."""
    made = {found.part for found in new}
    kept = [found for found in old if found.part not in made]
    return sorted([*kept, *new], key=lambda found: order.index(found.part))
