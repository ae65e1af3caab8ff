"""One forward pass of short prompts, seen in full: states, parts, and the end of the trunk."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from odograph.errors import ModelError
from odograph.models.anatomy import Anatomy
from odograph.models.hooks import device_of, entering, watching

PART_NAMES = ("attention", "mlp")


@dataclass(frozen=True)
class Observed:
    """What a pass showed of the first prompt, without batch axis and padding.

    Attributes:
        states: x_0..x_L.
        parts: what each part added, in the order in which it was seen.
        inputs: what entered block 1..L.
        last_hidden: the trunk's own output.
        in_place: whether a state was written over after its block had returned it.
        parts_in_place: the same of what a part added.
    """

    states: list[torch.Tensor]
    parts: list[tuple[int, str, torch.Tensor]]
    inputs: list[torch.Tensor]
    last_hidden: torch.Tensor
    in_place: bool
    parts_in_place: bool

    def part(self, layer: int, name: str) -> torch.Tensor | None:
        """What this part added in this block; None where it was not seen."""
        found = [added for at, part, added in self.parts if (at, part) == (layer, name)]
        return found[0] if found else None

    def out_of_turn(self) -> str:
        """Which block does not run attention once, then its MLP once; empty if none."""
        turns: dict[int, list[str]] = {}
        for layer, part, _ in self.parts:
            turns.setdefault(layer, []).append(part)
        for layer, order in turns.items():
            if len(order) > len(set(order)) or order == ["mlp", "attention"]:
                return f"block {layer} runs {', then '.join(order)}"
        return ""


def observe(anatomy: Anatomy, prompts: list[list[int]]) -> Observed:
    """Runs the prompts side by side, right-padded to the longest; the first one is reported.

    An attention mask is given where the model is not causal.

    Raises:
        ModelError: a state is not one vector per token.
    """
    given = _padded(prompts, device_of(anatomy), masked=not anatomy.causal)
    shape, length = given["input_ids"].shape, len(prompts[0])
    states: list[torch.Tensor] = []
    returned: list[torch.Tensor] = []
    parts: list[tuple[int, str, torch.Tensor]] = []
    live: list[torch.Tensor] = []
    inputs: list[torch.Tensor] = []

    def on_state(layer: int, state: torch.Tensor) -> None:
        _refuse_other_shape(layer, state, shape)
        # A copy beside the tensor itself: some models write over a state that a block has returned.
        returned.append(state[0, :length])
        states.append(state[0, :length].clone())

    def on_part(layer: int, part: str, added: torch.Tensor) -> None:
        live.append(added[0, :length])
        parts.append((layer, part, added[0, :length].clone()))

    def on_input(_: nn.Module, args: Any, kwargs: Any) -> None:
        inputs.append(entering(args, kwargs)[0, :length].clone())

    handles = [b.register_forward_pre_hook(on_input, with_kwargs=True) for b in anatomy.blocks]
    try:
        with watching(anatomy, on_state, on_part):
            output = anatomy.trunk(**given, use_cache=False)
    finally:
        for handle in handles:
            handle.remove()
    return Observed(
        states,
        parts,
        inputs,
        output[0][0, :length],
        in_place=_any_differ(states, returned),
        parts_in_place=_any_differ([added for _, _, added in parts], live),
    )


def _padded(
    prompts: list[list[int]], device: torch.device, *, masked: bool
) -> dict[str, torch.Tensor]:
    longest = max(map(len, prompts))
    ids = torch.tensor([p + [p[-1]] * (longest - len(p)) for p in prompts], device=device)
    if not masked:
        return {"input_ids": ids}
    lengths = torch.tensor([len(p) for p in prompts], device=device)
    mask = torch.arange(longest, device=device) < lengths[:, None]
    return {"input_ids": ids, "attention_mask": mask.long()}


def _refuse_other_shape(layer: int, state: torch.Tensor, shape: torch.Size) -> None:
    if state.shape[:2] != shape:
        raise ModelError(
            f"state {layer} is not one vector per token",
            expected=f"a tensor of shape {(*shape, 'width')}",
            given=f"one of shape {tuple(state.shape)}",
            remedy="Models with several residual streams (hyper-connections, AltUp), or with "
            "tokens of their own, are not measured.",
        )


def _any_differ(copies: list[torch.Tensor], live: list[torch.Tensor]) -> bool:
    return any(not torch.equal(a, b) for a, b in zip(copies, live, strict=True))
