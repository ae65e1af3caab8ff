"""Peak memory of a whole run, with the memory that a block frees kept and given back.

`python -m bench.freed kept|given THREADS [--quick]` prints the MB of one, in a process alone.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch

import odograph
from bench import shapes
from bench.peaks import ROOT, resident
from bench.rounds import Scale
from bench.rows import Row, row
from odograph.run.allocator import keep_freed_memory

PASSAGES, SENTENCES = 8, 50
HOW = {
    "kept": "freed memory kept, as the command does",
    "given": "given back as glibc does",
}


def rows(scale: Scale) -> Iterator[Row]:
    where = ("memory", f"a whole run, {PASSAGES} passages of about 1000 tokens")
    for way, name in HOW.items():
        found = [alone(way, scale) for _ in range(scale.rounds(5))]
        yield row(where, f"peak above the model, {name}", found, "MB")


def alone(way: str, scale: Scale) -> float:
    """The MB of one run, in a process of its own."""
    quick = ["--quick"] if scale.quick else []
    done = subprocess.run(
        [sys.executable, "-m", "bench.freed", way, str(scale.threads), *quick],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return float(done.stdout.splitlines()[-1])


def main() -> None:
    way, threads, *quick = sys.argv[1:]
    if way == "kept":
        keep_freed_memory()
    torch.set_num_threads(int(threads))
    model, tokenizer = shapes.build(shapes.GPT2, quick=bool(quick)), shapes.tokenizer()
    texts = shapes.sentences(PASSAGES * SENTENCES)
    passages = [" ".join(texts[k::PASSAGES]) for k in range(PASSAGES)]
    with tempfile.TemporaryDirectory() as folder:
        odograph.measure(model, texts[:20], out=Path(folder) / "first", tokenizer=tokenizer)
        Path("/proc/self/clear_refs").write_text("5")
        before = resident("VmRSS")
        odograph.measure(model, passages, out=Path(folder) / "run", tokenizer=tokenizer)
        print(resident("VmHWM") - before)


if __name__ == "__main__":
    main()
