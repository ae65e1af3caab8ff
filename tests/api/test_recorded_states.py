"""States of other tools: arrays give what hooks give, whatever they come in."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tiny import TEXTS, build_gpt2, tokenizer

import odograph
from odograph.errors import ModelError, UsageError
from odograph.models.caches import layers_of

SENTENCES = [text for text in TEXTS if len(text) > 10]


def recorded(model, ids):
    """The states 0..L of one passage, [layers, tokens, width], seen by hooks of torch."""
    blocks, seen = model.transformer.h, []
    handles = [blocks[0].register_forward_pre_hook(lambda _, args: seen.append(args[0]))]
    handles += [b.register_forward_hook(lambda *given: seen.append(given[2])) for b in blocks]
    with torch.inference_mode():
        model(input_ids=torch.tensor([ids]))
    for handle in handles:
        handle.remove()
    states = [state[0] if isinstance(state, tuple) else state for state in seen]
    return torch.stack([state.reshape(len(ids), -1) for state in states]).clone()


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The same texts measured with a model, and from the states that hooks recorded of it."""
    folder, model, words = tmp_path_factory.mktemp("both"), build_gpt2(), tokenizer(False)
    options = {"targets": ["her"], "measures": ["bend", "neighbour_angle"], "pairs": 64}
    hooked = odograph.measure(
        model, SENTENCES, tokenizer=words, out=folder / "hooks", logits="none", **options
    )
    ids = [words(text).input_ids for text in SENTENCES]
    tokens = [[words.decode([each]) for each in own] for own in ids]
    states = [recorded(model, own).numpy() for own in ids]
    arrays = odograph.from_states(states, tokens, out=folder / "arrays", name="mine", **options)
    yield hooked, arrays
    hooked.close()
    arrays.close()


def test_arrays_give_what_hooks_give(both):
    query = """select passage, position, layer, norm, rotation, step, bend, neighbour_angle
        from layers order by all"""
    hooked, arrays = (run.sql(query).df() for run in both)
    assert len(hooked) > 300
    assert hooked[["passage", "position", "layer"]].equals(arrays[["passage", "position", "layer"]])
    for name in ("norm", "rotation", "step", "bend", "neighbour_angle"):
        np.testing.assert_allclose(hooked[name], arrays[name], rtol=1e-5, atol=1e-4)


def test_the_tokens_are_the_same_but_for_their_ids(both):
    query = """select passage, position, token, start, "end", word, "group", role, occurrence, sink
        from tokens order by passage, position"""
    hooked, arrays = (run.sql(query).fetchall() for run in both)
    assert hooked == arrays


def test_a_folder_of_states_is_marked_as_such_and_serves_a_study(both):
    _, arrays = both
    assert arrays.manifest["model"]["name"] == "mine"
    assert arrays.manifest["model"]["family"] == "recorded states"
    done = odograph.study("rotation", arrays)
    assert any("'her'" in finding["headline"] for finding in done.findings)


CACHES = {
    "array": lambda states: states,
    "numpy with a batch of one": lambda states: states.numpy()[:, None],
    "list of layers": list,
    "layers with a batch of one": lambda states: [each[None] for each in states],
    "numbers": lambda states: dict(reversed([*enumerate(states)])),
    "names": lambda states: {f"model.layers.{n + 2}": each for n, each in enumerate(states)},
    "TransformerLens": lambda states: {
        "hook_embed": states[0] * 0,
        "blocks.0.hook_resid_pre": states[0],
        **{f"blocks.{n}.hook_resid_mid": states[0] * 0 for n in range(11)},
        **{f"blocks.{n}.hook_resid_post": each for n, each in enumerate(states[1:])},
    },
}


@pytest.mark.parametrize("kind", CACHES)
def test_every_form_of_a_cache_gives_the_same_layers(kind):
    states = torch.randn(12, 5, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(layers_of(CACHES[kind](states), "p"), states)


def test_files_give_what_they_hold(tmp_path):
    states = torch.randn(12, 5, 4, generator=torch.Generator().manual_seed(0))
    names = {f"layer_{n}": each.clone() for n, each in enumerate(states)}
    np.savez(tmp_path / "one.npz", states=states.numpy())
    np.savez(tmp_path / "many.npz", **{name: each.numpy() for name, each in names.items()})
    save_file(names, tmp_path / "many.safetensors")
    for name in ("one.npz", "many.npz", "many.safetensors"):
        assert torch.equal(layers_of(tmp_path / name, "p"), states), name
    (tmp_path / "bad.npz").write_bytes(b"PK nothing")
    with pytest.raises(ModelError, match=r"bad\.npz cannot be read"):
        layers_of(tmp_path / "bad.npz", "p")
    with pytest.raises(UsageError, match=r"\.npz or \.safetensors"):
        layers_of("states.pt", "p")


@pytest.mark.parametrize(
    ("states", "message"),
    [
        (np.zeros((3, 4)), "an array of 2 axes"),
        (np.zeros((3, 2, 5, 4)), "an array of 4 axes"),
        (np.zeros((1, 5, 4)), "floating numbers of the state before the first block"),
        (np.zeros((3, 5, 4), int), "floating numbers"),
        ([np.zeros((5, 4)), np.zeros((5, 3))], "layers that do not fit each other"),
        ({"a0": np.zeros((5, 4)), "a2": np.zeros((5, 4))}, "names that do not number its layers"),
        ({"blocks.0.hook_resid_post": np.zeros((5, 4))}, "no state before the first block"),
    ],
)
def test_what_is_no_path_of_states_is_refused(states, message):
    with pytest.raises(UsageError, match=message):
        layers_of(states, "passage 1")


def test_states_and_tokens_that_do_not_fit_are_refused(tmp_path):
    states, out = np.zeros((3, 5, 4)), tmp_path / "run"
    with pytest.raises(UsageError, match=r"\[layers, tokens, width\] = \[3, 2, 4\]"):
        odograph.from_states(states, ["a", "b"], out=out)
    with pytest.raises(UsageError, match="expected 2, one a passage, got 1"):
        odograph.from_states([states], [["a"], ["b"]], out=out)
    with pytest.raises(UsageError, match="option 'untrained' with states that were recorded"):
        odograph.from_states(states, ["a"] * 5, out=out, untrained=3)


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_ids_are_tokens_whose_text_a_tokenizer_gives(tmp_path, kind):
    words = tokenizer(False)
    ids = words("They gave her the letter.").input_ids
    states = np.random.default_rng(0).normal(size=(3, len(ids), 4))
    run = odograph.from_states(
        states, kind(ids), tokenizer=words, targets=["her"], out=tmp_path / "run"
    )
    assert run.sql("select text from texts").fetchall() == [("They gave her the letter.",)]
    assert run.sql("select count(*) from tokens where role = 'target'").fetchall() == [(1,)]
    run.close()


def test_conditions_of_passages_are_kept(tmp_path):
    states = np.random.default_rng(0).normal(size=(2, 3, 9, 4))
    run = odograph.from_states(
        list(states),
        [["The"] + ["Ġdog"] * 8, ["▁A"] + ["▁cat"] * 8],
        columns=[{"kind": "a"}, {"kind": "b"}],
        out=tmp_path / "run",
    )
    assert run.sql("select kind from passages order by 1").fetchall() == [("a",), ("b",)]
    assert run.sql("select text from texts order by passage").fetchall()[1] == ("A" + " cat" * 8,)
    run.close()
