"""Fingerprints: sha256 of what makes a model the one that it is."""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch

from odograph.models.sources import Source


def fingerprint_of(source: Source, network: Any) -> str:
    """sha256 of a GGUF file, or of a folder's config and weights; of the config alone of the hub.

    The commit of a model of the hub fixes its weights.
    """
    folder = Path(source.place)
    if not folder.is_dir():
        return config_fingerprint(network)
    if source.gguf is not None:
        return _of_file(folder / source.gguf)
    digest = hashlib.sha256()
    for path in sorted([folder / "config.json", *folder.glob("*.safetensors")]):
        digest.update(bytes.fromhex(_of_file(path)))
    return digest.hexdigest()


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def config_fingerprint(network: Any) -> str:
    """sha256 of the config."""
    text = json.dumps(network.config.to_dict(), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def weights_fingerprint(network: Any) -> str:
    """sha256 of the weights themselves, for a model that was given as an object."""
    digest = hashlib.sha256(config_fingerprint(network).encode())
    for name, weight in network.state_dict().items():
        digest.update(name.encode())
        digest.update(weight.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()
