"""Five checks, run when a model is loaded, that decide what may be measured.

1. closure     x_{l-1} + a_l + m_l = x_l in every block
2. final norm  N(x_L) is the model's own last hidden state, every block starts where the last ended
3. head        head(N(x_L)) is the model's own logits
4. batch       a prompt alone and beside a longer one gives the same states (with a mask where the
               model is not causal)
5. repeat      two runs agree
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from odograph.errors import ModelError
from odograph.models.anatomy import UNKNOWN, Anatomy
from odograph.models.closure import apart_from, closure
from odograph.models.families import Part, without_parts
from odograph.models.hooks import device_of, module_at, stream_of
from odograph.models.observed import PART_NAMES, Observed, observe

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
    observer has to keep a copy; `differenced` that the parts are differences of states.
    """

    checks: tuple[Check, ...]
    in_place: bool = False
    differenced: bool = False

    @property
    def decomposition(self) -> str:
        """Whether attention and MLP may be told apart.

        `exact`, `differenced` (by the state between them), or `refused: reason (error E)`.
        """
        found = self.checks[0]
        if found.passed:
            return "differenced" if self.differenced else "exact"
        error = "" if found.error is None else f" (error {found.error:.2g})"
        return f"refused: {found.detail}{error}"

    def refuse_if_failed(self, logits: bool) -> None:
        """Raises what checks 2 to 5 forbid.

        Raises:
            ModelError: names every failed check, its error and its tolerance.
        """
        needed = [c for c in self.checks[1:] if c.name != "head" or logits]
        failed = [c for c in needed if c.passed is False]
        if [check.name for check in failed] == ["head"]:
            raise ModelError(
                "the model's logits are not what its head gives of the last state",
                expected=f"head within {failed[0].tolerance:g}",
                given=f"{failed[0].error:.3g} ({failed[0].detail})",
                remedy="All else can be measured: --logits none.",
            )
        if failed:
            raise ModelError(
                "the model did not pass its self-check",
                expected=", ".join(f"{c.name} within {c.tolerance:g}" for c in failed),
                given=", ".join(f"{c.error:.3g} ({c.detail})" for c in failed),
                remedy="It cannot be measured rightly; `odograph check MODEL` shows the details.",
            )


def self_check(model: nn.Module, anatomy: Anatomy, prompt: tuple[int, ...] = ()) -> SelfCheck:
    """Runs the five checks on a short prompt, in the model's own dtype, device and kernel.

    Args:
        model: the whole model, with its head.
        anatomy: its parts.
        prompt: token ids of a text; too short a prompt is filled up with fixed ids.
    """
    short, long = _prompts(anatomy, prompt)
    with torch.inference_mode():
        alone = observe(anatomy, [short])
        again = observe(anatomy, [short])
        beside = observe(anatomy, [short, long])
        own_logits = None if anatomy.head is None else _own_logits(model, anatomy, short)
        _refuse_not_finite(alone)
        near, far = _tolerances(anatomy, alone)
        return SelfCheck(
            (
                _closure(anatomy, alone, short),
                _final_norm(anatomy, alone, near),
                _head(anatomy, alone, own_logits, near),
                _same("batch", alone, beside, far),
                _same("repeat", alone, again, far),
            ),
            in_place=alone.in_place,
            differenced=bool(anatomy.wiring and anatomy.wiring.second_norm),
        )


def _tolerances(anatomy: Anatomy, seen: Observed) -> tuple[float, float]:
    """Those of the coarsest precision in use: some streams have more of it than the weights."""
    kinds = {seen.states[-1].dtype, seen.last_hidden.dtype}
    kinds |= {p.dtype for p in anatomy.blocks[0].parameters() if p.dtype.is_floating_point}
    return max(TOLERANCES.get(kind, TOLERANCES[torch.bfloat16]) for kind in kinds)


def _refuse_not_finite(seen: Observed) -> None:
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


def _closure(anatomy: Anatomy, seen: Observed, prompt: list[int]) -> Check:
    blocks = len(anatomy.blocks)
    if len(seen.states) != blocks + 1:
        detail = f"{len(seen.states) - 1} blocks ran, {blocks} were found"
        return Check("closure", False, float("inf"), None, detail)
    unread = _unread(anatomy, seen)
    if unread:
        return Check("closure", None, None, None, unread)
    found = closure(seen)
    detail = found.wrong or f"largest error in block {found.layer}"
    if not found.wrong and anatomy.layout == UNKNOWN:
        detail = (
            "whether the MLP sees what attention adds differs between blocks, or cannot be told"
        )
        return Check("closure", None, None, None, detail)
    if not found.wrong and anatomy.wiring is not None and anatomy.wiring.second_norm is not None:
        return _differences(anatomy, anatomy.wiring.attention, seen, prompt)
    return Check("closure", not found.wrong, found.error, found.tolerance, detail)


def _unread(anatomy: Anatomy, seen: Observed) -> str:
    """Why the parts cannot be judged at all; empty if they can."""
    if anatomy.post_norm:
        return "post-norm: the block's output is a norm of the sum"
    if anatomy.wiring is None:
        return without_parts(anatomy.blocks)
    shape = seen.states[0].shape
    for layer in range(1, len(anatomy.blocks) + 1):
        for name in PART_NAMES:
            part = seen.part(layer, name)
            if part is None:
                return f"no {name} seen in block {layer}"
            if part.shape != shape:
                return f"what {name} gives in block {layer} is not a state"
    return seen.out_of_turn()


def _differences(anatomy: Anatomy, part: Part, seen: Observed, prompt: list[int]) -> Check:
    """Differences close by themselves; the first has to be what attention really gives."""
    given: dict[int, torch.Tensor] = {}

    def hook_of(layer: int) -> Any:
        def hook(module: nn.Module, _: Any, output: Any) -> None:
            given[layer] = stream_of(output, module)[0].clone()

        return hook

    modules = [module_at(block, part.module) for block in anatomy.blocks]
    handles = [
        m.register_forward_hook(hook_of(layer)) for layer, m in enumerate(modules, start=1) if m
    ]
    try:
        observe(anatomy, [prompt])
    finally:
        for handle in handles:
            handle.remove()
    tolerance = 2 * torch.finfo(seen.states[0].dtype).eps
    errors = {layer: float("inf") for layer in range(1, len(modules) + 1)}
    for layer, own in given.items():
        difference = seen.part(layer, "attention")
        assert difference is not None  # _unread has made sure
        errors[layer] = apart_from(difference, own, seen.states[layer - 1])
    worst = max(errors, key=lambda layer: errors[layer])
    detail = f"mid - in against what attention gives; largest error in block {worst}"
    return _verdict("closure", errors[worst], tolerance, detail)


def _final_norm(anatomy: Anatomy, seen: Observed, tolerance: float) -> Check:
    chain = _broken_chain(seen)
    if chain:
        return Check("final norm", False, float("inf"), tolerance, chain)
    last = seen.states[-1]
    normed = last if anatomy.final_norm is None else anatomy.final_norm(last[None])[0]
    detail = "N(x_L) against the model's last hidden state"
    if normed.shape != seen.last_hidden.shape:
        return Check("final norm", False, float("inf"), tolerance, f"{detail}, of another width")
    return _agreement("final norm", normed, seen.last_hidden, tolerance, detail)


def _broken_chain(seen: Observed) -> str:
    """Where a block does not start from what the one before it gave; empty if nowhere."""
    for layer, entering in enumerate(seen.inputs[1:], start=1):
        left = seen.states[layer]
        if entering.shape != left.shape or not torch.equal(entering.to(left.device), left):
            return f"block {layer + 1} does not start from the output of block {layer}"
    return ""


def _head(anatomy: Anatomy, seen: Observed, own: torch.Tensor | None, tolerance: float) -> Check:
    if own is None:
        detail = "the model has no output head" if anatomy.causal else "the model is not causal"
        return Check("head", None, None, None, detail)
    given = anatomy.logits(seen.last_hidden)
    return _agreement("head", given, own, tolerance, "head(N(x_L)) against the model's logits")


def _agreement(
    name: str, given: torch.Tensor, wanted: torch.Tensor, tolerance: float, detail: str
) -> Check:
    """Within the tolerance, and not longer or shorter throughout: rounding takes no side."""
    error = _relative(given, wanted)
    a, b = _wide(given), _wide(wanted)
    square = float(a.square().sum())
    share = float(((b - a) * a).sum()) / square if square else 0.0
    if error <= tolerance < 10 * abs(share):
        return Check(name, False, error, tolerance, f"{detail}: {share:+.2%} throughout")
    return _verdict(name, error, tolerance, detail)


def _same(name: str, first: Observed, second: Observed, tolerance: float) -> Check:
    pairs = list(zip(first.states, second.states, strict=True))
    errors = [_relative(b, a) for a, b in pairs]
    worst = max(range(len(errors)), key=errors.__getitem__)
    return _verdict(name, errors[worst], tolerance, f"largest difference in state {worst}")
