"""Peak resident memory of a piece of work above that of the loaded model, in a process alone.

One process loads the model, on one thread, and forks a child for each measurement. The child runs
the work once in small, so that the library's own pages are there, sets the kernel's mark of the
peak back to what is resident (5 into /proc/self/clear_refs) and runs it; the peak is VmHWM less
what was resident. `SETTINGS` make the allocator give every larger tensor back to the system at
once, in all ways alike: otherwise peaks of one way differ by half between processes.

    python -m bench.peaks < JOBS.json
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from bench import shapes
from bench.ways import WAYS
from odograph.models.loading import Loaded, load
from odograph.observe.prediction import predict
from odograph.products import way_of

SETTINGS = {
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "65536",
    "MALLOC_ARENA_MAX": "1",
    "OMP_NUM_THREADS": "1",
}
ROOT = Path(__file__).parent.parent
PREDICTION = "prediction"


def peaks(
    shape: dict[str, Any], jobs: Sequence[tuple[str, int, int]], rounds: int, threads: int
) -> dict[tuple[str, int, int], list[float]]:
    """MB of each job (way, passages, tokens of each) in each round, jobs in turn.

    Args:
        shape: what `shapes.build` is called with.
        jobs: a way of `WAYS`, or `PREDICTION`, and the size of its batch.
        rounds: processes for each job.
        threads: threads of the work.

    Raises:
        RuntimeError: a measurement failed.
    """
    asked = {"shape": shape, "jobs": [*jobs] * rounds, "threads": threads}
    done = subprocess.run(
        [sys.executable, "-m", "bench.peaks"],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, **SETTINGS},
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {job: found[index :: len(jobs)] for index, job in enumerate(jobs)}


def median_ratio(values: Sequence[float], base: Sequence[float]) -> list[float]:
    """Each value over the median of `base`: processes are not paired as rounds are."""
    middle = statistics.median(base)
    return [value / middle for value in values]


def work(loaded: Loaded, way: str, size: tuple[int, int]) -> Callable[[], object]:
    """What is measured: all that the way holds while it runs counts."""
    if way == PREDICTION:
        rows = size[0] * size[1]

        def run() -> object:
            normed = torch.randn(rows, loaded.anatomy.width)
            with torch.inference_mode():
                return predict(loaded.anatomy, normed, torch.arange(rows) % loaded.vocabulary, True)

        return run
    ids = torch.randint(loaded.vocabulary, size)
    return lambda: WAYS[way](loaded, ids)()


def peak(loaded: Loaded, way: str, size: tuple[int, int]) -> float:
    """Peak resident memory above what was resident, in MB."""
    work(loaded, way, (2, 8))()
    run = work(loaded, way, size)
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    run()
    return resident("VmHWM") - before


def resident(field: str) -> float:
    """A field of the process's status in MB: VmRSS is now, VmHWM the peak (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def forked(measure: Callable[[], float]) -> float:
    """What `measure` gives in a child process.

    Raises:
        RuntimeError: the child ended without an answer.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            os.write(writing, json.dumps(measure()).encode())
            os._exit(0)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    if not answer:
        raise RuntimeError("a measurement of memory gave no answer")
    return float(json.loads(answer))


def main() -> None:
    asked = json.load(sys.stdin)
    torch.set_num_threads(1)  # a pool of threads would not live on in the children
    loaded = load(shapes.build(**asked["shape"]))
    way_of(loaded.device)  # compiled loops are loaded here, once for all children

    def measure(way: str, size: tuple[int, int]) -> float:
        torch.set_num_threads(asked["threads"])
        return peak(loaded, way, size)

    for way, *size in asked["jobs"]:
        print(forked(partial(measure, way, tuple(size))), flush=True)


if __name__ == "__main__":
    main()
