"""Loading a model, its tokenizer and its anatomy from the hub, a folder or a Python object."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from odograph.errors import UsageError
from odograph.models.anatomy import Anatomy, dissect
from odograph.models.bundled_model import bundled_model
from odograph.models.selfcheck import SelfCheck, self_check
from odograph.models.sources import (
    LoadOptions,
    check_folder,
    fingerprint_of,
    network_of,
    resolve_device,
    resolve_dtype,
    tokenizer_of,
    weights_fingerprint,
)

BUNDLED = "bundled"
_PROMPT = "The old man turned round and followed her across the field to the river."


@dataclass(frozen=True)
class Identity:
    """What the manifest says about a model, so that it can be found again.

    `fingerprint` is a sha256 over config and weights of a local folder, or over the config alone of
    a hub model, whose `revision` (commit hash) fixes the weights.
    """

    name: str
    revision: str | None
    fingerprint: str
    family: str
    architecture: str
    blocks: int
    width: int
    parameters: int
    layout: str
    untrained_seed: int | None = None


@dataclass(frozen=True)
class Loaded:
    """A model ready to be measured."""

    model: nn.Module
    tokenizer: Any | None
    anatomy: Anatomy
    identity: Identity
    checks: SelfCheck
    dtype: str
    device: str
    kernel: str

    @property
    def vocabulary(self) -> int:
        """How many tokens the model has an embedding for."""
        model: Any = self.model
        return int(model.get_input_embeddings().weight.shape[0])


def load(
    model: "str | Path | nn.Module", options: LoadOptions | None = None, tokenizer: Any = None
) -> Loaded:
    """A model from the hub (`gpt2`), a local folder, `bundled`, or a transformers model itself.

    Raises:
        ModelError: missing, without safetensors weights, without config, or unreachable.
        UsageError: an option that does not go with a model given as an object, or a tokenizer that
            does not go with a name.
    """
    options = options or LoadOptions()
    _check_call(model, options, tokenizer)
    if isinstance(model, nn.Module):
        return _prepare(
            model.eval(), tokenizer, f"{type(model).__name__} given in Python", None, ""
        )
    name = str(model)
    source = str(bundled_model()) if name == BUNDLED else name
    check_folder(source)
    dtype, device = resolve_dtype(options), resolve_device(options.device)
    network = network_of(source, options, dtype).to(device).eval()
    tokenizer = tokenizer_of(source, options)
    fingerprint = fingerprint_of(source, network)
    revision = getattr(network.config, "_commit_hash", None)
    return _prepare(network, tokenizer, name, revision, fingerprint)


def _check_call(model: object, options: LoadOptions, tokenizer: Any) -> None:
    """Refuses what would be ignored: an object is taken as it is, a name brings a tokenizer."""
    if not isinstance(model, nn.Module):
        if tokenizer is not None:
            raise UsageError(
                "a tokenizer goes with a model given as an object",
                given=f"the model '{model}'",
                remedy="A hub id or folder brings its own.",
            )
        return
    usual = LoadOptions()
    changed = [
        name
        for name in ("revision", "dtype", "device", "attention")
        if getattr(options, name) != getattr(usual, name)
    ]
    if changed:
        raise UsageError(
            f"{', '.join(changed)} cannot be set for a model given as an object",
            remedy="Set it on the model itself, or give its name or folder.",
        )


@contextmanager
def left_as_it_was(model: object) -> Iterator[None]:
    """Gives a model of the caller's its training modes back."""
    modes = [(m, m.training) for m in model.modules()] if isinstance(model, nn.Module) else []
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def untrained_twin(loaded: Loaded, seed: int) -> Loaded:
    """The same architecture with random weights: what would be seen if nothing were learned.

    The weights are drawn by the architecture's own initialisation after `torch.manual_seed(seed)`.
    """
    kind, config = type(loaded.model), loaded.model.config
    device = next(loaded.model.parameters()).device
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = kind(config)  # float32: half precision is not drawn alike on all devices
    network = network.to(device=device, dtype=next(loaded.model.parameters()).dtype).eval()
    same = loaded.identity
    twin = _prepare(network, loaded.tokenizer, same.name, same.revision, same.fingerprint)
    return replace(twin, identity=replace(same, untrained_seed=seed))


def _prepare(
    network: Any, tokenizer: Any, name: str, revision: str | None, fingerprint: str
) -> Loaded:
    anatomy = dissect(network)
    first = next(network.parameters())
    prompt = tuple(tokenizer(_PROMPT, add_special_tokens=False).input_ids) if tokenizer else ()
    identity = Identity(
        name=name,
        revision=revision,
        fingerprint=fingerprint or weights_fingerprint(network),
        family=anatomy.family,
        architecture=type(network).__name__,
        blocks=len(anatomy.blocks),
        width=anatomy.width,
        parameters=sum(p.numel() for p in network.parameters()),
        layout=anatomy.layout,
    )
    return Loaded(
        model=network,
        tokenizer=tokenizer,
        anatomy=anatomy,
        identity=identity,
        checks=self_check(network, anatomy, prompt),
        dtype=str(first.dtype).removeprefix("torch."),
        device=str(first.device),
        kernel=str(getattr(network.config, "_attn_implementation", None) or "eager"),
    )
