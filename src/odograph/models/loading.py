"""Loading a model, its tokenizer and its anatomy from the hub, a folder or a Python object."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from odograph.errors import UsageError
from odograph.models.adapters import (
    adapted_fingerprint,
    adapted_network,
    find_adapter,
    refuse_wrapped,
)
from odograph.models.anatomy import Anatomy
from odograph.models.bundled_model import bundled_model
from odograph.models.hooks import device_of
from odograph.models.hub import commit_of
from odograph.models.probe import dissect
from odograph.models.selfcheck import SelfCheck, self_check
from odograph.models.sources import (
    LoadOptions,
    check_folder,
    fingerprint_of,
    network_of,
    placed,
    resolve_device,
    resolve_dtype,
    tokenizer_of,
    weights_fingerprint,
)
from odograph.models.spreading import SPREAD

BUNDLED = "bundled"
_PROMPT = "The old man turned round and followed her across the field to the river."


@dataclass(frozen=True)
class Identity:
    """What the manifest says about a model, so that it can be found again.

    `fingerprint` is a sha256 over config and weights of a local folder, or over the config alone of
    a hub model, whose `revision` (commit hash) fixes the weights. `part` is what was asked for of
    the model, `quantised` the method by which its weights are quantised. Of a PEFT adapter `base`
    and `base_revision` are the model it stands on, `adapter` is its kind, such as LORA.
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
    part: str = "auto"
    quantised: str | None = None
    base: str | None = None
    base_revision: str | None = None
    adapter: str | None = None


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
        UsageError: an option that does not go with a model given as an object, a tokenizer that
            does not go with a name, or a model that peft has wrapped.
    """
    options = options or LoadOptions()
    _check_call(model, options, tokenizer)
    if isinstance(model, nn.Module):
        refuse_wrapped(model)
        about = _About(f"{type(model).__name__} given in Python", part=options.part)
        return _prepare(model.eval(), tokenizer, about)
    name = str(model)
    source = str(bundled_model()) if name == BUNDLED else name
    dtype, device = resolve_dtype(options), resolve_device(options.device)
    commit = commit_of(source, options)
    # Config, weights and tokenizer of one commit, should the hub change in between.
    options = replace(options, revision=commit or options.revision)
    adapter = find_adapter(source, options)
    if adapter is not None:
        network = placed(adapted_network(adapter, dtype), device).eval()
        fingerprint = adapted_fingerprint(adapter, network)
        grown = _Adapted(adapter.base, adapter.base_revision, adapter.kind)
        about = _About(name, commit, fingerprint, options.part, grown)
        return _prepare(network, tokenizer_of(*adapter.tokenizer), about)
    check_folder(source)
    network = placed(network_of(source, options, dtype), device).eval()
    about = _About(name, commit, fingerprint_of(source, network), options.part)
    return _prepare(network, tokenizer_of(source, options), about)


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
    dtype: torch.dtype = getattr(torch, loaded.dtype)
    # Weights are drawn on the CPU: its generator alone is seeded, and no GPU is woken for it.
    with torch.device("cpu"), torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        network = kind(config)  # float32: half precision is not drawn alike on all devices
    is_spread = hasattr(loaded.model, "hf_device_map")
    place = SPREAD if is_spread else str(device_of(loaded.anatomy))
    network = placed(network.to(dtype), place).eval()
    same = loaded.identity
    about = _About(same.name, same.revision, same.fingerprint, same.part)
    twin = _prepare(network, loaded.tokenizer, about)
    return replace(twin, identity=replace(same, untrained_seed=seed))


@dataclass(frozen=True)
class _Adapted:
    """What an adapter stands on, and its kind; nothing for a model of its own."""

    base: str | None = None
    base_revision: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class _About:
    """What is known of a model beside its network."""

    name: str
    revision: str | None = None
    fingerprint: str = ""
    part: str = "auto"
    adapted: _Adapted = _Adapted()


def _prepare(network: Any, tokenizer: Any, about: _About) -> Loaded:
    anatomy = dissect(network, about.part)
    prompt = tuple(tokenizer(_PROMPT, add_special_tokens=False).input_ids) if tokenizer else ()
    identity = Identity(
        name=about.name,
        revision=about.revision,
        fingerprint=about.fingerprint or weights_fingerprint(network),
        family=anatomy.family,
        architecture=type(network).__name__,
        blocks=len(anatomy.blocks),
        width=anatomy.width,
        parameters=sum(p.numel() for p in network.parameters()),
        layout=anatomy.layout,
        part=about.part,
        quantised=anatomy.quantised,
        base=about.adapted.base,
        base_revision=about.adapted.base_revision,
        adapter=about.adapted.kind,
    )
    return Loaded(
        model=network,
        tokenizer=tokenizer,
        anatomy=anatomy,
        identity=identity,
        checks=self_check(network, anatomy, prompt),
        dtype=str(_dtype_of(network)).removeprefix("torch."),
        device=str(device_of(anatomy)),
        kernel=str(getattr(network.config, "_attn_implementation", None) or "eager"),
    )


def _dtype_of(network: nn.Module) -> torch.dtype:
    """The precision of the weights; of those that are not quantised where some are."""
    kinds = [p.dtype for p in network.parameters() if p.dtype.is_floating_point]
    return kinds[0] if kinds else torch.float32
