"""What a run will take of memory, said before anything is loaded."""

from odograph.models.free_memory import free_bytes
from odograph.models.memory import WeightMemory, weight_memory
from odograph.models.precision import exact_first
from odograph.models.sources import LoadOptions, resolve_device
from odograph.terminal import tell

#: Weights of less are not worth a word.
_LEAST = 100_000_000
_HALF = 2


def announce_memory(model: str, options: LoadOptions, processes: int = 1) -> None:
    """Says on stderr what the weights take, where that is much, and what to do if it is not there.

    Args:
        model: hub id, folder, GGUF file or adapter.
        options: how it is loaded.
        processes: how many load it, this one with them.
    """
    needed = weight_memory(model, options)
    if needed is None:
        return
    device = resolve_device(options.device)
    every = processes + 1 if processes > 1 else 1
    free = free_bytes(device)
    short = free is not None and needed.loading * every > free
    if needed.loading * every < _LEAST and not short:
        return
    words = f"the weights of {model} take {in_words(needed.taken)} of memory ({device})"
    if needed.loading > needed.taken:
        words += f", {in_words(needed.loading)} while they are loaded"
    words += _before(model, options)
    if every > 1:
        words += f", in each of {every} processes"
    words += "" if free is None else f"; {in_words(free)} can be had"
    tell(f"{words}. {_remedy(needed, device, every)}" if short else words)


def _before(model: str, options: LoadOptions) -> str:
    """What a model in half precision takes before, while its error is found; else ""."""
    first = exact_first(model, options)
    if first is None:
        return ""
    exact, needed = first
    return (
        f", before that {in_words(needed.loading)} in float32 ({exact.device}) to find the error "
        f"of {options.dtype}"
    )


def in_words(count: int) -> str:
    """Bytes in words: 540 MB, 3.1 GB, 16 GB."""
    if count < 1e9:
        return f"{max(1, round(count / 1e6))} MB"
    return f"{count / 1e9:.1f} GB" if count < 1e10 else f"{count / 1e9:.0f} GB"


def _remedy(needed: WeightMemory, device: str, processes: int) -> str:
    """What makes it less, the least loss first."""
    ways = ["fewer --workers"] if processes > 1 else []
    ways += ["--device spread", "--device cpu"] if device.startswith("cuda") else []
    ways += ["--dtype bfloat16"] if needed.value > _HALF else []
    return f"It may not fit: use {', '.join([*ways, 'a smaller model or a machine with more'])}."
