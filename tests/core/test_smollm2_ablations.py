"""What undoing turn, growth and block costs SmolLM2: values found once with another program."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from odograph.corpus.passages import Passage
from odograph.corpus.tokens import encode_passages
from odograph.models.loading import load
from odograph.run.ablated_batch import ablate, tokens_of
from odograph.run.batches import make_batches

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
#: Change in loss with turn, growth, block undone, nats a token, on 160 tokens.
CHANGES = {
    1: (9.279, 9.047, 8.654),
    2: (1.430, 0.330, 3.213),
    12: (0.161, 0.006, 0.163),
    18: (0.020, 0.002, 0.025),
    25: (0.435, 0.023, 0.546),
    29: (1.039, 0.022, 1.588),
    30: (1.678, 0.000, 1.678),
}


@pytest.fixture(scope="module")
def smollm2(shared_data: Path) -> Any:
    pytest.importorskip("gguf", reason="gguf is not installed: no GGUF file is read")
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = shared_data / "models" / "smollm2-135m"
    if not (folder / FILE).is_file():
        pytest.skip("SmolLM2 is absent from the shared data")
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=FILE, dtype=torch.float32)
    return model.eval(), AutoTokenizer.from_pretrained(folder, gguf_file=FILE)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_turn_growth_and_block_of_smollm2_cost_what_they_are_known_to_cost(smollm2, shared_data):
    model, tokenizer = smollm2
    text = (shared_data / "texts" / "nietzsche.txt").read_text(encoding="utf-8")
    ids = tuple(tokenizer(text).input_ids[:160])
    loaded = load(model)
    [passage] = encode_passages([Passage("nietzsche", "", "here", ids=ids)]).encoded
    tokens = tokens_of(passage, np.empty(0, np.int64), targets=False, too=False)
    changes = [(block, what) for block in CHANGES for what in ("turn", "growth", "block")]
    [batch] = make_batches([passage], 160)
    found = ablate(loaded, changes, batch, [(passage, tokens)], 480)
    assert found.loss.mean() == pytest.approx(2.229, abs=0.005)
    means = found.loss_change.mean(axis=1).reshape(-1, 3)
    np.testing.assert_allclose(means, list(CHANGES.values()), atol=0.005)
