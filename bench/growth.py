"""Time and memory of measuring ever more tokens with the bundled model, each in a process alone.

`python -m bench.growth TOKENS THREADS` prints one of them.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import numpy as np
import torch

import odograph
from bench import shapes
from bench.peaks import ROOT, resident
from bench.rounds import Scale, say
from bench.rows import Row, row

SIZES = (1_000, 10_000, 100_000, 1_000_000)
#: How often each size is measured: the largest once.
ROUNDS = (3, 3, 2, 1)
MEMORY = "peak memory above that before, libraries loaded"


def rows(scale: Scale) -> Iterator[Row]:
    sizes = [size // 10 for size in SIZES[:-1]] if scale.quick else list(SIZES)
    found = []
    for size, rounds in zip(sizes, ROUNDS, strict=False):
        say(f"  {size} tokens")
        repeats = 1 if scale.quick else scale.rounds(rounds)
        runs = [alone(size, scale.threads) for _ in range(repeats)]
        where = ("growth", f"{runs[0]['tokens']:.0f} tokens")
        yield row(where, "time after start-up", [run["seconds"] for run in runs], "s")
        yield row(where, "speed", [run["tokens"] / run["seconds"] for run in runs], "tokens/s")
        yield row(where, MEMORY, [run["MB"] for run in runs], "MB")
        found.append({name: median(run[name] for run in runs) for name in runs[0]})
    where = ("growth", f"{sizes[0]} to {sizes[-1]} tokens")
    logs = {name: np.log([run[name] for run in found]) for name in ("tokens", "seconds")}
    slope = float(np.polyfit(logs["tokens"], logs["seconds"], 1)[0])
    yield row(where, "slope of log time over log tokens", [slope], "", "at most 1.05")
    more = found[-1]["MB"] / found[-2]["MB"]
    yield row(where, "peak memory at the most tokens over that at a tenth", [more], "times",
              "at most 1.25")  # fmt: skip


def alone(tokens: int, threads: int) -> dict[str, float]:
    """Tokens, seconds and MB of one run, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.growth", str(tokens), str(threads)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def one(tokens: int, folder: Path) -> dict[str, float]:
    """Measures about that many tokens of sentences of mixed length."""
    texts = shapes.sentences(200)
    mean = sum(len(ids) for ids in shapes.tokenizer()(texts).input_ids) / len(texts)
    file = folder / "texts.txt"
    file.write_text("\n".join(shapes.sentences(max(2, round(tokens / mean)))), encoding="utf-8")
    odograph.measure("bundled", texts[:40], out=folder / "first")
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    run = odograph.measure("bundled", [file], out=folder / "run")
    megabytes = resident("VmHWM") - before
    read = run.sql("select count(*) from tokens").fetchall()[0][0]
    return {"tokens": read, "seconds": run.manifest["time"]["wall_s"], "MB": megabytes}


def main() -> None:
    tokens, threads = (int(given) for given in sys.argv[1:])
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(one(tokens, Path(folder))))


if __name__ == "__main__":
    main()
