"""The self-check passes on what is read rightly, and fails, by name, on what is not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import recomputed
import torch
from tiny import build_gpt2, build_llama
from torch import nn

from odograph.errors import ModelError
from odograph.models.hooks import watching
from odograph.models.loading import load
from odograph.models.probe import dissect
from odograph.models.selfcheck import self_check
from odograph.models.sources import LoadOptions
from odograph.models.twins import twin_plan, untrained_twin

Measured = Callable[..., Any]
NAMES = ["closure", "final norm", "head", "batch", "repeat"]
IDS = [[3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2]]


def outcome(model: nn.Module) -> dict[str, Any]:
    return {check.name: check for check in self_check(model, dissect(model)).checks}


def hooks_on(model: nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16", "float16"])
@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_it_passes_in_every_precision(
    family: str, dtype: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(f"{family}_folder")
    loaded = load(folder, LoadOptions(dtype=dtype))
    assert loaded.dtype == dtype
    assert [check.name for check in loaded.checks.checks] == NAMES
    assert all(check.passed for check in loaded.checks.checks), loaded.checks.checks
    assert loaded.checks.decomposition == "exact"
    assert not loaded.checks.in_place


def test_the_trained_model_passes(stories_folder: Path) -> None:
    assert all(check.passed for check in load(stories_folder).checks.checks)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_scaled_contribution_fails_closure_in_its_block_and_no_other_check(dtype: str) -> None:
    model = build_gpt2().to(getattr(torch, dtype))
    model.transformer.h[2].register_forward_hook(lambda _, args, out: _shrunk(args[0], out))
    found = outcome(model)
    assert found["closure"].passed is False
    assert found["closure"].detail == "attention and MLP do not add up in block 3"
    assert [n for n in NAMES[1:] if not found[n].passed] == []
    checks = self_check(model, dissect(model))
    assert checks.decomposition.startswith(
        "refused: attention and MLP do not add up in block 3 (error 0."
    )
    checks.refuse_if_failed(logits=True)


def _shrunk(entering: torch.Tensor, out: Any) -> Any:
    """The block's output with only 0.8 of what was added."""
    state = out[0] if isinstance(out, tuple) else out
    changed = entering + 0.8 * (state - entering)
    return (changed, *out[1:]) if isinstance(out, tuple) else changed


def test_a_model_that_fails_closure_is_still_measured(measured: Measured) -> None:
    model = build_gpt2()
    model.transformer.h[2].register_forward_hook(lambda _, args, out: _shrunk(args[0], out))
    run = measured(model, IDS)
    assert run.manifest["decomposition"].startswith("refused: attention and MLP do not")


def test_a_changed_end_fails_the_final_norm() -> None:
    model = build_gpt2()
    model.transformer.ln_f.register_forward_hook(lambda _, __, out: out * 1.001)
    model.transformer.register_forward_hook(_tampered)
    found = outcome(model)
    assert found["final norm"].passed is False
    assert found["closure"].passed


def _tampered(_: Any, __: Any, output: Any) -> Any:
    output.last_hidden_state = output.last_hidden_state * 1.01
    return output


def test_a_changed_head_fails_the_head_check_and_matters_only_with_logits() -> None:
    model = build_llama()
    model.lm_head.register_forward_hook(lambda _, __, out: out + 0.5)
    checks = self_check(model, dissect(model))
    assert [c.name for c in checks.checks if not c.passed] == ["head"]
    checks.refuse_if_failed(logits=False)
    with pytest.raises(ModelError, match=r"head within 1e-05, got .*head\(N.*--logits none"):
        checks.refuse_if_failed(logits=True)


def test_a_model_whose_result_depends_on_its_batch_is_refused(measured: Measured) -> None:
    model = build_gpt2()
    model.transformer.h[1].register_forward_hook(
        lambda _, __, out: _first_changed(out, lambda s: s + 0.1 * (len(s) - 1))
    )
    with pytest.raises(ModelError, match=r"expected batch within 0\.0001"):
        measured(model, IDS)


def test_a_model_that_is_not_repeatable_is_refused(measured: Measured) -> None:
    model = build_gpt2()
    model.transformer.h[1].register_forward_hook(
        lambda _, __, out: _first_changed(out, lambda s: s + 0.1 * torch.randn_like(s))
    )
    with pytest.raises(ModelError, match="repeat within"):
        measured(model, IDS)


def _first_changed(out: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    return (change(out[0]), *out[1:]) if isinstance(out, tuple) else change(out)


class InPlace(nn.Module):
    """A block that writes its result over its input, as some models do."""

    def __init__(self, block: nn.Module, as_tuple: bool = False) -> None:
        super().__init__()
        self.block = block
        self.attn, self.mlp = block.attn, block.mlp
        self.as_tuple = as_tuple

    def forward(self, state: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        out = self.block(state.clone(), *args, **kwargs)
        after = out[0] if isinstance(out, tuple) else out
        written = state.copy_(after)
        return (written, None) if self.as_tuple else written


@pytest.mark.parametrize("convention", ["stream", "hf", "lens"])
def test_a_model_that_writes_in_place_is_noticed_and_measured_rightly(
    convention: str, measured: Measured
) -> None:
    plain, writing = build_gpt2(), build_gpt2()
    writing.transformer.h = nn.ModuleList(InPlace(b) for b in writing.transformer.h)
    assert self_check(writing, dissect(writing)).in_place
    asked = {"convention": convention, "measures": ["bend,straightness"], "logits": "full"}
    wanted, given = (measured(m, IDS, **asked) for m in (plain, writing))
    for table in ("layers", "tokens", "pairs"):
        _same_numbers(given.arrow(table), wanted.arrow(table))


def _same_numbers(given: Any, wanted: Any) -> None:
    assert given.column_names == wanted.column_names
    for name in wanted.column_names:
        a, b = given[name].to_numpy(), wanted[name].to_numpy()
        if b.dtype.kind == "f":
            np.testing.assert_array_equal(a, b, err_msg=name)


def test_a_block_that_returns_a_tuple_is_read(measured: Measured) -> None:
    class Tupled(nn.Module):
        def __init__(self, block: nn.Module) -> None:
            super().__init__()
            self.block, self.attn, self.mlp = block, block.attn, block.mlp

        def forward(self, *args: Any, **kwargs: Any) -> Any:
            out = self.block(*args, **kwargs)
            return (out[0] if isinstance(out, tuple) else out, "more")

    class First(nn.Module):
        """Undoes the tuple for the next block: the trunk itself wants a tensor."""

        def __init__(self, block: nn.Module) -> None:
            super().__init__()
            self.inner = block

        def forward(self, *args: Any, **kwargs: Any) -> Any:
            return self.inner(*args, **kwargs)[0]

    model = build_gpt2()
    inner = [Tupled(b) for b in model.transformer.h]
    anatomy = dissect(model)
    model.transformer.h = nn.ModuleList(First(b) for b in inner)
    seen: dict[int, torch.Tensor] = {}
    from dataclasses import replace

    with torch.no_grad(), watching(replace(anatomy, blocks=tuple(inner)), seen.__setitem__):
        model(torch.tensor([IDS[0]]))
    raw, _, _ = recomputed.states_of(build_gpt2(), IDS[0])
    for layer, state in seen.items():
        np.testing.assert_allclose(state[0].numpy(), raw[layer], rtol=1e-5, atol=1e-5)
    assert sorted(seen) == [0, 1, 2, 3, 4]


def test_nan_weights_are_refused_with_state_and_token() -> None:
    model = build_gpt2()
    with torch.no_grad():
        model.transformer.h[1].mlp.c_proj.bias[3] = torch.nan
    with pytest.raises(ModelError) as error:
        load(model)
    assert "NaN or inf in state 2 at token 0, torch.float32" in str(error.value)


def test_an_overflow_in_float16_is_refused_with_a_remedy() -> None:
    model = build_gpt2()
    with torch.no_grad():
        model.transformer.h[2].mlp.c_proj.bias[3] = 60_000
        model.transformer.h[3].mlp.c_proj.bias[3] = 60_000
    with pytest.raises(ModelError, match=r"inf in state 4 .*Try --dtype float32"):
        load(model.half())


def test_hooks_are_gone_after_use_and_after_an_exception(measured: Measured) -> None:
    model = build_gpt2()
    before = hooks_on(model)
    measured(model, IDS)
    assert hooks_on(model) == before
    counted: list[int] = []

    def fail_inside() -> None:
        with watching(dissect(model), lambda *_: None, lambda *_: None):
            counted.append(hooks_on(model) - before)
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail_inside()
    assert counted == [1 + 3 * 4]
    assert hooks_on(model) == before


def test_hooks_are_gone_when_the_model_fails(measured: Measured) -> None:
    model = build_gpt2()
    calls: list[int] = []
    model.transformer.h[3].register_forward_hook(lambda *_: calls.append(1))
    load(model)
    loading = len(calls)

    def fail(*_: Any) -> None:
        if len(calls) > 2 * loading:
            raise RuntimeError("on purpose")

    model.transformer.h[3].register_forward_hook(fail)
    before = hooks_on(model)
    with pytest.raises(RuntimeError, match="on purpose"):
        measured(model, IDS)
    assert hooks_on(model) == before
    assert len(calls) == 2 * loading + 1, "the measuring itself was to fail, not the check"


def test_two_models_watched_at_once_do_not_mix() -> None:
    first, second = build_gpt2(), build_gpt2(blocks=2)
    seen: dict[str, list[int]] = {"first": [], "second": []}
    ids = torch.tensor([IDS[0]])
    with (
        torch.no_grad(),
        watching(dissect(first), lambda layer, _: seen["first"].append(layer)),
        watching(dissect(second), lambda layer, _: seen["second"].append(layer)),
    ):
        first(ids)
        second(ids)
    assert seen == {"first": [0, 1, 2, 3, 4], "second": [0, 1, 2]}


def test_a_given_model_is_left_as_it_was(measured: Measured) -> None:
    model = build_gpt2().train()
    wants = [p.requires_grad for p in model.parameters()]
    measured(model, IDS)
    assert model.training, "the caller's model was switched to evaluation"
    assert [p.requires_grad for p in model.parameters()] == wants


def test_a_model_of_few_positions_is_checked_on_what_it_can_read(measured: Measured) -> None:
    run = measured(build_gpt2(positions=8), [[1, 2, 3, 4, 5]])
    assert run.manifest["corpus"]["tokens"] == 5


def test_drawing_a_twin_wakes_no_gpu(gpt2_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of several would give half a gigabyte to a process that has no use for it."""

    def woken(*_: object) -> None:
        raise AssertionError("a GPU was asked")

    loaded = load(gpt2_folder)
    wanted = untrained_twin(twin_plan(loaded), 3).model.state_dict()
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    for name in ("get_rng_state", "set_rng_state", "manual_seed_all"):
        monkeypatch.setattr(torch.cuda, name, woken)
    found = untrained_twin(twin_plan(loaded), 3).model.state_dict()
    assert all(torch.equal(weight, wanted[name]) for name, weight in found.items())


def test_twins_are_new_repeatable_and_leave_the_random_state(gpt2_folder: Path) -> None:
    loaded = load(gpt2_folder)
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    one, again, other = (untrained_twin(twin_plan(loaded), seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), wanted)
    weights = [
        t.model.transformer.h[0].mlp.c_fc.weight.detach() for t in (one, again, other, loaded)
    ]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert weights[0].std() == pytest.approx(loaded.model.config.initializer_range, rel=0.1)
    assert one.identity.untrained_seed == 1
    assert one.dtype == loaded.dtype
