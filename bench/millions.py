"""Time and memory of studies on millions of tokens of the bundled model, each in a process alone.

    python -m bench.millions FOLDER [STUDY...] [--tokens 5000000] [--threads 2]

Into FOLDER come the texts and the runs, and one JSON line for each study is printed. A run that is
there is not made again, so that an interrupted trial goes on. All studies take about 2 hours on two
cores, and 3 GB on disk.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.analysing import alone, measured, passages, runs
from odograph.folder.manifest import found_manifest, read_manifest
from odograph.studies.registry import BUILT_IN


def lines(
    folder: Path, studies: Sequence[str], tokens: int, threads: int
) -> Iterator[dict[str, Any]]:
    """What each study took, on runs of about so many tokens with one twin."""
    texts = passages(tokens)
    for demo, names in runs():
        asked = [name for name in names if name in studies]
        if not asked:
            continue
        run = folder / "-".join(names)
        found = found_manifest(run)
        if found is None or not found["complete"]:
            measured(demo, names, texts, tokens, run, resume=True)
        corpus = read_manifest(run)["corpus"]
        for name in asked:
            seconds, megabytes = alone(run, name, threads)
            about = {"study": name, "tokens": corpus["tokens"], "passages": corpus["passages"]}
            yield about | {"seconds": round(seconds, 1), "MB": round(megabytes)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("studies", nargs="*", metavar="STUDY", help=", ".join(BUILT_IN))
    parser.add_argument("--tokens", type=int, default=5_000_000)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    if unknown := set(given.studies) - set(BUILT_IN):
        parser.error(f"no study: {', '.join(sorted(unknown))}")
    given.folder.mkdir(parents=True, exist_ok=True)
    for line in lines(
        given.folder.resolve(), given.studies or BUILT_IN, given.tokens, given.threads
    ):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
