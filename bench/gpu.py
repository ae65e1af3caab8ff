"""Overhead on a GPU, and tokens a second against what its matrix products allow.

The limit: the rate of one large matrix product of the same precision on the same card, over the
operations that a token needs in the trunk: two for each weight of the blocks' matrices, and four
times width and half the passage's length in each block for attention.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import torch

from bench import shapes
from bench.rounds import Scale, interleaved, over, say
from bench.rows import Row, row
from bench.ways import PATH, RUN, TRUNK, WAYS
from odograph.models.loading import Loaded, load

PASSAGES, TOKENS = 8, 1024
GOALS = {PATH: "at most 1.03", RUN: "at most 1.03"}


def rows(scale: Scale) -> Iterator[Row]:
    device = scale.device or ("cuda" if torch.cuda.is_available() else "")
    if not device:
        say("  no GPU at hand")
        nothing = float("nan")
        yield Row("gpu", "no GPU at hand", "overhead", nothing, "times", 0, nothing, nothing)
        return
    card = torch.cuda.get_device_name(device) if device.startswith("cuda") else device
    wait = waiting(device)
    rate = product_rate(device, wait, 256 if scale.quick else 8192)
    yield row(("gpu", card), "one large bfloat16 product", [r / 1e12 for r in rate], "TFLOP/s")
    for shape in (shapes.GPT2_XL, shapes.LLAMA_8B):
        say(f"  {shape}")
        with bfloat16_on(device):
            model = shapes.build(shape, quick=scale.quick)
        yield from of_model(load(model), (shape, card), median(rate), wait, scale)
        del model
        if device.startswith("cuda"):
            torch.cuda.empty_cache()


def of_model(
    loaded: Loaded,
    named: tuple[str, str],
    rate: float,
    wait: Callable[[], None],
    scale: Scale,
) -> Iterator[Row]:
    """`named` is the model's shape and the card."""
    size = (2, 32) if scale.quick else (PASSAGES, TOKENS)
    ids = torch.randint(loaded.vocabulary, size, device=loaded.device)
    where = ("gpu", f"{named[0]}, bfloat16, {ids.numel()} tokens, {named[1]}")
    ways = {name: WAYS[name](loaded, ids) for name in (TRUNK, PATH, RUN)}
    taken = interleaved(ways, scale.rounds(15), wait)
    yield row(where, TRUNK, [1000 * s for s in taken[TRUNK]], "ms")
    for name, goal in GOALS.items():
        yield row(where, name, over(taken[name], taken[TRUNK]), "times", goal)
    limit = rate / operations(loaded, size[1])
    speeds = [ids.numel() / seconds for seconds in taken[RUN]]
    yield row(where, "tokens a second, measured", speeds, "tokens/s")
    yield row(where, "tokens a second, of the limit", [100 * s / limit for s in speeds], "%")
    if loaded.device.startswith("cuda"):
        yield row(where, "waits for the GPU in a forward pass", [waits(loaded, ids)], "count")


def operations(loaded: Loaded, tokens: int) -> float:
    """Operations a token in the trunk, passages of so many tokens."""
    blocks = loaded.anatomy.blocks
    weights = sum(p.numel() for block in blocks for p in block.parameters() if p.ndim == 2)
    return 2.0 * weights + len(blocks) * 4.0 * loaded.anatomy.width * tokens / 2


def product_rate(device: str, wait: Callable[[], None], side: int) -> list[float]:
    """Operations a second of one product of square matrices, five times."""
    one, other = (torch.randn(side, side, device=device, dtype=torch.bfloat16) for _ in range(2))
    repeats = 10

    def run() -> None:
        for _ in range(repeats):
            torch.matmul(one, other)

    taken = interleaved({"product": run}, 5, wait)["product"]
    return [repeats * 2.0 * side**3 / seconds for seconds in taken]


def waits(loaded: Loaded, ids: torch.Tensor) -> float:
    """How often the host waits for the GPU in one measured forward pass, and what follows it."""
    way = WAYS[RUN](loaded, ids)
    way()
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            way()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    return float(sum("synchroniz" in str(each.message) for each in told))


@contextmanager
def bfloat16_on(device: str) -> Iterator[None]:
    """Weights are made where they are wanted, in bfloat16: 8 billion of float32 would not fit."""
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(device):
            yield
    finally:
        torch.set_default_dtype(torch.float32)


def waiting(device: str) -> Callable[[], None]:
    """Waits until the device has done all that it was given."""
    if device.startswith("cuda"):
        return lambda: torch.cuda.synchronize(device)
    return lambda: None
