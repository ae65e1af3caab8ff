"""Time and memory of measuring, as ratios to the bare trunk in one interleaved run.

    python bench/overhead.py [--rounds 15] [--repeats 3] [--threads 2]

Model: GPT-2 small's shape with random weights. Time: batches of 512 tokens, every way timed in
turn in each round, medians. Memory: 4 x 1024 tokens, each way in processes of its own, median
of the peak resident memory above that of the loaded model. Prints a Markdown table.
"""

import argparse
import multiprocessing
import platform
import statistics
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path as ProcessFile
from time import perf_counter

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from odograph.models.hooks import watching
from odograph.models.loading import Loaded, load
from odograph.observe.draws import DirectionSum, DrawnStates
from odograph.observe.neighbours import Neighbours
from odograph.observe.parts import Parts
from odograph.observe.path import Path, PathPlan

TRUNK, PATH, RUN, NOTEBOOK = (
    "trunk, nothing measured",
    "norm, rotation, step",
    "as `odograph measure` does (with straightness, drawn pairs, mean cosine)",
    "the usual notebook: all hidden states, cosine, arccos, logits",
)
PARTS, NEIGHBOURS = (
    "norm, rotation, step, and the five measures of attention and MLP",
    "norm, rotation, step, and the five measures of neighbours",
)
WAYS = (TRUNK, PATH, RUN, PARTS, NEIGHBOURS, NOTEBOOK)


def build() -> Loaded:
    torch.manual_seed(0)
    return load(GPT2LMHeadModel(GPT2Config()))


def ways(loaded: Loaded, ids: torch.Tensor) -> dict[str, Callable[[], object]]:
    return {
        TRUNK: lambda: loaded.anatomy.trunk(ids, use_cache=False),
        PATH: lambda: measured(loaded, ids, PathPlan("stream"), watched=False),
        RUN: lambda: measured(loaded, ids, PathPlan("stream", displacement=True), watched=True),
        PARTS: lambda: with_parts(loaded, ids),
        NEIGHBOURS: lambda: with_neighbours(loaded, ids),
        NOTEBOOK: lambda: notebook(loaded, ids),
    }


def measured(loaded: Loaded, ids: torch.Tensor, plan: PathPlan, *, watched: bool) -> object:
    layers, width = len(loaded.anatomy.blocks) + 1, loaded.anatomy.width
    watchers = ()
    if watched:
        kept, sums = DrawnStates(layers, 64, width), DirectionSum(layers, width)
        kept.expect(torch.arange(64) * (ids.numel() // 64), torch.arange(64))
        sums.expect(torch.ones(ids.numel(), dtype=torch.bool))
        watchers = (kept, sums)
    path = Path(loaded.anatomy, plan, watchers)
    with watching(loaded.anatomy, path.state):
        normed = loaded.anatomy.trunk(ids, use_cache=False)[0].flatten(0, 1)
    return path.finish(normed)


def with_parts(loaded: Loaded, ids: torch.Tensor) -> object:
    anatomy, none = loaded.anatomy, torch.empty(0, dtype=torch.long)
    path = Path(anatomy, PathPlan("stream"))
    parts = Parts(
        len(anatomy.blocks), anatomy.width, anatomy.layout, slots=0, device="cpu", copies=False
    )
    parts.expect(torch.ones(ids.numel()), none, none)

    def on_state(layer: int, state: torch.Tensor) -> None:
        path.state(layer, state)
        if layer < len(anatomy.blocks):
            parts.enter(state)

    with watching(anatomy, on_state, parts.add):
        normed = anatomy.trunk(ids, use_cache=False)[0].flatten(0, 1)
    return path.finish(normed), parts.finish()


def with_neighbours(loaded: Loaded, ids: torch.Tensor) -> object:
    neighbours = Neighbours((1, 2, 4, 8), bend=True)
    path = Path(loaded.anatomy, PathPlan("stream"), (neighbours,))
    with watching(loaded.anatomy, path.state):
        normed = loaded.anatomy.trunk(ids, use_cache=False)[0].flatten(0, 1)
    return path.finish(normed), neighbours.finish()


def notebook(loaded: Loaded, ids: torch.Tensor) -> object:
    states = loaded.model(ids, output_hidden_states=True).hidden_states
    return [
        torch.rad2deg(torch.arccos(torch.cosine_similarity(a, b, dim=-1)))
        for a, b in pairwise(states)
    ]


def times(loaded: Loaded, rounds: int) -> dict[str, float]:
    """Median seconds of each way, taken in turn."""
    ids = torch.randint(50257, (8, 64))
    run = ways(loaded, ids)
    taken: dict[str, list[float]] = {name: [] for name in run}
    with torch.inference_mode():
        for name in run:
            run[name]()
        for _ in range(rounds):
            for name, way in run.items():
                started = perf_counter()
                way()
                taken[name].append(perf_counter() - started)
    return {name: statistics.median(values) for name, values in taken.items()}


def peak(name: str, threads: int, answer: "multiprocessing.Queue[float]") -> None:
    """Peak resident memory of one way above the loaded model, in MB."""
    torch.set_num_threads(threads)
    loaded = build()
    ids = torch.randint(50257, (4, 1024))
    # Loading has its own peak: the kernel's mark is set back to what is resident now.
    ProcessFile("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    with torch.inference_mode():
        ways(loaded, ids)[name]()
    answer.put(resident("VmHWM") - before)


def resident(field: str) -> float:
    """A field of the process's status in MB: VmRSS is now, VmHWM the peak (Linux)."""
    lines = ProcessFile("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def memory(threads: int, repeats: int) -> dict[str, float]:
    """Median peak of each way; the allocator makes single ones jump."""
    context = multiprocessing.get_context("spawn")
    found = {}
    for name in WAYS:
        peaks = []
        for _ in range(repeats):
            answer = context.Queue()
            process = context.Process(target=peak, args=(name, threads, answer))
            process.start()
            peaks.append(answer.get())
            process.join()
        found[name] = statistics.median(peaks)
    return found


def share_in_hooks(loaded: Loaded, rounds: int) -> float:
    """Median of the time spent in hooks over the rest of the forward pass."""
    ids, shares = torch.randint(50257, (8, 64)), []
    for _ in range(rounds):
        path, spent = Path(loaded.anatomy, PathPlan("stream")), []

        def timed(layer: int, state: torch.Tensor, path=path, spent=spent) -> None:
            started = perf_counter()
            path.state(layer, state)
            spent.append(perf_counter() - started)

        started = perf_counter()
        with torch.inference_mode(), watching(loaded.anatomy, timed):
            loaded.anatomy.trunk(ids, use_cache=False)
        whole = perf_counter() - started
        shares.append(sum(spent) / (whole - sum(spent)))
    return statistics.median(shares)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--repeats", type=int, default=3, help="processes for each memory peak")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    loaded = build()
    seconds, share = times(loaded, options.rounds), share_in_hooks(loaded, options.rounds)
    megabytes = memory(options.threads, options.repeats)
    print(f"torch {torch.__version__}, {options.threads} threads, {platform.machine()}")
    print(f"time in hooks over the rest of the forward pass: {100 * share:.1f} %")
    print("\n| way | ms | time | MB | memory |\n|---|---|---|---|---|")
    for name in seconds:
        time_ratio = seconds[name] / seconds[TRUNK]
        memory_ratio = megabytes[name] / megabytes[TRUNK]
        print(
            f"| {name} | {1000 * seconds[name]:.1f} | {time_ratio:.3f} | {megabytes[name]:.0f} | "
            f"{memory_ratio:.2f} |"
        )


if __name__ == "__main__":
    main()
