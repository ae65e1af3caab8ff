"""Fingerprints: sha256 of what makes a model the one that it is."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from odograph.models.file_digests import file_sha256
from odograph.models.gguf import gguf_path
from odograph.models.sources import LoadOptions, Source
from odograph.models.weights import weight_files


@dataclass(frozen=True)
class Fingerprint:
    """What tells a model from every other.

    Attributes:
        whole: sha256 over config and weights.
        weights: sha256 of the weights alone, as the hub has it of one file; of several files the
            sha256 over theirs. None where no file is known.
    """

    whole: str
    weights: str | None = None


def fingerprint_of(source: Source, options: LoadOptions, network: Any) -> Fingerprint:
    """That of a GGUF file, of a folder, or of a hub id at the revision of the options."""
    weights = weights_sha256(source, options)
    if source.gguf is not None and weights is not None:
        return Fingerprint(weights, weights)
    folder = Path(source.place)
    if folder.is_dir():
        parts = sorted([folder / "config.json", *folder.glob("*.safetensors")])
        return Fingerprint(_over(file_sha256(path) for path in parts), weights)
    config = config_fingerprint(network)
    return Fingerprint(config if weights is None else _over([config, weights]), weights)


def weights_sha256(source: Source, options: LoadOptions) -> str | None:
    """That of the files that the weights are read from; None where none is known."""
    files = weight_files(source, options) if source.gguf is None else [gguf_path(source, options)]
    digests = [file_sha256(path) for path in files]
    if len(digests) < 2:
        return digests[0] if digests else None
    return _over(sorted(digests))


def _over(digests: Iterable[str]) -> str:
    return hashlib.sha256(b"".join(map(bytes.fromhex, digests))).hexdigest()


def config_fingerprint(network: Any) -> str:
    """sha256 of the config."""
    text = json.dumps(network.config.to_dict(), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint_in_memory(network: Any) -> Fingerprint:
    """That of a model that was given as an object: its parameters and buffers, by name."""
    whole, weights = hashlib.sha256(config_fingerprint(network).encode()), hashlib.sha256()
    for name, weight in network.state_dict().items():
        for values in _bytes_of(weight):
            for digest in (whole, weights):
                digest.update(name.encode())
                digest.update(values)
    return Fingerprint(whole.hexdigest(), weights.hexdigest())


def _bytes_of(value: Any) -> Iterator[Any]:
    """What a state holds under one name: of packed weights the tensors and whatever is beside."""
    if isinstance(value, tuple | list):
        for part in value:
            yield from _bytes_of(part)
        return
    if not isinstance(value, torch.Tensor):
        yield repr(value).encode()
        return
    if value.is_quantized:
        value = value.dequantize()
    yield value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
