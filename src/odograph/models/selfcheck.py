"""Five checks, run when a model is loaded, that decide what may be measured.

1. closure     x_{l-1} + a_l + m_l = x_l in every block, and every block starts where the last ended
2. final norm  N(x_L) is the model's own last hidden state
3. head        head(N(x_L)) is the model's own logits
4. batch       a prompt alone and beside a longer one gives the same states
5. repeat      two runs agree
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from odograph.errors import ModelError
from odograph.models.anatomy import Anatomy
from odograph.models.hooks import watching

# Largest relative error that a right reading of the model can show in this precision: a hundred
# or so roundings for one block, and what those grow to over the whole depth for a batch.
TOLERANCES: dict[torch.dtype, tuple[float, float]] = {
    torch.float64: (1e-10, 1e-8),
    torch.float32: (1e-5, 1e-4),
    torch.float16: (5e-3, 3e-2),
    torch.bfloat16: (3e-2, 1e-1),
}

_PROMPT_LENGTHS = (9, 14)


@dataclass(frozen=True)
class Check:
    """The outcome of one check; `passed` is None where it does not apply."""

    name: str
    passed: bool | None
    error: float | None
    tolerance: float | None
    detail: str

    def record(self) -> dict[str, Any]:
        """The check as plain values for the manifest; an error without bound is None there."""
        bounded = self.error is not None and math.isfinite(self.error)
        return asdict(self) | {"error": self.error if bounded else None}


@dataclass(frozen=True)
class SelfCheck:
    """The five outcomes and what follows from them.

    `in_place` says that the model overwrites a state after its block has returned it, so that an
    observer has to keep a copy.
    """

    checks: tuple[Check, ...]
    in_place: bool = False

    @property
    def decomposition(self) -> str:
        """Whether attention and MLP may be told apart: `exact`, or `refused: reason`."""
        closure = self.checks[0]
        return "exact" if closure.passed else f"refused: {closure.detail}"

    def refuse_if_failed(self, logits: bool) -> None:
        """Raises what checks 2 to 5 forbid.

        Raises:
            ModelError: names every failed check, its error and its tolerance.
        """
        needed = [c for c in self.checks[1:] if c.name != "head" or logits]
        failed = [c for c in needed if c.passed is False]
        if failed:
            raise ModelError(
                "the model did not pass its self-check",
                expected=", ".join(f"{c.name} within {c.tolerance:g}" for c in failed),
                given=", ".join(f"{c.error:.3g} ({c.detail})" for c in failed),
                remedy="It cannot be measured rightly; `odograph check MODEL` shows the details.",
            )


@dataclass(frozen=True)
class _Observed:
    """What one forward pass of the prompt showed, without batch axis."""

    states: list[torch.Tensor]
    parts: dict[tuple[int, str], torch.Tensor]
    inputs: list[torch.Tensor]
    last_hidden: torch.Tensor
    in_place: bool


def self_check(model: nn.Module, anatomy: Anatomy, prompt: tuple[int, ...] = ()) -> SelfCheck:
    """Runs the five checks on a short prompt, in the model's own dtype, device and kernel.

    Args:
        model: the whole model, with its head.
        anatomy: its parts.
        prompt: token ids of a text; too short a prompt is filled up with fixed ids.
    """
    short, long = _prompts(anatomy, prompt)
    with torch.inference_mode():
        alone = _observe(anatomy, [short])
        again = _observe(anatomy, [short])
        beside = _observe(anatomy, [short, long])
        own_logits = None if anatomy.head is None else _own_logits(model, anatomy, short)
        _refuse_not_finite(alone)
        near, far = TOLERANCES.get(alone.states[0].dtype, TOLERANCES[torch.bfloat16])
        return SelfCheck(
            (
                _closure(anatomy, alone, near),
                _final_norm(anatomy, alone, near),
                _head(anatomy, alone, own_logits, near),
                _same("batch", alone, beside, far),
                _same("repeat", alone, again, far),
            ),
            in_place=alone.in_place,
        )


def _refuse_not_finite(seen: _Observed) -> None:
    for layer, state in enumerate(seen.states):
        bad = (~torch.isfinite(state).all(-1)).nonzero()
        if len(bad):
            raise ModelError(
                "the model gives states that are not finite",
                expected="finite states on the self-check's prompt",
                given=f"NaN or inf in state {layer} at token {int(bad[0])}, {state.dtype}",
                remedy="Try --dtype float32; if that does not help, the weights are damaged.",
            )


def _prompts(anatomy: Anatomy, prompt: tuple[int, ...]) -> tuple[list[int], list[int]]:
    vocabulary = int(getattr(anatomy.config, "vocab_size", 0) or 256)
    filled = [*prompt, *((17 * k + 5) % vocabulary for k in range(1, _PROMPT_LENGTHS[1] + 1))]
    room = anatomy.positions or _PROMPT_LENGTHS[1]
    short, long = (filled[: min(length, room)] for length in _PROMPT_LENGTHS)
    return short, long[::-1]


def _observe(anatomy: Anatomy, prompts: list[list[int]]) -> _Observed:
    """States of the first prompt, which stands beside the others right-padded to the longest."""
    length, longest = len(prompts[0]), max(map(len, prompts))
    states: list[torch.Tensor] = []
    returned: list[torch.Tensor] = []
    inputs: list[torch.Tensor] = []
    parts: dict[tuple[int, str], torch.Tensor] = {}

    def on_state(_: int, state: torch.Tensor) -> None:
        # A copy beside the tensor itself: some models write over a state that a block has returned.
        returned.append(state[0, :length])
        states.append(state[0, :length].clone())

    def on_part(layer: int, part: str, output: torch.Tensor) -> None:
        parts[layer, part] = output[0, :length].clone()

    def on_input(_: nn.Module, args: Any, kwargs: Any) -> None:
        entering = args[0] if args else kwargs["hidden_states"]
        inputs.append(entering[0, :length].clone())

    handles = [b.register_forward_pre_hook(on_input, with_kwargs=True) for b in anatomy.blocks]
    try:
        with watching(anatomy, on_state, on_part):
            ids = torch.tensor([p + [p[-1]] * (longest - len(p)) for p in prompts])
            output = anatomy.trunk(ids.to(device_of(anatomy)), use_cache=False)
    finally:
        for handle in handles:
            handle.remove()
    in_place = any(not torch.equal(a, b) for a, b in zip(states, returned, strict=True))
    return _Observed(states, parts, inputs, output[0][0, :length], in_place)


def device_of(anatomy: Anatomy) -> torch.device:
    """The device that token ids have to be on."""
    return next(anatomy.trunk.parameters()).device


def _own_logits(model: nn.Module, anatomy: Anatomy, prompt: list[int]) -> torch.Tensor:
    ids = torch.tensor([prompt], device=device_of(anatomy))
    logits: torch.Tensor = model(ids, use_cache=False).logits
    return logits[0]


def _relative(given: torch.Tensor, wanted: torch.Tensor) -> float:
    """The largest |given - wanted| / |wanted| over tokens; NaN or inf count as infinite."""
    a, b = _wide(given), _wide(wanted)
    apart = torch.linalg.vector_norm(a - b, dim=-1)
    # Equal zero vectors have no relative error, which 0 / 0 would call infinite.
    error = torch.where(apart == 0, 0.0, apart / torch.linalg.vector_norm(b, dim=-1))
    worst = float(error.max())
    return worst if worst == worst else float("inf")


def _wide(values: torch.Tensor) -> torch.Tensor:
    """In float64 on the CPU: not every device has it."""
    return values.cpu().double()


def _verdict(name: str, error: float, tolerance: float, detail: str) -> Check:
    return Check(name, error <= tolerance, error, tolerance, detail)


def _closure(anatomy: Anatomy, seen: _Observed, tolerance: float) -> Check:
    layers = range(1, len(anatomy.blocks) + 1)
    if len(seen.states) != len(anatomy.blocks) + 1:
        detail = f"{len(seen.states) - 1} blocks ran, {len(anatomy.blocks)} were found"
        return Check("closure", False, float("inf"), tolerance, detail)
    missing = [
        (layer, part)
        for layer in layers
        for part in ("attention", "mlp")
        if (layer, part) not in seen.parts
    ]
    if missing:
        return Check(
            "closure", False, None, tolerance, "no {1} found in block {0}".format(*missing[0])
        )
    if any(part.shape != seen.states[0].shape for part in seen.parts.values()):
        return Check("closure", False, None, tolerance, "a sub-layer's output is not a state")
    errors = {}
    for layer in layers:
        added = _wide(seen.parts[layer, "attention"]) + _wide(seen.parts[layer, "mlp"])
        summed = _wide(seen.states[layer - 1]) + added
        errors[layer] = _relative(summed, seen.states[layer])
    worst = max(errors, key=lambda layer: errors[layer])
    return _verdict("closure", errors[worst], tolerance, f"largest error in block {worst}")


def _final_norm(anatomy: Anatomy, seen: _Observed, tolerance: float) -> Check:
    chain = _broken_chain(seen)
    if chain:
        return Check("final norm", False, float("inf"), tolerance, chain)
    last = seen.states[-1]
    normed = last if anatomy.final_norm is None else anatomy.final_norm(last[None])[0]
    detail = "N(x_L) against the model's last hidden state"
    return _verdict("final norm", _relative(normed, seen.last_hidden), tolerance, detail)


def _broken_chain(seen: _Observed) -> str:
    """Where a block does not start from what the one before it gave; empty if nowhere."""
    for layer, entering in enumerate(seen.inputs[1:], start=1):
        left = seen.states[layer]
        if entering.shape != left.shape or not torch.equal(entering, left):
            return f"block {layer + 1} does not start from the output of block {layer}"
    return ""


def _head(anatomy: Anatomy, seen: _Observed, own: torch.Tensor | None, tolerance: float) -> Check:
    if own is None:
        return Check("head", None, None, None, "the model has no output head")
    error = _relative(anatomy.logits(seen.last_hidden), own)
    return _verdict("head", error, tolerance, "head(N(x_L)) against the model's logits")


def _same(name: str, first: _Observed, second: _Observed, tolerance: float) -> Check:
    pairs = list(zip(first.states, second.states, strict=True))
    errors = [_relative(b, a) for a, b in pairs]
    worst = max(range(len(errors)), key=errors.__getitem__)
    return _verdict(name, errors[worst], tolerance, f"largest difference in state {worst}")
