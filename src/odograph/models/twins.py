"""Untrained twins: the same architecture with random weights, as if nothing were learned."""

from dataclasses import dataclass, replace
from typing import Any

import torch

from odograph.models.fingerprints import Fingerprint
from odograph.models.hooks import device_of
from odograph.models.identity import Identity
from odograph.models.loading import About, Loaded, prepared
from odograph.models.pretrained import placed
from odograph.models.spreading import SPREAD


@dataclass(frozen=True)
class TwinPlan:
    """All that a twin is made of: no weights, so that the model can be let go before."""

    kind: type
    config: Any
    dtype: torch.dtype
    place: str
    identity: Identity
    tokenizer: Any


def twin_plan(loaded: Loaded) -> TwinPlan:
    """What the twins of a model are made of."""
    is_spread = hasattr(loaded.model, "hf_device_map")
    return TwinPlan(
        kind=type(loaded.model),
        config=loaded.model.config,
        dtype=getattr(torch, loaded.dtype),
        place=SPREAD if is_spread else str(device_of(loaded.anatomy)),
        identity=loaded.identity,
        tokenizer=loaded.tokenizer,
    )


def untrained_twin(plan: TwinPlan, seed: int) -> Loaded:
    """The twin of a seed.

    The weights are drawn by the architecture's own initialisation after `torch.manual_seed(seed)`.
    """
    # Weights are drawn on the CPU: its generator alone is seeded, and no GPU is woken for it.
    with torch.device("cpu"), torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        network = plan.kind(plan.config)  # float32: half precision is not drawn alike everywhere
    network = placed(network.to(plan.dtype), plan.place).eval()
    same = plan.identity
    about = About(same.name, same.revision, Fingerprint(same.fingerprint), same.part)
    twin = prepared(network, plan.tokenizer, about)
    return replace(twin, identity=replace(same, untrained_seed=seed, weights_sha256=None))
