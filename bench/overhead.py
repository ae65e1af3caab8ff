"""Time of measuring over that of the bare trunk on the same batch, and the time inside hooks."""

from collections.abc import Iterator
from time import perf_counter

import torch

from bench import shapes
from bench.rounds import Scale, interleaved, over, say
from bench.rows import Row, row
from bench.ways import PATH, PATH_AND_PARTS, RUN, TRUNK, WAYS, WITH_PARTS, WITH_READINGS
from odograph.models.hooks import watching
from odograph.models.loading import Loaded, load
from odograph.observe.path import Path, PathPlan

#: Batches of these shapes: passages, tokens of each.
SIZES = ((8, 64), (8, 40))
GOALS = {
    PATH: "at most 1.02",
    RUN: "at most 1.02",
    WITH_READINGS: "at most 1.03",
    PATH_AND_PARTS: "at most 1.03",
    WITH_PARTS: "at most 1.03",
}


def rows(scale: Scale) -> Iterator[Row]:
    loaded = load(shapes.build(shapes.GPT2, quick=scale.quick))
    for threads in sorted({1, scale.threads}, reverse=True):
        torch.set_num_threads(threads)
        for passages, tokens in SIZES:
            setting = f"{passages * tokens} tokens, {threads} thread{'s' if threads > 1 else ''}"
            say(f"  {setting}")
            yield from at_size(loaded, (passages, tokens), ("overhead", setting), scale.rounds(15))
    torch.set_num_threads(scale.threads)


def at_size(
    loaded: Loaded, size: tuple[int, int], where: tuple[str, str], rounds: int
) -> Iterator[Row]:
    ids = torch.randint(loaded.vocabulary, size)
    # What costs more is told at the larger size.
    names = WAYS if size == SIZES[0] else (TRUNK, PATH, PATH_AND_PARTS, RUN)
    ways = {name: WAYS[name](loaded, ids) for name in names}
    taken = interleaved(ways, rounds)
    yield row(where, TRUNK, [1000 * s for s in taken[TRUNK]], "ms")
    for name, seconds in taken.items():
        if name != TRUNK:
            yield row(where, name, over(seconds, taken[TRUNK]), "times", GOALS.get(name, ""))
    shares = [100 * share_in_hooks(loaded, ids) for _ in range(rounds)]
    yield row(where, "inside hooks, over the rest of the forward pass", shares, "%", "at most 2")


def share_in_hooks(loaded: Loaded, ids: torch.Tensor) -> float:
    """Time spent in the hooks of norm, rotation and step over the rest of one forward pass."""
    path, spent = Path(loaded.anatomy, PathPlan("stream")), 0.0

    def timed(layer: int, state: torch.Tensor) -> None:
        nonlocal spent
        started = perf_counter()
        path.state(layer, state)
        spent += perf_counter() - started

    started = perf_counter()
    with torch.inference_mode(), watching(loaded.anatomy, timed):
        loaded.anatomy.trunk(ids, use_cache=False)
    return spent / (perf_counter() - started - spent)
