"""How many tokens run at once: enough for the device, what fits, less if memory runs out."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from math import ceil
from typing import TypeVar

import torch

from odograph.errors import RunError, is_out_of_memory
from odograph.models.anatomy import Anatomy
from odograph.models.free_memory import free_bytes
from odograph.models.loading import Loaded
from odograph.observe.spans import spans_budget
from odograph.run.batches import MOST_PADDING, Batch
from odograph.run.config import RunConfig

Found = TypeVar("Found")

#: On a CPU with more tokens than that, what a block passes on leaves the cache: a tenth slower
#: (bench/README.md).
_ENOUGH = {"cpu": 512}
_ENOUGH_ON_A_GPU = 8192
_MOST_PADDING_ON_A_GPU = 512
# The rest is for what else runs there, and for what the formula below does not know.
_SHARE = 0.5


class Budget:
    """Tokens a batch; it shrinks when memory runs out, and stays small for all batches to come.

    Attributes:
        tokens: the most that run at once, padding included.
        padding: the most padding in a batch.
    """

    def __init__(self, tokens: int, padding: int = MOST_PADDING) -> None:
        self.tokens, self.padding = tokens, padding

    def run(
        self, batches: Sequence[Batch], measure: Callable[[Batch], Found]
    ) -> Iterator[tuple[Batch, Found]]:
        """Every batch with what `measure` gives for it; one that does not fit runs in halves.

        `measure` must leave nothing behind when it fails. What was measured before is not lost.

        Raises:
            RunError: one passage alone does not fit.
        """
        waiting = deque(batches)
        while waiting:
            batch = waiting.popleft()
            if batch.rows > self.tokens and len(batch.numbers) > 1:
                waiting.extendleft(reversed(batch.halves()))
                continue
            found = self._tried(batch, measure)
            if found is None:
                waiting.appendleft(batch)
            else:
                yield batch, found[0]

    def _tried(self, batch: Batch, measure: Callable[[Batch], Found]) -> tuple[Found] | None:
        """What `measure` gives; None where memory ran out, and the budget is half of the batch."""
        try:
            return (measure(batch),)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if len(batch.numbers) == 1:
                raise _too_long(batch) from error
        # Here, where the error no longer holds the tensors of the pass that failed.
        self.tokens = max(1, batch.rows // 2)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return None


def _too_long(batch: Batch) -> RunError:
    return RunError(
        f"out of memory on one passage of {batch.longest:,} tokens",
        remedy="Give shorter passages, or try --dtype bfloat16 or another --device. What was "
        "finished before is whole; continue with --resume.",
    )


def budget_of(config: RunConfig, loaded: Loaded) -> Budget:
    """The usual budget, or a smaller one where all states of a batch are kept."""
    budget = usual_budget(config, loaded)
    if "block_distance" in config.measures:
        layers, width = len(loaded.anatomy.blocks) + 1, loaded.anatomy.width
        budget.tokens = min(budget.tokens, spans_budget(layers, width, loaded.device))
    return budget


def usual_budget(config: RunConfig, loaded: Loaded) -> Budget:
    """The usual tokens, and as much padding as costs less than a batch more on that device."""
    on_cpu = loaded.device == "cpu"
    padding = MOST_PADDING if on_cpu else _MOST_PADDING_ON_A_GPU
    return Budget(usual_tokens(config, loaded), padding)


def usual_tokens(config: RunConfig, loaded: Loaded) -> int:
    """Tokens a batch: as asked, else what keeps the device busy and fits its free memory."""
    if config.batch_tokens:
        return config.batch_tokens
    enough = _enough(loaded.device)
    free = free_bytes(loaded.device)
    if free is None:
        return enough
    places = 1 if loaded.device == "cpu" else max(1, torch.cuda.device_count())
    share = _SHARE / ceil(config.workers / places)  # workers on GPUs of their own share nothing
    return max(1, min(enough, int(share * free) // bytes_a_token(loaded)))


def _enough(device: str) -> int:
    return _ENOUGH.get(device, _ENOUGH_ON_A_GPU)


def bytes_a_token(loaded: Loaded) -> int:
    """About what a forward pass holds for each token while a block runs.

    Three arrays of the block's widest layer and twelve states: for GPT-2 small 74 kB, where the
    trunk alone was seen to take 72. Scores of attention are not in it but for the eager kernel,
    which writes them out: for each token one a head and token of the batch.
    """
    anatomy = loaded.anatomy
    values = 3 * _widest(anatomy) + 12 * anatomy.width
    if loaded.kernel == "eager":
        heads = int(getattr(anatomy.config, "num_attention_heads", 1))
        seen = _enough(loaded.device)
        values += 2 * heads * min(anatomy.positions or seen, seen)
    kind: torch.dtype = getattr(torch, loaded.dtype)
    return values * max(4, kind.itemsize)


def _widest(anatomy: Anatomy) -> int:
    """Values a token of the first block's widest layer.

    Packed weights say it of themselves: their shape is that of a long row of bytes.
    """
    block = anatomy.blocks[0]
    plain = (p for p in block.parameters() if p.ndim >= 2 and p.dtype.is_floating_point)
    named = (m for m in block.modules() if isinstance(m, torch.nn.Linear))
    sizes = [max(p.shape[-2:]) for p in plain]
    return max([anatomy.width, *sizes, *(max(m.in_features, m.out_features) for m in named)])
