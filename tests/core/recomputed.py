"""The measures a second time, from plain hooks on a passage alone, in numpy and float64.

Nothing of odograph is used here: the formulas are written down again from the method book.
"""

from typing import Any

import numpy as np
import torch


def _parts(model: Any) -> tuple[list[Any], Any]:
    trunk = model.base_model
    blocks = list(trunk.h if hasattr(trunk, "h") else trunk.layers)
    return blocks, trunk.ln_f if hasattr(trunk, "ln_f") else trunk.norm


def states_of(model: Any, ids: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Raw states [L+1, tokens, width], all of them after the final norm, and logits, float64."""
    blocks, norm = _parts(model)
    states: list[torch.Tensor] = []
    handles = [
        blocks[0].register_forward_pre_hook(
            lambda _, args, kwargs: states.append(
                (args[0] if args else kwargs["hidden_states"]).detach().clone()
            ),
            with_kwargs=True,
        )
    ]
    for block in blocks:
        handles.append(
            block.register_forward_hook(
                lambda _, __, out: states.append(
                    (out[0] if isinstance(out, tuple) else out).detach().clone()
                )
            )
        )
    with torch.no_grad():
        logits = model(torch.tensor([ids]), use_cache=False).logits[0]
        for handle in handles:
            handle.remove()
        normed = [norm(state) for state in states]
    raw = torch.cat(states).double().numpy()
    return raw, torch.cat(normed).double().numpy(), logits.double().numpy()


def angle(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Degrees, from the lengths of sum and difference of the unit vectors."""
    with np.errstate(invalid="ignore"):
        a = u / np.linalg.norm(u, axis=-1, keepdims=True)
        b = v / np.linalg.norm(v, axis=-1, keepdims=True)
    apart, together = np.linalg.norm(a - b, axis=-1), np.linalg.norm(a + b, axis=-1)
    return np.degrees(2 * np.arctan2(apart, together))


def seen(raw: np.ndarray, normed: np.ndarray, convention: str) -> np.ndarray:
    """The states that a convention looks at."""
    if convention == "lens":
        return normed
    return raw if convention == "stream" else np.concatenate([raw[:-1], normed[-1:]])


def layer_measures(raw: np.ndarray, normed: np.ndarray, convention: str) -> dict[str, np.ndarray]:
    """Every column of `layers`, [tokens, L+1], NaN where it has no value."""
    x = seen(raw, normed, convention)
    norm = np.linalg.norm(x, axis=-1)
    steps = x[1:] - x[:-1]
    step = np.linalg.norm(steps, axis=-1)
    rotation = angle(x[:-1], x[1:])
    cosine = (x[:-1] * x[1:]).sum(-1) / (norm[:-1] * norm[1:])
    found = {
        "norm": norm,
        "rotation": rotation,
        "step": step,
        "relative_step": step / norm[:-1],
        "growth": norm[1:] / norm[:-1],
        "path": step.cumsum(0),
        "turned": rotation.cumsum(0),
        "influence": 1 - cosine,
        "bend": angle(steps[:-1], steps[1:]),
        "heading": angle(x[:-1], steps),
    }
    if convention == "lens":
        found["stream_norm"] = np.linalg.norm(raw, axis=-1)
    length = len(x)
    return {
        name: np.pad(v, ((length - len(v), 0), (0, 0)), constant_values=np.nan).T
        for name, v in found.items()
    }


def token_measures(
    raw: np.ndarray, normed: np.ndarray, logits: np.ndarray, ids: list[int], convention: str
) -> dict[str, np.ndarray]:
    """Every measured column of `tokens`, [tokens]; NaN where there is no next token."""
    x = seen(raw, normed, convention)
    displacement = np.linalg.norm(x[-1] - x[0], axis=-1)
    found = {
        "displacement": displacement,
        "straightness": displacement / np.linalg.norm(x[1:] - x[:-1], axis=-1).sum(0),
    }
    for name, last in (("stream", raw[-1]), ("hf", normed[-1])):
        found[f"last_norm_{name}"] = np.linalg.norm(last, axis=-1)
        found[f"last_rotation_{name}"] = angle(raw[-2], last)
        found[f"last_step_{name}"] = np.linalg.norm(last - raw[-2], axis=-1)
    return found | _prediction(logits, ids)


def _prediction(logits: np.ndarray, ids: list[int]) -> dict[str, np.ndarray]:
    top = logits.max(-1, keepdims=True)
    logp = logits - top - np.log(np.exp(logits - top).sum(-1, keepdims=True))
    own = np.append(logits[np.arange(len(ids) - 1), ids[1:]], np.nan)
    own_logp = np.append(logp[np.arange(len(ids) - 1), ids[1:]], np.nan)
    rank = np.append((logits[:-1] > own[:-1, None]).sum(-1) + 1.0, np.nan)
    return {
        "next_logit": own,
        "next_logprob": own_logp,
        "entropy": -(np.exp(logp) * logp).sum(-1),
        "rank": rank,
    }
