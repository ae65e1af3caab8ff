"""Runs every simulation, prints one table, and writes results.csv and what follows from it.

    python -m calibration [--runs 1000] [--only NAME...] [--pages]

Written are results.csv, and from it figure, pages and what the package says of its intervals
(odograph.statistics.simulated_coverage). With --only the rows of these parts alone are made anew,
with --pages nothing is simulated.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from time import perf_counter

from calibration import (
    analyses,
    covering,
    curves,
    distances,
    drift,
    effects,
    family_wise,
    hard_data,
    orders,
    random_networks,
    said,
    series,
)
from calibration.figure import write_figure
from calibration.hard_figure import write_hard_figure
from calibration.pages import FIGURE, HARD_FIGURE, PAGES, RESULTS, filled, printed
from calibration.rows import Row, read_rows, write_rows

#: What is simulated, and how many times as often as --runs says.
PARTS = (
    (family_wise.rows, 2.0),
    (hard_data.rows, 1.0),
    (analyses.rows, 0.4),
    (drift.rows, 1.0),
    (covering.rows, 4.0),
    (effects.rows, 2.0),
    (distances.rows, 0.5),
    (orders.rows, 0.2),
    (curves.rows, 0.5),
    (random_networks.rows, 0.02),
    (series.rows, 0.5),
)


def simulated(runs: int, only: Sequence[str] = ()) -> Iterator[Row]:
    for part, share in PARTS:
        name, started = part.__module__.removeprefix("calibration."), perf_counter()
        if only and name not in only:
            continue
        yield from part(int(share * runs))
        print(f"{name}: {perf_counter() - started:.0f} s", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--pages", action="store_true")
    options = parser.parse_args()
    if not options.pages:
        made = list(simulated(options.runs, options.only))
        again = {(row.what, row.method) for row in made}
        kept = read_rows(RESULTS) if options.only else []
        write_rows(RESULTS, [r for r in kept if (r.what, r.method) not in again] + made)
    rows = read_rows(RESULTS)
    print(printed(rows))
    write_figure(rows, FIGURE)
    write_hard_figure(rows, HARD_FIGURE)
    said.MODULE.write_text(said.module(rows), encoding="utf-8")
    for page in PAGES:
        page.write_text(filled(page.read_text(encoding="utf-8"), rows), encoding="utf-8")


if __name__ == "__main__":
    main()
