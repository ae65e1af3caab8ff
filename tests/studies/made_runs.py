"""Run folders made of numbers the test has drawn, written as those of `check` are."""

import json
from pathlib import Path

import numpy as np
from relisted import listed_again

from odograph.folder.drawn_run import TARGET, TOKENS, WIDTH, path_of, write_tables
from odograph.folder.run import Run, open_run
from odograph.folder.writer import write_json

__all__ = ["GOLDEN", "TARGET", "TOKENS", "WIDTH", "made_run"]

GOLDEN = Path(__file__).parents[1] / "run" / "golden" / "format-1"


def made_run(
    folder: Path, seed: int, *, passages: int = 24, blocks: int = 5, effect: float = 0.0
) -> Run:
    """A run in which targets turn by `effect` standard deviations (d_z) more in block 2.

    Rotations of one passage share what all its tokens have in common; blocks are correlated.
    """
    generator = np.random.default_rng(seed)
    shape = (passages, TOKENS, blocks)
    profile = 40 / np.sqrt(np.arange(1, blocks + 1))
    own = generator.normal(size=shape) @ (np.eye(blocks) + 0.5 * np.eye(blocks, k=1))
    rotation = profile + 3 * generator.normal(size=(passages, 1, 1)) + own
    # The difference of two tokens has sqrt 2 times the spread of one.
    rotation[:, TARGET, 1] += effect * np.sqrt(2 * 1.25)
    norm = np.exp(np.cumsum(generator.normal(0.2, 0.05, (passages, TOKENS, blocks + 1)), axis=2))
    write_tables(folder, path_of(norm, np.clip(rotation, 0.5, 179)), generator)
    manifest = json.loads((GOLDEN / "manifest.json").read_text("utf-8"))
    manifest["corpus"] |= {"passages": passages, "tokens": passages * TOKENS}
    manifest["model"] |= {"blocks": blocks, "width": WIDTH, "name": "made up"}
    manifest["config"] |= {"targets": ["her"]}
    manifest["exclusions"] |= {"first_position": passages, "sinks": 0}
    manifest["shards"] = []
    write_json(manifest, folder / "manifest.json")
    listed_again(folder)
    return open_run(folder)
