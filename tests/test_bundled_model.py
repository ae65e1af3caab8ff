"""The model that comes with the package: whole, as its card says, and trained."""

import hashlib
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from odograph.models.bundled_model import bundled_model

LARGEST_FOLDER = 16_000_000
SEEDS = (0, 1, 2)
ROW = 128


@pytest.fixture(scope="module")
def folder():
    return bundled_model()


@pytest.fixture(scope="module")
def card(folder):
    return (folder / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tokenizer(folder):
    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


@pytest.fixture(scope="module")
def model(folder):
    loaded = AutoModelForCausalLM.from_pretrained(
        folder, local_files_only=True, dtype=torch.float32
    )
    return loaded.eval()


@pytest.fixture(scope="module")
def passage(folder, tokenizer):
    """Token ids of the fixed passage, longer than the context."""
    text = (folder / "passage.txt").read_text(encoding="utf-8")
    return torch.tensor(tokenizer.backend_tokenizer.encode(text).ids)


def stated(card: str, pattern: str) -> str:
    """What the card states, found by a pattern with one group."""
    found = re.search(pattern, card)
    assert found, f"the card does not state {pattern!r}"
    return found.group(1)


def rotations(model: torch.nn.Module, passage: torch.Tensor) -> torch.Tensor:
    """Mean rotation of each block in degrees, in rows of ROW tokens without the first of each."""
    states = []
    blocks = model.transformer.h
    hooks = [blocks[0].register_forward_pre_hook(lambda _, given: states.append(given[0]))]
    for block in blocks:
        hooks.append(block.register_forward_hook(lambda _, __, out: states.append(out)))
    with torch.inference_mode():
        model.transformer(passage[: len(passage) // ROW * ROW].view(-1, ROW), use_cache=False)
    for hook in hooks:
        hook.remove()
    plain = [state[0] if isinstance(state, tuple) else state for state in states]
    units = [torch.nn.functional.normalize(state[:, 1:].double(), dim=-1) for state in plain]
    angles = [
        2 * torch.atan2((after - before).norm(dim=-1), (after + before).norm(dim=-1))
        for before, after in pairwise(units)
    ]
    return torch.rad2deg(torch.stack(angles)).mean(dim=(1, 2))


def test_the_folder_is_small_enough_to_ship(folder):
    assert sum(path.stat().st_size for path in folder.rglob("*")) <= LARGEST_FOLDER


def test_the_weights_are_those_of_the_card(folder, card):
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert stated(card, r"sha256 of `model.safetensors` \| `([0-9a-f]{64})`") == digest


def test_the_card_states_what_was_measured(folder, card):
    facts = json.loads((folder / "quality.json").read_text(encoding="utf-8"))
    assert facts["weights_sha256"] in card
    assert f"{facts['held_out_loss']['all']['bits_per_character']:.3f}" in card
    assert f"{facts['pairs_right_percent']:.0f} % right" in card


def test_it_is_a_small_gpt2_with_a_tied_head(model):
    config = model.config
    assert type(model).__name__ == "GPT2LMHeadModel"
    assert 8 <= config.n_layer <= 12
    assert 192 <= config.n_embd <= 256
    assert config.n_positions >= 256
    assert model.lm_head.weight is model.transformer.wte.weight


def test_the_tokenizer_is_fast_adds_nothing_and_keeps_offsets(tokenizer, model):
    text = "She looked round,\nand saw him — “there”."
    encoded = tokenizer(text, return_offsets_mapping=True)
    assert tokenizer.is_fast
    assert tokenizer.model_max_length == model.config.n_positions
    assert len(tokenizer) == model.config.vocab_size
    assert tokenizer.bos_token == tokenizer.eos_token == "<|endoftext|>"
    assert tokenizer.eos_token_id == model.config.eos_token_id
    assert tokenizer.eos_token_id not in encoded.input_ids
    assert tokenizer.decode(encoded.input_ids) == text
    assert [text[start:end] for start, end in encoded.offset_mapping][:4] == [
        "She",
        " looked",
        " round",
        ",",
    ]
    assert encoded.offset_mapping[-1][1] == len(text)


@pytest.mark.parametrize("word", [" her", " him", " round"])
def test_a_pronoun_with_its_space_is_one_piece(tokenizer, word):
    assert len(tokenizer(word).input_ids) == 1


def test_its_loss_on_the_fixed_passage_is_that_of_the_card(model, passage, card):
    expected = float(stated(card, r"\*\*([0-9.]+) nats per token\*\*"))
    tokens = passage[: model.config.n_positions]
    with torch.inference_mode():
        logits = model(tokens[None, :-1]).logits[0]
    loss = torch.nn.functional.cross_entropy(logits, tokens[1:]).item()
    assert loss == pytest.approx(expected, rel=0.01)


def test_its_rotations_differ_from_untrained_twins_by_more_than_seeds_do(folder, model, passage):
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    twins = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        twins.append(rotations(AutoModelForCausalLM.from_config(config).float().eval(), passage))
    twin = torch.stack(twins)
    spread = (twin.amax(dim=0) - twin.amin(dim=0)).max()
    difference = (rotations(model, passage) - twin.mean(dim=0)).abs()
    assert difference.mean() > spread
    assert difference.max() > 5 * spread


def test_its_rotations_are_those_of_the_shipped_profiles(folder, model, passage):
    rows = [line.split(",") for line in (folder / "profiles.csv").read_text().splitlines()[1:]]
    last = max(int(row[0]) for row in rows)
    shipped = [float(row[4]) for row in rows if int(row[0]) == last and row[3] == "rotation"]
    assert rotations(model, passage).tolist() == pytest.approx(shipped, rel=0.01)


def test_the_folder_holds_no_other_files(folder):
    assert {path.name for path in Path(folder).iterdir()} == {
        "README.md",
        "config.json",
        "curve.csv",
        "curve.svg",
        "generation_config.json",
        "model.safetensors",
        "passage.txt",
        "profiles.csv",
        "profiles.svg",
        "quality.json",
        "tokenizer.json",
        "tokenizer_config.json",
    }
