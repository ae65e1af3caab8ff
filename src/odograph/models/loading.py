"""Loading a model, its tokenizer and its anatomy from the hub, a folder or a Python object."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from odograph.errors import UsageError
from odograph.models.adapters import (
    Adapter,
    adapted_fingerprint,
    adapted_network,
    merged_network,
    refuse_wrapped,
    stands_on,
)
from odograph.models.anatomy import Anatomy
from odograph.models.fingerprints import Fingerprint, fingerprint_in_memory, fingerprint_of
from odograph.models.gguf import (
    gguf_path,
    header_read_once,
    quantisation_of_file,
    require_gguf,
)
from odograph.models.hooks import device_of
from odograph.models.identity import Identity
from odograph.models.located import BUNDLED, Located, locate
from odograph.models.own_class import OwnNetwork, of_own_class
from odograph.models.pretrained import network_of, placed, tokenizer_of
from odograph.models.probe import dissect
from odograph.models.rounding import Rounding
from odograph.models.selfcheck import SelfCheck, self_check
from odograph.models.sources import (
    LoadOptions,
    resolve_device,
    resolve_dtype,
)
from odograph.models.weights import WeightFit

#: What the self-check reads, and the error of half precision is found on.
PROMPT = "The old man turned round and followed her across the field to the river."


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
    rounding: Rounding | None = None

    @property
    def vocabulary(self) -> int:
        """How many tokens the model has an embedding for."""
        model: Any = self.model
        return int(model.get_input_embeddings().weight.shape[0])


def load(
    model: "str | Path | nn.Module", options: LoadOptions | None = None, tokenizer: Any = None
) -> Loaded:
    """A model from the hub (`gpt2`), a folder, a GGUF file, `bundled`, or a transformers model.

    Raises:
        ModelError: missing, unreachable, without weights that are read, or with other weights than
            those of the model that its config describes.
        UsageError: an option that does not go with a model given as an object or with a folder, a
            tokenizer that does not go with a name, or a model that peft has wrapped.
    """
    options = options or LoadOptions()
    _check_call(model, options, tokenizer)
    if isinstance(model, nn.Module):
        refuse_wrapped(model)
        name = f"{type(model).__name__} given in Python"
        model = OwnNetwork(model) if of_own_class(model) else model
        about = About(name, None, fingerprint_in_memory(model), options.part)
        return prepared(model.eval(), tokenizer, about)
    return _load_named(str(model), options)


def _load_named(name: str, options: LoadOptions) -> Loaded:
    dtype, device = resolve_dtype(options), resolve_device(options.device)
    place = locate(name, options)
    if place.source.gguf is None:
        return _load_located(name, place, dtype, device)
    require_gguf(place.source)
    with header_read_once():
        return _load_located(name, place, dtype, device)


def _load_located(name: str, place: Located, dtype: Any, device: str) -> Loaded:
    source, options = place.source, place.options
    if place.adapter is not None:
        network, fit = adapted_network(place.adapter, dtype)
        return _adapted(place.adapter, placed(network, device), name, place, fit)
    network, fit = network_of(source, options, dtype)
    network = placed(network, device).eval()
    fingerprint = fingerprint_of(source, options, network)
    about = About(name, place.commit, fingerprint, options.part, file=source.gguf, fit=fit)
    if source.gguf is not None:
        about = replace(about, stored=quantisation_of_file(gguf_path(source, options)))
    return prepared(network, tokenizer_of(source, options), about)


def load_onto(base: Loaded, name: str, options: LoadOptions) -> Loaded | None:
    """An adapter merged into the weights of its base; None where the name is no adapter of it.

    The base is changed into it and can be used no more. The weights are loaded once.

    Raises:
        ModelError: as for `load`.
    """
    place = locate(name, options)
    adapter = place.adapter
    if adapter is None or not stands_on(adapter, base.identity, base.model):
        return None
    network = merged_network(adapter, base.model)
    return _adapted(adapter, network, name, place, base.identity.weights)


def _adapted(adapter: Adapter, network: Any, name: str, place: Located, fit: WeightFit) -> Loaded:
    """A base with an adapter in its weights, made ready."""
    network = network.eval()
    grown = _Adapted(adapter.base, adapter.base_revision, adapter.kind)
    fingerprint = adapted_fingerprint(adapter, network)
    about = About(name, place.commit, fingerprint, place.options.part, grown, fit=fit)
    return prepared(network, tokenizer_of(*adapter.tokenizer), about)


def _check_call(model: "str | Path | nn.Module", options: LoadOptions, tokenizer: Any) -> None:
    """Refuses what would be ignored: an object is taken as it is, a name brings a tokenizer."""
    if not isinstance(model, nn.Module):
        if tokenizer is not None:
            raise UsageError(
                "a tokenizer goes with a model given as an object",
                given=f"the model '{model}'",
                remedy="A hub id or folder brings its own.",
            )
        if options.revision is not None and (model == BUNDLED or Path(model).exists()):
            raise UsageError(
                "a revision is a branch, tag or commit of the hub",
                given=f"--revision {options.revision} with '{model}', which lies here",
                remedy="Leave it out, or give the hub id.",
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


@dataclass(frozen=True)
class _Adapted:
    """What an adapter stands on, and its kind; nothing for a model of its own."""

    base: str | None = None
    base_revision: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class About:
    """What is known of a model beside its network."""

    name: str
    revision: str | None
    fingerprint: Fingerprint
    part: str = "auto"
    adapted: _Adapted = _Adapted()
    file: str | None = None
    stored: str | None = None
    fit: WeightFit = field(default_factory=WeightFit)


def prepared(network: Any, tokenizer: Any, about: About) -> Loaded:
    """The network taken apart and checked."""
    anatomy = dissect(network, about.part)
    prompt = tuple(tokenizer(PROMPT, add_special_tokens=False).input_ids) if tokenizer else ()
    identity = Identity(
        name=about.name,
        revision=about.revision,
        fingerprint=about.fingerprint.whole,
        weights_sha256=about.fingerprint.weights,
        family=anatomy.family,
        architecture=type(network).__name__,
        blocks=len(anatomy.blocks),
        width=anatomy.width,
        parameters=sum(p.numel() for p in network.parameters()),
        layout=anatomy.layout,
        part=about.part,
        quantised=about.stored or anatomy.quantised,
        base=about.adapted.base,
        base_revision=about.adapted.base_revision,
        adapter=about.adapted.kind,
        file=about.file,
        weights=about.fit,
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
