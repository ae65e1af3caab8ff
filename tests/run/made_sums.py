"""Runs that keep sums beside runs that keep rows, of texts with documents and targets."""

from pathlib import Path
from typing import Any

import numpy as np
from tiny import build_gpt2, tokenizer

import odograph
from odograph.folder.run import Run

MEASURES = [
    *("norm", "rotation", "step", "straightness", "influence"),
    *("attention_step", "mlp_step", "update_cosine", "attention_cosine", "mlp_cosine"),
    *("neighbour_angle", "neighbour_angle_2", "neighbour_angle_4", "neighbour_angle_8"),
    *("token_bend", "block_distance"),
]
_WORDS = np.random.default_rng(0).permutation([f"w{number}" for number in range(240)])
#: 24 texts of 12 documents, with a target each, that share no other word.
TEXTS = [
    {"text": " ".join([*own[:5], "her", *own[5:]]), "of": f"d{number // 2}"}
    for number, own in enumerate(_WORDS.reshape(24, 10))
]


def measured(folder: Path, **options: Any) -> Run:
    return odograph.measure(
        build_gpt2(), TEXTS, tokenizer=tokenizer(begins=False), targets=["her"],
        document_column="of", out=folder, **{"shard_tokens": 60, "logits": "full", **options},
    )  # fmt: skip
