"""Runs the benchmarks, prints one table, and writes results.csv and the tables of README.md.

    python -m bench [PART...] [--quick] [--rounds N] [--threads N] [--device D]
                    [--results FILE] [--pages]

A part replaces its own rows only, as soon as it has ended. Numbers of --quick, which runs tiny
models to see that everything works, are printed and not kept. --pages only makes the tables anew.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import torch

from bench import (
    analysing,
    batching,
    beside,
    encoding,
    gpu,
    growth,
    job,
    memory,
    overhead,
    prediction,
    selection,
)
from bench.pages import PAGE, RESULTS, filled, printed
from bench.rounds import Scale, say
from bench.rows import Row, cores, machine, read_rows, replaced, today, write_rows
from odograph.products import way_of
from odograph.run.allocator import keep_freed_memory

#: Each part, and about how many seconds it takes on two cores.
PARTS: dict[str, tuple[Callable[[Scale], Iterator[Row]], int]] = {
    "overhead": (overhead.rows, 210),
    "memory": (memory.rows, 300),
    "job": (job.rows, 230),
    "prediction": (prediction.rows, 80),
    "selection": (selection.rows, 130),
    "growth": (growth.rows, 210),
    "analysing": (analysing.rows, 1500),
    "encoding": (encoding.rows, 120),
    "batching": (batching.rows, 165),
    "start": (beside.start, 85),
    "writing": (beside.writing, 45),
    "gpu": (gpu.rows, 0),
}


def measured(names: list[str], scale: Scale) -> Iterator[list[Row]]:
    """The rows of each part, as soon as it has ended."""
    whole = sum(PARTS[name][1] for name in names)
    if not scale.quick:
        say(f"about {whole / 60:.0f} minutes on two quiet cores")
    versions = f"{torch.__version__}, products by {way_of('cpu')}"
    about = {"date": today(), "machine": machine(), "torch": versions}
    for name in names:
        part, expected = PARTS[name]
        say(f"{name}: about {expected} s" if not scale.quick else name)
        started = perf_counter()
        torch.manual_seed(0)
        yield [
            replace(found, **about, threads=found.threads or scale.threads) for found in part(scale)
        ]
        say(f"{name}: {perf_counter() - started:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="tiny models, few rounds, not kept")
    parser.add_argument("--rounds", type=int, default=1000, help="no more than these")
    parser.add_argument("--threads", type=int, default=cores())
    parser.add_argument("--device", default="", help="where the part gpu runs")
    parser.add_argument("--results", type=Path, help="another file than bench/results.csv")
    parser.add_argument("--pages", action="store_true", help="only make the tables anew")
    options = parser.parse_args()
    if unknown := [name for name in options.parts if name not in PARTS]:
        parser.error(f"no part {unknown[0]!r}; there are: {', '.join(PARTS)}")
    names = [name for name in PARTS if name in options.parts or not options.parts]
    scale = Scale(options.quick, options.threads, options.device, options.rounds)
    kept = options.results or (None if options.quick else RESULTS)
    torch.set_num_threads(options.threads)
    keep_freed_memory()  # as the command does
    for found in () if options.pages else measured(names, scale):
        print(printed(found), flush=True)
        if kept is not None:
            write_rows(kept, replaced(read_rows(kept), found, list(PARTS)))
            write_page()
    if options.pages:
        write_page()


def write_page() -> None:
    """The tables of README.md, from what results.csv holds now."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(filled(page, read_rows(RESULTS)), encoding="utf-8")


if __name__ == "__main__":
    main()
