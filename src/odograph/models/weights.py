"""Whether the weights in the files are those of the model that their config describes.

transformers fills what the files lack with random numbers and leaves out what the model has no
place for. Both is told here, by name.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from odograph.errors import ModelError
from odograph.models.hub import hub_file
from odograph.models.sources import LoadOptions, Source

_WHOLE, _INDEX = "model.safetensors", "model.safetensors.index.json"
#: Buffers that earlier releases wrote beside the weights: positions and the constants of masks.
_BUFFERS = re.compile(r"(^|\.)(inv_freq|position_ids|masked_bias)$")
#: What stands behind the last state and is never read.
_UNREAD = re.compile(r"(^|\.)pooler\.")
#: How many groups of weights a message names.
_MOST = 4


@dataclass(frozen=True)
class StoredTensor:
    """A tensor in a file: its shape, and its dtype in the words of safetensors (F32, BF16)."""

    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class WeightFit:
    """What of the files is not in the model and the other way round; names, in groups by block.

    Attributes:
        ignored: in the files, not in the model, and rightly so: what its class declares as ignored
            (blocks for multi-token prediction), heads for other tasks.
        unused: in the files, not in the model, though they seem to belong to its trunk, or to the
            head that it predicts with.
        random: in the model, not in the files: newly initialised.
    """

    ignored: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    random: tuple[str, ...] = ()


def stored_tensors(source: Source, options: LoadOptions) -> dict[str, StoredTensor]:
    """The tensors of a folder's or hub id's safetensors files, from their headers.

    Of the hub only files that are on this machine are looked at; empty where there are none, and
    for GGUF.

    Raises:
        ModelError: a file is damaged.
    """
    from safetensors import SafetensorError

    found: dict[str, StoredTensor] = {}
    for path in weight_files(source, options):
        try:
            found |= _tensors_in(path)
        except SafetensorError as error:
            raise ModelError(
                f"the model of '{source.place}' cannot be loaded: {path.name}: {error}",
                remedy="Check config.json and the weights.",
            ) from error
    return found


def _tensors_in(path: Path) -> dict[str, StoredTensor]:
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        parts = {name: file.get_slice(name) for name in list(file.keys())}
        return {n: StoredTensor(tuple(p.get_shape()), p.get_dtype()) for n, p in parts.items()}


def weight_files(source: Source, options: LoadOptions) -> list[Path]:
    """The files that transformers reads: the whole one, else those of the index, else all."""
    if source.gguf is not None:
        return []
    folder = Path(source.place)
    if not folder.is_dir():
        return _cached(source.place, options)
    if (folder / _WHOLE).is_file():
        return [folder / _WHOLE]
    if (folder / _INDEX).is_file():
        return [p for name in _indexed(folder / _INDEX) if (p := folder / name).is_file()]
    return sorted(folder.glob("*.safetensors"))


def _cached(place: str, options: LoadOptions) -> list[Path]:
    known = LoadOptions(revision=options.revision, offline=True)
    whole, index = (hub_file(place, name, known) for name in (_WHOLE, _INDEX))
    names = [] if index is None else _indexed(index)
    parts = [whole] if whole is not None else [hub_file(place, name, known) for name in names]
    return [path for path in parts if path is not None]


def _indexed(index: Path) -> list[str]:
    written: Mapping[str, str] = json.loads(index.read_text("utf-8"))["weight_map"]
    return sorted(set(written.values()))


def lacks_head(network: Any, missing: Iterable[str]) -> bool:
    """Whether some of what stands behind the trunk would be random: it would predict noise."""
    behind = {name for name in missing if not _in_trunk(network, name)}
    named = {name for name, _ in network.named_parameters(remove_duplicate=False)}
    return network.get_output_embeddings() is not None and bool(behind & named)


def fit_of(
    network: Any, report: Mapping[str, Any], stored: Mapping[str, StoredTensor], part: str
) -> WeightFit:
    """How files and model fit together.

    Args:
        network: the model as it was loaded.
        report: what transformers says of its loading (`output_loading_info=True`).
        stored: the tensors of the files, where they are known.
        part: the part that is measured; of the other one nothing is asked.
    """
    unread = "decoder." if part == "encoder" else "\0"
    buffers = {name for name, _ in network.named_buffers()}
    left = [
        name
        for name in report["unexpected_keys"]
        if name not in buffers and not _is_buffer(name, stored)
    ]
    read = [name for name in left if _in_trunk(network, name) or _in_head(network, name)]
    unused = [name for name in read if not _UNREAD.search(name)]
    unused = [name for name in unused if unread not in name]
    random = [n for n in report["missing_keys"] if unread not in n and not _UNREAD.search(n)]
    ignored = [name for name in left if name not in unused] + _declared(network, stored)
    return WeightFit(grouped(ignored), grouped(unused), grouped(random))


def _is_buffer(name: str, stored: Mapping[str, StoredTensor]) -> bool:
    """Whether it is no weight: a position, or a causal mask of shape [1, 1, n, n]."""
    shape = stored[name].shape if name in stored else ()
    is_mask = len(shape) == 4 and shape[:2] == (1, 1) and shape[2] == shape[3]
    return is_mask or bool(_BUFFERS.search(name))


def _in_trunk(network: Any, name: str) -> bool:
    """Whether a weight of that name would belong to the trunk, not to a head behind it."""
    prefix = f"{network.base_model_prefix}."
    first = name.removeprefix(prefix).partition(".")[0]
    return name.startswith(prefix) or hasattr(network.base_model, first)


def _in_head(network: Any, name: str) -> bool:
    """Whether a weight of that name would belong to the head that the model predicts with."""
    head = network.get_output_embeddings()
    names = [one for one, module in network.named_modules() if module is head and one]
    return any(name.startswith(f"{one}.") for one in names)


def _declared(network: Any, stored: Mapping[str, StoredTensor]) -> list[str]:
    """What the model's class declares as ignored, and the files hold."""
    declared = getattr(network, "_keys_to_ignore_on_load_unexpected", None) or ()
    prefix = f"{network.base_model_prefix}."
    own = {name.removeprefix(prefix) for name in network.state_dict()}
    return [
        name
        for name in stored
        if any(re.search(pattern, name) for pattern in declared)
        and name.removeprefix(prefix) not in own
        and not _is_buffer(name, stored)
    ]


def grouped(names: Iterable[str]) -> tuple[str, ...]:
    """Names of weights, those of one block together.

    >>> grouped(["model.layers.3.mlp.weight", "model.layers.3.norm.weight", "model.norm.weight"])
    ('model.layers.3.* (2 weights)', 'model.norm.weight')
    """
    found: Counter[str] = Counter()
    for name in sorted(names):
        block = re.match(r"(.*?\.\d+)\.", name)
        found[f"{block[1]}.*" if block else name] += 1
    return tuple(
        f"{name} ({count} weight{'s' if count > 1 else ''})" if name.endswith("*") else name
        for name, count in found.items()
    )


def refuse_other_shapes(source: Source, other: Iterable[tuple[str, Any, Any]]) -> None:
    """Refuses weights of other shapes than those of the model; there is no measuring without them.

    Args:
        source: where they are from.
        other: name, shape in the files and shape in the model of each.

    Raises:
        ModelError: names the first, and says how many there are.
    """
    found = sorted((name, list(stored), list(own)) for name, stored, own in other)
    if found:
        name, stored, own = found[0]
        more = f", and {len(found) - 1} others" if len(found) > 1 else ""
        raise ModelError(
            f"the weights of '{source}' have other shapes than its config describes",
            expected=f"{own} for '{name}'",
            given=f"{stored}{more}",
            remedy="Check that config.json belongs to the weights.",
        )


def refuse_unfit(source: Source, fit: WeightFit) -> None:
    """Refuses weights that are not those of the model which the config describes.

    Raises:
        ModelError: counts and names what would be random, or what would be left out.
    """
    if fit.random:
        raise ModelError(
            f"the weights of '{source}' are not complete",
            expected="weights for all of the model",
            given=f"none for {_named(fit.random)}",
            remedy="They would be random. Check that config.json belongs to the weights, or "
            "measure it so all the same with --allow-unused-weights.",
        )
    if fit.unused:
        raise ModelError(
            f"the weights of '{source}' are more than its config describes",
            expected="a model that has a place for all of them",
            given=f"none for {_named(fit.unused)}",
            remedy="They would be left out. Check that config.json belongs to the weights, or "
            "measure it without them with --allow-unused-weights.",
        )


def _named(groups: tuple[str, ...]) -> str:
    more = f" and {len(groups) - _MOST} more" if len(groups) > _MOST else ""
    return ", ".join(f"'{group}'" for group in groups[:_MOST]) + more
