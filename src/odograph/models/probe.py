"""A model taken apart: what its structure shows, and what it does not, tried out on a short prompt.

Tried out is where the final norm is, whether a later token reaches an earlier state, whether the
MLP of a block sees what its attention has added, and how the parts of a family without a row are
read.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

import torch
from torch import nn

from odograph.errors import ModelError
from odograph.models.anatomy import PARALLEL, SEQUENTIAL, UNKNOWN, Anatomy
from odograph.models.closure import closure
from odograph.models.ends import Ends, watching_ends, without_projection
from odograph.models.families import Family, candidates
from odograph.models.hooks import module_at
from odograph.models.observed import PART_NAMES, Observed, observe
from odograph.models.structure import (
    find_blocks,
    find_positions,
    quantisation_of,
    refuse_offloaded,
    text_config,
    trunk_of,
)

_LENGTH = 12
# Half of the prompt is changed. A causal model still shows rounding where the tokens of a batch are
# sorted (experts); it is far below what attention carries the other way.
_LEAST_SHARE = 0.1


def dissect(model: nn.Module, part: str = "auto") -> Anatomy:
    """The anatomy of a transformers model, tried out on a short prompt.

    Args:
        model: decoder, encoder, or a model that has both.
        part: "encoder" chooses it in a model that has both; otherwise what the model has to be.

    Raises:
        ModelError: no list of blocks is found, blocks are shared, the model keeps several residual
            streams, its weights are not in memory, or the part asked for cannot be measured.
    """
    config = text_config(model)
    refuse_offloaded(model)
    trunk = trunk_of(model, part)
    blocks = find_blocks(trunk, config)
    family = str(getattr(config, "model_type", type(model).__name__))
    get_head: Any = getattr(model, "get_output_embeddings", None)
    head = get_head() if get_head is not None else None
    anatomy = _probed(
        Anatomy(
            family=family,
            trunk=trunk,
            blocks=blocks,
            head=cast(nn.Linear, head) if _is_linear(head) else None,
            width=int(config.hidden_size),
            positions=find_positions(trunk, config),
            config=config,
            quantised=quantisation_of(model),
        )
    )
    _refuse_other_part(anatomy, part)
    return anatomy


def _is_linear(head: Any) -> bool:
    """Whether it maps by a weight [vocabulary, width], whatever its class is called."""
    weight = getattr(head, "weight", None)
    return isinstance(weight, torch.Tensor) and weight.ndim == 2


def _refuse_other_part(anatomy: Anatomy, part: str) -> None:
    found = "decoder" if anatomy.causal else "encoder"
    if part not in ("auto", found):
        raise ModelError(
            f"{anatomy.family} is no {part}",
            expected=f"a model with {'an' if part == 'encoder' else 'a'} {part}",
            given=f"a model whose states are {'' if anatomy.causal else 'not '}causal",
            remedy="Leave out --part.",
        )


def _probed(anatomy: Anatomy) -> Anatomy:
    """The anatomy with all that has to be tried out.

    Raises:
        ModelError: the model cannot be run on token ids alone, or has no single stream.
    """
    with _at_rest(anatomy.trunk), torch.inference_mode():
        try:
            return _tried(anatomy)
        except ModelError as error:
            raise ModelError(
                f"{anatomy.family} is not measured: {error.problem}",
                expected=error.expected,
                given=error.given,
                remedy=error.remedy,
            ) from None
        except torch.OutOfMemoryError:
            raise
        except (TypeError, ValueError, AttributeError, LookupError, RuntimeError) as error:
            raise ModelError(
                f"{anatomy.family} cannot be run on token ids alone",
                given=f"{type(error).__name__}: {str(error).strip()[:200].rstrip('.')}",
                remedy="This architecture is not supported.",
            ) from error


def _tried(anatomy: Anatomy) -> Anatomy:
    prompt = _prompt(anatomy)
    ends = Ends()
    with watching_ends(anatomy, ends):
        seen = observe(anatomy, [prompt])
    found = replace(
        without_projection(anatomy, ends.projection),
        width=seen.states[0].shape[-1],
        final_norm=ends.norm,
        post_norm=ends.post_norm,
        causal=_is_causal(anatomy, prompt, seen),
    )
    found = replace(found, head=found.head if found.causal else None)
    return found if found.post_norm else _wired(found, prompt)


@contextmanager
def _at_rest(trunk: nn.Module) -> Iterator[None]:
    """Without dropout and layer drop inside; the modes are given back."""
    modes = [(module, module.training) for module in trunk.modules()]
    trunk.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def _prompt(anatomy: Anatomy) -> list[int]:
    vocabulary = int(getattr(anatomy.config, "vocab_size", 0) or 256)
    length = min(_LENGTH, anatomy.positions or _LENGTH)
    return [(17 * k + 5) % vocabulary for k in range(1, length + 1)]


def _is_causal(anatomy: Anatomy, prompt: list[int], seen: Observed) -> bool:
    """Whether states do not depend on later tokens.

    What the second half of the prompt does to the states of the first is held against what the
    first does to the second.
    """
    half = len(prompt) // 2
    changed = [(token + 1) % (max(prompt) + 1) for token in prompt]
    first, second = slice(0, half), slice(half, None)
    later = observe(anatomy, [prompt[:half] + changed[half:]])
    backward = _change(seen, later, first)
    if backward == 0:
        return True
    earlier = observe(anatomy, [changed[:half] + prompt[half:]])
    return backward < _LEAST_SHARE * _change(seen, earlier, second)


def _change(seen: Observed, other: Observed, tokens: slice) -> float:
    """The largest relative difference of the states of these tokens."""
    return max(
        _difference(a[tokens], b[tokens]) for a, b in zip(seen.states, other.states, strict=True)
    )


def _difference(a: torch.Tensor, b: torch.Tensor) -> float:
    if torch.equal(a, b) or not a.numel():
        return 0.0
    wide = [torch.nan_to_num(values.cpu().double()) for values in (a, b)]
    return float((wide[0] - wide[1]).norm() / wide[0].norm().clamp_min(1e-300))


def _wired(anatomy: Anatomy, prompt: list[int]) -> Anatomy:
    """With the first reading that closes; with the first one where none does."""
    first: Anatomy | None = None
    for family in candidates(anatomy.family, anatomy.blocks):
        reading = _read(anatomy, family, prompt)
        if reading is None:
            continue
        found, seen = reading
        if closes(found, seen):
            return replace(found, layout=_layout(found, prompt, seen))
        first = first or found
    return first or anatomy


def _read(anatomy: Anatomy, family: Family, prompt: list[int]) -> "tuple[Anatomy, Observed] | None":
    """The anatomy with this wiring and what is seen through it; None where it cannot be read."""
    wired = replace(anatomy, wiring=family)
    try:
        seen = observe(wired, [prompt])
    except ModelError:
        return None
    return replace(wired, copies=seen.parts_in_place), seen


def closes(anatomy: Anatomy, seen: Observed) -> bool:
    """Whether every part is there, is a state, and closes."""
    blocks = range(1, len(anatomy.blocks) + 1)
    parts = [seen.part(layer, name) for layer in blocks for name in PART_NAMES]
    shape = seen.states[0].shape
    if len(seen.states) != len(anatomy.blocks) + 1:
        return False
    return all(p is not None and p.shape == shape for p in parts) and not closure(seen).wrong


def _layout(anatomy: Anatomy, prompt: list[int], seen: Observed) -> str:
    """Whether the MLP sees what attention adds, in the first and the last block that tell.

    Where no MLP reads anything, none sees what attention adds.
    """
    blocks = range(1, len(anatomy.blocks) + 1)
    telling = [layer for layer in blocks if _tells(seen.part(layer, "mlp"))]
    if not telling:
        return PARALLEL
    found = {_layout_of(anatomy, layer, prompt, seen) for layer in (telling[0], telling[-1])}
    return found.pop() if len(found) == 1 else UNKNOWN


def _tells(mlp: torch.Tensor | None) -> bool:
    """Whether an MLP gives anything that depends on what it reads; a pruned one adds nothing."""
    return mlp is None or not torch.equal(mlp, mlp[:1].expand_as(mlp))


def _layout_of(anatomy: Anatomy, layer: int, prompt: list[int], seen: Observed) -> str:
    wiring = anatomy.wiring
    module = wiring and module_at(anatomy.blocks[layer - 1], wiring.attention.module)
    attention, before = (seen.part(layer, name) for name in PART_NAMES)
    if not module or attention is None or before is None:
        return UNKNOWN
    handle = module.register_forward_hook(_far_off(seen.states[layer - 1], attention))
    try:
        after = observe(anatomy, [prompt]).part(layer, "mlp")
    finally:
        handle.remove()
    changed = after is not None and _difference(before, after) > _LEAST_SHARE / 10
    return SEQUENTIAL if changed else PARALLEL


def _far_off(state: torch.Tensor, attention: torch.Tensor) -> Callable[..., Any]:
    """A hook that makes attention's output another one, much longer than the stream.

    Whatever reads the sum then gives something else, however little attention adds by itself, also
    where it adds nothing.
    """
    size = 8 * max(float(v.float().square().mean().sqrt()) for v in (state, attention))

    def hook(_: nn.Module, __: Any, output: Any) -> Any:
        added = output[0] if isinstance(output, tuple) else output
        wave = torch.cos(torch.arange(added.numel(), device=added.device)).view_as(added)
        moved = added + size * wave.to(added.dtype)
        return (moved, *output[1:]) if isinstance(output, tuple) else moved

    return hook
